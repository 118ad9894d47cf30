//! Tenants are sealed from each other: no answer to an administrator of one names anything of the other, and an id of the
//! other gives the same answer as an id that does not exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall_admin::{
    Command, Context, Event, InitialRole, ListQuery, PersonRow, Private, Refusal, ScopedEvents, State,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOW: &str = "2026-11-21T10:00:00Z";
/// Every name of the other tenant contains it, and every id that does not exist in its place.
const MARK: &str = "zz-";
/// An administrator of the tenant, one of a project, a user without rights, and support staff.
const ACTORS: [&str; 4] = ["user:ada", "user:pia", "user:eva", "support:jo"];

/// Ids of the other tenant, each with one of the same length that does not exist.
const IDS: [(&str, &str); 15] = [
    ("user:zz-other-olga", "user:zz-none-aaaa"),
    ("zz-other-olga", "zz-none-aaaa"),
    ("user:zz-other-suspended", "user:zz-none-aaaaaaaaa"),
    ("user:zz-other-invited", "user:zz-none-aaaaaaa"),
    ("user:zz-other-gone", "user:zz-none-aaaa"),
    ("user:zz-other-external", "user:zz-none-aaaaaaaa"),
    ("app:zz-other-crm", "app:zz-none-crm"),
    ("support:zz-other-max", "support:zz-none-max"),
    ("group:main/zz-other/crew", "group:main/zz-none/crew"),
    ("group:main/zz-other/mapped-1", "group:main/zz-none/mapped-1"),
    ("group:main/zz-other/zz-desk", "group:main/zz-none/zz-mesk"),
    ("main/zz-other", "main/zz-none"),
    ("main/zz-other/zz-site", "main/zz-other/zz-page"),
    ("zz-other-role", "zz-none-rrole"),
    ("main/zz-other#1", "main/zz-none#1"),
];

fn policy() -> Value {
    let commands = rolecall::ADMINISTRATION.iter().filter(|name| !name.starts_with("view-"));
    let mut administration: serde_json::Map<String, Value> =
        commands.map(|name| (name.to_string(), json!("people:edit"))).collect();
    administration.insert("set-login".into(), json!({ "account": "people:edit" }));
    for view in [
        "access",
        "people",
        "applications",
        "roles",
        "role-mapping",
        "sign-on",
        "locks",
        "timeout",
        "networks",
        "login",
        "second-factor",
        "password-rules",
        "support",
        "audit",
    ] {
        administration.insert(format!("view-{view}"), json!("people:view"));
    }
    json!({
        "rolecall": 1,
        "scopes": ["instance", "account", "project"],
        "labels": ["pii"],
        "resources": { "people": { "actions": ["view", "edit"] }, "sites": { "actions": ["view", "edit"] } },
        "roles": {
            "viewer": { "grants": ["sites:view"] },
            "writer": { "inherits": ["viewer"], "grants": ["sites:edit"] },
            "admin": { "inherits": ["writer"], "grants": ["people:*"], "reads": ["pii"], "unbounded": ["domain", "team"] }
        },
        "guards": {
            "support_role": "viewer",
            "boundaries": {
                "domain": { "limits": "writes", "match": "all", "default": "none" },
                "team": { "limits": "writes", "match": "any", "default": "none", "from": "groups", "items": "locks" }
            }
        },
        "limits": { "users_per_project": 50 },
        "administration": administration,
    })
}

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ip: Some("203.0.113.7".into()), ..Context::default() }
}

fn decide(state: &State, actor: &str, command: &Value) -> Result<Option<Event>, Value> {
    let decided = parsed(command).and_then(|command| state.decide(&command, &by(actor)));
    decided.map_err(|refusal| serde_json::to_value(refusal).unwrap())
}

