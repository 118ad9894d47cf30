//! A small HTTP server behind the gate.

use crate::gate::{Gate, Verdict};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

/// What stands behind the gate.
#[derive(Clone, Debug)]
pub enum Behind {
    /// Nothing: a request that passes is answered with 200, for a proxy that asks before it forwards.
    Answer,
    /// A folder of files; every address without a file gets `index.html`, as single-page applications need it.
    Files(PathBuf),
    /// Another server, over plain HTTP, such as `http://127.0.0.1:9000`.
    Upstream(Uri),
}

struct Server {
    gate: Arc<Gate>,
    behind: Behind,
    client: Client<HttpConnector, Body>,
}

/// Makes the server's router. Serve it with the peers' addresses as connect info.
pub fn router(gate: Arc<Gate>, behind: Behind) -> Router {
    let client = Client::builder(TokioExecutor::new()).build_http();
    Router::new().fallback(handle).with_state(Arc::new(Server { gate, behind, client }))
}

async fn handle(
    State(server): State<Arc<Server>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let verdict = server.gate.decide(request.method().as_str(), request.uri().path(), request.headers(), peer.ip());
    match verdict {
        Verdict::Pass => server.pass(request).await,
        Verdict::Unauthenticated => refuse(&server, request.headers(), StatusCode::UNAUTHORIZED, &[]).await,
        Verdict::Forbidden(reasons) => refuse(&server, request.headers(), StatusCode::FORBIDDEN, &reasons).await,
    }
}

impl Server {
    async fn pass(&self, mut request: Request) -> Response {
        match &self.behind {
            Behind::Answer => Json(json!({ "allow": true })).into_response(),
            Behind::Files(root) => {
                let files = ServeDir::new(root).fallback(ServeFile::new(root.join("index.html")));
                match files.oneshot(request).await {
                    Ok(response) => uncached(response.into_response()),
                    Err(impossible) => match impossible {},
                }
            }
            Behind::Upstream(upstream) => {
                let path = request.uri().path_and_query().cloned();
                let mut parts = upstream.clone().into_parts();
                parts.path_and_query = path;
                let Ok(uri) = Uri::from_parts(parts) else {
                    return (StatusCode::BAD_GATEWAY, "the upstream's address is malformed").into_response();
                };
                *request.uri_mut() = uri;
                match self.client.request(request).await {
                    Ok(response) => response.into_response(),
                    Err(_) => (StatusCode::BAD_GATEWAY, "the upstream does not answer").into_response(),
                }
            }
        }
    }
}

/// Refuses: with JSON for programs, with the folder's `403.html` for people where there is one. Only reason codes are
/// told, so that nothing of the roles leaks.
async fn refuse(server: &Server, headers: &HeaderMap, status: StatusCode, reasons: &[String]) -> Response {
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if let (true, Behind::Files(root)) = (wants_page, &server.behind)
        && let Ok(page) = tokio::fs::read_to_string(root.join("403.html")).await
    {
        let page = page.replace("{{reasons}}", &reasons.join(", "));
        return uncached((status, axum::response::Html(page)).into_response());
    }
    uncached((status, Json(json!({ "allow": false, "reasons": reasons }))).into_response())
}

/// Who may see something can change at any time.
fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
