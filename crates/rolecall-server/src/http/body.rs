//! Reads the bodies of requests.

use crate::app::App;
use crate::code::ServerCode;
use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::LengthLimitError;
use rolecall::RequestErrorCode;
use std::time::Duration;

/// Returns the body of a request, which must be declared as JSON and be UTF-8.
pub(super) async fn body_text(app: &App, headers: &HeaderMap, body: Body) -> Result<String, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let problem = Problem::new(ServerCode::BodyType, "the body must be JSON");
        return Err(problem.with_help("send `Content-Type: application/json`"));
    }
    let bytes = body_bytes(app, body).await?;
    String::from_utf8(bytes).map_err(|_| Problem::malformed(RequestErrorCode::RequestJson, "the body is not UTF-8"))
}

/// Returns the bytes of a body.
pub(super) async fn body_bytes(app: &App, body: Body) -> Result<Vec<u8>, Problem> {
    let limits = &app.config.limits;
    let read = tokio::time::timeout(Duration::from_secs(limits.seconds), axum::body::to_bytes(body, limits.body_bytes));
    let bytes = read.await.map_err(|_| too_slow())?.map_err(|error| {
        if std::error::Error::source(&error).is_some_and(|source| source.is::<LengthLimitError>()) {
            Problem::new(ServerCode::BodySize, "the body is too large")
                .with_help("`limits.body_bytes` sets the largest size")
        } else {
            Problem::new(ServerCode::BodyBroken, "the body ended early")
        }
    })?;
    Ok(bytes.into())
}

/// Returns the error of a request that exceeded the time limit.
pub(super) fn too_slow() -> Problem {
    Problem::new(ServerCode::TimeExceeded, "the request or its answer took too long")
}
