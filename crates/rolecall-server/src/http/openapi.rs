//! The description of everything that is answered.

use crate::app::App;
use crate::problem::json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

pub(super) async fn document(State(app): State<Arc<App>>) -> Response {
    let text = include_str!("../../openapi.json").replace("https://roles.example.com", &app.url);
    json(StatusCode::OK, text)
}
