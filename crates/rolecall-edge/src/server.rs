//! A small HTTP server behind the gate.

use crate::caller::Caller;
use crate::decision::GateDecision;
use crate::error::EdgeError;
use crate::gate::{Gate, Rules};
use crate::headers;
use crate::refusal::{self, Refusal};
use crate::request::AccessRequest;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Scheme;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

/// The application behind the gate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Backend {
    /// No application: a request that passes gets status 200, for a proxy that asks before it forwards.
    Answer(Caller),
    /// A folder of files. Every address without a file gets `index.html`, as single-page applications need.
    Files(PathBuf),
    /// An upstream server, over plain HTTP.
    Upstream(Uri),
}

impl Backend {
    /// Makes a backend for an upstream server by its address, such as `http://127.0.0.1:9000`.
    ///
    /// # Errors
    /// The address is not plain HTTP, or has a path: requests keep their own path.
    pub fn upstream(address: Uri) -> Result<Self, EdgeError> {
        let plain = address.scheme() == Some(&Scheme::HTTP) && address.path() == "/" && address.query().is_none();
        if plain {
            Ok(Self::Upstream(address))
        } else {
            Err(EdgeError::Address { address: address.to_string(), example: "http://127.0.0.1:9000" })
        }
    }

    /// The proxy that asks, if the gate itself forwards nothing.
    fn asker(&self) -> Option<Caller> {
        match self {
            Self::Answer(asker) => Some(*asker),
            Self::Files(_) | Self::Upstream(_) => None,
        }
    }
}

/// Observes each request as the gate read it, and its decision.
pub type Observer = Arc<dyn Fn(Result<&AccessRequest, &Refusal>, &GateDecision) + Send + Sync>;

struct Server {
    gate: Arc<Gate>,
    behind: Backend,
    client: Client<HttpConnector, Body>,
    /// Open requests to the upstream, each on its own connection.
    upstream: Arc<Semaphore>,
    observer: Option<Observer>,
}

/// Creates the server's router. Serve it with the peers' addresses as connect info.
pub fn router(gate: Arc<Gate>, behind: Backend) -> Router {
    routed(gate, behind, None)
}

/// Creates the server's router with an observer of every decision.
pub fn observed_router(gate: Arc<Gate>, behind: Backend, observer: Observer) -> Router {
    routed(gate, behind, Some(observer))
}

fn routed(gate: Arc<Gate>, behind: Backend, observer: Option<Observer>) -> Router {
    let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build_http();
    let upstream = Arc::new(Semaphore::new(rolecall_http::most_connections()));
    Router::new().fallback(handle).with_state(Arc::new(Server { gate, behind, client, upstream, observer }))
}

async fn handle(
    State(server): State<Arc<Server>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    // `decide` returns without the rules: a response can take long, and must not keep replaced rules alive.
    match server.decide(peer, request) {
        Decided::Passed(request) => server.pass(request).await,
        Decided::Unwritable => {
            (StatusCode::BAD_GATEWAY, "the request cannot be forwarded to the upstream").into_response()
        }
        Decided::Refused(refused) => refuse(&server, refused).await,
    }
}

/// A decided request.
enum Decided {
    /// The request to forward.
    Passed(Request),
    /// The request may pass, but cannot be forwarded.
    Unwritable,
    Refused(Refused),
}

/// A denied request.
struct Refused {
    headers: HeaderMap,
    status: StatusCode,
    reasons: Vec<String>,
    refusal: Option<Refusal>,
}

