//! Logins give roles to the groups that an identity provider states, and take them away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, Timestamp};
use rolecall_admin::{Command, Context, Event, HolderKind, ListQuery, ScopedEvents, State, StatedGroups};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

const POLICY: &str = r#"{"rolecall": 1, "scopes": ["instance", "account", "project"],
    "resources": {"sites": {"actions": ["view", "edit", "publish", "delete"]}, "people": {"actions": ["view", "edit"]}},
    "roles": {"viewer": {"grants": ["sites:view"]}, "writer": {"grants": ["sites:edit"]}, "publisher": {"grants": ["sites:publish"]},
        "auditor": {"grants": ["sites:delete"]}, "admin": {"inherits": ["viewer", "writer"], "grants": ["people:*"]}},
    "guards": {"separation": [{"id": "four-eyes", "roles": ["publisher", "auditor"], "at_most": 1, "when": "assigned"}]},
    "limits": {"users_per_project": 3},
    "administration": {"assign": "people:edit", "withdraw": "people:edit", "set-login": {"account": "people:edit"}, "set-native": "people:edit",
        "set-role-mapping": "people:edit", "view-role-mapping": "people:view", "view-access": "people:view", "view-roles": "people:view", "grant-any": "people:edit",
        "mark-external": "people:edit", "remove-subject": "people:edit", "suspend-subject": "people:edit"}}"#;

fn world() -> State {
    world_of(POLICY)
}

fn world_of(policy: &str) -> State {
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let directory = json!({
        "rolecall": 1,
        "scopes": ["main", "main/acme", "main/acme/shop", "main/other", "main/other/site"],
        "subjects": {
            "user:sue": {}, "user:olga": { "native": "main/acme" }, "user:ada": { "native": "main/acme" },
            "user:out": { "native": "main/acme", "external": true }, "user:gone": { "native": "main/acme", "status": "suspended" },
            "user:else": { "native": "main/other" }, "user:free": {}
        },
        "assignments": [
            role("user:sue", "admin", "main"), role("user:olga", "admin", "main/acme"), role("user:ada", "viewer", "main/acme/shop"),
            role("user:else", "admin", "main/other")
        ]
    });
    let first = State::first_event(policy, &directory.to_string(), "user:sue", now()).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    for (actor, at, provider, group, role, below) in [
        ("user:olga", "main/acme", "corp", "Writers", "writer", "main/acme/shop"),
        ("user:olga", "main/acme", "corp", "Publishers", "publisher", "main/acme/shop"),
        ("user:olga", "main/acme", "corp", "Auditors", "auditor", "main/acme/shop"),
        ("user:olga", "main/acme", "other-provider", "Writers", "publisher", "main/acme"),
        // Another tenant maps the same group of the same provider.
        ("user:else", "main/other", "corp", "Writers", "writer", "main/other/site"),
    ] {
        let roles = json!([{ "role": role, "at": below }]);
        give(
            &mut state,
            actor,
            json!({ "set-role-mapping": { "at": at, "provider": provider, "group": group, "roles": roles } }),
        );
    }
    state
}

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

fn give(state: &mut State, actor: &str, command: Value) -> Event {
    let command: Command = serde_json::from_value(command).unwrap();
    let event = state.decide(&command, &by(actor)).unwrap_or_else(|refusal| panic!("{refusal}")).unwrap();
    state.apply(&event).unwrap();
    event
}

fn stated(subject: &str, domain: &str, groups: &[&str]) -> StatedGroups {
    let groups = groups.iter().map(|group| (*group).to_string()).collect();
    StatedGroups::new(subject, "corp", domain, groups, Some("203.0.113.7".into()))
}

fn logs_in(state: &mut State, subject: &str, groups: &[&str]) -> Option<Event> {
    let event = state.map_groups(&stated(subject, "main/acme", groups), now()).unwrap()?;
    // The event passes through the log as text.
    let event: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
    state.apply(&event).unwrap();
    let rebuilt = Engine::from_json(state.policy(), &state.directory().to_string()).unwrap();
    assert!(state.engine().unwrap().to_snapshot() == rebuilt.to_snapshot());
    Some(event)
}

