//! Makes decisions. An audit should read this file first, then [`guard`], which has one file for each guard.
//!
//! A request is allowed if no guard denies it. One guard, `grant`, denies unless an active role grants the permission,
//! so the default is to deny. Roles only add permissions, and guards only deny. Therefore neither the order of roles
//! nor the order of guards changes the outcome; reasons are listed in the order of the guards.

use crate::decide::grants::{granted_by, to_grants};
use crate::decide::guard;
use crate::decide::horizon::{self, Interest};
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation};
use crate::decide::values;
use crate::storage::arena::{BoundaryId, Id, RoleId};
use crate::storage::bits::Bits;
use crate::types::decision::Decision;
use crate::types::reason::Reason;
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// A decision in numbers of the policy. Two raw decisions differ exactly where the decisions made of them differ.
#[derive(PartialEq, Eq)]
pub(crate) struct RawDecision<'a> {
    /// Every reason to deny, in the order of the guards. Without a reason the request is allowed.
    pub(crate) reasons: Vec<RawReason>,
    /// The roles that grant the permission, each with the assigned role that brings it. Sorted, without duplicates.
    granted_by: Vec<(RoleId, AssignedRole)>,
    /// The labels that no active role reads, one bit each.
    withheld: u64,
    /// The boundaries that narrow which items the subject may act on, with the values that remain. Empty if the request
    /// has an item.
    narrowed: Vec<(BoundaryId, Vec<&'a str>)>,
}

/// Decides a request, and computes until when the decision is valid.
pub(crate) fn answer(inputs: EvalInputs<'_>, target: &Target<'_>) -> Decision {
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let decision = decide(&evaluation, target);
    let changed = |time| decide(&Evaluation::new(inputs, time), target) != decision;
    let interest = || Interest {
        reads: u64::MAX,
        unbounded: liftable(inputs, target),
        granting: Some(target.permission),
        each: true,
        permissions: false,
    };
    into_decision(&evaluation, &decision, horizon::first_change(inputs, evaluation.time, interest, changed))
}

/// Decides a request at one time.
pub(crate) fn decide<'a>(evaluation: &Evaluation<'a>, target: &Target<'_>) -> RawDecision<'a> {
    let labels = evaluation.inputs.directory.policy.labels.len();
    RawDecision {
        reasons: denials(evaluation, target),
        granted_by: granted_by(evaluation, target.permission),
        withheld: lowest(labels) & !evaluation.reads,
        narrowed: if target.item.is_some() { Vec::new() } else { values::narrowed(evaluation, target.permission) },
    }
}

/// Returns every reason to deny a request at one time, in the order of the guards.
pub(crate) fn denials(evaluation: &Evaluation<'_>, target: &Target<'_>) -> Vec<RawReason> {
    let mut reasons = session_denials(evaluation);
    for access_guard in &guard::ACCESS_GUARDS {
        (access_guard.evaluate)(evaluation, target, &mut reasons);
    }
    reasons
}

/// Returns the reasons of the session guards, which deny every request of the session alike.
pub(crate) fn session_denials(evaluation: &Evaluation<'_>) -> Vec<RawReason> {
    let mut reasons = Vec::new();
    for session_guard in &guard::SESSION_GUARDS {
        (session_guard.evaluate)(evaluation, &mut reasons);
    }
    reasons
}

/// Returns the permissions that are allowed at one time, for requests without an item.
pub(crate) fn allowed_permissions(evaluation: &Evaluation<'_>) -> Bits {
    if session_denials(evaluation).is_empty() {
        granted_permissions(evaluation)
    } else {
        Bits::new(evaluation.inputs.directory.policy.resources.count())
    }
}

/// Returns the labels that may be read at one time: none if a session guard denies.
pub(crate) fn readable_labels(evaluation: &Evaluation<'_>) -> u64 {
    if session_denials(evaluation).is_empty() { evaluation.reads } else { 0 }
}

/// Returns the permissions that active roles grant at one time. No guard is evaluated.
pub(crate) fn granted_permissions(evaluation: &Evaluation<'_>) -> Bits {
    let directory = evaluation.inputs.directory;
    let mut permissions = Bits::new(directory.policy.resources.count());
    for assigned in evaluation.active() {
        permissions.add(&directory.role(assigned.role).all_permissions);
    }
    permissions
}

/// Returns the boundaries that the decision would report if no role lifted any. A role that lifts another boundary
/// cannot change the decision.
fn liftable(inputs: EvalInputs<'_>, target: &Target<'_>) -> u64 {
    let evaluation = Evaluation { unbounded: 0, ..Evaluation::new(inputs, inputs.context.time) };
    if target.item.is_none() {
        return values::narrowed(&evaluation, target.permission).iter().fold(0, |mask, (id, _)| mask | 1 << id.index());
    }
    guard::boundary::denying(&evaluation, target).iter().fold(0, |mask, id| mask | 1 << id.index())
}

/// Replaces the numbers of a decision by the names of the policy and of the directory.
fn into_decision(evaluation: &Evaluation<'_>, decision: &RawDecision<'_>, valid_until: Option<Timestamp>) -> Decision {
    let policy = &evaluation.inputs.directory.policy;
    let allow = decision.reasons.is_empty();
    let reasons = if allow {
        vec![Reason::Granted]
    } else {
        decision.reasons.iter().map(|reason| reason.named(policy)).collect()
    };
    // Inserted one by one: collecting into a map would add another sort to the modules for browsers.
    let mut narrowed = BTreeMap::new();
    for (id, values) in &decision.narrowed {
        let name = String::from(&*policy.guards.boundaries[*id].name);
        narrowed.insert(name, values.iter().copied().map(String::from).collect());
    }
    Decision {
        allow,
        reasons,
        granted_by: to_grants(evaluation, &decision.granted_by),
        withheld: policy.labels_in(decision.withheld),
        narrowed,
        valid_until,
    }
}

/// Returns a mask of the lowest `count` bits.
fn lowest(count: usize) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}
