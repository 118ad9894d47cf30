//! Denies requests at a scope that the directory does not list. Assignments and settings above do not reach it.
//!
//! - Reason code: `unknown-scope`.
//! - Ignores the subject, its roles, time and connection.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use alloc::format;
use alloc::string::String;

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "scope",
    needs_connection: false,
    timeless: true,
    evaluate: |evaluation, reasons| {
        if evaluation.inputs.resolved.scope.is_none() {
            reasons.push(RawReason::UnknownScope);
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    let at = &*evaluation.inputs.context.at;
    evaluation.inputs.directory.unlisted_scope(at).unwrap_or_else(|| format!("the directory lists `{at}`"))
}