fn may(state: &State, subject: &str, permission: &str, at: &str) -> bool {
    let engine = state.engine().unwrap();
    let context = rolecall::Context::new(at, NOW).unwrap();
    let session = engine.session(rolecall::SubjectId::parse(subject).unwrap(), context);
    session.can(engine.policy().permission(permission).unwrap())
}

#[test]
fn groups_give_roles_and_take_them_away() {
    let mut state = world();
    let event = logs_in(&mut state, "user:ada", &["Writers", "Publishers", "Unmapped"]).unwrap();
    assert_eq!((&*event.actor, event.command.is_none(), event.changes.len()), ("provider:corp", true, 2));
    assert_eq!(event.ip.as_deref(), Some("203.0.113.7"));
    let mapped = event.mapped.unwrap();
    assert_eq!((&*mapped.subject, &*mapped.domain, mapped.omitted.len()), ("user:ada", "main/acme", 0));
    assert!(may(&state, "user:ada", "sites:edit", "main/acme/shop"));
    assert!(may(&state, "user:ada", "sites:publish", "main/acme/shop"));
    // Another provider's group of the same name, and another tenant's mapping, give nothing.
    assert!(!may(&state, "user:ada", "sites:publish", "main/acme"));
    assert!(!may(&state, "user:ada", "sites:edit", "main/other/site"));
    assert!(logs_in(&mut state, "user:ada", &["Publishers", "Writers"]).is_none());
    logs_in(&mut state, "user:ada", &["Writers"]).unwrap();
    assert!(!may(&state, "user:ada", "sites:publish", "main/acme/shop"));
    logs_in(&mut state, "user:ada", &[]).unwrap();
    assert!(!may(&state, "user:ada", "sites:edit", "main/acme/shop"));
    assert!(may(&state, "user:ada", "sites:view", "main/acme/shop"), "what was assigned stays");
    // Names are compared exactly.
    assert!(logs_in(&mut state, "user:ada", &["writers", "Writers "]).is_none());
}

#[test]
fn a_mapping_that_is_removed_ends_its_roles() {
    let mut state = world();
    logs_in(&mut state, "user:ada", &["Writers"]).unwrap();
    let removed = json!({ "at": "main/acme", "provider": "corp", "group": "Writers" });
    let event = give(&mut state, "user:olga", json!({ "remove-role-mapping": removed }));
    let audited = serde_json::to_value(&event).unwrap();
    assert_eq!((&audited["operation"], &audited["object_type"]), (&json!("DELETE"), &json!("ROLE_MAPPING")));
    assert!(!may(&state, "user:ada", "sites:edit", "main/acme/shop"));
    assert!(logs_in(&mut state, "user:ada", &["Writers"]).is_none());
}

#[test]
fn a_provider_gives_roles_to_the_people_of_its_domain_only() {
    let mut state = world();
    for subject in ["user:else", "user:free", "user:out", "user:gone", "user:nobody", "user:sue", "support:jo"] {
        let refusal = state.map_groups(&stated(subject, "main/acme", &["Writers"]), now()).unwrap_err();
        assert_eq!(refusal.code.as_str(), "subject.elsewhere", "{subject}");
    }
    // A provider of the whole instance gives a user the roles of the user's own tenant.
    let event = state.map_groups(&stated("user:else", "main", &["Writers"]), now()).unwrap().unwrap();
    state.apply(&event).unwrap();
    assert!(may(&state, "user:else", "sites:edit", "main/other/site"));
    assert!(!may(&state, "user:else", "sites:edit", "main/acme/shop"));
    // A user who leaves the identity domain loses what its provider gave.
    logs_in(&mut state, "user:ada", &["Writers"]).unwrap();
    give(&mut state, "user:sue", json!({ "set-native": { "subject": "user:ada", "native": "main/other" } }));
    assert!(!may(&state, "user:ada", "sites:edit", "main/acme/shop"));
    give(&mut state, "user:sue", json!({ "set-native": { "subject": "user:ada", "native": "main/acme" } }));
    logs_in(&mut state, "user:ada", &["Writers"]).unwrap();
    give(&mut state, "user:olga", json!({ "mark-external": { "subject": "user:ada", "confirm": true } }));
    assert!(!may(&state, "user:ada", "sites:edit", "main/acme/shop"));
}

