//! Checks of a change before it is applied: it must not grant more than its author holds, nor leave a scope without
//! an administrator.

pub(crate) mod escalation;
pub(crate) mod gained;
pub(crate) mod orphans;
