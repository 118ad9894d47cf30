//! Users, applications and support accounts.

use super::{applications, groups, mapping, people, roles};
use crate::command::{BoundLogin, NewSubject};
use crate::guests;
use crate::identity::domain;
use crate::object::{Assignment, Group, Invitation, ObjectKey, ObjectKind, Status, Subject, Values};
use crate::private::Private;
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::sealed::Tie;
use crate::transaction::{APP, SUPPORT, Transaction, USER, of_kind};
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
    let NewSubject { subject: id, roles, external, native, confirm, name, email, .. } = new_subject;
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
    let before = transaction.seen_subject(id);
    if before.as_ref().is_some_and(|before| !may_return(transaction, id, before)) {
        return Err(Refusal::new(RefusalCode::SubjectExists, format!("`{id}` is listed already"))
            .with_help("assign roles instead"));
    }
    let kept = before.clone().unwrap_or_default();
    let native = match native {
        // A returning subject that was external remains external, and one with an identity domain remains in it.
        _ if kept.native.is_some() => kept.native,
        Some(native) => {
            transaction.require_above("set-native", native)?;
            Some(native.clone())
        }
        None if prefix == USER => domain(transaction, &at),
        None => None,
    };
    let becomes_external = *external && !kept.external;
    let external = *external || kept.external;
    if external {
        transaction.require_at_each(
            "mark-external",
            native.as_ref().map_or_else(|| at.clone(), |native| [native.clone()].into()).iter(),
        )?;
    }
    if becomes_external {
        confirmed(id, *confirm)?;
    }
    let (status, invited_until) =
        if what == "invite" { (Status::Invited, invitation_end(transaction)) } else { (Status::Active, None) };
    let boundaries = bounded_as(transaction, &at)?;
    let subject = Subject { status, invited_until, native, external, boundaries, departed: false };
    let guest = put_new(transaction, id, before.as_ref(), &subject)?;
    if what == "invite" {
        for at in &at {
            put_invitation(transaction, new_subject, at, &subject, guest)?;
        }
    }
    for given in roles {
        let assignment = Assignment {
            subject: id.clone(),
            role: given.role.clone(),
            at: given.at.clone(),
            below: given.below,
            boundaries: given.boundaries.clone(),
            from: given.from.clone(),
            until: given.until.clone(),
            limits: BTreeMap::new(),
        };
        roles::give_to(transaction, &assignment, guest)?;
    }
    people::enter(transaction, id, &at, name.as_ref(), email.as_ref())
}

/// Returns whether a subject that the actor knows can be listed again: it was removed, or it was invited and holds no
/// role any more.
fn may_return(transaction: &Transaction<'_>, id: &str, seen: &Subject) -> bool {
    let knows = |one: &Assignment| transaction.viewer().knows(&one.at);
    let holds_nothing =
        || !transaction.assignments_of(id).iter().any(knows) && !transaction.pending_of(id).iter().any(knows);
    seen.status == Status::Removed || (seen.status == Status::Invited && holds_nothing())
}

/// Lists a subject. One that is listed already, for tenants that the actor does not know, stays as it is; the actor sees
/// no difference. Returns whether it was listed.
fn put_new(
    transaction: &mut Transaction<'_>,
    id: &str,
    before: Option<&Subject>,
    subject: &Subject,
) -> Result<bool, Refusal> {
    let listed = transaction.get::<Subject>(ObjectKind::Subject, id).filter(|one| one.status != Status::Removed);
    let key = ObjectKey::new(ObjectKind::Subject, id);
    let Some(mut listed) = listed.filter(|listed| before != Some(listed)) else {
        transaction.put_as(key, subject, [before, Some(subject)])?;
        return Ok(false);
    };
    listed.departed &= subject.status == Status::Invited;
    transaction.put_as(key, &listed, [before, Some(subject)])?;
    Ok(true)
}

fn put_invitation(
    transaction: &mut Transaction<'_>,
    new_subject: &NewSubject,
    at: &str,
    seen: &Subject,
    guest: bool,
) -> Result<(), Refusal> {
    let Subject { invited_until: until, native, external, boundaries, .. } = seen.clone();
    let NewSubject { subject, email, token, .. } = new_subject.clone();
    let (at, by) = (at.to_string(), transaction.context.actor.clone());
    // Without an address there is nobody to send the link to.
    let token = token.filter(|_| email.is_some());
    let cancelled = false;
    let invitation =
        Invitation { subject, at, until, by, native, external, boundaries, guest, cancelled, email, token };
    transaction.put(invitation.key(), Some(&invitation))
}

