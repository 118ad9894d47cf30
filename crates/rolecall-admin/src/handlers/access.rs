//! Temporary access: asked for by one, opened by another, ended by itself.

use super::users::days;
use crate::deciding::{Deciding, instant};
use crate::object::{Assignment, Key, Kind, Request, RequestState};
use crate::refusal::{Refusal, RefusalCode};
use rolecall::{Instant, ScopePath};

/// For how many days access may be asked where the policy does not say.
const ACCESS_DAYS: usize = 30;

pub(crate) fn request(
    deciding: &mut Deciding<'_>,
    role: &str,
    at: &str,
    until: &str,
    reason: &str,
) -> Result<(), Refusal> {
    deciding.require("request-access", at)?;
    let until = instant(Some(until), "until")?.unwrap_or_default();
    let most = deciding.engine.policy().access_days().unwrap_or(ACCESS_DAYS);
    let end = Instant::parse(&until);
    if end.is_none_or(|end| end <= deciding.now || end > days(deciding.now, most)) {
        let now = deciding.now;
        let message = format!("access until {until} does not end within {most} days from now, which is {now}");
        return Err(Refusal::new(RefusalCode::RequestUntil, message).with_help("ask for an end within that time"));
    }
    if deciding.trial.role_holding(role, ScopePath::parse(at)?).is_none() {
        return Err(deciding.no_role(role, at));
    }
    let number = deciding.all::<Request>(Kind::Request).len() + 1;
    let request = Request {
        subject: deciding.context.actor.clone(),
        role: role.to_string(),
        at: at.to_string(),
        until,
        reason: reason.to_string(),
        asked: deciding.now.as_text(),
        state: RequestState::Pending,
        decided_by: None,
        since: None,
    };
    deciding.try_out(&request.assignment())?;
    deciding.put(Key::new(Kind::Request, number.to_string()), Some(&request))
}

fn find(deciding: &Deciding<'_>, id: &str, state: RequestState, message: &str) -> Result<Request, Refusal> {
    let Some(request) = deciding.get::<Request>(Kind::Request, id) else {
        return Err(Refusal::new(RefusalCode::RequestUnknown, format!("there is no request `{id}`")));
    };
    if request.state == state {
        return Ok(request);
    }
    Err(Refusal::new(RefusalCode::RequestState, format!("request `{id}` {message}")))
}

/// Notes who decided a request.
fn decide(deciding: &mut Deciding<'_>, id: &str, request: Request, state: RequestState) -> Result<(), Refusal> {
    let request = Request { state, decided_by: Some(deciding.context.actor.clone()), ..request };
    deciding.put(Key::new(Kind::Request, id), Some(&request))
}

pub(crate) fn approve(deciding: &mut Deciding<'_>, id: &str) -> Result<(), Refusal> {
    let mut request = find(deciding, id, RequestState::Pending, "is not pending")?;
    // The permission itself says that one may give here what one does not hold.
    deciding.require("approve-access", &request.at)?;
    if request.subject == deciding.context.actor {
        return Err(Refusal::new(RefusalCode::RequestOwn, format!("request `{id}` is one's own"))
            .with_help("let someone else approve it"));
    }
    deciding.subject(&request.subject)?;
    if Instant::parse(&request.until).is_none_or(|until| until <= deciding.now) {
        let message = format!("request `{id}` is for access until {}, which is over", request.until);
        return Err(Refusal::new(RefusalCode::RequestUntil, message).with_help("let it be asked anew"));
    }
    request.since = Some(deciding.now.as_text());
    let assignment = request.assignment();
    deciding.put(assignment.key(), Some(&assignment))?;
    decide(deciding, id, request, RequestState::Approved)
}

pub(crate) fn deny(deciding: &mut Deciding<'_>, id: &str) -> Result<(), Refusal> {
    let request = find(deciding, id, RequestState::Pending, "is not pending")?;
    deciding.require("approve-access", &request.at)?;
    decide(deciding, id, request, RequestState::Denied)
}

pub(crate) fn withdraw(deciding: &mut Deciding<'_>, id: &str) -> Result<(), Refusal> {
    let request = find(deciding, id, RequestState::Pending, "is not pending")?;
    if request.subject != deciding.context.actor {
        return Err(Refusal::new(RefusalCode::RequestOther, format!("request `{id}` is someone else's")));
    }
    decide(deciding, id, request, RequestState::Withdrawn)
}

pub(crate) fn end(deciding: &mut Deciding<'_>, id: &str) -> Result<(), Refusal> {
    let request = find(deciding, id, RequestState::Approved, "is not open")?;
    if request.subject != deciding.context.actor {
        deciding.require("approve-access", &request.at)?;
    }
    if Instant::parse(&request.until).is_none_or(|until| until <= deciding.now) {
        return Err(Refusal::new(RefusalCode::RequestState, format!("request `{id}` ended at {}", request.until)));
    }
    let assignment = request.assignment();
    if deciding.get::<Assignment>(Kind::Assignment, &assignment.key().id).is_some() {
        deciding.remove(assignment.key())?;
    }
    decide(deciding, id, request, RequestState::Ended)
}