#[test]
fn a_role_that_would_break_a_rule_is_omitted_and_the_event_says_so() {
    let mut state = world();
    let event = logs_in(&mut state, "user:ada", &["Writers", "Publishers", "Auditors"]).unwrap();
    let omitted = serde_json::to_value(event.mapped.unwrap().omitted).unwrap();
    assert_eq!(omitted, json!([{ "group": "group:main/acme/mapped-3", "reason": "separation.assigned" }]));
    assert!(may(&state, "user:ada", "sites:edit", "main/acme/shop"));
    assert!(may(&state, "user:ada", "sites:publish", "main/acme/shop"));
    assert!(!may(&state, "user:ada", "sites:delete", "main/acme/shop"));
    // Each such login is recorded, although nothing changes.
    let event = logs_in(&mut state, "user:ada", &["Writers", "Publishers", "Auditors"]).unwrap();
    assert_eq!((event.changes.len(), event.mapped.unwrap().omitted.len()), (0, 1));
    // The other role is joined once the first one is gone.
    logs_in(&mut state, "user:ada", &["Auditors"]).unwrap();
    assert!(may(&state, "user:ada", "sites:delete", "main/acme/shop"));
    assert!(!may(&state, "user:ada", "sites:publish", "main/acme/shop"));
}

#[test]
fn a_limit_of_users_omits_a_role_too() {
    let mut state = world();
    give(
        &mut state,
        "user:olga",
        json!({ "withdraw": { "subject": "user:ada", "role": "viewer", "at": "main/acme/shop" } }),
    );
    // A third user of the project fills it; `user:sue` and `user:olga` are users of it by their roles above.
    let directory = json!({ "subject": "user:free", "role": "viewer", "at": "main/acme/shop" });
    give(&mut state, "user:sue", json!({ "assign": directory }));
    let event = logs_in(&mut state, "user:ada", &["Writers"]).unwrap();
    assert_eq!(event.mapped.unwrap().omitted[0].reason, "limit.users");
    assert!(!may(&state, "user:ada", "sites:edit", "main/acme/shop"));
}

#[test]
fn lists_show_where_a_role_comes_from() {
    let mut state = world();
    logs_in(&mut state, "user:ada", &["Writers"]).unwrap();
    let access = json!(state.list_access("main/acme", &ListQuery::default(), &by("user:olga")).unwrap());
    let find = |id: &str| {
        let all = ["users", "groups"].map(|kind| access[kind]["rows"].as_array().unwrap().clone()).concat();
        all.iter().find(|one| one["subject"] == id).unwrap_or_else(|| panic!("{access}")).clone()
    };
    let from = json!({ "provider": "corp", "group": "Writers" });
    assert_eq!(find("group:main/acme/mapped-1")["mapped"], from);
    let roles = find("user:ada")["roles"].clone();
    assert_eq!((&roles[0]["role"], &roles[0]["group"]), (&json!("viewer"), &Value::Null));
    assert_eq!((&roles[1]["role"], &roles[1]["group"]), (&json!("writer"), &json!("group:main/acme/mapped-1")));
    assert_eq!(roles[1]["mapped"], from);
    // The list of users alone has them too, and the role has the user as a member through the group.
    let mut users = ListQuery::default();
    (users.kind, users.role) = (Some(HolderKind::Users), Some("writer".to_string()));
    let access = json!(state.list_access("main/acme", &users, &by("user:olga")).unwrap());
    assert_eq!(access["users"]["rows"][0]["roles"][1], roles[1]);
    let shown = json!(state.show_role("main/acme", "writer", &ListQuery::default(), &by("user:olga")).unwrap());
    let members = shown["members"]["rows"].as_array().unwrap();
    let through: Vec<&Value> = members.iter().filter_map(|row| row.get("through")).collect();
    assert_eq!(through, ["group:main/acme/mapped-1"]);
    let mappings = json!(state.view_role_mappings("main/acme", &by("user:olga")).unwrap());
    let first = json!({ "at": "main/acme", "provider": "corp", "group": "Writers", "mapped_group": "group:main/acme/mapped-1",
        "members": 1, "roles": [{ "role": "writer", "at": "main/acme/shop" }] });
    assert_eq!((mappings.as_array().unwrap().len(), &mappings[0]), (4, &first));
    assert_eq!(state.view_role_mappings("main/acme", &by("user:ada")).unwrap_err().code.as_str(), "denied");
}

