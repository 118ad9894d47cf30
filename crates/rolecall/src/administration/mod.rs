//! Checks changes before they are applied: a change must neither grant more than its author holds, nor leave a scope
//! without an administrator.

pub(crate) mod escalation;
pub(crate) mod gained;
pub(crate) mod orphans;
