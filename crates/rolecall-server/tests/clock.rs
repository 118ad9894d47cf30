//! The clock of the server, next to the last event of its store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, DIRECTORY, POLICY, Served, now, serve, token};
use rolecall::Instant;
use rolecall_server::Config;
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};

const HOUR: i64 = 60 * 60 * 1000;

/// A server of a store whose last event is so many hours after the clock of this machine.
async fn served(hours: i64) -> Served {
    serve(move |folder| {
        let path = folder.join("acme.rolecall");
        let time = Instant::from_millis(now().as_millis() + hours * HOUR).unwrap();
        Administration::begin(Sqlite::create(&path).unwrap(), POLICY, DIRECTORY, "app:rolecall", time).unwrap();
        Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
    })
    .await
}

async fn assign(server: &Served, body: Value) -> Answer {
    let headers = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga")];
    let mut command = json!({ "command": { "assign": { "subject": "user:ada", "role": "editor", "at": "acme" } } });
    command.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    server.post("/v1/administration/commands", &headers, &command).await
}

#[tokio::test]
async fn a_clock_that_jumped_keeps_nothing() {
    // A clock that is years ahead, or behind, of the last event.
    for hours in [-24 * 365, -24 * 91, 24 * 2, 24 * 365 * 30] {
        let server = served(hours).await;
        for body in [json!({}), json!({ "dry_run": true })] {
            let answer = assign(&server, body).await;
            assert_eq!(answer.refusal(), (503, "time.jump".into()), "{hours}");
            assert!(answer.json()["error"]["help"].as_str().unwrap().contains("set-clock"));
        }
        let events = server.get("/v1/administration/events", &[("authorization", "Bearer backend")]).await.json();
        assert_eq!(events["events"].as_array().unwrap().len(), 1);
    }
    let server = served(-24 * 89).await;
    assert_eq!(assign(&server, json!({})).await.status.as_u16(), 200);
}

#[tokio::test]
async fn time_that_stands_still_is_reported() {
    let server = served(1).await;
    let told = assign(&server, json!({})).await.json();
    assert_eq!(told["time_stands_still_at"], told["event"]["time"]);
    assert!(told["time_stands_still_at"].is_string(), "{told}");
    let server = served(-1).await;
    assert!(assign(&server, json!({})).await.json().get("time_stands_still_at").is_none());
}