pub(crate) fn resend(transaction: &mut Transaction<'_>, id: &str, token: Option<&Private>) -> Result<(), Refusal> {
    let seen = in_status(transaction, id, Status::Invited, "is not invited")?;
    let invitations = transaction.known_invitations(id);
    // An actor who may invite at a scope of the invitation may renew it, although the tenant administers the subject.
    let may = |one: &Invitation| transaction.require("resend-invitation", &one.at).is_ok();
    if !invitations.iter().any(may) {
        transaction.require_home("resend-invitation", id)?;
    }
    let renewed = Subject { invited_until: invitation_end(transaction), ..seen.clone() };
    let key = ObjectKey::new(ObjectKind::Subject, id);
    if invitations.iter().any(|one| one.guest) {
        let whole = transaction.whole_subject(id);
        transaction.put_as(key, &whole, [Some(&seen), Some(&renewed)])?;
    } else {
        transaction.put(key, Some(&renewed))?;
    }
    for invitation in invitations {
        let token = token.filter(|_| invitation.email.is_some()).cloned();
        let invitation = Invitation { until: renewed.invited_until.clone(), token, ..invitation };
        transaction.put(invitation.key(), Some(&invitation))?;
    }
    Ok(())
}

fn is_over(until: Option<&str>, now: Timestamp) -> bool {
    until.and_then(Timestamp::parse).is_some_and(|until| until <= now)
}

pub(crate) fn accept(transaction: &mut Transaction<'_>, id: &str, login: Option<&BoundLogin>) -> Result<(), Refusal> {
    if transaction.context.actor != id {
        let message = format!("the invitation of `{id}` cannot be accepted by `{}`", transaction.context.actor);
        return Err(Refusal::new(RefusalCode::InvitationOther, message));
    }
    let mut invitations = transaction.invitations_of(id);
    let mut subject = if invitations.is_empty() {
        in_status(transaction, id, Status::Invited, "is not invited")?
    } else {
        transaction.whole_subject(id)
    };
    if subject.status == Status::Invited && !invitations.iter().any(|one| !one.guest) {
        // A directory can list an invited subject without roles.
        let (subject, until) = (id.to_string(), subject.invited_until.clone());
        invitations.push(Invitation { subject, until, ..Invitation::default() });
    }
    let (over, open): (Vec<_>, Vec<_>) =
        invitations.into_iter().partition(|one| is_over(one.until.as_deref(), transaction.now));
    let Some(first) = open.first() else {
        let until = over.into_iter().filter_map(|one| one.until).max().unwrap_or_default();
        let message = format!("the invitation of `{id}` ended at {until}");
        return Err(Refusal::new(RefusalCode::InvitationExpired, message).with_help("ask for a new invitation"));
    };
    if subject.status == Status::Removed {
        let Invitation { native, external, boundaries, .. } = first.clone();
        subject = Subject { native, external, boundaries, ..Subject::default() };
    }
    if subject.status == Status::Invited {
        subject.status = Status::Active;
    }
    subject.departed &= !open.iter().any(|one| one.native == subject.native);
    subject.invited_until = None;
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))?;
    // The roles of an invitation that is over wait until it is renewed.
    for one in over.iter().filter(|one| !one.guest) {
        let waits = transaction.assignments_of(id).into_iter().filter(|held| is_below(&held.at, &one.at));
        for held in waits.collect::<Vec<_>>() {
            transaction.remove(held.key())?;
            transaction.put(held.pending_key(), Some(&held))?;
        }
        let waiting = Invitation { guest: true, ..one.clone() };
        transaction.put(waiting.key(), Some(&waiting))?;
    }
    for one in &open {
        if transaction.get::<Invitation>(ObjectKind::Invitation, &one.key().id).is_some() {
            transaction.remove(one.key())?;
        }
    }
    let waiting: Vec<Assignment> =
        transaction.pending_of(id).into_iter().filter(|held| !transaction.is_pending(id, &held.at)).collect();
    for held in waiting {
        transaction.remove(held.pending_key())?;
        let held = held.accepted();
        transaction.put(held.key(), Some(&held))?;
    }
    login.map_or(Ok(()), |login| people::bind(transaction, id, login))
}