/// The members of a mapped group hold its roles within the limits of the mapping.
#[test]
fn a_mapping_limits_its_roles_by_scope_and_by_values() {
    let policy = POLICY.replace(
        r#""guards": {"#,
        r#""guards": {"boundaries": {"region": {"limits": "writes", "match": "all", "default": "all"}}, "#,
    );
    let mut state = world_of(&policy);
    let roles = json!([
        { "role": "viewer", "at": "main/acme", "below": false },
        { "role": "writer", "at": "main/acme/shop", "boundaries": { "region": ["us", "eu"] } }
    ]);
    let mapping = json!({ "at": "main/acme", "provider": "corp", "group": "Partners", "roles": roles });
    give(&mut state, "user:olga", json!({ "set-role-mapping": mapping }));
    give(
        &mut state,
        "user:olga",
        json!({ "withdraw": { "subject": "user:ada", "role": "viewer", "at": "main/acme/shop" } }),
    );
    logs_in(&mut state, "user:ada", &["Partners"]).unwrap();
    assert!(may(&state, "user:ada", "sites:view", "main/acme"));
    assert!(!may(&state, "user:ada", "sites:view", "main/acme/shop"), "the role does not hold below its scope");
    let engine = state.engine().unwrap();
    let of_region = |region: &str| {
        let context = rolecall::Context::new("main/acme/shop", NOW).unwrap();
        let session = engine.session(rolecall::SubjectId::parse("user:ada").unwrap(), context);
        let item = rolecall::Item::new(engine.policy(), [], [("region", [region])]).unwrap();
        session.can_item(engine.policy().permission("sites:edit").unwrap(), &item)
    };
    assert_eq!(["eu", "us", "asia"].map(of_region), [true, true, false]);
    // Lists show both limits, and the same command again changes nothing.
    let shown = json!([
        { "role": "viewer", "at": "main/acme", "below": false },
        { "role": "writer", "at": "main/acme/shop", "boundaries": { "region": ["eu", "us"] } }
    ]);
    let mappings = json!(state.view_role_mappings("main/acme", &by("user:olga")).unwrap());
    let partners = mappings.as_array().unwrap().iter().find(|one| one["group"] == "Partners").unwrap();
    assert_eq!(partners["roles"], shown);
    let again: Command = serde_json::from_value(json!({ "set-role-mapping": mapping })).unwrap();
    assert_eq!(state.decide(&again, &by("user:olga")).unwrap(), None);
    let access = json!(state.list_access("main/acme", &ListQuery::default(), &by("user:olga")).unwrap());
    let ada = access["users"]["rows"].as_array().unwrap().iter().find(|one| one["subject"] == "user:ada").unwrap();
    assert_eq!(ada["roles"][0]["below"], false);
    assert_eq!(ada["roles"][1]["boundaries"], json!({ "region": ["eu", "us"] }));
}

/// The tenant reads what its provider gave. Others, and readers of a scope below, do not.
#[test]
fn a_login_is_read_by_its_own_tenant() {
    let mut state = world();
    let mut log = vec![State::first_event(POLICY, &state.directory().to_string(), "user:sue", now()).unwrap()];
    // The mappings are part of no directory: follow the world instead.
    log[0].changes = state
        .objects()
        .map(|(key, value)| serde_json::from_value(json!({ "kind": key.kind, "id": key.id, "after": value })).unwrap())
        .collect();
    log.extend(logs_in(&mut state, "user:ada", &["Writers"]));
    log.extend(logs_in(&mut state, "user:ada", &["Writers", "Publishers", "Auditors"]));
    log.extend(logs_in(&mut state, "user:ada", &["Writers", "Publishers", "Auditors"]));
    let read = |at: &str| {
        let mut reader = ScopedEvents::new(at);
        let seen: Vec<Event> = log.iter().filter_map(|event| reader.next(event)).collect();
        seen.into_iter().filter(|event| event.actor == "provider:corp").count()
    };
    assert_eq!([read("main/acme"), read("main"), read("main/other"), read("main/acme/shop")], [3, 3, 0, 0]);
}
