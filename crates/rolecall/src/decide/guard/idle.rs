//! `idle`: the subject has been inactive for as long as the smallest timeout on the path.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::{Case, Moment};
use crate::types::timestamp::{Duration, Instant};
use alloc::format;
use alloc::string::{String, ToString};

pub(super) const GATE: Gate = Gate {
    name: "idle",
    of_connection: true,
    timeless: false,
    objects: |moment, reasons| {
        if is_idle(moment) {
            reasons.push(Reason::Idle);
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    match (moment.case.context.last_activity, timeout(moment.case)) {
        (_, None) => "no inactivity timeout is set".to_string(),
        (None, Some(_)) => "no last activity is given, so the session counts as new".to_string(),
        (Some(last), Some(timeout)) => format!("last active at {last}; sessions time out after {timeout}"),
    }
}

/// The smallest timeout on the path, or the policy's default where none is set.
fn timeout(case: Case<'_>) -> Option<Duration> {
    let set = case.standing.scope.and_then(|scope| case.directory.governing(scope)?.idle_timeout);
    set.or(case.directory.policy.guards.idle.default)
}

/// The instant at which the session times out.
pub(crate) fn idle_at(case: Case<'_>) -> Option<Instant> {
    case.context.last_activity?.after(timeout(case)?)
}

fn is_idle(moment: &Moment<'_>) -> bool {
    let last = moment.case.context.last_activity;
    last.zip(timeout(moment.case)).is_some_and(|(last, timeout)| moment.time.since(last) >= timeout)
}
