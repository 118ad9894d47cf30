//! `expired`, `not-yet`, `no-grant`: no active assignment that covers the scope holds the permission.

use super::kind::AccessGuard;
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::{AssignedRole, Evaluation};
use alloc::format;
use alloc::string::String;

pub(super) const GUARD: AccessGuard = AccessGuard {
    name: "grant",
    evaluate: |evaluation, target, reasons| {
        if holding(evaluation, target, |held, time| held.is_active(time)) {
            return;
        }
        if holding(evaluation, target, AssignedRole::has_ended) {
            reasons.push(RawReason::Expired);
        }
        if holding(evaluation, target, |held, time| !held.has_begun(time)) {
            reasons.push(RawReason::NotYet);
        }
        reasons.push(RawReason::NoGrant);
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn describe(evaluation: &Evaluation<'_>, target: &Target<'_>) -> String {
    let name = evaluation.inputs.directory.policy.permission_name(target.permission);
    if holding(evaluation, target, |held, time| held.is_active(time)) {
        format!("an active role that covers the scope holds `{name}`")
    } else if holding(evaluation, target, AssignedRole::has_ended) {
        format!("a role that holds `{name}` has ended")
    } else if holding(evaluation, target, |held, time| !held.has_begun(time)) {
        format!("a role that holds `{name}` has not begun")
    } else {
        format!("no role that covers the scope holds `{name}`")
    }
}

fn holding(
    evaluation: &Evaluation<'_>,
    target: &Target<'_>,
    when: impl Fn(&AssignedRole, crate::types::timestamp::Timestamp) -> bool,
) -> bool {
    let holds = |held: &&AssignedRole| {
        evaluation.inputs.directory.role(held.role).all_permissions.contains(target.permission.bit())
    };
    evaluation.inputs.resolved.held.iter().filter(holds).any(|held| when(held, evaluation.time))
}
