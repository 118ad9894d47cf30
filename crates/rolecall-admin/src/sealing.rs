//! Seals the private values of commands.

use crate::command::Command;
use crate::private::{Private, PrivateKind};
use crate::refusal::{Refusal, RefusalCode};

impl Command {
    /// Seals every private value of the command. `seal` gets the kind and the text and returns the seal, as 64
    /// hexadecimal digits. A [`PrivateKind::Token`] has no text; `seal` makes a random one.
    ///
    /// # Errors
    /// [`Refusal`] if a value is malformed, too long or sealed already.
    pub fn seal(&mut self, mut seal: impl FnMut(PrivateKind, &str) -> String) -> Result<(), Refusal> {
        for field in self.private_fields() {
            let sealed = seal(field.kind, field.check()?);
            *field.value = Private::sealed(sealed);
        }
        if let Some(token) = self.token() {
            if token.is_some() {
                let refusal = Refusal::new(RefusalCode::Malformed, "`token` is made by the store");
                return Err(refusal.with_help("leave it out"));
            }
            *token = Some(Private::sealed(seal(PrivateKind::Token, "")));
        }
        Ok(())
    }

    /// Replaces each private value by that of another command in the same place, if `matches` says that its seal is of
    /// this text. Equal commands then differ in nothing.
    pub fn seal_like(&mut self, other: &Self, mut matches: impl FnMut(&str, &str) -> bool) {
        let mut stored = other.clone();
        for (field, other) in self.private_fields().into_iter().zip(stored.private_fields()) {
            if let (Some(text), Some(seal)) = (field.value.plain(), other.value.seal())
                && field.key == other.key
                && matches(seal, text)
            {
                *field.value = other.value.clone();
            }
        }
        let made = stored.token().and_then(Option::take);
        if let Some(token @ None) = self.token() {
            *token = made;
        }
    }
}
