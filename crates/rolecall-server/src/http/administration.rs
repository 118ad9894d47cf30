//! Administration over HTTP: commands and views. Lists are in `lists.rs`, the audit log is in `events.rs`.

use super::body::body_text;
use super::objects::read_objects;
use crate::app::App;
use crate::clients::{SecretError, with_fresh_secret};
use crate::clock;
use crate::code::ServerCode;
use crate::config::Right;
use crate::login::Login;
use crate::problem::{Problem, ProblemDetail, json};
use crate::proxies::Client;
use crate::queue::QueueError;
use crate::traces;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use rolecall::RequestErrorCode;
use rolecall_admin::{Command, Context, Hint, Refusal, RefusalCode};
use rolecall_store::{ClockJumpPolicy, ExecuteError, Outcome, StoreCode, StoreError};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A name that the caller gives to a command. Retrying with the same name has no effect.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Names the actor for which the bearer of a token acts.
pub(super) const ACTOR: HeaderName = HeaderName::from_static("rolecall-actor");

/// The common prefix of the administration addresses.
pub(super) const PREFIX: &str = "/v1/administration/";

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 2] {
    [("/v1/administration/commands", post(command)), ("/v1/administration/{view}", get(view))]
}

/// A command, and the connection of its actor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    command: Command,
    #[serde(default)]
    context: Connection,
    /// Returns the effect of the command without applying it.
    #[serde(default)]
    dry_run: bool,
    /// Accepts the server's time even if it is far from the last event.
    #[serde(default)]
    allow_time_jump: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connection {
    #[serde(default)]
    pub(super) ip: Option<String>,
    #[serde(default)]
    pub(super) login: Option<String>,
    #[serde(default)]
    pub(super) second_factor: Option<bool>,
    #[serde(default)]
    pub(super) last_activity: Option<String>,
}

impl Connection {
    /// Returns the first key that is present.
    pub(super) fn first(&self) -> Option<&'static str> {
        let keys = [
            ("ip", self.ip.is_some()),
            ("login", self.login.is_some()),
            ("second_factor", self.second_factor.is_some()),
            ("last_activity", self.last_activity.is_some()),
        ];
        keys.into_iter().find(|(_, stated)| *stated).map(|(key, _)| key)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Viewed {
    at: String,
    /// The subject whose details are shown.
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    ip: Option<String>,
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    second_factor: Option<bool>,
    #[serde(default)]
    last_activity: Option<String>,
}

/// Seconds after which a client may retry at a busy store.
const RETRY: u64 = 1;

/// Returns the deadline for the store.
pub(super) fn deadline(app: &App) -> Instant {
    Instant::now() + Duration::from_secs(app.config.limits.seconds)
}

pub(super) fn no_store() -> Problem {
    Problem::new(ServerCode::StoreMissing, "this server has documents, which commands cannot change")
        .with_help("serve a store: create one from a policy and a directory with `rolecall admin init`")
}

/// The actor of a request, and the actor's connection.
pub(super) struct Acting {
    actor: String,
    /// The application that acts for the actor. The request may state the connection only if there is one.
    application: Option<String>,
    /// The connection of an actor that sends requests without an application.
    known: Connection,
    /// Whether the caller may confirm that the clock is right: its token has `time` in `may`.
    may_jump: bool,
    /// Makes the error for a stated connection without an application.
    refusal: fn(&str) -> Problem,
}

/// Returns the text of a header that may occur once. Another server on the way could have read the other of two.
pub(super) fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let mut all = headers.get_all(name).iter();
    let text = match (all.next(), all.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => std::str::from_utf8(value.as_bytes()).ok(),
        _ => None,
    };
    let problem = || {
        let message = format!("`{name}` must be one text of UTF-8");
        Problem::coded(StatusCode::BAD_REQUEST, RefusalCode::Malformed.as_str(), message)
    };
    text.map(Some).ok_or_else(|| problem().with_help("send it once"))
}

