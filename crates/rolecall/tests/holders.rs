//! Who holds a role, after single changes to an engine that was asked before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, PageRequest};

const POLICY: &str = r#"{"rolecall":1,"scopes":["account","project"],"resources":{"segments":{"actions":["view"]}},
    "roles":{"viewer":{"grants":["segments:view"]},"editor":{"inherits":["viewer"]}}}"#;
const DIRECTORY: &str = r#"{"rolecall":1,"scopes":["a","a/p"],"subjects":{"user:ada":{},"user:bo":{},"user:cy":{}},
    "groups":{"group:in":{"members":["user:bo"]},"group:out":{"members":["group:in"]}},
    "assignments":[{"subject":"user:ada","role":"editor","at":"a"},{"subject":"group:out","role":"viewer","at":"a/p"}]}"#;

fn holders(engine: &Engine) -> Vec<String> {
    let time = "2026-11-21T10:00:00Z".parse().unwrap();
    let answer = engine.who_holds("viewer", None, time, PageRequest::default()).unwrap();
    answer.holders.into_iter().map(|holder| holder.subject).collect()
}

#[test]
fn indexes_follow_single_changes() {
    let mut engine = Engine::from_json(POLICY, DIRECTORY).unwrap();
    assert_eq!(holders(&engine), ["user:ada", "user:bo"]);
    let before = engine.clone();
    for (change, expected) in [
        (r#"{"withdraw":{"subject":"user:ada","role":"editor","at":"a"}}"#, &["user:bo"][..]),
        (r#"{"assign":{"subject":"user:cy","role":"editor","at":"a/p"}}"#, &["user:bo", "user:cy"]),
        (r#"{"leave":{"group":"group:in","member":"user:bo"}}"#, &["user:cy"]),
        (r#"{"join":{"group":"group:in","member":"user:ada"}}"#, &["user:ada", "user:cy"]),
        (r#"{"leave":{"group":"group:out","member":"group:in"}}"#, &["user:cy"]),
        (r#"{"join":{"group":"group:out","member":"user:aa"}}"#, &["user:cy"]),
        (r#"{"set_subject":{"subject":"user:aa"}}"#, &["user:aa", "user:cy"]),
        (r#"{"add_scope":"a/a"}"#, &["user:aa", "user:cy"]),
        (r#"{"add_group":"group:a"}"#, &["user:aa", "user:cy"]),
        (
            r#"{"assign":{"subject":"group:everyone","role":"viewer","at":"a/a"}}"#,
            &["user:aa", "user:ada", "user:bo", "user:cy"],
        ),
        (r#"{"withdraw":{"subject":"group:everyone","role":"viewer","at":"a/a"}}"#, &["user:aa", "user:cy"]),
    ] {
        assert_eq!(engine.apply_json(change), Ok(true), "{change}");
        assert_eq!(holders(&engine), expected, "{change}");
        let opened = Engine::from_snapshot(engine.to_snapshot()).unwrap();
        assert_eq!(holders(&opened), expected, "{change}");
    }
    // The engine from before the changes still answers as before.
    assert_eq!(holders(&before), ["user:ada", "user:bo"]);
}
