//! Whether the server lives, whether it is ready, and what it counted.

use crate::app::App;
use crate::config::Right;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(super) async fn alive() -> Response {
    json(StatusCode::OK, r#"{"status":"ok"}"#.to_string())
}

pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.unready() {
        None => json(StatusCode::OK, r#"{"status":"ready"}"#.to_string()),
        Some(why) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", why).into_response(),
    }
}

pub(super) async fn metrics(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.admit(&headers, client, Right::Metrics)?;
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response())
}
