//! Passes, their public keys, and snapshots.

use super::body::body_text;
use super::objects::read_objects;
use crate::app::App;
use crate::clock;
use crate::code::ServerCode;
use crate::config::Right;
use crate::login::LoginSession;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use crate::tokens::Bearer;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rolecall::limits::PORTABLE_EARLY_MILLIS;
use rolecall::{Coverage, Duration, Engine, RequestError, RequestErrorCode, ScopePath, Session, Timestamp};
use rolecall_pass::{Draft, PassCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};
use std::sync::Arc;

/// The body of a request for a pass.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    subject: String,
    at: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    menus: Vec<String>,
    #[serde(default)]
    context: Connection,
    /// The browser session of the bearer; the pass ends with it.
    #[serde(skip)]
    session: Option<String>,
}

/// The connection of the bearer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_activity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    login: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second_factor: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active_roles: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<String>>,
}

impl Connection {
    /// Returns the connection of a browser session.
    pub(super) fn of_session(session: &LoginSession, client: Client) -> Self {
        Self {
            ip: client.text(),
            last_activity: Some(session.last_activity().as_text()),
            login: Some(session.method.clone()),
            second_factor: Some(session.second_factor),
            active_roles: None,
            groups: Some(session.groups.clone()).filter(|groups| !groups.is_empty()),
        }
    }

    /// Rejects details that a caller may not state, and other subjects than the caller if it is an application.
    pub(super) fn admit(&mut self, bearer: Option<&Bearer>, client: Client, subject: &str) -> Result<(), Problem> {
        let may_state = bearer.is_some_and(|bearer| bearer.acts_for_others);
        if let Some(key) = self.first().filter(|_| !may_state) {
            let help = "leave it out, or give the token `acts_for_others: true`";
            return Err(Problem::not_stated(key, help));
        }
        if self.groups.is_some() && !bearer.is_some_and(|bearer| bearer.has(Right::Groups)) {
            return Err(Problem::not_stated("groups", STATES_GROUPS));
        }
        if let Some(application) = bearer.filter(|bearer| bearer.is_application) {
            if subject != application.subject {
                let problem = Problem::forbidden("an application gets passes and views for itself only");
                return Err(problem.with_help("use a token of the configuration whose `may` has `pass`"));
            }
            self.ip = client.text();
        }
        Ok(())
    }

    /// Resolves a subject with this connection.
    pub(super) fn resolve(
        &self,
        engine: &Engine,
        (subject, at): (&str, &str),
        time: Timestamp,
    ) -> Result<Session, RequestError> {
        let mut context = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(context) = &mut context {
            context.insert("time".into(), value!(time.as_text()));
        }
        let who = value!({ "subject": subject, "at": at, "context": context });
        rolecall_contract::session(engine, &who.to_string())
    }

    /// Returns the first key that is present, except `groups`.
    fn first(&self) -> Option<&'static str> {
        let keys = [
            ("ip", self.ip.is_some()),
            ("last_activity", self.last_activity.is_some()),
            ("login", self.login.is_some()),
            ("second_factor", self.second_factor.is_some()),
            ("active_roles", self.active_roles.is_some()),
        ];
        keys.into_iter().find(|(_, stated)| *stated).map(|(key, _)| key)
    }
}

/// Data that the server stores in a pass: how long it can be renewed, and the connection, which affects decisions.
#[derive(Serialize, Deserialize)]
struct Note {
    /// Milliseconds.
    until: i64,
    #[serde(default, skip_serializing_if = "is_empty")]
    c: Connection,
    /// The browser session that requested the pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<String>,
}

fn is_empty(connection: &Connection) -> bool {
    *connection == Connection::default()
}

#[derive(Serialize)]
struct Made {
    pass: String,
    expires: Timestamp,
}

/// The help for a caller that may not state groups.
pub(super) const STATES_GROUPS: &str = "leave it out, or give the token `groups` in `may`";

