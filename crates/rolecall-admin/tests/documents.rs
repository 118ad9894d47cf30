//! The documents that an actor may see answer as the whole state does, for everyone who is listed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, SubjectId, Timestamp};
use rolecall_admin::{Command, Context, ListQuery, State, View};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOW: &str = "2026-11-21T10:00:00Z";

fn state_of(policy: &Value, directory: &Value) -> State {
    let time = Timestamp::parse(NOW).unwrap();
    let mut state = State::new();
    state.apply(&State::first_event(&policy.to_string(), &directory.to_string(), "user:sue", time).unwrap()).unwrap();
    state
}

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

fn run(state: &mut State, actor: &str, command: Value) {
    let command: Command = serde_json::from_value(command).unwrap();
    let event = state.decide(&command, &by(actor)).unwrap().unwrap();
    state.apply(&event).unwrap();
}

/// A product with an operator, two tenants and a project, in which almost everything occurs.
fn world() -> State {
    let policy = json!({
        "rolecall": 1,
        "scopes": ["instance", "account", "project"],
        "labels": ["pii"],
        "resources": { "people": { "actions": ["view", "edit"] }, "sites": { "actions": ["view", "edit"] } },
        "roles": {
            "viewer": { "title": "Viewer", "grants": ["sites:view"] },
            "writer": { "inherits": ["viewer"], "grants": ["sites:edit"] },
            "team": { "grants": ["people:view"], "reads": ["pii"] },
            "admin": { "inherits": ["writer"], "grants": ["people:*"], "reads": ["pii"] }
        },
        "guards": { "support_role": "viewer" },
        "menus": { "main": [{ "id": "sites", "title": "Sites", "href": "/sites", "needs": "sites:view" }] },
        "administration": {
            "set-login": { "account": "people:edit" }, "set-support": "people:edit", "view-support": "people:view",
            "view-access": "people:view", "view-roles": "people:view", "set-role": "people:edit",
            "set-overlay": "people:edit", "add-group": "people:edit", "join-group": "people:edit",
            "invite": "people:edit", "assign": "people:edit", "add-support": "people:edit", "suspend-subject": "people:edit"
        }
    });
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let directory = json!({
        "rolecall": 1,
        "scopes": ["main", "main/acme", "main/acme/shop", "main/acme/blog", "main/other", "main/other/site"],
        "subjects": {
            "user:sue": {},
            "user:ada": { "native": "main/acme" },
            "user:pia": { "native": "main/acme" },
            "user:eva": { "native": "main/acme" },
            "user:tom": { "native": "main/acme" },
            "user:out": { "native": "main/acme" },
            "user:guest": { "native": "main/other" },
            "user:other": { "native": "main/other" },
            "app:sync": {},
        },
        "assignments": [
            role("user:sue", "admin", "main"),
            role("user:ada", "admin", "main/acme"),
            role("user:pia", "admin", "main/acme/shop"),
            role("user:eva", "viewer", "main/acme/shop"),
            role("user:eva", "team", "main/acme"),
            { "subject": "user:tom", "role": "writer", "at": "main/acme/shop", "until": "2026-11-30T00:00:00Z" },
            { "subject": "user:tom", "role": "team", "at": "main/acme/blog", "until": "2026-11-01T00:00:00Z" },
            { "subject": "user:out", "role": "team", "at": "main/acme", "below": false },
            role("user:guest", "viewer", "main/acme/shop"),
            role("user:guest", "writer", "main/other"),
            role("user:other", "admin", "main/other"),
            role("app:sync", "writer", "main/acme/shop"),
        ]
    });
    let mut state = state_of(&policy, &directory);
    for command in [
        json!({ "set-role": { "at": "main/acme", "role": "desk", "inherits": ["writer"], "description": "Our desk" } }),
        json!({ "set-overlay": { "at": "main/acme", "role": "viewer", "grants": ["people:view"] } }),
        json!({ "add-group": { "group": "group:main/acme/crew", "at": "main/acme" } }),
        json!({ "add-group": { "group": "group:main/acme/inner", "at": "main/acme" } }),
        json!({ "join-group": { "group": "group:main/acme/crew", "member": "group:main/acme/inner" } }),
        json!({ "join-group": { "group": "group:main/acme/inner", "member": "user:tom" } }),
        json!({ "join-group": { "group": "group:main/acme/crew", "member": "user:guest" } }),
        json!({ "assign": role("group:main/acme/crew", "desk", "main/acme/blog") }),
        json!({ "assign": role("group:main/acme/inner", "team", "main/acme") }),
        json!({ "assign": role("group:everyone", "viewer", "main/acme/blog") }),
        json!({ "invite": { "subject": "user:new", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } }),
        json!({ "add-support": { "subject": "support:jo", "roles": [{ "role": "writer", "at": "main/acme/shop" }] } }),
        json!({ "set-support": { "at": "main/acme", "access": "named" } }),
        json!({ "suspend-subject": { "subject": "user:out" } }),
    ] {
        run(&mut state, "user:ada", command);
    }
    state
}

