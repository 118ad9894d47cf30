//! Filters and the numbering of scopes, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, documents, serve, token};
use rolecall_server::{Config, Right};
use serde_json::json;
use std::path::Path;

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

fn backends(folder: &Path) -> Config {
    let tokens = vec![
        token("backend", &[&ALL[..], &[Right::Time]].concat(), true),
        token("plain", &[Right::Evaluate], false),
        token("passes", &[Right::Pass], true),
    ];
    Config { tokens, ..documents(folder) }
}

#[tokio::test]
async fn a_filter_and_the_numbering_agree() {
    let server = serve(backends).await;
    let numbering = server.get("/v1/numbering", &[BACKEND]).await.json();
    let question = json!({ "subject": "user:bo", "permission": "segments:edit", "list_scopes": true });
    let filter = server.post("/v1/filters", &[BACKEND], &question).await.json();
    assert_eq!(filter["numbering"], numbering["numbering"], "{filter}");
    let numbers = numbering["scopes"].as_array().unwrap();
    let branch = &filter["branches"][0];
    let ranges = branch["ranges"].as_array().unwrap().iter();
    let listed: Vec<_> = ranges
        .flat_map(|range| range[0].as_u64().unwrap()..=range[1].as_u64().unwrap())
        .map(|number| numbers[number as usize].clone())
        .collect();
    assert!(!listed.is_empty());
    assert_eq!(json!(listed), branch["scopes"]);
}

#[tokio::test]
async fn callers_state_what_they_may() {
    let server = serve(backends).await;
    let plain = ("authorization", "Bearer plain");
    let question = |context| json!({ "subject": "user:ada", "permission": "segments:view", "context": context });
    for (bearer, body, status, code) in [
        (BACKEND, question(json!({ "ip": "203.0.113.9", "time": "2026-11-21T10:00:00Z" })), 200, ""),
        (plain, question(json!({})), 200, ""),
        (plain, question(json!({ "ip": "203.0.113.9" })), 403, "context.forbidden"),
        (plain, question(json!({ "time": "2026-11-21T10:00:00Z" })), 403, "context.forbidden"),
        (plain, question(json!([])), 400, "request.shape"),
        (plain, json!([]), 400, "request.shape"),
        (BACKEND, question(json!({ "time": "soon" })), 400, "time.malformed"),
        (BACKEND, json!({ "subject": "user:ada", "permission": "segments:fly" }), 400, "permission.unknown"),
        (("authorization", "Bearer passes"), question(json!({})), 403, "forbidden"),
        (("authorization", "Bearer nobody"), question(json!({})), 401, "unauthenticated"),
    ] {
        let answer = server.post("/v1/filters", &[bearer], &body).await;
        let given = answer.json()["error"]["code"].as_str().unwrap_or_default().to_string();
        assert_eq!((answer.status.as_u16(), given.as_str()), (status, code), "{body}");
    }
    assert_eq!(server.get("/v1/numbering", &[]).await.status.as_u16(), 401);
}
