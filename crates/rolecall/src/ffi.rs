//! What bindings and the other crates of this workspace need beside the public interface. It may change in any release.

use crate::types::decision::{Decision, Grant};
use crate::types::reason::Reason;
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Builds a decision from its parts.
#[must_use]
pub fn decision(
    allow: bool,
    reasons: Vec<Reason>,
    granted_by: Vec<Grant>,
    withheld: Vec<String>,
    narrowed: BTreeMap<String, Vec<String>>,
    valid_until: Option<Timestamp>,
) -> Decision {
    Decision { allow, reasons, granted_by, withheld, narrowed, valid_until }
}

/// Builds a grant from its parts.
#[must_use]
pub fn grant(role: String, via: Vec<String>, subject: String, at: String) -> Grant {
    Grant { role, via, subject, at }
}
