//! Administration over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, DIRECTORY, POLICY, Served, documents, now, serve, store, token};
use rolecall_server::{Config, Right};
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const OLGA: (&str, &str) = ("rolecall-actor", "user:olga");
const COMMANDS: &str = "/v1/administration/commands";

async fn served() -> Served {
    serve(|folder| Config {
        tokens: vec![token("backend", &ALL, true), token("own", &[Right::Administer], false)],
        ..store(folder)
    })
    .await
}

fn assign(subject: &str, role: &str) -> Value {
    json!({ "command": { "assign": { "subject": subject, "role": role, "at": "acme" } } })
}

async fn give(server: &Served, headers: &[(&str, &str)], command: &Value) -> Answer {
    server.post(COMMANDS, &[&[BACKEND, OLGA], headers].concat(), command).await
}

#[tokio::test]
async fn a_command_is_in_force_when_it_is_acknowledged() {
    let server = served().await;
    let ask = json!({ "subject": { "type": "user", "id": "ada" }, "action": { "name": "edit" },
        "resource": { "type": "segments", "id": "acme" } });
    let may = async || server.post("/access/v1/evaluation", &[BACKEND], &ask).await.json()["decision"] == true;
    assert!(!may().await);
    let done = give(&server, &[], &assign("user:ada", "editor")).await;
    assert_eq!((done.status.as_u16(), done.headers["etag"].to_str().unwrap()), (200, "\"2\""));
    let event = &done.json()["event"];
    assert_eq!((event["actor"].as_str(), event["application"].as_str()), (Some("user:olga"), Some("app:backend")));
    assert!(may().await);
    assert_eq!(give(&server, &[], &assign("user:ada", "editor")).await.json(), json!({ "event": null }));
    // A preview reports the effect and changes nothing.
    let mut dry = json!({ "command": { "withdraw": { "subject": "user:ada", "role": "editor", "at": "acme" } }, "dry_run": true });
    let answer = give(&server, &[], &dry).await.json();
    assert_eq!(answer["diff"]["lost"][0]["permissions"][0], "segments:edit", "{answer}");
    assert!(may().await);
    dry["dry_run"] = json!(false);
    give(&server, &[], &dry).await;
    assert!(!may().await);
}

/// Serves a store with a group, whose policy may read locks.
async fn with_group(reads_locks: bool) -> Served {
    serve(|folder| {
        let mut policy: Value = serde_json::from_str(POLICY).unwrap();
        if reads_locks {
            let team = json!({ "limits": ["edit"], "match": "any", "from": "groups", "items": "locks" });
            policy["guards"] = json!({ "boundaries": { "team": team } });
            policy["roles"]["owner"]["unbounded"] = json!(["team"]);
        }
        let mut directory: Value = serde_json::from_str(DIRECTORY).unwrap();
        directory["groups"] = json!({ "group:acme/team": { "members": ["user:ada"] } });
        let path = folder.join("locks.rolecall");
        let store = Sqlite::create(&path).unwrap();
        Administration::begin(store, &policy.to_string(), &directory.to_string(), "app:rolecall", now()).unwrap();
        Config { store: Some(path), tokens: vec![token("backend", &ALL, true)], ..Config::default() }
    })
    .await
}

#[tokio::test]
async fn a_locked_item_is_denied_by_its_id() {
    let server = with_group(true).await;
    let lock =
        |groups: Value| json!({ "command": { "lock": { "items": ["segments:7"], "at": "acme", "groups": groups } } });
    let may = async |subject: &str, id: &str| {
        let ask = json!({ "subject": { "type": "user", "id": subject }, "action": { "name": "edit" },
            "resource": { "type": "segments", "id": id, "properties": { "at": "acme/shop" } } });
        server.post("/access/v1/evaluation", &[BACKEND], &ask).await.json()["decision"] == true
    };
    assert!(may("bo", "7").await);
    assert_eq!(give(&server, &[], &lock(json!(["group:acme/team"]))).await.status.as_u16(), 200);
    assert!(!may("bo", "7").await && may("bo", "8").await && may("olga", "8").await);
    assert_eq!(give(&server, &[], &assign("user:ada", "editor")).await.status.as_u16(), 200);
    assert!(may("ada", "7").await);
    assert_eq!(give(&server, &[], &lock(json!([]))).await.status.as_u16(), 200);
    assert!(may("bo", "7").await);
}