/// Reads a command and seals its private values, so that the seal shows from which value it comes.
fn parsed(command: &Value) -> Result<Command, Refusal> {
    let mut command: Command =
        serde_json::from_value(command.clone()).unwrap_or_else(|error| panic!("{command}: {error}"));
    command.seal(|_, text| format!("{:0>64}", hex(text)))?;
    Ok(command)
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns whether a text names something of the other tenant, or contains the seal of one of its values.
fn leaks(text: &str) -> bool {
    text.contains(MARK) || text.contains(&hex(MARK))
}

fn done(state: &mut State, actor: &str, command: Value) -> Event {
    let event = decide(state, actor, &command).unwrap_or_else(|refusal| panic!("{command}: {refusal}"));
    let event = event.unwrap_or_else(|| panic!("{command}: nothing changes"));
    state.apply(&event).unwrap();
    event
}

fn world() -> State {
    world_where(true)
}

/// Returns the world. `user:roamer`, a member of the tenant, may hold a role of the other one.
fn world_where(roams: bool) -> State {
    logged_world_where(roams).0
}

/// Returns the world and its audit log.
fn logged_world_where(roams: bool) -> (State, Vec<Event>) {
    logged_world_with(roams, 0)
}

/// Returns the world with more users of the other tenant, and its audit log.
fn logged_world_with(roams: bool, users: usize) -> (State, Vec<Event>) {
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let mut directory = json!({
        "rolecall": 1,
        "scopes": ["main", "main/acme", "main/acme/shop", "main/acme/blog", "main/zz-other", "main/zz-other/zz-site"],
        "subjects": {
            "user:sue": {},
            "user:ada": { "native": "main/acme" },
            "user:pia": { "native": "main/acme" },
            "user:eva": { "native": "main/acme" },
            "user:max": { "native": "main/acme" },
            "user:guest": { "native": "main/zz-other", "boundaries": { "domain": ["zz-domain"] } },
            "user:roamer": { "native": "main/acme" },
            "user:zz-other-boss": { "native": "main/zz-other" },
            "user:zz-other-olga": { "native": "main/zz-other", "boundaries": { "domain": ["zz-domain"] } },
            "user:zz-other-external": { "native": "main/zz-other", "external": true },
        },
        "assignments": [
            role("user:sue", "admin", "main"),
            role("user:ada", "admin", "main/acme"),
            role("user:pia", "admin", "main/acme/shop"),
            role("user:eva", "viewer", "main/acme/shop"),
            role("user:max", "admin", "main/acme"),
            role("user:roamer", "viewer", "main/acme/shop"),
            role("user:guest", "viewer", "main/acme/shop"),
            role("user:guest", "writer", "main/zz-other/zz-site"),
            role("user:zz-other-boss", "admin", "main/zz-other"),
            role("user:zz-other-olga", "writer", "main/zz-other/zz-site"),
            role("user:zz-other-external", "writer", "main/zz-other/zz-site"),
        ],
    });
    for number in 0..users {
        let id = format!("user:zz-{number}");
        directory["subjects"][&id] = json!({ "native": "main/zz-other" });
        directory["assignments"].as_array_mut().unwrap().push(role(&id, "writer", "main/zz-other"));
    }
    if roams {
        let assignments = directory["assignments"].as_array_mut().unwrap();
        assignments.push(role("user:roamer", "writer", "main/zz-other"));
    }
    let time = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(&policy().to_string(), &directory.to_string(), "user:sue", time).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    let mut log = vec![first];
    let boss = "user:zz-other-boss";
    let new = |id: &str| json!({ "subject": id, "roles": [{ "role": "writer", "at": "main/zz-other/zz-site" }] });
    for (actor, command) in [
        (boss, json!({ "add-user": new("user:zz-other-suspended") })),
        (boss, json!({ "suspend-subject": { "subject": "user:zz-other-suspended" } })),
        (boss, json!({ "add-user": new("user:zz-other-gone") })),
        (boss, json!({ "remove-subject": { "subject": "user:zz-other-gone", "at": "main/zz-other" } })),
        (boss, json!({ "invite": new("user:zz-other-invited") })),
        (boss, json!({ "add-app": new("app:zz-other-crm") })),
        (
            boss,
            json!({ "set-app": { "subject": "app:zz-other-crm", "title": "zz-title", "networks": ["198.51.100.0/24"] } }),
        ),
        (
            boss,
            json!({ "add-secret": { "subject": "app:zz-other-crm", "sha256": "ab".repeat(32), "note": "zz-note" } }),
        ),
        // An application of the other tenant with a role in this one.
        (boss, json!({ "add-app": new("app:guest") })),
        (boss, json!({ "set-app": { "subject": "app:guest", "title": "zz-title" } })),
        (boss, json!({ "add-secret": { "subject": "app:guest", "sha256": "cd".repeat(32), "note": "zz-note" } })),
        ("user:sue", json!({ "assign": role("app:guest", "viewer", "main/acme/shop") })),
        (
            "user:ada",
            json!({ "add-app": { "subject": "app:own", "roles": [{ "role": "viewer", "at": "main/acme" }] } }),
        ),
        (boss, json!({ "add-support": new("support:zz-other-max") })),
        (boss, json!({ "set-role": { "at": "main/zz-other", "role": "zz-other-role", "inherits": ["viewer"] } })),
        (boss, json!({ "assign": role("user:zz-other-olga", "zz-other-role", "main/zz-other/zz-site") })),
        (boss, json!({ "add-group": { "group": "group:main/zz-other/crew", "at": "main/zz-other" } })),
        (boss, json!({ "add-group": { "group": "group:main/zz-other/zz-desk", "at": "main/zz-other" } })),
        (boss, json!({ "join-group": { "group": "group:main/zz-other/zz-desk", "member": "user:zz-other-olga" } })),
        (boss, json!({ "join-group": { "group": "group:main/zz-other/zz-desk", "member": "user:guest" } })),
        (
            boss,
            json!({ "lock": { "items": ["item:zz-1"], "at": "main/zz-other", "groups": ["group:main/zz-other/crew"] } }),
        ),
        (
            boss,
            json!({ "set-role-mapping": { "at": "main/zz-other", "provider": "zz-corp", "group": "zz-crew", "roles": [{ "role": "zz-other-role", "at": "main/zz-other" }] } }),
        ),
        (
            boss,
            json!({ "set-sign-on": { "at": "main/zz-other", "issuer": "https://zz-id.example", "client_id": "zz-client" } }),
        ),
        (boss, json!({ "set-login": { "at": "main/zz-other", "methods": ["zz-saml", "password"], "force": true } })),
        (
            boss,
            json!({ "request-access": { "role": "admin", "at": "main/zz-other", "until": "2026-11-25T00:00:00Z", "reason": "zz-reason" } }),
        ),
        (boss, json!({ "set-person": { "subject": "user:guest", "at": "main/zz-other", "name": "zz-Guest" } })),
        (
            boss,
            json!({ "set-person": { "subject": "user:zz-other-olga", "at": "main/zz-other", "email": "zz-o@zz-o.zz" } }),
        ),
        ("user:ada", json!({ "set-person": { "subject": "user:guest", "at": "main/acme", "name": "Our Guest" } })),
        ("user:sue", json!({ "add-group": { "group": "group:main/staff", "at": "main" } })),
        ("user:sue", json!({ "join-group": { "group": "group:main/staff", "member": "user:zz-other-boss" } })),
        ("user:sue", json!({ "assign": role("group:main/staff", "viewer", "main/acme/blog") })),
        ("user:ada", json!({ "set-support": { "at": "main/acme", "access": "all" } })),
        (
            "user:ada",
            json!({ "set-role-mapping": { "at": "main/acme", "provider": "corp", "group": "staff", "roles": [{ "role": "writer", "at": "main/acme/blog" }] } }),
        ),
        (boss, json!({ "assign": role("group:everyone", "zz-other-role", "main/zz-other/zz-site") })),
        ("user:ada", json!({ "assign": role("group:everyone", "viewer", "main/acme/blog") })),
        ("user:ada", json!({ "set-role": { "at": "main/acme", "role": "own-role", "inherits": ["viewer"] } })),
        ("user:ada", json!({ "add-group": { "group": "group:main/acme/desk", "at": "main/acme" } })),
        ("user:sue", json!({ "join-group": { "group": "group:main/acme/desk", "member": "user:guest" } })),
        ("user:ada", json!({ "lock": { "items": ["item:1"], "at": "main/acme", "groups": ["group:main/acme/desk"] } })),
        (
            "user:max",
            json!({ "request-access": { "role": "admin", "at": "main/acme/shop", "until": "2026-11-25T00:00:00Z", "reason": "a release" } }),
        ),
    ] {
        log.push(done(&mut state, actor, command));
    }
    (state, log)
}

/// The scopes of the tenant.
const SCOPES: [&str; 3] = ["main/acme", "main/acme/shop", "main/acme/blog"];

/// Returns the audit log of the world, read at each scope of the tenant, and what is read next.
fn readers(log: &[Event]) -> ([ScopedEvents; 3], String) {
    let mut text = String::new();
    let readers = SCOPES.map(|at| {
        let mut reader = ScopedEvents::new(at);
        log.iter().filter_map(|event| reader.next(event)).for_each(|event| text += &json!(event).to_string());
        reader
    });
    (readers, text)
}

/// Returns the next event as it is read at each scope.
fn audited(readers: &mut [ScopedEvents; 3], event: &Event) -> String {
    json!(readers.each_mut().map(|reader| reader.next(event))).to_string()
}

/// Every command, aimed at `ID`, which is a subject, a group, a scope, a role or a request.
fn commands(id: &str) -> Vec<Value> {
    let one = |at: &str| json!({ "subject": id, "roles": [{ "role": "viewer", "at": at }] });
    let with = |key: &str, value: Value| {
        let mut new = one("main/acme/shop");
        new[key] = value;
        new
    };
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let mut commands = vec![
        json!({ "set-app": { "subject": id, "title": "x", "networks": ["203.0.113.0/24"] } }),
        json!({ "add-secret": { "subject": id, "sha256": "ef".repeat(32) } }),
        json!({ "remove-secret": { "subject": id, "secret": "abababababab" } }),
        json!({ "remove-secret": { "subject": id, "secret": "cdcdcdcdcdcd" } }),
        json!({ "remove-secret": { "subject": "app:own", "secret": id } }),
        json!({ "resend-invitation": { "subject": id } }),
        json!({ "accept-invitation": { "subject": id } }),
        json!({ "suspend-subject": { "subject": id } }),
        json!({ "resume-subject": { "subject": id } }),
        json!({ "remove-subject": { "subject": id, "at": "main/acme" } }),
        json!({ "remove-subject": { "subject": "user:guest", "at": id } }),
        json!({ "mark-external": { "subject": id } }),
        json!({ "mark-external": { "subject": id, "confirm": true } }),
        json!({ "unmark-external": { "subject": id } }),
        json!({ "set-native": { "subject": id } }),
        json!({ "set-native": { "subject": id, "native": "main/acme" } }),
        json!({ "set-native": { "subject": "user:eva", "native": id } }),
        json!({ "set-person": { "subject": id, "at": "main/acme", "name": "Someone", "email": "some@one.example" } }),
        json!({ "set-person": { "subject": "user:guest", "at": id, "name": "Someone" } }),
        json!({ "set-person": { "subject": "user:pia", "at": "main/acme/shop", "name": "Pia" } }),
        json!({ "erase-person": { "subject": id, "at": "main/acme" } }),
        json!({ "erase-person": { "subject": "user:guest", "at": id } }),
        json!({ "set-boundary": { "subject": id, "boundary": "domain", "values": ["a.example"] } }),
        json!({ "set-boundary": { "subject": "user:eva", "boundary": "team", "values": [id] } }),
        json!({ "assign": role(id, "viewer", "main/acme/shop") }),
        json!({ "assign": role("user:eva", id, "main/acme/shop") }),
        json!({ "assign": role("user:eva", "writer", id) }),
        json!({ "assign": role("group:everyone", "writer", "main/acme/shop") }),
        json!({ "assign": role("group:everyone", id, "main/acme/shop") }),
        json!({ "assign": role("group:everyone", "writer", id) }),
        json!({ "withdraw": role("group:everyone", "viewer", "main/acme/blog") }),
        json!({ "withdraw": role(id, "viewer", "main/acme/shop") }),
        json!({ "withdraw": role("user:guest", "writer", id) }),
        json!({ "withdraw": role("user:guest", id, "main/acme/shop") }),
        json!({ "set-roles": { "subject": id, "at": "main/acme/shop", "roles": [{ "role": "viewer" }] } }),
        json!({ "set-roles": { "subject": id, "at": "main/acme/shop", "roles": [] } }),
        json!({ "set-roles": { "subject": id, "at": "main", "roles": [] } }),
        json!({ "set-roles": { "subject": "user:guest", "at": id, "roles": [] } }),
        json!({ "set-roles": { "subject": "user:eva", "at": "main/acme/shop", "roles": [{ "role": id }] } }),
        json!({ "set-role": { "at": id, "role": "mine", "inherits": ["viewer"] } }),
        json!({ "set-role": { "at": "main/acme", "role": "mine", "inherits": [id] } }),
        json!({ "set-role": { "at": "main/acme", "role": id, "inherits": ["viewer"] } }),
        json!({ "delete-role": { "at": "main/acme", "role": id } }),
        json!({ "delete-role": { "at": id, "role": "zz-role" } }),
        json!({ "copy-role": { "of": id, "at": "main/acme", "role": "copied" } }),
        json!({ "copy-role": { "of": "viewer", "at": "main/acme", "role": id } }),
        json!({ "reset-role": { "at": "main/acme", "role": id } }),
        json!({ "set-overlay": { "at": "main/acme", "role": id, "grants": [] } }),
        json!({ "set-overlay": { "at": id, "role": "writer", "grants": ["sites:view"] } }),
        json!({ "set-overlay": { "at": "main/acme", "role": "viewer", "title": "Ours", "grants": ["sites:*"], "reads": ["pii"] } }),
        json!({ "reset-overlay": { "at": "main/acme", "role": id } }),
        json!({ "reset-overlay": { "at": id, "role": "viewer" } }),
        json!({ "add-group": { "group": id, "at": "main/acme" } }),
        json!({ "add-group": { "group": "group:main/acme/new", "at": id } }),
        json!({ "delete-group": { "group": id, "cascade": true } }),
        json!({ "join-group": { "group": id, "member": "user:eva" } }),
        json!({ "join-group": { "group": "group:main/acme/desk", "member": id } }),
        json!({ "leave-group": { "group": id, "member": "user:guest" } }),
        json!({ "leave-group": { "group": "group:main/acme/desk", "member": id } }),
        json!({ "set-role-mapping": { "at": id, "provider": "corp", "group": "crew", "roles": [{ "role": "viewer", "at": id }] } }),
        json!({ "set-role-mapping": { "at": "main/acme", "provider": id, "group": id, "roles": [{ "role": "viewer", "at": "main/acme" }] } }),
        json!({ "set-role-mapping": { "at": "main/acme", "provider": "corp", "group": "crew", "roles": [{ "role": id, "at": "main/acme" }] } }),
        json!({ "set-role-mapping": { "at": "main/acme", "provider": "corp", "group": "crew", "roles": [{ "role": "viewer", "at": id }] } }),
        json!({ "set-role-mapping": { "at": "main/acme", "provider": "corp", "group": "crew", "roles": [{ "role": "viewer", "at": "main/acme", "below": false, "boundaries": { "domain": [id] } }] } }),
        json!({ "set-role-mapping": { "at": "main/acme", "provider": "corp", "group": "crew", "roles": [{ "role": "viewer", "at": "main/acme", "boundaries": { (id): ["eu"] } }] } }),
        json!({ "remove-role-mapping": { "at": id, "provider": "corp", "group": "zz-crew" } }),
        json!({ "remove-role-mapping": { "at": "main/acme", "provider": "corp", "group": id } }),
        json!({ "set-sign-on": { "at": id, "issuer": "https://id.example", "client_id": "client" } }),
        json!({ "set-sign-on": { "at": "main/acme", "issuer": "https://id.example", "client_id": id } }),
        json!({ "remove-sign-on": { "at": id } }),
        json!({ "lock": { "items": ["item:2"], "at": "main/acme", "groups": [id] } }),
        json!({ "lock": { "items": ["item:zz-1"], "at": id, "groups": [] } }),
        json!({ "set-owner": { "item": "item:1", "at": "main/acme", "owner": id } }),
        json!({ "set-owner": { "item": "item:zz-1", "at": id, "owner": "user:eva" } }),
        json!({ "request-access": { "role": id, "at": "main/acme", "until": "2026-11-25T00:00:00Z", "reason": "x" } }),
        json!({ "request-access": { "role": "admin", "at": id, "until": "2026-11-25T00:00:00Z", "reason": "x" } }),
        json!({ "approve-access": { "request": id } }),
        json!({ "deny-access": { "request": id } }),
        json!({ "withdraw-request": { "request": id } }),
        json!({ "end-access": { "request": id } }),
        json!({ "set-support": { "at": id, "access": "all" } }),
        json!({ "set-networks": { "at": id, "ranges": ["203.0.113.0/24"] } }),
        json!({ "set-timeout": { "at": id, "timeout": "45m" } }),
        json!({ "set-login": { "at": id, "methods": ["sso"], "force": true } }),
        json!({ "set-login": { "at": "main/acme", "methods": ["zz-samm"] } }),
        json!({ "set-second-factor": { "at": id, "required": true } }),
        json!({ "set-password-rules": { "at": id, "rules": { "min_length": 12 } } }),
        json!({ "reset-password": { "subject": id } }),
        json!({ "add-scope": { "path": id } }),
        json!({ "set-instance-type": { "at": id, "instance_type": "single" } }),
        json!({ "set-instance-type": { "at": "main", "instance_type": id } }),
        json!({ "add-scope": { "path": format!("{id}/x") } }),
        json!({ "update-policy": { "policy": policy().to_string() } }),
        json!({ "update-policy": { "policy": policy().to_string(), "roles": { "zz-other-role": "viewer" } } }),
    ];
    for verb in ["invite", "add-user", "add-app", "add-support"] {
        commands.extend([json!({ verb: one("main/acme/shop") }), json!({ verb: one(id) })]);
        commands.push(json!({ verb: with("native", json!("main/acme")) }));
        commands.push(json!({ verb: with("external", json!(true)) }));
        let mut confirmed = with("external", json!(true));
        confirmed["confirm"] = json!(true);
        commands.push(json!({ verb: confirmed }));
        let mut named = with("name", json!("Someone"));
        named["email"] = json!("some@one.example");
        commands.push(json!({ verb: named }));
    }
    commands.retain(|command| serde_json::from_value::<Command>(command.clone()).is_ok());
    commands
}

/// Returns everything that the actor gets for a command, as text: the answer and that of a dry run.
fn answer(state: &State, actor: &str, command: &Value) -> String {
    let executed = decide(state, actor, command).map(|event| event.map(Event::for_actor));
    let preview = parsed(command).and_then(|typed| state.preview(&typed, &by(actor)));
    let preview = preview.map(|preview| json!({ "event": preview.event, "diff": preview.diff }));
    let executed = executed.map(|event| json!(event)).unwrap_or_else(|refusal| json!({ "refused": refusal }));
    let preview = preview.unwrap_or_else(|refusal| json!({ "refused": refusal }));
    json!({ "executed": executed, "preview": preview }).to_string()
}

fn views(state: &State, actor: &str, at: &str) -> String {
    let context = by(actor);
    let shown = |view: Result<Value, Refusal>| view.unwrap_or_else(|refusal| json!(refusal));
    json!([
        shown(state.list_access(at, &ListQuery::default(), &context).map(|view| json!(view))),
        json!(["user:guest", "user:roamer", "user:eva"].map(|id| {
            let text = |value: &Private| value.seal().map(str::to_string);
            shown(state.view_user(id, at, &context, &text).map(|view| json!(view)))
        })),
        shown(state.list_applications(at, &ListQuery::default(), &context).map(|view| json!(view))),
        shown(state.view_overlays(at, &context).map(|view| json!(view))),
        shown(state.view_locks(at, &context).map(|view| json!(view))),
        shown(state.view_role_mappings(at, &context).map(|view| json!(view))),
        shown(state.view_sign_ons(at, &context).map(|view| json!(view))),
        shown(state.view_settings(at, &context).map(|view| json!(view))),
        shown(state.view_commands(at, &context).map(|view| json!(view))),
        shown(state.view_scopes(None, &context).map(|view| json!(view))),
        shown(state.view_documents(at, &context).map(|view| json!(view.directory))),
        lists(state, &context, at),
    ])
    .to_string()
}

/// Returns the lists with filters and orders, as JSON and as tables.
fn lists(state: &State, context: &Context, at: &str) -> Value {
    let query = |text: Value| serde_json::from_value::<ListQuery>(text).unwrap();
    let mut all = Vec::new();
    for text in [
        json!({ "kind": "users", "sort": "-status" }),
        json!({ "kind": "users", "limit": 1 }),
        json!({ "status": "invited" }),
        json!({ "role": "writer" }),
        json!({ "search": "z" }),
    ] {
        let access = state.list_access(at, &query(text), context);
        all.push(access.map_or_else(|refusal| json!(refusal), |access| json!([access.to_csv(), access])));
    }
    for text in [json!({}), json!({ "search": "z" }), json!({ "origin": "custom", "sort": "-members" })] {
        let roles = state.list_roles(at, &query(text), context);
        all.push(roles.map_or_else(|refusal| json!(refusal), |roles| json!([roles.to_csv(), roles])));
    }
    for role in ["viewer", "writer", "admin", "own-role"] {
        let shown = state.show_role(at, role, &ListQuery::default(), context);
        all.push(shown.map_or_else(|refusal| json!(refusal), |shown| json!([shown.to_csv(), shown])));
    }
    let text = |value: &Private| value.seal().map(str::to_string);
    for asked in [
        json!({ "within": "3650d", "idle": "1m" }),
        json!({ "search": "z", "within": "3650d" }),
        json!({ "kind": "users", "label": "pii", "idle": "1ms", "sort": "-id" }),
        json!({ "status": "invited", "state": "pending" }),
    ] {
        let asked = query(asked);
        let ending = state.list_ending(at, &asked, context, &text);
        all.push(ending.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list])));
        let readers = state.list_label_readers(at, &asked, context);
        all.push(readers.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list])));
        let inactive = state.list_inactive(at, &asked, context, &text);
        all.push(inactive.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list])));
        let requests = state.list_requests(at, &asked, context);
        all.push(requests.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list])));
        let roles = state.matrix_of_roles(at, &asked, context);
        all.push(roles.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list.to_html(), list])));
        let people = state.matrix_of_people_and_roles(at, &by_id(&asked), context, &text);
        all.push(people.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list.to_html(), list])));
        let people = state.matrix_of_people_and_permissions(at, &by_id(&asked), context, &text);
        all.push(people.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list.to_html(), list])));
        let invitations = state.list_invitations(at, &asked, context, &text);
        all.push(invitations.map_or_else(|refusal| json!(refusal), |list| json!([list.to_csv(), list])));
    }
    for subject in ["user:eva", "group:main/acme/desk", "group:everyone"] {
        let roles = state.list_assignable(at, subject, &ListQuery::default(), context);
        all.push(roles.map_or_else(|refusal| json!(refusal), |roles| json!([roles.to_csv(), roles])));
    }
    json!(all)
}

