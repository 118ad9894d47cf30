//! Why a decision is what it is: every guard, and every assignment that was considered.

use crate::answers::remedy::{Change, would_allow};
use crate::decide::evaluate;
use crate::decide::guard;
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

/// A decision with everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Who asks.
    pub subject: String,
    /// For what.
    pub permission: String,
    /// Where.
    pub at: String,
    /// When.
    pub time: Timestamp,
    /// The decision.
    pub decision: Decision,
    /// Every guard, in the order in which objections are told.
    pub guards: Vec<GuardReport>,
    /// Every assignment of the subject and of its groups, sorted by scope, role and subject.
    pub assignments: Vec<AssignmentReport>,
    /// For a denial, the smallest changes that would turn it: at most five sets of changes, what gives least first.
    /// Each set was tried, and none of its changes can be left out.
    pub would_allow: Vec<Vec<Change>>,
}

/// An explanation for the person who asks: codes only, nothing of roles, of other people, of networks or settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RedactedExplanation {
    /// Who asks.
    pub subject: String,
    /// For what.
    pub permission: String,
    /// Where.
    pub at: String,
    /// When.
    pub time: Timestamp,
    /// Allow or deny.
    pub allow: bool,
    /// Every objection, in the order of the guards; on allow [`Reason::Granted`] alone.
    pub reasons: Vec<Reason>,
    /// The guards that object, in their order.
    pub guards: Vec<&'static str>,
    /// The first later instant at which the decision may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// What one guard says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GuardReport {
    /// The guard.
    pub guard: &'static str,
    /// Its objections; none where it lets the question pass.
    pub reasons: Vec<Reason>,
    /// What it looked at, in a sentence.
    pub because: String,
}

/// What one assignment contributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AssignmentReport {
    /// The scope of the assignment.
    pub at: String,
    /// The assigned role.
    pub role: String,
    /// Who holds it: the subject, or one of its groups.
    pub subject: String,
    /// When it begins, where that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When it ends, where that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether it counts here and now.
    pub state: AssignmentState,
    /// The inheritance paths from the assigned role to each role whose own grants hold the permission.
    pub grants: Vec<Vec<String>>,
}

/// Whether an assignment counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AssignmentState {
    /// It counts.
    Active,
    /// It has ended.
    Ended,
    /// It has not begun.
    NotBegun,
    /// It does not cover the scope asked.
    Elsewhere,
    /// The context does not name its role among the active ones.
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
        would_allow: would_allow(inputs, target),
    }
}

/// The form for the person who asks; what would allow it is not even looked for.
pub(crate) fn explain_redacted(inputs: EvalInputs<'_>, target: &Target<'_>) -> RedactedExplanation {
    let Decision { allow, reasons, valid_until, .. } = evaluate::answer(inputs, target);
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let gates = guard::SESSION_GUARDS
        .iter()
        .map(|gate| (gate.name, objections(|reasons| (gate.evaluate)(&evaluation, reasons))));
    let checks = guard::ACCESS_GUARDS
        .iter()
        .map(|check| (check.name, objections(|reasons| (check.evaluate)(&evaluation, target, reasons))));
    let objecting = gates.chain(checks).filter(|(_, reasons)| !reasons.is_empty());
    RedactedExplanation {
        subject: inputs.subject_id.to_string(),
        permission: inputs.directory.policy.permission_name(target.permission).to_string(),
        at: String::from(&*inputs.context.at),
        time: inputs.context.time,
        allow,
        reasons,
        guards: objecting.map(|(guard, _)| guard).collect(),
        valid_until,
    }
}

/// What each guard says, in order.
fn guards(inputs: EvalInputs<'_>, target: &Target<'_>) -> Vec<GuardReport> {
    let policy = &inputs.directory.policy;
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let mut guards = Vec::new();
    let mut report = |guard, reasons: Vec<RawReason>, because| {
        let reasons = reasons.into_iter().map(|reason| reason.named(policy)).collect();
        guards.push(GuardReport { guard, reasons, because });
    };
    for (gate, because) in guard::SESSION_GUARDS.iter().zip(guard::SESSION_GUARD_DESCRIPTIONS) {
        report(gate.name, objections(|reasons| (gate.evaluate)(&evaluation, reasons)), because(&evaluation));
    }
    for (check, because) in guard::ACCESS_GUARDS.iter().zip(guard::ACCESS_GUARD_DESCRIPTIONS) {
        report(
            check.name,
            objections(|reasons| (check.evaluate)(&evaluation, target, reasons)),
            because(&evaluation, target),
        );
    }
    guards
}

fn objections(told: impl FnOnce(&mut Vec<RawReason>)) -> Vec<RawReason> {
    let mut reasons = Vec::new();
    told(&mut reasons);
    reasons
}

fn considered(inputs: EvalInputs<'_>, target: &Target<'_>) -> Vec<AssignmentReport> {
    let EvalInputs { directory, resolved, .. } = inputs;
    let listed = assignments(directory, resolved.subject, &resolved.groups);
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
        fn key(report: &AssignmentReport) -> (&str, &str, &str, Option<Timestamp>, Option<Timestamp>) {
            (&report.at, &report.role, &report.subject, report.from, report.until)
        }
        key(a).cmp(&key(b))
    });
    reports
}

/// The inheritance paths from an assigned role to the roles whose own grants hold the permission, sorted.
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
    let covers = resolved.scope.is_some_and(|scope| directory.covers(held.scope, scope));
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
        from: held.from,
        until: held.until,
        state,
        grants,
    }
}
