//! Tests the built-in group of everyone from the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const POLICY: &str = r#"{"rolecall": 1, "scopes": ["account", "project"],
    "resources": {"pages": {"actions": ["view", "edit"]}, "people": {"actions": ["view", "edit"]}},
    "roles": {"viewer": {"grants": ["pages:view"]}, "owner": {"inherits": ["viewer"], "grants": ["pages:edit", "people:*"]}},
    "administration": {"assign": "people:edit", "withdraw": "people:edit", "add-user": "people:edit", "add-group": "people:edit",
        "join-group": "people:edit", "view-access": "people:view", "view-roles": "people:view"}}"#;

const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme", "acme/shop"],
    "subjects": {"user:olga": {}, "user:ada": {}, "user:ext": {"external": true}, "app:crm": {}},
    "assignments": [{"subject": "user:olga", "role": "owner", "at": "acme"}]}"#;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.args(args).current_dir(folder).env("ROLECALL_AS", "user:olga").output().unwrap()
}

fn admin(folder: &Path, args: &[&str]) {
    let done = run(folder, &[&["admin"], args].concat());
    assert!(done.status.success(), "{args:?}: {done:?}");
}

fn may(folder: &Path, subject: &str) -> bool {
    let question = ["check", "--store", "admin.rolecall", "--permission", "pages:view", "--at", "acme/shop", "--json"];
    let done = run(folder, &[&question[..], &["--subject", subject]].concat());
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    answer["allow"].as_bool().unwrap()
}

#[test]
fn a_role_is_assigned_to_everyone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("policy.json"), POLICY).unwrap();
    std::fs::write(folder.join("directory.json"), DIRECTORY).unwrap();
    admin(folder, &["init", "--policy", "policy.json", "--directory", "directory.json"]);
    let everyone =
        |folder: &Path| ["user:ada", "user:new", "user:ext", "app:crm", "user:zoe"].map(|id| may(folder, id));
    assert_eq!(everyone(folder), [false; 5]);
    admin(folder, &["assign", "group:everyone", "viewer", "acme/shop"]);
    assert_eq!(everyone(folder), [true, false, false, false, false]);
    admin(folder, &["add", "user:new", "--role", "viewer@acme"]);
    assert_eq!(everyone(folder), [true, true, false, false, false]);
    let shown = run(folder, &["admin", "show", "access", "--at", "acme", "--kind", "groups", "--json"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let row = &shown["groups"]["rows"][0];
    assert_eq!((row["subject"].as_str(), row["member_count"].as_u64()), (Some("group:everyone"), Some(3)), "{shown}");
    let shown = run(folder, &["admin", "show", "role", "viewer", "--at", "acme"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("group:everyone at acme/shop  3 members"), "{shown}");
    let refused = run(folder, &["admin", "group", "join", "group:everyone", "app:crm"]);
    let message = String::from_utf8(refused.stdout).unwrap();
    assert!(!refused.status.success() && message.contains("group.reserved"), "{message}");
    admin(folder, &["withdraw", "group:everyone", "viewer", "acme/shop"]);
    assert_eq!(everyone(folder), [false, true, false, false, false]);
}