#[tokio::test]
async fn a_lock_that_no_boundary_reads_is_refused() {
    let server = with_group(false).await;
    let lock = json!({ "command": { "lock": { "items": ["page:1"], "at": "acme", "groups": ["group:acme/team"] } } });
    let answer = give(&server, &[], &lock).await;
    assert_eq!(answer.refusal(), (422, "document".into()));
    assert!(answer.text.contains("this lock limits nothing"), "{}", answer.text);
}

#[tokio::test]
async fn a_role_without_an_end_gives_a_hint() {
    let server = served().await;
    let mut dry = assign("user:ada", "owner");
    dry["dry_run"] = json!(true);
    let (preview, done) =
        (give(&server, &[], &dry).await.json(), give(&server, &[], &assign("user:ada", "owner")).await.json());
    for answer in [&preview, &done] {
        assert_eq!(answer["hints"][0]["code"], "end.suggested", "{answer}");
        assert!(answer["hints"][0]["message"].as_str().unwrap().contains("`owner` at `acme`"), "{answer}");
    }
    assert!(done["event"].is_object());
    let mut ended = assign("user:bo", "owner");
    ended["command"]["assign"]["until"] = json!("2999-01-01T00:00:00Z");
    for command in [ended, assign("user:bo", "viewer"), assign("user:ada", "owner")] {
        assert_eq!(give(&server, &[], &command).await.json().get("hints"), None, "{command}");
    }
}

