//! The routes of the server, with their middleware.

use super::{
    administration, authzen, console, events, filters, headers, health, import, invitations, lists, login, oauth,
    observe, openapi, passes, queries, scopes, sign_on, stream, transactions, viewed, views,
};
use crate::app::App;
use crate::code::ServerCode;
use crate::config::Config;
use crate::problem::Problem;
use crate::proxies::Client;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any, get, post};
use rolecall_authzen::EVALUATION_PATH;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::timeout::TimeoutLayer;

/// Returns the router of all routes.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let limits = &app.config.limits;
    let bound = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(limits.seconds));
    let method_unknown = async |State(app): State<Arc<App>>, client: Client| {
        let message = "this address does not support the method";
        let unknown = Problem::new(ServerCode::MethodUnknown, message);
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
        events::route(),
        sign_on::route(),
    ];
    let administered = administration::routes()
        .into_iter()
        .chain(lists::routes())
        .chain(transactions::routes())
        .chain(import::routes())
        .chain(viewed::routes());
    let login = login::routes().into_iter().chain(invitations::routes()).chain(scopes::routes());
    let others = login
        .chain(authzen::routes())
        .chain(filters::routes())
        .chain(queries::routes())
        .chain(views::routes())
        .chain(oauth::routes())
        .chain(console::routes(app));
    for (path, route) in routes.into_iter().chain(others).chain(administered) {
        // A single evaluation waits only for its body, which is bounded where it is read. A timer for each would cost
        // as much as the answer.
        // Administration reports reliably whether a command may still be applied, which an outer timer would not.
        let has_own = path == EVALUATION_PATH || path.starts_with(administration::PREFIX);
        let bound = (!has_own).then_some(bound);
        router = router.route(path, observed(app, path, route.fallback(method_unknown), bound));
    }
    // The response of a stream never ends by itself.
    router = router.route("/v1/stream", observed(app, "/v1/stream", get(stream::open).fallback(method_unknown), None));
    let nothing = async |State(app): State<Arc<App>>, client: Client| {
        let problem = Problem::new(ServerCode::AddressUnknown, "no route has this address");
        app.within_rate_of(client).err().unwrap_or(problem.with_help("see `/openapi.json`"))
    };
    router = router.fallback_service(observed(app, "other", any(nothing), Some(bound)).with_state(Arc::clone(app)));
    router.with_state(Arc::clone(app))
}

/// Limits, counts and logs the requests of a route.
fn observed(
    app: &Arc<App>,
    path: &'static str,
    route: MethodRouter<Arc<App>>,
    bound: Option<TimeoutLayer>,
) -> MethodRouter<Arc<App>> {
    let observed = Arc::new((Arc::clone(app), app.metrics.route(path)));
    let around = ServiceBuilder::new()
        .layer(from_fn_with_state(observed, observe::around))
        // Client secrets are not for browsers.
        .option_layer(from_pages(&app.config).filter(|_| path != oauth::TOKEN_PATH))
        .layer(CatchPanicLayer::custom(observe::panicked))
        .option_layer(bound)
        // Unifies the body types with and without the layer.
        .map_response(IntoResponse::into_response);
    route.layer::<_, Infallible>(around)
}

/// Allows requests from the configured origins in browsers. This layer answers every `OPTIONS` request itself.
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
            header::IF_NONE_MATCH,
            stream::LAST,
            administration::IDEMPOTENCY_KEY,
            headers::CSRF,
            headers::BACKGROUND,
        ])
        .expose_headers([header::ETAG, header::LINK])
        .allow_credentials(config.login.is_some())
        .max_age(Duration::from_secs(600));
    Some(layer)
}
