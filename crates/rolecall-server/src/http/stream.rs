//! A stream of server-sent events. It reports when the listener's own answers may have changed, and nothing about
//! others.

use super::mark::{mark, short};
use crate::app::App;
use crate::clock;
use crate::code::ServerCode;
use crate::config::Right;
use crate::login::Login;
use crate::problem::Problem;
use crate::proxies::Client;
use crate::revision::lock;
use crate::tokens::{Credential, Digested, bearer_text};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use rolecall::Timestamp;
use rolecall_pass::Pass;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// The mark that the client received last.
pub(super) const LAST: HeaderName = HeaderName::from_static("last-event-id");

/// The header that nginx and other proxies read: `no` makes them forward data at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How often a comment is sent on an idle stream, so that both sides detect a broken connection.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The listener of a stream, and the source of its mark.
enum Listener {
    /// The bearer of a pass.
    Pass(Box<Pass>),
    /// A server with a snapshot: what it presented, and its address.
    Snapshot { credential: Digested, client: Client },
}

impl Listener {
    /// Returns the mark of the current answers, or `None` if the listener has no answers any more.
    fn mark(&self, app: &App) -> Option<String> {
        match self {
            Self::Pass(pass) => super::passes::made_again(app, pass).map(|bytes| short(&Sha256::digest(bytes))),
            Self::Snapshot { .. } => Some(mark(&app.revision())),
        }
    }

    /// Returns whether the listener's credentials are still valid: the key of a pass or a token can be removed.
    fn is_admitted(&self, app: &App) -> bool {
        match self {
            Self::Pass(pass) => app.keys().ids().any(|id| id == pass.key),
            Self::Snapshot { credential, client } => {
                app.tokens().require_digest(credential, *client, Right::Snapshot).is_ok()
            }
        }
    }

    /// Returns whether the listener's browser session has ended.
    fn is_over(&self, app: &App) -> bool {
        matches!(self, Self::Pass(pass) if super::passes::is_over(app, pass))
    }

    /// Returns how long events can follow.
    fn ends_in(&self, now: Timestamp) -> Option<Duration> {
        let Self::Pass(pass) = self else { return None };
        let left = pass.expires.as_millis().saturating_sub(now.as_millis());
        Some(Duration::from_millis(u64::try_from(left).unwrap_or_default()))
    }
}

/// An open stream. It counts against the limits until it is dropped.
struct Open {
    app: Arc<App>,
    whose: String,
}

impl Open {
    /// Opens a stream, unless all clients or this client have too many.
    fn new(app: &Arc<App>, whose: String) -> Result<Self, Problem> {
        let limits = &app.config.limits;
        let mut streams = lock(&app.streams);
        let all: usize = app.metrics.streams.get().try_into().unwrap_or_default();
        let own = streams.get(&whose).copied().unwrap_or_default();
        if all >= limits.most_streams() || own >= limits.streams_each {
            let problem = Problem::new(ServerCode::StreamsExceeded, "too many streams are open");
            return Err(problem.with_help("`limits.streams` and `limits.streams_each` set the limits"));
        }
        streams.insert(whose.clone(), own + 1);
        app.metrics.streams.inc();
        Ok(Self { app: Arc::clone(app), whose })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut streams = lock(&self.app.streams);
        self.app.metrics.streams.dec();
        if let Some(own) = streams.get_mut(&self.whose) {
            *own -= 1;
            if *own == 0 {
                streams.remove(&self.whose);
            }
        }
    }
}

