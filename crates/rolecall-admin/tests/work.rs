//! Commands that cannot be judged at every time, because too many assignments start and end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall_admin::{Command, Context, ObjectKey, ObjectKind, RefusalCode, State};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW: &str = "2026-11-21T10:00:00Z";

fn later(seconds: usize) -> String {
    let now = Timestamp::parse(NOW).unwrap();
    Timestamp::from_millis(now.as_millis() + 1000 * seconds as i64).unwrap().to_string()
}

/// Returns a tenant in which `user:ada` holds a role by `count` consecutive assignments without a gap, the last without
/// an end.
fn state(count: usize, constraint: bool) -> State {
    let mut policy = json!({
        "rolecall": 1, "scopes": ["account"],
        "resources": { "a": { "actions": ["view", "edit"] } },
        "roles": { "admin": { "grants": ["a:*"] }, "viewer": { "grants": ["a:view"] }, "other": {} },
        "administration": { "assign": "a:view" }
    });
    if constraint {
        policy["guards"] = json!({ "separation": [
            { "id": "s", "roles": ["viewer", "other"], "at_most": 1, "when": "assigned" }
        ] });
    }
    let assignments: Vec<Value> = (0..count)
        .map(|number| {
            let mut one = json!({ "subject": "user:ada", "role": "viewer", "at": "acme" });
            if number > 0 {
                one["from"] = later(number).into();
            }
            if number + 1 < count {
                one["until"] = later(number + 1).into();
            }
            one
        })
        .chain([json!({ "subject": "user:root", "role": "admin", "at": "acme" })])
        .collect();
    let directory = json!({
        "rolecall": 1, "scopes": ["acme"],
        "subjects": { "user:ada": {}, "user:bo": {}, "user:root": {} }, "assignments": assignments
    });
    let first =
        State::first_event(&policy.to_string(), &directory.to_string(), "user:root", Timestamp::parse(NOW).unwrap());
    let mut state = State::new();
    state.apply(&first.unwrap()).unwrap();
    state
}

fn assign(state: &State, actor: &str, subject: &str, role: &str) -> Option<RefusalCode> {
    let command = json!({ "assign": { "subject": subject, "role": role, "at": "acme" } });
    let command: Command = serde_json::from_value(command).unwrap();
    let context = Context { actor: actor.into(), time: NOW.into(), ..Context::default() };
    state.decide(&command, &context).err().map(|refusal| refusal.code)
}

#[test]
fn a_giver_of_too_many_later_roles_gives_nothing_that_lasts() {
    assert_eq!(assign(&state(100, false), "user:ada", "user:bo", "viewer"), None);
    let many = state(1000, false);
    assert_eq!(assign(&many, "user:ada", "user:bo", "viewer"), Some(RefusalCode::LimitWork));
    assert_eq!(assign(&many, "user:ada", "user:bo", "admin"), Some(RefusalCode::Beyond));
    // An actor who holds the role without an end is compared once.
    assert_eq!(assign(&many, "user:root", "user:bo", "viewer"), None);
}

#[test]
fn a_receiver_of_too_many_later_roles_is_not_judged() {
    assert_eq!(assign(&state(100, true), "user:root", "user:ada", "admin"), None);
    assert_eq!(assign(&state(100, true), "user:root", "user:ada", "other"), Some(RefusalCode::Separated));
    assert_eq!(assign(&state(1500, true), "user:root", "user:ada", "admin"), Some(RefusalCode::LimitWork));
    assert_eq!(assign(&state(1500, false), "user:root", "user:ada", "admin"), None);
}

/// Returns a tenant with `count` consecutive administrators without a gap. The last one remains.
fn succession(count: usize) -> State {
    let policy = json!({
        "rolecall": 1, "scopes": ["account"],
        "resources": { "a": { "actions": ["view", "edit"] } },
        "roles": { "admin": { "grants": ["a:*"] } },
        "administration": { "assign": "a:view", "withdraw": "a:view" }
    });
    let mut subjects = serde_json::Map::new();
    let assignments: Vec<Value> = (0..count)
        .map(|number| {
            let id = format!("user:u{number:05}");
            subjects.insert(id.clone(), json!({}));
            let mut one = json!({ "subject": id, "role": "admin", "at": "acme" });
            if number > 0 {
                one["from"] = later(number).into();
            }
            if number + 1 < count {
                one["until"] = later(number + 1).into();
            }
            one
        })
        .collect();
    let directory = json!({ "rolecall": 1, "scopes": ["acme"], "subjects": subjects, "assignments": assignments });
    let now = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(&policy.to_string(), &directory.to_string(), "user:u00000", now);
    let mut state = State::new();
    state.apply(&first.unwrap()).unwrap();
    state
}

fn withdraw_last(count: usize) -> Option<RefusalCode> {
    let command = json!({ "withdraw": {
        "subject": format!("user:u{:05}", count - 1), "role": "admin", "at": "acme", "from": later(count - 1)
    } });
    let command: Command = serde_json::from_value(command).unwrap();
    let context = Context { actor: "user:u00000".into(), time: NOW.into(), ..Context::default() };
    succession(count).decide(&command, &context).err().map(|refusal| refusal.code)
}

#[test]
fn the_last_administrator_of_too_many_is_not_searched_for() {
    assert_eq!(withdraw_last(100), Some(RefusalCode::LastAdministrator));
    assert_eq!(withdraw_last(4000), Some(RefusalCode::LimitWork));
}

