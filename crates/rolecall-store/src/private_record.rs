//! Records of private values.

use crate::chain::{self, Hash};
use rolecall_admin::PrivateKind;
use sha2::{Digest, Sha256};
use std::fmt;

/// The random bytes that make a seal impossible to guess.
pub type Salt = [u8; 16];

/// A private value, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateRecord {
    /// The hash of the salt and the value.
    pub seal: Hash,
    /// The salt.
    pub salt: Salt,
    /// The value, or nothing once a secret was handed over. The salt is kept, so the value can still be recognised.
    pub value: Option<String>,
    /// Whether the value is a secret, which no reader gets.
    pub is_secret: bool,
}

impl fmt::Debug for PrivateRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateRecord").field("seal", &chain::hex(&self.seal)).finish_non_exhaustive()
    }
}

impl PrivateRecord {
    pub(crate) fn new(kind: PrivateKind, value: &str, salt: Salt) -> Self {
        Self {
            seal: seal(&salt, value),
            salt,
            value: Some(value.to_string()),
            is_secret: kind != PrivateKind::Personal,
        }
    }

    /// Returns whether the seal is that of the value.
    pub(crate) fn is_whole(&self) -> bool {
        self.value.as_ref().is_none_or(|value| self.is_of(value))
    }

    /// Returns whether a text is the value.
    pub(crate) fn is_of(&self, value: &str) -> bool {
        seal(&self.salt, value) == self.seal
    }
}

fn seal(salt: &Salt, value: &str) -> Hash {
    Sha256::new().chain_update(salt).chain_update(value.as_bytes()).finalize().into()
}
