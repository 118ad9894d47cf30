//! The two kinds of guard.

use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::Evaluation;
use alloc::vec::Vec;

/// A guard that depends on the subject, the scope, the time and the connection, and denies all requests of a session
/// alike.
pub(crate) struct SessionGuard {
    pub(crate) name: &'static str,
    /// Whether it needs connection details: login method, address or inactivity. Such a guard is skipped in answers
    /// about someone who is not connected.
    pub(crate) needs_connection: bool,
    /// Whether its result is the same at every time.
    pub(crate) timeless: bool,
    /// Adds the reasons to deny, if any.
    pub(crate) evaluate: fn(&Evaluation<'_>, &mut Vec<RawReason>),
}

/// A guard that also depends on the permission and the item.
pub(crate) struct AccessGuard {
    pub(crate) name: &'static str,
    /// Adds the reasons to deny, if any.
    pub(crate) evaluate: fn(&Evaluation<'_>, &Target<'_>, &mut Vec<RawReason>),
}
