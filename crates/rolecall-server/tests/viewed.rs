//! What a page needs to show administration, over HTTP: rights, documents and a check of the audit log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, DIRECTORY, POLICY, Served, now, serve, token};
use rolecall::{Engine, Timestamp};
use rolecall_server::Config;
use rolecall_store::{Administration, Sqlite};
use serde_json::json;

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const OLGA: (&str, &str) = ("rolecall-actor", "user:olga");
const ADA: (&str, &str) = ("rolecall-actor", "user:ada");

async fn served() -> Served {
    serve(|folder| {
        let path = folder.join("acme.rolecall");
        let policy = POLICY.replace(r#""assign""#, r#""view-audit": "users:view", "set-role": "users:edit", "assign""#);
        Administration::begin(Sqlite::create(&path).unwrap(), &policy, DIRECTORY, "app:rolecall", now()).unwrap();
        Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
    })
    .await
}

#[tokio::test]
async fn rights_are_those_of_the_actor() {
    let server = served().await;
    let rights = server.get("/v1/administration/rights?at=acme", &[BACKEND, OLGA]).await;
    assert_eq!(rights.status.as_u16(), 200, "{}", rights.text);
    assert_eq!(rights.json()["commands"]["assign"], json!({ "allowed": true, "requires": ["users:edit"] }));
    let rights = server.get("/v1/administration/rights?at=acme", &[BACKEND, ADA]).await.json();
    assert_eq!(rights["commands"]["assign"]["allowed"], false);
    let unknown = server.get("/v1/administration/rights?at=elsewhere", &[BACKEND, ADA]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["code"]), (403, &json!("denied")));
}

#[tokio::test]
async fn documents_show_the_effect_of_a_change_before_it_is_made() {
    let server = served().await;
    let shown = server.get("/v1/administration/documents?at=acme", &[BACKEND, OLGA]).await;
    let (tag, documents) = (shown.headers["etag"].to_str().unwrap().to_string(), shown.json());
    let engine = Engine::from_json(&documents["policy"].to_string(), &documents["directory"].to_string()).unwrap();
    let change = json!({ "at": "acme", "role": "desk", "inherits": ["editor"] });
    let mut command = json!({ "set-role": change });
    let commands = json!([command, { "assign": { "subject": "user:ada", "role": "desk", "at": "acme" } }]);
    let preview = json!({ "commands": commands, "dry_run": true });
    let preview = server.post("/v1/administration/transactions", &[BACKEND, OLGA], &preview).await.json();
    let mut changed = engine.clone();
    for one in [json!({ "set_role": change }), json!({ "assign": commands[1]["assign"] })] {
        changed.apply_json(&one.to_string()).unwrap();
    }
    let computed = json!(engine.diff(&changed, Timestamp::parse(&now().as_text()).unwrap()).gained);
    assert_eq!(computed, preview["results"][1]["diff"]["gained"]);
    assert!(computed.to_string().contains("segments:edit"), "{computed}");

    // A client that has the version gets no body, and still needs the permissions.
    let known = ("if-none-match", tag.as_str());
    let same = server.get("/v1/administration/documents?at=acme", &[BACKEND, OLGA, known]).await;
    assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
    let refused = server.get("/v1/administration/documents?at=acme", &[BACKEND, ADA, known]).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["code"]), (403, &json!("denied")));
    command = json!({ "command": command });
    assert_eq!(server.post("/v1/administration/commands", &[BACKEND, OLGA], &command).await.status.as_u16(), 200);
    let newer = server.get("/v1/administration/documents?at=acme", &[BACKEND, OLGA, known]).await;
    assert_eq!(newer.status.as_u16(), 200);
    assert!(newer.json()["directory"]["roles"]["acme"]["desk"].is_object());
}

#[tokio::test]
async fn the_chain_is_checked_for_a_reader_of_a_scope() {
    let server = served().await;
    let give = json!({ "command": { "assign": { "subject": "user:ada", "role": "editor", "at": "acme/shop" } } });
    assert_eq!(server.post("/v1/administration/commands", &[BACKEND, OLGA], &give).await.status.as_u16(), 200);
    let check = server.get("/v1/administration/chain?at=acme", &[BACKEND, OLGA]).await.json();
    let events = server.get("/v1/administration/events?at=acme", &[BACKEND, OLGA]).await.json();
    assert_eq!((&check["intact"], &check["checked"], &check["at_scope"]), (&json!(true), &json!(2), &json!(2)));
    assert_eq!((&check["whole"], &check["head"]), (&json!(true), &events["events"][1]["hash"]));
    // A reader of a part gets no hash that covers the rest.
    let part = server.get("/v1/administration/chain?at=acme/shop", &[BACKEND, OLGA]).await.json();
    assert_eq!((&part["whole"], &part["intact"], &part["at_scope"]), (&json!(false), &json!(true), &json!(2)));
    assert_eq!((part.get("head"), part.get("checked")), (None, None));
    assert_eq!(server.get("/v1/administration/chain?at=acme", &[BACKEND, ADA]).await.status.as_u16(), 403);

    let path = server.folder.path().join("acme.rolecall");
    let store = rusqlite::Connection::open(&path).unwrap();
    store.execute("DROP TRIGGER events_stay", []).unwrap();
    let changed = store.execute("UPDATE events SET body = replace(body, 'editor', 'viewer') WHERE seq = 2", []);
    assert_eq!(changed.unwrap(), 1);
    let broken = server.get("/v1/administration/chain?at=acme", &[BACKEND, OLGA]).await.json();
    assert_eq!((&broken["intact"], &broken["broken_at"], broken.get("head")), (&json!(false), &json!(2), None));
    let part = server.get("/v1/administration/chain?at=acme/shop", &[BACKEND, OLGA]).await.json();
    assert_eq!((&part["intact"], part.get("broken_at")), (&json!(false), None));
}
