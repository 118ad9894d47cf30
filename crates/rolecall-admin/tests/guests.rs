//! Guests of other tenants: what they hold elsewhere changes no answer, and lets them do no more than who invited them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::document::DocumentKind;
use rolecall::{Context as Request, Item, SubjectId, Timestamp};
use rolecall_admin::{Command, Context, Event, ListQuery, Private, Refusal, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";
const SHOP: &str = "main/acme/shop";

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), login: Some("password".into()), ..Context::default() }
}

/// What another tenant lists of `user:guest`; `None` if nobody lists it.
fn accounts() -> Vec<Option<Value>> {
    let lists = |boundaries: Value| Some(json!({ "native": "main/other", "boundaries": boundaries }));
    vec![
        None,
        lists(json!({})),
        lists(json!({ "region": ["eu"] })),
        lists(json!({ "domain": ["shop.example"], "region": ["eu"] })),
        lists(json!({ "domain": ["shop.example"], "region": "*" })),
        lists(json!({ "domain": ["shop.example", "far.example"], "region": ["eu"] })),
        lists(json!({ "domain": "*" })),
        Some(json!({ "native": "main/other", "status": "suspended", "boundaries": { "domain": "*" } })),
        Some(json!({ "boundaries": { "domain": ["far.example"] } })),
    ]
}

/// The accounts for which lists are compared: one with values, a suspended one, and one without an identity domain.
const LISTED: [usize; 3] = [5, 7, 8];

fn world(account: Option<&Value>) -> State {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let mut all: Value = serde_json::to_value(yaml.value()).unwrap();
    all["policy"]["limits"]["users_per_project"] = json!(50);
    let mut directory = all["directory"].clone();
    directory["subjects"]["user:limited"] =
        json!({ "native": "main/acme", "boundaries": { "domain": ["shop.example", "more.example"] } });
    directory["subjects"]["user:passing"] = json!({ "native": "main/acme" });
    let mut assignments = directory["assignments"].as_array().unwrap().clone();
    assignments.push(json!({
        "subject": "user:limited", "role": "team-lead", "at": SHOP, "boundaries": { "domain": ["more.example"] }
    }));
    assignments.push(json!({
        "subject": "user:passing", "role": "team-lead", "at": SHOP, "until": "2026-12-24T00:00:00Z"
    }));
    let mut groups = directory["groups"].clone();
    groups["group:crew"] = json!({ "members": [] });
    if let Some(account) = account {
        assignments.push(json!({ "subject": "user:guest", "role": "publisher", "at": "main/other" }));
        directory["subjects"]["user:guest"] = account.clone();
        groups["group:crew"]["members"] = json!(["user:guest"]);
    }
    directory["groups"] = groups;
    directory["assignments"] = Value::from(assignments);
    let now = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(&all["policy"].to_string(), &directory.to_string(), "user:owner", now).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    state
}

/// Gives a command, and returns the answers to the actor: that of a preview, and that of the command.
fn told(state: &mut State, actor: &str, command: &Value) -> String {
    let command: Command = serde_json::from_value(command.clone()).unwrap();
    let preview = state.preview(&command, &by(actor));
    let preview = preview.map(|preview| json!([preview.event, preview.diff])).unwrap_or_else(|refusal| json!(refusal));
    let decided = state.decide(&command, &by(actor));
    let answer = match decided {
        Ok(Some(event)) => {
            state.apply(&event).unwrap();
            json!(Event::for_actor(event))
        }
        Ok(None) => json!("nothing changes"),
        Err(refusal) => json!(refusal),
    };
    json!([preview, answer]).to_string()
}

