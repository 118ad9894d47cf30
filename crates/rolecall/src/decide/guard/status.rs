//! Denies subjects whose status is not `active`.
//!
//! - Reason codes: `suspended`, `removed`, `invited`, and from the end of the invitation on `invitation-expired`.
//! - Exempt: subjects that the directory does not list, because they have no status.
//! - Ignores roles, scope and connection.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use crate::directory::Status;
use alloc::format;
use alloc::string::{String, ToString};

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "status",
    needs_connection: false,
    timeless: false,
    evaluate: |evaluation, reasons| reasons.extend(denial(evaluation)),
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    match (denial(evaluation), evaluation.inputs.resolved) {
        (Some(RawReason::Invited), resolved) => resolved.invited_until.map_or_else(
            || "the invitation is not accepted yet".to_string(),
            |until| format!("the invitation is not accepted yet; it can be until {until}"),
        ),
        (Some(RawReason::InvitationExpired), resolved) => resolved.invited_until.map_or_else(
            || "the invitation has expired".to_string(),
            |until| format!("the invitation was not accepted and expired at {until}"),
        ),
        (Some(RawReason::Suspended), _) => "the subject is suspended".to_string(),
        (Some(RawReason::Removed), _) => "the subject is removed".to_string(),
        (_, resolved) if resolved.is_listed() => "the subject is active".to_string(),
        _ => "the subject is not listed and has no status".to_string(),
    }
}

fn denial(evaluation: &Evaluation<'_>) -> Option<RawReason> {
    let resolved = evaluation.inputs.resolved;
    match resolved.status? {
        Status::Active => None,
        Status::Suspended => Some(RawReason::Suspended),
        Status::Removed => Some(RawReason::Removed),
        Status::Invited if resolved.invited_until.is_some_and(|until| until <= evaluation.time) => {
            Some(RawReason::InvitationExpired)
        }
        Status::Invited => Some(RawReason::Invited),
    }
}
