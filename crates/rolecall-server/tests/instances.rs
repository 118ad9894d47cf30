//! Types of instance over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, serve, store, token};
use rolecall_server::Config;
use serde_json::{Value, json};

const HEADERS: [(&str, &str); 2] = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga")];

#[tokio::test]
async fn the_type_of_an_instance_decides_which_roles_exist() {
    let mut policy: Value = serde_json::from_str(common::POLICY).unwrap();
    policy["instance_types"] = json!(["shared", "single"]);
    policy["roles"]["console"] = json!({ "grants": ["segments:view"], "instance_types": ["single"] });
    policy["administration"]["set-instance-type"] = json!({ "account": "users:edit" });
    let server = serve(|folder| {
        let config = store(folder);
        let path = config.store.clone().unwrap();
        std::fs::remove_file(&path).unwrap();
        let sqlite = rolecall_store::Sqlite::create(&path).unwrap();
        let policy = policy.to_string();
        rolecall_store::Administration::begin(sqlite, &policy, common::DIRECTORY, "user:olga", common::now()).unwrap();
        Config { tokens: vec![token("backend", &ALL, true)], ..config }
    })
    .await;
    let give = async |command: Value| {
        server.post("/v1/administration/commands", &HEADERS, &json!({ "command": command })).await
    };
    let assign = json!({ "assign": { "subject": "user:ada", "role": "console", "at": "acme/shop" } });
    let state = |instance_type: &str| json!({ "set-instance-type": { "at": "acme", "instance_type": instance_type } });
    assert_eq!(give(assign.clone()).await.refusal(), (422, "document".into()));
    let event = give(state("single")).await.json()["event"].clone();
    assert_eq!([&event["operation"], &event["object_type"]], ["UPDATE", "SCOPE"]);
    assert_eq!(event["changes"][0]["after"], json!({ "instance_type": "single" }));
    assert_eq!(give(assign).await.status, 200);
    let refused = give(state("shared")).await;
    assert!(refused.text.contains("`console` of `user:ada` at `acme/shop`"), "{}", refused.text);
    assert_eq!(refused.refusal(), (422, "instance.roles".into()));
    let roles = server.get("/v1/administration/role?at=acme&role=console", &HEADERS).await.json();
    assert_eq!([&roles["role"]["instance_types"], &roles["role"]["available"]], [&json!(["single"]), &json!(true)]);
}
