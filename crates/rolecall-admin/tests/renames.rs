//! Renames of an updated policy happen at once, wherever a name is used.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall_admin::{
    AccessRequest, Command, Context, Event, ObjectKey, ObjectKind, Overlay, Refusal, Role, RoleOrigin, State,
};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

/// Returns a policy whose roles have these names, in the order: views, edits, publishes.
fn policy(names: [&str; 3], resource: &str) -> String {
    let grants = ["view", "edit", "publish"].map(|action| format!("{resource}:{action}"));
    let mut roles = json!({ "owner": { "inherits": names, "grants": ["people:edit"] } });
    for (name, grant) in names.iter().zip(grants) {
        roles[*name] = json!({ "grants": [grant] });
    }
    let commands =
        ["assign", "set-role", "copy-role", "set-overlay", "request-access", "approve-access", "update-policy"];
    let administration: Value = commands.iter().map(|name| (name.to_string(), json!("people:edit"))).collect();
    json!({
        "rolecall": 1, "scopes": ["tenant"], "roles": roles, "administration": administration,
        "resources": { "people": { "actions": ["edit"] }, resource: { "actions": ["view", "edit", "publish"] } },
    })
    .to_string()
}

fn decide(state: &State, by: &str, command: Value) -> Result<Option<Event>, Refusal> {
    let command: Command = serde_json::from_value(command).unwrap();
    state.decide(&command, &Context { actor: by.into(), time: NOW.into(), ..Context::default() })
}

fn done(state: &mut State, by: &str, command: Value) {
    let event = decide(state, by, command).unwrap().unwrap();
    // An event lists each object once.
    let mut keys: Vec<ObjectKey> = event.changes.iter().map(|change| change.key()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), event.changes.len(), "{event:?}");
    state.apply(&event).unwrap();
}

fn world() -> State {
    let hold = |subject: &str, role: &str| json!({ "subject": subject, "role": role, "at": "acme" });
    let mut early = hold("user:kim", "viewer");
    early["from"] = json!("2026-12-01T00:00:00Z");
    let directory = json!({
        "rolecall": 1, "scopes": ["acme"],
        "subjects": { "user:ada": {}, "user:kim": {}, "user:lou": {} },
        "groups": { "group:desk": { "members": ["user:lou"] } },
        "assignments": [hold("user:ada", "owner"), hold("user:lou", "owner"), early, hold("user:kim", "viewer"),
            hold("user:kim", "editor"), hold("group:desk", "editor")],
    });
    let now = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(
        &policy(["viewer", "editor", "publisher"], "pages"),
        &directory.to_string(),
        "user:ada",
        now,
    );
    let mut state = State::new();
    state.apply(&first.unwrap()).unwrap();
    for command in [
        json!({ "set-role": { "at": "acme", "role": "desk", "inherits": ["viewer", "editor"], "grants": ["pages:view"] } }),
        json!({ "copy-role": { "of": "editor", "at": "acme", "role": "our-editor" } }),
        json!({ "request-access": { "role": "editor", "at": "acme", "until": "2026-11-22T00:00:00Z", "reason": "a release" } }),
    ] {
        done(&mut state, "user:ada", command);
    }
    done(&mut state, "user:lou", json!({ "approve-access": { "request": "1" } }));
    state
}

fn held(state: &State, holder: &str) -> Vec<String> {
    state.assignments_of(holder).map(|one| one.key().id).collect()
}

fn update(names: [&str; 3], roles: Value) -> Value {
    json!({ "update-policy": { "policy": policy(names, "pages"), "roles": roles } })
}

#[test]
fn a_chain_moves_every_name_by_one() {
    let mut state = world();
    let names = ["editor", "publisher", "senior"];
    let roles = json!({ "viewer": "editor", "editor": "publisher", "publisher": "senior" });
    done(&mut state, "user:ada", update(names, roles));
    assert_eq!(
        held(&state, "user:kim"),
        ["user:kim editor acme - -", "user:kim editor acme 2026-12-01T00:00:00Z -", "user:kim publisher acme - -"]
    );
    assert_eq!(held(&state, "group:desk"), ["group:desk publisher acme - -"]);
    let role: Role = state.get(&ObjectKey::role("acme", "desk")).unwrap();
    assert_eq!(role.inherits, ["editor", "publisher"]);
    let copied: RoleOrigin = state.get(&ObjectKey::new(ObjectKind::Copy, "acme#our-editor")).unwrap();
    assert_eq!(copied.of, "publisher");
    // Approved access can still be ended: the request and its assignment have the same role.
    let request: AccessRequest = state.get(&ObjectKey::new(ObjectKind::Request, "acme#1")).unwrap();
    assert_eq!(request.role, "publisher");
    done(&mut state, "user:ada", json!({ "end-access": { "request": "1" } }));
    assert_eq!(held(&state, "user:ada"), ["user:ada owner acme - -"]);
}

