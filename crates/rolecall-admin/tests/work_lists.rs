//! Lists to work with: what ends soon, who may read personal data, inactive accounts, requests and invitations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::document::DocumentKind;
use rolecall::{ContextText, Item, SubjectId, Timestamp};
use rolecall_admin::{
    Command, Context, Ending, ListQuery, ObjectKind, Operation, Page, Private, RefusalCode, SessionRecord, State,
};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

fn world() -> State {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let all: Value = serde_json::to_value(yaml.value()).unwrap();
    let now = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let mut policy = all["policy"].clone();
    policy["limits"]["users_per_project"] = json!(100);
    let first = State::first_event(&policy.to_string(), &all["directory"].to_string(), "user:owner", now).unwrap();
    let mut state = State::new();
    state.apply(&first).unwrap();
    state
}

fn give(state: &mut State, actor: &str, command: Value) {
    let mut command: Command = serde_json::from_value(command).unwrap();
    command.seal(|_, text| format!("{:0>64}", text.len())).unwrap();
    let event = state.decide(&command, &by(actor)).unwrap_or_else(|refusal| panic!("{refusal}")).unwrap();
    state.apply(&event).unwrap();
}

/// Logs a subject in at a time.
fn log_in(state: &mut State, subject: &str, time: &str) {
    let record = SessionRecord::new(Some(subject.to_string()), "sso", "corp");
    let time = Timestamp::parse(time).unwrap();
    let event = state.event_of_session(Operation::Login, record, None, time);
    state.apply(&event).unwrap();
}

fn query(text: Value) -> ListQuery {
    serde_json::from_value(text).unwrap()
}

/// Shows every personal value as its seal.
fn shown(value: &Private) -> Option<String> {
    value.seal().map(str::to_string)
}

fn role(subject: &str, role: &str, at: &str, until: &str) -> Value {
    json!({ "assign": { "subject": subject, "role": role, "at": at, "until": until } })
}

fn ending_world() -> State {
    let mut state = world();
    for command in [
        role("user:eva", "editor", "main/acme/shop", "2026-11-25T00:00:00Z"),
        role("user:eva", "editor", "main/acme/blog", "2027-11-25T00:00:00Z"),
        json!({ "add-support": { "subject": "support:jo",
            "roles": [{ "role": "viewer", "at": "main/acme/shop", "until": "2026-11-23T00:00:00Z" }] } }),
        json!({ "invite": { "subject": "user:new", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } }),
        json!({ "add-app": { "subject": "app:crm", "roles": [{ "role": "viewer", "at": "main/acme/shop" }] } }),
        json!({ "add-secret": { "subject": "app:crm", "sha256": "a".repeat(64), "until": "2026-11-22T00:00:00Z" } }),
        json!({ "set-person": { "subject": "user:eva", "at": "main/acme", "name": "Eva" } }),
    ] {
        give(&mut state, "user:owner", command);
    }
    let request =
        json!({ "role": "editor", "at": "main/acme/blog", "until": "2026-11-24T00:00:00Z", "reason": "a release" });
    give(&mut state, "user:rita", json!({ "request-access": request }));
    give(&mut state, "user:anna", json!({ "approve-access": { "request": "1" } }));
    state
}

fn ends(page: &Page<Ending>) -> Vec<[&str; 3]> {
    page.rows.iter().map(|row| [row.what.as_str(), row.subject.as_str(), row.until.as_str()]).collect()
}

#[test]
fn what_ends_soon_is_listed_by_its_end() {
    let state = ending_world();
    let list = |at: &str, text: Value, actor: &str| state.list_ending(at, &query(text), &by(actor), &shown);
    let all = list("main/acme", json!({}), "user:owner").unwrap();
    assert_eq!(
        ends(&all),
        [
            ["secret", "app:crm", "2026-11-22T00:00:00Z"],
            ["support-access", "support:jo", "2026-11-23T00:00:00Z"],
            ["temporary-access", "user:rita", "2026-11-24T00:00:00Z"],
            ["role", "user:eva", "2026-11-25T00:00:00Z"],
            ["invitation", "user:new", "2026-11-28T10:00:00Z"],
        ]
    );
    assert_eq!((all.rows[3].role.as_deref(), all.rows[3].name.is_some()), (Some("editor"), true));
    assert_eq!(all.rows[0].secret.as_deref(), Some("aaaaaaaaaaaa"));
    // What ends later, what is at another scope, and what the query does not name.
    assert_eq!(ends(&list("main/acme", json!({ "within": "36h" }), "user:owner").unwrap()).len(), 1);
    assert_eq!(ends(&list("main/acme", json!({ "within": "600d" }), "user:owner").unwrap()).len(), 6);
    assert_eq!(ends(&list("main/acme/blog", json!({}), "user:owner").unwrap()).len(), 1);
    let roles = json!({ "what": "role", "search": "EVA" });
    assert_eq!(ends(&list("main/acme", roles, "user:owner").unwrap()).len(), 1);
    // A lead sees neither names nor, without the permission for applications, secrets.
    let lead = list("main/acme/shop", json!({}), "user:lead").unwrap();
    assert_eq!(
        lead.rows.iter().map(|row| row.what.as_str()).collect::<Vec<_>>(),
        ["support-access", "role", "invitation"]
    );
    let first = list("main/acme", json!({ "limit": 2 }), "user:owner").unwrap();
    assert_eq!((first.rows.len(), first.total), (2, 5));
    let second = list("main/acme", json!({ "limit": 2, "after": first.next }), "user:owner").unwrap();
    assert_eq!(ends(&second), ends(&all)[2..4]);
    assert!(all.to_csv().starts_with("what,kind,id,name,role,title,secret,at,until\r\n"));
    assert_eq!(list("main/acme", json!({}), "user:eva").unwrap_err().code, RefusalCode::Denied);
    assert_eq!(list("main/acme", json!({ "within": "soon" }), "user:owner").unwrap_err().code, RefusalCode::Malformed);
}