/// Returns the actor: the logged-in subject, the bearer of a token, or the subject for which the bearer acts.
pub(super) fn acting(app: &App, method: &Method, headers: &HeaderMap, client: Client) -> Result<Acting, Problem> {
    if app.login.is_some() && !headers.contains_key(header::AUTHORIZATION) && headers.contains_key(header::COOKIE) {
        let session = app.person(method, headers, client)?;
        // Commands and views are user activity, background requests of a page are not.
        if !headers.contains_key(super::headers::BACKGROUND) {
            Login::extend(&app.revision(), &session, clock::now());
        }
        let known = Connection {
            ip: client.text(),
            login: Some(session.method.clone()),
            second_factor: Some(session.second_factor),
            last_activity: Some(session.last_activity().as_text()),
        };
        return Ok(Acting {
            actor: session.subject.clone(),
            application: None,
            known,
            may_jump: false,
            refusal: known_of_session,
        });
    }
    let bearer = app.admit(headers, client, Right::Administer)?;
    let bearer =
        bearer.ok_or_else(|| Problem::unauthenticated("the request has no token; send `Authorization: Bearer …`"))?;
    let may_jump = bearer.has(Right::Time);
    let Some(named) = only(headers, &ACTOR)? else {
        let known = Connection { ip: client.text(), ..Connection::default() };
        let refusal = if bearer.acts_for_others { names_nobody } else { speaks_for_nobody };
        return Ok(Acting { actor: bearer.subject.clone(), application: None, known, may_jump, refusal });
    };
    if !bearer.acts_for_others {
        return Err(Problem::forbidden("the token does not grant the right to act for others"));
    }
    let (application, known) = (Some(bearer.subject.clone()), Connection::default());
    Ok(Acting { actor: named.to_string(), application, known, may_jump, refusal: speaks_for_nobody })
}

pub(super) fn context(
    acting: Acting,
    stated: Connection,
    id: Option<String>,
    client: Client,
) -> Result<Context, Problem> {
    let Acting { actor, application, known, refusal, .. } = acting;
    let connection = match (&application, stated.first()) {
        (Some(_), _) => stated,
        (None, None) => known,
        (None, Some(key)) => return Err(refusal(key)),
    };
    let Connection { ip, login, second_factor, last_activity } = connection;
    let peer = client.text();
    let time = clock::now().as_text();
    Ok(Context { actor, time, ip, peer, login, second_factor, last_activity, application, id, ..Context::default() })
}

fn known_of_session(key: &str) -> Problem {
    let message = format!("`{key}` must be omitted: the server takes the connection from the browser session");
    let problem = Problem::malformed(RequestErrorCode::RequestShape, message).with_help("leave it out");
    Problem { path: Some(format!("context.{key}")), ..problem }
}

fn names_nobody(key: &str) -> Problem {
    Problem::not_stated(key, "leave it out, or name the subject for which the token acts in `Rolecall-Actor`")
}

fn speaks_for_nobody(key: &str) -> Problem {
    Problem::not_stated(key, "leave it out; only a token with `acts_for_others` states the connection of others")
}

/// Returns the version that a command requires.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(text) = only(headers, &header::IF_MATCH)? else { return Ok(None) };
    if text == "*" {
        return Ok(None);
    }
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(|| {
        Problem::store(StoreCode::Conflict, "`If-Match` is not a version of this state")
            .with_help("send the `ETag` of the response that you read")
    })
}

