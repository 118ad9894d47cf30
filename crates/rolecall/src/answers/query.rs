//! Answers about all subjects or all scopes. A directory lists all of them, so the answers are exact.

use crate::answers::region::{Class, Regions};
use crate::decide::grants;
use crate::decide::guard;
use crate::decide::horizon::{self, Interest};
use crate::decide::resolved::{EvalInputs, Evaluation, RolesByScope, SubjectResolver};
use crate::directory::{Directory, Holder};
use crate::policy::{PermissionId, RoleReport};
use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::map::Numbers;
use crate::storage::order;
use crate::types::context::Context;
use crate::types::decision::Grant;
use crate::types::grammar::{EVERYONE, SUPPORT, ScopePath, SubjectId};
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;

/// Everyone who has a permission at a scope, from the directory alone: guards that need connection details are skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WhoCan {
    /// The listed subjects, sorted.
    pub subjects: Vec<String>,
    /// Whether support staff who are not listed have the permission.
    pub support: bool,
    /// The first later time at which the answer may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// Every scope at which a subject has a permission, from the directory alone: guards that need connection details are
/// skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WhereCan {
    /// The paths of the scopes, sorted.
    pub scopes: Vec<String>,
    /// The first later time at which the list may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A role that holds a permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct GrantingRole {
    /// The name of the role.
    pub role: String,
    /// The path of the scope that defines it, for a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The path of the scope from which on overlays change the role, for such a version of it. The nearest scope at or
    /// above an assignment counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<String>,
    /// Whether its own grants hold the permission. Otherwise it inherits the permission.
    pub own: bool,
}

/// The permissions and labels that the active roles of a subject give together, and the source of each permission.
/// Guards are not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Effective {
    /// Every permission that an active role holds, sorted by name.
    pub permissions: Vec<EffectivePermission>,
    /// Every label that an active role reads, sorted.
    pub reads: Vec<String>,
    /// The first later time at which the answer may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A permission and its grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EffectivePermission {
    /// The name of the permission.
    pub permission: String,
    /// Its grants, as in a decision.
    pub granted_by: Vec<Grant>,
}

pub(crate) fn who_can(directory: &Directory, permission: PermissionId, at: ScopePath<'_>, time: Timestamp) -> WhoCan {
    let context = Context::at_scope(at, time);
    let mut horizon = None;
    if !directory.is_in_order() {
        return WhoCan { subjects: Vec::new(), support: false, valid_until: None };
    }
    let mut resolver = SubjectResolver::new(directory, &context);
    let mut may = |subject, support| {
        let resolved = resolver.resolved(subject, support);
        let inputs = EvalInputs { directory, subject_id: "", context: &context, resolved: &resolved };
        may_at(inputs, permission, time, &mut horizon)
    };
    // Subjects without assignments of their own have the same answer if they have the same groups.
    let (mut known, mut allowed) = (Numbers::default(), Vec::new());
    let listed = directory.subjects.keys().map(|key| (key, directory.subject_name(key)));
    let mut subjects = Vec::new();
    for (key, id) in listed {
        let is_allowed = match directory.only_groups_of(key) {
            Some(groups) if !id.starts_with(SUPPORT) => {
                let groups = groups.as_flattened();
                let answer = known.find(groups).and_then(|number| allowed.get(number).copied());
                answer.unwrap_or_else(|| {
                    let answer = may(Some(key), false);
                    known.add(groups);
                    allowed.push(answer);
                    answer
                })
            }
            _ => may(Some(key), id.starts_with(SUPPORT)),
        };
        if is_allowed {
            subjects.push(id.to_string());
        }
    }
    let support = may(None, true);
    WhoCan { subjects, support, valid_until: horizon }
}

