//! Questions about assignments: who holds a role, which groups may do something, and the assignments of a subject.

use super::body::body_text;
use super::filters::{admitted, answered, put_time, read, shapeless};
use crate::app::App;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use rolecall::{Engine, RequestError};
use rolecall_contract::{try_assignments_of, try_which_groups_can, try_who_holds};
use std::sync::Arc;

/// Why applications get no answers: without a scope, the answer names subjects and scopes of other tenants.
const OTHERS: &str = "an application gets no answers about assignments, because they name subjects of all tenants";

/// Answers a question in JSON.
type Answer = fn(&Engine, &str) -> Result<String, RequestError>;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 3] {
    [
        ("/v1/queries/who-holds", route(try_who_holds)),
        ("/v1/queries/which-groups-can", route(try_which_groups_can)),
        ("/v1/queries/assignments-of", route(try_assignments_of)),
    ]
}

fn route(ask: Answer) -> MethodRouter<Arc<App>> {
    post(async move |State(app): State<Arc<App>>, client: Client, headers: HeaderMap, body: Body| {
        answer(ask, &app, client, &headers, body).await
    })
}

/// `POST /v1/queries/…`: answers a question. The time is that of the server, unless the caller may state it.
async fn answer(ask: Answer, app: &App, client: Client, headers: &HeaderMap, body: Body) -> Result<Response, Problem> {
    let bearer = admitted(app, headers, client, OTHERS)?;
    let mut question = read(&body_text(app, headers, body).await?)?;
    put_time(question.as_object_mut().ok_or_else(|| shapeless(""))?, bearer.as_deref())?;
    let question = question.to_string();
    answered(app, move |revision| ask(&revision.engine, &question)).await
}
