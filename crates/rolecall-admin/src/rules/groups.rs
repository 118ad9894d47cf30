//! Groups, and the items that only their members may edit.

use crate::deciding::{Deciding, GROUP};
use crate::object::{Group, Key, Kind, Lock, place};
use crate::refusal::{Refusal, RefusalCode};
use std::collections::BTreeSet;

fn find(deciding: &Deciding<'_>, id: &str) -> Result<Group, Refusal> {
    let found = deciding.get::<Group>(Kind::Group, id);
    found.ok_or_else(|| Refusal::new(RefusalCode::GroupUnknown, format!("there is no group `{id}`")))
}

/// The scopes at which a group is administered.
pub(crate) fn homes(deciding: &Deciding<'_>, group: &Group) -> BTreeSet<String> {
    group.at.as_ref().map_or_else(|| deciding.roots(), |at| [at.clone()].into())
}

pub(crate) fn add(deciding: &mut Deciding<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    deciding.require("add-group", at)?;
    if deciding.get::<Group>(Kind::Group, id).is_some() {
        return Err(Refusal::new(RefusalCode::GroupExists, format!("there is a group `{id}` already")));
    }
    let group = Group { at: Some(at.to_string()), ..Group::default() };
    deciding.put(Key::new(Kind::Group, id), Some(&group))
}

pub(crate) fn delete(deciding: &mut Deciding<'_>, id: &str, cascade: bool) -> Result<(), Refusal> {
    let group = find(deciding, id)?;
    deciding.require_at_each("delete-group", &homes(deciding, &group))?;
    let held = deciding.assignments_of(id);
    let mut above = deciding.all::<Group>(Kind::Group);
    above.retain(|(_, other)| other.members.contains(id));
    let mut locks = deciding.all::<Lock>(Kind::Lock);
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
        return Err(Refusal::new(RefusalCode::GroupUsed, message).with_help("empty it first, or say `cascade`"));
    }
    for assignment in held {
        deciding.require("withdraw", &assignment.at)?;
        deciding.remove(assignment.key())?;
    }
    for (other, mut group) in above {
        deciding.require_at_each("leave-group", &homes(deciding, &group))?;
        group.members.remove(id);
        deciding.put(Key::new(Kind::Group, other), Some(&group))?;
    }
    for (item, mut lock) in locks {
        // An item whose last group goes would be open to all.
        if lock.groups.len() == 1 {
            deciding.require("lock", place(&item).0)?;
        }
        lock.groups.remove(id);
        put_lock(deciding, Key::new(Kind::Lock, item), &lock)?;
    }
    deciding.remove(Key::new(Kind::Group, id))
}

pub(crate) fn join(deciding: &mut Deciding<'_>, id: &str, member: &str) -> Result<(), Refusal> {
    let mut group = find(deciding, id)?;
    deciding.require_at_each("join-group", &homes(deciding, &group))?;
    if member.starts_with(GROUP) {
        find(deciding, member)?;
    } else {
        deciding.subject(member)?;
    }
    group.members.insert(member.to_string());
    deciding.put(Key::new(Kind::Group, id), Some(&group))
}

pub(crate) fn leave(deciding: &mut Deciding<'_>, id: &str, member: &str) -> Result<(), Refusal> {
    let mut group = find(deciding, id)?;
    deciding.require_at_each("leave-group", &homes(deciding, &group))?;
    group.members.remove(member);
    deciding.put(Key::new(Kind::Group, id), Some(&group))
}

/// The lock of an item which the actor may change: its owner may, and whoever administers locks where it is.
fn lock_of(deciding: &Deciding<'_>, item: &str, at: &str) -> Result<Lock, Refusal> {
    let lock = deciding.get::<Lock>(Kind::Lock, &Key::lock(at, item).id).unwrap_or_default();
    if lock.owner.as_deref() == Some(&deciding.context.actor) {
        // An owner who may not come in may do nothing else either.
        deciding.subject(&deciding.context.actor)?;
        if deciding.comes_in(at)? {
            return Ok(lock);
        }
    }
    deciding.require("lock", at).map_err(|refusal| {
        let message = format!("`{item}` is not `{}`'s: {}", deciding.context.actor, refusal.message);
        Refusal { message, code: RefusalCode::LockOwner, ..refusal }
    })?;
    Ok(lock)
}

/// A lock that says nothing is none.
fn put_lock(deciding: &mut Deciding<'_>, key: Key, lock: &Lock) -> Result<(), Refusal> {
    deciding.put(key, (*lock != Lock::default()).then_some(lock))
}

pub(crate) fn lock(
    deciding: &mut Deciding<'_>,
    items: &BTreeSet<String>,
    at: &str,
    groups: &BTreeSet<String>,
) -> Result<(), Refusal> {
    for group in groups {
        find(deciding, group)?;
    }
    for item in items {
        let mut lock = lock_of(deciding, item, at)?;
        lock.groups.clone_from(groups);
        put_lock(deciding, Key::lock(at, item), &lock)?;
    }
    Ok(())
}

pub(crate) fn set_owner(deciding: &mut Deciding<'_>, item: &str, at: &str, owner: &str) -> Result<(), Refusal> {
    let mut lock = lock_of(deciding, item, at)?;
    deciding.subject(owner)?;
    lock.owner = Some(owner.to_string());
    put_lock(deciding, Key::lock(at, item), &lock)
}
