//! Views, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, documents, now, serve, token};
use rolecall::Timestamp;
use rolecall_server::{Config, Right};
use serde_json::json;
use std::path::Path;

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

fn backends(folder: &Path) -> Config {
    let tokens = vec![
        token("backend", &ALL, true),
        token("plain", &[Right::Pass], false),
        token("evaluate", &[Right::Evaluate], true),
    ];
    Config { tokens, ..documents(folder) }
}

#[tokio::test]
async fn a_view_gives_the_decisions_of_the_server_for_the_minutes_of_a_pass() {
    let server = serve(backends).await;
    for (subject, allowed, menu) in [
        ("user:ada", json!(["segments:view"]), json!(["segments"])),
        ("user:bo", json!(["segments:edit", "segments:view"]), json!(["segments", "edit"])),
        ("user:eve", json!([]), json!([])),
    ] {
        let wanted = json!({ "subject": subject, "at": "acme/shop", "menus": ["main"] });
        let view = server.post("/v1/views", &[BACKEND], &wanted).await.json();
        assert_eq!(
            (&view["rolecall_view"], &view["subject"], &view["at"]),
            (&json!(1), &json!(subject), &json!("acme/shop"))
        );
        assert_eq!(view["covers"], json!(["segments:edit", "segments:view", "users:edit", "users:view"]));
        let parts = view["parts"].as_array().unwrap();
        assert_eq!(parts.len(), 1, "{view}");
        assert_eq!(parts[0]["permissions"], allowed, "{subject}");
        let items = parts[0]["menus"]["main"]["items"].as_array().unwrap();
        assert_eq!(json!(items.iter().map(|item| &item["id"]).collect::<Vec<_>>()), menu, "{subject}");
        let end: Timestamp = parts[0]["valid_until"].as_str().unwrap().parse().unwrap();
        let minutes = (end.as_millis() - now().as_millis()) as f64 / 60_000.0;
        assert!((14.0..=15.0).contains(&minutes), "{minutes}");
    }
    let wanted = json!({ "subject": "user:bo", "at": "acme/shop", "permissions": ["segments:edit"] });
    let view = server.post("/v1/views", &[BACKEND], &wanted).await.json();
    assert_eq!((&view["covers"], &view["parts"][0]["menus"]), (&json!(["segments:edit"]), &json!({})));
}

#[tokio::test]
async fn callers_state_what_they_may() {
    let server = serve(backends).await;
    let wanted = |more: serde_json::Value| {
        let mut wanted = json!({ "subject": "user:ada", "at": "acme" });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        wanted
    };
    let (plain, evaluate) = (("authorization", "Bearer plain"), ("authorization", "Bearer evaluate"));
    for (bearer, body, status, code) in [
        (BACKEND, wanted(json!({ "context": { "ip": "203.0.113.9" } })), 200, ""),
        (plain, wanted(json!({})), 200, ""),
        (plain, wanted(json!({ "context": { "ip": "203.0.113.9" } })), 403, "context.forbidden"),
        (BACKEND, wanted(json!({ "context": { "time": "2020-01-01T00:00:00Z" } })), 400, "request.shape"),
        (BACKEND, wanted(json!({ "until": "2099-01-01T00:00:00Z" })), 400, "request.shape"),
        (BACKEND, wanted(json!({ "scopes": [] })), 400, "request.shape"),
        (BACKEND, wanted(json!({ "menus": ["side"] })), 400, "menu.unknown"),
        (BACKEND, wanted(json!({ "permissions": ["segments:fly"] })), 400, "permission.unknown"),
        (BACKEND, wanted(json!({ "subject": "group:a" })), 400, "subject.malformed"),
        (BACKEND, wanted(json!({ "at": "A" })), 400, "scope.malformed"),
        (evaluate, wanted(json!({})), 403, "forbidden"),
        (("authorization", "Bearer nobody"), wanted(json!({})), 401, "unauthenticated"),
    ] {
        let answer = server.post("/v1/views", &[bearer], &body).await;
        let given = answer.json()["error"]["code"].as_str().unwrap_or_default().to_string();
        assert_eq!((answer.status.as_u16(), given.as_str()), (status, code), "{body}");
    }
}
