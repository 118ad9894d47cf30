//! Assignments for some boundary values only: in the checks of administration, in snapshots and in explanations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::change::{Assignment, DirectoryChange};
use rolecall::ffi::{EscalationCheck, Grantor};
use rolecall::{Context, Engine, Item, SubjectId, Timestamp};

const POLICY: &str = r#"{"rolecall":1,"scopes":["account","project"],
    "resources":{"pages":{"actions":["view","edit","publish"]}},
    "roles":{
        "viewer":{"grants":["pages:view"]},
        "editor":{"inherits":["viewer"],"grants":["pages:edit"]},
        "publisher":{"grants":["pages:publish"]}},
    "guards":{"boundaries":{"domain":{"limits":["edit","publish"],"match":"all","default":"all"},
        "team":{"limits":["publish"],"match":"any","default":"all"}}}}"#;
const DIRECTORY: &str = r#"{"rolecall":1,"scopes":["a","a/p"],"groups":{"group:g":{}},
    "subjects":{"user:ada":{},"user:bo":{},"user:cy":{},"user:dee":{"boundaries":{"domain":["x"]}}},
    "assignments":[
        {"subject":"user:ada","role":"editor","at":"a","boundaries":{"domain":["x","y"]}},
        {"subject":"user:bo","role":"editor","at":"a"},
        {"subject":"user:dee","role":"editor","at":"a"},
        {"subject":"user:ada","role":"publisher","at":"a","boundaries":{"domain":["x"],"team":["red"]}},
        {"subject":"user:ada","role":"publisher","at":"a","boundaries":{"domain":["y"]}}]}"#;

fn engine() -> Engine {
    Engine::from_json(POLICY, DIRECTORY).unwrap()
}

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn by<'e>(before: &'e Engine, after: &'e Engine, id: &str) -> EscalationCheck<'e> {
    before.giving(after, Grantor { subject: SubjectId::parse(id).unwrap(), any: &[], now: now() })
}

/// Returns what an assignment gives beyond the rights of someone. Both checks agree.
fn given(by_whom: &str, one: &Assignment<'_>) -> Vec<String> {
    let before = engine();
    let mut after = before.clone();
    assert_eq!(after.apply(&DirectoryChange::Assign(one.clone())), Ok(true));
    let by_assignment = by(&before, &after, by_whom).assignment(one).map(|found| found.rights);
    let by_subject = by(&before, &after, by_whom).subject(Some(one.subject)).map(|found| found.rights);
    assert_eq!(by_assignment, by_subject, "{by_whom} {one:?}");
    by_assignment.unwrap_or_default()
}

#[test]
fn nobody_gives_more_values_than_an_assignment_has() {
    let editor = || Assignment::new("user:cy", "editor", "a");
    assert_eq!(given("user:ada", &editor()), ["pages:edit with domain=*"]);
    assert_eq!(given("user:ada", &editor().only("domain", ["y", "x"])), [""; 0]);
    assert_eq!(given("user:ada", &editor().only("domain", ["z", "x"])), ["pages:edit with domain=z"]);
    // Another boundary does not limit what the action needs.
    assert_eq!(given("user:ada", &editor().only("team", ["red"])), ["pages:edit with domain=*"]);
    assert_eq!(given("user:ada", &Assignment::new("user:cy", "viewer", "a")), [""; 0]);
    assert_eq!(given("user:bo", &editor().only("domain", ["z"])), [""; 0]);
    // The values of the grantor count like those of an assignment.
    assert_eq!(given("user:dee", &editor().only("domain", ["x"])), [""; 0]);
    assert_eq!(given("user:dee", &editor().only("domain", ["x", "y"])), ["pages:edit with domain=y"]);
    assert_eq!(given("user:dee", &editor()), ["pages:edit with domain=*"]);
}

#[test]
fn one_assignment_of_the_grantor_contains_what_is_given() {
    let publisher = || Assignment::new("user:cy", "publisher", "a");
    assert_eq!(given("user:ada", &publisher().only("domain", ["x"]).only("team", ["red"])), [""; 0]);
    assert_eq!(given("user:ada", &publisher().only("domain", ["y"]).only("team", ["blue"])), [""; 0]);
    assert_eq!(given("user:ada", &publisher().only("domain", ["y"])), [""; 0]);
    assert!(!given("user:ada", &publisher().only("domain", ["x"])).is_empty());
    assert!(!given("user:ada", &publisher().only("domain", ["x", "y"]).only("team", ["red"])).is_empty());
}

#[test]
fn a_group_and_a_role_get_no_values_that_the_grantor_lacks() {
    let group = || Assignment::new("group:g", "editor", "a");
    assert_eq!(given("user:ada", &group()), ["pages:edit with domain=*"]);
    assert_eq!(given("user:ada", &group().only("domain", ["x"])), [""; 0]);
    let before = engine();
    let mut after = before.clone();
    after.apply_json(r#"{"set_role":{"at":"a","role":"mine","grants":["pages:edit"]}}"#).unwrap();
    assert_eq!(by(&before, &after, "user:ada").role("mine", "a").unwrap().rights, ["pages:edit with domain=*"]);
    assert_eq!(by(&before, &after, "user:bo").role("mine", "a"), None);
}

#[test]
fn to_lift_a_limit_is_a_gift() {
    let before = engine();
    let mut after = before.clone();
    let change = r#"{"withdraw":{"subject":"user:ada","role":"editor","at":"a","boundaries":{"domain":["x","y"]}}}"#;
    assert_eq!(after.apply_json(change), Ok(true));
    assert_eq!(by(&before, &after, "user:cy").subject(Some("user:ada")), None);
    let mut wide = after.clone();
    wide.apply(&DirectoryChange::Assign(Assignment::new("user:ada", "editor", "a"))).unwrap();
    let found = by(&before, &wide, "user:ada").subject(Some("user:ada")).unwrap();
    assert_eq!(found.rights, ["pages:edit with domain=*"]);
    let mut narrow = after;
    narrow.apply(&DirectoryChange::Assign(Assignment::new("user:ada", "editor", "a").only("domain", ["y"]))).unwrap();
    assert_eq!(by(&before, &narrow, "user:ada").subject(Some("user:ada")), None);
}

#[test]
fn snapshots_do_not_depend_on_the_order_of_changes() {
    let compiled = engine();
    let mut changed = engine();
    let other = DirectoryChange::Assign(Assignment::new("user:cy", "editor", "a").only("domain", ["aa"]));
    let withdrawn = DirectoryChange::Withdraw(Assignment::new("user:cy", "editor", "a").only("domain", ["aa"]));
    assert_eq!((changed.apply(&other), changed.apply(&withdrawn)), (Ok(true), Ok(true)));
    assert_eq!(changed.to_snapshot(), compiled.to_snapshot());
    let opened = Engine::from_snapshot(compiled.to_snapshot()).unwrap();
    assert_eq!(opened.to_snapshot(), compiled.to_snapshot());
    for engine in [&compiled, &changed, &opened] {
        let session =
            engine.session(SubjectId::parse("user:ada").unwrap(), Context::new("a", "2026-11-21T10:00:00Z").unwrap());
        let edit = session.policy().permission("pages:edit").unwrap();
        let item = Item::new(session.policy(), [], [("domain", ["z"])]).unwrap();
        assert!(!session.check(edit, Some(&item)).allow);
        assert_eq!(session.check(edit, None).narrowed["domain"], ["x", "y"]);
    }
}