#[tokio::test]
async fn conflicts_are_detected_by_version() {
    let server = served().await;
    let done = give(&server, &[("if-match", "\"1\"")], &assign("user:ada", "editor")).await;
    assert_eq!(done.status.as_u16(), 200);
    for tag in ["\"1\"", "\"3\"", "2", "\"x\"", "W/\"2\""] {
        let answer = give(&server, &[("if-match", tag)], &assign("user:bo", "viewer")).await;
        assert_eq!(answer.refusal(), (412, "conflict".into()), "{tag}");
    }
    assert_eq!(give(&server, &[("if-match", "*")], &assign("user:bo", "viewer")).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_retried_command_has_no_effect() {
    let server = served().await;
    let key = ("idempotency-key", "one");
    let first = give(&server, &[key], &assign("user:ada", "editor")).await.json();
    let again = give(&server, &[key], &assign("user:ada", "editor")).await.json();
    assert_eq!(first["event"], again["before"]);
    assert_eq!(give(&server, &[key], &assign("user:bo", "viewer")).await.refusal(), (409, "command.renamed".into()));
    let events = server.get("/v1/administration/events", &[BACKEND]).await.json();
    assert_eq!(events["events"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn rejections_have_a_code() {
    let server = served().await;
    let as_ada = [BACKEND, ("rolecall-actor", "user:ada")];
    assert_eq!(server.post(COMMANDS, &as_ada, &assign("user:bo", "viewer")).await.refusal(), (403, "denied".into()));
    assert_eq!(give(&server, &[], &assign("user:nobody", "viewer")).await.refusal(), (422, "subject.unknown".into()));
    let delete = json!({ "command": { "delete-role": { "at": "acme", "role": "x" } } });
    assert_eq!(give(&server, &[], &delete).await.refusal(), (403, "command.unmapped".into()));
    let mut away = assign("user:bo", "viewer");
    away["context"] = json!({ "ip": "nowhere" });
    let (status, code) = give(&server, &[], &away).await.refusal();
    assert!(status == 422 && code == "malformed", "{status} {code}");
    for (body, code) in [
        (json!({}), "request.shape"),
        (json!({ "command": { "fly": {} } }), "request.shape"),
        (json!([{ "assign": {} }]), "request.shape"),
        (json!({ "command": { "assign": ["user:ada", "editor", "acme"] } }), "request.shape"),
        (
            json!({ "command": { "assign": { "subject": "user:ada", "role": "editor", "at": "acme" } }, "context": [null] }),
            "request.shape",
        ),
        (json!({ "command": { "assign": { "subject": "user:ada" } } }), "request.shape"),
        (json!({ "command": assign("user:ada", "editor")["command"], "force": true }), "request.shape"),
    ] {
        assert_eq!(give(&server, &[], &body).await.refusal(), (400, code.to_string()), "{body}");
    }
    // No part of this was stored.
    assert_eq!(server.get("/v1/administration/events", &[BACKEND]).await.json()["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_caller_that_may_not_act_for_others_acts_for_itself() {
    let server = served().await;
    let own = ("authorization", "Bearer own");
    let answer = server.post(COMMANDS, &[own, OLGA], &assign("user:ada", "editor")).await;
    assert_eq!(answer.refusal(), (403, "forbidden".into()));
    // It acts as the application itself, which has no roles.
    assert_eq!(server.post(COMMANDS, &[own], &assign("user:ada", "editor")).await.refusal(), (403, "denied".into()));
    assert_eq!(server.post(COMMANDS, &[OLGA], &assign("user:ada", "editor")).await.refusal().0, 401);
    assert_eq!(server.get("/v1/administration/events", &[own]).await.refusal(), (403, "forbidden".into()));
}

#[tokio::test]
async fn repeated_headers_are_rejected() {
    let server = served().await;
    for twice in [OLGA, ("idempotency-key", "one"), ("if-match", "\"1\"")] {
        let answer = give(&server, &[twice, (twice.0, "user:ada")], &assign("user:ada", "editor")).await;
        assert_eq!(answer.refusal(), (400, "malformed".into()), "{}", twice.0);
        assert!(answer.text.contains(twice.0), "{}", answer.text);
    }
    assert_eq!(server.get("/v1/administration/events", &[BACKEND]).await.json()["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn views_return_the_state() {
    let server = served().await;
    let response = server.get("/v1/administration/access?at=acme", &[BACKEND, OLGA]).await;
    assert_eq!(
        (response.status.as_u16(), response.headers["etag"].to_str().unwrap()),
        (200, "\"1\""),
        "{}",
        response.text
    );
    assert!(response.text.contains("user:ada"));
    let own = json!({ "command": { "set-owner": { "item": "s-7", "at": "acme", "owner": "user:ada" } } });
    assert_eq!(give(&server, &[], &own).await.status.as_u16(), 200);
    let locks = server.get("/v1/administration/locks?at=acme", &[BACKEND, OLGA]).await.json();
    assert_eq!(locks, json!({ "locks": [{ "item": "s-7", "at": "acme", "owner": "user:ada", "groups": [] }] }));
    for (path, status, code) in [
        ("/v1/administration/access?at=acme", 403, "denied"),
        ("/v1/administration/locks?at=acme", 403, "denied"),
        ("/v1/administration/access", 400, "request.shape"),
        ("/v1/administration/access?at=acme&x=1", 400, "request.shape"),
        ("/v1/administration/secrets?at=acme", 404, "address.unknown"),
    ] {
        let answer = server.get(path, &[BACKEND, ("rolecall-actor", "user:ada")]).await;
        assert_eq!(answer.refusal(), (status, code.to_string()), "{path}");
    }
    assert_eq!(
        server.get("/v1/administration/events?object_type=FISH", &[BACKEND]).await.refusal(),
        (400, "request.shape".into())
    );
    assert_eq!(
        server.get("/v1/administration/events?from=x", &[BACKEND]).await.refusal(),
        (400, "time.malformed".into())
    );
    let many = server.get("/v1/administration/events?count=1001", &[BACKEND]).await;
    assert_eq!(many.refusal(), (400, "request.shape".into()));
    let none = server.get("/v1/administration/events?actor=user:ada&count=5", &[BACKEND]).await.json();
    assert_eq!(none, json!({ "events": [] }));
}

#[tokio::test]
async fn lists_have_filters_pages_and_tables() {
    let server = served().await;
    let list = "/v1/administration/access?at=acme&kind=users";
    let first = server.get(&format!("{list}&limit=2&sort=-id"), &[BACKEND, OLGA]).await;
    let page = first.json()["users"].clone();
    let ids =
        |page: &Value| page["rows"].as_array().unwrap().iter().map(|row| row["subject"].clone()).collect::<Vec<_>>();
    assert_eq!((ids(&page), &page["total"]), (vec![json!("user:olga"), json!("user:bo")], &json!(3)), "{}", first.text);
    // The header names the next page, with the same filters.
    let link = first.headers["link"].to_str().unwrap();
    let (next, rel) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    assert_eq!(rel, "; rel=\"next\"");
    let last = server.get(next, &[BACKEND, OLGA]).await;
    assert_eq!(ids(&last.json()["users"]), ["user:ada"]);
    assert!(last.json()["users"].get("next").is_none() && !last.headers.contains_key("link"));
    let found = server.get(&format!("{list}&role=editor&search=B&status=active"), &[BACKEND, OLGA]).await.json();
    assert_eq!(ids(&found["users"]), ["user:bo"]);
    let table = server.get(&format!("{list}&search=bo"), &[BACKEND, OLGA, ("accept", "text/csv")]).await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let lines: Vec<&str> = table.text.split("\r\n").collect();
    assert_eq!(lines[1], "users,user:bo,,,,active,,,false,,,editor at acme/shop", "{}", table.text);
    for (wrong, status, code) in [
        ("kind=people", 400, "request.shape"),
        ("format=jsonl", 400, "request.shape"),
        ("limit=1001", 422, "malformed"),
        ("sort=age", 422, "malformed"),
        ("kind=users&after=7b7d", 422, "malformed"),
    ] {
        let answer = server.get(&format!("/v1/administration/access?at=acme&{wrong}"), &[BACKEND, OLGA]).await;
        assert_eq!(answer.refusal(), (status, code.to_string()), "{wrong}");
    }
}

#[tokio::test]
async fn roles_their_members_and_assignable_roles_are_listed() {
    let server = served().await;
    let get = async |path: &str| server.get(&format!("/v1/administration/{path}"), &[BACKEND, OLGA]).await;
    let roles = get("roles?at=acme&sort=-members").await.json();
    let rows = roles["rows"].as_array().unwrap();
    let counts: Vec<(&str, u64)> =
        rows.iter().map(|row| (row["role"].as_str().unwrap(), row["members"].as_u64().unwrap())).collect();
    assert_eq!(counts, [("viewer", 1), ("owner", 1), ("editor", 1)]);
    assert_eq!(rows[1]["inherited"]["editor"], json!(["segments:edit", "segments:view"]));
    let editor = get("role?at=acme&role=editor&kind=users").await.json();
    assert_eq!(
        editor["members"]["rows"][0],
        json!({ "subject": "user:bo", "kind": "users", "status": "active", "at": "acme/shop", "state": "active" })
    );
    assert!(
        get("role?at=acme&role=editor&format=csv")
            .await
            .text
            .contains("\r\nusers,user:bo,active,,acme/shop,,,active,true,\r\n")
    );
    let set = json!({ "command": { "set-roles": { "subject": "user:bo", "at": "acme/shop",
        "roles": [{ "role": "viewer" }, { "role": "owner", "until": "2030-01-01T00:00:00Z" }] } } });
    let event = give(&server, &[], &set).await.json()["event"].clone();
    assert_eq!([&event["operation"], &event["object_type"]], ["UPDATE", "ROLE_ASSIGNMENT"]);
    assert_eq!(event["changes"].as_array().unwrap().len(), 3);
    let assignable = get("assignable-roles?at=acme/shop&subject=user:bo").await.json();
    let held = assignable["rows"].as_array().unwrap().iter().map(|row| row["held"] == true).collect::<Vec<_>>();
    assert_eq!(held, [false, true, true], "{assignable}");
    for (path, status, code) in [
        ("role?at=acme&role=edito", 422, "role.unknown"),
        ("role?at=acme", 400, "request.shape"),
        ("roles?at=acme&status=active", 400, "request.shape"),
        ("assignable-roles?at=acme", 400, "request.shape"),
        ("assignable-roles?at=acme&subject=user:nobody", 422, "subject.unknown"),
        ("access?at=acme&origin=custom", 400, "request.shape"),
    ] {
        assert_eq!(get(path).await.refusal(), (status, code.to_string()), "{path}");
    }
    let ada = [BACKEND, ("rolecall-actor", "user:ada")];
    for path in ["roles?at=acme", "role?at=acme&role=editor", "assignable-roles?at=acme&subject=user:bo"] {
        let answer = server.get(&format!("/v1/administration/{path}"), &ada).await;
        assert_eq!(answer.refusal(), (403, "denied".into()), "{path}");
    }
}

/// The other tenant of the store: everything there has a name that begins with `zz-`.
#[tokio::test]
async fn answers_name_nothing_of_another_tenant() {
    let directory = json!({ "rolecall": 1, "scopes": ["acme", "acme/shop", "zz-other", "zz-other/zz-shop"],
        "subjects": { "user:olga": {}, "user:zz-owner": {}, "user:zz-ada": {} },
        "assignments": [{ "subject": "user:olga", "role": "owner", "at": "acme" },
            { "subject": "user:zz-owner", "role": "owner", "at": "zz-other" },
            { "subject": "user:zz-ada", "role": "editor", "at": "zz-other/zz-shop" }] });
    let server = serve(|folder| {
        let config = store(folder);
        let path = config.store.clone().unwrap();
        std::fs::remove_file(&path).unwrap();
        let sqlite = Sqlite::create(&path).unwrap();
        let (policy, directory) = (POLICY, directory.to_string());
        Administration::begin(sqlite, policy, &directory, "user:olga", now()).unwrap();
        Config { tokens: vec![token("backend", &ALL, true)], ..config }
    })
    .await;
    let mut answers = 0;
    for dry_run in [true, false] {
        for verb in ["add-user", "assign", "withdraw", "lock"] {
            for (there, missing) in
                [("user:zz-ada", "user:zz-non"), ("zz-other", "zz-nonee"), ("zz-other/zz-shop", "zz-other/zz-nope")]
            {
                let command = |id: &str| {
                    let (subject, at) = if id.contains(':') { (id, "acme") } else { ("user:new", id) };
                    let body = match verb {
                        "add-user" => json!({ "subject": subject, "roles": [{ "role": "viewer", "at": at }] }),
                        "lock" => json!({ "items": ["zz-item"], "at": at, "groups": [id] }),
                        _ => json!({ "subject": subject, "role": "viewer", "at": at }),
                    };
                    json!({ "command": { verb: body }, "dry_run": dry_run })
                };
                let mut seen = Vec::new();
                for id in [there, missing] {
                    let answer = give(&server, &[], &command(id)).await;
                    let numbered = answer.json()["event"]["seq"].as_u64().unwrap_or(0);
                    let text = answer.text.replace(id, "ID").replace(&format!("\"seq\":{numbered}"), "\"seq\":0");
                    seen.push((answer.status, serde_json::from_str::<Value>(&text).unwrap()));
                    answers += 1;
                }
                for (_, body) in &mut seen {
                    // Times differ by milliseconds.
                    if let Some(event) = body["event"].as_object_mut() {
                        event.remove("time");
                    }
                }
                assert_eq!(seen[0], seen[1], "{verb} {there}");
            }
        }
    }
    for view in ["access?", "locks?", "roles?", "role?role=viewer&", "assignable-roles?subject=user:olga&"] {
        let shown = server.get(&format!("/v1/administration/{view}at=acme"), &[BACKEND, OLGA]).await;
        let text = shown.text.replace("user:zz-ada", "ID").replace("user:zz-non", "ID");
        assert!(shown.status.is_success() && !text.contains("zz-"), "{text}");
        answers += 1;
    }
    println!("{answers} answers over HTTP name nothing of another tenant");
}

#[tokio::test]
async fn documents_cannot_be_administered() {
    let tokens = vec![token("backend", &ALL, true)];
    let server = serve(|folder| Config { tokens, ..documents(folder) }).await;
    assert_eq!(give(&server, &[], &assign("user:ada", "editor")).await.refusal(), (404, "store.missing".into()));
    assert_eq!(
        server.get("/v1/administration/roles?at=acme", &[BACKEND, OLGA]).await.refusal(),
        (404, "store.missing".into())
    );
}
