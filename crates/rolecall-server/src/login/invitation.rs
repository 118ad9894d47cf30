//! Accepts an invitation at login: the link or a verified e-mail address proves who was invited.

use super::attempt::LoginAttempt;
use super::domain::home;
use super::provider::{Identity, Provider};
use crate::app::App;
use crate::clock;
use crate::problem::Problem;
use crate::proxies::Client;
use crate::traces;
use rolecall::{Reason, Timestamp};
use rolecall_admin::{BoundLogin, Command, Context, Private, is_below};
use rolecall_store::{ClockJumpPolicy, Invited, LoginName};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Returns the subject that logs in. Accepts its invitation first, if the login proves the address and nothing else
/// stands in the way.
pub(crate) async fn subject_of(
    app: &Arc<App>,
    provider: &Provider,
    identity: &Identity,
    token: Option<String>,
    client: Client,
) -> Result<String, Problem> {
    let config = &provider.config;
    let name = LoginName {
        provider: config.id.clone(),
        name: identity.name.clone(),
        subject: format!("{}{}", config.prefix, identity.name),
        email: identity.email.clone(),
        domain: config.domain.clone(),
        token,
    };
    // Support staff belong to no tenant, so none invites them.
    if !app.source.is_store() || config.support {
        return Ok(name.subject);
    }
    let proof = Proof { method: config.method.clone(), second_factor: identity.second_factor };
    let domain = config.domain.clone();
    let deadline = Instant::now() + Duration::from_secs(app.config.limits.seconds);
    let store = Arc::clone(app);
    let work = move || {
        let now = clock::now();
        let found = store.source.with_store(|administration| administration.invited(&name, now));
        let own = || Invited::own(&name);
        let found = found.transpose().map_err(|error| Problem::internal(error.to_string()))?.unwrap_or_else(own);
        if found.accepts && may_log_in(&store, &found.subject, &proof, domain.as_deref(), client, now) {
            accept(&store, &found, &name, client, deadline);
        }
        Ok(found.subject)
    };
    let done = app.store_queue.run(deadline, traces::carried(work)).await;
    done.map_err(|_| Problem::internal("the store is busy; log in again later"))?
}

/// How a user logged in.
struct Proof {
    method: String,
    second_factor: bool,
}

/// Returns whether only the invitation keeps a subject from logging in.
fn may_log_in(app: &App, subject: &str, proof: &Proof, domain: Option<&str>, client: Client, now: Timestamp) -> bool {
    let revision = app.revision();
    let at = home(&revision, subject, domain);
    let Proof { method, second_factor } = proof;
    let attempt = LoginAttempt { subject, method, second_factor: *second_factor, at: &at, last_activity: now };
    let reasons = attempt.blocking_reasons(&revision, client, now);
    domain.is_none_or(|domain| is_below(&at, domain)) && reasons.iter().all(|reason| *reason == Reason::Invited)
}

fn accept(app: &App, found: &Invited, name: &LoginName, client: Client, deadline: Instant) {
    let bound = || BoundLogin { provider: name.provider.clone(), name: Private::new(name.name.clone()) };
    let login = found.binds.then(bound);
    let command = Command::AcceptInvitation { subject: found.subject.clone(), login };
    let (actor, time, ip) = (found.subject.clone(), clock::now().as_text(), client.text());
    let context = Context { actor, time, peer: ip.clone(), ip, ..Context::default() };
    match app.source.execute(&command, &context, None, ClockJumpPolicy::Reject, deadline) {
        Some(Ok(_)) => app.publish_store(),
        // The login is then refused, because the subject is still invited.
        Some(Err(error)) => tracing::warn!(%error, "an invitation could not be accepted; the login is refused"),
        None => {}
    }
}
