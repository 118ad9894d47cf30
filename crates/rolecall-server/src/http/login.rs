//! Login, and the sessions of browsers.

mod listing;
mod page;
mod query;

pub(super) use self::query::parameter;
use super::administration::{self, deadline, stored, unanswered};
use crate::app::{App, cookies};
use crate::clock;
use crate::code::{ServerCode, SessionCode};
use crate::login::{
    Identity, Login, LoginAttempt, LoginFailure, LoginSession, NewLogin, PendingLogin, Provider, has_home, home,
    subject_of, with_parameter,
};
use crate::problem::{Problem, json};
use crate::proxies::Client;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use rolecall::{Duration, Reason, ScopePath, SubjectId, Timestamp};
use rolecall_admin::{StatedGroups, is_below};
use serde_json::json as value;
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 7] {
    [
        ("/v1/login", get(listing::providers)),
        ("/v1/login/{provider}", get(begin)),
        ("/v1/login/{provider}/callback", get(finish)),
        ("/v1/session", get(current)),
        ("/v1/session/activity", post(activity)),
        ("/v1/session/passes", post(super::passes::own)),
        ("/v1/session/logout", post(logout)),
    ]
}

/// Redirects a browser, and sets cookies.
pub(super) fn sent(to: &str, set: &[String]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(to) = HeaderValue::from_str(to) {
        headers.insert(header::LOCATION, to);
    }
    // Other sites do not learn from which page the browser came.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    with_cookies(response, set)
}

fn with_cookies(mut response: Response, set: &[String]) -> Response {
    for cookie in set.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `GET /v1/login/{provider}`: redirects a browser to a provider.
async fn begin(
    State(app): State<Arc<App>>,
    client: Client,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let begun = begun(&app, client, &provider, query.as_deref()).await;
    begun.unwrap_or_else(|problem| page::answer(&app, client, &headers, &provider, problem))
}

async fn begun(app: &App, client: Client, provider: &str, query: Option<&str>) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    let login = app.login()?;
    let unknown = || Problem::new(ServerCode::ProviderUnknown, "the provider is unknown");
    let known = login.provider(provider).ok_or_else(unknown)?;
    let return_to = login.return_to(parameter(query, "return_to").as_deref()).ok_or_else(|| {
        let problem = Problem::new(ServerCode::LoginReturn, "`return_to` is not an allowed address");
        problem.with_help("use an address of the server, or of a page of `origins`")
    })?;
    let at = parameter(query, "at");
    if known.config.support && at.as_deref().is_none_or(|at| ScopePath::parse(at).is_err()) {
        let problem = Problem::new(ServerCode::LoginTenant, "support staff log in at a tenant, which `at` names");
        return Err(problem.with_help("use the link that `/v1/login?at=…` returns for the tenant"));
    }
    let begun = known.begin().await.map_err(|error| failed(app, provider, &error))?;
    let pending = PendingLogin {
        provider: provider.to_string(),
        issuer: known.config.issuer.clone(),
        at: at.filter(|_| known.config.support),
        state: begun.state,
        nonce: begun.nonce,
        verifier: begun.verifier,
        return_to,
        invitation: parameter(query, "invitation"),
        until: PendingLogin::expiry(clock::now()),
    };
    Ok(sent(&begun.to, &[login.cookies.for_pending(&pending)]))
}

/// Returns the code and message of an error.
fn failed(app: &App, provider: &str, error: &LoginFailure) -> Problem {
    let code = match error {
        LoginFailure::Provider(_) => ServerCode::LoginProvider,
        LoginFailure::Token(_) => ServerCode::LoginToken,
        LoginFailure::Claim(_) => ServerCode::LoginClaim,
    };
    // The exact error is for the operator only.
    tracing::warn!(provider, %error, code = code.as_str(), "a login failed; answering with its code");
    app.metrics.login(provider, code.as_str());
    let message = match error {
        LoginFailure::Provider(_) => "the provider is unreachable or misconfigured",
        LoginFailure::Token(_) => "the provider's response is not valid for this login",
        LoginFailure::Claim(_) => "the provider does not identify the user reliably",
    };
    Problem::new(code, message)
}

fn refused(app: &App, provider: &str, code: ServerCode, message: &str) -> Problem {
    tracing::warn!(provider, code = code.as_str(), message, "a login was denied; no session was created");
    app.metrics.login(provider, code.as_str());
    Problem::new(code, message)
}

/// `GET /v1/login/{provider}/callback`: completes a login when the browser returns.
async fn finish(
    State(app): State<Arc<App>>,
    client: Client,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let finished = finished(&app, client, &provider, query.as_deref(), &headers).await;
    finished.unwrap_or_else(|problem| page::answer(&app, client, &headers, &provider, problem))
}

