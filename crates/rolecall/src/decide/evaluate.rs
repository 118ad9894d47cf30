//! How a decision is made. This is the file to read for an audit, with one file for each guard beside it.
//!
//! A question is allowed when some active role grants the permission and no guard objects. Roles only add and guards
//! only deny, so that neither the order of roles nor that of guards matters to the outcome; the order of guards is that
//! in which objections are told.

use crate::decide::guard;
use crate::decide::horizon::{self, Interest};
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, ResolvedSubject, paths_in_names};
use crate::directory::{Directory, MaskBlock};
use crate::policy::PermissionId;
use crate::storage::arena::{Id, RoleId, ScopeId, SubjectKey};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::context::Context;
use crate::types::decision::{Decision, Grant};
use crate::types::limits;
use crate::types::reason::Reason;
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// A decision before it is put into words: two of them differ exactly where their words would.
#[derive(PartialEq, Eq)]
pub(crate) struct RawDecision {
    /// Every objection; none means allow.
    pub(crate) reasons: Vec<RawReason>,
    /// The roles that grant it, each with the assigned role by which it is held. Sorted, each once.
    granted_by: Vec<(RoleId, AssignedRole)>,
    /// The labels that no active role reads.
    withheld: u64,
    /// The boundaries that narrow what the subject may act on.
    narrowed: u64,
}

/// Decides at one moment.
pub(crate) fn decide(evaluation: &Evaluation<'_>, target: &Target<'_>) -> RawDecision {
    let labels = evaluation.inputs.directory.policy.labels.len();
    RawDecision {
        reasons: objections(evaluation, target),
        granted_by: granted_by(evaluation, target.permission),
        withheld: all_below(labels) & !evaluation.reads,
        narrowed: if target.item.is_some() { 0 } else { narrowed(evaluation, target.permission) },
    }
}

/// Every objection at one moment, in order.
pub(crate) fn objections(evaluation: &Evaluation<'_>, target: &Target<'_>) -> Vec<RawReason> {
    let mut reasons = session_objections(evaluation);
    for check in &guard::ACCESS_GUARDS {
        (check.evaluate)(evaluation, target, &mut reasons);
    }
    reasons
}

/// The objections of the guards that look at who asks, from where and when.
pub(crate) fn session_objections(evaluation: &Evaluation<'_>) -> Vec<RawReason> {
    let mut reasons = Vec::new();
    for gate in &guard::SESSION_GUARDS {
        (gate.evaluate)(evaluation, &mut reasons);
    }
    reasons
}

/// The labels that may be read at one moment: those that an active role reads, and none where a guard objects.
pub(crate) fn readable_labels(evaluation: &Evaluation<'_>) -> u64 {
    if session_objections(evaluation).is_empty() { evaluation.reads } else { 0 }
}

/// Everything that is allowed at one moment, for items without labels and values.
pub(crate) fn allowed_permissions(evaluation: &Evaluation<'_>) -> Bits {
    if session_objections(evaluation).is_empty() {
        granted_permissions(evaluation)
    } else {
        Bits::new(evaluation.inputs.directory.policy.resources.count())
    }
}

/// The boolean alone, for a listed subject at a listed scope, of whose connection nothing is known. It stops at the
/// first objection and allocates nothing, but for a policy that separates active roles.
pub(crate) fn can(
    directory: &Directory,
    subject: SubjectKey,
    permission: PermissionId,
    scope: ScopeId,
    time: Timestamp,
) -> bool {
    let guards = &directory.policy.guards;
    if guards.separates_active || !directory.is_plain(subject) {
        return allowed_by_guards(directory, subject, scope, time).contains(permission.bit());
    }
    // An address is needed where addresses are restricted, and none is known.
    if !directory.is_open(scope) {
        return false;
    }
    let (mut granted, mut standalone) = (false, !guards.standalone_required);
    for role in directory.own_roles(subject, scope, time) {
        granted |= directory.holds(role, permission);
        standalone = standalone || directory.is_standalone(role);
        if granted && standalone {
            return true;
        }
    }
    // In variables of their own: those above are registers.
    let (mut is_granted, mut let_in) = (granted, standalone);
    directory.any_other_role(subject, scope, time, &mut |role| {
        is_granted |= directory.holds(role, permission);
        let_in = let_in || directory.is_standalone(role);
        is_granted && let_in
    })
}

