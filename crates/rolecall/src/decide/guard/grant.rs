//! Denies permissions that no active role grants at the scope.
//!
//! - Reason codes: `no-grant`. Before it, `expired` if an assignment that has ended would grant the permission, and
//!   `not-yet` if one that has not begun would.
//! - Ignores the item and the connection.

use super::kind::AccessGuard;
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation};
use crate::types::timestamp::Timestamp;
use alloc::format;
use alloc::string::String;

pub(super) const GUARD: AccessGuard = AccessGuard {
    name: "grant",
    evaluate: |evaluation, target, reasons| {
        if holding(evaluation, target, AssignedRole::is_active) {
            return;
        }
        if holding(evaluation, target, AssignedRole::has_ended) {
            reasons.push(RawReason::Expired);
        }
        if holding(evaluation, target, |assigned, time| !assigned.has_begun(time)) {
            reasons.push(RawReason::NotYet);
        }
        reasons.push(RawReason::NoGrant);
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>, target: &Target<'_>) -> String {
    let name = evaluation.inputs.directory.policy.permission_name(target.permission);
    if holding(evaluation, target, AssignedRole::is_active) {
        format!("an active role that covers the scope holds `{name}`")
    } else if holding(evaluation, target, AssignedRole::has_ended) {
        format!("a role that holds `{name}` has ended")
    } else if holding(evaluation, target, |assigned, time| !assigned.has_begun(time)) {
        format!("a role that holds `{name}` has not begun")
    } else {
        format!("no role that covers the scope holds `{name}`")
    }
}

/// Returns whether an assignment of a role with the permission satisfies a condition on its times.
fn holding(evaluation: &Evaluation<'_>, target: &Target<'_>, when: impl Fn(&AssignedRole, Timestamp) -> bool) -> bool {
    let EvalInputs { directory, resolved, .. } = evaluation.inputs;
    let permission = target.permission.bit();
    let holds = |assigned: &&AssignedRole| directory.role(assigned.role).all_permissions.contains(permission);
    resolved.held.iter().filter(holds).any(|assigned| when(assigned, evaluation.time))
}