/// Commands in order, each of which names the newcomer.
fn stories() -> Vec<Vec<Value>> {
    let given = |role: &str| json!({ "role": role, "at": SHOP });
    let until = |role: &str| json!({ "role": role, "at": SHOP, "until": "2027-01-01T00:00:00Z" });
    let only = |role: &str, value: &str| json!({ "role": role, "at": SHOP, "boundaries": { "domain": [value] } });
    let new = |verb: &str, role: Value| json!({ verb: { "subject": "user:guest", "roles": [role] } });
    let more = |verb: &str, mut role: Value| {
        role["subject"] = json!("user:guest");
        json!({ verb: role })
    };
    let set = |roles: Value| json!({ "set-roles": { "subject": "user:guest", "at": SHOP, "roles": roles } });
    let editor = json!([{ "role": "editor" }]);
    let join = json!({ "join-group": { "group": "group:main/acme/shop/desk", "member": "user:guest" } });
    let group = json!({ "add-group": { "group": "group:main/acme/shop/desk", "at": SHOP } });
    let boundary =
        json!({ "set-boundary": { "subject": "user:guest", "boundary": "domain", "values": ["far.example"] } });
    vec![
        vec![new("invite", given("editor")), more("assign", given("viewer")), more("withdraw", given("editor"))],
        vec![new("invite", given("viewer")), more("assign", given("editor")), more("assign", given("publisher"))],
        vec![new("invite", until("editor")), set(editor), set(json!([]))],
        vec![new("invite", only("editor", "shop.example")), new("invite", given("editor"))],
        vec![new("invite", only("editor", "far.example")), new("invite", only("editor", "more.example"))],
        vec![new("invite", given("publisher")), new("invite", given("team-lead"))],
        vec![group, new("invite", given("editor")), join, boundary],
        vec![new("add-user", given("editor"))],
        vec![new("add-user", only("editor", "more.example"))],
        vec![new("add-user", given("publisher")), new("add-user", until("viewer"))],
        vec![
            new("invite", given("viewer")),
            aimed("mark-external", json!({})),
            aimed("mark-external", json!({ "confirm": true })),
            aimed("unmark-external", json!({})),
            aimed("set-native", json!({ "native": SHOP })),
            aimed("set-native", json!({ "native": "main/acme" })),
            aimed("set-native", json!({})),
        ],
        vec![
            new("invite", given("editor")),
            aimed("set-boundary", json!({ "boundary": "domain", "values": ["shop.example"] })),
            aimed("set-boundary", json!({ "boundary": "region", "values": "*" })),
            aimed("set-boundary", json!({ "boundary": "region" })),
            aimed("suspend-subject", json!({})),
            aimed("resume-subject", json!({})),
            aimed("remove-subject", json!({ "at": SHOP })),
            aimed("set-boundary", json!({ "boundary": "domain", "values": ["shop.example"] })),
            new("invite", given("viewer")),
        ],
        vec![
            new("invite", given("editor")),
            aimed("resend-invitation", json!({})),
            aimed("set-person", json!({ "at": SHOP })),
            aimed("erase-person", json!({ "at": "main/acme" })),
            aimed("reset-password", json!({})),
            json!({ "lock": { "items": ["item:1"], "at": "main/acme", "groups": [] } }),
            json!({ "set-owner": { "item": "item:1", "at": "main/acme", "owner": "user:guest" } }),
            aimed("remove-subject", json!({ "at": "main/acme" })),
        ],
    ]
}

/// Returns a command about the newcomer.
fn aimed(verb: &str, mut rest: Value) -> Value {
    rest["subject"] = json!("user:guest");
    json!({ verb: rest })
}

/// Returns what lists show to an actor.
fn shown(state: &State, actor: &str) -> String {
    let (context, all) = (by(actor), ListQuery::default());
    let text = |value: &Private| value.seal().map(str::to_string);
    let answer = |list: Result<Value, Refusal>| list.unwrap_or_else(|refusal| json!(refusal));
    let mut ahead = ListQuery::default();
    ahead.within = Some("3650d".into());
    json!([
        answer(state.list_access("main/acme", &all, &context).map(|list| json!(list))),
        answer(state.list_access(SHOP, &all, &context).map(|list| json!(list))),
        answer(state.view_user("user:guest", SHOP, &context, &text).map(|list| json!(list))),
        answer(state.list_invitations(SHOP, &all, &context, &text).map(|list| json!(list))),
        answer(state.list_ending(SHOP, &ahead, &context, &text).map(|list| json!(list))),
        answer(state.list_inactive(SHOP, &all, &context, &text).map(|list| json!(list))),
        answer(state.list_label_readers(SHOP, &all, &context).map(|list| json!(list))),
        answer(state.show_role(SHOP, "editor", &all, &context).map(|list| json!(list))),
        answer(state.list_assignable(SHOP, "user:guest", &all, &context).map(|list| json!(list))),
        answer(state.matrix_of_people_and_roles(SHOP, &all, &context, &text).map(|list| json!(list))),
        answer(state.matrix_of_people_and_permissions(SHOP, &all, &context, &text).map(|list| json!(list))),
    ])
    .to_string()
}

/// Returns whether a command makes a newcomer a guest, whom lists show as one of another tenant.
fn lists_at_once(command: &Value) -> bool {
    command.get("add-user").is_some()
}

const ACTORS: [&str; 4] = ["user:lead", "user:limited", "user:passing", "user:owner"];

