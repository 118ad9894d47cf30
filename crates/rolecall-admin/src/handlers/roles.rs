//! Roles that someone holds, and custom roles.

use super::groups;
use crate::deciding::{Deciding, GROUP, instant};
use crate::object::{Assignment, Copied, Key, Kind, Role, place};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use rolecall::{Instant, Policy, ScopePath};
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

pub(crate) fn assign(deciding: &mut Deciding<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    deciding.require("assign", &assignment.at)?;
    listed(deciding, &assignment.subject, &assignment.at)?;
    give(deciding, assignment)
}

/// Gives a role that is seen at its scope.
pub(crate) fn give(deciding: &mut Deciding<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    let assignment = canonical(assignment)?;
    lasts(deciding, &assignment)?;
    let Assignment { role, at, .. } = &assignment;
    if deciding.trial.role_holding(role, ScopePath::parse(at)?).is_none() {
        return Err(deciding.no_role(role, at));
    }
    deciding.put(assignment.key(), Some(&assignment))
}

pub(crate) fn withdraw(deciding: &mut Deciding<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    deciding.require("withdraw", &assignment.at)?;
    let assignment = canonical(assignment)?;
    let key = assignment.key();
    if deciding.get::<Assignment>(Kind::Assignment, &key.id).is_none() {
        let held: Vec<String> = deciding
            .assignments_of(&assignment.subject)
            .into_iter()
            .filter(|one| one.role == assignment.role && one.at == assignment.at)
            .map(|one| format!("from {} until {}", one.from.unwrap_or("-".into()), one.until.unwrap_or("-".into())))
            .collect();
        let message = format!("`{}` does not hold `{}` at `{}` so", assignment.subject, assignment.role, assignment.at);
        let refusal = Refusal::new(RefusalCode::AssignmentUnknown, message);
        if held.is_empty() {
            // Only roles of this scope: those elsewhere are not for the actor to see.
            let all = deciding.assignments_of(&assignment.subject);
            let here = all.iter().filter(|one| one.at == assignment.at).map(|one| one.role.as_str());
            return Err(refusal.with_suggestion(&assignment.role, here));
        }
        return Err(refusal.with_help(format!("it is held {}", held.join(", and "))));
    }
    deciding.remove(key)
}

/// Refuses what has ended already, or ends before it begins.
fn lasts(deciding: &Deciding<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    let Assignment { role, from, until: Some(until), .. } = assignment else { return Ok(()) };
    let read = |text: &str| Instant::parse(text).unwrap_or(Instant::MIN);
    if read(until) <= deciding.now {
        let message = format!("the role `{role}` until {until} would be over already: it is {} now", deciding.now);
        return Err(Refusal::new(RefusalCode::UntilPast, message).with_help("give a later `until`, or none"));
    }
    match from {
        Some(from) if read(from) >= read(until) => {
            let message = format!("`from` is {from}, which is not before `until`, {until}");
            Err(Refusal::new(RefusalCode::Document, message).with_help("exchange them, or leave one out"))
        }
        _ => Ok(()),
    }
}

fn canonical(assignment: &Assignment) -> Result<Assignment, Refusal> {
    Ok(Assignment {
        from: instant(assignment.from.as_deref(), "from")?,
        until: instant(assignment.until.as_deref(), "until")?,
        ..assignment.clone()
    })
}

/// Refuses who is listed nowhere, or was removed.
fn listed(deciding: &Deciding<'_>, holder: &str, at: &str) -> Result<(), Refusal> {
    if holder.starts_with(GROUP) {
        groups::usable(deciding, holder, at).map(drop)
    } else {
        deciding.subject(holder).map(drop)
    }
}

pub(crate) fn set(deciding: &mut Deciding<'_>, at: &str, role: &str, body: &Role) -> Result<(), Refusal> {
    deciding.require("set-role", at)?;
    deciding.put(Key::role(at, role), Some(body))
}

