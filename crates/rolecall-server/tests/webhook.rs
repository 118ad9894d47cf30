//! The audit log at a webhook: signed, in order, and at least once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use common::{ALL, Served, now, serve_in, store, token};
use hmac::{Hmac, KeyInit, Mac};
use rolecall_server::{Audit, Config, Webhook};
use serde_json::{Value, json};
use sha2::Sha256;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinHandle;

const SECRET: &str = "a secret of the receiver";
const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

/// What a receiver got, and how it answers.
#[derive(Default)]
struct Got {
    /// The numbers of the events of each accepted request.
    accepted: Vec<Vec<u64>>,
    /// The requests that were not accepted.
    refused: usize,
    /// Requests that are still to be refused.
    refuses: usize,
    bodies: String,
}

type Shared = Arc<Mutex<Got>>;

/// Checks a signature as a receiver does.
fn check(headers: &HeaderMap, body: &str) {
    let signature = headers["rolecall-signature"].to_str().unwrap();
    let (time, code) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let age = now().as_millis() / 1000 - time.parse::<i64>().unwrap();
    assert!((0..60).contains(&age), "{signature}");
    let mut expected = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    expected.update(format!("{time}.{body}").as_bytes());
    let expected: String = expected.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(code, expected);
}

async fn receive(State(got): State<Shared>, headers: HeaderMap, body: String) -> StatusCode {
    check(&headers, &body);
    let mut got = got.lock().unwrap();
    if got.refuses > 0 {
        (got.refuses, got.refused) = (got.refuses - 1, got.refused + 1);
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    let events: Value = serde_json::from_str(&body).unwrap();
    let events = events["events"].as_array().unwrap();
    got.accepted.push(events.iter().map(|event| event["event"]["seq"].as_u64().unwrap()).collect());
    got.bodies.push_str(&body);
    StatusCode::NO_CONTENT
}

/// Starts a receiver on loopback.
async fn receiver(address: SocketAddr, got: &Shared) -> (SocketAddr, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/events", post(receive)).with_state(Arc::clone(got));
    (address, tokio::spawn(async { axum::serve(listener, router).await.unwrap() }))
}

fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn served(folder: TempDir, address: SocketAddr, at: Option<&str>) -> Served {
    let begin = |folder: &Path| {
        let path = folder.join("acme.rolecall");
        let config = if path.exists() { Config { store: Some(path), ..Config::default() } } else { store(folder) };
        std::fs::write(folder.join("secret"), format!("{SECRET}\n")).unwrap();
        let webhook = Webhook {
            url: format!("http://{address}/events"),
            secret_file: folder.join("secret"),
            at: at.map(str::to_string),
        };
        let tokens = vec![token("backend", &ALL, true)];
        Config { tokens, audit: Audit { webhook: Some(webhook) }, ..config }
    };
    serve_in(folder, begin).await
}

/// Gives a command that changes something, and returns how long it took.
async fn give(server: &Served, role: &str, at: &str) -> Duration {
    let command = json!({ "command": { "assign": { "subject": "user:bo", "role": role, "at": at } } });
    let begun = Instant::now();
    let headers = [BACKEND, ("rolecall-actor", "user:olga")];
    let answer = server.post("/v1/administration/commands", &headers, &command).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    begun.elapsed()
}

/// Waits for something to be so.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns how many requests the receiver did not accept.
async fn failures(server: &Served) -> u64 {
    let metrics = server.get("/metrics", &[BACKEND]).await.text;
    let line = metrics.lines().find_map(|line| line.strip_prefix("rolecall_webhook_failures_total "));
    line.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap()
}

fn last(got: &Shared) -> Option<u64> {
    got.lock().unwrap().accepted.last().and_then(|events| events.last().copied())
}

#[tokio::test]
async fn events_arrive_signed_and_in_order() {
    let got = Shared::default();
    let (address, _receiver) = receiver(free(), &got).await;
    let server = served(tempfile::tempdir().unwrap(), address, None).await;
    for (role, at) in [("viewer", "acme"), ("editor", "acme"), ("viewer", "acme/shop"), ("owner", "acme")] {
        give(&server, role, at).await;
    }
    until("all events", || last(&got) == Some(5)).await;
    let flat: Vec<u64> = got.lock().unwrap().accepted.concat();
    assert_eq!(flat, [1, 2, 3, 4, 5]);
    // The receiver gets what the log has, with the hashes that prove it.
    let log = server.get("/v1/administration/events?after=4", &[BACKEND]).await.json();
    let hash = log["events"][0]["hash"].as_str().unwrap().to_string();
    assert!(got.lock().unwrap().bodies.contains(&hash));
    let metrics = server.get("/metrics", &[BACKEND]).await.text;
    assert!(metrics.contains("rolecall_webhook_events_total 5"), "{metrics}");
}

#[tokio::test]
async fn nothing_is_lost_while_the_receiver_fails_and_the_server_restarts() {
    let (got, address) = (Shared::default(), free());
    let server = served(tempfile::tempdir().unwrap(), address, None).await;
    // The receiver is down, and commands do not wait for it.
    for (role, at) in [("viewer", "acme"), ("editor", "acme")] {
        assert!(give(&server, role, at).await < Duration::from_secs(10));
    }
    while failures(&server).await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    got.lock().unwrap().refuses = 2;
    let (_, running) = receiver(address, &got).await;
    // It answers 500 twice, and then accepts.
    until("retries", || last(&got) == Some(3)).await;
    assert_eq!(got.lock().unwrap().refused, 2);
    assert!(failures(&server).await >= 3);
    // Down again, and the server restarts with events that were not sent.
    running.abort();
    let _ = running.await;
    give(&server, "viewer", "acme/shop").await;
    let folder = server.stop().await;
    let server = served(folder, address, None).await;
    give(&server, "owner", "acme").await;
    let _receiver = receiver(address, &got).await;
    until("the rest", || last(&got) == Some(5)).await;
    let flat: Vec<u64> = got.lock().unwrap().accepted.concat();
    // At least once, in order: a repeated event has the number of the first time.
    let mut first: Vec<u64> = Vec::new();
    for seq in flat {
        if first.last().is_none_or(|last| seq > *last) {
            assert_eq!(seq, first.last().copied().unwrap_or_default() + 1);
            first.push(seq);
        }
    }
    assert_eq!(first, [1, 2, 3, 4, 5]);
    // What was accepted before the restart is not sent again.
    let folder = server.stop().await;
    let count = got.lock().unwrap().accepted.len();
    let server = served(folder, address, None).await;
    give(&server, "owner", "acme/shop").await;
    until("one more", || last(&got) == Some(6)).await;
    let accepted = got.lock().unwrap().accepted[count..].concat();
    assert!(accepted == [6] || accepted == [5, 6], "{accepted:?}");
}

#[tokio::test]
async fn a_scope_gets_its_own_events() {
    let got = Shared::default();
    let (address, _receiver) = receiver(free(), &got).await;
    let server = served(tempfile::tempdir().unwrap(), address, Some("acme/shop")).await;
    for (role, at) in [("viewer", "acme"), ("viewer", "acme/shop"), ("editor", "acme"), ("owner", "acme/shop")] {
        give(&server, role, at).await;
    }
    until("the last event", || last(&got) == Some(5)).await;
    assert_eq!(got.lock().unwrap().accepted.concat(), [1, 3, 5]);
    assert!(!got.lock().unwrap().bodies.contains("user:ada"), "a person of the scope above only");
}

#[tokio::test]
async fn a_secret_that_can_be_guessed_prevents_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for secret in [None, Some("short")] {
        if let Some(secret) = secret {
            std::fs::write(folder.path().join("secret"), secret).unwrap();
        }
        let config = if folder.path().join("acme.rolecall").exists() {
            Config { store: Some(folder.path().join("acme.rolecall")), ..Config::default() }
        } else {
            store(folder.path())
        };
        let webhook = Webhook { url: "http://127.0.0.1:9".into(), secret_file: folder.path().join("secret"), at: None };
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Config { listen, audit: Audit { webhook: Some(webhook) }, ..config };
        let refused = rolecall_server::Server::bind(config).await.unwrap_err().to_string();
        assert!(refused.contains("secret"), "{refused}");
    }
}