/// Returns a query in the usual order.
fn by_id(query: &ListQuery) -> ListQuery {
    let mut query = query.clone();
    query.sort = None;
    query
}

/// Replaces an id, and its parts, which messages and suggestions may repeat.
fn without(text: &str, id: &str) -> String {
    let name = id.rsplit([':', '/']).next().unwrap();
    let above = id.rsplit_once('/').map_or(id, |(above, _)| above.trim_start_matches("group:"));
    let text = text.replace(id, "ID").replace(name, "NAME");
    if above.contains(MARK) { text.replace(above, "ABOVE") } else { text }
}

#[test]
fn an_id_of_another_tenant_is_answered_as_one_that_does_not_exist() {
    let state = world();
    let mut answers = 0;
    for actor in ACTORS {
        for (there, missing) in IDS {
            for (command, other) in commands(there).into_iter().zip(commands(missing)) {
                let typed = command.to_string();
                let [found, unknown] = [(&command, there), (&other, missing)]
                    .map(|(command, id)| without(&answer(&state, actor, command), id));
                assert_eq!(found, unknown, "{actor}: {command}");
                let rest = without(&typed, there);
                let leaked = (found.contains(MARK) && !rest.contains(MARK)) || found.contains(&hex(MARK));
                assert!(!leaked && !found.contains("zz-saml"), "{actor}: {command}\n{found}");
                answers += 4;
            }
        }
    }
    println!("{answers} answers are those for ids that do not exist");
    assert!(answers > 10_000, "{answers}");
}