/// What a subject may do at a scope: permissions, labels and the menu.
fn answers(engine: &Engine, subject: &str, at: &str) -> Value {
    let context = rolecall::Context::new(at, NOW).unwrap();
    let session = engine.session(SubjectId::parse(subject).unwrap(), context);
    let menu = session.menu("main").map(|menu| format!("{:?}", menu.items)).unwrap_or_default();
    json!([session.permissions().permissions, session.effective().reads, menu])
}

fn compiled(state: &State, actor: &str, at: &str) -> (Engine, Value) {
    let documents = state.view_documents(at, &by(actor)).unwrap();
    let engine = Engine::from_json(&documents.policy.to_string(), &documents.directory.to_string());
    (engine.unwrap_or_else(|error| panic!("{error}\n{}", documents.directory)), documents.directory)
}

#[test]
fn the_documents_answer_as_the_state_does_for_everyone_who_is_listed() {
    let state = world();
    for (actor, at, count) in [
        ("user:sue", "main", 11),
        ("user:ada", "main/acme", 9),
        ("user:pia", "main/acme/shop", 7),
        ("user:ada", "main/acme/blog", 2),
    ] {
        let (engine, directory) = compiled(&state, actor, at);
        let subjects: Vec<&String> = directory["subjects"].as_object().unwrap().keys().collect();
        assert_eq!(subjects.len(), count, "{actor} {at}: {subjects:?}");
        let scopes = directory["scopes"].as_array().unwrap().iter().filter_map(Value::as_str);
        for scope in scopes.filter(|scope| rolecall_admin::is_below(scope, at)) {
            for subject in &subjects {
                let whole = answers(state.engine().unwrap(), subject, scope);
                assert_eq!(answers(&engine, subject, scope), whole, "{actor} {at}: {subject} at {scope}");
            }
        }
    }
}

#[test]
fn a_change_has_the_same_effect_in_the_documents_as_in_the_state() {
    let state = world();
    let (engine, _) = compiled(&state, "user:ada", "main/acme");
    let command = json!({ "set-role": { "at": "main/acme", "role": "desk", "grants": ["people:edit"] } });
    let command: Command = serde_json::from_value(command).unwrap();
    let shown = state.preview(&command, &by("user:ada")).unwrap().diff;
    let mut changed = engine.clone();
    let change = json!({ "set_role": { "at": "main/acme", "role": "desk", "grants": ["people:edit"] } });
    changed.apply_json(&change.to_string()).unwrap();
    let computed = engine.diff(&changed, Timestamp::parse(NOW).unwrap());
    assert!(!shown.gained.is_empty() && !shown.lost.is_empty());
    assert_eq!((computed.gained, computed.lost), (shown.gained, shown.lost));
}