pub(crate) fn where_can(
    directory: &Directory,
    subject: SubjectId<'_>,
    permission: PermissionId,
    time: Timestamp,
) -> WhereCan {
    let (mut scopes, mut horizon): (Vec<String>, _) = (Vec::new(), None);
    let (key, support) = (directory.subject(subject.as_str()), subject.as_str().starts_with(SUPPORT));
    let mut context = Context::at_known_scope("", time);
    let roles = RolesByScope::of(directory, key, support, &context);
    let found = Regions::new(directory, &roles.heads(None), &mut |scope| {
        context.at = directory.scope_name(scope).into();
        let resolved = roles.resolved(&context);
        let inputs = EvalInputs { directory, subject_id: subject.as_str(), context: &context, resolved: &resolved };
        Class::from(may_at(inputs, permission, time, &mut horizon))
    });
    for run in found.runs {
        scopes.extend(run.scopes.map(|number| directory.scope_name(ScopeId::new(number)).to_string()));
    }
    order::sort(&mut scopes);
    WhereCan { scopes, valid_until: horizon }
}

pub(crate) fn granting_roles(directory: &Directory, permission: PermissionId) -> Vec<GrantingRole> {
    let roles = directory.role_ids().map(|id| (id, directory.role(id)));
    let holding = roles.filter(|(_, role)| role.all_permissions.contains(permission.bit()));
    let mut roles: Vec<GrantingRole> = holding
        .map(|(id, role)| GrantingRole {
            role: String::from(&*role.name),
            at: role.scope.map(|scope| directory.scope_name(scope).to_string()),
            overlay: directory.variant_scope(id).map(|scope| directory.scope_name(scope).to_string()),
            own: role.direct_permissions.contains(permission.bit()),
        })
        .collect();
    order::sort(&mut roles);
    roles
}

pub(crate) fn role_reports(directory: &Directory, at: ScopePath<'_>) -> Vec<RoleReport> {
    let Some(scope) = directory.scope(at.as_str()) else { return Vec::new() };
    let is_visible = |id: &RoleId| directory.role(*id).scope.is_none_or(|home| directory.covers(home, scope));
    let visible = directory.originals().filter(is_visible);
    let mut reports: Vec<RoleReport> = visible.map(|id| report(directory, id, scope)).collect();
    order::sort_by(&mut reports, |a, b| a.role.cmp(&b.role));
    reports
}

pub(crate) fn role_report(directory: &Directory, role: &str, at: ScopePath<'_>) -> Option<RoleReport> {
    let scope = directory.scope(at.as_str())?;
    directory.visible_role(role, scope).map(|id| report(directory, id, scope))
}

/// Reports a role as an assignment at a scope gives it.
fn report(directory: &Directory, id: RoleId, scope: ScopeId) -> RoleReport {
    let find = |id| directory.role(id);
    let name = |scope: ScopeId| directory.scope_name(scope).to_string();
    let id = directory.effective(id, scope);
    let (role, overlay) = (find(id), directory.variant_scope(id));
    let mut report = directory.policy.role_report(role, &find);
    // A custom role is visible at its own scope and below only.
    let outside = directory.policy.kinds.iter().take(role.scope.map_or(0, |home| directory.scopes.kind(home)));
    let outside: Vec<&str> = outside.map(|kind| &**kind).collect();
    report.assignable.retain(|kind| !outside.contains(&kind.as_str()));
    (report.at, report.overlay) = (role.scope.map(name), overlay.map(name));
    report
}

pub(crate) fn holders(directory: &Directory, role: &str, at: ScopePath<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Some(scope) = directory.scope(at.as_str()) else { return found };
    let Some(role) = directory.visible_role(role, scope) else { return found };
    let holds = |id: &RoleId| directory.role(*id).originals().binary_search(&role).is_ok();
    let roles: Vec<RoleId> = directory.role_ids().filter(holds).collect();
    let (mut subjects, mut groups) = (Vec::new(), Vec::new());
    directory.each_of_roles(&roles, None, false, &mut |holder, one| match holder {
        _ if !directory.covers(scope, one.scope) => {}
        Holder::Subject(key) => subjects.push(key),
        Holder::Group(group) => groups.push(group),
    });
    let groups = directory.groups_below(&groups);
    subjects.extend(directory.members_of(&groups));
    found.extend(subjects.into_iter().map(|key| directory.subject_name(key).to_string()));
    found.extend(groups.into_iter().map(|group| directory.group_name(group).to_string()));
    found
}