/// A list that an id of the other tenant filters or names is that for an id that does not exist.
#[test]
fn lists_answer_about_an_id_of_another_tenant_as_about_one_that_does_not_exist() {
    let state = world();
    let mut answers = 0;
    for actor in ACTORS {
        for (there, missing) in IDS {
            for at in SCOPES.into_iter().chain(["main"]) {
                let asked = [there, missing].map(|id| {
                    let [mut search, mut role] = [ListQuery::default(), ListQuery::default()];
                    search.search = Some(id.to_string());
                    role.role = Some(id.to_string());
                    let text = |value: &Private| value.seal().map(str::to_string);
                    let (context, none) = (by(actor), ListQuery::default());
                    let shown = |answer: Result<Value, Refusal>| {
                        without(&answer.unwrap_or_else(|refusal| json!(refusal)).to_string(), id)
                    };
                    [
                        shown(state.list_access(at, &search, &context).map(|list| json!(list))),
                        shown(state.list_access(at, &role, &context).map(|list| json!(list))),
                        shown(state.list_roles(at, &search, &context).map(|list| json!(list))),
                        shown(state.show_role(at, id, &none, &context).map(|list| json!(list))),
                        shown(state.list_assignable(at, id, &none, &context).map(|list| json!(list))),
                        shown(state.list_assignable(id, "user:eva", &none, &context).map(|list| json!(list))),
                        shown(state.list_roles(id, &none, &context).map(|list| json!(list))),
                        shown(state.list_access(id, &none, &context).map(|list| json!(list))),
                        shown(state.list_ending(at, &search, &context, &text).map(|list| json!(list))),
                        shown(state.list_ending(id, &role, &context, &text).map(|list| json!(list))),
                        shown(state.list_label_readers(at, &search, &context).map(|list| json!(list))),
                        shown(state.list_label_readers(at, &role, &context).map(|list| json!(list))),
                        shown(state.list_inactive(at, &search, &context, &text).map(|list| json!(list))),
                        shown(state.list_inactive(id, &none, &context, &text).map(|list| json!(list))),
                        shown(state.list_requests(at, &search, &context).map(|list| json!(list))),
                        shown(state.list_invitations(at, &search, &context, &text).map(|list| json!(list))),
                    ]
                });
                assert_eq!(asked[0], asked[1], "{actor} at {at}: {there}");
                answers += 32;
            }
        }
    }
    println!("{answers} lists are those for ids that do not exist");
}

