//! Middleware for every request: request id, counts, log, and checks that run before the handler.

use super::body::too_slow;
use super::{administration, headers, stream};
use crate::app::App;
use crate::code::ServerCode;
use crate::metrics::Route;
use crate::problem::Problem;
use crate::proxies;
use crate::proxies::Client;
use crate::traces::Traces;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rolecall_http::ambiguity;
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

/// The header with the id of a request.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The headers that decide the caller, its address, or the effect of a request.
static DECISIVE_HEADERS: [HeaderName; 12] = [
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
    headers::CSRF,
    headers::BACKGROUND,
];

/// Counts a preflight request, which reaches no handler.
fn counted_preflight(app: &App, request: &Request) -> Result<(), Problem> {
    if app.config.origins.is_empty() || request.method() != Method::OPTIONS {
        return Ok(());
    }
    app.within_rate_of(request.extensions().get().copied().unwrap_or(Client::UNKNOWN))
}

/// Returns the response for a panic in a handler. It contains no details.
pub(super) fn panicked(what: Box<dyn Any + Send>) -> Response {
    let message = what.downcast_ref::<String>().map(String::as_str).or_else(|| what.downcast_ref::<&str>().copied());
    tracing::error!(panic = message.unwrap_or("unknown"), "a request panicked; answering with status 500");
    Problem::internal("the server failed; the request changed nothing").into_response()
}

/// Checks, counts and logs a request, and completes the headers of its response.
pub(super) async fn around(
    State(observed): State<Arc<(Arc<App>, Route)>>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let (app, route) = &*observed;
    proxies::resolve(&app.proxies, &mut request);
    let id = request.headers().get(&REQUEST_ID).cloned();
    let method = request.method().clone();
    let span = app.traces.as_ref().map(|traces| traces.begin(&request, route.name()));
    let answering = async {
        let refusal = ambiguity(&request, &DECISIVE_HEADERS).map(ambiguous);
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
    // Permissions change and are private, so responses are not cached.
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

/// The timeout layer returns only a status; this adds the envelope.
fn explained(response: Response) -> Response {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE && !response.headers().contains_key(header::CONTENT_TYPE) {
        return too_slow().into_response();
    }
    response
}

fn ambiguous(why: String) -> Problem {
    Problem::new(ServerCode::RequestAmbiguous, why).with_help(
        "another server on the way could read the request differently; send it in the form that HTTP defines",
    )
}