async fn finished(
    app: &Arc<App>,
    client: Client,
    provider: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    let login = app.login()?;
    let over = || {
        Problem::new(ServerCode::LoginState, "this browser has no pending login with this state")
            .with_help("begin again")
    };
    let now = clock::now();
    let pending = login.cookies.pending(&cookies(headers), now).ok_or_else(over)?;
    // Another state means that another party sent the browser here.
    let is_expected = pending.provider == provider && parameter(query, "state").as_ref() == Some(&pending.state);
    let redeeming = is_expected.then(|| login.redeem(&pending, now)).flatten().ok_or_else(over)?;
    let forget = login.cookies.removing("login");
    let secret = match identified(app, login, &pending, query).await {
        Ok(identified) => {
            redeeming.keep();
            let token = pending.invitation.clone();
            match subject_of(app, &identified.0, &identified.1, token, client).await {
                Ok(subject) => logged_in(app, login, &pending, identified, subject, client).await,
                Err(problem) => Err((None, Box::new(problem))),
            }
        }
        Err(problem) => Err((None, Box::new(problem))),
    };
    match secret {
        Ok(secret) => {
            // A previous session is not reused: its secret may be known to others.
            if let Some(before) = login.session(&cookies(headers)) {
                login.end(&before, SessionCode::LoggedInAgain.as_str());
            }
            Ok(sent(&pending.return_to, &[login.cookies.for_session(secret), forget]))
        }
        // The return page shows the error.
        Err((subject, problem)) => {
            let reason = answer(&problem);
            login.failed(subject, &pending, &reason, client);
            Ok(sent(&with_parameter(&pending.return_to, "login_error", &reason), &[forget]))
        }
    }
}

/// Returns the code of an error, or the reason of the directory for denying the login.
fn answer(problem: &Problem) -> String {
    problem.path.clone().unwrap_or_else(|| problem.code.to_string())
}

/// Returns the provider, and the user that it names for the code of the callback.
async fn identified(
    app: &App,
    login: &Login,
    pending: &PendingLogin,
    query: Option<&str>,
) -> Result<(Arc<Provider>, Identity), Problem> {
    let id = &*pending.provider;
    // Another issuer must not get the code of the one that the user went to.
    let provider = login.provider(id).filter(|provider| provider.config.issuer == pending.issuer);
    let gone = || refused(app, id, ServerCode::LoginProvider, "the provider was removed or replaced");
    let provider = provider.ok_or_else(gone)?;
    // A provider that sends its issuer must send that of the requested provider.
    if parameter(query, "iss")
        .is_some_and(|issuer| issuer.trim_end_matches('/') != provider.config.issuer.trim_end_matches('/'))
    {
        return Err(refused(app, id, ServerCode::LoginToken, "another provider responded"));
    }
    let Some(code) = parameter(query, "code") else {
        return Err(refused(app, id, ServerCode::LoginDenied, "the provider denied the login"));
    };
    let (nonce, verifier) = (pending.nonce.clone(), pending.verifier.clone());
    let identity = provider.finish(code, nonce, verifier).await.map_err(|error| failed(app, id, &error))?;
    Ok((provider, identity))
}

/// Creates a session if the directory allows the login; returns the secret of the session. An error comes with the
/// subject, if the directory lists it.
async fn logged_in(
    app: &Arc<App>,
    login: &Login,
    pending: &PendingLogin,
    (provider, identity): (Arc<Provider>, Identity),
    subject: String,
    client: Client,
) -> Result<String, (Option<String>, Box<Problem>)> {
    if SubjectId::parse(&subject).is_err() {
        let id = &provider.config.id;
        return Err((None, Box::new(refused(app, id, ServerCode::LoginClaim, "the claim does not form a subject"))));
    }
    let allowed = match allowed(app, &provider, pending.at.as_deref(), (&subject, identity.second_factor), client) {
        Ok(at) => match mapped(app, &provider, &subject, &identity, client).await {
            Ok(()) => created(app, login, (&provider, identity), (&subject, at), client),
            Err(problem) => Err(problem),
        },
        Err(problem) => Err(problem),
    };
    allowed.map_err(|problem| {
        let is_listed = problem.path.as_deref() != Some(Reason::UnknownSubject.code());
        (is_listed.then_some(subject), Box::new(problem))
    })
}

/// Returns the scope whose rules govern the session of a user, if the directory allows the login.
fn allowed(
    app: &App,
    provider: &Provider,
    tenant: Option<&str>,
    (subject, second_factor): (&str, bool),
    client: Client,
) -> Result<String, Problem> {
    let id = &*provider.config.id;
    let (revision, now) = (app.revision(), clock::now());
    let domain = provider.config.domain.as_deref();
    // Support staff belong to no tenant. The rules of the one at which they log in govern them.
    let at = tenant.map_or_else(|| home(&revision, subject, domain), str::to_string);
    // A provider of one identity domain cannot identify members of another.
    if domain.is_some_and(|domain| !is_below(&at, domain)) {
        return Err(refused(
            app,
            id,
            ServerCode::LoginDomain,
            "the provider does not belong to the subject's identity domain",
        ));
    }
    let attempt = LoginAttempt { subject, method: &provider.config.method, second_factor, at: &at, last_activity: now };
    if let Some(reason) = attempt.blocking_reasons(&revision, client, now).into_iter().next() {
        let problem = refused(app, id, ServerCode::LoginRefused, &format!("{subject} may not log in: {reason}"));
        return Err(Problem { path: Some(reason.to_string()), ..problem });
    }
    // Nor can it identify subjects without an identity domain.
    if domain.is_some() && !has_home(&revision, subject) {
        return Err(refused(
            app,
            id,
            ServerCode::LoginDomain,
            "the provider has an identity domain, and the subject has none",
        ));
    }
    Ok(at)
}