/// `GET /v1/stream`, with a pass, or with a token that grants the right to snapshots. Events: `ready` with the mark of
/// the current answers; `changed` with a new mark; `expired` when the pass or the token is no longer valid: it expired,
/// its key was retired, or it was removed from the configuration; `ended` when the browser session that requested the
/// pass has ended.
pub(super) async fn open(State(app): State<Arc<App>>, client: Client, headers: HeaderMap) -> Result<Response, Problem> {
    let (listener, whose) = if bearer_text(&headers).is_some_and(|text| text.split('.').count() == 3) {
        let pass = app.admit_pass(&headers, client)?;
        if super::passes::is_over(&app, &pass) {
            return Err(super::passes::expired());
        }
        let whose = pass.session.subject().to_string();
        (Listener::Pass(Box::new(pass)), whose)
    } else {
        let bearer = app.admit(&headers, client, Right::Snapshot)?;
        let credential = Credential::of(&headers, client).map(|credential| credential.digested());
        let credential = credential.ok_or_else(|| Problem::unauthenticated("the request has no token"))?;
        (Listener::Snapshot { credential, client }, bearer.map_or_else(String::new, |bearer| bearer.subject.clone()))
    };
    let open = Open::new(&app, whose)?;
    // The mark of the client's answers: the last one it received, or that of its pass.
    let seen = headers.get(LAST).and_then(|id| id.to_str().ok()).map(str::to_string).or_else(|| match &listener {
        Listener::Pass(pass) => Some(short(&Sha256::digest(&pass.bytes))),
        Listener::Snapshot { .. } => None,
    });
    let (events, answer) = mpsc::channel(4);
    tokio::spawn(listen(app, listener, seen, events, open));
    let stream = EventStream(answer);
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response();
    let headers = response.headers_mut();
    // A proxy that buffers or compresses the response would delay every event.
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    Ok(response)
}

/// Returns the events of a channel as a stream.
struct EventStream(mpsc::Receiver<Event>);

impl futures_core::Stream for EventStream {
    type Item = Result<Event, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

async fn listen(app: Arc<App>, listener: Listener, seen: Option<String>, events: mpsc::Sender<Event>, open: Open) {
    // Subscribes before the first read, so that no change between the two is lost.
    let (mut changes, mut stopping) = (app.changes(), app.stopping.subscribe());
    let end = listener.ends_in(clock::now());
    let ended = async {
        match end {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(ended);
    let mut sessions = app.login.as_ref().map(Login::ended);
    let mut current = listener.mark(&app);
    let first = match &seen {
        Some(seen) if Some(seen) != current.as_ref() => "changed",
        _ => "ready",
    };
    if events.send(event(first, current.as_deref())).await.is_err() {
        return;
    }
    loop {
        if listener.is_over(&app) {
            // The last event of the stream; a failed delivery has no consequence.
            let _ = events.send(event("ended", None)).await;
            break;
        }
        if !listener.is_admitted(&app) {
            let _ = events.send(event("expired", None)).await;
            break;
        }
        tokio::select! {
            () = changed(sessions.as_mut()) => {}
            changed = changes.changed() => {
                if changed.is_err() {
                    break;
                }
                if listener.is_over(&app) || !listener.is_admitted(&app) {
                    continue;
                }
                let now = listener.mark(&app);
                if now != current {
                    current = now;
                    if events.send(event("changed", current.as_deref())).await.is_err() {
                        break;
                    }
                }
            }
            () = &mut ended => {
                // The last event of the stream; a failed delivery has no consequence.
                let _ = events.send(event("expired", None)).await;
                break;
            }
            () = stop(&mut stopping) => break,
            () = events.closed() => break,
        }
    }
    drop(open);
}

/// Waits until a session ends, if the server has sessions.
async fn changed(sessions: Option<&mut watch::Receiver<u64>>) {
    match sessions {
        // The sender lives as long as the server.
        Some(sessions) => drop(sessions.changed().await),
        None => std::future::pending().await,
    }
}

/// Waits until the server stops.
async fn stop(stopping: &mut watch::Receiver<bool>) {
    // A dropped sender means that the server is gone as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn event(name: &str, mark: Option<&str>) -> Event {
    let event = Event::default().event(name).data("{}");
    match mark {
        Some(mark) => event.id(mark),
        None => event,
    }
}
