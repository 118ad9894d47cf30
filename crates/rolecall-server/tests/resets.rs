//! Password resets reach a hook of their own: each once, with the address that the tenant of the user knows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use common::{ALL, DIRECTORY, POLICY, Served, now, serve_in, token};
use rolecall_server::{Config, InvitationHook, Resets};
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

const FILE: &str = "resets.jsonl";

fn begin(folder: &Path) -> Config {
    let path = folder.join("acme.rolecall");
    if !path.exists() {
        let more =
            r#""reset-password": "users:edit", "set-person": "users:edit", "view-people": "users:edit", "assign""#;
        let policy = POLICY.replace(r#""assign""#, more);
        Administration::begin(Sqlite::create(&path).unwrap(), &policy, DIRECTORY, "app:rolecall", now()).unwrap();
    }
    Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
}

async fn served(folder: TempDir) -> Served {
    serve_in(folder, |folder| Config {
        resets: Resets { file: Some(folder.join(FILE)), ..Resets::default() },
        ..begin(folder)
    })
    .await
}

async fn give(server: &Served, command: Value) {
    let headers = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga")];
    let answer = server.post("/v1/administration/commands", &headers, &json!({ "command": command })).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
}

/// Returns the resets that were handed over, once there are as many.
async fn resets(folder: &Path, count: usize) -> Vec<Value> {
    for _ in 0..100 {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        if text.lines().count() >= count {
            // No further one follows.
            tokio::time::sleep(Duration::from_millis(300)).await;
            let text = std::fs::read_to_string(folder.join(FILE)).unwrap();
            assert_eq!(text.lines().count(), count, "{text}");
            return text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} resets are not handed over");
}

#[tokio::test]
async fn a_reset_is_handed_over_once() {
    let server = served(tempfile::tempdir().unwrap()).await;
    let person = json!({ "subject": "user:bo", "at": "acme", "name": "Bo Berg", "email": "bo@acme.example" });
    give(&server, json!({ "set-person": person })).await;
    give(&server, json!({ "reset-password": { "subject": "user:bo" } })).await;
    let first = resets(server.folder.path(), 1).await.remove(0);
    assert_eq!(first["reset"]["email"], "bo@acme.example");
    assert_eq!((&first["reset"]["name"], &first["reset"]["by"]), (&json!("Bo Berg"), &json!("user:olga")));
    give(&server, json!({ "reset-password": { "subject": "user:ada" } })).await;
    let second = resets(server.folder.path(), 2).await.remove(1);
    assert_eq!((&second["reset"]["subject"], second["reset"].get("email")), (&json!("user:ada"), None));
    // The position is in the store: a restart hands nothing over again, and what waited is handed over.
    let folder = server.stop().await;
    let without = serve_in(folder, begin).await;
    give(&without, json!({ "reset-password": { "subject": "user:bo" } })).await;
    let server = served(without.stop().await).await;
    assert_eq!(resets(server.folder.path(), 3).await[2]["reset"]["subject"], "user:bo");
}

#[tokio::test]
async fn a_webhook_gets_a_signed_reset_and_is_tried_again() {
    let got: Arc<Mutex<Vec<Value>>> = Arc::default();
    let seen = Arc::clone(&got);
    let receive = move |headers: HeaderMap, body: String| async move {
        assert!(headers["rolecall-signature"].to_str().unwrap().starts_with("t="));
        let mut seen = seen.lock().unwrap();
        seen.push(serde_json::from_str(&body).unwrap());
        if seen.len() == 1 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/resets", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().route("/resets", post(receive))).await.unwrap() });
    let server = serve_in(tempfile::tempdir().unwrap(), |folder| {
        let secret_file = folder.join("secret");
        std::fs::write(&secret_file, "a secret of the receiver\n").unwrap();
        let webhook = Some(InvitationHook { url, secret_file });
        Config { resets: Resets { webhook, ..Resets::default() }, ..begin(folder) }
    })
    .await;
    give(&server, json!({ "reset-password": { "subject": "user:bo" } })).await;
    for _ in 0..200 {
        if got.lock().unwrap().len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let got = got.lock().unwrap();
    assert_eq!(got.len(), 2);
    assert_eq!((&got[0], &got[1]["reset"]["subject"]), (&got[1], &json!("user:bo")));
}
