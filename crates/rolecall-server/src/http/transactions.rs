//! Several commands in one transaction, over HTTP.

use super::administration::{
    Acting, Connection, IDEMPOTENCY_KEY, acting, allowed_jump, confidential, context, deadline, expected, failed,
    login_methods, no_secret, no_store, only, refused, stored, tagged, unanswered, unmet,
};
use super::body::body_text;
use super::objects::read_objects;
use crate::app::App;
use crate::clients::{ClientCredentials, with_fresh_secret};
use crate::problem::Problem;
use crate::proxies::Client;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use rolecall::RequestErrorCode;
use rolecall_admin::{Command, Context};
use rolecall_store::{ClockJumpPolicy, CommandsError, Outcome};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json as value};
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 1] {
    [("/v1/administration/transactions", post(transaction))]
}

/// Commands, and the connection of their actor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    commands: Vec<Command>,
    #[serde(default)]
    context: Connection,
    /// Returns the effect of each command without applying any.
    #[serde(default)]
    dry_run: bool,
    /// Accepts the server's time even if it is far from the last event.
    #[serde(default)]
    allow_time_jump: bool,
}

/// Commands that are ready to be executed.
pub(super) struct Ready {
    pub(super) commands: Vec<Command>,
    /// The credentials of each application that gets a new secret.
    pub(super) credentials: Vec<Option<ClientCredentials>>,
    pub(super) context: Context,
    pub(super) expected: Option<u64>,
    pub(super) jump: ClockJumpPolicy,
}

/// `POST /v1/administration/transactions`: executes all commands, or none.
async fn transaction(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let acting = acting(&app, &Method::POST, &headers, client)?;
    let text = body_text(&app, &headers, body).await?;
    let given: Given = read_objects(&text, &["", "/context"])?;
    // Each command is a map, and so are its parameters.
    let places =
        given.commands.iter().enumerate().flat_map(|(index, command)| {
            [format!("/commands/{index}"), format!("/commands/{index}/{}", command.name())]
        });
    let places: Vec<String> = places.collect();
    read_objects::<IgnoredAny>(&text, &places.iter().map(String::as_str).collect::<Vec<_>>())?;
    let ready = ready(&app, client, &headers, acting, given.commands, (given.context, given.allow_time_jump))?;
    if given.dry_run { previewed(app, ready).await } else { executed(app, ready).await }
}

/// Checks commands, and generates the secrets that they add.
pub(super) fn ready(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    acting: Acting,
    given: Vec<Command>,
    (connection, allow_time_jump): (Connection, bool),
) -> Result<Ready, Problem> {
    let expected = expected(headers)?;
    let id = only(headers, &IDEMPOTENCY_KEY)?.map(str::to_string);
    let (mut commands, mut credentials) = (Vec::new(), Vec::new());
    for (index, command) in given.into_iter().enumerate() {
        if command.binds_login() {
            let problem = Problem::malformed(RequestErrorCode::RequestShape, "`login` is for the server itself");
            return Err(at(index, problem.with_help("leave it out: a login at the server binds the account")));
        }
        let (command, made) = with_fresh_secret(command).map_err(no_secret)?;
        commands.push(command);
        credentials.push(made);
    }
    let jump = allowed_jump(allow_time_jump, &acting)?;
    let context = Context { login_methods: login_methods(app), ..context(acting, connection, id, client)? };
    Ok(Ready { commands, credentials, context, expected, jump })
}

/// Returns a problem of one of the commands.
fn at(index: usize, problem: Problem) -> Problem {
    Problem { path: Some(format!("commands.{index}")), ..problem }
}

pub(super) fn failed_at(CommandsError { index, error, .. }: CommandsError) -> Problem {
    let problem = failed(error);
    match index {
        Some(index) => at(index, problem),
        None => problem,
    }
}

/// Returns what each command would do, or why it would be refused.
pub(super) async fn previewed(app: Arc<App>, ready: Ready) -> Result<Response, Problem> {
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let shown = stored(&queue, deadline, move || {
        let Ready { commands, context, jump, .. } = ready;
        let shown = app.source.with_store(|administration| {
            (administration.state().version(), administration.preview_all(&commands, &context, jump))
        });
        let (version, shown) = shown.ok_or_else(no_store)?;
        let shown = shown.map_err(failed_at)?;
        let count = shown.iter().filter(|one| one.is_err()).count();
        let results: Vec<Value> = shown
            .into_iter()
            .map(|one| match one {
                Ok(one) => value!({ "event": one.event, "diff": one.diff }),
                Err(refusal) => value!({ "error": refused(refusal) }),
            })
            .collect();
        Ok(tagged(StatusCode::OK, version, &value!({ "results": results, "refused": count })))
    });
    shown.await.map_err(unanswered)?
}

/// Executes commands, and returns their events.
pub(super) async fn executed(app: Arc<App>, ready: Ready) -> Result<Response, Problem> {
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let done = stored(&queue, deadline, move || {
        let Ready { commands, credentials, context, expected, jump } = ready;
        let done = app.source.execute_all(&commands, &context, expected, jump, deadline);
        let outcomes = done.ok_or_else(no_store)?.map_err(failed_at)?;
        app.publish_store();
        let version = app.revision().version;
        let has_secret = credentials.iter().any(Option::is_some);
        let results = outcomes.into_iter().zip(credentials).map(|(outcome, client)| answer(outcome, client));
        let body = value!({ "results": results.collect::<Result<Vec<Value>, Problem>>()? });
        Ok(if has_secret { confidential(version, &body) } else { tagged(StatusCode::OK, version, &body) })
    });
    done.await.map_err(unmet)?
}

fn answer(outcome: Outcome, client: Option<ClientCredentials>) -> Result<Value, Problem> {
    Ok(match (outcome, client) {
        (Outcome::Applied(event), Some(client)) => value!({ "event": event, "client": client }),
        (Outcome::Applied(event), None) => value!({ "event": event }),
        // A replayed command has another secret.
        (Outcome::Replayed(event), _) => value!({ "before": event }),
        (Outcome::Unchanged, _) => value!({ "event": null }),
        (other, _) => return Err(Problem::internal(format!("the store returned an unknown outcome: {other:?}"))),
    })
}
