//! Matrices: roles and permissions, people and roles, people and permissions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::document::DocumentKind;
use rolecall::{ContextText, SubjectId, Timestamp};
use rolecall_admin::{Command, Context, ListQuery, Mark, Matrix, Private, RefusalCode, State};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T10:00:00Z";

fn by(actor: &str) -> Context {
    Context { actor: actor.into(), time: NOW.into(), ..Context::default() }
}

fn world() -> State {
    let yaml = YamlDocument::parse(DocumentKind::Policy, include_str!("rules.yaml")).unwrap();
    let mut all: Value = serde_json::to_value(yaml.value()).unwrap();
    all["policy"]["limits"]["users_per_project"] = json!(100);
    all["policy"]["roles"]["viewer"]["title"] = json!("Viewer <of> \"segments\"");
    all["policy"]["resources"]["segments"]["title"] = json!("Segments");
    all["policy"]["resources"]["admin"]["title"] = json!("Administration");
    let now = Timestamp::parse(NOW).unwrap();
    let first = State::first_event(&all["policy"].to_string(), &all["directory"].to_string(), "user:owner", now);
    let mut state = State::new();
    state.apply(&first.unwrap()).unwrap();
    let given = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let with = |mut given: Value, key: &str, time: &str| {
        given[key] = json!(time);
        given
    };
    for command in [
        json!({ "set-role": { "at": "main/acme", "role": "desk", "title": "Desk", "inherits": ["viewer"], "grants": ["campaigns:view"] } }),
        json!({ "add-group": { "group": "group:main/acme/team", "at": "main/acme" } }),
        json!({ "join-group": { "group": "group:main/acme/team", "member": "user:eva" } }),
        json!({ "assign": given("group:main/acme/team", "editor", "main/acme/shop") }),
        json!({ "assign": given("user:eva", "desk", "main/acme/blog") }),
        json!({ "assign": with(given("user:anna", "editor", "main/acme/shop"), "from", "2026-12-01T00:00:00Z") }),
        json!({ "set-overlay": { "at": "main/acme/blog", "role": "viewer", "grants": ["segments:view", "segments:edit"] } }),
    ] {
        let command: Command = serde_json::from_value(command).unwrap();
        let event = state.decide(&command, &by("user:owner")).unwrap_or_else(|refusal| panic!("{refusal}")).unwrap();
        state.apply(&event).unwrap();
    }
    state
}

fn shown(value: &Private) -> Option<String> {
    value.seal().map(str::to_string)
}

fn query(text: Value) -> ListQuery {
    serde_json::from_value(text).unwrap()
}

fn mark(matrix: &Matrix, row: &str, column: &str) -> Mark {
    let column = matrix.columns.iter().position(|one| one.id == column).unwrap_or_else(|| panic!("{column}"));
    let row = matrix.page.rows.iter().find(|one| one.heading.id == row).unwrap_or_else(|| panic!("{row}"));
    row.cells[column]
}

#[test]
fn roles_show_their_own_and_inherited_permissions() {
    let state = world();
    let matrix = state.matrix_of_roles("main/acme", &ListQuery::default(), &by("user:owner")).unwrap();
    assert_eq!(mark(&matrix, "editor", "segments:edit"), Mark::Direct);
    assert_eq!(mark(&matrix, "editor", "segments:view"), Mark::Indirect);
    assert_eq!(mark(&matrix, "viewer", "segments:edit"), Mark::None);
    assert_eq!(mark(&matrix, "desk", "campaigns:view"), Mark::Direct);
    let title = |id: &str| matrix.columns.iter().find(|one| one.id == id).unwrap().title.clone();
    assert_eq!(title("segments:view").as_deref(), Some("Segments: view"));
    assert_eq!(title("admin/users:edit").as_deref(), Some("Administration / users: edit"));
    assert_eq!(title("campaigns:view"), None);
    // A scope that edits a role shows the role as it is there.
    let blog = state.matrix_of_roles("main/acme/blog", &ListQuery::default(), &by("user:owner")).unwrap();
    assert_eq!(mark(&blog, "viewer", "segments:edit"), Mark::Direct);
    // The same roles, without a store.
    let offline =
        Matrix::of_roles(state.engine().unwrap(), state.policy(), "main/acme", &ListQuery::default()).unwrap();
    let cells = |matrix: &Matrix| matrix.page.rows.iter().map(|row| row.cells.clone()).collect::<Vec<_>>();
    assert_eq!(cells(&offline), cells(&matrix));
    let custom = query(json!({ "origin": "custom", "search": "DESK" }));
    assert_eq!(state.matrix_of_roles("main/acme", &custom, &by("user:owner")).unwrap().page.total, 1);
    let unknown = Matrix::of_roles(state.engine().unwrap(), state.policy(), "main/acm", &ListQuery::default());
    assert_eq!(unknown.unwrap_err().code, RefusalCode::ScopeUnknown);
    assert_eq!(
        state.matrix_of_roles("main/acme", &ListQuery::default(), &by("user:eva")).unwrap_err().code,
        RefusalCode::Denied
    );
}

