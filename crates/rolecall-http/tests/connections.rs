//! No silent, idle or slow client can hold a connection open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use hyper::body::{Body as HttpBody, Bytes, Frame};
use rolecall_http::{Bounds, Counts, Http, Tls};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, interval, timeout};
use tokio_rustls::TlsConnector;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty `SETTINGS` frame.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const ALIVE: &[u8] = b"GET /alive HTTP/1.1\r\nHost: a\r\n\r\n";
const HEAD: Duration = Duration::from_millis(400);
const IDLE: Duration = Duration::from_millis(1_200);
const STALL: Duration = Duration::from_millis(800);
/// The tolerance for limits on a busy machine.
const LATE: Duration = Duration::from_secs(4);

fn bounds() -> Bounds {
    Bounds {
        head: HEAD,
        idle: IDLE,
        stall: STALL,
        grace: Duration::from_secs(2),
        connections: 200,
        connections_each: 100,
    }
}

/// An endless body that sends a byte now and then.
struct Ticking(Interval);

impl HttpBody for Ticking {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_tick(context).map(|_| Some(Ok(Frame::data(Bytes::from_static(b": tick\n\n")))))
    }
}

fn router() -> Router {
    Router::new()
        .route("/alive", get(async || "alive"))
        .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()))
        .route("/medium", get(async || vec![b'x'; 64 << 10]))
        .route("/large", get(async || vec![b'x'; 64 << 20]))
        .route("/body", post(async |body: Bytes| body.len().to_string()))
        .route("/stream", get(async || Body::new(Ticking(interval(Duration::from_millis(200))))))
        .route("/slow", get(async || tokio::time::sleep(Duration::from_secs(3)).await))
}