impl Server {
    /// Reads a request and decides on it, both with the same rules.
    fn decide(&self, peer: SocketAddr, request: Request) -> Decided {
        let rules = self.gate.rules();
        let ambiguity = rolecall_http::ambiguity(&request, &[]);
        let (parts, body) = request.into_parts();
        let access = match ambiguity {
            Some(message) => Err(refusal::unclear(message)),
            None => rules.read(self.behind.asker(), &parts, peer.ip()),
        };
        let decision = access.as_ref().map_or_else(Refusal::decision, |access| rules.decide(access));
        if let Some(observer) = &self.observer {
            observer(access.as_ref(), &decision);
        }
        let (status, reasons) = match (decision, &access) {
            (GateDecision::Allow, Ok(access)) => {
                let request = match &self.behind {
                    Backend::Upstream(upstream) => request_behind(&rules, upstream, access, &parts, body),
                    Backend::Answer(_) | Backend::Files(_) => Some(Request::from_parts(parts, body)),
                };
                return request.map_or(Decided::Unwritable, Decided::Passed);
            }
            (GateDecision::Unauthenticated, _) => (StatusCode::UNAUTHORIZED, Vec::new()),
            (GateDecision::Forbidden(reasons), _) => (StatusCode::FORBIDDEN, reasons),
            (GateDecision::Allow, Err(refusal)) => (StatusCode::FORBIDDEN, vec![refusal.code.to_string()]),
        };
        Decided::Refused(Refused { headers: parts.headers, status, reasons, refusal: access.err() })
    }

    async fn pass(&self, request: Request) -> Response {
        match &self.behind {
            Backend::Answer(_) => uncached(Json(json!({ "allow": true })).into_response()),
            Backend::Files(root) => {
                let files = ServeDir::new(root).fallback(ServeFile::new(root.join("index.html")));
                match files.oneshot(request).await {
                    Ok(response) => uncached(response.into_response()),
                    Err(impossible) => match impossible {},
                }
            }
            Backend::Upstream(_) => {
                let Ok(place) = Arc::clone(&self.upstream).try_acquire_owned() else {
                    return (StatusCode::SERVICE_UNAVAILABLE, "too many requests are open to the upstream")
                        .into_response();
                };
                match self.client.request(request).await {
                    Ok(mut response) => {
                        headers::strip_response(response.headers_mut());
                        // The permit is released when the body ends.
                        response
                            .map(|body| {
                                Body::new(body.map_frame(move |frame| {
                                    let _ = &place;
                                    frame
                                }))
                            })
                            .into_response()
                    }
                    Err(_) => (StatusCode::BAD_GATEWAY, "the upstream does not respond").into_response(),
                }
            }
        }
    }
}

/// Returns the request for the upstream: the parts that were decided on, the forwarded headers, and the body.
fn request_behind(rules: &Rules, upstream: &Uri, access: &AccessRequest, parts: &Parts, body: Body) -> Option<Request> {
    let mut address = upstream.clone().into_parts();
    let path_and_query = match &access.query {
        Some(query) => [&access.path, "?", query].concat(),
        None => access.path.clone(),
    };
    address.path_and_query = Some(path_and_query.parse().ok()?);
    let mut request = Request::new(body);
    *request.method_mut() = access.method.parse().ok()?;
    *request.uri_mut() = Uri::from_parts(address).ok()?;
    *request.headers_mut() = rules.headers_behind(access, &parts.headers).ok()?;
    Some(request)
}

/// Returns the response of a denial: JSON for programs, the folder's `403.html` for people if it exists. A denial
/// contains only reason codes, so that it reveals nothing about roles. A rejected request gets the description of its
/// problem.
async fn refuse(server: &Server, refused: Refused) -> Response {
    let Refused { headers, status, reasons, refusal } = refused;
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if let (true, Backend::Files(root)) = (wants_page, &server.behind)
        && let Ok(page) = tokio::fs::read_to_string(root.join("403.html")).await
    {
        let page = page.replace("{{reasons}}", &reasons.join(", "));
        return uncached((status, axum::response::Html(page)).into_response());
    }
    let mut answer = json!({ "allow": false, "reasons": reasons });
    if let (Some(refusal), Some(answer)) = (refusal, answer.as_object_mut()) {
        answer.insert("message".to_string(), json!(refusal.message));
    }
    uncached((status, Json(answer)).into_response())
}

/// Responses are not cached, because permissions can change at any time.
fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
