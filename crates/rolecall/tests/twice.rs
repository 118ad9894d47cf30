//! Duplicate assignments of a document are stored once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Coverage, Engine, SubjectId};

const POLICY: &str =
    r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#;
const ONE: &str =
    r#"{"subject":"user:ada","role":"r","at":"m","from":"2026-11-21T10:00:00Z","until":"2026-12-01T00:00:00Z"}"#;
/// The same assignment in another form.
const OTHER: &str = r#"{"until":"2026-12-01T01:00:00+01:00","from":"2026-11-21t10:00:00.0001Z","at":"m","role":"r","subject":"user:ada"}"#;
const ALWAYS: &str = r#"{"subject":"user:ada","role":"r","at":"m"}"#;
const OF_GROUP: &str = r#"{"subject":"group:red","role":"r","at":"m"}"#;

fn engine(assignments: &[&str]) -> Engine {
    let directory = format!(
        r#"{{"rolecall":1,"scopes":["m"],"groups":{{"group:red":{{"members":["user:ada"]}}}},"subjects":{{"user:ada":{{}}}},"assignments":[{}]}}"#,
        assignments.join(",")
    );
    Engine::from_json(POLICY, &directory).unwrap()
}

fn portable(engine: &Engine) -> Vec<u8> {
    let context = Context::new("m", "2026-11-21T10:00:00Z").unwrap();
    let session = engine.session(SubjectId::parse("user:ada").unwrap(), context);
    session.to_bytes(&Coverage::default()).unwrap()
}

#[test]
fn duplicate_assignments_are_stored_once() {
    let once = engine(&[ONE, ALWAYS, OF_GROUP]);
    assert_eq!(once.directory().assignment_count(), 3);
    for twice in [
        engine(&[ONE, ONE, ALWAYS, OF_GROUP]),
        engine(&[ALWAYS, OTHER, OF_GROUP, ONE]),
        engine(&[OF_GROUP, ALWAYS, ALWAYS, OTHER, OTHER, OF_GROUP]),
    ] {
        assert_eq!(twice.directory().assignment_count(), 3);
        assert_eq!(twice.to_snapshot(), once.to_snapshot());
        assert_eq!(portable(&twice), portable(&once));
        let opened = Engine::from_snapshot(twice.to_snapshot()).unwrap();
        assert_eq!(opened.directory().assignment_count(), 3);
    }
}

#[test]
fn a_change_adds_no_duplicate_and_withdraws_the_only_one() {
    let mut engine = engine(&[ONE, OTHER]);
    let mut apply = |verb: &str, assignment: &str| {
        let text = format!(r#"{{"{verb}":{assignment}}}"#);
        let changed = engine.apply_json(&text).unwrap();
        (changed, engine.directory().assignment_count())
    };
    assert_eq!(apply("assign", OTHER), (false, 1));
    assert_eq!(apply("assign", ALWAYS), (true, 2));
    assert_eq!(apply("withdraw", OTHER), (true, 1));
    assert_eq!(apply("withdraw", ONE), (false, 1));
}
