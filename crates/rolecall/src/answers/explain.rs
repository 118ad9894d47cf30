//! Explains decisions: the result of every guard, and every assignment of the subject.

use crate::answers::remedy::{Change, would_allow};
use crate::decide::evaluate;
use crate::decide::guard::{self, AccessGuard, SessionGuard};
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, assignments, is_activated, paths_in_names};
use crate::directory::Directory;
use crate::storage::arena::RoleId;
use crate::storage::order;
use crate::types::decision::Decision;
use crate::types::limits;
use crate::types::reason::Reason;
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;

/// A decision with its explanation: the results of all guards and all assignments of the subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The id of the subject.
    pub subject: String,
    /// The name of the permission.
    pub permission: String,
    /// The path of the scope.
    pub at: String,
    /// The time of the request.
    pub time: Timestamp,
    /// The decision.
    pub decision: Decision,
    /// Every guard, in the order in which decisions list reasons.
    pub guards: Vec<GuardReport>,
    /// Every assignment of the subject and of its groups, sorted by scope, role and subject.
    pub assignments: Vec<AssignmentReport>,
    /// Groups that the context states and that do not count: the directory does not list them, or they are built in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored_groups: Vec<String>,
    /// For a denial, the smallest sets of changes that would allow the request: at most five, those that give least
    /// first. Each set was tried, and none of its changes can be left out.
    pub would_allow: Vec<Vec<Change>>,
}

/// An explanation that may be shown to the subject: codes only, without roles, other people, networks and settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RedactedExplanation {
    /// The id of the subject.
    pub subject: String,
    /// The name of the permission.
    pub permission: String,
    /// The path of the scope.
    pub at: String,
    /// The time of the request.
    pub time: Timestamp,
    /// Whether the request is allowed.
    pub allow: bool,
    /// Every reason to deny, in the order of the guards; [`Reason::Granted`] alone if the request is allowed.
    pub reasons: Vec<Reason>,
    /// The guards that deny, in their order.
    pub guards: Vec<&'static str>,
    /// The first later time at which the decision may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// The result of one guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GuardReport {
    /// The name of the guard.
    pub guard: &'static str,
    /// Its reasons to deny; empty if it does not deny.
    pub reasons: Vec<Reason>,
    /// Its result, explained in one sentence.
    pub because: String,
}

/// One assignment, and the part that it has in a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AssignmentReport {
    /// The scope of the assignment.
    pub at: String,
    /// The assigned role.
    pub role: String,
    /// The holder: the subject, or one of its groups.
    pub subject: String,
    /// `false` if it holds at its scope only, not below it.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub below: bool,
    /// The only values for which it counts, by the name of the boundary.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, Vec<String>>,
    /// When it begins, if that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When it ends, if that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether it is active for the request, or why not.
    pub state: AssignmentState,
    /// The inheritance paths from the assigned role to each role whose own grants hold the permission.
    pub grants: Vec<Vec<String>>,
}

/// Whether an assignment is active for a request, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AssignmentState {
    /// It is active.
    Active,
    /// It has ended.
    Ended,
    /// It has not begun.
    NotBegun,
    /// It does not cover the scope of the request.
    Elsewhere,
    /// The `active_roles` of the context do not contain its role.
    NotActivated,
}

pub(crate) fn explain(inputs: EvalInputs<'_>, target: &Target<'_>) -> Explanation {
    Explanation {
        subject: inputs.subject_id.to_string(),
        permission: inputs.directory.policy.permission_name(target.permission).to_string(),
        at: String::from(&*inputs.context.at),
        time: inputs.context.time,
        decision: evaluate::answer(inputs, target),
        guards: guards(inputs, target),
        assignments: considered(inputs, target),
        ignored_groups: ignored_groups(inputs),
        would_allow: would_allow(inputs, target),
    }
}

/// Explains a decision to its subject. It does not search for changes that would allow the request.
pub(crate) fn explain_redacted(inputs: EvalInputs<'_>, target: &Target<'_>) -> RedactedExplanation {
    let Decision { allow, reasons, valid_until, .. } = evaluate::answer(inputs, target);
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let of_session = guard::SESSION_GUARDS.iter().map(|guard| (guard.name, session_reasons(guard, &evaluation)));
    let of_access = guard::ACCESS_GUARDS.iter().map(|guard| (guard.name, access_reasons(guard, &evaluation, target)));
    let denying = of_session.chain(of_access).filter(|(_, reasons)| !reasons.is_empty());
    RedactedExplanation {
        subject: inputs.subject_id.to_string(),
        permission: inputs.directory.policy.permission_name(target.permission).to_string(),
        at: String::from(&*inputs.context.at),
        time: inputs.context.time,
        allow,
        reasons,
        guards: denying.map(|(guard, _)| guard).collect(),
        valid_until,
    }
}

