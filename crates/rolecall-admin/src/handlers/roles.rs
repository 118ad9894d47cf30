//! Role assignments and custom roles.

use super::groups;
use crate::event::Change;
use crate::everyone::EVERYONE;
use crate::guests;
use crate::mapped::refuse_mapped;
use crate::object::{Assignment, ObjectKey, ObjectKind, Role, RoleOrigin, place, to_value};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::transaction::{GROUP, Transaction, instant};
use rolecall::{ScopePath, Timestamp};
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeSet;

pub(crate) fn assign(transaction: &mut Transaction<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    transaction.require("assign", &assignment.at)?;
    listed(transaction, &assignment.subject, &assignment.at)?;
    give(transaction, assignment)
}

/// Assigns a role that is visible at its scope.
pub(crate) fn give(transaction: &mut Transaction<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    give_to(transaction, assignment, false)
}

/// Assigns a role. A guest is a subject that other tenants list already, which the actor does not know.
pub(crate) fn give_to(
    transaction: &mut Transaction<'_>,
    assignment: &Assignment,
    is_guest: bool,
) -> Result<(), Refusal> {
    let assignment = canonical(assignment)?;
    lasts(transaction, &assignment)?;
    few_values(&assignment)?;
    let Assignment { role, at, .. } = &assignment;
    if transaction.trial.role_holding(role, ScopePath::parse(at)?).is_none() {
        return Err(transaction.no_role(role, at));
    }
    if transaction.is_pending(&assignment.subject, at) {
        transaction.try_out(&assignment)?;
        let assignment = guests::limited(transaction, assignment)?;
        return transaction.put(assignment.pending_key(), Some(&assignment));
    }
    if is_guest {
        // The actor sees the role that it gave.
        let shown = Change {
            kind: ObjectKind::Assignment,
            id: assignment.key().id,
            before: None,
            after: Some(to_value(&assignment)),
        };
        let held = guests::limited(transaction, assignment)?.accepted();
        return transaction.put_shown(held.key(), &held, shown);
    }
    transaction.put(assignment.key(), Some(&assignment))
}

pub(crate) fn withdraw(transaction: &mut Transaction<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    transaction.require("withdraw", &assignment.at)?;
    let assignment = canonical(assignment)?;
    let mut all = transaction.assignments_of(&assignment.subject);
    all.extend(transaction.pending_of(&assignment.subject));
    let keys = [assignment.key(), assignment.pending_key()];
    let found = keys.into_iter().find(|key| transaction.get::<Assignment>(key.kind, &key.id).is_some());
    if found.is_some()
        && let Some(group) = transaction.get(ObjectKind::Group, &assignment.subject)
    {
        refuse_mapped(&assignment.subject, &group)?;
    }
    let Some(key) = found else {
        let held: Vec<String> = all
            .iter()
            .filter(|one| one.role == assignment.role && one.at == assignment.at)
            .map(|one| {
                let [from, until] = [&one.from, &one.until].map(|time| time.as_deref().unwrap_or("-"));
                let below = if one.below { "" } else { " with `below: false`" };
                let limited = if one.boundaries.is_empty() { "" } else { " with `boundaries`" };
                format!("from {from} until {until}{below}{limited}")
            })
            .collect();
        let message =
            format!("`{}` has no such assignment of `{}` at `{}`", assignment.subject, assignment.role, assignment.at);
        let refusal = Refusal::new(RefusalCode::AssignmentUnknown, message);
        if held.is_empty() {
            // List only roles of this scope: the actor may not see those elsewhere.
            let here = all.iter().filter(|one| one.at == assignment.at).map(|one| one.role.as_str());
            return Err(refusal.with_suggestion(&assignment.role, here));
        }
        return Err(refusal.with_help(format!("it is held {}", held.join(", and "))));
    };
    transaction.remove(key)
}

/// The maximum number of boundary values of one assignment.
const VALUES: usize = 64;

