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

/// What stands behind the gate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Backend {
    /// Nothing: a request that passes is answered with 200, for a proxy that asks before it forwards.
    Answer(Caller),
    /// A folder of files; every address without a file gets `index.html`, as single-page applications need it.
    Files(PathBuf),
    /// Another server, over plain HTTP.
    Upstream(Uri),
}

impl Backend {
    /// Another server, by its address, such as `http://127.0.0.1:9000`.
    ///
    /// # Errors
    /// An address that is not of plain HTTP, or has a path: requests keep theirs.
    pub fn upstream(address: Uri) -> Result<Self, EdgeError> {
        let plain = address.scheme() == Some(&Scheme::HTTP) && address.path() == "/" && address.query().is_none();
        if plain {
            Ok(Self::Upstream(address))
        } else {
            Err(EdgeError::Address { address: address.to_string(), example: "http://127.0.0.1:9000" })
        }
    }

    /// The proxy that asks, where the gate hands nothing on itself.
    fn asker(&self) -> Option<Caller> {
        match self {
            Self::Answer(asker) => Some(*asker),
            Self::Files(_) | Self::Upstream(_) => None,
        }
    }
}

/// Sees how each request was read, and what was decided about it.
pub type Observer = Arc<dyn Fn(Result<&AccessRequest, &Refusal>, &GateDecision) + Send + Sync>;

struct Server {
    gate: Arc<Gate>,
    behind: Backend,
    client: Client<HttpConnector, Body>,
    /// Requests to the server behind that may be open at once, each over a connection of its own.
    upstream: Arc<Semaphore>,
    observer: Option<Observer>,
}

/// Makes the server's router. Serve it with the peers' addresses as connect info.
pub fn router(gate: Arc<Gate>, behind: Backend) -> Router {
    routed(gate, behind, None)
}

/// Makes the server's router, of which an observer sees every decision.
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
    // `decide` returns without the rules: a response can take long, and replaced rules must not live on until it ends.
    match server.decide(peer, request) {
        Decided::Passed(request) => server.pass(request).await,
        Decided::Unwritable => {
            (StatusCode::BAD_GATEWAY, "the request cannot be written for the upstream").into_response()
        }
        Decided::Refused(refused) => refuse(&server, refused).await,
    }
}

/// A request that was decided on.
enum Decided {
    /// The request to hand on.
    Passed(Request),
    /// The request may pass, but the upstream cannot get it.
    Unwritable,
    Refused(Refused),
}

/// A request that does not pass.
struct Refused {
    headers: HeaderMap,
    status: StatusCode,
    reasons: Vec<String>,
    refusal: Option<Refusal>,
}

impl Server {
    /// Reads a request and decides on it, both by the same rules.
    fn decide(&self, peer: SocketAddr, request: Request) -> Decided {
        let rules = self.gate.rules();
        let ambiguity = rolecall_http::ambiguity(&request, &[]);
        let (parts, body) = request.into_parts();
        let asked = match ambiguity {
            Some(message) => Err(refusal::unclear(message)),
            None => rules.read(self.behind.asker(), &parts, peer.ip()),
        };
        let decision = asked.as_ref().map_or_else(Refusal::decision, |asked| rules.decide(asked));
        if let Some(observer) = &self.observer {
            observer(asked.as_ref(), &decision);
        }
        let (status, reasons) = match (decision, &asked) {
            (GateDecision::Pass, Ok(asked)) => {
                let request = match &self.behind {
                    Backend::Upstream(upstream) => request_behind(&rules, upstream, asked, &parts, body),
                    Backend::Answer(_) | Backend::Files(_) => Some(Request::from_parts(parts, body)),
                };
                return request.map_or(Decided::Unwritable, Decided::Passed);
            }
            (GateDecision::Unauthenticated, _) => (StatusCode::UNAUTHORIZED, Vec::new()),
            (GateDecision::Forbidden(reasons), _) => (StatusCode::FORBIDDEN, reasons),
            (GateDecision::Pass, Err(refusal)) => (StatusCode::FORBIDDEN, vec![refusal.code.to_string()]),
        };
        Decided::Refused(Refused { headers: parts.headers, status, reasons, refusal: asked.err() })
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
                        // The place is free again when the body has ended.
                        response
                            .map(|body| {
                                Body::new(body.map_frame(move |frame| {
                                    let _ = &place;
                                    frame
                                }))
                            })
                            .into_response()
                    }
                    Err(_) => (StatusCode::BAD_GATEWAY, "the upstream does not answer").into_response(),
                }
            }
        }
    }
}

/// The request for the upstream, of nothing but what was decided on, the headers that are handed on, and the body.
fn request_behind(rules: &Rules, upstream: &Uri, asked: &AccessRequest, parts: &Parts, body: Body) -> Option<Request> {
    let mut address = upstream.clone().into_parts();
    let path_and_query = match &asked.query {
        Some(query) => [&asked.path, "?", query].concat(),
        None => asked.path.clone(),
    };
    address.path_and_query = Some(path_and_query.parse().ok()?);
    let mut request = Request::new(body);
    *request.method_mut() = asked.method.parse().ok()?;
    *request.uri_mut() = Uri::from_parts(address).ok()?;
    *request.headers_mut() = rules.headers_behind(asked, &parts.headers).ok()?;
    Some(request)
}

/// Refuses: with JSON for programs, with the folder's `403.html` for people where there is one. A decision is answered with
/// reason codes alone, so that nothing of the roles leaks; a request that was not decided on, with what is wrong with it.
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

/// Who may see something can change at any time.
fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
