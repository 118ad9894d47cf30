//! A stream of server-sent events. It reports when the listener's own answers may have changed, and nothing about
//! others.

use super::mark::{mark, short};
use crate::app::App;
use crate::clock;
use crate::code::ServerCode;
use crate::config::Right;
use crate::listeners::{Listening, Wakes};
use crate::problem::Problem;
use crate::proxies::Client;
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

/// An open stream, which the metrics count until it is dropped.
struct Open {
    app: Arc<App>,
    listening: Listening,
}

impl Open {
    /// Opens a stream, unless all clients or this client have too many.
    fn new(app: &Arc<App>, whose: String, wakes: Wakes) -> Result<Self, Problem> {
        let limits = &app.config.limits;
        let most = (limits.most_streams(), limits.streams_each);
        let listening = app.listeners.open(whose, wakes, most).ok_or_else(|| {
            let problem = Problem::new(ServerCode::StreamsExceeded, "too many streams are open");
            problem.with_help("`limits.streams` and `limits.streams_each` set the limits")
        })?;
        app.metrics.streams.inc();
        Ok(Self { app: Arc::clone(app), listening })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.app.metrics.streams.dec();
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
    // A change can concern the bearer of a pass only through its own rights. A snapshot contains every change.
    let wakes = match &listener {
        Listener::Pass(pass) => Wakes::Own { groups: super::passes::stated_groups(pass) },
        Listener::Snapshot { .. } => Wakes::All,
    };
    let open = Open::new(&app, whose, wakes)?;
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

async fn listen(app: Arc<App>, listener: Listener, seen: Option<String>, events: mpsc::Sender<Event>, mut open: Open) {
    // The stream was opened before the first read, so that no change between the two is lost.
    let mut stopping = app.stopping.subscribe();
    let end = listener.ends_in(clock::now());
    let ended = async {
        match end {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(ended);
    let mut current = listener.mark(&app);
    let first = match &seen {
        Some(seen) if Some(seen) != current.as_ref() => "changed",
        _ => "ready",
    };
    if events.send(event(first, current.as_deref())).await.is_err() {
        return;
    }
    loop {
        // A failed delivery of the last event has no consequence.
        if listener.is_over(&app) {
            let _ = events.send(event("ended", None)).await;
            break;
        }
        if !listener.is_admitted(&app) {
            let _ = events.send(event("expired", None)).await;
            break;
        }
        tokio::select! {
            changed = open.listening.changes.changed() => {
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
                let _ = events.send(event("expired", None)).await;
                break;
            }
            () = stop(&mut stopping) => break,
            () = events.closed() => break,
        }
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