/// Returns the result of each guard, in order.
fn guards(inputs: EvalInputs<'_>, target: &Target<'_>) -> Vec<GuardReport> {
    let policy = &inputs.directory.policy;
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let mut guards = Vec::new();
    let mut report = |guard, reasons: Vec<RawReason>, because| {
        let reasons = reasons.into_iter().map(|reason| reason.named(policy)).collect();
        guards.push(GuardReport { guard, reasons, because });
    };
    for (guard, describe) in guard::SESSION_GUARDS.iter().zip(guard::SESSION_GUARD_DESCRIPTIONS) {
        report(guard.name, session_reasons(guard, &evaluation), describe(&evaluation));
    }
    for (guard, describe) in guard::ACCESS_GUARDS.iter().zip(guard::ACCESS_GUARD_DESCRIPTIONS) {
        report(guard.name, access_reasons(guard, &evaluation, target), describe(&evaluation, target));
    }
    guards
}

fn session_reasons(guard: &SessionGuard, evaluation: &Evaluation<'_>) -> Vec<RawReason> {
    let mut reasons = Vec::new();
    (guard.evaluate)(evaluation, &mut reasons);
    reasons
}

fn access_reasons(guard: &AccessGuard, evaluation: &Evaluation<'_>, target: &Target<'_>) -> Vec<RawReason> {
    let mut reasons = Vec::new();
    (guard.evaluate)(evaluation, target, &mut reasons);
    reasons
}

/// Returns the groups that the context states and that do not count.
fn ignored_groups(inputs: EvalInputs<'_>) -> Vec<String> {
    let ignored = inputs.context.groups.iter().filter(|name| !inputs.directory.states(name));
    ignored.map(|name| String::from(&**name)).collect()
}

/// Reports every assignment of the subject and of its groups, sorted.
fn considered(inputs: EvalInputs<'_>, target: &Target<'_>) -> Vec<AssignmentReport> {
    let EvalInputs { directory, resolved, .. } = inputs;
    let listed = assignments(directory, resolved.subject, &resolved.groups);
    let listed = listed.chain(assignments(directory, None, resolved.stated()));
    let support = resolved.held.iter().filter(|held| held.holder.is_none()).copied();
    let mut grants: BTreeMap<RoleId, Vec<Vec<String>>> = BTreeMap::new();
    let mut reports: Vec<AssignmentReport> = Vec::new();
    let mut left = limits::GRANTS_IN_ALL;
    for held in listed.chain(support) {
        let grants = grants.entry(held.role).or_insert_with(|| granting_paths(directory, held.role, target));
        let grants: Vec<Vec<String>> = grants.iter().take(left).cloned().collect();
        left -= grants.len();
        reports.push(report(inputs, &held, grants));
    }
    order::sort_by(&mut reports, |a, b| {
        fn key(report: &AssignmentReport) -> (&str, &str, &str, Option<Timestamp>, Option<Timestamp>, bool) {
            (&report.at, &report.role, &report.subject, report.from, report.until, !report.below)
        }
        key(a).cmp(&key(b)).then_with(|| a.boundaries.cmp(&b.boundaries))
    });
    reports
}

/// Returns the inheritance paths from an assigned role to the roles whose own grants hold the permission, sorted.
fn granting_paths(directory: &Directory, assigned: RoleId, target: &Target<'_>) -> Vec<Vec<String>> {
    let holds = |id: &&RoleId| directory.role(**id).direct_permissions.contains(target.permission.bit());
    let granting: Vec<RoleId> = directory.role(assigned).inherited_roles.iter().filter(holds).copied().collect();
    let mut paths: Vec<Vec<String>> =
        paths_in_names(directory, assigned, &granting).into_iter().map(|(_, path)| path).collect();
    order::sort(&mut paths);
    paths
}

fn report(inputs: EvalInputs<'_>, held: &AssignedRole, grants: Vec<Vec<String>>) -> AssignmentReport {
    let EvalInputs { directory, subject_id, context, resolved } = inputs;
    let covers = resolved.scope.is_some_and(|scope| held.covers(directory, scope));
    let role = directory.role(held.role);
    let state = if !covers {
        AssignmentState::Elsewhere
    } else if !is_activated(context, role) {
        AssignmentState::NotActivated
    } else if held.has_ended(context.time) {
        AssignmentState::Ended
    } else if !held.has_begun(context.time) {
        AssignmentState::NotBegun
    } else {
        AssignmentState::Active
    };
    AssignmentReport {
        at: directory.scope_name(held.scope).to_string(),
        role: String::from(&*role.name),
        subject: held.holder.map_or(subject_id, |holder| directory.holder_name(holder)).to_string(),
        below: !held.here,
        boundaries: directory.limit_names(held.limit),
        from: held.from,
        until: held.until,
        state,
        grants,
    }
}
