//! Several commands in one transaction, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, Served, serve, store, token};
use rolecall_server::Config;
use serde_json::{Value, json};

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

async fn served() -> Served {
    serve(|folder| Config { tokens: vec![token("backend", &ALL, true)], ..store(folder) }).await
}

async fn send(server: &Served, more: &[(&str, &str)], body: &Value) -> Answer {
    let headers = [&[BACKEND, ("rolecall-actor", "user:olga")], more].concat();
    server.post("/v1/administration/transactions", &headers, body).await
}

fn assign(subject: &str, role: &str) -> Value {
    json!({ "assign": { "subject": subject, "role": role, "at": "acme/shop" } })
}

fn add(subject: &str) -> Value {
    json!({ "add-user": { "subject": subject, "roles": [{ "role": "viewer", "at": "acme/shop" }] } })
}

async fn version(server: &Served) -> u64 {
    let headers = [BACKEND, ("rolecall-actor", "user:olga")];
    let answer = server.get("/v1/administration/access?at=acme", &headers).await;
    answer.headers["etag"].to_str().unwrap().trim_matches('"').parse().unwrap()
}

#[tokio::test]
async fn all_commands_are_executed_or_none() {
    let server = served().await;
    let good = json!({ "commands": [add("user:new"), assign("user:new", "owner")] });
    let done = send(&server, &[("idempotency-key", "first")], &good).await;
    let results = done.json()["results"].clone();
    assert_eq!(done.status.as_u16(), 200, "{}", done.text);
    assert_eq!((&results[0]["event"]["seq"], &results[1]["event"]["seq"]), (&json!(2), &json!(3)));
    // A hint is for single commands; the events are in the order of the commands, each in the audit log.
    let again = send(&server, &[("idempotency-key", "first")], &good).await.json();
    assert_eq!(again["results"][1]["before"]["seq"], 3);
    assert_eq!(
        send(&server, &[("idempotency-key", "first")], &json!({ "commands": [add("user:new")] })).await.refusal().0,
        409
    );
    let before = version(&server).await;
    let bad = json!({ "commands": [add("user:newer"), assign("user:nobody", "viewer"), add("user:newest")] });
    let refused = send(&server, &[], &bad).await;
    assert_eq!(refused.refusal(), (422, "subject.unknown".to_string()), "{}", refused.text);
    assert_eq!(refused.json()["error"]["path"], "commands.1");
    assert_eq!(version(&server).await, before);
    // A dry run reports every refusal, and changes nothing.
    let mut dry = bad.clone();
    dry["commands"].as_array_mut().unwrap().push(assign("user:newest", "nonsense"));
    dry["dry_run"] = json!(true);
    let shown = send(&server, &[], &dry).await.json();
    assert_eq!(shown["refused"], 2, "{shown}");
    assert_eq!(shown["results"][1]["error"]["code"], "subject.unknown");
    assert_eq!(shown["results"][3]["error"]["code"], "role.unknown");
    assert_eq!(shown["results"][2]["diff"]["gained"][0]["subject"], "user:newest");
    assert_eq!(version(&server).await, before);
}

#[tokio::test]
async fn wrong_transactions_are_rejected() {
    let server = served().await;
    let late = send(&server, &[("if-match", "\"7\"")], &json!({ "commands": [add("user:new")] })).await;
    assert_eq!(late.refusal(), (412, "conflict".to_string()));
    let many: Vec<Value> = (0..1001).map(|_| add("user:new")).collect();
    for (body, status, code) in [
        (json!({ "commands": [] }), 422, "malformed"),
        (json!({ "commands": many }), 422, "limit.list"),
        (json!({ "commands": [{ "fly": {} }] }), 400, "request.shape"),
        (json!({ "commands": [["add-user", {}]] }), 400, "request.shape"),
        (json!({ "commands": add("user:new") }), 400, "request.shape"),
        (json!({ "commands": [add("user:new")], "more": 1 }), 400, "request.shape"),
    ] {
        let answer = send(&server, &[], &body).await;
        assert_eq!(answer.refusal(), (status, code.to_string()), "{}", answer.text);
    }
    let headers = [BACKEND, ("rolecall-actor", "user:ada")];
    let body = json!({ "commands": [add("user:new")] });
    let denied = server.post("/v1/administration/transactions", &headers, &body).await;
    assert_eq!(
        (denied.refusal(), denied.json()["error"]["path"].clone()),
        ((403, "denied".into()), json!("commands.0"))
    );
}
