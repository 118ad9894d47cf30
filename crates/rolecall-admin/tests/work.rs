//! Commands that cannot be judged at every instant, because too many assignments begin and end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Instant;
use rolecall_admin::{Command, Context, RefusalCode, State};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

fn later(seconds: usize) -> String {
    let now = Instant::parse(NOW).unwrap();
    Instant::from_millis(now.as_millis() + 1000 * seconds as i64).unwrap().to_string()
}

/// A tenant in which `user:ada` holds a role by so many assignments, one after the other without a gap, for good.
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
        State::first_event(&policy.to_string(), &directory.to_string(), "user:root", Instant::parse(NOW).unwrap());
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
    // Whoever holds it for good is compared once.
    assert_eq!(assign(&many, "user:root", "user:bo", "viewer"), None);
}

#[test]
fn a_receiver_of_too_many_later_roles_is_not_judged() {
    assert_eq!(assign(&state(100, true), "user:root", "user:ada", "admin"), None);
    assert_eq!(assign(&state(100, true), "user:root", "user:ada", "other"), Some(RefusalCode::Separated));
    assert_eq!(assign(&state(1500, true), "user:root", "user:ada", "admin"), Some(RefusalCode::LimitWork));
    assert_eq!(assign(&state(1500, false), "user:root", "user:ada", "admin"), None);
}

/// A tenant of so many administrators, one after the other without a gap, of whom the last one stays.
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
    let now = Instant::parse(NOW).unwrap();
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
