//! Filters and the numbering of scopes, for services whose database holds rows of many scopes.

use super::body::body_text;
use super::passes::STATES_GROUPS;
use crate::app::App;
use crate::clock;
use crate::config::Right;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use crate::revision::Revision;
use crate::tokens::Bearer;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use rolecall::{RequestError, RequestErrorCode};
use rolecall_contract::{filter_of, to_json};
use serde_json::{Map, Value, json as value};
use std::sync::Arc;

/// The keys of a context that describe the connection of the subject.
const CONNECTION: [&str; 5] = ["ip", "last_activity", "login", "second_factor", "active_roles"];

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 2] {
    [("/v1/filters", post(filter)), ("/v1/numbering", get(numbering))]
}

/// `POST /v1/filters`: returns the rows that a subject may see.
async fn filter(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bearer = admitted(&app, &headers, client, NUMBERED)?;
    let text = body_text(&app, &headers, body).await?;
    let question = timed(&text, bearer.as_deref())?;
    let ask = move |revision: &Revision| Ok(to_json(&filter_of(&revision.engine, &question)?));
    answered(&app, ask).await
}

/// `GET /v1/numbering`: returns the numbers of all scopes.
async fn numbering(State(app): State<Arc<App>>, client: Client, headers: HeaderMap) -> Result<Response, Problem> {
    admitted(&app, &headers, client, NUMBERED)?;
    answered(&app, |revision| Ok(to_json(&revision.engine.numbering()))).await
}

/// Why applications get neither numbers nor filters: the numbers show how many scopes every tenant has.
const NUMBERED: &str = "an application gets no filters, because they number the scopes of all tenants";

/// Authenticates the caller of an answer that is about all tenants. Applications belong to a tenant and are refused.
pub(super) fn admitted(
    app: &App,
    headers: &HeaderMap,
    client: Client,
    refusal: &str,
) -> Result<Option<Arc<Bearer>>, Problem> {
    let bearer = app.admit(headers, client, Right::Evaluate)?;
    if bearer.as_ref().is_some_and(|bearer| bearer.is_application) {
        let problem = Problem::forbidden(refusal);
        return Err(problem.with_help("use a token of the configuration whose `may` has `evaluate`"));
    }
    Ok(bearer)
}

/// Adds the time of the server to a question, unless the caller may state it. Rejects details of the connection from
/// callers that may not state them.
fn timed(text: &str, bearer: Option<&Bearer>) -> Result<String, Problem> {
    let mut question = read(text)?;
    let Some(map) = question.as_object_mut() else { return Err(shapeless("").into()) };
    let context = map.entry("context").or_insert_with(|| value!({}));
    let Some(context) = context.as_object_mut() else {
        return Err(shapeless("context").into());
    };
    // Without tokens, only trusted services reach the server: the configuration says so.
    let states_connection = bearer.is_none_or(|bearer| bearer.acts_for_others);
    if let Some(key) = CONNECTION.iter().find(|key| !states_connection && context.contains_key(**key)) {
        let help = "leave it out, or give the token `acts_for_others: true`";
        return Err(Problem::not_stated(key, help));
    }
    if context.contains_key("groups") && !bearer.is_some_and(|bearer| bearer.has(Right::Groups)) {
        return Err(Problem::not_stated("groups", STATES_GROUPS));
    }
    put_time(context, bearer)?;
    Ok(question.to_string())
}

/// Parses a question.
pub(super) fn read(text: &str) -> Result<Value, RequestError> {
    serde_json::from_str(text).map_err(|error| RequestError::new(RequestErrorCode::RequestJson, "", error.to_string()))
}

/// Returns the error of a part that has to be a map.
pub(super) fn shapeless(path: &str) -> RequestError {
    let message = if path.is_empty() { "the request must be an object" } else { "this must be an object" };
    RequestError::new(RequestErrorCode::RequestShape, path, message)
}

/// Adds the time of the server, unless the caller may state it.
pub(super) fn put_time(map: &mut Map<String, Value>, bearer: Option<&Bearer>) -> Result<(), Problem> {
    if map.contains_key("time") {
        if !bearer.is_some_and(|bearer| bearer.has(Right::Time)) {
            let help = "leave it out, or give the token `time` in `may`: the server uses its own clock";
            return Err(Problem::not_stated("time", help));
        }
    } else {
        map.insert("time".to_string(), value!(clock::now().as_text()));
    }
    Ok(())
}

/// Answers on another thread, because an answer about everything may take long.
pub(super) async fn answered(
    app: &App,
    ask: impl FnOnce(&Revision) -> Result<String, RequestError> + Send + 'static,
) -> Result<Response, Problem> {
    let place = Arc::clone(&app.long).acquire_owned().await;
    let place = place.map_err(|error| Problem::internal(error.to_string()))?;
    let revision = app.revision();
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        ask(&revision)
    });
    let text = done.await.map_err(|error| Problem::internal(error.to_string()))?;
    Ok(json(StatusCode::OK, text?))
}