/// Gives the roles that the provider's groups give, and takes away the others. The first answer in the session already
/// has them.
async fn mapped(
    app: &Arc<App>,
    provider: &Provider,
    subject: &str,
    identity: &Identity,
    client: Client,
) -> Result<(), Problem> {
    let Some(domain) = provider.config.domain.clone().filter(|_| app.source.is_store()) else { return Ok(()) };
    let stated = StatedGroups::new(subject, provider.config.id.clone(), domain, identity.groups.clone(), client.text());
    let (deadline, store, is_of_tenant) = (deadline(app), Arc::clone(app), provider.is_of_tenant);
    let done = stored(app, deadline, move || {
        if is_of_tenant && store.source.holds_above(&stated.subject, &stated.domain) {
            return Ok::<_, Problem>(false);
        }
        let changed = store.source.map_groups(&stated, deadline).map_err(administration::failed)?;
        if changed {
            store.publish_store();
        }
        Ok(true)
    });
    if done.await.map_err(unanswered)?? {
        return Ok(());
    }
    // Otherwise a tenant could vouch for those who administer it.
    let message = "the subject holds roles above the identity domain, whose provider a tenant sets";
    Err(refused(app, &provider.config.id, ServerCode::LoginDomain, message))
}

fn created(
    app: &App,
    login: &Login,
    (provider, identity): (&Provider, Identity),
    (subject, at): (&str, String),
    client: Client,
) -> Result<String, Problem> {
    let id = &*provider.config.id;
    let (revision, now) = (app.revision(), clock::now());
    let ends = Duration::parse(&format!("{}h", login.config.hours)).and_then(|hours| now.after(hours));
    let fresh = NewLogin {
        subject: subject.to_string(),
        method: provider.config.method.clone(),
        second_factor: identity.second_factor,
        groups: provider.stated_groups(&identity),
        provider: id.to_string(),
        issuer: provider.config.issuer.clone(),
        domain: provider.config.domain.clone().or_else(|| provider.config.support.then(|| at.clone())),
        at,
        client,
        since: now,
        ends: ends.unwrap_or(Timestamp::MAX),
        id_token: identity.id_token,
    };
    tracing::info!(subject = fresh.subject, provider = id, ip = client.counted(), "logged in");
    let subject = fresh.subject.clone();
    let secret = login.begin(&revision, fresh).map_err(Problem::internal)?;
    // A change during the login found no session yet.
    login.recheck(&subject, &app.revision(), clock::now());
    app.metrics.login(id, "done");
    Ok(secret)
}

fn session(session: &LoginSession) -> Response {
    let answer = value!({ "subject": session.subject, "login": session.method,
        "second_factor": session.second_factor, "provider": session.provider, "at": session.at,
        "since": session.since.as_text(), "last_activity": session.last_activity().as_text(),
        "ends": session.ends.as_text(), "valid_until": session.until().as_text(),
        "csrf": session.csrf });
    json(StatusCode::OK, answer.to_string())
}

/// `GET /v1/session`: returns the session. Does not extend it.
async fn current(State(app): State<Arc<App>>, client: Client, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(session(&*app.person(&Method::GET, &headers, client)?))
}

/// `POST /v1/session/activity`: records user activity.
async fn activity(State(app): State<Arc<App>>, client: Client, headers: HeaderMap) -> Result<Response, Problem> {
    let person = app.person(&Method::POST, &headers, client)?;
    Login::extend(&app.revision(), &person, clock::now());
    Ok(session(&person))
}

/// `POST /v1/session/logout`: ends the session, and returns the address that ends the provider's session.
async fn logout(
    State(app): State<Arc<App>>,
    client: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let person = app.person(&Method::POST, &headers, client)?;
    let login = app.login()?;
    login.end(&person, SessionCode::LoggedOut.as_str());
    let back = login.return_to(parameter(query.as_deref(), "return_to").as_deref());
    let provider = login.provider(&person.provider);
    let elsewhere = match (provider, back) {
        (Some(provider), Some(back)) => provider.end(&person.id_token, &back).await,
        _ => None,
    };
    let mut answer = value!({ "subject": person.subject });
    if let (Some(elsewhere), Some(answer)) = (elsewhere, answer.as_object_mut()) {
        answer.insert("provider".to_string(), value!(elsewhere));
    }
    Ok(with_cookies(json(StatusCode::OK, answer.to_string()), &[login.cookies.removing("session")]))
}