#[test]
fn three_names_are_exchanged_in_a_circle() {
    let mut state = world();
    let roles = json!({ "viewer": "editor", "editor": "publisher", "publisher": "viewer" });
    done(&mut state, "user:ada", update(["editor", "publisher", "viewer"], roles));
    assert_eq!(held(&state, "user:kim").len(), 3);
    let role: Role = state.get(&ObjectKey::role("acme", "desk")).unwrap();
    assert_eq!(role.inherits, ["editor", "publisher"]);
}

#[test]
fn a_merge_must_be_requested_and_leaves_each_name_once() {
    let mut state = world();
    let command = |merge: bool| {
        let mut command = update(["viewer", "editor", "publisher"], json!({ "viewer": "editor" }));
        command["update-policy"]["merge"] = json!(merge);
        command
    };
    let refusal = decide(&state, "user:ada", command(false)).unwrap_err();
    assert_eq!(refusal.message, "the roles `editor` and `viewer` would both become `editor`");
    done(&mut state, "user:ada", command(true));
    assert_eq!(held(&state, "user:kim"), ["user:kim editor acme - -", "user:kim editor acme 2026-12-01T00:00:00Z -"]);
    let role: Role = state.get(&ObjectKey::role("acme", "desk")).unwrap();
    assert_eq!(role.inherits, ["editor"]);
}

#[test]
fn edited_roles_and_their_patterns_are_renamed() {
    let mut state = world();
    let edit = |role: &str, grants: [&str; 2]| json!({ "set-overlay": { "at": "acme", "role": role, "grants": grants, "except": ["pages:edit"] } });
    done(&mut state, "user:ada", edit("viewer", ["pages:view", "pages:publish"]));
    done(&mut state, "user:ada", edit("editor", ["pages:edit", "pages:publish"]));
    let swapped = json!({ "viewer": "editor", "editor": "viewer" });
    let names = ["editor", "viewer", "publisher"];
    done(
        &mut state,
        "user:ada",
        json!({ "update-policy": { "policy": policy(names, "sites"), "roles": swapped, "resources": { "pages": "sites" } } }),
    );
    let overlay: Overlay = state.get(&ObjectKey::overlay("acme", "editor")).unwrap();
    assert_eq!(overlay.grants.unwrap(), ["sites:view", "sites:publish"]);
    assert_eq!(overlay.except.unwrap(), ["sites:edit"]);
    // Two roles that become one cannot both keep their edits.
    let merged = json!({ "update-policy": { "policy": policy(names, "sites"), "roles": { "viewer": "editor" }, "merge": true } });
    let refusal = decide(&state, "user:ada", merged).unwrap_err();
    assert_eq!(refusal.code.as_str(), "rename.merged");
    assert!(refusal.message.contains("acme#editor"), "{refusal}");
    // A role that is gone is still edited.
    let gone = json!({ "update-policy": { "policy": policy(["editor", "reader", "publisher"], "sites") } });
    assert_eq!(decide(&state, "user:ada", gone).unwrap_err().code.as_str(), "policy.dangling");
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest() {
    let state = world();
    for (command, message, help) in [
        (
            update(["viewer", "editor", "publisher"], json!({ "edtor": "editor" })),
            "the current policy has no role `edtor` to rename",
            "did you mean `editor`?",
        ),
        (
            update(["reader", "editor", "publisher"], json!({ "viewer": "raeder" })),
            "the new policy has no role `raeder` to rename",
            "did you mean `reader`?",
        ),
        (
            json!({ "update-policy": { "policy": policy(["viewer", "editor", "publisher"], "sites"), "resources": { "page": "sites" } } }),
            "the current policy has no resource `page` to rename",
            "did you mean `pages`?",
        ),
    ] {
        let refusal = decide(&state, "user:ada", command).unwrap_err();
        assert_eq!((refusal.code.as_str(), &*refusal.message), ("rename.unknown", message));
        assert_eq!(refusal.help.as_deref(), Some(help));
    }
}

#[test]
fn a_name_is_renamed_once() {
    let text = r#"{ "update-policy": { "policy": "{}", "roles": { "viewer": "a", "viewer": "b" } } }"#;
    let error = serde_json::from_str::<Command>(text).unwrap_err().to_string();
    assert!(error.contains("`viewer` is renamed twice"), "{error}");
}