pub(crate) fn suspend(transaction: &mut Transaction<'_>, id: &str, out: bool) -> Result<(), Refusal> {
    let (what, from, to, message) = if out {
        ("suspend-subject", Status::Active, Status::Suspended, "is not active")
    } else {
        ("resume-subject", Status::Suspended, Status::Active, "is not suspended")
    };
    let mut subject = in_status(transaction, id, from, message)?;
    require_over(transaction, what, id)?;
    subject.status = to;
    transaction.put(ObjectKey::new(ObjectKind::Subject, id), Some(&subject))
}

/// Refuses if the actor administers neither the identity domain of a subject nor every scope of its tenant at which the
/// subject holds a role.
fn require_over(transaction: &Transaction<'_>, what: &str, id: &str) -> Result<(), Refusal> {
    if id.starts_with(APP) && transaction.require_home("set-app", id).is_ok() {
        return Ok(());
    }
    let subject = transaction.whole_subject(id);
    let held = transaction.assignments_of(id);
    let mut here = held.iter().filter(|one| transaction.viewer().knows(&one.at)).peekable();
    if transaction.tie(id, &subject) == Tie::Own
        && here.peek().is_some()
        && here.all(|one| transaction.require(what, &one.at).is_ok())
    {
        return Ok(());
    }
    transaction.require_home(what, id)
}

pub(crate) fn remove(transaction: &mut Transaction<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    withdraw_all(transaction, id, at)?;
    people::forget(transaction, id, at)
}

