//! Groups, and the items that only their members may edit.

use crate::deciding::{Deciding, GROUP, with_prefix};
use crate::object::{Group, Key, Kind, Lock, place};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use std::collections::BTreeSet;

/// A group that the actor administers. One that is administered where the actor sees nothing is answered like one that is
/// not there: nobody learns of the groups of others.
fn administered(deciding: &Deciding<'_>, what: &str, id: &str) -> Result<Group, Refusal> {
    let found = deciding.get::<Group>(Kind::Group, id);
    let homes = found.as_ref().map_or_else(|| claimed(deciding, id), |group| homes(deciding, group));
    match (deciding.require_at_each(what, &homes), found) {
        (Ok(()), Some(group)) => Ok(group),
        (Err(refusal), Some(_)) if homes.iter().all(|home| deciding.seen().sees(home)) => Err(refusal),
        _ => {
            let message = format!("there is no group `{id}` that `{}` administers", deciding.context.actor);
            Err(unknown(deciding, id, message))
        }
    }
}

/// A group that may be used at a scope: one of the scope, of a scope above or below it, or one that the actor may see anyway.
pub(crate) fn usable(deciding: &Deciding<'_>, id: &str, at: &str) -> Result<Group, Refusal> {
    if let Some(group) = deciding.get::<Group>(Kind::Group, id) {
        let homes = homes(deciding, &group);
        let near = homes.iter().any(|home| is_below(home, at) || is_below(at, home));
        if near || ["view-access", "join-group"].iter().any(|what| deciding.require_at_each(what, &homes).is_ok()) {
            return Ok(group);
        }
    }
    Err(unknown(deciding, id, format!("there is no group `{id}` for `{at}`")))
}

fn unknown(deciding: &Deciding<'_>, id: &str, message: String) -> Refusal {
    let seen = deciding.seen();
    let groups = deciding.all::<Group>(Kind::Group);
    let known = groups.iter().filter(|(_, group)| homes(deciding, group).iter().all(|home| seen.sees(home)));
    let refusal = Refusal::new(RefusalCode::GroupUnknown, message);
    if id.starts_with(GROUP) {
        refusal.with_suggestion(id, known.map(|(id, _)| id.as_str()))
    } else {
        refusal.with_help(with_prefix(id, GROUP))
    }
}

/// The scopes at which a group would be administered by its id.
fn claimed(deciding: &Deciding<'_>, id: &str) -> BTreeSet<String> {
    let scope = id.strip_prefix(GROUP).and_then(|rest| rest.rsplit_once('/'));
    scope.map_or_else(|| deciding.roots(), |(at, _)| [at.to_string()].into())
}

/// Refuses a new group whose id does not carry its scope. All groups have one namespace: without the scope, what is taken
/// would show the groups of others. Where there is one outermost scope, its groups need not.
fn carries_scope(deciding: &Deciding<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    let is_segment = |name: &str| !name.is_empty() && !name.contains('/');
    let name = id.strip_prefix(GROUP).unwrap_or(id);
    let inside = name.strip_prefix(at).and_then(|rest| rest.strip_prefix('/'));
    let is_root = deciding.roots() == [at.to_string()].into();
    if id.starts_with(GROUP) && (inside.is_some_and(is_segment) || (is_root && is_segment(name))) {
        return Ok(());
    }
    let last = name.rsplit('/').find(|name| !name.is_empty()).unwrap_or("team");
    let message = format!("the id of a group of `{at}` carries that scope, which `{id}` does not");
    Err(Refusal::new(RefusalCode::GroupScope, message).with_help(format!("write `{GROUP}{at}/{last}`")))
}

/// The scopes at which a group is administered.
pub(crate) fn homes(deciding: &Deciding<'_>, group: &Group) -> BTreeSet<String> {
    group.at.as_ref().map_or_else(|| deciding.roots(), |at| [at.clone()].into())
}

pub(crate) fn add(deciding: &mut Deciding<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    deciding.require("add-group", at)?;
    carries_scope(deciding, id, at)?;
    if deciding.get::<Group>(Kind::Group, id).is_some() {
        return Err(Refusal::new(RefusalCode::GroupExists, format!("there is a group `{id}` already")));
    }
    let group = Group { at: Some(at.to_string()), ..Group::default() };
    deciding.put(Key::new(Kind::Group, id), Some(&group))
}

pub(crate) fn delete(deciding: &mut Deciding<'_>, id: &str, cascade: bool) -> Result<(), Refusal> {
    let group = administered(deciding, "delete-group", id)?;
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
    let mut group = administered(deciding, "join-group", id)?;
    if member.starts_with(GROUP) {
        for home in homes(deciding, &group) {
            usable(deciding, member, &home)?;
        }
    } else {
        deciding.subject(member)?;
    }
    group.members.insert(member.to_string());
    deciding.put(Key::new(Kind::Group, id), Some(&group))
}

pub(crate) fn leave(deciding: &mut Deciding<'_>, id: &str, member: &str) -> Result<(), Refusal> {
    let mut group = administered(deciding, "leave-group", id)?;
    if !group.members.remove(member) {
        let refusal = Refusal::new(RefusalCode::MemberUnknown, format!("`{member}` is not a member of `{id}`"));
        return Err(refusal.with_suggestion(member, group.members.iter().map(String::as_str)));
    }
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
        if refusal.code != RefusalCode::Denied {
            return refusal;
        }
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
    let locks = items.iter().map(|item| Ok((item, lock_of(deciding, item, at)?)));
    let locks: Vec<(&String, Lock)> = locks.collect::<Result<_, Refusal>>()?;
    for group in groups {
        usable(deciding, group, at)?;
    }
    for (item, mut lock) in locks {
        if groups.is_empty() && lock.groups.is_empty() {
            return Err(Refusal::new(RefusalCode::LockUnknown, format!("`{item}` at `{at}` is not locked")));
        }
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
