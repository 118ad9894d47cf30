//! The two kinds of guard.

use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::Evaluation;
use alloc::vec::Vec;

/// A guard that looks at who asks, from where and when, whatever is asked.
pub(crate) struct SessionGuard {
    pub(crate) name: &'static str,
    /// It looks at how the question comes in, which nobody knows of someone who is not asking.
    pub(crate) needs_connection: bool,
    /// It objects at every instant or at none.
    pub(crate) timeless: bool,
    pub(crate) evaluate: fn(&Evaluation<'_>, &mut Vec<RawReason>),
}

/// A guard that looks at what is asked as well.
pub(crate) struct AccessGuard {
    pub(crate) name: &'static str,
    pub(crate) evaluate: fn(&Evaluation<'_>, &Target<'_>, &mut Vec<RawReason>),
}