/// A tenant next to another one, in which `user:ada` holds `count` assignments that follow each other without a gap.
/// Administrators: `user:root` may give anything everywhere, and `user:lead` at `main/acme` what they hold themselves.
fn sliced(at: &str, count: usize) -> State {
    let policy = json!({
        "rolecall": 1, "scopes": ["instance", "account"],
        "resources": { "a": { "actions": ["view", "edit", "publish"] } },
        "roles": {
            "admin": { "grants": ["a:*"] }, "viewer": { "grants": ["a:view"] }, "editor": { "grants": ["a:edit"] },
            "lead": { "grants": ["a:{view,edit}"] }, "other": {}
        },
        "guards": {
            "boundaries": { "team": { "limits": ["edit"], "match": "any", "default": "none", "from": "groups" } },
            "separation": [{ "id": "s", "roles": ["viewer", "other"], "at_most": 1, "when": "assigned" }]
        },
        "limits": { "users_per_project": 5 },
        "administration": {
            "assign": "a:edit", "withdraw": "a:edit", "suspend-subject": "a:edit", "resume-subject": "a:edit",
            "remove-subject": "a:edit", "add-group": "a:edit", "join-group": "a:edit", "leave-group": "a:edit", "set-role": "a:edit", "grant-any": "a:publish"
        }
    });
    let slices = (0..count).map(|number| {
        let mut one = json!({ "subject": "user:ada", "role": "viewer", "at": at, "until": later(number + 1) });
        if number > 0 {
            one["from"] = later(number).into();
        }
        one
    });
    let held = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let more = [
        held("user:root", "admin", "main"),
        // With an end, so the grants are compared at every time.
        json!({ "subject": "user:lead", "role": "lead", "at": "main/acme", "until": later(10_000) }),
        held("user:ada", "viewer", "main/acme"),
        held("user:ada", "narrow", "main/acme"),
        held("group:main/acme/team", "editor", "main/acme"),
    ];
    let assignments: Vec<Value> = slices.chain(more).collect();
    let directory = json!({
        "rolecall": 1, "scopes": ["main", "main/acme", "main/other"],
        "subjects": { "user:ada": { "native": "main/acme" }, "user:lead": {}, "user:root": {} },
        "groups": { "group:main/acme/team": { "members": ["user:ada", "user:lead"] } },
        "roles": { "main/acme": { "narrow": { "inherits": ["editor"] } } },
        "assignments": assignments
    });
    let now = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(&policy.to_string(), &directory.to_string(), "user:root", now);
    let mut state = State::new();
    state.apply(&first.unwrap()).unwrap();
    // A group of the tenant, as `add-group` would create it.
    let mut objects: BTreeMap<ObjectKey, Value> =
        state.objects().map(|(key, value)| (key.clone(), value.clone())).collect();
    objects.get_mut(&ObjectKey::new(ObjectKind::Group, "group:main/acme/team")).unwrap()["at"] = "main/acme".into();
    State::from_objects(objects, state.version()).unwrap()
}

fn decide(state: &State, actor: &str, command: &Value) -> Result<(), rolecall_admin::Refusal> {
    let parsed: Command = serde_json::from_value(command.clone()).unwrap();
    let context = Context { actor: actor.into(), time: NOW.into(), ..Context::default() };
    let event = state.decide(&parsed, &context)?;
    assert!(event.is_some(), "{command} changes nothing");
    Ok(())
}

fn carry_out(state: &mut State, command: &Value) {
    let context = Context { actor: "user:root".into(), time: NOW.into(), ..Context::default() };
    let event = state.decide(&serde_json::from_value(command.clone()).unwrap(), &context).unwrap().unwrap();
    state.apply(&event).unwrap();
}

#[test]
fn removing_rights_is_never_refused_for_work() {
    for at in ["main/acme", "main/other"] {
        let state = sliced(at, 2000);
        let slice = json!({
            "subject": "user:ada", "role": "viewer", "at": "main/acme", "from": later(1000), "until": later(1001)
        });
        let mut less = vec![
            json!({ "withdraw": { "subject": "user:ada", "role": "viewer", "at": "main/acme" } }),
            json!({ "suspend-subject": { "subject": "user:ada" } }),
            json!({ "remove-subject": { "subject": "user:ada", "at": "main/acme" } }),
            json!({ "leave-group": { "group": "group:main/acme/team", "member": "user:ada" } }),
            json!({ "set-role": { "at": "main/acme", "role": "narrow", "inherits": [], "grants": ["a:edit"] } }),
        ];
        if at == "main/acme" {
            less.push(json!({ "withdraw": slice }));
        }
        for command in less {
            for actor in ["user:root", "user:lead"] {
                assert_eq!(decide(&state, actor, &command), Ok(()), "{actor} at {at}");
            }
        }
    }
}

#[test]
fn grants_are_judged_where_they_apply() {
    let assign =
        json!({ "assign": { "subject": "user:ada", "role": "lead", "at": "main/acme", "until": later(9000) } });
    // Assignments at another scope do not matter.
    assert_eq!(decide(&sliced("main/other", 2000), "user:lead", &assign), Ok(()));
    // The message names the time if the actor sees its scope.
    let refusal = decide(&sliced("main/acme", 2000), "user:lead", &assign).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::LimitWork);
    assert!(refusal.message.contains("is the first that was not examined"), "{refusal}");
    let mut state = sliced("main/other", 2000);
    carry_out(&mut state, &json!({ "leave-group": { "group": "group:main/acme/team", "member": "user:ada" } }));
    // A group is a value of a boundary wherever roles are held. The times of another tenant are not named.
    let join = json!({ "join-group": { "group": "group:main/acme/team", "member": "user:ada" } });
    let sealed = decide(&state, "user:lead", &join).unwrap_err();
    assert_eq!(sealed.code, RefusalCode::LimitWork);
    assert!(!sealed.to_string().contains("2026-"), "{sealed}");
}
