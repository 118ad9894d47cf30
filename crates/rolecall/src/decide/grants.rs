//! Lists the grants behind a decision: the roles that grant a permission, and the assigned roles that bring them.
//!
//! Assignments of a role to the same holder at the same scope give the same grant, so grants are compared without the
//! other properties of assignments.

use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, paths_in_names};
use crate::directory::Directory;
use crate::policy::{PermissionId, Role};
use crate::storage::arena::RoleId;
use crate::storage::order;
use crate::types::decision::Grant;
use crate::types::limits;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// The number of grants from which adjacent duplicates are skipped at once. Fewer are cheaper to sort out at the end.
const MANY: usize = 64;

/// Returns the active roles whose own grants hold a permission, each with the assigned role that brings it. Sorted,
/// without duplicates, at most [`limits::GRANTS`]. No guard is evaluated.
pub(crate) fn granted_by(evaluation: &Evaluation<'_>, permission: PermissionId) -> Vec<(RoleId, AssignedRole)> {
    let directory = evaluation.inputs.directory;
    let mut granted: Vec<(RoleId, AssignedRole)> = Vec::new();
    // The last assigned role, and the roles that it brings and that grant the permission.
    let (mut last, mut granting) = (None, Vec::new());
    for assigned in evaluation.active() {
        let role = directory.role(assigned.role);
        if !role.all_permissions.contains(permission.bit()) {
            continue;
        }
        if last != Some(assigned.role) {
            last = Some(assigned.role);
            granting.clear();
            granting.extend(granting_roles(directory, role, permission));
        }
        let untimed = granting_alike(assigned);
        if granted.len() >= MANY && granted.last().is_some_and(|(_, before)| *before == untimed) {
            continue;
        }
        granted.extend(granting.iter().map(|role| (*role, untimed)));
        if granted.len() > limits::GRANTS {
            return first_granted_by(evaluation, permission);
        }
    }
    order::sort(&mut granted);
    granted.dedup();
    granted
}

/// Returns the first [`limits::GRANTS`] grants where there may be more: by assigned role, holder and scope. The choice
/// does not depend on the order of assignments in the directory.
#[cold]
fn first_granted_by(evaluation: &Evaluation<'_>, permission: PermissionId) -> Vec<(RoleId, AssignedRole)> {
    let directory = evaluation.inputs.directory;
    let holds = |assigned: &&AssignedRole| directory.role(assigned.role).all_permissions.contains(permission.bit());
    let mut all: Vec<AssignedRole> = Vec::new();
    for assigned in evaluation.active().filter(holds) {
        let untimed = granting_alike(assigned);
        if all.last() != Some(&untimed) {
            all.push(untimed);
        }
    }
    let all = order::unique(all);
    let mut granted: Vec<(RoleId, AssignedRole)> = Vec::new();
    for same in all.chunk_by(|one, other| one.role == other.role) {
        let Some(AssignedRole { role, .. }) = same.first() else { continue };
        let granting: Vec<RoleId> = granting_roles(directory, directory.role(*role), permission).collect();
        let grants = same.iter().flat_map(|assigned| granting.iter().map(move |role| (*role, *assigned)));
        granted.extend(grants.take(limits::GRANTS - granted.len()));
        if granted.len() == limits::GRANTS {
            break;
        }
    }
    order::sort(&mut granted);
    granted
}

/// Returns the grants of every permission that an active role holds, as [`granted_by`], by the name of the permission.
/// At most [`limits::GRANTS_IN_ALL`] grants.
pub(crate) fn all_granted_by(evaluation: &Evaluation<'_>) -> Vec<(PermissionId, Vec<(RoleId, AssignedRole)>)> {
    let directory = evaluation.inputs.directory;
    let mut granted: Vec<Vec<(RoleId, AssignedRole)>> = vec![Vec::new(); directory.policy.resources.count()];
    let mut untimed: Vec<AssignedRole> = Vec::new();
    for assigned in evaluation.active() {
        untimed.push(granting_alike(assigned));
    }
    order::sort(&mut untimed);
    untimed.dedup();
    let (mut roles_left, mut grants_left) = (limits::GRANTS_IN_ALL, limits::GRANTS_IN_ALL);
    for assigned in untimed {
        for role in directory.role(assigned.role).inherited_roles.iter().take(roles_left) {
            roles_left -= 1;
            for bit in directory.role(*role).direct_permissions.iter().take(grants_left) {
                grants_left -= 1;
                if let Some(granted) = granted.get_mut(bit) {
                    granted.push((*role, assigned));
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

/// Returns grants with the names of the directory and their inheritance paths, sorted.
pub(crate) fn to_grants(evaluation: &Evaluation<'_>, granted_by: &[(RoleId, AssignedRole)]) -> Vec<Grant> {
    let EvalInputs { directory, subject_id, .. } = evaluation.inputs;
    // Grouped by assigned role, so that one search finds all paths from it.
    let mut by_assigned: Vec<(RoleId, RoleId, AssignedRole)> =
        granted_by.iter().map(|(role, assigned)| (assigned.role, *role, *assigned)).collect();
    order::sort(&mut by_assigned);
    let mut grants: Vec<Grant> = Vec::with_capacity(by_assigned.len());
    for same in by_assigned.chunk_by(|(one, ..), (other, ..)| one == other) {
        let mut ends: Vec<RoleId> = same.iter().map(|(_, role, _)| *role).collect();
        ends.dedup();
        let Some((from, ..)) = same.first() else { continue };
        for (end, via) in paths_in_names(directory, *from, &ends) {
            let first = same.partition_point(|(_, role, _)| *role < end);
            let through = same.iter().skip(first).take_while(|(_, role, _)| *role == end);
            grants.extend(through.map(|(.., assigned)| Grant {
                role: String::from(&*directory.role(end).name),
                via: via.clone(),
                subject: assigned.holder.map_or(subject_id, |holder| directory.holder_name(holder)).to_string(),
                at: directory.scope_name(assigned.scope).to_string(),
            }));
        }
    }
    order::sort(&mut grants);
    grants
}

/// Returns the roles whose own grants hold a permission, among those that a role brings, itself included.
fn granting_roles(directory: &Directory, role: &Role, permission: PermissionId) -> impl Iterator<Item = RoleId> {
    let grants = move |id: &RoleId| directory.role(*id).direct_permissions.contains(permission.bit());
    role.inherited_roles.iter().copied().filter(grants)
}

/// Returns an assignment as other assignments that give the same grant have it.
fn granting_alike(assigned: &AssignedRole) -> AssignedRole {
    AssignedRole { limit: None, ..without_times(assigned) }
}

/// Returns an assignment as other assignments have it that give the same at other times.
pub(crate) fn without_times(assigned: &AssignedRole) -> AssignedRole {
    AssignedRole { from: None, until: None, here: false, ..*assigned }
}
