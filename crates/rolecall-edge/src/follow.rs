//! Following a server: its snapshot first, then another one whenever its stream tells of a change.

use crate::gate::Gate;
use crate::pool::World;
use anyhow::{Context, Result, bail};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long it is answered from what was there last, while the server is away.
const STALE: Duration = Duration::from_secs(15 * 60);

/// How long nothing may come over a stream: the server gives a sign of life every 15 seconds.
const SILENCE: Duration = Duration::from_secs(40);

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A server to follow, over plain HTTP: on the same machine, or through a proxy that speaks TLS.
#[derive(Clone, Debug)]
pub struct Upstream {
    client: Client<HttpConnector, Body>,
    url: String,
    bearer: HeaderValue,
}

impl Upstream {
    /// A server by its address, and a token that gives the right to snapshots.
    ///
    /// # Errors
    /// An address that is not of plain HTTP, or a token that no header can hold.
    pub fn new(url: &str, token: &str) -> Result<Self> {
        if url.parse::<Uri>().ok().is_none_or(|uri| uri.scheme_str() != Some("http")) {
            bail!("`{url}` is no address of plain HTTP, such as `http://127.0.0.1:8080`");
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).context("the token")?;
        bearer.set_sensitive(true);
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { client, url: url.trim_end_matches('/').to_string(), bearer })
    }

    async fn get(&self, path: &str, last: Option<&str>) -> Result<Response<Body>> {
        let mut request =
            Request::get(format!("{}{path}", self.url)).header(header::AUTHORIZATION, self.bearer.clone());
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = tokio::time::timeout(SILENCE, self.client.request(request.body(Body::empty())?)).await??;
        if response.status() != StatusCode::OK {
            bail!("{}{path} answers with {}", self.url, response.status());
        }
        Ok(response.map(Body::new))
    }

    /// The snapshot, and what it is marked with.
    ///
    /// # Errors
    /// The server is away, or refuses.
    pub async fn snapshot(&self) -> Result<(Vec<u8>, String)> {
        let response = self.get("/v1/snapshot", None).await?;
        let mark = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let mark = mark.trim_matches('"').to_string();
        Ok((response.into_body().collect().await?.to_bytes().to_vec(), mark))
    }

    /// Lets a gate follow the server, from what it has, marked so. It connects again by itself, and never ends.
    pub async fn follow(&self, gate: Arc<Gate>, mut mark: String) {
        let (mut wait, mut seen) = (FIRST_WAIT, Instant::now());
        loop {
            match self.listen(&gate, &mut mark, &mut wait, &mut seen).await {
                Ok(()) => {}
                Err(error) => eprintln!("the server is away: {error:#}"),
            }
            gate.pool().set_stale(seen.elapsed() > STALE);
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn listen(&self, gate: &Arc<Gate>, mark: &mut String, wait: &mut Duration, seen: &mut Instant) -> Result<()> {
        let mut body = self.get("/v1/stream", Some(mark)).await?.into_body();
        let mut text = Vec::new();
        while let Some(frame) = tokio::time::timeout(SILENCE, body.frame()).await? {
            if let Ok(data) = frame?.into_data() {
                let data: Bytes = data;
                text.extend_from_slice(&data);
            }
            // Any sign of life will do, but for one that tells of a change, which must be followed first.
            while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = text.drain(..end + 2).collect();
                if event.split(|byte| *byte == b'\n').any(|line| line == b"event: changed") {
                    let (bytes, next) = self.snapshot().await?;
                    let gate = Arc::clone(gate);
                    tokio::task::spawn_blocking(move || gate.pool().replace(World::Snapshot(bytes))).await??;
                    *mark = next;
                }
                (*wait, *seen) = (FIRST_WAIT, Instant::now());
                gate.pool().set_stale(false);
            }
        }
        Ok(())
    }
}
