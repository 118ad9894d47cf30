//! Lists of administration: filters, order and pages, and who may see what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Timestamp;
use rolecall::document::DocumentKind;
use rolecall_admin::{Access, Command, Context, HolderKind, ListQuery, RefusalCode, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

const BEFORE: &str = "2026-11-21T09:00:00Z";
const NOW: &str = "2026-11-21T10:00:00Z";

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

fn world(commands: Value) -> State {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let mut all: Value = serde_json::to_value(yaml.value()).unwrap();
    all["policy"]["limits"]["users_per_project"] = json!(100);
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

fn listed(state: &State, query: &ListQuery) -> Access {
    state.list_access("main/acme/shop", query, &by("user:lead")).unwrap()
}

fn query(text: Value) -> ListQuery {
    serde_json::from_value(text).unwrap()
}

/// Returns the ids of the rows of a kind.
fn ids(access: &Access, kind: HolderKind) -> Vec<String> {
    let page = access.pages().find(|(one, _)| *one == kind).map(|(_, page)| page.rows.as_slice());
    page.unwrap_or_default().iter().map(|row| row.subject.clone()).collect()
}

fn give(state: &mut State, command: Value) {
    let command: Command = serde_json::from_value(command).unwrap();
    let event = state.decide(&command, &Context { time: BEFORE.into(), ..by("user:owner") }).unwrap().unwrap();
    state.apply(&event).unwrap();
}

/// Returns a world with some users in a group. Every second one is an editor, and one is suspended. The world also has
/// an application and a member of support staff.
fn crowd(count: usize) -> State {
    let mut state = world(json!([
        { "add-app": { "subject": "app:crm", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } },
        { "add-support": { "subject": "support:jo", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } },
        { "add-group": { "group": "group:main/acme/shop/team", "at": "main/acme/shop" } },
        { "assign": { "subject": "group:main/acme/shop/team", "role": "editor", "at": "main/acme/shop", "until": "2026-12-24T00:00:00Z" } },
    ]));
    for number in 0..count {
        let (id, role) = (format!("user:member{number}"), if number % 2 == 0 { "editor" } else { "viewer" });
        give(&mut state, json!({ "add-user": { "subject": id, "roles": [{ "role": role, "at": "main/acme/shop" }] } }));
        give(&mut state, json!({ "join-group": { "group": "group:main/acme/shop/team", "member": id } }));
        if number == 1 {
            give(&mut state, json!({ "suspend-subject": { "subject": id } }));
        }
    }
    state
}

#[test]
fn access_lists_pending_expired_and_future_roles_and_hides_other_domains() {
    let state = world(json!([
        { "assign": { "subject": "user:eva", "role": "editor", "at": "main/acme/shop", "until": "2026-11-21T10:00:00Z" } },
        { "assign": { "subject": "user:eva", "role": "editor", "at": "main/acme/shop", "from": "2026-12-01T00:00:00Z" } },
        { "invite": { "subject": "user:new", "roles": [{ "role": "viewer", "at": "main/acme/shop" }], "external": true, "confirm": true } },
        { "add-user": { "subject": "user:guest", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } },
        { "add-group": { "group": "group:main/acme/shop/all", "at": "main/acme/shop" } },
        { "join-group": { "group": "group:main/acme/shop/all", "member": "user:eva" } },
    ]));
    let access = json!(listed(&state, &ListQuery::default()));
    let entry = |id: &str| {
        let mut all = ["users", "groups"].into_iter().flat_map(|kind| access[kind]["rows"].as_array().unwrap());
        all.find(|one| one["subject"] == id).unwrap().clone()
    };
    let states: Vec<Value> =
        entry("user:eva")["roles"].as_array().unwrap().iter().map(|role| role["state"].clone()).collect();
    assert_eq!(states, ["expired", "not-yet", "active"]);
    let new = entry("user:new");
    assert_eq!(
        [&new["status"], &new["invited_until"], &new["external"], &new["native"]],
        [&json!("invited"), &json!("2026-11-28T09:00:00Z"), &json!(true), &json!("Other")]
    );
    // Invitations are listed apart, with the scope that invited.
    assert_eq!(
        access["invitations"],
        json!([{
            "subject": "user:new", "at": "main/acme/shop", "until": "2026-11-28T09:00:00Z", "by": "user:owner"
        }])
    );
    assert_eq!(entry("user:lead")["boundaries"], json!({ "domain": ["shop.example"], "region": ["eu"] }));
    assert_eq!(
        entry("group:main/acme/shop/all"),
        json!({ "subject": "group:main/acme/shop/all", "members": ["user:eva"], "member_count": 1, "roles": [] })
    );
    assert_eq!([&entry("user:guest")["native"], &entry("user:eva")["native"]], ["Other", "main/acme"]);
    assert!(!access.to_string().contains("main/other") && !access.to_string().contains("rita"));
    let refusal = state.list_access("main/acme", &ListQuery::default(), &by("user:lead")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Denied);
}

#[test]
fn users_applications_support_and_groups_are_listed_apart() {
    let state = crowd(3);
    let all = listed(&state, &ListQuery::default());
    assert_eq!(ids(&all, HolderKind::Applications), ["app:crm"]);
    assert_eq!(ids(&all, HolderKind::Support), ["support:jo"]);
    assert_eq!(ids(&all, HolderKind::Groups), ["group:main/acme/shop/team", "group:old"]);
    assert!(ids(&all, HolderKind::Users).iter().all(|id| id.starts_with("user:")));
    assert!(all.requests.is_some() && all.invitations.is_some());
    let groups = listed(&state, &query(json!({ "kind": "groups" })));
    assert_eq!(json!(groups).as_object().unwrap().keys().collect::<Vec<_>>(), ["groups"]);
    assert_eq!(groups.groups.as_ref().unwrap().rows[0].member_count, Some(3));
}

#[test]
fn filters_all_apply_and_the_order_can_be_reversed() {
    let state = crowd(3);
    let found = |text: Value| ids(&listed(&state, &query(text)), HolderKind::Users);
    assert_eq!(found(json!({ "kind": "users", "search": "MEMBER" })), ["user:member0", "user:member1", "user:member2"]);
    assert_eq!(
        found(json!({ "kind": "users", "search": "member", "role": "editor" })),
        ["user:member0", "user:member2"]
    );
    assert_eq!(found(json!({ "kind": "users", "search": "member", "status": "suspended" })), ["user:member1"]);
    assert_eq!(
        found(json!({ "kind": "users", "search": "member", "sort": "-status" })),
        ["user:member1", "user:member2", "user:member0"]
    );
    assert_eq!(found(json!({ "kind": "users", "search": "nobody" })), [""; 0]);
    let refused = |text: Value| state.list_access("main/acme/shop", &query(text), &by("user:lead")).unwrap_err();
    for wrong in [json!({ "sort": "age" }), json!({ "limit": 0 }), json!({ "limit": 1001 }), json!({ "after": "00" })] {
        assert_eq!(refused(wrong.clone()).code, RefusalCode::Malformed, "{wrong}");
    }
}

#[test]
fn pages_follow_each_other_while_rows_come_and_go() {
    let mut state = crowd(7);
    let page = |state: &State, after: Option<String>, sort: &str| {
        let mut query = query(json!({ "kind": "users", "search": "member", "limit": 3, "sort": sort }));
        query.after = after;
        let access = listed(state, &query);
        (ids(&access, HolderKind::Users), access.users.unwrap())
    };
    let (first, page_one) = page(&state, None, "id");
    assert_eq!((first, page_one.total), (["0", "1", "2"].map(|one| format!("user:member{one}")).to_vec(), 7));
    // The last row of the page goes, and another one comes before it.
    give(&mut state, json!({ "remove-subject": { "subject": "user:member2", "at": "main/acme" } }));
    give(
        &mut state,
        json!({ "add-user": { "subject": "user:member00", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } }),
    );
    let (second, page_two) = page(&state, page_one.next.clone(), "id");
    assert_eq!((second, page_two.total), (["3", "4", "5"].map(|one| format!("user:member{one}")).to_vec(), 7));
    let (third, last) = page(&state, page_two.next, "id");
    assert_eq!((third, last.next), (vec!["user:member6".to_string()], None));
    let backwards = page(&state, None, "-id");
    assert_eq!(page(&state, backwards.1.next, "-id").0, ["3", "1", "00"].map(|one| format!("user:member{one}")));
    // A cursor belongs to its list and order.
    for (kind, sort) in [("users", "status"), ("users", "-id"), ("applications", "id")] {
        let mut query = query(json!({ "kind": kind, "sort": sort }));
        query.after.clone_from(&page_one.next);
        let refusal = state.list_access("main/acme/shop", &query, &by("user:lead")).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Malformed, "{kind} {sort}");
    }
}

/// Every role of a user is listed with the display name and the description that the policy or the custom role has.
#[test]
fn roles_are_listed_with_their_titles_and_descriptions() {
    let preset = rolecall_presets::find("bloomreach").unwrap();
    let policy = preset.policy;
    let roles: Value = serde_json::from_str::<Value>(policy).unwrap()["roles"].clone();
    let now = Timestamp::parse(NOW).unwrap();
    let projects: Vec<&String> = roles
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(role, body)| body.get("assignable").is_none().then_some(role))
        .collect();
    let mut assignments: Vec<Value> =
        projects.iter().map(|role| json!({ "subject": "user:ann", "role": role, "at": "main/acme/shop" })).collect();
    assignments.push(json!({ "subject": "user:ann", "role": "own", "at": "main/acme/shop" }));
    assignments.push(json!({ "subject": "user:olga", "role": "super-admin", "at": "main" }));
    let directory = json!({
        "rolecall": 1, "scopes": ["main", "main/acme", "main/acme/shop"], "instance_types": { "main": "single-tenant" },
        "subjects": { "user:ann": {}, "user:olga": {} },
        "roles": { "main/acme/shop": { "own": { "title": "Own role", "description": "What the shop needs.", "inherits": [projects[0]] } } },
        "assignments": assignments,
    });
    let mut state = State::new();
    state.apply(&State::first_event(policy, &directory.to_string(), "user:olga", now).unwrap()).unwrap();
    let access = state.list_access("main/acme/shop", &ListQuery::default(), &by("user:olga")).unwrap();
    let held = &access.users.as_ref().unwrap().rows[0].roles;
    assert!(held.len() > 30, "{}", held.len());
    for one in held {
        let texts = [&one.title, &one.description].map(|text| text.clone().unwrap());
        let expected = if one.role == "own" {
            ["Own role", "What the shop needs."].map(str::to_string)
        } else {
            ["title", "description"].map(|key| roles[&one.role][key].as_str().unwrap().to_string())
        };
        assert_eq!(texts, expected, "{}", one.role);
    }
}

#[test]
fn rows_become_lines_of_a_table() {
    let csv = listed(&crowd(2), &query(json!({ "search": "team" }))).to_csv();
    assert_eq!(
        csv,
        "kind,id,title,name,email,status,invited_until,native,external,boundaries,member_count,roles\r\n\
         groups,group:main/acme/shop/team,,,,,,,false,,2,editor at main/acme/shop until 2026-12-24T00:00:00Z\r\n"
    );
}
