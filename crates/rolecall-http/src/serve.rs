//! Accepts connections and serves each within its limits.

use crate::bounds::Bounds;
use crate::clarity::Ambiguous;
use crate::connection::{Connection, Verdict, Watch};
use crate::exchange::{Exchange, Request as RequestBody};
use crate::metered::{Meter, Metered};
use crate::open::{Counts, Open, Slot};
use crate::plain::{HeadReader, Plain};
use crate::source::source;
use crate::tls::{ClientCertificate, Tls};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tower::ServiceExt;

/// The largest request head, and the largest buffer of an HTTP/1 response, in bytes.
const BUFFER: usize = 128 << 10;

/// Requests in progress on one HTTP/2 connection.
const STREAMS: u32 = 128;

/// The pause before the next accept when the system has no descriptor left.
const EXHAUSTED: Duration = Duration::from_millis(20);

/// Returns whether a peer is a proxy, which has connections of many clients.
type IsProxy = Box<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// An HTTP server for HTTP/1 and HTTP/2 with limited connections.
pub struct Http {
    bounds: Bounds,
    tls: Option<Arc<Tls>>,
    is_proxy: IsProxy,
    counts: Arc<Counts>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("bounds", &self.bounds).field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// The state shared by all connections.
struct Shared {
    bounds: Bounds,
    tls: Option<Arc<Tls>>,
    counts: Arc<Counts>,
    protocol: Builder<TokioExecutor>,
    router: Router,
    stopping: watch::Receiver<bool>,
}

impl Http {
    /// Creates a server with these limits, without TLS.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, tls: None, is_proxy: Box::new(|_| false), counts: Arc::default() }
    }

    /// Enables TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: Arc<Tls>) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Exempts proxies from the limit on connections of one address.
    #[must_use]
    pub fn with_proxies(mut self, is_proxy: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.is_proxy = Box::new(is_proxy);
        self
    }

    /// Counts connections in these counters.
    #[must_use]
    pub fn with_counts(mut self, counts: Arc<Counts>) -> Self {
        self.counts = counts;
        self
    }

    /// Serves until `stop` completes. Then finishes the requests in progress, within the grace period, and returns.
    /// Requests carry the peer as [`ConnectInfo`], and its certificate as [`ClientCertificate`].
    pub async fn serve(self, listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
        let Self { bounds, tls, is_proxy, counts } = self;
        let (stopping, answer) = watch::channel(false);
        let open = Arc::new(Open::new(&bounds, Arc::clone(&counts)));
        let protocol = protocol(&bounds);
        let grace = bounds.grace;
        let shared = Arc::new(Shared { bounds, tls, counts, protocol, router, stopping: answer });
        let mut stop = pin!(stop);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let by = (!is_proxy(peer.ip())).then(|| source(peer.ip()));
                        if let Some(slot) = open.take(by) {
                            connections.spawn(connection(Arc::clone(&shared), slot, stream, peer));
                        }
                    }
                    Err(error) => wait_after(&error, &open).await,
                },
            }
        }
        drop(listener);
        stopping.send_replace(true);
        let ended = async { while connections.join_next().await.is_some() {} };
        // After the grace period, the remaining connections are dropped.
        let _ = timeout(grace, ended).await;
    }
}

/// An error of one connection does not affect the next. If descriptors are missing, one is freed.
async fn wait_after(error: &io::Error, open: &Open) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted) {
        return;
    }
    tracing::warn!(%error, "accepting a connection failed; closing one without a request");
    open.make_room();
    tokio::time::sleep(EXHAUSTED).await;
}

fn protocol(bounds: &Bounds) -> Builder<TokioExecutor> {
    let mut protocol = Builder::new(TokioExecutor::new());
    protocol.http1().timer(TokioTimer::new()).header_read_timeout(bounds.idle).max_buf_size(BUFFER);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(bounds.stall)
        .keep_alive_timeout(bounds.head)
        .max_concurrent_streams(STREAMS)
        // WebSockets over HTTP/2 start with it.
        .enable_connect_protocol();
    protocol
}

async fn connection(shared: Arc<Shared>, slot: Arc<Slot>, stream: TcpStream, peer: SocketAddr) {
    // Responses are small and awaited: they are sent without waiting for a full packet.
    let _ = stream.set_nodelay(true);
    let connection = Arc::clone(&slot.connection);
    let stream = Metered::new(stream, Meter::of(slot));
    let Some(tls) = &shared.tls else {
        return served(&shared, &connection, stream, Peer { address: peer, certificate: None }).await;
    };
    let mut accepting = pin!(tls.acceptor().accept(stream));
    let (mut watch, mut ticks) = (Watch::default(), ticks(&shared.bounds));
    let stream = loop {
        tokio::select! {
            accepted = &mut accepting => match accepted {
                Ok(stream) => break stream,
                Err(_) => return,
            },
            () = connection.evicted.notified() => return,
            _ = ticks.tick() => if connection.check(&mut watch, &shared.bounds) != Verdict::Fine {
                shared.counts.count_overdue();
                return;
            },
        }
    };
    let certificate = ClientCertificate::of(stream.get_ref().1);
    served(&shared, &connection, stream, Peer { address: peer, certificate }).await;
}

/// The other end of a connection.
struct Peer {
    address: SocketAddr,
    certificate: Option<ClientCertificate>,
}

fn ticks(bounds: &Bounds) -> tokio::time::Interval {
    let mut ticks = interval(bounds.tick());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn served<S>(shared: &Shared, connection: &Arc<Connection>, stream: S, peer: Peer)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request: Request<Incoming>| {
        let exchange = Exchange::begin(connection);
        let mut request = request.map(|body| Body::new(RequestBody::new(body, connection)));
        request.extensions_mut().insert(ConnectInfo(peer.address));
        if let Some(certificate) = &peer.certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        if connection.is_ambiguous() {
            request.extensions_mut().insert(Ambiguous);
        }
        let (router, is_ambiguous) = (shared.router.clone(), connection.is_ambiguous());
        async move {
            let mut response = router.oneshot(request).await?;
            if is_ambiguous {
                // Further data on the connection may belong to the body.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response.map(|body| exchange.response(body)))
        }
    });
    let stream = TokioIo::new(Plain::new(stream, HeadReader::new(BUFFER, connection)));
    let mut serving = pin!(shared.protocol.serve_connection_with_upgrades(stream, service));
    let (mut watch, mut ticks) = (Watch::default(), ticks(&shared.bounds));
    let mut stopping = shared.stopping.clone();
    let (mut is_stopping, mut is_ending) = (false, false);
    loop {
        tokio::select! {
            // The client's connection errors need no handling.
            _ = serving.as_mut() => return,
            () = connection.evicted.notified() => {
                if connection.is_waiting() {
                    return;
                }
                // A request arrived in the meantime.
                connection.is_evicted.store(false, Relaxed);
            }
            _ = stopping.wait_for(|stopping| *stopping), if !is_stopping => {
                is_stopping = true;
                serving.as_mut().graceful_shutdown();
            }
            _ = ticks.tick() => match connection.check(&mut watch, &shared.bounds) {
                Verdict::Fine => {}
                // HTTP/2 notifies the client first, so that it sends no request that would be lost.
                Verdict::Idle if !is_ending => {
                    is_ending = true;
                    serving.as_mut().graceful_shutdown();
                }
                Verdict::Idle | Verdict::Over => {
                    shared.counts.count_overdue();
                    return;
                }
            },
        }
    }
}