/// Everything that [`can`] allows, into words whose bits are the permissions' numbers; words that are missing are left
/// out, and those that are too many become zero.
pub(crate) fn can_all(directory: &Directory, subject: SubjectKey, scope: ScopeId, time: Timestamp, words: &mut [u64]) {
    let guards = &directory.policy.guards;
    if guards.separates_active || !directory.is_plain(subject) {
        return can_all_by_guards(directory, subject, scope, time, words);
    }
    if !directory.is_open(scope) {
        words.fill(0);
        return;
    }
    let mut standalone = !guards.standalone_required;
    // As many as most policies need stay in registers while roles are added.
    if let Ok(words) = <&mut MaskBlock>::try_from(&mut *words) {
        let mut all = MaskBlock::default();
        for role in directory.own_roles(subject, scope, time) {
            standalone = standalone || directory.is_standalone(role);
            add_mask(&mut all, directory.first_mask(role));
        }
        *words = all;
    } else {
        words.fill(0);
        for role in directory.own_roles(subject, scope, time) {
            standalone = standalone || directory.is_standalone(role);
            add_mask(words, directory.mask(role).as_flattened());
        }
    }
    // In a variable of its own: the one above is a register.
    let mut let_in = standalone;
    directory.any_other_role(subject, scope, time, &mut |role| {
        let_in = let_in || directory.is_standalone(role);
        add_mask(words, directory.mask(role).as_flattened());
        false
    });
    if !let_in {
        words.fill(0);
    }
}

#[cold]
fn can_all_by_guards(directory: &Directory, subject: SubjectKey, scope: ScopeId, time: Timestamp, words: &mut [u64]) {
    words.fill(0);
    add_mask(words, allowed_by_guards(directory, subject, scope, time).words());
}

/// Adds what is held in a mask, as far as there are words for it.
#[inline]
fn add_mask(words: &mut [u64], mask: &[u64]) {
    for (word, more) in words.iter_mut().zip(mask) {
        *word |= more;
    }
}

/// The same by way of the guards.
fn allowed_by_guards(directory: &Directory, subject: SubjectKey, scope: ScopeId, time: Timestamp) -> Bits {
    let context = Context::at_known_scope(directory.scope_name(scope), time);
    let resolved = ResolvedSubject::of(directory, Some(subject), directory.subjects.get(subject).support, &context);
    let inputs = EvalInputs { directory, subject_id: "", context: &context, resolved: &resolved };
    allowed_permissions(&Evaluation::new(inputs, time))
}

/// Everything that active roles hold at one moment, whatever a guard says.
pub(crate) fn granted_permissions(evaluation: &Evaluation<'_>) -> Bits {
    let directory = evaluation.inputs.directory;
    let mut permissions = Bits::new(directory.policy.resources.count());
    for held in evaluation.active() {
        permissions.add(&directory.role(held.role).all_permissions);
    }
    permissions
}

/// Decides, and tells until when.
pub(crate) fn answer(inputs: EvalInputs<'_>, target: &Target<'_>) -> Decision {
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let decision = decide(&evaluation, target);
    let changed = |time| decide(&Evaluation::new(inputs, time), target) != decision;
    let interest = || Interest {
        reads: u64::MAX,
        unbounded: bounding(inputs, target),
        granting: Some(target.permission),
        each: true,
        permissions: false,
    };
    into_decision(&evaluation, &decision, horizon::first_change(inputs, evaluation.time, interest, changed))
}

