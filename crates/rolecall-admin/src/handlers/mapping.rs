//! Role mappings: groups that follow a group of an identity provider.

use super::{groups, roles};
use crate::command::MappedRole;
use crate::object::{Assignment, Group, ObjectKey, ObjectKind, ProviderGroup};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::transaction::{GROUP, Transaction};
use std::collections::{BTreeMap, BTreeSet};

/// Creates or changes a mapping. Its roles are assigned to a group of its own, so they are compared with those of the
/// actor as any other assignment.
pub(crate) fn set(
    transaction: &mut Transaction<'_>,
    at: &str,
    provider: &str,
    group: &str,
    roles: &BTreeSet<MappedRole>,
) -> Result<(), Refusal> {
    transaction.require("set-role-mapping", at)?;
    if roles.is_empty() {
        let refusal = Refusal::new(RefusalCode::RolesEmpty, format!("`{group}` would give no role"));
        return Err(refusal.with_help("give at least one role at a scope, or remove the mapping"));
    }
    if let Some(outside) = roles.iter().find(|one| !is_below(&one.at, at)) {
        let message = format!("a mapping of `{at}` gives roles there and below, which `{}` is not", outside.at);
        return Err(Refusal::new(RefusalCode::MappingScope, message).with_help("name a scope below it"));
    }
    let id = match find(transaction, at, provider, group) {
        Some((id, _)) => id,
        None => add(transaction, at, provider, group)?,
    };
    let held = transaction.assignments_of(&id);
    for one in held.iter().filter(|one| !roles.contains(&MappedRole::of(one))) {
        transaction.remove(one.key())?;
    }
    let before: BTreeSet<MappedRole> = held.iter().map(MappedRole::of).collect();
    roles.difference(&before).try_for_each(|one| roles::give(transaction, &one.to(&id)))
}

/// Removes a mapping with its group, and with all roles of the group.
pub(crate) fn remove(transaction: &mut Transaction<'_>, at: &str, provider: &str, group: &str) -> Result<(), Refusal> {
    transaction.require("set-role-mapping", at)?;
    let Some((id, _)) = find(transaction, at, provider, group) else {
        let message = format!("`{at}` maps no group `{group}` of the provider `{provider}`");
        let all = of_scope(transaction, at);
        let known = all.iter().filter_map(|(_, one)| one.mapped.as_ref()).filter(|one| one.provider == provider);
        let refusal = Refusal::new(RefusalCode::MappingUnknown, message);
        return Err(refusal.with_suggestion(group, known.map(|one| one.group.as_str())));
    };
    discard(transaction, &id)
}

/// Removes a mapped group with its roles.
pub(crate) fn discard(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    for one in transaction.assignments_of(id) {
        transaction.remove(one.key())?;
    }
    groups::unlock(transaction, id)?;
    transaction.remove(ObjectKey::new(ObjectKind::Group, id))
}

/// Takes a subject out of all groups that follow one of a provider. Its next login may add it again.
pub(crate) fn leave_all(transaction: &mut Transaction<'_>, subject: &str) -> Result<(), Refusal> {
    let all = transaction.all::<Group>(ObjectKind::Group).into_iter();
    for (id, mut group) in all.filter(|(_, group)| group.mapped.is_some()) {
        if group.members.remove(subject) {
            transaction.put(ObjectKey::new(ObjectKind::Group, id), Some(&group))?;
        }
    }
    Ok(())
}

impl MappedRole {
    /// Returns the role that an assignment of a mapped group gives.
    pub(crate) fn of(one: &Assignment) -> Self {
        let Assignment { role, at, below, boundaries, .. } = one.clone();
        Self { role, at, below, boundaries }
    }

    /// Returns the assignment to a mapped group.
    fn to(&self, group: &str) -> Assignment {
        let Self { role, at, below, boundaries } = self.clone();
        let (subject, limits) = (group.to_string(), BTreeMap::new());
        Assignment { subject, role, at, below, boundaries, from: None, until: None, limits }
    }
}

/// Returns the mapped groups of a scope.
fn of_scope(transaction: &Transaction<'_>, at: &str) -> Vec<(String, Group)> {
    let mut all = transaction.beginning::<Group>(ObjectKind::Group, &prefix(at));
    all.retain(|(_, group)| group.mapped.is_some() && group.at.as_deref() == Some(at));
    all
}

fn find(transaction: &Transaction<'_>, at: &str, provider: &str, group: &str) -> Option<(String, Group)> {
    let wanted = ProviderGroup { provider: provider.to_string(), group: group.to_string() };
    of_scope(transaction, at).into_iter().find(|(_, group)| group.mapped.as_ref() == Some(&wanted))
}

fn prefix(at: &str) -> String {
    format!("{GROUP}{at}/")
}

/// Creates the group of a mapping. Names of groups at a provider can be longer than an id, so the group has a number.
fn add(transaction: &mut Transaction<'_>, at: &str, provider: &str, group: &str) -> Result<String, Refusal> {
    let taken: BTreeSet<String> =
        transaction.beginning::<Group>(ObjectKind::Group, &prefix(at)).into_iter().map(|(id, _)| id).collect();
    let ids = (1_u64..).map(|number| format!("{}mapped-{number}", prefix(at)));
    let id = ids.into_iter().find(|id| !taken.contains(id)).unwrap_or_default();
    let mapped = Some(ProviderGroup { provider: provider.to_string(), group: group.to_string() });
    let group = Group { at: Some(at.to_string()), mapped, ..Group::default() };
    transaction.put(ObjectKey::new(ObjectKind::Group, &id), Some(&group))?;
    Ok(id)
}
