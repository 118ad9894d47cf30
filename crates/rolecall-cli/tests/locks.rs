//! Tests locked items from the command line: a lock is in force for the next decision by the id of the item.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const POLICY: &str = r#"{"rolecall": 1, "scopes": ["account", "project"],
    "resources": {"pages": {"actions": ["view", "edit"]}, "people": {"actions": ["edit"]}},
    "roles": {"editor": {"grants": ["pages:*"]}, "owner": {"inherits": ["editor"], "grants": ["people:edit"], "unbounded": ["team"]}},
    "guards": {"boundaries": {"team": {"limits": ["edit"], "match": "any", "from": "groups", "items": "locks"}}},
    "administration": {"assign": "people:edit", "add-group": "people:edit", "join-group": "people:edit",
        "delete-group": "people:edit", "leave-group": "people:edit", "lock": "people:edit", "view-locks": "people:edit"}}"#;

const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme", "acme/shop"],
    "subjects": {"user:olga": {}, "user:ada": {}, "user:bo": {}},
    "groups": {"group:acme/old": {"members": ["user:bo"]}},
    "assignments": [{"subject": "user:olga", "role": "owner", "at": "acme"},
        {"subject": "user:ada", "role": "editor", "at": "acme"}, {"subject": "user:bo", "role": "editor", "at": "acme"}],
    "locks": {"acme": {"page:0": {"groups": ["group:acme/old"], "owner": "user:bo"}}}}"#;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.args(args).current_dir(folder).env("ROLECALL_AS", "user:olga").output().unwrap()
}

fn admin(folder: &Path, args: &[&str]) {
    let done = run(folder, &[&["admin"], args].concat());
    assert!(done.status.success(), "{args:?}: {done:?}");
}

/// Returns whether a subject may edit an item of the shop.
fn may(folder: &Path, subject: &str, item: &[&str]) -> bool {
    let question = ["check", "--store", "admin.rolecall", "--permission", "pages:edit", "--at", "acme/shop", "--json"];
    let done = run(folder, &[&question[..], &["--subject", subject], item].concat());
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    answer["allow"].as_bool().unwrap()
}

#[test]
fn a_locked_item_is_closed_to_all_but_members() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("policy.json"), POLICY).unwrap();
    std::fs::write(folder.join("directory.json"), DIRECTORY).unwrap();
    admin(folder, &["init", "--policy", "policy.json", "--directory", "directory.json"]);
    // A lock of the directory is imported with its owner.
    assert!(may(folder, "user:bo", &["--item", "page:0"]) && !may(folder, "user:ada", &["--item", "page:0"]));
    let listed = run(folder, &["admin", "show", "locks", "--at", "acme", "--json"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("page:0") && listed.contains("user:bo"), "{listed}");

    assert!(may(folder, "user:bo", &["--item", "page:1"]));
    admin(folder, &["group", "add", "group:acme/team", "--at", "acme"]);
    admin(folder, &["group", "join", "group:acme/team", "user:ada"]);
    admin(folder, &["lock", "page:1", "--at", "acme/shop", "--group", "group:acme/team"]);
    assert!(may(folder, "user:ada", &["--item", "page:1"]));
    assert!(!may(folder, "user:bo", &["--item", "page:1"]));
    assert!(!may(folder, "user:bo", &["--item", "page:1", "--boundary", "team=group:acme/old"]));
    // Another item is open, one that nothing describes is not, and no item asks in general.
    assert!(may(folder, "user:bo", &["--item", "page:2"]));
    assert!(!may(folder, "user:bo", &["--item"]));
    assert!(may(folder, "user:bo", &[]));

    let why = run(
        folder,
        &[
            "explain",
            "--store",
            "admin.rolecall",
            "--subject",
            "user:bo",
            "--permission",
            "pages:edit",
            "--at",
            "acme/shop",
            "--item",
            "page:1",
        ],
    );
    let why = String::from_utf8(why.stdout).unwrap();
    assert!(why.contains("the item is locked at `acme/shop`: any of group:acme/team in `team` are needed"), "{why}");

    admin(folder, &["lock", "page:1", "--at", "acme/shop"]);
    assert!(may(folder, "user:bo", &["--item", "page:1"]));
    admin(folder, &["lock", "page:1", "--at", "acme/shop", "--group", "group:acme/team"]);
    admin(folder, &["group", "delete", "group:acme/team", "--cascade"]);
    assert!(may(folder, "user:bo", &["--item", "page:1"]));
}
