//! Follows a server: loads its snapshot, and reloads it when its stream reports a change.

use crate::error::{EdgeError, with_causes};
use crate::gate::Gate;
use crate::source::EngineSource;
use axum::http::uri::Scheme;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the gate answers from the last snapshot while the server is unreachable.
const STALE: Duration = Duration::from_secs(15 * 60);

/// How long a stream may be silent: the server sends a comment every 15 seconds.
const SILENCE: Duration = Duration::from_secs(40);

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A server to follow.
#[derive(Clone, Debug)]
pub struct Upstream {
    client: Client,
    url: String,
    bearer: HeaderValue,
}

impl Upstream {
    /// Creates a follower for a server address and a token that grants the right to snapshots. Trusts the certificates
    /// of the system.
    ///
    /// # Errors
    /// An address that is not an HTTP address, or a token that cannot be sent as a header.
    pub fn new(url: &str, token: &str) -> Result<Self, EdgeError> {
        let scheme = url.parse::<Uri>().ok().and_then(|uri| uri.scheme().cloned());
        if scheme.is_none_or(|scheme| scheme != Scheme::HTTP && scheme != Scheme::HTTPS) {
            return Err(EdgeError::Address { address: url.to_string(), example: "https://roles.example.com" });
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| EdgeError::Token)?;
        bearer.set_sensitive(true);
        // Fails if another provider is already installed, which then stays in use.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The token is only for the configured server, not for a redirect target.
        let client =
            Client::builder().redirect(Policy::none()).connect_timeout(SILENCE).read_timeout(SILENCE).build()?;
        Ok(Self { client, url: url.trim_end_matches('/').to_string(), bearer })
    }

    async fn get(&self, path: &str, last: Option<&str>) -> Result<Response, EdgeError> {
        let mut request =
            self.client.get(format!("{}{path}", self.url)).header(header::AUTHORIZATION, self.bearer.clone());
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await?;
        if response.status() != StatusCode::OK {
            let (address, status) = (format!("{}{path}", self.url), response.status().as_u16());
            return Err(EdgeError::Status { address, status });
        }
        Ok(response)
    }

    /// Loads the snapshot and its mark.
    ///
    /// # Errors
    /// The server is unreachable, or rejects the request.
    pub async fn snapshot(&self) -> Result<(Vec<u8>, String), EdgeError> {
        let response = self.get("/v1/snapshot", None).await?;
        let mark = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let mark = mark.trim_matches('"').to_string();
        Ok((response.bytes().await?.to_vec(), mark))
    }

    /// Keeps a gate up to date, starting from the snapshot with this mark. Reconnects by itself, and never returns.
    pub async fn follow(&self, gate: Arc<Gate>, mut mark: String) {
        let (mut wait, mut seen) = (FIRST_WAIT, Instant::now());
        loop {
            match self.listen(&gate, &mut mark, &mut wait, &mut seen).await {
                Ok(()) => {}
                Err(error) => eprintln!("following the server failed; retrying: {}", with_causes(&error)),
            }
            gate.rules().pool().set_stale(seen.elapsed() > STALE);
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn listen(
        &self,
        gate: &Arc<Gate>,
        mark: &mut String,
        wait: &mut Duration,
        seen: &mut Instant,
    ) -> Result<(), EdgeError> {
        let mut stream = self.get("/v1/stream", Some(mark)).await?;
        let mut text = Vec::new();
        while let Some(data) = stream.chunk().await? {
            text.extend_from_slice(&data);
            // Any data shows that the server is alive. A change is followed before it counts.
            while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = text.drain(..end + 2).collect();
                if event.split(|byte| *byte == b'\n').any(|line| line == b"event: changed") {
                    let (bytes, next) = self.snapshot().await?;
                    let gate = Arc::clone(gate);
                    let take = move || gate.follow(gate.rules().pool().with_source(EngineSource::Snapshot(bytes))?);
                    tokio::task::spawn_blocking(take).await.map_err(|error| EdgeError::Connection(error.into()))??;
                    *mark = next;
                }
                (*wait, *seen) = (FIRST_WAIT, Instant::now());
                gate.rules().pool().set_stale(false);
            }
        }
        Ok(())
    }
}