pub(crate) fn groups_with(directory: &Directory, id: &str) -> BTreeSet<String> {
    let groups = match (directory.group(id), directory.subject(id)) {
        (Some(group), _) => directory.groups_above(group).into_iter().filter(|above| *above != group).collect(),
        (None, Some(key)) => directory.groups_of(key),
        (None, None) => directory.groups_of_unlisted(id),
    };
    let names = groups.into_iter().map(|group| directory.group_name(group)).filter(|name| **name != *EVERYONE);
    order::set(names.map(ToString::to_string))
}

pub(crate) fn subjects_near<'p>(directory: &Directory, paths: impl IntoIterator<Item = &'p str>) -> BTreeSet<String> {
    let places = order::unique(paths.into_iter().filter_map(|path| directory.scope(path)));
    let near = places.into_iter().flat_map(|scope| directory.path(scope).chain(directory.below(scope)));
    let scopes = order::unique(near);
    let roles: Vec<RoleId> = directory.roles_at(&scopes).collect();
    let keys = directory.subjects_with(&roles, &scopes, &|_| true);
    order::set(keys.into_iter().map(|key| directory.subject_name(key).to_string()))
}

pub(crate) fn effective(inputs: EvalInputs<'_>) -> Effective {
    let policy = &inputs.directory.policy;
    let given = |evaluation: &Evaluation<'_>| (grants::all_granted_by(evaluation), evaluation.reads);
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let now = given(&evaluation);
    let interest = || Interest { reads: u64::MAX, each: true, ..Interest::default() };
    let changed = |time| given(&Evaluation::new(inputs, time)) != now;
    let valid_until = horizon::first_change(inputs, inputs.context.time, interest, changed);
    let (permissions, reads) = now;
    Effective {
        permissions: permissions
            .into_iter()
            .map(|(id, granted)| EffectivePermission {
                permission: policy.permission_name(id).to_string(),
                granted_by: grants::to_grants(&evaluation, &granted),
            })
            .collect(),
        reads: policy.labels_in(reads),
        valid_until,
    }
}

/// Returns whether a subject has a permission, without connection details. Moves `horizon` forward to the time at which
/// that changes.
fn may_at(inputs: EvalInputs<'_>, permission: PermissionId, time: Timestamp, horizon: &mut Option<Timestamp>) -> bool {
    let may = |time| {
        let evaluation = Evaluation::new(inputs, time);
        let holds = |role| inputs.directory.role(role).all_permissions.contains(permission.bit());
        guard::admits(&evaluation) && evaluation.active().any(|held| holds(held.role))
    };
    let now = may(time);
    let interest = || Interest { granting: Some(permission), ..Interest::default() };
    let change = horizon::first_change(inputs, time, interest, |later| may(later) != now);
    *horizon = horizon::sooner(*horizon, change);
    now
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::decide::resolved::{AssignedRole, assignments};
    use crate::directory::random::{SCOPES, directories};

    #[test]
    fn holders_are_found_as_if_everyone_was_looked_at() {
        let mut count = 0;
        for directory in directories() {
            for (at, name) in SCOPES.iter().flat_map(|at| ["admin", "viewer", "own"].map(|role| (*at, role))) {
                let found = holders(&directory, name, ScopePath::parse(at).unwrap());
                let scope = directory.scope(at).unwrap();
                let Some(role) = directory.visible_role(name, scope) else {
                    assert!(found.is_empty());
                    continue;
                };
                let holds = |held: AssignedRole| {
                    directory.covers(scope, held.scope) && directory.role(held.role).originals().contains(&role)
                };
                let subjects = directory
                    .subjects
                    .keys()
                    .filter(|key| assignments(&directory, Some(*key), &directory.groups_of(*key)).any(holds));
                let groups = directory
                    .group_ids()
                    .filter(|group| assignments(&directory, None, &directory.groups_above(*group)).any(holds));
                let names = subjects.map(|key| directory.subject_name(key).to_string());
                assert_eq!(found, names.chain(groups.map(|id| directory.group_name(id).to_string())).collect());
                count += found.len();
            }
        }
        assert!(count > 1000, "{count}");
    }
}
