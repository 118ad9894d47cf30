//! The built-in group of everyone: single changes, snapshots, and the checks of administration.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::change::Assignment;
use rolecall::ffi::{EscalationCheck, Grantor};
use rolecall::{Engine, ScopePath, SubjectId, Timestamp};
use std::collections::BTreeSet;

const POLICY: &str = r#"{"rolecall":1,"scopes":["account","project"],"labels":["pii"],
    "resources":{"segments":{"actions":["view","edit"]},"access":{"actions":["edit","delete"]}},
    "roles":{
        "viewer":{"grants":["segments:view"]},
        "writer":{"grants":["segments:edit"]},
        "reader":{"reads":["pii"]},
        "all":{"grants":["**:*"],"reads":["pii"]},
        "keeper":{"grants":["access:edit"]}},
    "guards":{"boundaries":{"region":{"limits":["edit"],"default":"none"}},
        "separation":[{"id":"apart","roles":["viewer","keeper"],"at_most":1,"when":"assigned"}]},
    "limits":{"users_per_project":1},
    "administration":{"assign":"access:edit","grant-any":"access:delete"}}"#;

/// Returns the document with users `user:0`, …, an application and an external user, and some assignments.
fn directory(users: usize, assignments: &str) -> String {
    let users: String = (0..users).map(|number| format!(r#""user:{number}":{{}},"#)).collect();
    format!(
        r#"{{"rolecall":1,"scopes":["a","a/p","b","b/p"],"groups":{{"group:g":{{"members":["user:1"]}}}},
            "subjects":{{{users}"app:crm":{{}},"user:ext":{{"external":true}},"user:eu":{{"boundaries":{{"region":["eu"]}}}}}},
            "assignments":[{assignments}]}}"#
    )
}

fn engine(assignments: &str) -> Engine {
    Engine::from_json(POLICY, &directory(3, assignments)).unwrap()
}

fn change(engine: &Engine, change: &str) -> Engine {
    let mut engine = engine.clone();
    assert_eq!(engine.apply_json(change), Ok(true), "{change}");
    engine
}

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn by<'e>(before: &'e Engine, after: &'e Engine, id: &str) -> EscalationCheck<'e> {
    before.giving(after, Grantor { subject: SubjectId::parse(id).unwrap(), any: &["grant-any"], now: now() })
}

/// Who may view at a scope, as numbers and names.
fn viewers(engine: &Engine, at: &str) -> Vec<String> {
    let view = engine.policy().permission("segments:view").unwrap();
    engine.who_can(view, ScopePath::parse(at).unwrap(), now()).subjects
}

