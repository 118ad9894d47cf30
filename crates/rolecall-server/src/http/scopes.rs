//! The scopes that the logged-in user can open in a page of administration.

use super::administration::{Connection, acting, context, deadline, no_store, refused, stored, unanswered};
use crate::app::App;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use std::sync::Arc;

pub(super) fn routes() -> [(&'static str, MethodRouter<Arc<App>>); 1] {
    [("/v1/session/scopes", get(scopes))]
}

/// `GET /v1/session/scopes`: returns the scopes at which the user of the session holds roles, with those below them.
async fn scopes(State(app): State<Arc<App>>, client: Client, headers: HeaderMap) -> Result<Response, Problem> {
    let home = app.person(&Method::GET, &headers, client)?.at.clone();
    let context = context(acting(&app, &Method::GET, &headers, client)?, Connection::default(), None, client)?;
    let (queue, deadline) = (Arc::clone(&app), deadline(&app));
    let shown = stored(&queue, deadline, move || {
        let shown = app.source.with_store(|administration| {
            let state = administration.state();
            state.view_scopes(Some(&home), &context).map_err(refused)
        });
        // Without a tag: the version would count the commands of all tenants.
        Ok(json(StatusCode::OK, rolecall_contract::canonical(&shown.ok_or_else(no_store)??)))
    });
    shown.await.map_err(unanswered)?
}
