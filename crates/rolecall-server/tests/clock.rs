//! The clock of the server, next to the last event of its store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, DIRECTORY, POLICY, Served, now, serve, token};
use rolecall::Timestamp;
use rolecall_server::{Config, Right};
use rolecall_store::{Administration, Sqlite, Store};
use serde_json::{Value, json};
use std::path::Path;

const HOUR: i64 = 60 * 60 * 1000;

/// A server whose store has its last event this many hours after the clock of this machine.
async fn served(hours: i64) -> Served {
    serve(move |folder| Config { tokens: vec![token("backend", &ALL, true)], ..stored(folder, hours) }).await
}

fn stored(folder: &Path, hours: i64) -> Config {
    let path = folder.join("acme.rolecall");
    let time = Timestamp::from_millis(now().as_millis() + hours * HOUR).unwrap();
    Administration::begin(Sqlite::create(&path).unwrap(), POLICY, DIRECTORY, "app:rolecall", time).unwrap();
    Config { store: Some(path), ..Config::default() }
}

async fn assign(server: &Served, body: Value) -> Answer {
    assign_by(server, "backend", body).await
}

async fn assign_by(server: &Served, bearer: &str, body: Value) -> Answer {
    let authorization = format!("Bearer {bearer}");
    let headers = [("authorization", authorization.as_str()), ("rolecall-actor", "user:olga")];
    let mut command = json!({ "command": { "assign": { "subject": "user:ada", "role": "editor", "at": "acme" } } });
    command.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    server.post("/v1/administration/commands", &headers, &command).await
}

#[tokio::test]
async fn a_clock_that_jumped_stores_nothing() {
    // A clock that is years ahead of the last event, or behind it.
    for hours in [-24 * 365, -24 * 91, 24 * 2, 24 * 365 * 30] {
        let server = served(hours).await;
        for body in [json!({}), json!({ "dry_run": true })] {
            let answer = assign(&server, body).await;
            assert_eq!(answer.refusal(), (503, "time.jump".into()), "{hours}");
            let help = answer.json()["error"]["help"].as_str().unwrap().to_string();
            assert!(help.contains("set-clock") && help.contains("allow_time_jump"), "{help}");
        }
        let events = server.get("/v1/administration/events", &[("authorization", "Bearer backend")]).await.json();
        assert_eq!(events["events"].as_array().unwrap().len(), 1);
    }
    let server = served(-24 * 89).await;
    assert_eq!(assign(&server, json!({})).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_caller_with_the_right_can_confirm_the_clock() {
    // A server that was off for years, and one whose clock was ahead at its last command.
    for hours in [-24 * 365, 24 * 2] {
        let server = serve(move |folder| {
            let may = [Right::Administer, Right::Time];
            let tokens = vec![token("backend", &ALL, true), token("operator", &may, true)];
            Config { tokens, ..stored(folder, hours) }
        })
        .await;
        let by = |bearer: &'static str, body: Value| assign_by(&server, bearer, body);
        let allow = json!({ "allow_time_jump": true });
        assert_eq!(by("backend", allow.clone()).await.refusal(), (403, "forbidden".into()));
        assert_eq!(by("operator", json!({})).await.refusal(), (503, "time.jump".into()));
        assert_eq!(by("operator", json!({ "allow_time_jump": true, "dry_run": true })).await.status.as_u16(), 200);
        assert_eq!(by("operator", allow).await.status.as_u16(), 200, "{hours}");
        // From then on every command is accepted.
        assert_eq!(by("backend", json!({ "dry_run": true })).await.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn a_running_server_records_the_clock() {
    let server = served(-24 * 80).await;
    let path = server.folder.path().join("acme.rolecall");
    let response = || Sqlite::open(&path).unwrap().clock_seen().unwrap();
    for _ in 0..100 {
        if response().is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let response = response().expect("the server notes the clock");
    assert!(now().as_millis() - response.as_millis() < HOUR);
    // The record is not an event.
    let events = server.get("/v1/administration/events", &[("authorization", "Bearer backend")]).await.json();
    assert_eq!(events["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_clock_behind_the_last_event_is_reported() {
    let server = served(1).await;
    let answer = assign(&server, json!({})).await.json();
    assert_eq!(answer["time_stands_still_at"], answer["event"]["time"]);
    assert!(answer["time_stands_still_at"].is_string(), "{answer}");
    let server = served(-1).await;
    assert!(assign(&server, json!({})).await.json().get("time_stands_still_at").is_none());
}