/// Refuses an assignment with more than [`VALUES`] boundary values.
fn few_values(assignment: &Assignment) -> Result<(), Refusal> {
    let count = assignment.boundaries.values().map(BTreeSet::len).sum::<usize>();
    if count <= VALUES {
        return Ok(());
    }
    let message =
        format!("`boundaries` of the role `{}` list {count} values; at most {VALUES} are accepted", assignment.role);
    Err(Refusal::new(RefusalCode::LimitList, message).with_help("limit it to fewer values, or assign several roles"))
}

/// Refuses an assignment that has ended already, or ends before it starts.
fn lasts(transaction: &Transaction<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    let Assignment { role, from, until: Some(until), .. } = assignment else { return Ok(()) };
    let read = |text: &str| Timestamp::parse(text).unwrap_or(Timestamp::MIN);
    if read(until) <= transaction.now {
        let message = format!("the role `{role}` until {until} would be over already: it is {} now", transaction.now);
        return Err(Refusal::new(RefusalCode::UntilPast, message).with_help("give a later `until`, or none"));
    }
    match from {
        Some(from) if read(from) >= read(until) => {
            let message = format!("`from` is {from}, which is not before `until`, {until}");
            Err(Refusal::new(RefusalCode::Document, message).with_help("exchange them, or omit one"))
        }
        _ => Ok(()),
    }
}

pub(super) fn canonical(assignment: &Assignment) -> Result<Assignment, Refusal> {
    if !assignment.limits.is_empty() {
        let refusal = Refusal::new(RefusalCode::Malformed, "commands do not state `limits` of an assignment");
        return Err(refusal.with_help("write `boundaries`"));
    }
    Ok(Assignment {
        from: instant(assignment.from.as_deref(), "from")?,
        until: instant(assignment.until.as_deref(), "until")?,
        ..assignment.clone()
    })
}

/// Refuses a holder that is not listed or was removed.
pub(crate) fn listed(transaction: &Transaction<'_>, holder: &str, at: &str) -> Result<(), Refusal> {
    if holder == EVERYONE {
        Ok(())
    } else if holder.starts_with(GROUP) {
        refuse_mapped(holder, &groups::usable(transaction, holder, at)?)
    } else {
        transaction.subject(holder).map(drop)
    }
}

pub(crate) fn set(transaction: &mut Transaction<'_>, at: &str, role: &str, body: &Role) -> Result<(), Refusal> {
    transaction.require("set-role", at)?;
    transaction.put(ObjectKey::role(at, role), Some(body))
}

pub(crate) fn delete(transaction: &mut Transaction<'_>, at: &str, role: &str, cascade: bool) -> Result<(), Refusal> {
    transaction.require("delete-role", at)?;
    let key = own(transaction, at, role)?;
    let below = |scope: &str| is_below(scope, at);
    let all = |kind| transaction.all::<Assignment>(kind).into_iter().map(move |(_, one)| (kind, one));
    let assignments = all(ObjectKind::Assignment).chain(all(ObjectKind::Pending));
    let held: Vec<(ObjectKind, Assignment)> =
        assignments.filter(|(_, one)| one.role == role && below(&one.at)).collect();
    let roles = transaction.all::<Role>(ObjectKind::Role);
    let heirs: Vec<(String, Role)> = roles
        .into_iter()
        .filter(|(id, body)| below(place(id).0) && body.inherits.iter().any(|one| one == role))
        .collect();
    let used = !held.is_empty() || !heirs.is_empty();
    if used && !cascade {
        let holders: BTreeSet<&str> = held.iter().map(|(_, one)| one.subject.as_str()).collect();
        let holders: Vec<&str> = holders.into_iter().chain(heirs.iter().map(|(id, _)| id.as_str())).collect();
        let message = format!("`{role}` is held or inherited by {}: `{}`", holders.len(), holders.join("`, `"));
        return Err(Refusal::new(RefusalCode::RoleUsed, message).with_help("withdraw it first, or set `cascade`"));
    }
    for (kind, assignment) in held {
        transaction.require("withdraw", &assignment.at)?;
        transaction.remove(ObjectKey { kind, ..assignment.key() })?;
    }
    for (id, mut body) in heirs {
        body.inherits.retain(|one| one != role);
        transaction.put(ObjectKey::new(ObjectKind::Role, id), Some(&body))?;
    }
    transaction.remove(ObjectKey::new(ObjectKind::Copy, &key.id))?;
    transaction.remove(key)
}

