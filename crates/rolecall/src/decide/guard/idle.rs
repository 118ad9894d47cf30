//! Denies sessions that have been inactive for the shortest `idle_timeout` on the path or longer. Without one on the
//! path, the default of the policy counts.
//!
//! - Reason code: `idle`.
//! - Exempt: requests without `last_activity`, which count as new sessions.
//! - Ignores the subject and its roles.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::{EvalInputs, Evaluation};
use crate::types::timestamp::{Duration, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "idle",
    needs_connection: true,
    timeless: false,
    evaluate: |evaluation, reasons| {
        if is_idle(evaluation) {
            reasons.push(RawReason::Idle);
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    match (evaluation.inputs.context.last_activity, timeout(evaluation.inputs)) {
        (_, None) => "no inactivity timeout is set".to_string(),
        (None, Some(_)) => "no last activity is given, so the session counts as new".to_string(),
        (Some(last), Some(timeout)) => format!("last active at {last}; sessions time out after {timeout}"),
    }
}

/// Returns the shortest timeout on the path, or the default of the policy.
fn timeout(inputs: EvalInputs<'_>) -> Option<Duration> {
    let set = inputs.resolved.scope.and_then(|scope| inputs.directory.governing(scope)?.idle_timeout);
    set.or(inputs.directory.policy.guards.idle.default)
}

/// Returns when the session times out.
pub(crate) fn idle_at(inputs: EvalInputs<'_>) -> Option<Timestamp> {
    inputs.context.last_activity?.after(timeout(inputs)?)
}

fn is_idle(evaluation: &Evaluation<'_>) -> bool {
    let last = evaluation.inputs.context.last_activity;
    last.zip(timeout(evaluation.inputs)).is_some_and(|(last, timeout)| evaluation.time.since(last) >= timeout)
}
