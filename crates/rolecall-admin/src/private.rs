//! Values that the audit log must not contain: personal data, which can be erased, and secrets, which nobody reads back.
//!
//! A caller gives such a value as text. Before a command is decided, the store seals it: it keeps the text in a table of
//! its own and replaces it by a salted hash, so commands, events and objects only ever contain the hash.

use crate::refusal::{Refusal, RefusalCode};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// The key of a sealed value, and the number of letters of a seal.
const SEALED: &str = "sealed";
const SEAL_LETTERS: usize = 64;

/// The maximum bytes of a value.
pub(crate) const MAX_BYTES: usize = rolecall::limits::TEXT_BYTES;

/// A value that the audit log must not contain. As JSON, it is the text when a caller gives it, and `{"sealed": "…"}`
/// with a salted hash afterwards. Text that is not sealed cannot be serialised, so it cannot end in an event.
#[derive(Clone, PartialEq, Eq)]
pub struct Private(Inner);

#[derive(Clone, PartialEq, Eq)]
enum Inner {
    Plain(String),
    Sealed(String),
}

impl Private {
    /// Returns a value that is not sealed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Inner::Plain(text.into()))
    }

    /// Returns a sealed value.
    pub(crate) fn sealed(seal: String) -> Self {
        Self(Inner::Sealed(seal))
    }

    /// Returns the text, or `None` if the value is sealed.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match &self.0 {
            Inner::Plain(text) => Some(text),
            Inner::Sealed(_) => None,
        }
    }

    /// Returns the seal, as hexadecimal text, or `None` if the value is not sealed.
    #[must_use]
    pub fn seal(&self) -> Option<&str> {
        match &self.0 {
            Inner::Plain(_) => None,
            Inner::Sealed(seal) => Some(seal),
        }
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Private").field(&self.seal().unwrap_or("(hidden)")).finish()
    }
}

impl Serialize for Private {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(seal) = self.seal() else { return Err(S::Error::custom("a private value is not sealed")) };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(SEALED, seal)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Private {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Private;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Private, E> {
                Ok(Private::new(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Private, A::Error> {
                match (map.next_entry::<String, String>()?, map.next_key::<String>()?) {
                    (Some((key, seal)), None) if key == SEALED && is_seal(&seal) => Ok(Private(Inner::Sealed(seal))),
                    _ => Err(A::Error::custom("this is not a sealed value")),
                }
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

fn is_seal(text: &str) -> bool {
    text.len() == SEAL_LETTERS && text.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'))
}

/// Who may read a private value back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PrivateKind {
    /// Personal data: readers whom the policy permits.
    Personal,
    /// A secret: no reader. Only the server itself uses it.
    Secret,
    /// The secret of the link of an invitation, which the store makes. No reader gets it.
    Token,
}

/// What a text of a private field must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One line.
    Line,
    /// An e-mail address.
    Email,
}

/// A private field of a command.
pub(crate) struct PrivateField<'c> {
    pub(crate) key: &'static str,
    pub(crate) kind: PrivateKind,
    shape: Shape,
    pub(crate) value: &'c mut Private,
}

impl<'c> PrivateField<'c> {
    pub(crate) fn new(key: &'static str, kind: PrivateKind, shape: Shape, value: &'c mut Private) -> Self {
        Self { key, kind, shape, value }
    }

    /// Returns the text, or refuses a value that does not have its shape.
    pub(crate) fn check(&self) -> Result<&str, Refusal> {
        let key = self.key;
        let malformed =
            |wrong: &str, help: &str| Refusal::new(RefusalCode::Malformed, format!("`{key}` {wrong}")).with_help(help);
        // A seal would refer to a value that someone else entered.
        let Some(text) = self.value.plain() else {
            return Err(malformed("is sealed already", "write the value itself"));
        };
        let most = MAX_BYTES;
        if text.len() > most {
            let message = format!("`{key}` has {} bytes; at most {most} are accepted", text.len());
            return Err(Refusal::new(RefusalCode::LimitText, message).with_help(format!("shorten `{key}`")));
        }
        if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
            let help = "write it on one line, without spaces around it and without control characters";
            return Err(malformed("is empty, or has control characters or spaces around it", help));
        }
        if self.shape == Shape::Email && !is_email(text) {
            return Err(malformed("is not an e-mail address", "write it as `name@domain`"));
        }
        Ok(text)
    }
}

/// Returns whether a text can be an e-mail address. Only a message that arrives proves that it is one.
fn is_email(text: &str) -> bool {
    let is_odd = |letter: char| letter.is_whitespace() || "<>()[],;:\\\"".contains(letter);
    let parts = text.split_once('@');
    text.len() <= 254
        && !text.contains(is_odd)
        && parts.is_some_and(|(name, domain)| {
            !name.is_empty() && !domain.contains('@') && domain.split('.').all(|label| !label.is_empty())
        })
}

/// Adds every seal that a JSON value contains.
pub fn seals_in(value: &Value, found: &mut BTreeSet<String>) {
    each_seal(value, &mut |seal| _ = found.insert(seal.to_string()));
}

/// Passes every seal that a JSON value contains to `found`.
pub(crate) fn each_seal(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_seal(item, found)),
        Value::Object(map) => match seal_of(map) {
            Some(seal) => found(seal),
            None => map.values().for_each(|value| each_seal(value, found)),
        },
        _ => {}
    }
}

fn seal_of(map: &Map<String, Value>) -> Option<&str> {
    let seal = map.get(SEALED)?.as_str()?;
    (map.len() == 1 && is_seal(seal)).then_some(seal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn text_that_is_not_sealed_is_never_written() {
        let plain: Private = serde_json::from_str("\"Ada\"").unwrap();
        assert_eq!(plain.plain(), Some("Ada"));
        assert!(serde_json::to_string(&plain).is_err());
        assert!(!format!("{plain:?}").contains("Ada"));
        let text = format!(r#"{{"sealed":"{}"}}"#, "0a".repeat(32));
        let sealed: Private = serde_json::from_str(&text).unwrap();
        assert_eq!(sealed.seal(), Some("0a".repeat(32).as_str()));
        assert_eq!(serde_json::to_string(&sealed).unwrap(), text);
    }

    #[test]
    fn only_a_whole_seal_is_a_seal() {
        let seal = "0a".repeat(32);
        for wrong in [
            r#"{"sealed":"0a"}"#.to_string(),
            format!(r#"{{"sealed":"{}"}}"#, seal.to_uppercase()),
            format!(r#"{{"other":"{seal}"}}"#),
            format!(r#"{{"sealed":"{seal}","and":"more"}}"#),
            "{}".to_string(),
            "1".to_string(),
        ] {
            assert!(serde_json::from_str::<Private>(&wrong).is_err(), "{wrong}");
            let mut found = BTreeSet::new();
            seals_in(&serde_json::from_str(&wrong).unwrap(), &mut found);
            assert!(found.is_empty(), "{wrong}");
        }
        let mut found = BTreeSet::new();
        seals_in(&serde_json::json!({ "a": [{ "email": { "sealed": seal } }] }), &mut found);
        assert_eq!(found, BTreeSet::from([seal]));
    }

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        for right in ["ada@example.com", "a.b+c@x.y.example", "ä@example.com"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in ["ada", "@example.com", "ada@", "a@b@c", "a b@c.d", "a@.d", "<a@b.c>", "a@b.c,d@e.f"] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}
