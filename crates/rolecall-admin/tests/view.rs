//! Views of administration, and who may see them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall::document::DocumentKind;
use rolecall_admin::{Command, Context, ListQuery, RefusalCode, State, View};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

const BEFORE: &str = "2026-11-21T09:00:00Z";
const NOW: &str = "2026-11-21T10:00:00Z";

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

fn world(commands: Value) -> State {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let all: Value = serde_json::to_value(yaml.value()).unwrap();
    let now = Timestamp::parse(NOW).unwrap();
    let mut directory = all["directory"].clone();
    directory["subjects"]["user:guest"] = json!({ "native": "main/other" });
    let first = State::first_event(&all["policy"].to_string(), &directory.to_string(), "user:owner", now).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    for command in commands.as_array().unwrap() {
        let command: Command = serde_json::from_value(command.clone()).unwrap();
        let event = state.decide(&command, &Context { time: BEFORE.into(), ..by("user:owner") }).unwrap().unwrap();
        state.apply(&event).unwrap();
    }
    state
}

#[test]
fn settings_are_seen_part_by_part() {
    let state = world(json!([
        { "set-timeout": { "at": "main/acme", "timeout": "45m" } },
        { "set-support": { "at": "main/acme", "access": "named" } },
        { "set-password-rules": { "at": "main/acme", "rules": { "min_length": 12 } } },
        { "set-second-factor": { "at": "main/acme/shop", "required": true, "force": true } },
        { "set-role": { "at": "main/acme", "role": "clock", "grants": ["admin/timeout:view", "segments:view"] } },
        { "assign": { "subject": "user:eva", "role": "clock", "at": "main/acme" } },
    ]));
    let seen = |who| state.view_settings("main/acme", &by(who)).map(|settings| serde_json::to_value(settings).unwrap());
    assert_eq!(seen("user:eva").unwrap(), json!({ "idle_timeout": "45m" }));
    assert_eq!(
        seen("user:owner").unwrap(),
        json!({
            "idle_timeout": "45m", "support_access": "named", "login": { "methods": ["password", "google"] },
            "passwords": { "min_length": 12 }
        })
    );
    assert_eq!(seen("user:rita").unwrap_err().code, RefusalCode::Denied);
    let context = Context { second_factor: Some(true), ..by("user:owner") };
    let shop = state.view_settings("main/acme/shop", &context).unwrap();
    assert_eq!(serde_json::to_value(shop).unwrap(), json!({ "second_factor": "required" }));
}

#[test]
fn roles_and_the_audit_log_have_permissions_of_their_own() {
    let state = world(json!([{ "set-role": { "at": "main/acme/shop", "role": "one", "inherits": ["viewer"] } }]));
    let query = ListQuery::default();
    assert!(state.list_roles("main/acme", &query, &by("user:owner")).is_ok());
    assert_eq!(state.list_roles("main/acme/shop", &query, &by("user:eva")).unwrap_err().code, RefusalCode::Denied);
    assert_eq!(
        state.show_role("main/acme/shop", "one", &query, &by("user:eva")).unwrap_err().code,
        RefusalCode::Denied
    );
    assert!(state.view_locks("main/acme", &by("user:owner")).unwrap().is_empty());
    assert_eq!(state.view_locks("main/acme/shop", &by("user:lead")).unwrap_err().code, RefusalCode::Denied);
    assert!(state.may_view(View::Audit, "main/acme", &by("user:owner")).is_ok());
    assert_eq!(state.may_view(View::Audit, "main/acme/shop", &by("user:lead")).unwrap_err().code, RefusalCode::Denied);
}

#[test]
fn edited_roles_list_how_they_differ_from_the_policy() {
    let state = world(json!([
        { "set-overlay": { "at": "main/acme", "role": "editor", "title": "Our editor", "grants": ["campaigns:view", "campaigns:publish", "segments:edit"], "reads": ["pii"] } },
        { "set-overlay": { "at": "main/acme/shop", "role": "personal-data", "reads": [] } },
        { "set-overlay": { "at": "main/acme/blog", "role": "editor", "description": "Writes the blog" } },
    ]));
    let shown = |at: &str, by: &Context| state.view_overlays(at, by).map(|roles| serde_json::to_value(roles).unwrap());
    let all = shown("main/acme", &by("user:owner")).unwrap();
    assert_eq!(
        all[0],
        json!({
            "role": "editor", "at": "main/acme",
            "grants_added": ["campaigns:publish"],
            "grants_removed": ["campaigns:edit", "segments:create", "segments:delete"],
            "reads_added": ["pii"], "reads_removed": [],
            "overlay": { "title": "Our editor", "grants": ["campaigns:view", "campaigns:publish", "segments:edit"], "reads": ["pii"] }
        })
    );
    assert_eq!(
        [&all[1]["at"], &all[1]["grants_added"], &all[1]["grants_removed"]],
        ["main/acme/blog".into(), json!([]), json!([])].each_ref()
    );
    assert_eq!([&all[2]["role"], &all[2]["reads_removed"]], ["personal-data".into(), json!(["pii"])].each_ref());
    let shop = shown("main/acme/shop", &by("user:lead")).unwrap();
    assert_eq!(shop.as_array().unwrap().len(), 1);
    assert_eq!(state.view_overlays("main/acme/shop", &by("user:eva")).unwrap_err().code, RefusalCode::Denied);
    assert_eq!(state.view_overlays("main/other", &by("user:owner")).unwrap_err().code, RefusalCode::Denied);
    // Lists show the title of the nearest edits.
    let state = world(json!([{ "set-overlay": { "at": "main/acme", "role": "viewer", "title": "Our viewer" } }]));
    let access = state.list_access("main/acme/shop", &ListQuery::default(), &by("user:owner")).unwrap();
    let access = serde_json::to_value(access).unwrap().to_string();
    assert!(access.contains("Our viewer"), "{access}");
}
