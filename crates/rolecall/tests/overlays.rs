//! Overlays in the checks of administration: what a change gives away, and what it leaves without an administrator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::change::Assignment;
use rolecall::ffi::{EscalationCheck, Grantor};
use rolecall::{Engine, ScopePath, SubjectId, Timestamp};
use std::collections::BTreeSet;

const POLICY: &str = r#"{"rolecall":1,"scopes":["account","project"],"labels":["pii"],
    "resources":{"segments":{"actions":["view","edit"]},"access":{"actions":["edit"]}},
    "roles":{
        "viewer":{"grants":["segments:view"]},
        "editor":{"inherits":["viewer"],"grants":["segments:edit"]},
        "keeper":{"grants":["access:edit"]},
        "all":{"grants":["**:*"],"reads":["pii"]},
        "support":{"grants":["segments:view"]}},
    "guards":{"support_role":"support","separation":[{"id":"apart","roles":["viewer","keeper"],"at_most":1,"when":"assigned"}]},
    "administration":{"assign":"access:edit"}}"#;
const DIRECTORY: &str = r#"{"rolecall":1,"scopes":["a","a/p","b"],
    "subjects":{"user:ada":{},"user:bo":{},"user:cy":{},"user:root":{}},
    "assignments":[
        {"subject":"user:ada","role":"keeper","at":"a"},{"subject":"user:ada","role":"editor","at":"b"},
        {"subject":"user:bo","role":"viewer","at":"a/p"},{"subject":"user:cy","role":"editor","at":"a"},
        {"subject":"user:root","role":"all","at":"a"}],
    "settings":{"a":{"support_access":"all"}}}"#;

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
    before.giving(after, Grantor { subject: SubjectId::parse(id).unwrap(), any: &[], now: now() })
}

