//! Silent clients do not block the server, ambiguous requests are rejected, and every address has its limit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use axum::body::Body;
use axum::http::Method;
use common::{ALL, Served, documents, login, serve, token};
use rolecall_server::{Config, Limits, Tls};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;

/// Returns the response to raw bytes, until the server closes the connection.
async fn raw(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.write_all(request).await;
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Returns how long the server takes to answer `/healthz`.
async fn health(server: &Served) -> Duration {
    let started = Instant::now();
    let answer = timeout(
        Duration::from_secs(10),
        raw(server.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    );
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 200"), "the server does not answer");
    started.elapsed()
}

/// As many connections as descriptors allow for both ends, up to 5,000.
fn many() -> usize {
    usize::try_from((rolecall_http::descriptors().saturating_sub(600) / 2).min(5_000)).unwrap()
}

async fn silent(address: SocketAddr, bytes: &[u8]) -> Vec<TcpStream> {
    let mut all = Vec::new();
    for _ in 0..many() {
        let mut stream = timeout(Duration::from_secs(5), TcpStream::connect(address)).await.unwrap().unwrap();
        let _ = stream.write_all(bytes).await;
        all.push(stream);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_silent_connections_do_not_block_the_server() {
    let server = serve(documents).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for bytes in [&[] as &[u8], &preface[..9], preface, b"GET /healthz HTTP/1.1\r\nHost: a\r\n"] {
        let all = silent(server.address, bytes).await;
        let took = health(&server).await;
        assert!(took < Duration::from_secs(1), "{took:?} behind {} connections", all.len());
    }
    // The same with a small limit, and all connections from one address.
    let limits = Limits { connections: Some(64), connections_each: Some(16), ..Limits::default() };
    let server = serve(|folder| Config { limits, ..documents(folder) }).await;
    let all = silent(server.address, b"GET").await;
    assert!(health(&server).await < Duration::from_secs(1));
    drop(all);
    let metrics = server.get("/metrics", &[]).await.text;
    assert!(metrics.contains(r#"rolecall_connections_closed_total{reason="evicted"}"#), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn incomplete_handshakes_do_not_block_the_server() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let server = serve(|folder| {
        std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let tls =
            Some(Tls { certificate: folder.join("cert.pem"), key: folder.join("key.pem"), client_certificates: false });
        let limits = Limits { head_seconds: 1, ..Limits::default() };
        Config { tls, limits, ..documents(folder) }
    })
    .await;
    let all = silent(server.address, &[22, 3, 1, 2, 0, 1]).await;
    let connector = connector(&made.cert);
    let started = Instant::now();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    // Each of them ends.
    let end = Instant::now() + Duration::from_secs(20);
    for mut one in all {
        let mut bytes = Vec::new();
        let left = end.saturating_duration_since(Instant::now());
        assert!(timeout(left, one.read_to_end(&mut bytes)).await.is_ok(), "a handshake is never given up");
    }
}

fn connector(certificate: &rcgen::Certificate) -> tokio_rustls::TlsConnector {
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(std::sync::Arc::new(ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions().unwrap();
    std::sync::Arc::new(config.with_root_certificates(roots).with_no_client_auth()).into()
}

/// Half of the connections of one address, held idle, and a stream that outlives them.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_outlives_the_limits_on_idle_connections() {
    let limits = Limits { head_seconds: 1, idle_seconds: 1, stall_seconds: 1, ..Limits::default() };
    let tokens = vec![token("backend", &ALL, true)];
    let server = serve(|folder| Config { limits, tokens, ..documents(folder) }).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /v1/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer backend\r\n\r\n").await.unwrap();
    let mut response = String::new();
    let mut bytes = [0; 4096];
    while !response.contains("event: ready") {
        let length = timeout(Duration::from_secs(5), stream.read(&mut bytes)).await.unwrap().unwrap();
        response.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    let head = response.to_ascii_lowercase();
    assert!(
        head.contains("x-accel-buffering: no") && head.contains("cache-control: no-store, no-transform"),
        "{response}"
    );
    assert!(timeout(Duration::from_secs(4), stream.read(&mut bytes)).await.is_err(), "the stream was closed");
    let wider = common::DIRECTORY.replace(r#""role": "viewer""#, r#""role": "editor""#);
    std::fs::write(server.folder.path().join("directory.json"), wider).unwrap();
    let length = timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.unwrap().unwrap();
    assert!(std::str::from_utf8(&bytes[..length]).unwrap().contains("event: changed"));
}

#[tokio::test]
async fn ambiguous_requests_are_rejected() {
    let server = serve(documents).await;
    let good = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    assert!(raw(server.address, format!("{good}\r\n").as_bytes()).await.starts_with("HTTP/1.1 200"));
    let plain = "POST /access/v1/evaluation HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\n";
    for (what, request) in [
        ("two hosts", format!("{good}Host: b\r\n\r\n")),
        ("one host twice", format!("{good}Host: a\r\n\r\n")),
        ("no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n".to_string()),
        ("a host that is a list", "GET /healthz HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n".to_string()),
        ("a host with a user", "GET /healthz HTTP/1.1\r\nHost: b@a\r\nConnection: close\r\n\r\n".to_string()),
        ("a host with a path", "GET /healthz HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n".to_string()),
        ("another server in the address", good.replace("/healthz", "http://b/healthz") + "\r\n"),
        ("a user in the address", good.replace("/healthz", "http://b@a/healthz") + "\r\n"),
        ("a folded header", format!("{good}X: a\r\n b\r\n\r\n")),
        ("a space before a colon", format!("{good}X : a\r\n\r\n")),
        ("lengths that differ", format!("{plain}Host: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{{}} ")),
        ("one length twice", format!("{plain}Host: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}")),
        (
            "a length and an encoding",
            format!("{plain}Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        (
            "an encoding and a length",
            format!("{plain}Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        ),
        ("a list of lengths", format!("{plain}Host: a\r\nContent-Length: 2, 2\r\n\r\n{{}}")),
        ("a signed length", format!("{plain}Host: a\r\nContent-Length: +2\r\n\r\n{{}}")),
        ("an unknown encoding", format!("{plain}Host: a\r\nTransfer-Encoding: gzip\r\n\r\n")),
        (
            "encodings on two lines",
            format!("{plain}Host: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        ("an encoding over HTTP/1.0", plain.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a name that some read as another", format!("{good}X_Forwarded_For: 203.0.113.9\r\n\r\n")),
        ("half of such a name", format!("{good}Rolecall-Actor: user:a\r\nRolecall_Actor: user:b\r\n\r\n")),
    ] {
        let answer = raw(server.address, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.0 400"), "{what}: {answer}");
    }
    // Forms that every server reads the same way are answered.
    for request in [
        good.replace("/healthz", "http://a/healthz") + "\r\n",
        "GET /healthz HTTP/1.0\r\n\r\n".to_string(),
        good.replace("Host: a", "Host: roles.example.com:8080") + "\r\n",
        good.replace("Host: a", "Host: [::1]:8080") + "\r\n",
        format!("{good}My_Own: 1\r\n\r\n"),
    ] {
        let answer = raw(server.address, request.as_bytes()).await;
        assert!(answer.contains(" 200 OK"), "{request}: {answer}");
    }
}

#[tokio::test]
async fn every_route_is_rate_limited() {
    let limited = || {
        serve(|folder| {
            let limits = Limits { per_second: NonZeroU32::new(3), ..Limits::default() };
            Config { limits, login: Some(login()), ..documents(folder) }
        })
    };
    for path in [
        "/openapi.json",
        "/.well-known/authzen-configuration",
        "/.well-known/jwks.json",
        "/v1/login",
        "/v1/session",
        "/v1/nothing",
        // The method differs.
        "/v1/passes",
        "/metrics",
    ] {
        let server = limited().await;
        let mut refused = None;
        for _ in 0..20 {
            let answer = server.get(path, &[]).await;
            if answer.status.as_u16() == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.unwrap_or_else(|| panic!("{path} is answered without a bound"));
        assert_eq!(refused.refusal().1, "rate.exceeded");
        assert!(refused.headers.contains_key("retry-after"));
        // Health requests have a limit of their own.
        for path in ["/healthz", "/readyz"] {
            assert_eq!(server.get(path, &[]).await.status.as_u16(), 200, "{path}");
        }
    }
    let server = limited().await;
    let mut requests = 0;
    while server.get("/healthz", &[]).await.status.as_u16() == 200 {
        requests += 1;
        assert!(requests < 5_000, "/healthz is answered without a bound");
    }
    assert!(requests >= 100, "{requests}");
}

/// Preflights never reach a handler. They count nevertheless, and their responses stay the same.
#[tokio::test]
async fn preflights_are_counted() {
    let page = "https://app.example.com";
    let limited = || {
        serve(|folder| {
            let limits = Limits { per_second: NonZeroU32::new(3), ..Limits::default() };
            let tokens = vec![token("backend", &ALL, true)];
            Config { limits, tokens, origins: vec![page.into()], ..documents(folder) }
        })
    };
    for (path, headers) in [
        ("/v1/passes/renew", &[("origin", page), ("access-control-request-method", "POST")][..]),
        ("/v1/stream", &[("origin", page), ("access-control-request-method", "GET")]),
        ("/access/v1/evaluation", &[("origin", page), ("access-control-request-method", "POST")]),
        ("/v1/nothing", &[("origin", page), ("access-control-request-method", "GET")]),
        ("/healthz", &[("origin", page), ("access-control-request-method", "GET")]),
        // An `OPTIONS` request that is not a preflight gets the same response.
        ("/v1/passes", &[("origin", "https://elsewhere.example.com")]),
        ("/v1/passes", &[]),
    ] {
        let server = limited().await;
        let preflight = || server.send(server.request(Method::OPTIONS, path, headers, Body::empty()));
        let first = preflight().await;
        assert_eq!(first.status.as_u16(), 200, "{path}");
        let allowed = first.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!(allowed, headers.iter().any(|(_, value)| *value == page).then_some(page), "{path}");
        let mut answers = 1;
        let refused = loop {
            let answer = preflight().await;
            if answer.status.as_u16() != 200 {
                break answer;
            }
            answers += 1;
            assert!(answers < 20, "{path} is answered without a bound");
        };
        assert_eq!(refused.refusal(), (429, "rate.exceeded".into()), "{path}");
        assert!(refused.headers.contains_key("retry-after"));
        // They count together with the other requests of the address.
        assert_eq!(server.get("/v1/nothing", &[]).await.refusal().0, 429);
        let metrics = server.get("/metrics", &[("authorization", "Bearer backend")]).await.text;
        assert!(metrics.contains("status=\"429\""), "{metrics}");
    }
    // Requests of pages are answered as before, even if they are rejected.
    let server = limited().await;
    for _ in 0..6 {
        let answer = server.get("/v1/passes", &[("origin", page)]).await;
        assert!([405, 429].contains(&answer.status.as_u16()));
        assert_eq!(answer.headers["access-control-allow-origin"], page);
    }
}