#[test]
fn readers_of_personal_data_hold_a_role_that_reads_the_label() {
    let mut state = world();
    for command in [
        json!({ "add-group": { "group": "group:main/acme/desk", "at": "main/acme" } }),
        json!({ "join-group": { "group": "group:main/acme/desk", "member": "user:anna" } }),
        json!({ "assign": { "subject": "group:main/acme/desk", "role": "viewer", "at": "main/acme/blog" } }),
        json!({ "assign": { "subject": "group:main/acme/desk", "role": "personal-data", "at": "main/acme/blog" } }),
    ] {
        give(&mut state, "user:owner", command);
    }
    let list = |state: &State, text: Value| {
        let page = state.list_label_readers("main/acme", &query(text), &by("user:owner")).unwrap();
        let of = |row: &rolecall_admin::LabelReader| {
            format!("{} {} {}", row.member.subject, row.role, row.member.through.as_deref().unwrap_or("-"))
        };
        page.rows.iter().map(of).collect::<Vec<_>>()
    };
    let expected =
        ["group:main/acme/desk personal-data -", "user:anna personal-data group:main/acme/desk", "user:owner owner -"];
    assert_eq!(list(&state, json!({})), expected);
    assert_eq!(list(&state, json!({ "label": "pii", "kind": "users", "role": "owner" })), ["user:owner owner -"]);
    // A scope lets the role of viewers read the label, there and not elsewhere.
    let body = json!({ "at": "main/acme/shop", "role": "viewer", "reads": ["pii"] });
    give(&mut state, "user:owner", json!({ "set-overlay": body }));
    let with_overlay = list(&state, json!({ "kind": "users", "sort": "-id" }));
    assert!(with_overlay.contains(&"user:eva viewer -".to_string()), "{with_overlay:?}");
    assert!(!with_overlay.iter().any(|row| row.starts_with("user:rita")), "{with_overlay:?}");
    let refusal =
        state.list_label_readers("main/acme", &query(json!({ "label": "pi" })), &by("user:owner")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Malformed);
    assert!(refusal.help.unwrap().contains("`pii`"));
    assert!(state.list_label_readers("main/acme", &ListQuery::default(), &by("user:eva")).is_err());
}

/// The independent check of the list: everyone is asked whether they may view an item with the label.
#[test]
fn the_readers_are_those_whom_the_engine_lets_read() {
    let mut state = ending_world();
    let given = json!({ "subject": "user:rita", "role": "personal-data", "at": "main/acme/blog" });
    give(&mut state, "user:owner", json!({ "assign": given }));
    let engine = state.engine().unwrap();
    let page = state.list_label_readers("main/acme", &ListQuery::default(), &by("user:owner")).unwrap();
    let permission = engine.policy().permission("segments:view").unwrap();
    let labelled = Item::new(engine.policy(), ["pii"], Vec::<(&str, Vec<&str>)>::new()).unwrap();
    let mut readers = 0;
    for (id, _) in state.all::<Value>(ObjectKind::Subject) {
        let reads = ["main/acme", "main/acme/shop", "main/acme/blog"].iter().any(|at| {
            let login = Some("password");
            let context = ContextText { at, time: NOW, login, ..ContextText::default() }.resolve().unwrap();
            engine.session(SubjectId::parse(id).unwrap(), context).check(permission, Some(&labelled)).allow
        });
        assert_eq!(page.rows.iter().any(|row| row.member.subject == id), reads, "{id}");
        readers += usize::from(reads);
    }
    assert_eq!(readers, 2);
}