/// A row of an import that names an id of the other tenant is planned as one that names an id that does not exist.
#[test]
fn an_import_plans_an_id_of_another_tenant_as_one_that_does_not_exist() {
    let state = world();
    let text = |value: &Private| value.seal().map(str::to_string);
    for actor in ACTORS {
        let context = by(actor);
        let by_email = state.people_by_email("main/acme", &context, &text).unwrap();
        assert!(!by_email.keys().any(|address| address.contains(&hex(MARK))), "{by_email:?}");
        for (there, missing) in IDS {
            let planned = |id: &str, held: &str, role: &str, at: &str| {
                let role = InitialRole {
                    role: role.into(),
                    at: at.into(),
                    below: true,
                    boundaries: Default::default(),
                    from: None,
                    until: None,
                };
                let row = PersonRow {
                    id: Some(held.into()),
                    name: Some("Some One".into()),
                    roles: vec![role],
                    ..PersonRow::default()
                };
                let place = ("main/acme", true);
                without(&format!("{:?}", state.plan_person(&row, place, &context, (&by_email, &text))), id)
            };
            let all = |id: &str| {
                [
                    planned(id, id, "viewer", "main/acme/shop"),
                    planned(id, "user:guest", "writer", id),
                    planned(id, "user:roamer", "writer", id),
                    planned(id, "user:eva", id, "main/acme/shop"),
                ]
            };
            assert_eq!(all(there), all(missing), "{actor}: {there}");
        }
    }
}

