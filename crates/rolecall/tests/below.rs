//! Assignments that hold at their scope only, in the checks of administration and in explanations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::change::Assignment;
use rolecall::ffi::{EscalationCheck, Grantor};
use rolecall::{Context, Engine, SubjectId, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;

const POLICY: &str = r#"{"rolecall":1,"scopes":["account","project"],
    "resources":{"segments":{"actions":["view","edit"]},"access":{"actions":["edit","delete"]}},
    "roles":{
        "viewer":{"grants":["segments:view"]},
        "keeper":{"grants":["access:edit"]},
        "all":{"grants":["**:*"]}},
    "guards":{"separation":[{"id":"apart","roles":["viewer","keeper"],"at_most":1,"when":"assigned"}]},
    "limits":{"users_per_project":1},
    "administration":{"assign":"access:edit","grant-any":"access:delete"}}"#;
const DIRECTORY: &str = r#"{"rolecall":1,"scopes":["a","a/p"],
    "subjects":{"user:ada":{},"user:bo":{},"user:cy":{},"user:root":{}},
    "assignments":[
        {"subject":"user:ada","role":"viewer","at":"a","below":false},
        {"subject":"user:bo","role":"viewer","at":"a"},
        {"subject":"user:root","role":"all","at":"a","below":false}]}"#;

fn engine() -> Engine {
    Engine::from_json(POLICY, DIRECTORY).unwrap()
}

fn with(engine: &Engine, change: &str) -> Engine {
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

#[test]
fn a_role_here_lets_nobody_give_below() {
    let before = engine();
    let given = |by_whom: &str, below: bool| {
        let one = Assignment::new("user:cy", "viewer", "a").below(below);
        let change = rolecall::DirectoryChange::Assign(one.clone());
        let mut after = before.clone();
        assert_eq!(after.apply(&change), Ok(true));
        let by_assignment = by(&before, &after, by_whom).assignment(&one).map(|found| found.rights);
        let by_subject = by(&before, &after, by_whom).subject(Some("user:cy")).map(|found| found.rights);
        assert_eq!(by_assignment, by_subject);
        by_assignment
    };
    let view = Some(vec!["segments:view".to_string()]);
    assert_eq!((given("user:ada", false), given("user:ada", true)), (None, view.clone()));
    assert_eq!((given("user:bo", false), given("user:bo", true)), (None, None));
    // The permission to give anything does not reach below either.
    assert_eq!((given("user:root", false), given("user:root", true)), (None, view));
}

#[test]
fn a_role_here_gives_no_role_that_anyone_may_hold_below() {
    let before = engine();
    let after = with(&before, r#"{"set_role":{"at":"a","role":"reader","grants":["segments:view"]}}"#);
    assert!(by(&before, &after, "user:ada").role("reader", "a").is_some());
    assert_eq!(by(&before, &after, "user:bo").role("reader", "a"), None);
    let anything = |id: &str| by(&before, &after, id).gives_any_until("a");
    assert_eq!(anything("user:root"), Some(now()));
}

/// To let an assignment hold below is a gift, and the other way round is not.
#[test]
fn an_assignment_gives_more_when_it_holds_below() {
    let here = engine();
    let full = with(&here, r#"{"assign":{"subject":"user:ada","role":"viewer","at":"a"}}"#);
    let found = by(&here, &full, "user:root").subject(Some("user:ada")).unwrap();
    assert_eq!((found.at.as_str(), found.rights.as_slice()), ("a", ["segments:view".to_string()].as_slice()));
    assert_eq!(by(&full, &here, "user:cy").subject(Some("user:ada")), None);
}

#[test]
fn an_administrator_here_is_none_below() {
    let before = with(&engine(), r#"{"assign":{"subject":"user:cy","role":"keeper","at":"a"}}"#);
    let after = with(&before, r#"{"withdraw":{"subject":"user:cy","role":"keeper","at":"a"}}"#);
    let changed = BTreeSet::from(["user:cy".to_string()]);
    let found = before.orphaned(&after, &changed, "assign", "user:", now()).unwrap();
    assert_eq!((found.at.as_str(), found.is_certain), ("a/p", true));
    let after = with(&after, r#"{"assign":{"subject":"user:cy","role":"keeper","at":"a","below":false}}"#);
    assert_eq!(before.orphaned(&after, &changed, "assign", "user:", now()).unwrap().at, "a/p");
    // Only the scope itself loses its administrator.
    let before = with(&after, r#"{"withdraw":{"subject":"user:root","role":"all","at":"a","below":false}}"#);
    let after = with(&before, r#"{"withdraw":{"subject":"user:cy","role":"keeper","at":"a","below":false}}"#);
    assert_eq!(before.orphaned(&after, &changed, "assign", "user:", now()).unwrap().at, "a");
}

#[test]
fn separation_and_limits_count_where_an_assignment_holds() {
    let before = engine();
    let breach = |change: &str| {
        let after = with(&before, change);
        before.breach(&after, &BTreeSet::from(["user:ada".to_string()]), now())
    };
    assert_eq!(
        breach(r#"{"assign":{"subject":"user:ada","role":"keeper","at":"a/p","below":false}}"#).unwrap().separation,
        None
    );
    let found = breach(r#"{"assign":{"subject":"user:ada","role":"keeper","at":"a","below":false}}"#).unwrap();
    assert_eq!(found.separation.unwrap().at, "a");
    // Ada becomes the second user of the project.
    let found = breach(r#"{"assign":{"subject":"user:ada","role":"viewer","at":"a"}}"#).unwrap();
    assert_eq!(found.limit.map(|limit| (limit.at, limit.count)), Some(("a/p".to_string(), 2)));
    assert_eq!(before.violations(now()).limits, []);
}

#[test]
fn an_explanation_shows_where_an_assignment_holds() {
    let engine = engine();
    let explained = |at: &str| {
        let context = Context::new(at, "2026-11-21T10:00:00Z").unwrap();
        let session = engine.session(SubjectId::parse("user:ada").unwrap(), context);
        let explanation = session.explain(session.policy().permission("segments:view").unwrap(), None);
        serde_json::to_value(&explanation.assignments[0]).unwrap()
    };
    let report = |state: &str| json!({ "at": "a", "role": "viewer", "subject": "user:ada", "below": false, "state": state, "grants": [["viewer"]] });
    assert_eq!(explained("a"), report("active"));
    assert_eq!(explained("a/p"), report("elsewhere"));
}
