//! Users, applications and support accounts.

use super::{groups, roles};
use crate::command::NewSubject;
use crate::identity::domain;
use crate::object::{Assignment, Group, ObjectKey, ObjectKind, Settings, Status, Subject, Values};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::transaction::{APP, SUPPORT, Transaction, USER, with_prefix};
use rolecall::Timestamp;
use rolecall::ffi::EscalationCheck;
use std::collections::{BTreeMap, BTreeSet};

/// The days for which an invitation is valid, unless the policy sets them.
const INVITATION_DAYS: usize = 7;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Returns the time some days after another.
pub(crate) fn days(from: Timestamp, days: usize) -> Timestamp {
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    let later = days.checked_mul(DAY).and_then(|days| from.as_millis().checked_add(days));
    later.and_then(Timestamp::from_millis).unwrap_or(Timestamp::MAX)
}

fn invitation_end(transaction: &Transaction<'_>) -> Option<String> {
    let holds = transaction.engine.policy().invitation_days().unwrap_or(INVITATION_DAYS);
    Some(days(transaction.now, holds).as_text())
}

/// Adds a new subject: invited by `invite`, otherwise active at once.
pub(crate) fn list(transaction: &mut Transaction<'_>, new_subject: &NewSubject, what: &str) -> Result<(), Refusal> {
    let NewSubject { subject: id, roles, external, native } = new_subject;
    let prefix = match what {
        "add-app" => APP,
        "add-support" => SUPPORT,
        _ => USER,
    };
    of_kind(id, prefix)?;
    if roles.is_empty() {
        return Err(Refusal::new(RefusalCode::RolesEmpty, format!("`{id}` would hold no role"))
            .with_help("give at least one role at a scope"));
    }
    let at: BTreeSet<String> = roles.iter().map(|given| given.at.clone()).collect();
    transaction.require_at_each(what, &at)?;
    let before = transaction.get::<Subject>(ObjectKind::Subject, id);
    if before.as_ref().is_some_and(|before| before.status != Status::Removed) {
        return Err(Refusal::new(RefusalCode::SubjectExists, format!("`{id}` is listed already"))
            .with_help("assign roles instead"));
    }
    let before = before.unwrap_or_default();
    let native = match native {
        // A returning subject that was external remains external, and one with an identity domain remains in it.
        _ if before.native.is_some() => before.native,
        Some(native) => {
            transaction.require("set-native", native)?;
            Some(native.clone())
        }
        // A scope without login rules must not free the subject from the rules of another.
        None if prefix == USER => domain(|at| transaction.get::<Settings>(ObjectKind::Settings, at), &at),
        None => None,
    };
    let external = *external || before.external;
    if external {
        transaction.require_at_each(
            "mark-external",
            native.as_ref().map_or_else(|| at.clone(), |native| [native.clone()].into()).iter(),
        )?;
    }
    let (status, invited_until) =
        if what == "invite" { (Status::Invited, invitation_end(transaction)) } else { (Status::Active, None) };
    let boundaries = bounded_as(transaction, &at)?;
    let subject = Subject { status, invited_until, native, external, boundaries };
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))?;
    for given in roles {
        let assignment = Assignment {
            subject: id.clone(),
            role: given.role.clone(),
            at: given.at.clone(),
            from: given.from.clone(),
            until: given.until.clone(),
        };
        roles::give(transaction, &assignment)?;
    }
    Ok(())
}

pub(crate) fn resend(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    let mut subject = in_status(transaction, id, Status::Invited, "is not invited")?;
    transaction.require_at_each("resend-invitation", &transaction.homes(id, &subject))?;
    subject.invited_until = invitation_end(transaction);
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))
}

pub(crate) fn accept(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    if transaction.context.actor != id {
        let message = format!("the invitation of `{id}` cannot be accepted by `{}`", transaction.context.actor);
        return Err(Refusal::new(RefusalCode::InvitationOther, message));
    }
    let mut subject = in_status(transaction, id, Status::Invited, "is not invited")?;
    let until = subject.invited_until.take();
    if until.as_deref().and_then(Timestamp::parse).is_some_and(|until| until <= transaction.now) {
        let message = format!("the invitation of `{id}` ended at {}", until.unwrap_or_default());
        return Err(Refusal::new(RefusalCode::InvitationExpired, message).with_help("ask for a new invitation"));
    }
    subject.status = Status::Active;
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))
}

pub(crate) fn suspend(transaction: &mut Transaction<'_>, id: &str, out: bool) -> Result<(), Refusal> {
    let (what, from, to, message) = if out {
        ("suspend-subject", Status::Active, Status::Suspended, "is not active")
    } else {
        ("resume-subject", Status::Suspended, Status::Active, "is not suspended")
    };
    let mut subject = in_status(transaction, id, from, message)?;
    transaction.require_at_each(what, &transaction.homes(id, &subject))?;
    subject.status = to;
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))
}

