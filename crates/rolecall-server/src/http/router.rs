//! Routes, and what happens around every request.

use super::{administration, authzen, health, login, openapi, passes, stream};
use crate::app::App;
use crate::config::Config;
use crate::metrics::Route;
use crate::problem::Problem;
use crate::proxies;
use crate::proxies::Client;
use crate::traces::Traces;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use http_body_util::LengthLimitError;
use rolecall_authzen::EVALUATION_PATH;
use rolecall_http::ambiguity;
use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::timeout::TimeoutLayer;

/// The header that names a request.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The headers whose values decide who asks, from where, and what becomes of it.
static BELIEVED: [HeaderName; 12] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("x-forwarded-for"),
    REQUEST_ID,
    stream::LAST,
    administration::IDEMPOTENCY_KEY,
    administration::ACTOR,
    login::CSRF,
    login::BACKGROUND,
];

/// Every route of the server.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let limits = &app.config.limits;
    let bound = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(limits.seconds));
    let method_unknown = async |State(app): State<Arc<App>>, client: Client| {
        let message = "the address does not know this method";
        let unknown = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method.unknown", message);
        app.within_rate_of(client).err().unwrap_or(unknown)
    };
    let mut router = Router::new();
    let routes = [
        ("/v1/passes", post(passes::make)),
        ("/v1/passes/renew", post(passes::renew)),
        ("/.well-known/jwks.json", get(passes::keys)),
        ("/v1/snapshot", get(passes::snapshot)),
        ("/openapi.json", get(openapi::document)),
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
        ("/metrics", get(health::metrics)),
    ];
    for (path, route) in
        routes.into_iter().chain(login::routes()).chain(authzen::routes()).chain(administration::routes())
    {
        // A single question waits for its body alone, which is bounded where it is read: a timer for each would cost as much
        // as the answer.
        // Administration says for sure whether a command may still be carried out, which a timer around it would not.
        let has_own = path == EVALUATION_PATH || path.starts_with(administration::PREFIX);
        let bound = (!has_own).then_some(bound);
        router = router.route(path, observed(app, path, route.fallback(method_unknown), bound));
    }
    // A stream is never answered to its end.
    router = router.route("/v1/stream", observed(app, "/v1/stream", get(stream::open).fallback(method_unknown), None));
    let nothing = async |State(app): State<Arc<App>>, client: Client| {
        let problem = Problem::new(StatusCode::NOT_FOUND, "address.unknown", "nothing is answered at this address");
        app.within_rate_of(client).err().unwrap_or(problem.with_help("see `/openapi.json`"))
    };
    router = router.fallback_service(observed(app, "other", any(nothing), Some(bound)).with_state(Arc::clone(app)));
    router.with_state(Arc::clone(app))
}

/// Bounds, counts and tells of the requests of a route.
fn observed(
    app: &Arc<App>,
    path: &'static str,
    route: MethodRouter<Arc<App>>,
    bound: Option<TimeoutLayer>,
) -> MethodRouter<Arc<App>> {
    let seen = Arc::new((Arc::clone(app), app.metrics.route(path)));
    let around = ServiceBuilder::new()
        .layer(from_fn_with_state(seen, around))
        .option_layer(from_pages(&app.config))
        .layer(CatchPanicLayer::custom(panicked))
        .option_layer(bound)
        // Bodies of a layer or of its absence are one again.
        .map_response(IntoResponse::into_response);
    route.layer::<_, Infallible>(around)
}

/// Lets the pages that are named ask from browsers. It answers every `OPTIONS` by itself.
fn from_pages(config: &Config) -> Option<CorsLayer> {
    if config.origins.is_empty() {
        return None;
    }
    let origins: Vec<HeaderValue> = config.origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            stream::LAST,
            administration::IDEMPOTENCY_KEY,
            login::CSRF,
            login::BACKGROUND,
        ])
        .expose_headers([header::ETAG])
        .allow_credentials(config.login.is_some())
        .max_age(Duration::from_secs(600));
    Some(layer)
}

/// Counts a preflight, which no handler sees.
fn counted_preflight(app: &App, request: &Request) -> Result<(), Problem> {
    if app.config.origins.is_empty() || request.method() != Method::OPTIONS {
        return Ok(());
    }
    app.within_rate_of(request.extensions().get().copied().unwrap_or(Client(None)))
}

/// A panic is a defect of ours: nobody is told more than that.
fn panicked(what: Box<dyn Any + Send>) -> Response {
    let told = what.downcast_ref::<String>().map(String::as_str).or_else(|| what.downcast_ref::<&str>().copied());
    tracing::error!(panic = told.unwrap_or("unknown"), "a request panicked");
    Problem::internal("the server failed; nothing was changed").into_response()
}

/// Names, counts and tells of every request.
async fn around(State(seen): State<Arc<(Arc<App>, Route)>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (app, route) = &*seen;
    proxies::resolve(&app.proxies, &mut request);
    let id = request.headers().get(&REQUEST_ID).cloned();
    let method = request.method().clone();
    let span = app.traces.as_ref().map(|traces| traces.begin(&request, route.name()));
    let answering = async {
        let refusal = ambiguity(&request, &BELIEVED).map(ambiguous);
        match refusal.or_else(|| counted_preflight(app, &request).err()) {
            None => next.run(request).await,
            Some(problem) => problem.into_response(),
        }
    };
    let mut response = explained(match &span {
        Some(span) => Traces::within(span, answering).await,
        None => answering.await,
    });
    let headers = response.headers_mut();
    // Who may do what changes, and is nobody else's business.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, taken) = (response.status().as_u16(), begun.elapsed());
    tracing::debug!(%method, route = route.name(), status, micros = taken.as_micros(), ?id, "answered");
    app.metrics.count(route, status, taken);
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The bound on time answers with a status alone: here it gets its envelope.
fn explained(response: Response) -> Response {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE && !response.headers().contains_key(header::CONTENT_TYPE) {
        return too_slow().into_response();
    }
    response
}

fn ambiguous(why: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "request.ambiguous", why)
        .with_help("another server on the way could read the request differently; send it as HTTP defines it")
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "time.exceeded", "the request or its answer took too long")
}

/// The body of a request, which must say that it is JSON and be UTF-8.
pub(super) async fn body_text(app: &App, headers: &HeaderMap, body: Body) -> Result<String, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.type", "the body must be JSON");
        return Err(problem.with_help("send `Content-Type: application/json`"));
    }
    let limits = &app.config.limits;
    let read = tokio::time::timeout(Duration::from_secs(limits.seconds), axum::body::to_bytes(body, limits.body_bytes));
    let bytes = read.await.map_err(|_| too_slow())?.map_err(|error| {
        if std::error::Error::source(&error).is_some_and(|source| source.is::<LengthLimitError>()) {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body.size", "the body is larger than the server takes")
                .with_help("`limits.body_bytes` says how large it may be")
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "body.broken", "the body ended early")
        }
    })?;
    String::from_utf8(bytes.into())
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "request.json", "the body is not UTF-8"))
}
