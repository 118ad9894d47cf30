//! `no-standalone-role`: the policy requires an active standalone role that covers the scope.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use alloc::string::{String, ToString};

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "standalone",
    needs_connection: false,
    timeless: false,
    evaluate: |evaluation, reasons| {
        if evaluation.inputs.directory.policy.guards.standalone_required && !evaluation.standalone {
            reasons.push(RawReason::NoStandaloneRole);
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    match (evaluation.inputs.directory.policy.guards.standalone_required, evaluation.standalone) {
        (false, _) => "the policy requires no standalone role",
        (true, true) => "an active standalone role covers the scope",
        (true, false) => "the policy requires a standalone role, and no active one covers the scope",
    }
    .to_string()
}