#[test]
fn members_follow_every_change() {
    let empty = engine("");
    let assign = r#"{"assign":{"subject":"group:everyone","role":"viewer","at":"a"}}"#;
    let given = change(&empty, assign);
    assert_eq!(viewers(&given, "a/p"), ["user:0", "user:1", "user:2", "user:eu"]);
    let document = directory(3, r#"{"subject":"group:everyone","role":"viewer","at":"a"}"#);
    let rebuilt = Engine::from_json(POLICY, &document).unwrap();
    assert!(given.to_snapshot() == rebuilt.to_snapshot());
    let listed = change(&given, r#"{"set_subject":{"subject":"user:new"}}"#);
    assert_eq!(viewers(&listed, "a"), ["user:0", "user:1", "user:2", "user:eu", "user:new"]);
    let left = change(&listed, r#"{"set_subject":{"subject":"user:2","external":true}}"#);
    let back = change(&left, r#"{"set_subject":{"subject":"user:ext"}}"#);
    assert_eq!(viewers(&back, "a"), ["user:0", "user:1", "user:eu", "user:ext", "user:new"]);
    let withdrawn = change(&given, &assign.replace("assign", "withdraw"));
    assert!(withdrawn.to_snapshot() == empty.to_snapshot() && viewers(&withdrawn, "a").is_empty());
    // A change that is refused leaves nothing behind.
    let mut refused = empty.clone();
    assert!(refused.apply_json(&assign.replace("viewer", "nobody")).is_err());
    assert!(refused.to_snapshot() == empty.to_snapshot());
}

#[test]
fn a_snapshot_is_verified_with_its_members() {
    let given = engine(r#"{"subject":"group:everyone","role":"viewer","at":"a"}"#);
    let opened = Engine::from_snapshot(given.to_snapshot()).unwrap();
    assert_eq!(viewers(&opened, "a"), viewers(&given, "a"));
}

#[test]
fn everyone_makes_nobody_a_user_of_a_project() {
    let before = engine(r#"{"subject":"user:0","role":"viewer","at":"a/p"}"#);
    let after = change(&before, r#"{"assign":{"subject":"group:everyone","role":"viewer","at":"a"}}"#);
    assert!(after.violations(now()).limits.is_empty());
    let all: BTreeSet<String> = ["user:0", "user:1", "user:2", "user:eu"].map(String::from).into();
    assert_eq!(before.breach(&after, &all, now()), None);
    let own = change(&after, r#"{"assign":{"subject":"user:1","role":"viewer","at":"a/p"}}"#);
    let breach = after.breach(&own, &all, now()).unwrap();
    assert_eq!(breach.limit.unwrap().count, 2);
}

#[test]
fn roles_of_everyone_count_for_separation() {
    let before = engine(r#"{"subject":"user:0","role":"keeper","at":"a"}"#);
    let after = change(&before, r#"{"assign":{"subject":"group:everyone","role":"viewer","at":"a"}}"#);
    let all: BTreeSet<String> = ["user:0", "user:1"].map(String::from).into();
    assert_eq!(before.breach(&after, &all, now()).unwrap().separation.unwrap().subject, "user:0");
    assert_eq!(after.violations(now()).separation.len(), 1);
}

#[test]
fn a_role_for_everyone_is_compared_with_all_values() {
    let bounded =
        engine(r#"{"subject":"user:eu","role":"viewer","at":"a"},{"subject":"user:eu","role":"writer","at":"a"}"#);
    let free = engine(r#"{"subject":"user:0","role":"all","at":"a"}"#);
    let rights = |by_whom: &str, role: &str, at: &str| {
        let before = if by_whom == "user:eu" { &bounded } else { &free };
        let one = Assignment::new("group:everyone", role, at);
        let mut after = before.clone();
        assert_eq!(after.apply(&rolecall::DirectoryChange::Assign(one.clone())), Ok(true));
        by(before, &after, by_whom).assignment(&one).map(|found| found.rights)
    };
    assert_eq!(rights("user:eu", "viewer", "a"), None);
    assert_eq!(rights("user:eu", "writer", "a"), Some(vec!["segments:edit with region=*".to_string()]));
    // Who may grant anything may grant it to everyone.
    assert_eq!(rights("user:0", "writer", "a"), None);
    assert_eq!(rights("user:0", "viewer", "b"), Some(vec!["segments:view".to_string()]));
}

#[test]
fn members_are_compared_with_the_labels_that_they_read() {
    let held = r#"{"subject":"user:eu","role":"viewer","at":"a"},{"subject":"user:1","role":"reader","at":"a/p"}"#;
    let before = engine(held);
    let one = Assignment::new("group:everyone", "viewer", "a");
    let mut after = before.clone();
    assert_eq!(after.apply(&rolecall::DirectoryChange::Assign(one.clone())), Ok(true));
    let found = by(&before, &after, "user:eu").assignment(&one).unwrap();
    assert_eq!((found.subject.as_deref(), found.at.as_str()), (Some("user:1"), "a/p"));
    assert_eq!(found.rights, ["segments:view with label pii"]);
}

#[test]
fn what_everyone_has_is_not_given_again() {
    let before = engine(
        r#"{"subject":"group:everyone","role":"writer","at":"b"},{"subject":"user:0","role":"keeper","at":"a"},
           {"subject":"user:0","role":"viewer","at":"a"}"#,
    );
    for text in [
        r#"{"set_subject":{"subject":"user:new"}}"#,
        r#"{"set_subject":{"subject":"user:1","boundaries":{"region":["us"]}}}"#,
    ] {
        let after = change(&before, text);
        let ids = ["user:new", "user:1"];
        assert!(ids.iter().all(|id| by(&before, &after, "user:0").subject(Some(id)).is_none()), "{text}");
    }
    // A label reaches what everyone has.
    let one = Assignment::new("user:1", "reader", "b");
    let mut after = before.clone();
    assert_eq!(after.apply(&rolecall::DirectoryChange::Assign(one.clone())), Ok(true));
    let found = by(&before, &after, "user:0").assignment(&one).unwrap();
    assert!(found.rights.contains(&"segments:edit with label pii".to_string()), "{found:?}");
}

#[test]
fn everyone_is_no_administrator() {
    let before = engine(
        r#"{"subject":"group:everyone","role":"keeper","at":"a"},{"subject":"user:0","role":"keeper","at":"a"}"#,
    );
    let changed: BTreeSet<String> = ["user:0".to_string(), "user:1".to_string()].into();
    let orphaned = |after: &Engine| before.orphaned(after, &changed, "assign", "user:", now()).map(|one| one.at);
    let alone = change(&before, r#"{"withdraw":{"subject":"user:0","role":"keeper","at":"a"}}"#);
    assert_eq!(orphaned(&alone).as_deref(), Some("a"));
    let without = change(&before, r#"{"withdraw":{"subject":"group:everyone","role":"keeper","at":"a"}}"#);
    assert_eq!(orphaned(&without), None);
}