/// The same of every permission that any active role grants, in the order of their names.
pub(crate) fn all_granted_by(evaluation: &Evaluation<'_>) -> Vec<(PermissionId, Vec<(RoleId, AssignedRole)>)> {
    let directory = evaluation.inputs.directory;
    let mut granted: Vec<Vec<(RoleId, AssignedRole)>> = vec![Vec::new(); directory.policy.resources.count()];
    let mut untimed: Vec<AssignedRole> = Vec::new();
    for held in evaluation.active() {
        untimed.push(AssignedRole { from: None, until: None, ..*held });
    }
    order::sort(&mut untimed);
    untimed.dedup();
    let (mut roles, mut left) = (limits::GRANTS_IN_ALL, limits::GRANTS_IN_ALL);
    for held in untimed {
        for role in directory.role(held.role).inherited_roles.iter().take(roles) {
            roles -= 1;
            for bit in directory.role(*role).direct_permissions.iter().take(left) {
                left -= 1;
                if let Some(granted) = granted.get_mut(bit) {
                    granted.push((*role, held));
                }
            }
        }
    }
    let mut all = Vec::new();
    for id in directory.policy.resources.sorted() {
        let mut granted = granted.get_mut(id.bit()).map(core::mem::take).unwrap_or_default();
        if !granted.is_empty() {
            order::sort(&mut granted);
            all.push((*id, granted));
        }
    }
    all
}

/// The boundaries that would be told of, if no role lifted them.
fn bounding(inputs: EvalInputs<'_>, target: &Target<'_>) -> u64 {
    let evaluation = Evaluation { unbounded: 0, ..Evaluation::new(inputs, inputs.context.time) };
    if target.item.is_none() {
        return narrowed(&evaluation, target.permission);
    }
    guard::boundary::objecting(&evaluation, target).iter().fold(0, |mask, id| mask | 1 << id.index())
}

/// Grants from which on assignments that differ only in when they hold are skipped rather than sorted out.
const MANY: usize = 64;

/// The active roles whose own grants hold the permission, whatever a guard says.
pub(crate) fn granted_by(evaluation: &Evaluation<'_>, permission: PermissionId) -> Vec<(RoleId, AssignedRole)> {
    let directory = evaluation.inputs.directory;
    let mut granted: Vec<(RoleId, AssignedRole)> = Vec::new();
    // The role that was looked at last, and those that it has the permission from.
    let (mut last, mut granting) = (None, Vec::new());
    for held in evaluation.active() {
        let assigned = directory.role(held.role);
        if !assigned.all_permissions.contains(permission.bit()) {
            continue;
        }
        if last != Some(held.role) {
            last = Some(held.role);
            granting.clear();
            granting.extend(
                assigned
                    .inherited_roles
                    .iter()
                    .filter(|role| directory.role(**role).direct_permissions.contains(permission.bit())),
            );
        }
        // Two assignments that differ only in when they hold are told once.
        let untimed = AssignedRole { from: None, until: None, ..*held };
        if granted.len() >= MANY && granted.last().is_some_and(|(_, before)| *before == untimed) {
            continue;
        }
        granted.extend(granting.iter().map(|role| (*role, untimed)));
        if granted.len() > limits::GRANTS {
            return least_granted(evaluation, permission);
        }
    }
    order::sort(&mut granted);
    granted.dedup();
    granted
}

