//! Import of people and matrices over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, DIRECTORY, POLICY, Served, now, serve, token};
use rolecall_server::Config;
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

async fn served() -> Served {
    serve(|folder| {
        let path = folder.join("acme.rolecall");
        let more = r#""invite": "users:edit", "set-person": "users:edit", "view-people": "users:edit", "assign""#;
        let policy = POLICY.replace(r#""assign""#, more);
        Administration::begin(Sqlite::create(&path).unwrap(), &policy, DIRECTORY, "app:rolecall", now()).unwrap();
        Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
    })
    .await
}

async fn import(server: &Served, actor: &str, body: &Value) -> Answer {
    server.post("/v1/administration/import", &[BACKEND, ("rolecall-actor", actor)], body).await
}

#[tokio::test]
async fn a_table_is_previewed_and_imported() {
    let server = served().await;
    let csv = "email,name,id,roles\nnew@acme.example,New One,,viewer\n,Bo,user:bo,viewer\n,,user:ada,viewer@acme\n";
    let body = json!({ "csv": csv, "at": "acme/shop" });
    let mut dry = body.clone();
    dry["dry_run"] = json!(true);
    let shown = import(&server, "user:olga", &dry).await.json();
    let rows: Vec<(&Value, &Value)> =
        shown["rows"].as_array().unwrap().iter().map(|row| (&row["line"], &row["action"])).collect();
    let expected = [(2, "added"), (3, "changed"), (4, "unchanged")].map(|(line, action)| (json!(line), json!(action)));
    assert_eq!(rows, expected.iter().map(|(line, action)| (line, action)).collect::<Vec<_>>(), "{shown}");
    let done = import(&server, "user:olga", &body).await;
    assert_eq!((done.status.as_u16(), done.json()), (200, shown));
    let again = import(&server, "user:olga", &body).await.json();
    assert_eq!(again["unchanged"], 3, "{again}");
    let bad = json!({ "csv": format!("{csv},,user:zoe,nonsense\n,,user:zac,viewer\n"), "at": "acme/shop" });
    let refused = import(&server, "user:olga", &bad).await;
    assert_eq!(refused.refusal(), (422, "role.unknown".to_string()));
    assert!(refused.json()["error"]["message"].as_str().unwrap().starts_with("line 5: "), "{}", refused.text);
    let mut good = bad.clone();
    good["good_rows"] = json!(true);
    let good = import(&server, "user:olga", &good).await.json();
    assert_eq!(
        (&good["added"], &good["refused"], &good["rows"][3]["refused"]["code"]),
        (&json!(1), &json!(1), &json!("role.unknown"))
    );
    for (body, actor, refusal) in [
        (json!({ "csv": "name\n", "at": "acme" }), "user:olga", (422, "malformed")),
        (json!({ "csv": csv }), "user:olga", (400, "request.shape")),
        (json!({ "csv": csv, "at": "acme/shop" }), "user:ada", (403, "denied")),
    ] {
        let answer = import(&server, actor, &body).await;
        assert_eq!(answer.refusal(), (refusal.0, refusal.1.to_string()), "{}", answer.text);
    }
}

#[tokio::test]
async fn matrices_are_json_tables_and_pages() {
    let server = served().await;
    let get = async |query: &str| {
        let headers = [BACKEND, ("rolecall-actor", "user:olga")];
        server.get(&format!("/v1/administration/matrix?{query}"), &headers).await
    };
    let roles = get("of=roles-permissions&at=acme").await.json();
    let edit = roles["columns"].as_array().unwrap().iter().position(|one| one["id"] == "segments:edit").unwrap();
    let marks: Vec<(&Value, &Value)> =
        roles["rows"].as_array().unwrap().iter().map(|row| (&row["id"], &row["cells"][edit])).collect();
    let expected = [("editor", "direct"), ("owner", "indirect"), ("viewer", "none")];
    let expected = expected.map(|(role, mark)| (json!(role), json!(mark)));
    assert_eq!(marks, expected.iter().map(|(role, mark)| (role, mark)).collect::<Vec<_>>(), "{roles}");
    let people = get("of=people-roles&at=acme&kind=users&limit=1").await;
    assert_eq!(people.json()["rows"][0]["id"], "user:ada");
    assert!(people.headers["link"].to_str().unwrap().contains("/v1/administration/matrix?of=people-roles"));
    let csv = get("of=people-permissions&at=acme/shop&format=csv").await.text;
    assert!(csv.contains("\r\nuser:bo,,direct,direct,,"), "{csv}");
    let page = get("of=people-permissions&at=acme&format=html").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(page.text.starts_with("<!doctype html>") && page.text.contains("user:olga"));
    for (query, status, code) in [
        ("at=acme", 400, "request.shape"),
        ("of=everything&at=acme", 400, "request.shape"),
        ("of=people-roles&at=acme&format=jsonl", 400, "request.shape"),
        ("of=people-roles&at=elsewhere", 403, "denied"),
    ] {
        assert_eq!(get(query).await.refusal(), (status, code.to_string()), "{query}");
    }
    let list =
        server.get("/v1/administration/roles?at=acme&format=html", &[BACKEND, ("rolecall-actor", "user:olga")]).await;
    assert_eq!(list.refusal(), (400, "request.shape".to_string()));
}
