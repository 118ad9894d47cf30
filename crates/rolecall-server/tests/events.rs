//! The audit log over HTTP: who may read which events, filters, pages and formats.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, Served, now, serve, token};
use rolecall_server::{Config, Right};
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};
use std::path::Path;

const EVENTS: &str = "/v1/administration/events";
const VENDOR: (&str, &str) = ("authorization", "Bearer vendor");
const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const READER: (&str, &str) = ("authorization", "Bearer reader");

/// A world of two tenants. Every name of the other one contains `zz-`.
fn two_tenants(folder: &Path) -> Config {
    let policy = json!({ "rolecall": 1, "scopes": ["instance", "account", "project"],
        "resources": { "users": { "actions": ["view", "edit"] }, "audit": { "actions": ["view"] } },
        "roles": { "auditor": { "grants": ["audit:view"] }, "owner": { "grants": ["users:*"], "inherits": ["auditor"] },
            "member": { "grants": ["users:view"] } },
        "administration": { "add-user": "users:edit", "add-app": "users:edit", "assign": "users:edit",
            "withdraw": "users:edit", "suspend-subject": "users:edit", "set-role": "users:edit",
            "add-group": "users:edit", "join-group": "users:edit", "view-audit": "audit:view",
            "set-login": { "account": "users:edit" } } });
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let directory = json!({ "rolecall": 1,
        "scopes": ["main", "main/acme", "main/acme/shop", "main/zz-other", "main/zz-other/zz-site"],
        "subjects": { "user:root": {}, "user:ada": { "native": "main/acme" }, "user:bo": { "native": "main/acme" },
            "app:reader": {}, "user:zz-boss": { "native": "main/zz-other" }, "user:zz-max": { "native": "main/zz-other" } },
        "assignments": [role("user:root", "owner", "main"), role("user:ada", "owner", "main/acme"),
            role("user:bo", "member", "main/acme"), role("app:reader", "auditor", "main/acme/shop"),
            role("user:zz-boss", "owner", "main/zz-other")] });
    let path = folder.join("two.rolecall");
    let store = Sqlite::create(&path).unwrap();
    Administration::begin(store, &policy.to_string(), &directory.to_string(), "user:root", now()).unwrap();
    let tokens = vec![
        token("vendor", &ALL, false),
        token("backend", &[Right::Administer, Right::Audit], true),
        token("reader", &[Right::Administer], false),
        token("evaluator", &[Right::Evaluate], false),
    ];
    Config { store: Some(path), tokens, ..Config::default() }
}

