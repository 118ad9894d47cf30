//! A small HTTP server behind the gate.

use crate::gate::{Gate, Verdict};
use anyhow::Result;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Scheme;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
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
    /// Another server, over plain HTTP.
    Upstream(Uri),
}

impl Behind {
    /// Another server, by its address, such as `http://127.0.0.1:9000`.
    ///
    /// # Errors
    /// An address that is not of plain HTTP, or has a path: requests keep theirs.
    pub fn upstream(address: Uri) -> Result<Self> {
        let plain = address.scheme() == Some(&Scheme::HTTP) && address.path() == "/" && address.query().is_none();
        anyhow::ensure!(plain, "`{address}` is no address to forward to, such as `http://127.0.0.1:9000`");
        Ok(Self::Upstream(address))
    }
}

/// What two neighbours say to each other, and nobody hands on (RFC 9110, 7.6.1). What a request names in `Connection`
/// beside these is handed on: it may be what the gate looked at.
static BETWEEN_NEIGHBOURS: [HeaderName; 10] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

fn handed_on(headers: &mut HeaderMap) {
    for name in &BETWEEN_NEIGHBOURS {
        headers.remove(name);
    }
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
                *request.version_mut() = Version::HTTP_11;
                handed_on(request.headers_mut());
                match self.client.request(request).await {
                    Ok(mut response) => {
                        handed_on(response.headers_mut());
                        response.into_response()
                    }
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
