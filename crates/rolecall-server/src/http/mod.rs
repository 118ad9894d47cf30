//! Routes, and what happens around every request.

mod administration;
mod authzen;
mod health;
mod openapi;
mod passes;
mod stream;

use crate::app::App;
use crate::metrics::{RequestLabels, RouteLabels};
use crate::problem::Problem;
use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// The header that names a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Every route of the server.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let limits = &app.config.limits;
    let answered = Router::new()
        .merge(authzen::routes())
        .route("/v1/passes", post(passes::make))
        .route("/v1/passes/renew", post(passes::renew))
        .route("/.well-known/jwks.json", get(passes::keys))
        .route("/v1/snapshot", get(passes::snapshot))
        .merge(administration::routes())
        .route("/openapi.json", get(openapi::document))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(limits.seconds)));
    // A stream is never answered to its end.
    let streams = Router::new().route("/v1/stream", get(stream::open));
    answered
        .merge(streams)
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method.unknown", "the address does not know this method")
        })
        .fallback(async || {
            Problem::new(StatusCode::NOT_FOUND, "address.unknown", "nothing is answered at this address")
                .with_help("see `/openapi.json`")
        })
        .layer(RequestBodyLimitLayer::new(limits.body_bytes))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_pages(&app.config.origins))
        .layer(from_fn_with_state(Arc::clone(app), around))
        .with_state(Arc::clone(app))
}

/// Lets the pages that are named ask from browsers.
fn from_pages(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, stream::LAST])
        .max_age(Duration::from_secs(600))
}

/// A panic is a defect of ours: nobody is told more than that.
fn panicked(what: Box<dyn Any + Send>) -> Response {
    let told = what.downcast_ref::<String>().map(String::as_str).or_else(|| what.downcast_ref::<&str>().copied());
    tracing::error!(panic = told.unwrap_or("unknown"), "a request panicked");
    Problem::internal("the server failed; nothing was changed").into_response()
}

/// Names, counts and tells of every request.
async fn around(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let id = request.headers().get(&REQUEST_ID).cloned();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_string();
    let method = request.method().clone();
    let response = next.run(request).await;
    let mut response = explained(response);
    let headers = response.headers_mut();
    if let Some(id) = &id {
        headers.insert(REQUEST_ID, id.clone());
    }
    // Who may do what changes, and is nobody else's business.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, taken) = (response.status().as_u16(), begun.elapsed());
    tracing::debug!(%method, route, status, micros = taken.as_micros(), %peer, id = ?id, "answered");
    app.metrics.seconds.get_or_create(&RouteLabels { route: route.clone() }).observe(taken.as_secs_f64());
    app.metrics.requests.get_or_create(&RequestLabels { route, status }).inc();
    response
}

/// Bounds answer with a status alone: here it gets its envelope.
fn explained(response: Response) -> Response {
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if !is_json => too_large().into_response(),
        StatusCode::SERVICE_UNAVAILABLE if !is_json => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "time.exceeded", "the answer took too long").into_response()
        }
        _ => response,
    }
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body.size", "the body is larger than the server takes")
        .with_help("`limits.body_bytes` says how large it may be")
}

/// The body of a request, which must say that it is JSON and be UTF-8.
async fn body_text(headers: &HeaderMap, request: axum::body::Body) -> Result<String, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.type", "the body must be JSON");
        return Err(problem.with_help("send `Content-Type: application/json`"));
    }
    let bytes = axum::body::to_bytes(request, usize::MAX).await.map_err(|error| {
        let limited =
            std::error::Error::source(&error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if limited { too_large() } else { Problem::new(StatusCode::BAD_REQUEST, "body.broken", "the body ended early") }
    })?;
    String::from_utf8(bytes.into())
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "request.json", "the body is not UTF-8"))
}