#[test]
fn people_show_their_roles_direct_through_groups_and_later() {
    let state = world();
    let list =
        |text: Value| state.matrix_of_people_and_roles("main/acme", &query(text), &by("user:owner"), &shown).unwrap();
    let matrix = list(json!({}));
    assert_eq!(mark(&matrix, "user:eva", "viewer"), Mark::Direct);
    assert_eq!(mark(&matrix, "user:eva", "editor"), Mark::Indirect);
    assert_eq!(mark(&matrix, "user:anna", "editor"), Mark::NotYet);
    assert_eq!(mark(&matrix, "group:main/acme/team", "editor"), Mark::Direct);
    assert_eq!(mark(&matrix, "user:rita", "owner"), Mark::None);
    let first = list(json!({ "kind": "users", "limit": 2 }));
    assert_eq!((first.page.rows.len(), first.page.total), (2, 5));
    assert_eq!(list(json!({ "kind": "users", "limit": 2, "after": first.page.next })).page.rows.len(), 2);
    let csv = matrix.to_csv();
    assert!(csv.starts_with("id,title,accounts-only") || csv.starts_with("id,title,approver,"), "{csv}");
    assert!(csv.contains("\r\nuser:eva,,") && csv.contains("through a group"), "{csv}");
    let refusal = state.matrix_of_people_and_roles("main/acme", &ListQuery::default(), &by("user:eva"), &shown);
    assert_eq!(refusal.unwrap_err().code, RefusalCode::Denied);
}

/// The permissions that roles give are those that the engine finds for the same people, without its guards.
#[test]
fn people_show_the_permissions_that_the_engine_finds() {
    let state = world();
    let engine = state.engine().unwrap();
    let mut compared = 0;
    for at in ["main/acme", "main/acme/shop", "main/acme/blog"] {
        let matrix =
            state.matrix_of_people_and_permissions(at, &query(json!({ "kind": "users" })), &by("user:owner"), &shown);
        let matrix = matrix.unwrap();
        for row in &matrix.page.rows {
            let login = Some("password");
            let context = ContextText { at, time: NOW, login, ..ContextText::default() }.resolve().unwrap();
            let session = engine.session(SubjectId::parse(&row.heading.id).unwrap(), context);
            let granted: Vec<bool> = engine
                .policy()
                .permissions()
                .map(|name| {
                    let permission = engine.policy().permission(name).unwrap();
                    !session.check(permission, None).granted_by.is_empty()
                })
                .collect();
            let shown: Vec<bool> = row.cells.iter().map(|mark| *mark >= Mark::Indirect).collect();
            assert_eq!(shown, granted, "{} at {at}", row.heading.id);
            compared += 1;
        }
    }
    assert_eq!(compared, 11);
}

#[test]
fn a_page_escapes_what_it_shows_and_needs_no_other_file() {
    let state = world();
    let matrix = state.matrix_of_roles("main/acme", &ListQuery::default(), &by("user:owner")).unwrap();
    let html = matrix.to_html();
    assert!(html.contains("Viewer &lt;of&gt; &quot;segments&quot;") && !html.contains("<of>"), "{html}");
    for wrong in ["<script", "<link", "http://", "https://", "url(", "@import", "onclick"] {
        assert!(!html.contains(wrong), "{wrong}");
    }
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"));
    let cells = matrix.columns.len() * matrix.page.rows.len();
    assert_eq!(html.matches("<td").count(), cells + 1);
    assert_eq!(html.matches("scope=\"col\"").count(), matrix.columns.len());
    assert_eq!(html.matches("scope=\"row\"").count(), matrix.page.rows.len());
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("position: sticky"));
}
