//! Views: the answers of one subject as data, for pages that only look them up. They end when a pass would.

use super::body::body_text;
use super::objects::read_objects;
use super::passes::{Connection, after};
use crate::app::App;
use crate::clock;
use crate::config::Right;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use rolecall::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json as value};
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 2] {
    [("/v1/views", post(view)), ("/v1/session/views", post(own))]
}

/// The body of a request for a view.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    subject: String,
    at: String,
    #[serde(default)]
    menus: Vec<String>,
    permissions: Option<Vec<String>>,
    #[serde(default)]
    context: Connection,
}

/// `POST /v1/views`: returns the answers for a subject that the calling backend has authenticated.
async fn view(
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
    viewed(&app, &wanted, now, end(&app, now)?)
}

/// The body of a browser's request for a view. The session provides the rest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    at: String,
    #[serde(default)]
    menus: Vec<String>,
    permissions: Option<Vec<String>>,
}

/// `POST /v1/session/views`: returns the answers for the logged-in subject. They end with the session.
async fn own(State(app): State<Arc<App>>, client: Client, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let session = app.person(&Method::POST, &headers, client)?;
    let text = body_text(&app, &headers, body).await?;
    let Own { at, menus, permissions } = read_objects(&text, &[""])?;
    let context = Connection::of_session(&session, client);
    let now = clock::now();
    let wanted = Wanted { subject: session.subject.clone(), at, menus, permissions, context };
    viewed(&app, &wanted, now, end(&app, now)?.min(session.until()))
}

/// Returns the end of a pass that is made now: a page that is offline loses withdrawn rights then.
fn end(app: &App, now: Timestamp) -> Result<Timestamp, Problem> {
    Ok(after(now, i64::from(app.config.passes.minutes))?)
}

fn viewed(app: &App, wanted: &Wanted, now: Timestamp, until: Timestamp) -> Result<Response, Problem> {
    let session = wanted.context.resolve(&app.revision().engine, (&wanted.subject, &wanted.at), now)?;
    let mut coverage = value!({ "menus": wanted.menus, "until": until.as_text() });
    if let (Value::Object(coverage), Some(permissions)) = (&mut coverage, &wanted.permissions) {
        coverage.insert("permissions".to_string(), value!(permissions));
    }
    let view = rolecall_contract::session_to_view(&session, &coverage.to_string())?;
    Ok(json(StatusCode::OK, view))
}
