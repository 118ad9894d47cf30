//! Questions about assignments, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, documents, serve, token};
use rolecall_server::{Config, Right};
use serde_json::{Value, json};
use std::path::Path;

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const TIME: &str = "2026-11-21T10:00:00Z";

fn backends(folder: &Path) -> Config {
    let tokens = vec![
        token("backend", &[&ALL[..], &[Right::Time]].concat(), true),
        token("plain", &[Right::Evaluate], false),
        token("passes", &[Right::Pass], true),
    ];
    Config { tokens, ..documents(folder) }
}

#[tokio::test]
async fn holders_groups_and_assignments_agree() {
    let server = serve(backends).await;
    let ask = async |name: &str, question: Value| {
        server.post(&format!("/v1/queries/{name}"), &[BACKEND], &question).await.json()
    };
    let all = ask("who-holds", json!({ "role": "editor", "time": TIME })).await;
    let holders = all["holders"].as_array().unwrap();
    assert!(!holders.is_empty() && all["next"].is_null(), "{all}");
    for holder in holders {
        let own = ask("assignments-of", json!({ "subject": holder["subject"], "time": TIME })).await;
        let own = own["assignments"].as_array().unwrap();
        assert!(holder["roles"].as_array().unwrap().iter().all(|role| own.contains(role)), "{holder} {own:?}");
    }
    let first = ask("who-holds", json!({ "role": "viewer", "limit": 1 })).await;
    assert_eq!(first["holders"][0]["subject"], first["next"], "{first}");
    let rest = ask("who-holds", json!({ "role": "viewer", "after": first["next"] })).await;
    let all = ask("who-holds", json!({ "role": "viewer" })).await;
    assert_eq!(all["holders"].as_array().unwrap()[1..], rest["holders"].as_array().unwrap()[..]);
    let at = &holders[0]["roles"][0]["at"];
    let groups = ask("which-groups-can", json!({ "permission": "segments:view", "at": at })).await;
    assert!(groups["groups"].is_array(), "{groups}");
}

#[tokio::test]
async fn callers_state_what_they_may() {
    let server = serve(backends).await;
    let plain = ("authorization", "Bearer plain");
    for (bearer, name, body, status, code) in [
        (BACKEND, "who-holds", json!({ "role": "editor", "time": TIME }), 200, ""),
        (plain, "who-holds", json!({ "role": "editor" }), 200, ""),
        (plain, "who-holds", json!({ "role": "editor", "time": TIME }), 403, "context.forbidden"),
        (plain, "assignments-of", json!({ "subject": "user:ada", "time": TIME }), 403, "context.forbidden"),
        (plain, "who-holds", json!([]), 400, "request.shape"),
        (BACKEND, "who-holds", json!({ "role": "Editor" }), 400, "role.malformed"),
        (BACKEND, "who-holds", json!({ "role": "editor", "limit": 0 }), 400, "request.shape"),
        (BACKEND, "which-groups-can", json!({ "permission": "segments:fly", "at": "acme" }), 400, "permission.unknown"),
        (BACKEND, "assignments-of", json!({ "subject": "group:all" }), 400, "subject.malformed"),
        (("authorization", "Bearer passes"), "who-holds", json!({ "role": "editor" }), 403, "forbidden"),
        (("authorization", "Bearer nobody"), "who-holds", json!({ "role": "editor" }), 401, "unauthenticated"),
    ] {
        let answer = server.post(&format!("/v1/queries/{name}"), &[bearer], &body).await;
        let given = answer.json()["error"]["code"].as_str().unwrap_or_default().to_string();
        assert_eq!((answer.status.as_u16(), given.as_str()), (status, code), "{name} {body}");
    }
}
