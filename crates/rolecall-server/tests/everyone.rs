//! The built-in group of everyone over HTTP: commands, AuthZEN, passes and lists.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, DIRECTORY, POLICY, now, serve, token};
use rolecall_server::Config;
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const OLGA: (&str, &str) = ("rolecall-actor", "user:olga");

#[tokio::test]
async fn a_role_of_everyone_decides_at_once() {
    let server = serve(|folder| {
        let path = folder.join("acme.rolecall");
        let directory = DIRECTORY.replace(r#""user:bo": {}"#, r#""user:bo": {}, "user:cy": {}, "app:crm": {}"#);
        Administration::begin(Sqlite::create(&path).unwrap(), POLICY, &directory, "app:rolecall", now()).unwrap();
        Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
    })
    .await;
    let may = async |kind: &str, id: &str| {
        let question = json!({ "subject": { "type": kind, "id": id }, "action": { "name": "view" },
            "resource": { "type": "segments", "id": "acme/shop" } });
        let answer = server.post("/access/v1/evaluation", &[BACKEND], &question).await;
        answer.json()["decision"].as_bool().unwrap_or_else(|| panic!("{}", answer.text))
    };
    let give = async |command: Value| {
        let body = json!({ "command": command });
        server.post("/v1/administration/commands", &[BACKEND, OLGA], &body).await
    };
    assert!(!may("user", "cy").await);
    let assign = json!({ "assign": { "subject": "group:everyone", "role": "viewer", "at": "acme/shop" } });
    let given = give(assign.clone()).await;
    assert_eq!(given.status.as_u16(), 200, "{}", given.text);
    assert!(may("user", "cy").await && !may("app", "crm").await && !may("user", "zoe").await);
    let wanted = json!({ "subject": "user:cy", "at": "acme/shop" });
    assert_eq!(server.post("/v1/passes", &[BACKEND], &wanted).await.status.as_u16(), 200);
    let search = json!({ "subject": { "type": "user" }, "action": { "name": "view" },
        "resource": { "type": "segments", "id": "acme/shop" } });
    let found = server.post("/access/v1/search/subject", &[BACKEND], &search).await.json();
    let ids: Vec<&str> = found["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["ada", "bo", "cy", "olga"], "{found}");
    let shown = server.get("/v1/administration/access?at=acme&kind=groups", &[BACKEND, OLGA]).await.json();
    assert_eq!(shown["groups"]["rows"][0]["member_count"], 4, "{shown}");
    let role = server.get("/v1/administration/role?role=viewer&at=acme", &[BACKEND, OLGA]).await.text;
    assert!(role.contains(r#""subject":"group:everyone""#), "{role}");
    let reserved = give(json!({ "lock": { "items": ["item:1"], "at": "acme", "groups": ["group:everyone"] } })).await;
    assert_eq!(reserved.refusal(), (422, "group.reserved".into()), "{}", reserved.text);
    let withdraw = json!({ "withdraw": assign["assign"] });
    assert_eq!(give(withdraw).await.status.as_u16(), 200);
    assert!(!may("user", "cy").await);
}