#[test]
fn inactive_accounts_did_not_log_in_for_a_while() {
    let mut state = world();
    log_in(&mut state, "user:eva", "2026-05-01T00:00:00Z");
    log_in(&mut state, "user:rita", "2026-11-20T00:00:00Z");
    log_in(&mut state, "user:rita", "2026-11-20T08:00:00Z");
    let list = |state: &State, at: &str, text: Value| {
        let page = state.list_inactive(at, &query(text), &by("user:owner"), &shown).unwrap();
        page.rows.iter().map(|row| (row.holder.subject.clone(), row.last_login.clone())).collect::<Vec<_>>()
    };
    let eva = ("user:eva".to_string(), Some("2026-05-01T00:00:00Z".to_string()));
    let never = ["user:anna", "user:lead", "user:owner"].map(|id| (id.to_string(), None));
    assert_eq!(list(&state, "main/acme", json!({})), [&never[..], std::slice::from_ref(&eva)].concat());
    assert_eq!(list(&state, "main/acme", json!({ "sort": "-last_login", "limit": 1 })), [eva]);
    let recent = list(&state, "main/acme", json!({ "idle": "2h" }));
    assert!(recent.contains(&("user:rita".to_string(), Some("2026-11-20T08:00:00Z".to_string()))));
    assert!(!list(&state, "main/acme", json!({ "idle": "300d" })).iter().any(|(id, _)| id == "user:eva"));
    // Logins of before a user belonged to the scope are those of others.
    give(
        &mut state,
        "user:owner",
        json!({ "assign": { "subject": "user:rita", "role": "viewer", "at": "main/acme/shop" } }),
    );
    let shop = list(&state, "main/acme/shop", json!({ "idle": "1m", "search": "rita" }));
    assert_eq!(shop, [("user:rita".to_string(), None)]);
    log_in(&mut state, "user:rita", "2026-11-21T09:00:00Z");
    assert_eq!(list(&state, "main/acme/shop", json!({ "search": "rita" })), []);
    // Someone who is invited has no account to use yet.
    give(
        &mut state,
        "user:owner",
        json!({ "invite": { "subject": "user:new", "roles": [{ "role": "viewer", "at": "main/acme" }] } }),
    );
    assert!(!list(&state, "main/acme", json!({})).iter().any(|(id, _)| id == "user:new"));
    assert!(list(&state, "main/acme", json!({ "status": "invited" })).iter().any(|(id, _)| id == "user:new"));
}

#[test]
fn requests_and_invitations_are_filtered_and_ordered() {
    let mut state = ending_world();
    let more =
        json!({ "role": "editor", "at": "main/acme/blog", "until": "2026-11-23T00:00:00Z", "reason": "a repair" });
    give(&mut state, "user:anna", json!({ "request-access": more }));
    let list = |text: Value| {
        let page = state.list_requests("main/acme", &query(text), &by("user:owner")).unwrap();
        page.rows.iter().map(|row| row.id.replace("main/acme#", "")).collect::<Vec<_>>()
    };
    assert_eq!(list(json!({})), ["1", "2"]);
    assert_eq!(list(json!({ "sort": "until" })), ["2", "1"]);
    assert_eq!(list(json!({ "state": "pending" })), ["2"]);
    assert_eq!(list(json!({ "search": "RELEASE" })), ["1"]);
    assert_eq!(list(json!({ "role": "viewer" })), [""; 0]);
    let page = state.list_requests("main/acme", &ListQuery::default(), &by("user:owner")).unwrap();
    assert!(page.to_csv().contains("#1,user:rita,editor,,main/acme/blog,2026-11-24T00:00:00Z,a release,"));
    let invitations =
        |text: Value| state.list_invitations("main/acme", &query(text), &by("user:owner"), &shown).unwrap();
    assert_eq!(invitations(json!({})).rows[0].subject, "user:new");
    assert_eq!(invitations(json!({ "search": "nobody" })).total, 0);
    assert!(state.list_requests("main/acme", &ListQuery::default(), &by("user:eva")).is_err());
    // Someone who may request access sees the own requests, and not who decided them.
    let own = state.list_requests("main/acme/blog", &ListQuery::default(), &by("user:rita")).unwrap();
    let own: Vec<_> =
        own.rows.iter().map(|row| (row.request.subject.as_str(), row.request.decided_by.clone())).collect();
    assert_eq!(own, [("user:rita", None)]);
    // An approver sees what waits there, and what it has decided.
    let approved = state.list_requests("main/acme", &ListQuery::default(), &by("user:anna")).unwrap();
    assert_eq!(approved.total, 2);
    assert_eq!(approved.rows[0].request.decided_by.as_deref(), Some("user:anna"));
    assert!(state.list_invitations("main/acme", &ListQuery::default(), &by("user:eva"), &shown).is_err());
}
