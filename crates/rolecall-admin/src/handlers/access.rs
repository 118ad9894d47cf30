//! Temporary access: one subject requests it, another approves it, and it ends by itself.

use super::users::days;
use crate::object::{AccessRequest, Assignment, ObjectKey, ObjectKind, RequestState};
use crate::refusal::{Refusal, RefusalCode};
use crate::transaction::{Transaction, instant};
use crate::viewer::tenant_of;
use rolecall::{ScopePath, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of days of access, unless the policy sets one.
const ACCESS_DAYS: usize = 30;

pub(crate) fn request(
    transaction: &mut Transaction<'_>,
    (role, at): (&str, &str),
    (below, boundaries): (bool, &BTreeMap<String, BTreeSet<String>>),
    until: &str,
    reason: &str,
) -> Result<(), Refusal> {
    transaction.require("request-access", at)?;
    let until = instant(Some(until), "until")?.unwrap_or_default();
    let most = transaction.engine.policy().access_days().unwrap_or(ACCESS_DAYS);
    let end = Timestamp::parse(&until);
    if end.is_none_or(|end| end <= transaction.now || end > days(transaction.now, most)) {
        let now = transaction.now;
        let message = format!("access until {until} does not end within {most} days from now, which is {now}");
        return Err(Refusal::new(RefusalCode::RequestUntil, message).with_help("request an end within that time"));
    }
    if transaction.trial.role_holding(role, ScopePath::parse(at)?).is_none() {
        return Err(transaction.no_role(role, at));
    }
    // Each tenant numbers its own requests: a common number would count those of others.
    let tenant = tenant_of(transaction.engine.policy(), at).to_string();
    let of_tenant = |request: &AccessRequest| tenant_of(transaction.engine.policy(), &request.at) == tenant;
    let all = transaction.all::<AccessRequest>(ObjectKind::Request);
    let number = all.iter().filter(|(_, request)| of_tenant(request)).count() + 1;
    let request = AccessRequest {
        subject: transaction.context.actor.clone(),
        role: role.to_string(),
        at: at.to_string(),
        below,
        boundaries: boundaries.clone(),
        until,
        reason: reason.to_string(),
        asked: transaction.now.as_text(),
        state: RequestState::Pending,
        decided_by: None,
        since: None,
    };
    transaction.try_out(&request.assignment())?;
    transaction.put(ObjectKey::new(ObjectKind::Request, format!("{tenant}#{number}")), Some(&request))
}

/// Finds a request that the actor knows, by its id or by the number alone. Returns it with its id.
fn find(
    transaction: &Transaction<'_>,
    id: &str,
    state: RequestState,
    message: &str,
) -> Result<(String, AccessRequest), Refusal> {
    let known = |request: &AccessRequest| {
        request.subject == transaction.context.actor || transaction.viewer().knows(&request.at)
    };
    let named = |full: &str| full == id || full.rsplit_once('#').is_some_and(|(_, number)| number == id);
    let all = transaction.all::<AccessRequest>(ObjectKind::Request).into_iter();
    let mut found: Vec<_> = all.filter(|(full, request)| named(full) && known(request)).collect();
    if let Some(exact) = found.iter().position(|(full, _)| full == id) {
        found = vec![found.swap_remove(exact)];
    }
    if found.len() > 1 {
        let message = format!("`{id}` is the number of {} requests", found.len());
        let ids: Vec<&str> = found.iter().map(|(full, _)| full.as_str()).collect();
        return Err(Refusal::new(RefusalCode::RequestUnknown, message)
            .with_help(format!("write one of `{}`", ids.join("`, `"))));
    }
    let Some((full, request)) = found.pop() else {
        return Err(Refusal::new(RefusalCode::RequestUnknown, format!("the request `{id}` does not exist")));
    };
    if request.state == state {
        return Ok((full, request));
    }
    Err(Refusal::new(RefusalCode::RequestState, format!("request `{id}` {message}")))
}

/// Records who decided a request.
fn decide(
    transaction: &mut Transaction<'_>,
    id: &str,
    request: AccessRequest,
    state: RequestState,
) -> Result<(), Refusal> {
    let request = AccessRequest { state, decided_by: Some(transaction.context.actor.clone()), ..request };
    transaction.put(ObjectKey::new(ObjectKind::Request, id), Some(&request))
}

pub(crate) fn approve(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    let (id, mut request) = find(transaction, id, RequestState::Pending, "is not pending")?;
    // The permission itself allows the actor to grant rights here that they do not hold.
    transaction.require("approve-access", &request.at)?;
    if request.subject == transaction.context.actor {
        return Err(Refusal::new(RefusalCode::RequestOwn, format!("request `{id}` is your own"))
            .with_help("ask someone else to approve it"));
    }
    transaction.subject(&request.subject)?;
    if Timestamp::parse(&request.until).is_none_or(|until| until <= transaction.now) {
        let message = format!("request `{id}` is for access until {}, which is over", request.until);
        return Err(Refusal::new(RefusalCode::RequestUntil, message).with_help("ask for a new request"));
    }
    request.since = Some(transaction.now.as_text());
    let assignment = request.assignment();
    transaction.put(assignment.key(), Some(&assignment))?;
    decide(transaction, &id, request, RequestState::Approved)
}

pub(crate) fn deny(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    let (id, request) = find(transaction, id, RequestState::Pending, "is not pending")?;
    transaction.require("approve-access", &request.at)?;
    decide(transaction, &id, request, RequestState::Denied)
}

pub(crate) fn withdraw(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    let (id, request) = find(transaction, id, RequestState::Pending, "is not pending")?;
    if request.subject != transaction.context.actor {
        return Err(Refusal::new(RefusalCode::RequestOther, format!("request `{id}` belongs to someone else")));
    }
    decide(transaction, &id, request, RequestState::Withdrawn)
}

pub(crate) fn end(transaction: &mut Transaction<'_>, id: &str) -> Result<(), Refusal> {
    let (id, request) = find(transaction, id, RequestState::Approved, "is not open")?;
    if request.subject != transaction.context.actor {
        transaction.require("approve-access", &request.at)?;
    }
    if Timestamp::parse(&request.until).is_none_or(|until| until <= transaction.now) {
        return Err(Refusal::new(RefusalCode::RequestState, format!("request `{id}` ended at {}", request.until)));
    }
    let assignment = request.assignment();
    if transaction.get::<Assignment>(ObjectKind::Assignment, &assignment.key().id).is_some() {
        transaction.remove(assignment.key())?;
    }
    decide(transaction, &id, request, RequestState::Ended)
}