pub(super) fn tagged(status: StatusCode, version: u64, body: &impl Serialize) -> Response {
    let mut response = json(status, rolecall_contract::canonical(body));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

pub(super) fn refused(refusal: Refusal) -> Problem {
    let status = match refusal.code {
        RefusalCode::Denied | RefusalCode::Unmapped | RefusalCode::Beyond | RefusalCode::LoginRules => {
            StatusCode::FORBIDDEN
        }
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let Refusal { code, message, help, .. } = refusal;
    Problem { help, ..Problem::coded(status, code.as_str(), message) }
}

pub(super) fn failed(error: ExecuteError) -> Problem {
    match error {
        ExecuteError::Refused(refusal) => refused(refusal),
        ExecuteError::Conflict { expected, found } => {
            let message = format!("the state is at version {found}, not {expected}");
            Problem::store(StoreCode::Conflict, message).with_help("read the state and try again")
        }
        ExecuteError::ClockJump(jumped) => {
            tracing::error!(%jumped, "the clock is far from the last event; rejecting the command");
            Problem::store(StoreCode::ClockJump, jumped.to_string()).with_help(format!(
                "{}. Over HTTP `\"allow_time_jump\": true` does the same, with a token whose `may` has `time`",
                jumped.help()
            ))
        }
        ExecuteError::IdempotencyConflict(id) => {
            let message = format!("the id `{id}` belongs to another command");
            Problem::store(StoreCode::Renamed, message).with_help("use a new id")
        }
        ExecuteError::Store(StoreError::Busy) => unmet(QueueError::NotBegun),
        error => {
            tracing::error!(%error, "the store failed; the command may have been applied");
            unknown_result("the store failed; the command may have been applied")
        }
    }
}

/// Returns the error for a command that may have been applied.
fn unknown_result(message: &str) -> Problem {
    Problem::internal(message).with_help("send it again with the same `Idempotency-Key`, which applies it once")
}

/// Returns the error for a command that the store did not answer in time.
pub(super) fn unmet(unmet: QueueError) -> Problem {
    let problem = match unmet {
        QueueError::NotBegun => {
            let message = "the store is busy: the command was not applied and never will be";
            Problem::store(StoreCode::Busy, message).with_help("send it again later")
        }
        QueueError::Unsettled => {
            let help = "send it again with the same `Idempotency-Key`, which applies it once; without one, read the state first";
            let message = "the store is slow: the command may still be applied";
            Problem::new(ServerCode::CommandUnsettled, message).with_help(help)
        }
    };
    Problem { also: ProblemDetail::RetryAfter(RETRY), ..problem }
}

/// Returns the error for a query that the store did not answer in time. A query changes nothing, even if it still runs.
pub(super) fn unanswered(_: QueueError) -> Problem {
    let problem = Problem::store(StoreCode::Busy, "the store is busy");
    Problem { also: ProblemDetail::RetryAfter(RETRY), ..problem }.with_help("retry later")
}

/// Runs work on the store's own thread, before a deadline.
pub(super) async fn stored<T: Send + 'static>(
    app: &App,
    deadline: Instant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, QueueError> {
    app.store_queue.run(deadline, traces::carried(work)).await
}

/// Returns how a command treats a clock that is far from the last event.
pub(super) fn allowed_jump(wanted: bool, acting: &Acting) -> Result<ClockJumpPolicy, Problem> {
    match (wanted, acting.may_jump) {
        (false, _) => Ok(ClockJumpPolicy::Reject),
        (true, true) => Ok(ClockJumpPolicy::Accept),
        (true, false) => {
            Err(Problem::forbidden("the caller may not confirm that the clock is right (`allow_time_jump`)").with_help(
                "use a token whose `may` has `time`, or let the operator of the store run `rolecall admin set-clock`",
            ))
        }
    }
}

async fn command(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let deadline = deadline(&app);
    let acting = acting(&app, &Method::POST, &headers, client)?;
    let expected = expected(&headers)?;
    let id = only(&headers, &IDEMPOTENCY_KEY)?.map(str::to_string);
    let text = body_text(&app, &headers, body).await?;
    let given: Given = read_objects(&text, &["", "/context", "/command"])?;
    read_objects::<IgnoredAny>(&text, &[&format!("/command/{}", given.command.name())])?;
    let (command, credentials) = with_fresh_secret(given.command).map_err(no_secret)?;
    let given = Given { command, ..given };
    let jump = allowed_jump(given.allow_time_jump, &acting)?;
    if given.command.binds_login() {
        let problem = Problem::malformed(RequestErrorCode::RequestShape, "`login` is for the server itself");
        return Err(problem.with_help("leave it out: a login at the server binds the account"));
    }
    let context = Context { login_methods: login_methods(&app), ..context(acting, given.context, id, client)? };
    let asks = given.dry_run;
    let app = Arc::clone(&app);
    let queue = Arc::clone(&app);
    let done = stored(&queue, deadline, move || {
        if given.dry_run {
            let preview = app.source.with_store(|administration| {
                let (state, preview) =
                    (administration.state(), administration.preview_at(&given.command, &context, jump));
                let would_apply = preview.as_ref().is_ok_and(|preview| preview.event.is_some());
                let hints = if would_apply { state.hints(&given.command) } else { Vec::new() };
                (state.version(), hints, preview)
            });
            let (version, hints, preview) = preview.ok_or_else(no_store)?;
            let preview = preview.map_err(failed)?;
            let answer = value!({ "event": preview.event, "diff": preview.diff });
            return Ok(tagged(StatusCode::OK, version, &with_hints(answer, &hints)));
        }
        let done = traces::part(app.traces.as_ref(), "store", || {
            app.source.execute(&given.command, &context, expected, jump, deadline)
        });
        // After an error the state is unknown.
        let done = done.ok_or_else(no_store)?.map_err(failed)?;
        traces::part(app.traces.as_ref(), "publish", || app.publish_store());
        let version = app.revision().version;
        let hints = || {
            let hints = app.source.with_store(|administration| administration.state().hints(&given.command));
            hints.unwrap_or_default()
        };
        Ok(match done {
            Outcome::Applied(event) if event.time != context.time => {
                tracing::warn!(
                    clock = context.time,
                    event = event.time,
                    "the clock is behind the last event; using the time of that event"
                );
                let mut answer = value!({ "event": event, "time_stands_still_at": event.time });
                if let (Some(client), Some(answer)) = (credentials, answer.as_object_mut()) {
                    answer.insert("client".to_string(), value!(client));
                }
                confidential(event.seq, &with_hints(answer, &hints()))
            }
            Outcome::Applied(event) => match credentials {
                Some(client) => confidential(event.seq, &value!({ "event": event, "client": client })),
                None => tagged(StatusCode::OK, event.seq, &with_hints(value!({ "event": event }), &hints())),
            },
            Outcome::Replayed(event) => tagged(StatusCode::OK, version, &value!({ "before": event })),
            Outcome::Unchanged => tagged(StatusCode::OK, version, &value!({ "event": null })),
            _ => {
                return Err(unknown_result("the store returned an unknown outcome; the command may have been applied"));
            }
        })
    });
    done.await.map_err(if asks { unanswered } else { unmet })?
}

/// Returns the login methods of the providers of the configuration.
pub(super) fn login_methods(app: &App) -> BTreeSet<String> {
    app.login.iter().flat_map(|login| login.configured()).map(|one| one.config.method.clone()).collect()
}

/// Returns an answer that may contain a new secret, which no cache may store.
pub(super) fn confidential(version: u64, body: &Value) -> Response {
    let mut response = tagged(StatusCode::OK, version, body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn no_secret(error: SecretError) -> Problem {
    match error {
        SecretError::Stated => {
            let problem = Problem::malformed(RequestErrorCode::RequestShape, error.to_string());
            Problem { path: Some("command.add-secret.sha256".to_string()), ..problem.with_help("leave it out") }
        }
        error => Problem::internal(error.to_string()),
    }
}

/// Adds the hints about a command, if there are any.
fn with_hints(mut answer: Value, hints: &[Hint]) -> Value {
    if let Some(object) = answer.as_object_mut().filter(|_| !hints.is_empty()) {
        object.insert("hints".to_string(), value!(hints));
    }
    answer
}

pub(super) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query
        .map(|Query(query)| query)
        .map_err(|rejection| Problem::malformed(RequestErrorCode::RequestShape, rejection.body_text()))
}

async fn view(
    State(app): State<Arc<App>>,
    client: Client,
    Path(name): Path<String>,
    viewed: Result<Query<Viewed>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let acting = acting(&app, &Method::GET, &headers, client)?;
    let Viewed { at, subject, ip, login, second_factor, last_activity } = query(viewed)?;
    let context = context(acting, Connection { ip, login, second_factor, last_activity }, None, client)?;
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let shown = stored(&queue, deadline, move || {
        let shown = app.source.with_store(|administration| {
            let state = administration.state();
            let shown: Option<Result<Value, Problem>> = match (&*name, &subject) {
                ("user", Some(subject)) => {
                    let user = match administration.user(subject, &at, &context) {
                        Ok(user) => user,
                        Err(error) => return (state.version(), Some(Err(unread(error)))),
                    };
                    Some(user.map(|user| value!(user)).map_err(refused))
                }
                ("user", None) => {
                    let problem = Problem::malformed(RequestErrorCode::RequestShape, "`subject` is missing");
                    Some(Err(problem.with_help("name the subject that is shown")))
                }
                ("overlays", None) => {
                    let overlays = state.view_overlays(&at, &context);
                    Some(overlays.map(|roles| value!({ "overlays": roles })).map_err(refused))
                }
                ("role-mappings", None) => {
                    let mappings = state.view_role_mappings(&at, &context).map(|mut mappings| {
                        for one in &mut mappings {
                            one.provider_missing =
                                app.login.as_ref().is_some_and(|login| login.lacks(&one.from.provider));
                        }
                        value!({ "role_mappings": mappings })
                    });
                    Some(mappings.map_err(refused))
                }
                ("locks", None) => {
                    Some(state.view_locks(&at, &context).map(|locks| value!({ "locks": locks })).map_err(refused))
                }
                ("settings", None) => {
                    Some(state.view_settings(&at, &context).map(|settings| value!(settings)).map_err(refused))
                }
                ("sign-ons", None) => {
                    Some(state.view_sign_ons(&at, &context).map(|all| value!({ "sign_ons": all })).map_err(refused))
                }
                _ => None,
            };
            (state.version(), shown)
        });
        let (version, shown) = shown.ok_or_else(no_store)?;
        let shown = shown.ok_or_else(|| {
            let known = "`access`, `user`, `applications`, `roles`, `role`, `assignable-roles`, `ending`, \
                `personal-data-readers`, `matrix`, `inactive`, `requests`, `invitations`, `overlays`, `role-mappings`, `sign-ons`, \
                `locks`, `settings`, `rights`, `documents`, `events` and `chain`";
            Problem::new(ServerCode::AddressUnknown, format!("choose among {known}"))
        })?;
        Ok(tagged(StatusCode::OK, version, &shown?))
    });
    shown.await.map_err(unanswered)?
}

/// Returns the error for a store that cannot be read.
pub(super) fn unread(error: StoreError) -> Problem {
    match error {
        StoreError::Busy => unanswered(QueueError::NotBegun),
        error => failed(ExecuteError::Store(error)),
    }
}
