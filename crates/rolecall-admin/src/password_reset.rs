//! Resets of passwords, which administrators start and a receiver of the audit log carries out.

use crate::object::{ObjectKey, ObjectKind};
use serde::{Deserialize, Serialize};

/// The last reset of a user's password that an administrator started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PasswordReset {
    /// The user.
    pub subject: String,
    /// The scope that administers the user.
    pub at: String,
    /// When it was started, in RFC 3339.
    pub asked: String,
}

impl PasswordReset {
    /// Returns the key of the reset.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(ObjectKind::PasswordReset, self.subject.clone())
    }
}