#[test]
fn documents_have_what_the_lists_show_and_no_more() {
    let state = world();
    let text = state.view_documents("main/acme/shop", &by("user:pia")).unwrap().directory.to_string();
    for hidden in ["main/other", "main/acme/blog", "user:other", "user:sue", "user:out", "Our desk", "idle", "ip_allow"]
    {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let directory: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(directory["subjects"]["user:guest"], json!({}));
    // A member of the project holds a role of the tenant too.
    let held: BTreeSet<String> = directory["assignments"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert!(held.iter().any(|one| one.contains("user:eva") && one.contains(r#""main/acme""#)), "{held:?}");
}

/// A group of the operator that holds a role here can contain groups of another tenant.
#[test]
fn groups_of_other_tenants_inside_others_are_not_named() {
    let mut state = world();
    for (actor, command) in [
        ("user:other", json!({ "add-group": { "group": "group:main/other/desk", "at": "main/other" } })),
        ("user:other", json!({ "join-group": { "group": "group:main/other/desk", "member": "user:guest" } })),
        ("user:other", json!({ "join-group": { "group": "group:main/other/desk", "member": "user:other" } })),
        ("user:sue", json!({ "add-group": { "group": "group:main/ops", "at": "main" } })),
        ("user:sue", json!({ "join-group": { "group": "group:main/ops", "member": "group:main/other/desk" } })),
        ("user:sue", json!({ "assign": { "subject": "group:main/ops", "role": "writer", "at": "main/acme" } })),
    ] {
        run(&mut state, actor, command);
    }
    let (engine, directory) = compiled(&state, "user:ada", "main/acme");
    let listed = state.list_access("main/acme", &ListQuery::default(), &by("user:ada")).unwrap();
    for shown in [directory.to_string(), serde_json::to_string(&listed).unwrap()] {
        assert!(shown.contains("group:main/ops") && !shown.contains("main/other"), "{shown}");
    }
    // A guest who holds the role by it has the same answers.
    let whole = answers(state.engine().unwrap(), "user:guest", "main/acme/blog");
    assert_eq!(answers(&engine, "user:guest", "main/acme/blog"), whole);
    let all = compiled(&state, "user:sue", "main").1.to_string();
    assert!(all.contains("group:main/other/desk"), "{all}");
}

#[test]
fn who_sees_roles_only_gets_nobody_who_holds_them() {
    let mut state = world();
    let policy: Value = serde_json::from_str(state.policy()).unwrap();
    let mut changed = policy.clone();
    changed["administration"]["view-access"] = json!("people:edit");
    changed["administration"]["update-policy"] = json!("people:edit");
    let mut first = policy;
    first["administration"]["update-policy"] = json!("people:edit");
    state = state_of(&first, &state.directory());
    run(&mut state, "user:sue", json!({ "update-policy": { "policy": changed.to_string() } }));
    let documents = state.view_documents("main/acme/shop", &by("user:eva")).unwrap();
    assert!(!documents.people);
    let text = documents.directory.to_string();
    assert!(!text.contains("user:") && !text.contains("group:") && text.contains("desk"), "{text}");
    Engine::from_json(&documents.policy.to_string(), &text).unwrap();
    assert!(state.view_documents("main/acme/shop", &by("user:pia")).unwrap().people);
}

#[test]
fn the_permission_of_the_roles_is_necessary() {
    let state = world();
    let refused = state.view_documents("main/acme/shop", &by("user:new")).unwrap_err();
    assert!(refused.message.contains("may not `view-roles` at `main/acme/shop`"), "{refused}");
    let unknown = state.view_documents("main/none", &by("user:ada")).unwrap_err();
    let foreign = state.view_documents("main/other", &by("user:ada")).unwrap_err();
    assert_eq!(unknown.message.replace("main/none", "AT"), foreign.message.replace("main/other", "AT"));
}

#[test]
fn rights_are_the_commands_of_the_policy_with_what_they_require() {
    let state = world();
    let rights = |actor: &str, at: &str| state.view_commands(at, &by(actor));
    let ada = rights("user:ada", "main/acme").unwrap().commands;
    assert!(ada["assign"].allowed);
    assert_eq!(ada["assign"].requires, ["people:edit"]);
    assert_eq!((ada.get("lock"), ada["view-support"].allowed), (None, true));
    let eva = rights("user:eva", "main/acme/shop").unwrap().commands;
    assert_eq!((eva["view-access"].allowed, eva["assign"].allowed), (true, false));
    // Mapped for accounts only.
    let pia = rights("user:pia", "main/acme/shop").unwrap().commands;
    assert_eq!((pia["set-login"].allowed, &pia["set-login"].requires), (false, &Vec::new()));
    let unknown = rights("user:pia", "main/none").unwrap_err();
    assert_eq!(
        unknown.message.replace("main/none", "X"),
        rights("user:pia", "main/other").unwrap_err().message.replace("main/other", "X")
    );
    // The rights agree with the views that are answered.
    for (actor, at) in [("user:ada", "main/acme"), ("user:pia", "main/acme/shop"), ("user:eva", "main/acme/blog")] {
        let seen = state.may_view(View::Roles, at, &by(actor)).is_ok();
        assert_eq!(rights(actor, at).unwrap().commands["view-roles"].allowed, seen, "{actor} {at}");
    }
}
