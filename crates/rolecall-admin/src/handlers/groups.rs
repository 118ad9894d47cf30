//! Groups, and the items that only their members may edit.

use crate::everyone::refuse_everyone;
use crate::mapped::refuse_mapped;
use crate::object::{AccountLock, Group, ObjectKey, ObjectKind, Status, place};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::transaction::{GROUP, Transaction, with_prefix};
use std::collections::BTreeSet;

/// Returns a group that the actor administers. A group whose scopes the actor cannot see gives the same refusal as an
/// unknown one, so nobody learns of the groups of others.
fn administered(transaction: &Transaction<'_>, command: &str, id: &str) -> Result<Group, Refusal> {
    refuse_everyone(id)?;
    let found = transaction.get::<Group>(ObjectKind::Group, id);
    let homes = found.as_ref().map_or_else(|| claimed(transaction, id), |group| homes(transaction, group));
    match (transaction.require_at_each(command, &homes), found) {
        (Ok(()), Some(group)) => refuse_mapped(id, &group).map(|()| group),
        (Err(refusal), Some(_)) if homes.iter().all(|home| transaction.visible_scopes().sees(home)) => Err(refusal),
        _ => {
            let message = format!("`{}` administers no group `{id}`", transaction.context.actor);
            Err(unknown(transaction, id, message))
        }
    }
}

/// Returns a group that may be used at a scope: a group of that scope, of one above or below it, or one that the actor
/// may see.
pub(crate) fn usable(transaction: &Transaction<'_>, id: &str, at: &str) -> Result<Group, Refusal> {
    refuse_everyone(id)?;
    if let Some(group) = transaction.get::<Group>(ObjectKind::Group, id) {
        let homes = homes(transaction, &group);
        let near = homes.iter().any(|home| is_below(home, at) || is_below(at, home));
        if near || ["view-access", "join-group"].iter().any(|what| transaction.require_at_each(what, &homes).is_ok()) {
            return Ok(group);
        }
    }
    Err(unknown(transaction, id, format!("there is no group `{id}` for `{at}`")))
}

fn unknown(transaction: &Transaction<'_>, id: &str, message: String) -> Refusal {
    let visible = transaction.visible_scopes();
    let groups = transaction.all::<Group>(ObjectKind::Group);
    let known = groups.iter().filter(|(_, group)| homes(transaction, group).iter().all(|home| visible.sees(home)));
    let refusal = Refusal::new(RefusalCode::GroupUnknown, message);
    if id.starts_with(GROUP) {
        refusal.with_suggestion(id, known.map(|(id, _)| id.as_str()))
    } else {
        refusal.with_help(with_prefix(id, GROUP))
    }
}

/// Returns the scopes that would administer a group, by its id.
fn claimed(transaction: &Transaction<'_>, id: &str) -> BTreeSet<String> {
    let scope = id.strip_prefix(GROUP).and_then(|rest| rest.rsplit_once('/'));
    scope.map_or_else(|| transaction.roots(), |(at, _)| [at.to_string()].into())
}

/// Checks that the id of a new group includes its scope. All groups share one namespace: without the scope, a taken id
/// would reveal a group of others. Groups of the only outermost scope may omit it.
fn carries_scope(transaction: &Transaction<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    let is_segment = |name: &str| !name.is_empty() && !name.contains('/');
    let name = id.strip_prefix(GROUP).unwrap_or(id);
    let inside = name.strip_prefix(at).and_then(|rest| rest.strip_prefix('/'));
    let is_root = transaction.roots() == [at.to_string()].into();
    if id.starts_with(GROUP) && (inside.is_some_and(is_segment) || (is_root && is_segment(name))) {
        return Ok(());
    }
    let last = name.rsplit('/').find(|name| !name.is_empty()).unwrap_or("team");
    let message = format!("the id of a group of `{at}` must include that scope, which `{id}` does not");
    Err(Refusal::new(RefusalCode::GroupScope, message).with_help(format!("write `{GROUP}{at}/{last}`")))
}

/// Returns the scopes that administer a group.
pub(crate) fn homes(transaction: &Transaction<'_>, group: &Group) -> BTreeSet<String> {
    group.at.as_ref().map_or_else(|| transaction.roots(), |at| [at.clone()].into())
}

pub(crate) fn add(transaction: &mut Transaction<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    transaction.require("add-group", at)?;
    refuse_everyone(id)?;
    carries_scope(transaction, id, at)?;
    if transaction.get::<Group>(ObjectKind::Group, id).is_some() {
        return Err(Refusal::new(RefusalCode::GroupExists, format!("the group `{id}` exists already")));
    }
    let group = Group { at: Some(at.to_string()), ..Group::default() };
    transaction.put(ObjectKey::new(ObjectKind::Group, id), Some(&group))
}