fn withdraw_all(transaction: &mut Transaction<'_>, id: &str, at: &str) -> Result<(), Refusal> {
    let seen = transaction.subject(id)?;
    if !id.starts_with(APP) || transaction.require("set-app", at).is_err() {
        transaction.require("remove-subject", at)?;
    }
    let mut subject = transaction.whole_subject(id);
    let tie = transaction.tie(id, &subject);
    let below = |scope: &str| is_below(scope, at);
    let all_below = |scopes: BTreeSet<String>| scopes.iter().all(|scope| below(scope));
    let mut gone: Vec<ObjectKey> = Vec::new();
    let mut left: BTreeSet<String> = BTreeSet::new();
    let mut sort = |at: String, key: ObjectKey| if below(&at) { gone.push(key) } else { _ = left.insert(at) };
    transaction.assignments_of(id).into_iter().for_each(|one| sort(one.at.clone(), one.key()));
    transaction.pending_of(id).into_iter().for_each(|one| sort(one.at.clone(), one.pending_key()));
    let invitations = transaction.invitations_of(id);
    invitations.iter().for_each(|one| sort(one.at.clone(), one.key()));
    // A subject that is administered elsewhere and held nothing here is not for this scope to remove.
    let mut theirs = !gone.is_empty() || all_below(transaction.homes(id, &subject));
    for group in transaction.groups_of(id) {
        let Some(mut listed) =
            transaction.get::<Group>(ObjectKind::Group, &group).filter(|listed| listed.members.contains(id))
        else {
            continue;
        };
        // A group that is administered elsewhere is not for this scope to change.
        let homes = groups::homes(transaction, &listed);
        if !all_below(homes.clone()) {
            left.extend(homes);
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
    gone.retain(|key| key.kind != ObjectKind::Invitation);
    gone.into_iter().try_for_each(|key| transaction.remove(key))?;
    for one in invitations.into_iter().filter(|one| below(&one.at)) {
        let cancelled = Invitation { cancelled: true, email: None, token: None, ..one };
        transaction.put(cancelled.key(), Some(&cancelled))?;
    }
    if left.iter().any(|scope| transaction.viewer().knows(scope)) {
        return Ok(());
    }
    if tie == Tie::Own {
        applications::clear(transaction, id)?;
    }
    let removed = Subject { status: Status::Removed, invited_until: None, ..seen.clone() };
    if left.is_empty() && tie == Tie::Own {
        subject = Subject { departed: false, ..removed.clone() };
    } else if tie == Tie::Own {
        // Roles of other tenants stay, and so does the subject.
        subject.departed = true;
        if subject.status == Status::Invited {
            (subject.status, subject.invited_until) = (Status::Active, None);
        }
    }
    transaction.put_as(ObjectKey::new(ObjectKind::Subject, id), &subject, [Some(&seen), Some(&removed)])
}

/// Refuses to make a user external without a confirmation.
fn confirmed(id: &str, confirm: bool) -> Result<(), Refusal> {
    if confirm {
        return Ok(());
    }
    let message = format!(
        "the password rules of the tenant do not apply to an external user, and only the vendor can make `{id}` internal again"
    );
    Err(Refusal::new(RefusalCode::ExternalUnconfirmed, message).with_help("set `confirm` if this is intended"))
}

/// Refuses if the actor may not give a command at or above each scope that administers a subject, nor for a guest.
fn homes_above(transaction: &Transaction<'_>, what: &str, id: &str) -> Result<(), Refusal> {
    let homes = transaction.homes_of(id);
    if !homes.iter().all(|home| transaction.viewer().knows(home)) {
        return transaction.require_home(what, id);
    }
    homes.iter().try_for_each(|home| transaction.require_above(what, home))
}

pub(crate) fn unmark_external(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    of_kind(id, USER)?;
    let mut subject = transaction.subject(id)?;
    homes_above(transaction, "unmark-external", id)?;
    if !subject.external {
        return Err(Refusal::new(RefusalCode::SubjectStatus, format!("`{id}` is not external")));
    }
    let before = subject.clone();
    subject.external = false;
    guests::put(transaction, id, &before, &subject)
}

pub(crate) fn mark_external(transaction: &mut Transaction<'_>, id: &str, confirm: bool) -> Result<(), Refusal> {
    of_kind(id, USER)?;
    let mut subject = transaction.subject(id)?;
    transaction.require_home("mark-external", id)?;
    if !subject.external {
        confirmed(id, confirm)?;
    }
    let before = subject.clone();
    subject.external = true;
    leave_mapped(transaction, id)?;
    guests::put(transaction, id, &before, &subject)
}

/// Takes a subject out of the groups that follow those of the provider of its identity domain.
fn leave_mapped(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    if transaction.is_newcomer(id) {
        return Ok(());
    }
    mapping::leave_all(transaction, id)
}

pub(crate) fn set_native(transaction: &mut Transaction<'_>, id: &str, native: Option<&str>) -> Result<(), Refusal> {
    of_kind(id, USER)?;
    let mut subject = transaction.subject(id)?;
    homes_above(transaction, "set-native", id)?;
    if let Some(native) = native {
        transaction.require_above("set-native", native)?;
    }
    let before = subject.clone();
    subject.native = native.map(Into::into);
    // The provider of the old identity domain gives nothing any more.
    leave_mapped(transaction, id)?;
    guests::put(transaction, id, &before, &subject)
}

pub(crate) fn set_boundary(
    transaction: &mut Transaction<'_>,
    id: &str,
    boundary: &str,
    values: Option<&Values>,
) -> Result<(), Refusal> {
    let mut subject = transaction.subject(id)?;
    transaction.require_home("set-boundary", id)?;
    let homes = transaction.homes_of(id);
    let default = default_values(transaction, boundary);
    let before = subject.clone();
    let had = subject.boundaries.get(boundary).unwrap_or(&default);
    if let Some(given) = values.unwrap_or(&default).missing_from(had) {
        // A subject's values in a boundary count wherever it holds a role.
        let holders = transaction.groups_of(id).into_iter().chain([id.to_string()]);
        let held = holders.flat_map(|holder| {
            let mut held = transaction.assignments_of(&holder);
            held.extend(transaction.pending_of(&holder));
            held
        });
        let hides = transaction.is_newcomer(id);
        let held = held.map(|one| one.at).filter(|at| !hides || transaction.viewer().knows(at));
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
    guests::put(transaction, id, &before, &subject)
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

fn in_status(transaction: &Transaction<'_>, id: &str, status: Status, message: &str) -> Result<Subject, Refusal> {
    let subject = transaction.subject(id)?;
    if subject.status == status {
        return Ok(subject);
    }
    Err(Refusal::new(RefusalCode::SubjectStatus, format!("`{id}` {message}")))
}
