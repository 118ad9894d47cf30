//! Groups that callers state for a subject: only a token with the right `groups` is believed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, DIRECTORY, Events, POLICY, Served, now, serve, token};
use rolecall_pass::{Expected, KeySet};
use rolecall_server::{Config, Right};
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};
use std::time::Duration;

async fn served() -> Served {
    serve(|folder| {
        let path = folder.join("acme.rolecall");
        let directory = DIRECTORY.replace(r#""assignments": ["#, r#""groups": {"group:staff": {}}, "assignments": [{"subject": "group:staff", "role": "editor", "at": "acme"}, "#);
        Administration::begin(Sqlite::create(&path).unwrap(), POLICY, &directory, "app:rolecall", now()).unwrap();
        let trusted = [Right::Evaluate, Right::Pass, Right::Groups];
        let tokens = vec![token("backend", &ALL, true), token("trusted", &trusted, false)];
        Config { store: Some(path), tokens, ..Config::default() }
    })
    .await
}

fn bearer(name: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {name}"))
}

async fn edits(server: &Served, name: &str, id: &str, context: Value) -> Value {
    let question = json!({ "subject": { "type": "user", "id": id }, "action": { "name": "edit" }, "context": context,
        "resource": { "type": "segments", "id": "acme" }, "options": { "reasons": true } });
    let (key, value) = bearer(name);
    server.post("/access/v1/evaluation", &[(key, &value)], &question).await.json()
}

#[tokio::test]
async fn evaluations_believe_only_tokens_that_may_state_groups() {
    let server = served().await;
    let staff = json!({ "groups": ["group:staff"] });
    assert_eq!(edits(&server, "trusted", "ada", json!({})).await["decision"], false);
    assert_eq!(edits(&server, "trusted", "ada", staff.clone()).await["decision"], true);
    assert_eq!(
        edits(&server, "trusted", "ada", json!({ "groups": ["group:none", 7, "Staff"] })).await["decision"],
        false
    );
    assert_eq!(edits(&server, "trusted", "zoe", staff.clone()).await["decision"], false, "nobody lists her");
    // A token that acts for others states a connection, and no groups.
    let ignored = edits(&server, "backend", "ada", staff).await;
    assert_eq!(ignored["decision"], false, "{ignored}");
    assert!(ignored.to_string().contains("context.groups"), "{ignored}");
}

#[tokio::test]
async fn passes_and_filters_refuse_groups_of_other_callers() {
    let server = served().await;
    let pass = json!({ "subject": "user:ada", "at": "acme", "context": { "groups": ["group:staff"] } });
    let filter =
        json!({ "subject": "user:ada", "permission": "segments:edit", "context": { "groups": ["group:staff"] } });
    for (path, body) in [("/v1/passes", &pass), ("/v1/filters", &filter)] {
        let (key, value) = bearer("backend");
        let refused = server.post(path, &[(key, &value)], body).await;
        assert_eq!(refused.refusal(), (403, "context.forbidden".into()), "{path}: {}", refused.text);
        assert_eq!(refused.json()["error"]["path"], "context.groups");
        assert!(refused.text.contains("`groups` in `may`"), "{}", refused.text);
    }
    let (key, value) = bearer("trusted");
    let made = server.post("/v1/passes", &[(key, &value)], &pass).await;
    assert_eq!(made.status.as_u16(), 200, "{}", made.text);
    let keys = KeySet::from_json(&server.get("/.well-known/jwks.json", &[]).await.text).unwrap();
    let expected = Expected { issuer: &format!("http://{}", server.address), audience: None };
    let opens = |pass: &Value| {
        let session = keys.open(pass["pass"].as_str().unwrap(), expected, now()).unwrap().session;
        session.can(session.permission("segments:edit").unwrap())
    };
    assert!(opens(&made.json()));
    // A renewed pass still has the groups, which its signature covers.
    let renewal = format!("Bearer {}", made.json()["pass"].as_str().unwrap());
    let renewed = server.post("/v1/passes/renew", &[("authorization", &renewal)], &json!({})).await;
    assert_eq!(renewed.status.as_u16(), 200, "{}", renewed.text);
    assert!(opens(&renewed.json()));
    let rows = server.post("/v1/filters", &[(key, &value)], &filter).await.json();
    assert_eq!(rows["branches"][0]["roots"], json!(["acme"]), "{rows}");
}

#[tokio::test]
async fn a_stream_follows_the_groups_that_its_pass_states() {
    let server = served().await;
    let pass = json!({ "subject": "user:ada", "at": "acme", "context": { "groups": ["group:staff"] } });
    let (key, value) = bearer("trusted");
    let made = server.post("/v1/passes", &[(key, &value)], &pass).await.json();
    let bearer_of_pass = format!("Bearer {}", made["pass"].as_str().unwrap());
    let mut events = Events::open(&server, &[("authorization", &bearer_of_pass)]).await;
    assert_eq!(events.next(Duration::from_secs(5)).await.unwrap().0, "ready");
    // The group has no members. Only the pass connects it with its bearer.
    let (key, value) = bearer("backend");
    let withdrawn = json!({ "withdraw": { "subject": "group:staff", "role": "editor", "at": "acme" } });
    let known = [(key, value.as_str()), ("rolecall-actor", "user:olga")];
    let done = server.post("/v1/administration/commands", &known, &json!({ "command": withdrawn })).await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.text);
    assert_eq!(events.next(Duration::from_secs(5)).await.unwrap().0, "changed");
}
