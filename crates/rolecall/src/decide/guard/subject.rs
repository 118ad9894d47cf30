//! Denies subjects that the directory does not list.
//!
//! - Reason code: `unknown-subject`.
//! - Exempt: support staff, who need not be listed. The `support` guard decides about them.
//! - Ignores roles, time and connection.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use alloc::format;
use alloc::string::String;

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "subject",
    needs_connection: false,
    timeless: true,
    evaluate: |evaluation, reasons| {
        if is_unknown(evaluation) {
            reasons.push(RawReason::UnknownSubject);
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    let id = evaluation.inputs.subject_id;
    match (is_unknown(evaluation), evaluation.inputs.resolved.is_listed()) {
        (true, _) => unlisted(evaluation.inputs.directory.unlisted_subject(id), id),
        (false, true) => format!("the directory lists `{id}`"),
        (false, false) => format!("`{id}` is support staff, which need not be listed"),
    }
}

fn unlisted(detail: Option<String>, id: &str) -> String {
    detail.unwrap_or_else(|| format!("the directory does not list `{id}`"))
}

fn is_unknown(evaluation: &Evaluation<'_>) -> bool {
    !evaluation.inputs.resolved.is_listed() && !evaluation.inputs.resolved.support
}