pub(crate) fn remove(transaction: &mut Transaction<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    let mut subject = transaction.subject(id)?;
    transaction.require("remove-subject", at)?;
    let below = |scope: &str| is_below(scope, at);
    let all_below = |scopes: BTreeSet<String>| scopes.iter().all(|scope| below(scope));
    let (gone, left): (Vec<_>, Vec<_>) = transaction.assignments_of(id).into_iter().partition(|one| below(&one.at));
    // A subject that is administered elsewhere and held nothing here is not for this scope to remove.
    let mut theirs = !gone.is_empty() || all_below(transaction.homes(id, &subject));
    let mut stays = !left.is_empty();
    for group in transaction.groups_of(id) {
        let Some(mut listed) =
            transaction.get::<Group>(ObjectKind::Group, &group).filter(|listed| listed.members.contains(id))
        else {
            continue;
        };
        // A group that is administered elsewhere is not for this scope to change.
        if !all_below(groups::homes(transaction, &listed)) {
            stays = true;
            continue;
        }
        theirs = true;
        listed.members.remove(id);
        transaction.put(ObjectKey::new(ObjectKind::Group, &group), Some(&listed))?;
    }
    if !theirs {
        let message = format!("`{id}` holds nothing at `{at}` or below, and is administered elsewhere");
        return Err(Refusal::new(RefusalCode::SubjectElsewhere, message)
            .with_help("remove them at a scope at which they hold a role"));
    }
    for assignment in gone {
        transaction.remove(assignment.key())?;
    }
    if theirs && !stays {
        subject.status = Status::Removed;
        subject.invited_until = None;
        transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))?;
    }
    Ok(())
}

pub(crate) fn mark_external(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    of_kind(id, USER)?;
    let mut subject = transaction.subject(id)?;
    transaction.require_at_each("mark-external", &transaction.homes(id, &subject))?;
    subject.external = true;
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))
}

pub(crate) fn set_native(transaction: &mut Transaction<'_>, id: &str, native: Option<&str>) -> Result<(), Refusal> {
    of_kind(id, USER)?;
    let mut subject = transaction.subject(id)?;
    let mut at = transaction.homes(id, &subject);
    at.extend(native.map(Into::into));
    transaction.require_at_each("set-native", &at)?;
    subject.native = native.map(Into::into);
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))
}

pub(crate) fn set_boundary(
    transaction: &mut Transaction<'_>,
    id: &str,
    boundary: &str,
    values: Option<&Values>,
) -> Result<(), Refusal> {
    let mut subject = transaction.subject(id)?;
    let homes = transaction.homes(id, &subject);
    transaction.require_at_each("set-boundary", &homes)?;
    let default = default_values(transaction, boundary);
    let before = subject.boundaries.get(boundary).unwrap_or(&default);
    if let Some(given) = values.unwrap_or(&default).missing_from(before) {
        // A subject's values in a boundary count wherever it holds a role.
        let holders = transaction.groups_of(id).into_iter().chain([id.to_string()]);
        let held = holders.flat_map(|holder| transaction.assignments_of(&holder)).map(|one| one.at);
        let scopes: BTreeSet<String> = homes.into_iter().chain(held).collect();
        let mut giving = transaction.giving(&["grant-any"])?;
        for at in scopes {
            if let Some(since) = lacks(&mut giving, &at, boundary, &given) {
                let actor = &transaction.context.actor;
                let from = if since > transaction.now { format!("from {since} on ") } else { String::new() };
                // Do not name a scope that the actor cannot see.
                let at = if transaction.visible_scopes().sees(&at) {
                    format!("at `{at}`")
                } else {
                    "wherever they count".into()
                };
                let message = format!("{from}`{actor}` does not hold all of these values of `{boundary}` {at}");
                let help = "ask someone who holds them wherever the subject holds a role";
                return Err(Refusal::new(RefusalCode::Beyond, message).with_help(help));
            }
        }
    }
    match values {
        Some(values) => subject.boundaries.insert(boundary.to_string(), values.clone()),
        None => subject.boundaries.remove(boundary),
    };
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))
}

/// Returns the values of a new subject in the boundaries that default to everything: those of the actor.
fn bounded_as(transaction: &Transaction<'_>, scopes: &BTreeSet<String>) -> Result<BTreeMap<String, Values>, Refusal> {
    let actor = transaction.get::<Subject>(ObjectKind::Subject, &transaction.context.actor).unwrap_or_default();
    let mut giving = transaction.giving(&["grant-any"])?;
    let mut bounded = BTreeMap::new();
    for boundary in transaction.engine.policy().open_boundaries() {
        for at in scopes {
            if lacks(&mut giving, at, boundary, &Values::ALL).is_some() {
                bounded.extend(actor.boundaries.get(boundary).map(|own| (boundary.to_string(), own.clone())));
            }
        }
    }
    Ok(bounded)
}

/// Returns the default values in a boundary: everything or nothing, as the policy defines.
fn default_values(transaction: &Transaction<'_>, boundary: &str) -> Values {
    let is_open = transaction.engine.policy().open_boundaries().any(|open| open == boundary);
    if is_open { Values::ALL } else { Values::NONE }
}

/// Returns the first time from now on at which the actor lacks values in a boundary at a scope.
fn lacks(giving: &mut EscalationCheck<'_>, at: &str, boundary: &str, values: &Values) -> Option<Timestamp> {
    match values {
        Values::All(_) => giving.values(boundary, None, at),
        Values::Some(values) => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            giving.values(boundary, Some(&values), at)
        }
    }
}

fn of_kind(id: &str, prefix: &str) -> Result<(), Refusal> {
    if id.starts_with(prefix) {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::SubjectKind, format!("`{id}` does not begin with `{prefix}`"));
    Err(if id.contains(':') { refusal } else { refusal.with_help(with_prefix(id, prefix)) })
}

fn in_status(transaction: &Transaction<'_>, id: &str, status: Status, message: &str) -> Result<Subject, Refusal> {
    let subject = transaction.subject(id)?;
    if subject.status == status {
        return Ok(subject);
    }
    Err(Refusal::new(RefusalCode::SubjectStatus, format!("`{id}` {message}")))
}
