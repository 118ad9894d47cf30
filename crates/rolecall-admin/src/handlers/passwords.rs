//! Password rules of identity domains, and resets of passwords.

use super::settings::change;
use crate::identity::methods;
use crate::object::{ObjectKind, Status, Subject};
use crate::password::PasswordRules;
use crate::password_reset::PasswordReset;
use crate::refusal::{Refusal, RefusalCode};
use crate::transaction::{Transaction, USER};

/// The login method that needs a password.
const PASSWORD: &str = "password";

pub(crate) fn set_rules(transaction: &mut Transaction<'_>, at: &str, rules: &PasswordRules) -> Result<(), Refusal> {
    transaction.require("set-password-rules", at)?;
    rules.check()?;
    let rules = (*rules != PasswordRules::default()).then(|| rules.clone());
    change(transaction, at, |settings| settings.passwords = rules)
}

/// Starts the reset of a user's password, which a receiver of the event carries out.
pub(crate) fn reset(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    let seen = transaction.subject(id)?;
    if !id.starts_with(USER) {
        return Err(Refusal::new(RefusalCode::SubjectKind, format!("`{id}` is not a user and has no password")));
    }
    // An invited user may be listed elsewhere, which nobody here may learn.
    if seen.status != Status::Active {
        return Err(Refusal::new(RefusalCode::SubjectStatus, format!("`{id}` is not active")));
    }
    transaction.require_home("reset-password", id)?;
    let subject: Subject = transaction.whole_subject(id);
    let allowed = methods(|at| transaction.get(ObjectKind::Settings, at), &subject);
    if let Some(allowed) = allowed.filter(|allowed| !allowed.contains(PASSWORD)) {
        let allowed: Vec<String> = allowed.into_iter().collect();
        let message = format!("`{id}` has no password: they log in by `{}`", allowed.join("`, `"));
        return Err(Refusal::new(RefusalCode::PasswordUnused, message));
    }
    let at = transaction.homes(id, &subject).into_iter().next().unwrap_or_default();
    let reset = PasswordReset { subject: id.to_string(), at, asked: transaction.now.as_text() };
    transaction.put(reset.key(), Some(&reset))
}
