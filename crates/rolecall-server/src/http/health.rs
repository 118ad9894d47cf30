//! Liveness, readiness and metrics.

use crate::app::App;
use crate::code::ServerCode;
use crate::config::Right;
use crate::problem::{Problem, json};
use crate::proxies::Client;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(super) async fn alive(State(app): State<Arc<App>>, client: Client) -> Result<Response, Problem> {
    app.within_health_rate(client)?;
    Ok(json(StatusCode::OK, r#"{"status":"ok"}"#.to_string()))
}

pub(super) async fn ready(State(app): State<Arc<App>>, client: Client) -> Result<Response, Problem> {
    app.within_health_rate(client)?;
    match app.unready() {
        None => Ok(json(StatusCode::OK, r#"{"status":"ready"}"#.to_string())),
        Some(why) => Err(Problem::new(ServerCode::NotReady, why)),
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
