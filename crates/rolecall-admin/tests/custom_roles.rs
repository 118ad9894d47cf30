//! Custom roles of the parts that a policy allows, and their number.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall_admin::{Command, Context, ObjectKey, Refusal, Role, State};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

fn world(from: &str) -> State {
    let policy = json!({
        "rolecall": 1, "scopes": ["account", "project"], "labels": ["pii"],
        "resources": { "pages": { "actions": ["view", "edit"] }, "people": { "actions": ["edit"] } },
        "roles": {
            "viewer": { "grants": ["pages:view"] }, "pii": { "reads": ["pii"] },
            "editor": { "inherits": ["viewer", "pii"], "grants": ["pages:edit"] },
            "admin": { "inherits": ["editor"], "grants": ["people:edit"] }
        },
        "administration": { "set-role": "people:edit", "copy-role": "people:edit", "reset-role": "people:edit",
            "assign": "people:edit" },
        "limits": { "custom_roles": 2, "custom_roles_from": from }
    });
    let directory = json!({
        "rolecall": 1, "scopes": ["acme", "acme/shop"], "subjects": { "user:ada": {} },
        "assignments": [{ "subject": "user:ada", "role": "admin", "at": "acme" }]
    });
    let mut state = State::new();
    let now = Timestamp::parse(NOW).unwrap();
    state.apply(&State::first_event(&policy.to_string(), &directory.to_string(), "user:ada", now).unwrap()).unwrap();
    state
}

fn give(state: &mut State, command: Value) -> Result<(), Refusal> {
    let command: Command = serde_json::from_value(command).unwrap();
    let context = Context { actor: "user:ada".into(), time: NOW.into(), ..Context::default() };
    let event = state.decide(&command, &context)?;
    state.apply(&event.expect("something changes")).unwrap();
    Ok(())
}

fn set(role: &str, inherits: &[&str], grants: &[&str]) -> Value {
    json!({ "set-role": { "at": "acme", "role": role, "inherits": inherits, "grants": grants } })
}

/// Returns the code of the issue for which a custom role is refused.
fn refused(state: &mut State, command: Value) -> String {
    let refusal = give(state, command).unwrap_err();
    assert_eq!(refusal.code.as_str(), "document");
    refusal.issues[0].code.as_str().to_string()
}

#[test]
fn a_custom_role_has_only_the_parts_that_the_policy_allows() {
    let mut roles = world("roles");
    give(&mut roles, set("one", &["viewer", "pii"], &[])).unwrap();
    assert_eq!(refused(&mut roles, set("two", &["viewer"], &["pages:edit"])), "role.forbidden");
    let mut grants = world("grants");
    give(&mut grants, set("one", &["pii"], &["pages:view"])).unwrap();
    assert_eq!(refused(&mut grants, set("two", &["viewer"], &["pages:edit"])), "role.forbidden");
    assert_eq!(refused(&mut grants, set("two", &["one"], &[])), "role.forbidden");
    give(&mut world("both"), set("one", &["viewer"], &["pages:edit"])).unwrap();
}

#[test]
fn a_copy_has_the_parts_that_the_policy_allows_and_the_permissions_of_its_role() {
    for (from, inherits, grants) in [
        ("roles", vec!["editor"], vec![]),
        ("grants", vec!["pii"], vec!["pages:edit", "pages:view"]),
        ("both", vec!["pii", "viewer"], vec!["pages:edit"]),
    ] {
        let mut state = world(from);
        give(&mut state, json!({ "copy-role": { "of": "editor", "at": "acme", "role": "ours" } })).unwrap();
        let copy: Role = state.get(&ObjectKey::role("acme", "ours")).unwrap();
        assert_eq!(
            (copy.inherits, copy.grants),
            (inherits.iter().map(|one| one.to_string()).collect(), grants.iter().map(|one| one.to_string()).collect()),
            "{from}"
        );
        let ours = state.engine().unwrap().role_holding("ours", rolecall::ScopePath::parse("acme").unwrap()).unwrap();
        assert_eq!(
            (ours.permissions, ours.reads),
            (vec!["pages:edit".to_string(), "pages:view".to_string()], vec!["pii".to_string()])
        );
    }
}

#[test]
fn each_scope_counts_its_own_custom_roles() {
    let mut state = world("both");
    for role in ["one", "two"] {
        give(&mut state, set(role, &["viewer"], &[])).unwrap();
        give(
            &mut state,
            json!({ "set-role": { "at": "acme/shop", "role": format!("{role}-shop"), "inherits": ["viewer"] } }),
        )
        .unwrap();
    }
    for at in ["acme", "acme/shop"] {
        assert_eq!(
            refused(&mut state, json!({ "set-role": { "at": at, "role": "three", "inherits": ["viewer"] } })),
            "limit.policy"
        );
    }
}