struct Served {
    address: SocketAddr,
    counts: Arc<Counts>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

async fn serve_by(
    bounds: Bounds,
    tls: Option<Arc<Tls>>,
    is_proxy: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
) -> Served {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener: TcpListener = socket.listen(1024).unwrap();
    let (address, counts) = (listener.local_addr().unwrap(), Arc::new(Counts::default()));
    let (stop, stopped) = oneshot::channel::<()>();
    let mut http = Http::new(bounds).with_counts(Arc::clone(&counts)).with_proxies(is_proxy);
    if let Some(tls) = tls {
        http = http.with_tls(tls);
    }
    let running = tokio::spawn(async move {
        http.serve(listener, router(), async {
            let _ = stopped.await;
        })
        .await;
    });
    Served { address, counts, stop: Some(stop), running }
}

async fn serve(bounds: Bounds) -> Served {
    serve_by(bounds, None, |_| false).await
}

async fn connect(server: &Served) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// Reads until the server closes the connection; returns how long that took.
async fn closed(stream: &mut (impl AsyncRead + Unpin)) -> Option<Duration> {
    let (started, mut bytes) = (Instant::now(), Vec::new());
    let read = timeout(Duration::from_secs(8), stream.read_to_end(&mut bytes)).await;
    read.is_ok().then(|| started.elapsed())
}

async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8], expected: &str) -> bool {
    if stream.write_all(request).await.is_err() {
        return false;
    }
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(expected) {
        let mut part = [0; 1024];
        match timeout(Duration::from_secs(5), stream.read(&mut part)).await {
            Ok(Ok(length)) if length > 0 => seen.extend_from_slice(&part[..length]),
            _ => return false,
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_complete_head_is_closed_in_time() {
    let server = serve(bounds()).await;
    let kinds: [(&str, Vec<u8>); 7] = [
        ("nothing", vec![]),
        ("one byte", b"G".to_vec()),
        ("half a head", b"GET /alive HTTP/1.1\r\nHost: a\r\n".to_vec()),
        ("half a preface", PREFACE[..10].to_vec()),
        ("a preface alone", PREFACE.to_vec()),
        ("a preface and settings", [PREFACE, SETTINGS].concat()),
        // A `HEADERS` frame whose header block continues without end.
        ("half a head over HTTP/2", [PREFACE, SETTINGS, &[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82]].concat()),
    ];
    for (kind, bytes) in kinds {
        let mut stream = connect(&server).await;
        stream.write_all(&bytes).await.unwrap();
        let after = closed(&mut stream).await.unwrap_or_else(|| panic!("{kind} is never closed"));
        assert!(after > HEAD / 2 && after < HEAD + LATE, "{kind}: {after:?}");
    }
    // Slowly arriving bytes do not extend the time.
    let mut stream = connect(&server).await;
    let started = Instant::now();
    while stream.write_all(b"x").await.is_ok() {
        assert!(started.elapsed() < HEAD + LATE, "a trickling head is never closed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(server.counts.overdue() >= 8);
}

fn certificate() -> (PathBuf, TlsConnector) {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("rolecall-http-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    (folder.clone(), write_certificate(&folder))
}

fn write_certificate(folder: &std::path::Path) -> TlsConnector {
    let made = rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

fn localhost() -> ServerName<'static> {
    ServerName::try_from("localhost").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_handshake_is_closed_in_time() {
    let (folder, connector) = certificate();
    let tls = Arc::new(Tls::read(&folder.join("cert.pem"), &folder.join("key.pem")).unwrap());
    let server = serve_by(bounds(), Some(Arc::clone(&tls)), |_| false).await;
    // No bytes, and an incomplete start of a handshake.
    for bytes in [&[] as &[u8], &[22, 3, 1, 2, 0, 1, 0]] {
        let mut stream = connect(&server).await;
        stream.write_all(bytes).await.unwrap();
        let after = closed(&mut stream).await.expect("a handshake that never ends is never closed");
        assert!(after < HEAD + LATE, "{after:?}");
    }
    // A handshake without a request.
    let mut stream = connector.connect(localhost(), connect(&server).await).await.unwrap();
    assert!(closed(&mut stream).await.is_some(), "a connection that is silent behind its handshake is never closed");
    let mut stream = connector.connect(localhost(), connect(&server).await).await.unwrap();
    assert!(ask(&mut stream, ALIVE, "alive").await);
    // A new certificate applies to later connections; an invalid one changes nothing.
    let next = write_certificate(&folder);
    tls.read_again().unwrap();
    assert!(connector.connect(localhost(), connect(&server).await).await.is_err(), "the certificate is the old one");
    std::fs::write(folder.join("key.pem"), "nonsense").unwrap();
    assert!(tls.read_again().unwrap_err().to_string().contains("key.pem"));
    let mut stream = next.connect(localhost(), connect(&server).await).await.unwrap();
    assert!(ask(&mut stream, ALIVE, "alive").await);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed_after_its_limit() {
    let server = serve(bounds()).await;
    let mut stream = connect(&server).await;
    for _ in 0..4 {
        assert!(ask(&mut stream, ALIVE, "alive").await);
        // Longer than the limit for the first head, and shorter than the idle limit.
        tokio::time::sleep(HEAD + Duration::from_millis(100)).await;
    }
    let after = closed(&mut stream).await.expect("an idle connection is never closed");
    assert!(after < IDLE + LATE, "{after:?}");
    // Half a head after a request is not a request.
    let mut stream = connect(&server).await;
    assert!(ask(&mut stream, ALIVE, "alive").await);
    stream.write_all(b"GET /alive HTTP/1.1\r\n").await.unwrap();
    assert!(closed(&mut stream).await.is_some(), "half of a second head keeps a connection open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_outlives_every_limit() {
    let server = serve(bounds()).await;
    let mut stream = connect(&server).await;
    stream.write_all(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let (started, mut seen) = (Instant::now(), 0);
    while started.elapsed() < (HEAD + IDLE + STALL) * 2 {
        let mut part = [0; 1024];
        seen += timeout(Duration::from_secs(2), stream.read(&mut part)).await.unwrap().unwrap();
    }
    assert!(seen > 200 && server.counts.open() == 1);
    // A slow request continues as well.
    assert!(ask(&mut connect(&server).await, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_responses_are_dropped() {
    let server = serve(bounds()).await;
    // One large response, and many small pipelined ones.
    let pipelined = b"GET /medium HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2_000);
    for (kind, request) in [("large", b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()), ("pipelined", pipelined)] {
        let mut stream = connect(&server).await;
        let (mut reading, mut writing) = stream.split();
        // The server stops reading, too.
        let _ = timeout(STALL + LATE, writing.write_all(&request)).await;
        // A busy machine accepts it a little later.
        let accepted = Instant::now() + LATE;
        while server.counts.open() == 0 && Instant::now() < accepted {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let end = Instant::now() + STALL + IDLE + LATE;
        while server.counts.open() > 0 {
            assert!(Instant::now() < end, "{kind}: a client that reads nothing is never closed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut rest = Vec::new();
        let _ = reading.read_to_end(&mut rest).await;
        assert!(rest.len() < 64 << 20, "{kind}");
    }
    // A client that reads gets the whole response, of any size.
    let mut stream = connect(&server).await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    assert!(all.len() > 64 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trickling_body_is_dropped() {
    let server = serve(bounds()).await;
    for head in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let mut stream = connect(&server).await;
        stream.write_all(format!("POST /body HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n").as_bytes()).await.unwrap();
        let started = Instant::now();
        while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
            assert!(started.elapsed() < STALL * 3 + LATE, "{head}: a trickling body is never closed");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(started.elapsed() > STALL / 2);
    }
    // A body that takes longer than the limit, but keeps flowing, is accepted.
    let mut stream = connect(&server).await;
    stream.write_all(b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 8000\r\n\r\n").await.unwrap();
    for _ in 0..8 {
        tokio::time::sleep(STALL / 3).await;
        stream.write_all(&[b'x'; 1000]).await.unwrap();
    }
    assert!(ask(&mut stream, b"", "8000").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_a_share_and_silent_connections_are_closed() {
    let slow = Duration::from_secs(60);
    let bounds = Bounds { head: slow, idle: slow, stall: slow, connections: 30, connections_each: 10, ..bounds() };
    let server = serve(bounds.clone()).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(connect(&server).await);
    }
    assert!(ask(&mut connect(&server).await, ALIVE, "alive").await);
    assert!(server.counts.open() <= 11 && server.counts.evicted() >= 190, "{:?}", server.counts);
    drop(silent);
    // Clients with a request in progress stay connected: they are not closed to make room.
    let server = serve(bounds.clone()).await;
    let mut busy = Vec::new();
    for _ in 0..10 {
        let mut stream = connect(&server).await;
        assert!(ask(&mut stream, b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", "tick").await);
        busy.push(stream);
    }
    assert!(!ask(&mut connect(&server).await, ALIVE, "alive").await);
    assert_eq!((server.counts.refused(), server.counts.evicted()), (1, 0));
    drop(busy);
    // A proxy has no share: only the limit on all connections applies.
    let server = serve_by(bounds, None, |_| true).await;
    let mut idle = Vec::new();
    for _ in 0..40 {
        let mut stream = connect(&server).await;
        assert!(ask(&mut stream, ALIVE, "alive").await);
        idle.push(stream);
    }
    assert!(server.counts.open() <= 31 && server.counts.evicted() >= 9, "{:?}", server.counts);
    // The connection that was idle for longest was closed.
    assert!(!ask(&mut idle[0], ALIVE, "alive").await && ask(&mut idle[39], ALIVE, "alive").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_requests_in_progress() {
    let mut server = serve(Bounds { grace: Duration::from_secs(10), ..bounds() }).await;
    let (mut idle, mut slow) = (connect(&server).await, connect(&server).await);
    assert!(ask(&mut idle, ALIVE, "alive").await);
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.stop.take().unwrap().send(()).unwrap();
    assert!(ask(&mut slow, b"", "200 OK").await);
    timeout(Duration::from_secs(5), server.running).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
    // An endless stream is dropped after the grace period.
    let mut server = serve(Bounds { grace: Duration::from_millis(300), ..bounds() }).await;
    let mut stream = connect(&server).await;
    assert!(ask(&mut stream, b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", "tick").await);
    server.stop.take().unwrap().send(()).unwrap();
    timeout(Duration::from_secs(5), server.running).await.unwrap().unwrap();
}