/// Scopes that a pass may cover in addition to its own. The number is small because a pass is sent with every request.
const SCOPES: usize = 1_000;

/// Returns the bytes of a session that starts at a time.
fn session(engine: &Engine, wanted: &Wanted, from: Timestamp, until: Timestamp) -> Result<Vec<u8>, RequestError> {
    if wanted.scopes.len() > SCOPES {
        let message = format!("`scopes` has {} scopes; at most {SCOPES} are allowed", wanted.scopes.len());
        return Err(RequestError::new(RequestErrorCode::RequestShape, "scopes", message));
    }
    let session = wanted.context.resolve(engine, (&wanted.subject, &wanted.at), from)?;
    let scopes = wanted.scopes.iter().map(|path| ScopePath::parse(path)).collect::<Result<Vec<_>, _>>()?;
    let menus = wanted.menus.iter().map(String::as_str).collect();
    session.to_bytes(&Coverage { scopes, menus, until: Some(until) })
}

pub(super) fn after(instant: Timestamp, minutes: i64) -> Result<Timestamp, RequestError> {
    let text = format!("{minutes}m");
    Duration::parse(&text).and_then(|duration| instant.after(duration)).ok_or_else(|| {
        RequestError::new(
            RequestErrorCode::TimeMalformed,
            "time",
            "the end of the answers is outside the range of timestamps",
        )
    })
}

/// Creates a pass, which expires after the configured lifetime, and not later than `renewable`.
fn signed(app: &App, wanted: &Wanted, now: Timestamp, renewable: Timestamp) -> Result<Response, Problem> {
    let until = after(now, i64::from(app.config.passes.minutes))?.min(renewable);
    let bytes = session(&app.revision().engine, wanted, now, until)?;
    let note = rolecall_contract::canonical(&Note {
        until: renewable.as_millis(),
        c: wanted.context.clone(),
        s: wanted.session.clone(),
    });
    let audience = app.config.passes.audience.as_deref();
    let pass = app.keys().sign(Draft { session: &bytes, issuer: &app.url, audience, note: Some(&note) })?;
    app.metrics.passes.inc();
    Ok(json(StatusCode::OK, rolecall_contract::canonical(&Made { pass, expires: until })))
}

/// `POST /v1/passes`: creates a pass for a subject that the calling backend has authenticated.
pub(super) async fn make(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bearer = app.admit(&headers, client, Right::Pass)?;
    let text = body_text(&app, &headers, body).await?;
    let mut wanted: Wanted = read_objects(&text, &["", "/context"])?;
    wanted.context.admit(bearer.as_deref(), client, &wanted.subject)?;
    let now = clock::now();
    let renewable = after(now, i64::from(app.config.passes.renewable_hours) * 60)?;
    signed(&app, &wanted, now, renewable.max(after(now, i64::from(app.config.passes.minutes))?))
}

/// Returns the inputs of a pass, from which it can be renewed.
fn wanted(pass: &rolecall_pass::Pass) -> Result<(Wanted, Timestamp), Problem> {
    let session = &pass.session;
    let note = pass.note.as_deref().and_then(|note| serde_json::from_str::<Note>(note).ok());
    let note = note.and_then(|note| Some((Timestamp::from_millis(note.until)?, note.c, note.s)));
    let (until, context, of) = note.ok_or_else(|| Problem::pass(PassCode::Malformed, "this pass cannot be renewed"))?;
    Ok((
        Wanted {
            subject: session.subject().to_string(),
            at: session.scope().to_string(),
            scopes: session.scopes(),
            menus: session.menus().into_iter().map(String::from).collect(),
            context,
            session: of,
        },
        until,
    ))
}

