//! Lists to work with, over HTTP: what ends soon, readers of personal data, inactive accounts, requests, invitations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, DIRECTORY, POLICY, Served, now, serve, token};
use rolecall::Timestamp;
use rolecall_server::Config;
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const OLGA: (&str, &str) = ("rolecall-actor", "user:olga");

async fn served() -> Served {
    serve(|folder| {
        let path = folder.join("acme.rolecall");
        let more =
            r#""invite": "users:edit", "request-access": "segments:view", "view-people": "users:edit", "assign""#;
        let policy = POLICY.replace(r#""assign""#, more);
        let policy = policy.replace(r#""suggest_end": true"#, r#""suggest_end": true, "reads": ["pii"]"#);
        Administration::begin(Sqlite::create(&path).unwrap(), &policy, DIRECTORY, "app:rolecall", now()).unwrap();
        Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
    })
    .await
}

async fn give(server: &Served, actor: &str, command: Value) {
    let headers = [BACKEND, ("rolecall-actor", actor)];
    let answer = server.post("/v1/administration/commands", &headers, &json!({ "command": command })).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
}

fn in_days(days: i64) -> String {
    Timestamp::from_millis(now().as_millis() / 1000 * 1000 + days * 86_400_000).unwrap().as_text()
}

#[tokio::test]
async fn lists_to_work_with_have_filters_pages_and_tables() {
    let server = served().await;
    let until = in_days(5);
    give(
        &server,
        "user:olga",
        json!({ "assign": { "subject": "user:ada", "role": "editor", "at": "acme/shop", "until": until } }),
    )
    .await;
    give(
        &server,
        "user:olga",
        json!({ "invite": { "subject": "user:new", "email": "new@acme.example", "roles": [{ "role": "viewer", "at": "acme" }] } }),
    )
    .await;
    let request = json!({ "role": "owner", "at": "acme", "until": in_days(2), "reason": "a release" });
    give(&server, "user:ada", json!({ "request-access": request })).await;
    let get = async |path: &str| server.get(&format!("/v1/administration/{path}"), &[BACKEND, OLGA]).await;
    let ending = get("ending?at=acme").await.json();
    let rows = ending["rows"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| &row["what"]).collect::<Vec<_>>(), ["role", "invitation"], "{ending}");
    assert_eq!((&rows[0]["until"], &rows[0]["subject"]), (&json!(until), &json!("user:ada")));
    let first = get("ending?at=acme&limit=1&what=role&within=6d&kind=users").await;
    assert_eq!(first.json()["total"], 1);
    let paged = get("ending?at=acme&limit=1").await;
    assert!(paged.headers["link"].to_str().unwrap().contains("/v1/administration/ending?at=acme"));
    assert!(get("ending?at=acme&format=csv").await.text.contains("\r\nrole,users,user:ada,,editor,,,acme/shop,"));
    let readers = get("personal-data-readers?at=acme&label=pii").await.json();
    assert_eq!(readers["rows"][0]["subject"], "user:olga");
    assert_eq!((&readers["total"], &readers["rows"][0]["labels"]), (&json!(1), &json!(["pii"])));
    let inactive = get("inactive?at=acme&sort=id").await.json();
    let ids: Vec<&Value> = inactive["rows"].as_array().unwrap().iter().map(|row| &row["subject"]).collect();
    assert_eq!(ids, ["user:ada", "user:bo", "user:olga"]);
    let requests = get("requests?at=acme&state=pending&search=rel").await.json();
    assert_eq!((&requests["rows"][0]["id"], &requests["rows"][0]["role"]), (&json!("acme#1"), &json!("owner")));
    let invitations = get("invitations?at=acme").await.json();
    assert_eq!(invitations["rows"][0]["email"], "new@acme.example");
    for (path, status, code) in [
        ("ending?at=acme&within=soon", 422, "malformed"),
        ("ending?at=acme&what=everything", 400, "request.shape"),
        ("ending?at=acme&label=pii", 400, "request.shape"),
        ("personal-data-readers?at=acme&label=pi", 422, "malformed"),
        ("inactive?at=acme&idle=90", 422, "malformed"),
        ("requests?at=acme&state=open", 400, "request.shape"),
        ("invitations?at=acme&kind=users", 400, "request.shape"),
    ] {
        assert_eq!(get(path).await.refusal(), (status, code.to_string()), "{path}");
    }
    // Everybody sees their own requests.
    let path = "/v1/administration/requests?at=acme";
    let own = server.get(path, &[BACKEND, ("rolecall-actor", "user:ada")]).await.json();
    let subjects: Vec<&Value> = own["rows"].as_array().unwrap().iter().map(|row| &row["subject"]).collect();
    assert_eq!(subjects, ["user:ada"]);
    let others = server.get(path, &[BACKEND, ("rolecall-actor", "user:bo")]).await;
    assert_eq!(others.refusal(), (403, "denied".to_string()));
    for list in ["ending", "personal-data-readers", "inactive", "invitations"] {
        let path = format!("/v1/administration/{list}?at=acme");
        let answer = server.get(&path, &[BACKEND, ("rolecall-actor", "user:ada")]).await;
        assert_eq!(answer.refusal(), (403, "denied".to_string()), "{list}");
    }
}