/// As many as are listed where there may be more: those of the first assignments by role, holder and scope, whatever the order in
/// which a directory has them.
#[cold]
fn least_granted(evaluation: &Evaluation<'_>, permission: PermissionId) -> Vec<(RoleId, AssignedRole)> {
    let directory = evaluation.inputs.directory;
    let holding =
        evaluation.active().filter(|held| directory.role(held.role).all_permissions.contains(permission.bit()));
    let mut assigned: Vec<AssignedRole> = Vec::new();
    for held in holding {
        let untimed = AssignedRole { from: None, until: None, ..*held };
        if assigned.last() != Some(&untimed) {
            assigned.push(untimed);
        }
    }
    let assigned = order::unique(assigned);
    let mut granted: Vec<(RoleId, AssignedRole)> = Vec::new();
    for same in assigned.chunk_by(|one, other| one.role == other.role) {
        let Some(AssignedRole { role, .. }) = same.first() else { continue };
        let reach = directory
            .role(*role)
            .inherited_roles
            .iter()
            .filter(|role| directory.role(**role).direct_permissions.contains(permission.bit()));
        let granting: Vec<RoleId> = reach.copied().collect();
        let all = same.iter().flat_map(|held| granting.iter().map(move |role| (*role, *held)));
        granted.extend(all.take(limits::GRANTS - granted.len()));
        if granted.len() == limits::GRANTS {
            break;
        }
    }
    order::sort(&mut granted);
    granted
}

/// The boundaries that limit the action and in which the subject does not hold everything.
fn narrowed(evaluation: &Evaluation<'_>, permission: PermissionId) -> u64 {
    let policy = &evaluation.inputs.directory.policy;
    let action = policy.resources.action(permission);
    let limiting = policy.guards.boundaries.iter().filter(|(_, boundary)| boundary.limits.intersects(action));
    limiting.filter(|(id, _)| evaluation.values(*id).is_some()).fold(0, |mask, (id, _)| mask | 1 << id.index())
}

fn into_decision(evaluation: &Evaluation<'_>, decision: &RawDecision, valid_until: Option<Timestamp>) -> Decision {
    let policy = &evaluation.inputs.directory.policy;
    let allow = decision.reasons.is_empty();
    let reasons = if allow {
        vec![Reason::Granted]
    } else {
        decision.reasons.iter().map(|reason| reason.named(policy)).collect()
    };
    let granted_by = to_grants(evaluation, &decision.granted_by);
    let narrowed = policy.guards.boundaries.iter().filter(|(id, _)| decision.narrowed & 1 << id.index() != 0);
    // One by one: the bulk building of maps brings a sort of its own.
    let mut in_words = BTreeMap::new();
    for (id, boundary) in narrowed {
        let values = evaluation.values(id).unwrap_or_default();
        in_words.insert(String::from(&*boundary.name), values.into_iter().map(String::from).collect());
    }
    Decision {
        allow,
        reasons,
        granted_by,
        withheld: policy.labels_in(decision.withheld),
        narrowed: in_words,
        valid_until,
    }
}

/// Grants, with their inheritance paths, sorted.
pub(crate) fn to_grants(evaluation: &Evaluation<'_>, granted_by: &[(RoleId, AssignedRole)]) -> Vec<Grant> {
    let EvalInputs { directory, subject_id, .. } = evaluation.inputs;
    // The paths from each assigned role are found at once.
    let mut by_assigned: Vec<(RoleId, RoleId, AssignedRole)> =
        granted_by.iter().map(|(role, held)| (held.role, *role, *held)).collect();
    order::sort(&mut by_assigned);
    let mut grants: Vec<Grant> = Vec::with_capacity(by_assigned.len());
    for same in by_assigned.chunk_by(|(one, ..), (other, ..)| one == other) {
        let mut ends: Vec<RoleId> = same.iter().map(|(_, role, _)| *role).collect();
        ends.dedup();
        let Some((assigned, ..)) = same.first() else { continue };
        for (end, via) in paths_in_names(directory, *assigned, &ends) {
            let first = same.partition_point(|(_, role, _)| *role < end);
            let held = same.iter().skip(first).take_while(|(_, role, _)| *role == end).map(|(.., held)| held);
            grants.extend(held.map(|held| Grant {
                role: String::from(&*directory.role(end).name),
                via: via.clone(),
                subject: held.holder.map_or(subject_id, |holder| directory.holder_name(holder)).to_string(),
                at: directory.scope_name(held.scope).to_string(),
            }));
        }
    }
    order::sort(&mut grants);
    grants
}

/// A mask of the lowest `count` bits.
fn all_below(count: usize) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}