pub(crate) fn copy(transaction: &mut Transaction<'_>, of: &str, at: &str, role: &str) -> Result<(), Refusal> {
    transaction.require("copy-role", at)?;
    let key = ObjectKey::role(at, role);
    if transaction.get::<Role>(ObjectKind::Role, &key.id).is_some() {
        return Err(Refusal::new(RefusalCode::RoleExists, format!("the role `{role}` exists already at `{at}`")));
    }
    let body = preset(transaction, of)?;
    transaction.put(key.clone(), Some(&body))?;
    transaction.put(ObjectKey::new(ObjectKind::Copy, key.id), Some(&RoleOrigin { of: of.to_string() }))
}

pub(crate) fn reset(transaction: &mut Transaction<'_>, at: &str, role: &str) -> Result<(), Refusal> {
    transaction.require("reset-role", at)?;
    let key = own(transaction, at, role)?;
    let Some(RoleOrigin { of }) = transaction.get(ObjectKind::Copy, &key.id) else {
        return Err(Refusal::new(RefusalCode::RoleOwn, format!("`{role}` is not a copy of a role of the policy")));
    };
    let body = preset(transaction, &of)?;
    transaction.put(key, Some(&body))
}

fn own(transaction: &Transaction<'_>, at: &str, role: &str) -> Result<ObjectKey, Refusal> {
    let key = ObjectKey::role(at, role);
    if transaction.get::<Role>(ObjectKind::Role, &key.id).is_none() {
        let roles = transaction.all::<IgnoredAny>(ObjectKind::Role);
        let custom = roles.iter().map(|(id, _)| place(id)).filter(|(there, _)| *there == at).map(|(_, role)| role);
        let refusal = Refusal::new(RefusalCode::RoleUnknown, format!("`{at}` has no custom role `{role}`"));
        return Err(refusal.with_suggestion(role, custom));
    }
    Ok(key)
}

/// Returns a role of the policy as a custom role of the parts that the policy allows: with the same inherited roles and
/// grants, or with only one of them. A copy omits what only a policy's role can have, such as labels that it reads.
fn preset(transaction: &Transaction<'_>, of: &str) -> Result<Role, Refusal> {
    let policy = transaction.engine.policy();
    let reports = policy.role_reports();
    let find = |name: &str| reports.iter().find(|report| report.role == name);
    let Some(report) = find(of) else {
        let refusal = Refusal::new(RefusalCode::RoleUnknown, format!("the policy has no role `{of}`"));
        return Err(refusal.with_suggestion(of, policy.roles()));
    };
    let (mut inherits, mut grants) = (report.inherits.clone(), report.permissions.clone());
    match parts(transaction.state.policy()).as_deref() {
        Some("roles") => (inherits, grants) = (vec![of.to_string()], Vec::new()),
        Some("grants") => inherits.retain(|name| find(name).is_some_and(|report| report.permissions.is_empty())),
        _ => {
            let inherited: BTreeSet<&String> =
                inherits.iter().filter_map(|name| find(name)).flat_map(|report| &report.permissions).collect();
            grants.retain(|name| !inherited.contains(name));
        }
    }
    Ok(Role { title: None, description: None, inherits, grants, except: Vec::new() })
}

/// Returns what custom roles are made of, as the policy document says.
fn parts(policy: &str) -> Option<String> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    policy.get("limits")?.get("custom_roles_from")?.as_str().map(str::to_string)
}