#[test]
fn an_overlay_gives_nothing_that_its_author_does_not_hold() {
    let before = engine();
    let wide = with(&before, r#"{"set_overlay":{"at":"a","role":"viewer","grants":["segments:*"]}}"#);
    let found = by(&before, &wide, "user:ada").role("viewer", "a").unwrap();
    assert_eq!((found.at.as_str(), found.rights.as_slice()), ("a", ["segments:edit".to_string()].as_slice()));
    let found = by(&before, &wide, "user:ada").subject(Some("user:bo")).unwrap();
    assert_eq!((found.at.as_str(), found.rights.as_slice()), ("a/p", ["segments:edit".to_string()].as_slice()));
    assert_eq!(by(&before, &wide, "user:root").role("viewer", "a"), None);
    assert_eq!(by(&before, &wide, "user:root").subject(Some("user:bo")), None);
    // Another tenant gains nothing, and a narrower role gives nothing.
    assert_eq!(by(&before, &wide, "user:ada").role("viewer", "b"), None);
    let narrow = with(&wide, r#"{"set_overlay":{"at":"a","role":"viewer","grants":[]}}"#);
    assert_eq!(by(&wide, &narrow, "user:ada").role("viewer", "a"), None);
    assert_eq!(by(&wide, &narrow, "user:ada").subject(Some("user:bo")), None);
    // To remove an overlay may give something again.
    let removed = with(&narrow, r#"{"remove_overlay":{"at":"a","role":"viewer"}}"#);
    let found = by(&narrow, &removed, "user:ada").subject(Some("user:bo")).unwrap();
    assert_eq!(found.rights, ["segments:view"]);
}

#[test]
fn an_assignment_gives_the_overlaid_role() {
    let before = with(&engine(), r#"{"set_overlay":{"at":"a","role":"viewer","grants":["access:edit"]}}"#);
    let at = |role: &str, at: &str| {
        let assign = format!(r#"{{"assign":{{"subject":"user:cy","role":"{role}","at":"{at}"}}}}"#);
        let after = with(&before, &assign);
        by(&before, &after, "user:ada").assignment(&Assignment::new("user:cy", role, at)).map(|found| found.rights)
    };
    assert_eq!(at("viewer", "a/p"), None);
    assert_eq!(at("editor", "a/p"), Some(vec!["segments:edit".to_string()]));
    assert_eq!(at("editor", "b"), None);
    let plain = engine();
    let after = with(&plain, r#"{"assign":{"subject":"user:cy","role":"viewer","at":"a/p"}}"#);
    let found = by(&plain, &after, "user:ada").assignment(&Assignment::new("user:cy", "viewer", "a/p")).unwrap();
    assert_eq!(found.rights, ["segments:view"]);
}

/// A role that inherits the changed one is compared too: a label that both read applies to all permissions of the other.
#[test]
fn an_overlay_gives_nothing_through_roles_that_inherit_it() {
    let policy =
        POLICY.replace(r#""keeper":"#, r#""chief":{"inherits":["viewer"],"grants":["access:edit"]},"keeper":"#);
    let roles = r#""roles":{"a/p":{"ours":{"inherits":["viewer"],"grants":["access:edit"]}},"b":{"theirs":{"inherits":["viewer"],"grants":["**:*"]}}},"settings""#;
    let directory = DIRECTORY.replace(r#""settings""#, roles);
    let assigned = r#"{"subject":"user:dee","role":"reader","at":"a"},{"subject":"user:bo""#;
    let policy = policy.replace(r#""all":"#, r#""reader":{"grants":["segments:view"],"reads":["pii"]},"all":"#);
    let directory = directory.replacen(r#"{"subject":"user:bo""#, assigned, 1);
    let directory = directory.replace(r#""user:root":{}}"#, r#""user:root":{},"user:dee":{}}"#);
    let before = Engine::from_json(&policy, &directory).unwrap();
    let after = with(&before, r#"{"set_overlay":{"at":"a","role":"viewer","reads":["pii"]}}"#);
    assert_eq!(by(&before, &after, "user:dee").role("viewer", "a"), None);
    let (role, found) = by(&before, &after, "user:dee").roles("a").unwrap();
    assert_eq!((role, found.at.as_str()), ("chief", "a"));
    assert!(found.rights.iter().any(|right| right.starts_with("access:edit")), "{:?}", found.rights);
    assert_eq!(by(&before, &after, "user:root").roles("a"), None);
    // A custom role of a scope below, and no role of another tenant.
    let before = with(&before, r#"{"set_overlay":{"at":"a/p","role":"chief","grants":[]}}"#);
    let before = with(&before, r#"{"set_overlay":{"at":"a","role":"chief","grants":[]}}"#);
    let before = with(&before, r#"{"set_overlay":{"at":"a","role":"editor","grants":[]}}"#);
    let after = with(&before, r#"{"set_overlay":{"at":"a","role":"viewer","reads":["pii"]}}"#);
    let (role, found) = by(&before, &after, "user:dee").roles("a").unwrap();
    assert_eq!((role, found.at.as_str()), ("ours", "a/p"));
    assert_eq!(by(&before, &after, "user:dee").roles("b"), None);
}

#[test]
fn an_overlay_of_the_support_role_gives_nothing_that_its_author_does_not_hold() {
    let before = engine();
    let after = with(&before, r#"{"set_overlay":{"at":"a/p","role":"support","reads":["pii"]}}"#);
    let found = by(&before, &after, "user:ada").subject(None).unwrap();
    assert_eq!((found.subject, found.at.as_str()), (None, "a/p"));
    assert!(found.rights.contains(&"reads:pii".to_string()), "{:?}", found.rights);
    assert_eq!(by(&before, &after, "user:root").subject(None), None);
}

#[test]
fn an_overlay_can_leave_a_scope_without_an_administrator() {
    let before = engine();
    let changed: BTreeSet<String> = ["user:ada".to_string(), "user:root".to_string()].into();
    let orphaned = |after: &Engine| before.orphaned(after, &changed, "assign", "user:", now()).map(|found| found.at);
    let keeper = with(&before, r#"{"set_overlay":{"at":"a","role":"keeper","grants":[]}}"#);
    assert_eq!(orphaned(&keeper), None, "`user:root` remains");
    let both = with(&keeper, r#"{"set_overlay":{"at":"a","role":"all","grants":["segments:*"]}}"#);
    assert_eq!(orphaned(&both).as_deref(), Some("a"));
}

#[test]
fn an_overlaid_role_counts_as_the_role_of_the_policy() {
    let overlaid = with(&engine(), r#"{"set_overlay":{"at":"a","role":"viewer","grants":[]}}"#);
    // `user:ada` holds it at another tenant.
    let holders = overlaid.holders("viewer", ScopePath::parse("a").unwrap());
    assert_eq!(holders.iter().collect::<Vec<_>>(), ["user:bo", "user:cy"]);
    let after = with(&overlaid, r#"{"assign":{"subject":"user:bo","role":"keeper","at":"a"}}"#);
    let changed: BTreeSet<String> = ["user:bo".to_string()].into();
    let breach = overlaid.breach(&after, &changed, now()).and_then(|breach| breach.separation).unwrap();
    assert_eq!(
        (breach.at.as_str(), breach.roles.as_slice()),
        ("a/p", ["keeper".to_string(), "viewer".to_string()].as_slice())
    );
    assert_eq!(overlaid.violations(now()).separation, []);
    assert_eq!(after.violations(now()).separation, [breach]);
    let held = overlaid.role_holding("editor", ScopePath::parse("a/p").unwrap()).unwrap();
    assert_eq!(held.permissions, ["segments:edit"]);
    // To widen a role breaks no rule of separation that was kept.
    let wider = with(&after, r#"{"set_overlay":{"at":"a","role":"viewer","grants":["**:*"]}}"#);
    assert_eq!(after.breach(&wider, &changed, now()), None);
}
