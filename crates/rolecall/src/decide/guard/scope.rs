//! `unknown-scope`: the directory does not list the scope. Nothing that holds above would reach it.

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

/// What the guard looked at, in a sentence for people.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    let at = &*evaluation.inputs.context.at;
    evaluation.inputs.directory.unlisted_scope(at).unwrap_or_else(|| format!("the directory lists `{at}`"))
}
