//! The OpenAPI description.

use crate::app::App;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use crate::revision::Revision;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json as value};
use std::sync::Arc;

/// `GET /openapi.json`: returns the description with the server's own address and the menus of its policy. Features
/// that are off are omitted.
pub(super) async fn document(State(app): State<Arc<App>>, client: Client) -> Result<Response, Problem> {
    app.within_rate_of(client)?;
    let text = app.description.of(app.revision(), |revision| described(&app, revision))?;
    Ok(json(StatusCode::OK, text.to_string()))
}

fn described(app: &App, revision: &Revision) -> Result<String, Problem> {
    let read = serde_json::from_str(include_str!("../../openapi.json"));
    let mut document: Value = read.map_err(|error| Problem::internal(error.to_string()))?;
    if let Some(url) = document.pointer_mut("/servers/0/url") {
        *url = value!(app.url);
    }
    let menus: Vec<String> = revision.engine.policy().menus().map(str::to_string).collect();
    for schema in ["PassRequest", "OwnPassRequest", "ViewRequest", "OwnViewRequest"] {
        if let Some(menu) = document.pointer_mut(&format!("/components/schemas/{schema}/properties/menus/items")) {
            *menu = value!({ "type": "string", "enum": menus });
        }
    }
    if app.login.is_none()
        && let Some(paths) = document.pointer_mut("/paths").and_then(Value::as_object_mut)
    {
        let of_login = ["/v1/login", "/v1/session", "/v1/invitations"];
        paths.retain(|path, _| !of_login.iter().any(|begin| path.starts_with(begin)));
    }
    Ok(document.to_string())
}