/// `POST /v1/passes/renew`: returns a new pass with the same inputs for a pass that is still valid. Inactivity
/// continues: the last activity is still that of the first pass.
pub(super) async fn renew(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pass = app.admit_pass(&headers, client)?;
    let (wanted, renewable) = wanted(&pass)?;
    if wanted.session.is_some() {
        if is_over(&app, &pass) {
            return Err(expired());
        }
        let message = "a pass of a browser session cannot be renewed by itself";
        let problem = Problem::new(ServerCode::SessionPass, message);
        return Err(problem.with_help("ask `/v1/session/passes`"));
    }
    let now = clock::now();
    if now >= renewable {
        let problem = Problem::pass(PassCode::Expired, "the pass has reached the end of its renewal time");
        return Err(problem.with_help("log in again"));
    }
    signed(&app, &wanted, now, renewable)
}

/// Returns the session that a pass would carry now. If nothing changed for its bearer, these are the bytes of the pass.
pub(super) fn made_again(app: &App, pass: &rolecall_pass::Pass) -> Option<Vec<u8>> {
    let (wanted, _) = wanted(pass).ok()?;
    let begun = pass.session.covers_from().as_millis().checked_add(PORTABLE_EARLY_MILLIS)?;
    let begun = Timestamp::from_millis(begun)?;
    session(&app.revision().engine, &wanted, begun, pass.session.covers_until()?).ok()
}

/// Returns the groups that a pass states.
pub(super) fn stated_groups(pass: &rolecall_pass::Pass) -> Vec<String> {
    wanted(pass).ok().and_then(|(wanted, _)| wanted.context.groups).unwrap_or_default()
}

/// Returns whether the browser session that requested a pass has ended.
pub(super) fn is_over(app: &App, pass: &rolecall_pass::Pass) -> bool {
    let of = wanted(pass).ok().and_then(|(wanted, _)| wanted.session);
    of.is_some_and(|of| app.login.as_ref().is_none_or(|login| !login.sessions.is_alive(&of)))
}

pub(super) fn expired() -> Problem {
    let message = "the browser session of the pass has ended";
    Problem::new(ServerCode::SessionEnded, message).with_help("log in again")
}

/// The body of a browser's request for a pass. The session provides the rest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    at: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    menus: Vec<String>,
}

/// `POST /v1/session/passes`: creates a pass for the logged-in subject. It cannot be renewed by itself, but a live
/// session can request another.
pub(super) async fn own(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let session = app.person(&Method::POST, &headers, client)?;
    let text = body_text(&app, &headers, body).await?;
    let Own { at, scopes, menus } = read_objects(&text, &[""])?;
    let context = Connection::of_session(&session, client);
    let now = clock::now();
    // Not later than the session. An active user requests another pass in time.
    let end = after(now, i64::from(app.config.passes.minutes))?.min(session.until());
    let wanted = Wanted { subject: session.subject.clone(), at, scopes, menus, context, session: Some(session.id()) };
    signed(&app, &wanted, now, end)
}

/// `GET /.well-known/jwks.json`.
pub(super) async fn keys(State(app): State<Arc<App>>, client: Client) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    let mut response = json(StatusCode::OK, app.keys().public().to_json());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    Ok(response)
}

/// `GET /v1/snapshot`: returns policy and directory, for servers that evaluate locally.
pub(super) async fn snapshot(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.admit(&headers, client, Right::Snapshot)?;
    let revision = app.revision();
    let tag = HeaderValue::from_str(&format!("\"{}\"", super::mark::mark(&revision)))
        .map_err(|error| Problem::internal(error.to_string()))?;
    if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let place = Arc::clone(&app.long).acquire_owned().await;
    let place = place.map_err(|error| Problem::internal(error.to_string()))?;
    let bytes = tokio::task::spawn_blocking(move || {
        let _place = place;
        revision.engine.to_snapshot()
    });
    let bytes = bytes.await;
    let bytes = bytes.map_err(|error| Problem::internal(error.to_string()))?;
    let kind = HeaderValue::from_static("application/vnd.rolecall.snapshot");
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, kind)], bytes).into_response())
}