pub(crate) fn delete(transaction: &mut Transaction<'_>, id: &str, cascade: bool) -> Result<(), Refusal> {
    let group = administered(transaction, "delete-group", id)?;
    let held = transaction.assignments_of(id);
    let above = transaction.groups_of(id).into_iter();
    let above = above.filter_map(|other| Some((other.clone(), transaction.get::<Group>(ObjectKind::Group, &other)?)));
    let above: Vec<(String, Group)> = above.filter(|(_, other)| other.members.contains(id)).collect();
    let mut locks = transaction.all::<AccountLock>(ObjectKind::Lock);
    locks.retain(|(_, lock)| lock.groups.contains(id));
    let used = group.members.len() + held.len() + above.len() + locks.len();
    if used > 0 && !cascade {
        let message = format!(
            "`{id}` has {} members and {} roles, belongs to {} groups and may edit {} items",
            group.members.len(),
            held.len(),
            above.len(),
            locks.len()
        );
        return Err(Refusal::new(RefusalCode::GroupUsed, message).with_help("empty it first, or set `cascade`"));
    }
    for assignment in held {
        transaction.require("withdraw", &assignment.at)?;
        transaction.remove(assignment.key())?;
    }
    for (other, mut group) in above {
        transaction.require_at_each("leave-group", &homes(transaction, &group))?;
        group.members.remove(id);
        transaction.put(ObjectKey::new(ObjectKind::Group, other), Some(&group))?;
    }
    unlock(transaction, id)?;
    transaction.remove(ObjectKey::new(ObjectKind::Group, id))
}

/// Takes a group out of the locks of all items.
pub(crate) fn unlock(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    let mut locks = transaction.all::<AccountLock>(ObjectKind::Lock);
    locks.retain(|(_, lock)| lock.groups.contains(id));
    for (item, mut lock) in locks {
        // Without its last group, the item would be open to everyone.
        if lock.groups.len() == 1 {
            transaction.require("lock", place(&item).0)?;
        }
        lock.groups.remove(id);
        put_lock(transaction, ObjectKey::new(ObjectKind::Lock, item), &lock)?;
    }
    Ok(())
}

pub(crate) fn join(transaction: &mut Transaction<'_>, id: &str, member: &str) -> Result<(), Refusal> {
    let mut group = administered(transaction, "join-group", id)?;
    if member.starts_with(GROUP) {
        for home in homes(transaction, &group) {
            refuse_mapped(member, &usable(transaction, member, &home)?)?;
        }
    } else if transaction.subject(member)?.status == Status::Invited {
        // A group gives its roles at once, also to a user of another tenant who has not accepted.
        let message = format!("`{member}` is invited and has not accepted");
        return Err(Refusal::new(RefusalCode::SubjectStatus, message)
            .with_help("ask again when they have accepted, or give them the roles of the group"));
    }
    group.members.insert(member.to_string());
    transaction.put(ObjectKey::new(ObjectKind::Group, id), Some(&group))
}

pub(crate) fn leave(transaction: &mut Transaction<'_>, id: &str, member: &str) -> Result<(), Refusal> {
    let mut group = administered(transaction, "leave-group", id)?;
    if !group.members.remove(member) {
        let refusal = Refusal::new(RefusalCode::MemberUnknown, format!("`{member}` is not a member of `{id}`"));
        return Err(refusal.with_suggestion(member, group.members.iter().map(String::as_str)));
    }
    transaction.put(ObjectKey::new(ObjectKind::Group, id), Some(&group))
}

/// Returns the lock of an item that the actor may change: as its owner, or with the permission to lock items there.
fn lock_of(transaction: &Transaction<'_>, item: &str, at: &str) -> Result<AccountLock, Refusal> {
    let lock = transaction.get::<AccountLock>(ObjectKind::Lock, &ObjectKey::lock(at, item).id).unwrap_or_default();
    if lock.owner.as_deref() == Some(&transaction.context.actor) {
        // An owner must have access, as for any other command.
        transaction.subject(&transaction.context.actor)?;
        if transaction.comes_in(at)? {
            return Ok(lock);
        }
    }
    transaction.require("lock", at).map_err(|refusal| {
        if refusal.code != RefusalCode::Denied {
            return refusal;
        }
        let message = format!("`{item}` does not belong to `{}`: {}", transaction.context.actor, refusal.message);
        Refusal { message, code: RefusalCode::LockOwner, ..refusal }
    })?;
    Ok(lock)
}

/// Stores a lock, or removes it if it has neither owner nor groups.
fn put_lock(transaction: &mut Transaction<'_>, key: ObjectKey, lock: &AccountLock) -> Result<(), Refusal> {
    transaction.put(key, (*lock != AccountLock::default()).then_some(lock))
}

pub(crate) fn lock(
    transaction: &mut Transaction<'_>,
    items: &BTreeSet<String>,
    at: &str,
    groups: &BTreeSet<String>,
) -> Result<(), Refusal> {
    let locks = items.iter().map(|item| Ok((item, lock_of(transaction, item, at)?)));
    let locks: Vec<(&String, AccountLock)> = locks.collect::<Result<_, Refusal>>()?;
    for group in groups {
        usable(transaction, group, at)?;
    }
    for (item, mut lock) in locks {
        if groups.is_empty() && lock.groups.is_empty() {
            return Err(Refusal::new(RefusalCode::LockUnknown, format!("`{item}` at `{at}` is not locked")));
        }
        lock.groups.clone_from(groups);
        put_lock(transaction, ObjectKey::lock(at, item), &lock)?;
    }
    Ok(())
}

pub(crate) fn set_owner(transaction: &mut Transaction<'_>, item: &str, at: &str, owner: &str) -> Result<(), Refusal> {
    let mut lock = lock_of(transaction, item, at)?;
    transaction.subject(owner)?;
    lock.owner = Some(owner.to_string());
    put_lock(transaction, ObjectKey::lock(at, item), &lock)
}
