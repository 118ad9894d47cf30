//! `idle`: the subject has been inactive for as long as the smallest timeout on the path.

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

/// What the guard looked at, in a sentence for people.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    match (evaluation.inputs.context.last_activity, timeout(evaluation.inputs)) {
        (_, None) => "no inactivity timeout is set".to_string(),
        (None, Some(_)) => "no last activity is given, so the session counts as new".to_string(),
        (Some(last), Some(timeout)) => format!("last active at {last}; sessions time out after {timeout}"),
    }
}

/// The smallest timeout on the path, or the policy's default where none is set.
fn timeout(inputs: EvalInputs<'_>) -> Option<Duration> {
    let set = inputs.resolved.scope.and_then(|scope| inputs.directory.governing(scope)?.idle_timeout);
    set.or(inputs.directory.policy.guards.idle.default)
}

/// The instant at which the session times out.
pub(crate) fn idle_at(inputs: EvalInputs<'_>) -> Option<Timestamp> {
    inputs.context.last_activity?.after(timeout(inputs)?)
}

fn is_idle(evaluation: &Evaluation<'_>) -> bool {
    let last = evaluation.inputs.context.last_activity;
    last.zip(timeout(evaluation.inputs)).is_some_and(|(last, timeout)| evaluation.time.since(last) >= timeout)
}
