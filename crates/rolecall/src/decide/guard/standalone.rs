//! Denies subjects without a standalone role, if the policy requires one. The role must be active and cover the scope.
//!
//! - Reason code: `no-standalone-role`.
//! - Exempt: policies without `standalone_role: required`.
//! - Ignores the connection.

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

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    match (evaluation.inputs.directory.policy.guards.standalone_required, evaluation.standalone) {
        (false, _) => "the policy requires no standalone role",
        (true, true) => "an active standalone role covers the scope",
        (true, false) => "the policy requires a standalone role, and no active one covers the scope",
    }
    .to_string()
}
