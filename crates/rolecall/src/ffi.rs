//! Items that the bindings and the other crates of this workspace need, and users do not. They may change in any release.

use crate::types::decision::{Decision, Grant};
use crate::types::reason::Reason;
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

pub use crate::administration::escalation::{Escalation, EscalationCheck, Grantor, Kinds};
pub use crate::administration::orphans::OrphanedScope;
pub use crate::answers::entitlements::Entitlements;
pub use crate::answers::violation::Breach;
pub use crate::storage::snapshot::SNAPSHOT_MAGIC;
pub use crate::types::grammar::is_name;
pub use crate::types::limits::exceeded;
pub use crate::types::suggest::{did_you_mean, nearest};

/// JSON of requests and records, read strictly and written.
pub mod json {
    pub use crate::json::{read, repeated, write_number, write_text};
}

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