async fn give(server: &Served, actor: &str, command: Value) -> Value {
    let headers = [BACKEND, ("rolecall-actor", actor)];
    let body = json!({ "command": command, "context": { "ip": "203.0.113.7" } });
    let answer = server.post("/v1/administration/commands", &headers, &body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()
}

/// Serves the world after some commands of every tenant.
async fn served() -> Served {
    let server = serve(two_tenants).await;
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    for (actor, command) in [
        ("user:ada", json!({ "assign": role("user:bo", "member", "main/acme/shop") })),
        ("user:zz-boss", json!({ "assign": role("user:zz-max", "member", "main/zz-other/zz-site") })),
        // A guest of both tenants.
        ("user:root", json!({ "assign": role("user:zz-max", "member", "main/acme/shop") })),
        ("user:zz-boss", json!({ "suspend-subject": { "subject": "user:zz-max" } })),
        ("user:zz-boss", json!({ "set-role": { "at": "main/zz-other", "role": "zz-role", "inherits": ["member"] } })),
        (
            "user:root",
            json!({ "add-user": { "subject": "user:dual",
            "roles": [{ "role": "member", "at": "main/acme" }, { "role": "zz-role", "at": "main/zz-other" }] } }),
        ),
        ("user:root", json!({ "add-group": { "group": "group:main/acme/staff", "at": "main/acme" } })),
        ("user:root", json!({ "join-group": { "group": "group:main/acme/staff", "member": "user:zz-boss" } })),
        ("user:ada", json!({ "join-group": { "group": "group:main/acme/staff", "member": "user:bo" } })),
    ] {
        give(&server, actor, command).await;
    }
    server
}

async fn read(server: &Served, headers: &[(&str, &str)], query: &str) -> Answer {
    server.get(&format!("{EVENTS}{query}"), headers).await
}

fn seqs(answer: &Answer) -> Vec<u64> {
    let events = answer.json()["events"].as_array().unwrap_or_else(|| panic!("{}", answer.text)).clone();
    events.iter().map(|event| event["event"]["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn holders_of_the_permission_read_the_events_of_their_scope() {
    let server = served().await;
    let ada = [BACKEND, ("rolecall-actor", "user:ada")];
    let acme = read(&server, &ada, "?at=main/acme").await;
    assert_eq!(seqs(&acme), [1, 2, 4, 7, 8, 10], "{}", acme.text);
    let root = read(&server, &[BACKEND, ("rolecall-actor", "user:root")], "?at=main").await;
    assert_eq!(seqs(&root), (1..=10).collect::<Vec<_>>());
    // Everything lies below the scope, so the hashes can be verified.
    assert!(root.json()["events"][0]["hash"].is_string() && acme.json()["events"][0]["hash"].is_null());
    // An application reads with its own roles.
    assert_eq!(seqs(&read(&server, &[READER], "?at=main/acme/shop").await), [1, 2, 4]);
    let boss = read(&server, &[BACKEND, ("rolecall-actor", "user:zz-boss")], "?at=main/zz-other").await;
    assert_eq!(seqs(&boss), [1, 3, 5, 6, 7]);
}

#[tokio::test]
async fn others_are_refused_with_the_missing_permission() {
    let server = served().await;
    let refused = async |headers: &[(&str, &str)], query: &str| {
        let answer = read(&server, headers, query).await;
        let (status, code) = answer.refusal();
        (status, code, answer.json()["error"]["message"].as_str().unwrap().to_string())
    };
    let (status, code, message) = refused(&[BACKEND, ("rolecall-actor", "user:bo")], "?at=main/acme").await;
    assert_eq!((status, &*code), (403, "denied"));
    assert!(message.contains("`view-audit` at `main/acme`") && message.contains("`audit:view`"), "{message}");
    // The role of the application is one at a scope below.
    assert_eq!(refused(&[READER], "?at=main/acme").await.0, 403);
    // Other tenants are as scopes that do not exist.
    let ada = [BACKEND, ("rolecall-actor", "user:ada")];
    let [other, none] = [refused(&ada, "?at=main/zz-other").await, refused(&ada, "?at=main/zz-nobody").await];
    assert_eq!((other.0, &other.1), (none.0, &none.1));
    assert_eq!(other.2.replace("zz-other", "X"), none.2.replace("zz-nobody", "X"));
    assert_eq!(refused(&ada, "?at=main").await.0, 403);
    // The whole log is for the right `audit`.
    for headers in [&[READER][..], &ada] {
        assert_eq!(refused(headers, "").await.1, "forbidden");
    }
    assert_eq!(refused(&[("authorization", "Bearer evaluator")], "?at=main/acme").await.1, "forbidden");
    assert_eq!(refused(&[], "?at=main/acme").await.0, 401);
    assert_eq!(read(&server, &[VENDOR], "").await.status.as_u16(), 200);
    assert_eq!(refused(&[VENDOR], "?at=main/acme&ip=203.0.113.1").await.1, "context.forbidden");
}

#[tokio::test]
async fn events_of_a_tenant_name_nothing_of_another() {
    let server = served().await;
    let all = read(&server, &[VENDOR], "").await;
    assert!(all.text.contains("zz-role") && all.text.contains("zz-boss"), "the log names the other tenant");
    for format in ["json", "jsonl", "csv"] {
        for reader in ["user:ada", "app:reader"] {
            let at = if reader == "user:ada" { "main/acme" } else { "main/acme/shop" };
            let headers = [BACKEND, ("rolecall-actor", reader)];
            let answer = read(&server, &headers, &format!("?at={at}&format={format}")).await;
            assert_eq!(answer.status.as_u16(), 200);
            // The guest holds a role in the tenant, given by the vendor, and is known by that.
            let text = answer.text.replace("user:zz-max", "");
            assert!(text.contains("user:root") && !text.contains("zz-"), "{text}");
        }
    }
    let ada = [BACKEND, ("rolecall-actor", "user:ada")];
    let answer = read(&server, &ada, "?at=main/acme").await.json();
    let event = |seq: u64| {
        let events = answer["events"].as_array().unwrap();
        events.iter().find(|event| event["event"]["seq"] == seq).unwrap_or_else(|| panic!("{seq}: {answer}"))
    };
    // One command at two tenants: the part of this one, without the command.
    let objects: Vec<_> = event(7)["objects"].as_array().unwrap().iter().map(|object| &object["id"]).collect();
    assert_eq!(objects, ["subject:user:dual", "assignment:user:dual member main/acme - -"]);
    assert!(event(7)["event"]["command"].is_null());
    assert_eq!(event(2)["event"]["command"]["assign"]["subject"], "user:bo");
    // A foreign member of an own group.
    assert_eq!(event(10)["event"]["changes"][0]["after"]["members"], json!(["user:bo"]));
    // Filters apply to what the reader sees, so that they prove nothing about the rest.
    for query in ["&subject=user:zz-boss", "&object=main/zz-other", "&actor=user:zz-boss", "&object_type=POLICY"] {
        assert_eq!(seqs(&read(&server, &ada, &format!("?at=main/acme{query}")).await), [0; 0], "{query}");
    }
}

#[tokio::test]
async fn filters_choose_events() {
    let server = served().await;
    for (query, expected) in [
        ("?actor=user:ada", vec![2, 10]),
        ("?object_type=ROLE_ASSIGNMENT", vec![2, 3, 4]),
        ("?operation=UPDATE", vec![5, 9, 10]),
        ("?operation=UPDATE&object_type=USER_GROUP", vec![9, 10]),
        ("?subject=user:bo", vec![1, 2, 10]),
        ("?subject=user:zz-max", vec![1, 3, 4, 5]),
        ("?object=group:main/acme/staff", vec![8, 9, 10]),
        ("?until=2020-01-01T00:00:00Z", vec![]),
        ("?from=2020-01-01T00:00:00Z&operation=DELETE", vec![]),
        ("?count=2", vec![9, 10]),
        ("?at=main/acme&operation=CREATE", vec![1, 2, 4, 7, 8]),
    ] {
        assert_eq!(seqs(&read(&server, &[VENDOR], query).await), expected, "{query}");
    }
    for query in [
        "?operation=FLY",
        "?object_type=THING",
        "?from=yesterday",
        "?who=user:ada",
        "?limit=0",
        "?limit=1001",
        "?count=1001",
        "?count=1&limit=1",
        "?count=1&after=1",
        "?after=first",
        "?format=xml",
    ] {
        assert_eq!(read(&server, &[VENDOR], query).await.status.as_u16(), 400, "{query}");
    }
    // Without a token nobody learns which filters there are.
    assert_eq!(read(&server, &[], "?who=user:ada").await.refusal().0, 401);
}

#[tokio::test]
async fn pages_continue_where_the_last_one_ended() {
    let server = served().await;
    let ada = [BACKEND, ("rolecall-actor", "user:ada")];
    let (mut path, mut found) = (format!("{EVENTS}?at=main%2Facme&limit=2"), Vec::new());
    for page in 0.. {
        let answer = server.get(&path, &ada).await;
        found.extend(seqs(&answer));
        // Events that are added meanwhile come last.
        if page == 0 {
            let command = json!({ "withdraw": { "subject": "user:bo", "role": "member", "at": "main/acme/shop" } });
            give(&server, "user:ada", command).await;
        }
        let link = answer.headers.get("link").map(|link| link.to_str().unwrap().to_string());
        let Some(next) = answer.json()["next"].as_str().map(str::to_string) else {
            assert_eq!(link, None);
            break;
        };
        assert_eq!(link, Some(format!("<{next}>; rel=\"next\"")));
        assert!(next.contains("at=main%2Facme") && next.contains("limit=2"), "{next}");
        path = next;
    }
    assert_eq!(found, [1, 2, 4, 7, 8, 10, 11]);
    let rest = read(&server, &ada, "?at=main/acme&after=8").await;
    assert_eq!((seqs(&rest), rest.json()["next"].is_null()), (vec![10, 11], true));
    assert_eq!(seqs(&read(&server, &ada, "?at=main/acme&after=11").await), [0; 0]);
}

#[tokio::test]
async fn events_are_exported_as_lines_and_as_values() {
    let server = served().await;
    let lines = read(&server, &[VENDOR], "?format=jsonl&after=1").await;
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    let numbers: Vec<u64> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"]["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (2..=10).collect::<Vec<_>>());
    let by_header = server.get(&format!("{EVENTS}?after=1"), &[VENDOR, ("accept", "application/x-ndjson")]).await;
    assert_eq!(by_header.text, lines.text);
    let csv = server.get(&format!("{EVENTS}?after=1&limit=1"), &[VENDOR, ("accept", "text/csv;q=0.9")]).await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(csv.headers["link"].to_str().unwrap().contains("after=2"));
    let (head, row) = csv.text.split_once("\r\n").unwrap();
    let columns = "seq,date,operation,object_type,actor,objects,ip_address,peer_address,application,command,login,provider,reason,count";
    assert_eq!(head, columns);
    assert!(row.starts_with("2,") && row.ends_with("\r\n"), "{row}");
    let command = json!({ "assign": { "subject": "user:bo", "role": "member", "at": "main/acme/shop" } });
    let cell = row.trim_end().split_once(",\"").unwrap().1.strip_suffix("\",,,,").unwrap().replace("\"\"", "\"");
    assert_eq!(serde_json::from_str::<Value>(&cell).unwrap(), command);
    assert!(row.contains(",CREATE,ROLE_ASSIGNMENT,user:ada,"), "{row}");
}