/// Actors who give only what they hold get the same answers about a newcomer, whether or not another tenant lists it.
#[test]
fn an_account_elsewhere_changes_no_answer_about_a_newcomer() {
    let mut answers = 0;
    let mut accepted = 0;
    for actor in ACTORS {
        for story in stories() {
            let mut worlds: Vec<State> = accounts().iter().map(|account| world(account.as_ref())).collect();
            for (number, command) in story.iter().enumerate() {
                let told: Vec<String> = worlds.iter_mut().map(|state| told(state, actor, command)).collect();
                for (account, told_of) in accounts().iter().zip(&told) {
                    assert_eq!(*told_of, told[0], "{actor}: {command}, {account:?}");
                    assert!(!told_of.contains("main/other") && !told_of.contains("limits"), "{told_of}");
                    answers += 1;
                }
                accepted += usize::from(told[0].contains("changes"));
                let is_last = number + 1 == story.len();
                if !is_last || lists_at_once(command) {
                    continue;
                }
                let lists = shown(&worlds[0], actor);
                for listed in LISTED {
                    assert_eq!(shown(&worlds[listed], actor), lists, "{actor}: after {command}, {listed}");
                }
            }
        }
    }
    assert!(accepted > 30, "{accepted} commands of {answers} answers were accepted");
}

/// Every item and permission of the shop, as a subject may use them.
fn may(state: &State, subject: &str, at: &str) -> Vec<String> {
    let engine = state.engine().unwrap();
    let context = Request::new(at, NOW).unwrap();
    let session = engine.session(SubjectId::parse(subject).unwrap(), context);
    let policy = engine.policy();
    let mut all = Vec::new();
    for permission in policy.permissions() {
        for domain in ["shop.example", "more.example", "far.example"] {
            for region in ["eu", "us"] {
                let values = [("domain", [domain]), ("region", [region])];
                let item = Item::new(policy, [], values).unwrap();
                if session.check(policy.permission(permission).unwrap(), Some(&item)).allow {
                    all.push(format!("{permission} {domain} {region}"));
                }
            }
        }
    }
    all
}

/// After it has accepted, a guest does nothing by the new roles that its host may not do.
#[test]
fn a_guest_does_no_more_than_its_host_by_a_role_from_them() {
    let mut compared = 0;
    for actor in ["user:lead", "user:limited", "user:passing"] {
        for story in stories() {
            for account in accounts().iter().flatten() {
                let mut state = world(Some(account));
                let before = may(&state, "user:guest", SHOP);
                assert!(before.is_empty());
                for command in &story {
                    told(&mut state, actor, command);
                    let accept = json!({ "accept-invitation": { "subject": "user:guest" } });
                    let mut later = state.clone();
                    told(&mut later, "user:guest", &accept);
                    let host = may(&later, actor, SHOP);
                    for one in may(&later, "user:guest", SHOP) {
                        assert!(host.contains(&one), "{actor}: {command}, {account}: {one}");
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 300, "{compared}");
}

/// Who may grant anything gives a guest a role without a limit.
#[test]
fn a_guest_of_who_may_grant_anything_uses_its_own_values() {
    let account = json!({ "native": "main/other", "boundaries": { "domain": ["far.example"] } });
    let mut state = world(Some(&account));
    told(&mut state, "user:owner", &stories()[0][0]);
    told(&mut state, "user:guest", &json!({ "accept-invitation": { "subject": "user:guest" } }));
    let all = may(&state, "user:guest", SHOP);
    assert!(all.iter().any(|one| one == "segments:create far.example eu"), "{all:?}");
    assert!(!all.iter().any(|one| one == "segments:create shop.example eu"), "{all:?}");
}

/// The limit is part of the role from the time when the guest accepts, and lists show it.
#[test]
fn the_limit_of_a_guest_is_shown_after_it_accepts() {
    let account = json!({ "native": "main/other", "boundaries": { "domain": "*", "region": ["eu", "us"] } });
    let mut state = world(Some(&account));
    let invite = told(&mut state, "user:lead", &stories()[0][0]);
    assert!(!invite.contains("limits") && !invite.contains("domain"), "{invite}");
    told(&mut state, "user:guest", &json!({ "accept-invitation": { "subject": "user:guest" } }));
    let held: Vec<_> = state.assignments_of("user:guest").filter(|one| one.at == SHOP).collect();
    let [one] = held.as_slice() else { panic!("{held:?}") };
    let shown: Vec<&str> = one.boundaries["domain"].iter().map(String::as_str).collect();
    assert_eq!(shown, ["shop.example"]);
    assert!(one.limits.is_empty());
}

/// Commands do not state the limit.
#[test]
fn a_command_with_a_limit_is_refused() {
    let mut state = world(None);
    let role = json!({ "subject": "user:eva", "role": "editor", "at": SHOP, "limits": { "domain": [] } });
    let answer = told(&mut state, "user:owner", &json!({ "assign": role }));
    assert!(answer.contains("commands do not state `limits`"), "{answer}");
}
