//! Passwords. Rolecall stores none. It administers the rules for the service that checks passwords.

use crate::refusal::{Refusal, RefusalCode};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The shortest passwords that rules may require, in characters.
const MIN_LENGTH: RangeInclusive<u16> = 8..=128;
/// The kinds of characters that rules may require: small letters, capital letters, digits, others.
const KINDS: RangeInclusive<u16> = 1..=4;
/// The previous passwords that rules may forbid.
const HISTORY: RangeInclusive<u16> = 1..=24;
/// The days after which rules may require a new password.
const MAX_AGE_DAYS: RangeInclusive<u16> = 1..=3650;

/// The password rules of an identity domain. They are a setting of administration: decisions do not depend on them.
/// An absent key does not restrict passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PasswordRules {
    /// The least number of characters, from 8 to 128.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub min_length: Option<u16>,
    /// How many kinds of characters are necessary, from 1 to 4: small letters, capital letters, digits, others.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub character_kinds: Option<u16>,
    /// How many previous passwords may not be used again, from 1 to 24.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub history: Option<u16>,
    /// The days after which a new password is necessary, from 1 to 3650.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub max_age_days: Option<u16>,
}

impl PasswordRules {
    /// Refuses a rule outside of its bounds.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        for (name, value, bounds) in [
            ("min_length", self.min_length, MIN_LENGTH),
            ("character_kinds", self.character_kinds, KINDS),
            ("history", self.history, HISTORY),
            ("max_age_days", self.max_age_days, MAX_AGE_DAYS),
        ] {
            if let Some(value) = value.filter(|value| !bounds.contains(value)) {
                let message = format!("`{name}` is {value}, which is out of bounds");
                return Err(Refusal::new(RefusalCode::PasswordRange, message).with_help(format!(
                    "choose one from {} to {}",
                    bounds.start(),
                    bounds.end()
                )));
            }
        }
        Ok(())
    }
}
