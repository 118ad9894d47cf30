//! Hints about accepted commands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall_admin::{Command, Context, State};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";
const LATER: &str = "2026-12-01T00:00:00Z";

fn state() -> State {
    let policy = json!({
        "rolecall": 1, "scopes": ["account", "project"], "labels": ["pii"],
        "resources": { "pages": { "actions": ["view"] }, "people": { "actions": ["edit"] } },
        "roles": {
            "viewer": { "grants": ["pages:view"] },
            "admin": { "inherits": ["viewer"], "grants": ["people:edit"], "suggest_end": true },
            "chief": { "inherits": ["admin"] },
            "pii": { "reads": ["pii"], "suggest_end": true },
            "plain": { "grants": ["pages:view"], "suggest_end": false }
        },
        "administration": { "assign": "people:edit", "withdraw": "people:edit", "invite": "people:edit", "add-user": "people:edit",
            "add-app": "people:edit", "grant-any": "people:edit", "set-role": "people:edit" }
    });
    let directory = json!({
        "rolecall": 1, "scopes": ["acme", "acme/shop", "zed"],
        "roles": {
            "acme": { "care": { "inherits": ["viewer", "pii"] }, "own": { "inherits": ["viewer"] } },
            "acme/shop": { "deep": { "inherits": ["care"] } },
            "zed": { "own": { "inherits": ["admin"] } }
        },
        "subjects": { "user:ada": {}, "user:bo": { "native": "acme" } },
        "assignments": [{ "subject": "user:ada", "role": "admin", "at": "acme" }]
    });
    let mut state = State::new();
    let now = Timestamp::parse(NOW).unwrap();
    state.apply(&State::first_event(&policy.to_string(), &directory.to_string(), "user:ada", now).unwrap()).unwrap();
    state
}

/// Returns the roles of the hints about a command, which must be accepted.
fn hinted(command: Value) -> Vec<String> {
    let state = state();
    let command: Command = serde_json::from_value(command).unwrap();
    let context = Context { actor: "user:ada".into(), time: NOW.into(), ..Context::default() };
    assert!(state.decide(&command, &context).unwrap().is_some(), "a hint is not a refusal");
    let hints = serde_json::to_value(state.hints(&command)).unwrap();
    let roles = hints.as_array().unwrap().iter().map(|hint| {
        assert_eq!(hint["code"], "end.suggested");
        hint["message"].as_str().unwrap().split('`').nth(1).unwrap().to_string()
    });
    roles.collect()
}

fn assign(role: &str, at: &str) -> Value {
    json!({ "assign": { "subject": "user:bo", "role": role, "at": at } })
}

#[test]
fn a_role_that_should_have_an_end_gives_a_hint_without_one() {
    assert_eq!(hinted(assign("admin", "acme")), ["admin"]);
    assert_eq!(hinted(assign("pii", "acme/shop")), ["pii"]);
    for role in ["viewer", "plain", "chief", "own"] {
        assert_eq!(hinted(assign(role, "acme")), Vec::<String>::new(), "{role}");
    }
    for bounds in [json!({ "until": LATER }), json!({ "from": NOW, "until": LATER })] {
        let mut ended = assign("admin", "acme");
        ended["assign"].as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
        assert_eq!(hinted(ended), Vec::<String>::new());
    }
    let mut early = assign("admin", "acme");
    early["assign"]["from"] = json!(LATER);
    assert_eq!(hinted(early), ["admin"], "a start is not an end");
}

#[test]
fn a_custom_role_has_the_hint_of_the_roles_in_it() {
    assert_eq!(hinted(assign("care", "acme")), ["care"]);
    assert_eq!(hinted(assign("deep", "acme/shop")), ["deep"]);
}

#[test]
fn invitations_and_new_subjects_get_one_hint_for_each_role() {
    for verb in ["invite", "add-user"] {
        let roles = json!([
            { "role": "admin", "at": "acme" }, { "role": "viewer", "at": "acme" }, { "role": "pii", "at": "acme", "until": LATER },
            { "role": "care", "at": "acme/shop" }
        ]);
        assert_eq!(hinted(json!({ verb: { "subject": "user:new", "roles": roles } })), ["admin", "care"], "{verb}");
    }
    let roles = json!([{ "role": "admin" }, { "role": "pii", "until": LATER }, { "role": "viewer" }]);
    assert_eq!(hinted(json!({ "set-roles": { "subject": "user:bo", "at": "acme", "roles": roles } })), ["admin"]);
    let app = json!({ "add-app": { "subject": "app:crm", "roles": [{ "role": "pii", "at": "acme" }] } });
    assert_eq!(hinted(app), ["pii"]);
    let role = json!({ "set-role": { "at": "acme", "role": "more", "inherits": ["admin"] } });
    assert_eq!(hinted(role), Vec::<String>::new());
}