pub(crate) fn delete(deciding: &mut Deciding<'_>, at: &str, role: &str, cascade: bool) -> Result<(), Refusal> {
    deciding.require("delete-role", at)?;
    let key = own(deciding, at, role)?;
    let below = |scope: &str| is_below(scope, at);
    let assignments = deciding.all::<Assignment>(Kind::Assignment).into_iter().map(|(_, one)| one);
    let held: Vec<Assignment> = assignments.filter(|one| one.role == role && below(&one.at)).collect();
    let roles = deciding.all::<Role>(Kind::Role);
    let heirs: Vec<(String, Role)> = roles
        .into_iter()
        .filter(|(id, body)| below(place(id).0) && body.inherits.iter().any(|one| one == role))
        .collect();
    let used = !held.is_empty() || !heirs.is_empty();
    if used && !cascade {
        let holders: BTreeSet<&str> = held.iter().map(|one| one.subject.as_str()).collect();
        let holders: Vec<&str> = holders.into_iter().chain(heirs.iter().map(|(id, _)| id.as_str())).collect();
        let message = format!("`{role}` is held or inherited by {}: `{}`", holders.len(), holders.join("`, `"));
        return Err(Refusal::new(RefusalCode::RoleUsed, message).with_help("withdraw it first, or say `cascade`"));
    }
    for assignment in held {
        deciding.require("withdraw", &assignment.at)?;
        deciding.remove(assignment.key())?;
    }
    for (id, mut body) in heirs {
        body.inherits.retain(|one| one != role);
        deciding.put(Key::new(Kind::Role, id), Some(&body))?;
    }
    deciding.remove(Key::new(Kind::Copy, &key.id))?;
    deciding.remove(key)
}

pub(crate) fn copy(deciding: &mut Deciding<'_>, of: &str, at: &str, role: &str) -> Result<(), Refusal> {
    deciding.require("copy-role", at)?;
    let key = Key::role(at, role);
    if deciding.get::<Role>(Kind::Role, &key.id).is_some() {
        return Err(Refusal::new(RefusalCode::RoleExists, format!("`{at}` has a role `{role}` already")));
    }
    let body = preset(deciding.engine.policy(), of)?;
    deciding.put(key.clone(), Some(&body))?;
    deciding.put(Key::new(Kind::Copy, key.id), Some(&Copied { of: of.to_string() }))
}

pub(crate) fn reset(deciding: &mut Deciding<'_>, at: &str, role: &str) -> Result<(), Refusal> {
    deciding.require("reset-role", at)?;
    let key = own(deciding, at, role)?;
    let Some(Copied { of }) = deciding.get(Kind::Copy, &key.id) else {
        return Err(Refusal::new(RefusalCode::RoleOwn, format!("`{role}` is no copy of a role of the policy")));
    };
    let body = preset(deciding.engine.policy(), &of)?;
    deciding.put(key, Some(&body))
}

fn own(deciding: &Deciding<'_>, at: &str, role: &str) -> Result<Key, Refusal> {
    let key = Key::role(at, role);
    if deciding.get::<Role>(Kind::Role, &key.id).is_none() {
        let roles = deciding.all::<IgnoredAny>(Kind::Role);
        let custom = roles.iter().map(|(id, _)| place(id)).filter(|(there, _)| *there == at).map(|(_, role)| role);
        let refusal = Refusal::new(RefusalCode::RoleUnknown, format!("`{at}` has no custom role `{role}`"));
        return Err(refusal.with_suggestion(role, custom));
    }
    Ok(key)
}

/// A role of the policy as a custom one: the same roles inherited, and what it grants beside them. What only a role of a
/// policy can say itself, such as labels that it reads, a copy does not carry.
fn preset(policy: &Policy, of: &str) -> Result<Role, Refusal> {
    let reports = policy.role_reports();
    let find = |name: &str| reports.iter().find(|report| report.role == name);
    let Some(report) = find(of) else {
        let refusal = Refusal::new(RefusalCode::RoleUnknown, format!("the policy has no role `{of}`"));
        return Err(refusal.with_suggestion(of, policy.roles()));
    };
    let inherited: BTreeSet<&String> =
        report.inherits.iter().filter_map(|name| find(name)).flat_map(|report| &report.permissions).collect();
    Ok(Role {
        title: None,
        description: None,
        inherits: report.inherits.clone(),
        grants: report.permissions.iter().filter(|name| !inherited.contains(name)).cloned().collect(),
    })
}
