//! `unknown-subject`: the directory does not list the subject. Support staff need not be listed.

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

/// What the guard looked at, in a sentence for people.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    let id = evaluation.inputs.subject_id;
    match (is_unknown(evaluation), evaluation.inputs.resolved.is_listed()) {
        (true, _) => unlisted(evaluation.inputs.directory.unlisted_subject(id), id),
        (false, true) => format!("the directory lists `{id}`"),
        (false, false) => format!("`{id}` is support staff, which need not be listed"),
    }
}

fn unlisted(told: Option<String>, id: &str) -> String {
    told.unwrap_or_else(|| format!("the directory does not list `{id}`"))
}

fn is_unknown(evaluation: &Evaluation<'_>) -> bool {
    !evaluation.inputs.resolved.is_listed() && !evaluation.inputs.resolved.support
}