#[test]
fn a_user_of_another_tenant_is_shown_as_one_that_does_not_exist() {
    let state = world();
    let text = |value: &Private| value.seal().map(str::to_string);
    let shown = |actor: &str, id: &str, at: &str| match state.view_user(id, at, &by(actor), &text) {
        Ok(user) => json!(user).to_string(),
        Err(refusal) => json!(refusal).to_string(),
    };
    for actor in ACTORS {
        for (there, missing) in IDS {
            for at in SCOPES.iter().chain(&["main", there]) {
                let other = if *at == there { missing } else { *at };
                let found = without(&shown(actor, there, at), there);
                assert_eq!(found, without(&shown(actor, missing, other), missing), "{actor} at {at}: {there}");
            }
        }
    }
    // A guest has the name that the tenant entered.
    let guest = shown("user:ada", "user:guest", "main/acme");
    assert!(guest.contains(&hex("Our Guest")) && !leaks(&guest), "{guest}");
}

#[test]
fn every_command_is_tried() {
    let error = serde_json::from_str::<Command>(r#"{"?": {}}"#).unwrap_err().to_string();
    let all: BTreeSet<&str> = error.split('`').skip(3).step_by(2).collect();
    assert!(all.len() > 30, "{error}");
    let tried: BTreeSet<String> =
        commands("user:x").iter().flat_map(|one| one.as_object().unwrap().keys().cloned()).collect();
    let missing: Vec<&&str> = all.iter().filter(|name| !tried.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn answers_about_members_and_guests_name_nothing_of_the_other_tenant() {
    let state = world();
    let mut answers = 0;
    let ids = [
        "user:guest",
        "user:roamer",
        "user:eva",
        "app:guest",
        "app:own",
        "group:main/acme/desk",
        "group:main/staff",
        "main",
        "main/acme/shop",
        "own-role",
        "1",
    ];
    for actor in ACTORS {
        for id in ids {
            for command in commands(id) {
                if command.to_string().contains(MARK) {
                    continue;
                }
                let answer = answer(&state, actor, &command);
                assert!(!leaks(&answer), "{actor}: {command}\n{answer}");
                answers += 2;
            }
        }
        for at in ["main", "main/acme", "main/acme/shop", "main/acme/blog"] {
            let views = views(&state, actor, at);
            assert!(!leaks(&views), "{actor} at {at}: {views}");
            answers += 6;
        }
    }
    println!("{answers} answers name nothing of the other tenant");
}

/// Until someone accepts, an invitation of a person of another tenant goes as that of a new one.
#[test]
fn an_invitation_of_a_person_of_another_tenant_is_seen_as_that_of_a_new_one() {
    let role = |role: &str, at: &str| json!({ "subject": "ID", "role": role, "at": at });
    let steps = [
        json!({ "invite": { "subject": "ID", "name": "One", "email": "one@one.example", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } }),
        json!({ "invite": { "subject": "ID", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } }),
        json!({ "assign": role("writer", "main/acme/shop") }),
        json!({ "assign": role("own-role", "main/acme/blog") }),
        json!({ "suspend-subject": { "subject": "ID" } }),
        json!({ "resume-subject": { "subject": "ID" } }),
        json!({ "withdraw": role("viewer", "main/acme/shop") }),
        json!({ "withdraw": role("viewer", "main/acme/shop") }),
        json!({ "delete-role": { "at": "main/acme", "role": "own-role" } }),
        json!({ "delete-role": { "at": "main/acme", "role": "own-role", "cascade": true } }),
        json!({ "withdraw": role("writer", "main/acme/shop") }),
        json!({ "resend-invitation": { "subject": "ID" } }),
        json!({ "invite": { "subject": "ID", "roles": [{ "role": "writer", "at": "main/acme/blog" }] } }),
        json!({ "set-owner": { "item": "item:5", "at": "main/acme", "owner": "ID" } }),
        json!({ "remove-subject": { "subject": "ID", "at": "main/acme" } }),
        json!({ "remove-subject": { "subject": "ID", "at": "main/acme" } }),
    ];
    let people = IDS.iter().filter(|(id, _)| id.starts_with("user:"));
    let mut answers = 0;
    for (there, missing) in people {
        let new = |id: &'static str| {
            let (state, log) = logged_world_where(true);
            (state, id, readers(&log).0)
        };
        let mut worlds = [new(there), new(missing)];
        for step in &steps {
            let seen = worlds.each_mut().map(|(state, id, readers)| {
                let command: Value = serde_json::from_str(&step.to_string().replace("ID", id)).unwrap();
                let mut seen = answer(state, "user:ada", &command);
                if let Ok(Some(event)) = decide(state, "user:ada", &command) {
                    state.apply(&event).unwrap();
                    seen += &audited(readers, &event);
                }
                for actor in ["user:ada", "user:pia"] {
                    seen += &views(state, actor, "main/acme");
                    seen += &views(state, actor, "main/acme/shop");
                }
                without(&seen, id)
            });
            assert_eq!(seen[0], seen[1], "{there}: {step}");
            assert!(!seen[0].contains(MARK), "{there}: {step}\n{}", seen[0]);
            answers += 2 * (2 + 16);
        }
    }
    println!("{answers} answers are those of the invitation of a new person");
}

/// Removing a member looks the same whether or not another tenant knows the member.
#[test]
fn removing_a_member_does_not_show_whether_others_know_it() {
    let steps = [
        json!({ "remove-subject": { "subject": "user:roamer", "at": "main/acme/blog" } }),
        json!({ "remove-subject": { "subject": "user:roamer", "at": "main/acme" } }),
        json!({ "remove-subject": { "subject": "user:roamer", "at": "main/acme" } }),
        json!({ "assign": { "subject": "user:roamer", "role": "viewer", "at": "main/acme/shop" } }),
        json!({ "invite": { "subject": "user:roamer", "roles": [{ "role": "viewer", "at": "main/acme/blog" }] } }),
        json!({ "remove-subject": { "subject": "user:roamer", "at": "main/acme" } }),
        json!({ "add-user": { "subject": "user:roamer", "roles": [{ "role": "writer", "at": "main/acme/blog" }] } }),
        json!({ "suspend-subject": { "subject": "user:roamer" } }),
    ];
    let mut worlds = [true, false].map(|roams| {
        let (state, log) = logged_world_where(roams);
        (state, readers(&log).0)
    });
    for step in &steps {
        let seen = worlds.each_mut().map(|(state, readers)| {
            let mut seen = answer(state, "user:ada", step);
            if let Ok(Some(event)) = decide(state, "user:ada", step) {
                state.apply(&event).unwrap();
                seen += &audited(readers, &event);
            }
            seen += &views(state, "user:ada", "main/acme");
            seen
        });
        assert_eq!(seen[0], seen[1], "{step}");
    }
    let roams = |state: &State| state.assignments_of("user:roamer").any(|one| one.at == "main/zz-other");
    let worlds = worlds.map(|(state, _)| state);
    assert_eq!(worlds.each_ref().map(roams), [true, false], "the other tenant keeps its member");
    assert!(views(&worlds[0], "user:zz-other-boss", "main/zz-other").contains("user:roamer"));
}

/// The roles of everyone and the number of its members show nothing of the users of another tenant.
#[test]
fn everyone_does_not_show_how_many_users_others_have() {
    let everyone =
        |role: &str| json!({ "assign": { "subject": "group:everyone", "role": role, "at": "main/acme/shop" } });
    let steps = [everyone("viewer"), everyone("writer"), json!({ "suspend-subject": { "subject": "user:eva" } })];
    let mut worlds = [0, 30].map(|users| {
        let (state, log) = logged_world_with(true, users);
        (state, readers(&log).0)
    });
    for step in &steps {
        let seen = worlds.each_mut().map(|(state, readers)| {
            let mut seen = answer(state, "user:ada", step);
            if let Ok(Some(event)) = decide(state, "user:ada", step) {
                state.apply(&event).unwrap();
                seen += &audited(readers, &event);
            }
            let at = ["main/acme", "main/acme/shop", "main/acme/blog"];
            at.iter().for_each(|at| seen += &views(state, "user:ada", at));
            seen
        });
        assert_eq!(seen[0], seen[1], "{step}");
        assert!(seen[0].contains("group:everyone") && seen[0].contains("member_count"), "{}", seen[0]);
    }
    let all = |(state, _): &(State, _)| {
        state.list_access("main", &ListQuery::default(), &by("user:sue")).map(|list| json!(list))
    };
    let [few, many] = worlds.each_ref().map(|world| all(world).unwrap().to_string());
    assert_ne!(few, many, "the vendor sees all of them");
}

/// No event that a reader of the tenant gets names anything of the other tenant. This includes commands of the vendor.
#[test]
fn the_audit_log_of_a_tenant_names_nothing_of_another() {
    let (state, log) = logged_world_where(true);
    let (readers, text) = readers(&log);
    assert!(
        !leaks(&text) && text.contains(&hex("Our Guest")) && text.contains("own-role") && text.contains("user:sue"),
        "{text}"
    );
    let whole: String = log.iter().map(|event| json!(event).to_string()).collect();
    assert!(whole.contains("zz-other-role"));
    let (mut shown, mut hidden) = (0, 0);
    for actor in ["user:sue", "user:zz-other-boss", "user:ada", "user:pia", "support:jo"] {
        let ids = IDS.iter().map(|(there, _)| *there);
        for id in ids.chain(["user:guest", "user:roamer", "user:eva", "group:main/acme/desk", "main/acme/shop", "1"]) {
            for command in commands(id) {
                let Ok(Some(event)) = decide(&state, actor, &command) else { continue };
                let audited = audited(&mut readers.clone(), &event);
                // A member of the tenant may have typed the name.
                let typed = actor != "user:sue" && actor != "user:zz-other-boss" && command.to_string().contains(MARK);
                // The vendor may have given someone of the other tenant a role of this one, or typed a text that is
                // the id of nothing.
                let mut rest = audited.clone();
                if actor == "user:sue" && (command.to_string().contains("main/acme") || !id.contains([':', '/'])) {
                    rest = rest.replace(id, "");
                }
                for text in ["item:zz-1", "zz-samm", "zz-role"] {
                    rest = rest.replace(text, "");
                }
                assert!(typed || !leaks(&rest), "{actor}: {command}\n{audited}");
                if audited == "[null,null,null]" { hidden += 1 } else { shown += 1 }
            }
        }
    }
    println!("{shown} events are read by the tenant, {hidden} are not");
    assert!(shown > 100 && hidden > 50, "{shown} {hidden}");
}
