//! Roles of the policy that a tenant edits, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, Served, now, serve, token};
use rolecall_server::Config;
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};

const COMMANDS: &str = "/v1/administration/commands";
const VIEW: &str = "/v1/administration/overlays";
const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const OLGA: (&str, &str) = ("rolecall-actor", "user:olga");

const POLICY: &str = r#"{"rolecall": 1, "scopes": ["instance", "account"], "labels": ["pii"],
    "resources": {"segments": {"actions": ["view", "edit"]}, "users": {"actions": ["view", "edit"]}},
    "roles": {"viewer": {"title": "Viewer", "grants": ["segments:view"]},
        "owner": {"grants": ["**:*"], "reads": ["pii"]}},
    "administration": {"assign": "users:edit", "set-login": {"account": "users:edit"},
        "set-overlay": {"account": "users:edit"}, "reset-overlay": {"account": "users:edit"}, "view-roles": "users:view"}}"#;
const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["main", "main/acme", "main/zz-other"],
    "subjects": {"user:olga": {}, "user:ada": {}, "user:zz-max": {}, "user:zz-bo": {}},
    "assignments": [{"subject": "user:olga", "role": "owner", "at": "main/acme"},
        {"subject": "user:ada", "role": "viewer", "at": "main/acme"},
        {"subject": "user:zz-max", "role": "owner", "at": "main/zz-other"},
        {"subject": "user:zz-bo", "role": "viewer", "at": "main/zz-other"}],
    "overlays": {"main/zz-other": {"viewer": {"title": "zz-title"}}}}"#;

async fn served() -> Served {
    serve(|folder| {
        let path = folder.join("acme.rolecall");
        Administration::begin(Sqlite::create(&path).unwrap(), POLICY, DIRECTORY, "app:rolecall", now()).unwrap();
        Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
    })
    .await
}

async fn give(server: &Served, command: Value) -> Answer {
    server.post(COMMANDS, &[BACKEND, OLGA], &json!({ "command": command })).await
}

async fn may(server: &Served, subject: &str, at: &str) -> bool {
    let ask = json!({ "subject": { "type": "user", "id": subject }, "action": { "name": "edit" },
        "resource": { "type": "segments", "id": at } });
    server.post("/access/v1/evaluation", &[BACKEND], &ask).await.json()["decision"] == true
}

#[tokio::test]
async fn a_tenant_edits_a_role_and_resets_it() {
    let server = served().await;
    let set = json!({ "set-overlay": { "at": "main/acme", "role": "viewer", "title": "Reader", "grants": ["segments:*"], "reads": ["pii"] } });
    let dry = server.post(COMMANDS, &[BACKEND, OLGA], &json!({ "command": set, "dry_run": true })).await.json();
    assert_eq!(dry["diff"]["gained"][0]["subject"], "user:ada", "{dry}");
    assert!(!may(&server, "ada", "main/acme").await);
    let done = give(&server, set).await;
    assert_eq!((done.status.as_u16(), &done.json()["event"]["object_type"]), (200, &json!("ROLE")));
    assert!(may(&server, "ada", "main/acme").await && !may(&server, "zz-bo", "main/zz-other").await);
    let shown = server.get(&format!("{VIEW}?at=main/acme"), &[BACKEND, OLGA]).await.json();
    assert_eq!(
        shown,
        json!({ "overlays": [{
            "role": "viewer", "at": "main/acme", "policy_title": "Viewer",
            "grants_added": ["segments:edit"], "grants_removed": [], "reads_added": ["pii"], "reads_removed": [],
            "overlay": { "title": "Reader", "grants": ["segments:*"], "reads": ["pii"] }
        }] })
    );
    assert_eq!(give(&server, json!({ "reset-overlay": { "at": "main/acme", "role": "viewer" } })).await.status, 200);
    assert!(!may(&server, "ada", "main/acme").await);
    let again = give(&server, json!({ "reset-overlay": { "at": "main/acme", "role": "viewer" } })).await;
    assert_eq!(again.refusal(), (422, "overlay.unknown".into()));
}

#[tokio::test]
async fn edits_of_another_tenant_are_not_seen() {
    let server = served().await;
    for at in ["main", "main/zz-other", "main/zz-none"] {
        let shown = server.get(&format!("{VIEW}?at={at}"), &[BACKEND, OLGA]).await;
        let own = shown.text.replace(at, "");
        assert!(shown.status == 403 && !own.contains("zz-"), "{at}: {own}");
        for verb in ["set-overlay", "reset-overlay"] {
            let answer = give(&server, json!({ verb: { "at": at, "role": "viewer" } })).await;
            let own = answer.text.replace(at, "");
            assert!(answer.status == 403 && !own.contains("zz-"), "{verb} {at}: {own}");
        }
    }
    let none = server.get(&format!("{VIEW}?at=main/acme"), &[BACKEND, OLGA]).await.json();
    assert_eq!(none, json!({ "overlays": [] }));
}
