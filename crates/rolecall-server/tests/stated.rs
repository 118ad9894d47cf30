//! Who may state the connection of someone else, and the time of a request.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{ALL, Answer, Served, now, serve, token};
use rolecall_pass::{Expected, KeySet};
use rolecall_server::{Config, Right, Token};
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};
use std::path::Path;

const POLICY: &str = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"segments": {"actions": ["view", "edit"]},
    "users": {"actions": ["view", "edit"]}}, "roles": {"viewer": {"grants": ["segments:view"]},
        "owner": {"inherits": ["viewer"], "grants": ["segments:edit", "users:*"]}},
    "guards": {"idle_timeout": {"default": "1h", "min": "1m", "max": "2h"}},
    "administration": {"assign": "users:edit", "view-access": "users:view", "view-roles": "users:view"}}"#;

/// `acme` allows one network, and requires single sign-on. `free` allows any.
const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme", "free"],
    "settings": {"acme": {"ip_allow": ["203.0.113.0/24"], "login": {"methods": ["sso"]}}},
    "subjects": {"user:ada": {"native": "acme"}, "user:bo": {}},
    "assignments": [{"subject": "user:ada", "role": "owner", "at": "acme"}, {"subject": "user:ada", "role": "owner", "at": "free"},
        {"subject": "user:bo", "role": "viewer", "at": "free"},
        {"subject": "user:bo", "role": "owner", "at": "free", "until": "2025-06-28T12:00:00Z"}]}"#;

const COMMANDS: &str = "/v1/administration/commands";
const IN: &str = "203.0.113.7";

/// Tokens: `ada` acts for herself, `backend` acts for others, `plain` acts for nobody, `past` may state the time.
fn store(folder: &Path) -> Config {
    let path = folder.join("acme.rolecall");
    Administration::begin(Sqlite::create(&path).unwrap(), POLICY, DIRECTORY, "app:rolecall", now()).unwrap();
    let tokens = vec![
        Token { subject: "user:ada".into(), ..token("ada", &[Right::Administer], false) },
        token("backend", &ALL, true),
        token("plain", &ALL, false),
        token("past", &[Right::Evaluate, Right::Time], false),
    ];
    Config { store: Some(path), tokens, ..Config::default() }
}

fn bearer(name: &str) -> [(&'static str, String); 1] {
    [("authorization", format!("Bearer {name}"))]
}

async fn command(server: &Served, name: &str, actor: Option<&str>, context: Option<Value>) -> Answer {
    let mut body = json!({ "command": { "assign": { "subject": "user:bo", "role": "viewer", "at": "acme" } } });
    if let Some(context) = context {
        body["context"] = context;
    }
    let bearer = bearer(name);
    let mut headers = vec![(bearer[0].0, &*bearer[0].1)];
    headers.extend(actor.map(|actor| ("rolecall-actor", actor)));
    server.post(COMMANDS, &headers, &body).await
}

#[tokio::test]
async fn a_token_that_acts_for_itself_cannot_state_its_connection() {
    let server = serve(store).await;
    // The tenant cannot be used from 127.0.0.1, regardless of the request's claims.
    assert_eq!(command(&server, "ada", None, None).await.refusal(), (403, "denied".into()));
    for (key, context) in [
        ("ip", json!({ "ip": IN })),
        ("ip", json!({ "ip": "::ffff:203.0.113.7", "login": "sso" })),
        ("login", json!({ "login": "sso" })),
        ("last_activity", json!({ "last_activity": "2026-11-21T10:00:00Z" })),
    ] {
        let answer = command(&server, "ada", None, Some(context.clone())).await;
        assert_eq!(answer.refusal(), (403, "context.forbidden".into()), "{context}");
        assert_eq!(answer.json()["error"]["path"], format!("context.{key}"));
        assert!(answer.text.contains("acts_for_others"), "{}", answer.text);
        // A token that acts for others may not state its own connection either.
        let answer = command(&server, "backend", None, Some(context)).await;
        assert_eq!(answer.refusal(), (403, "context.forbidden".into()));
        assert!(answer.text.contains("Rolecall-Actor"), "{}", answer.text);
    }
    for (name, value) in [("ip", IN), ("login", "sso"), ("last_activity", "2026-11-21T10:00:00Z")] {
        for view in ["access", "roles", "settings", "locks"] {
            let path = format!("/v1/administration/{view}?at=free&{name}={value}");
            let bearer = bearer("ada");
            let answer = server.get(&path, &[(bearer[0].0, &bearer[0].1)]).await;
            assert_eq!(answer.refusal(), (403, "context.forbidden".into()), "{path}");
        }
    }
    // Headers have no effect either, except behind a trusted proxy.
    let bearer = bearer("ada");
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "rolecall-ip", "x-client-ip"] {
        let body = json!({ "command": { "assign": { "subject": "user:bo", "role": "viewer", "at": "acme" } } });
        let answer = server.post(COMMANDS, &[(bearer[0].0, &bearer[0].1), (header, IN)], &body).await;
        assert_eq!(answer.refusal(), (403, "denied".into()), "{header}");
    }
    let response = server.get("/v1/administration/access?at=free", &[(bearer[0].0, &bearer[0].1)]).await;
    assert_eq!(response.status.as_u16(), 200, "{}", response.text);
}

#[tokio::test]
async fn the_audit_log_has_the_peer_and_the_stated_connection() {
    let server = serve(store).await;
    let context = json!({ "ip": IN, "login": "sso" });
    assert_eq!(command(&server, "backend", Some("user:ada"), None).await.refusal(), (403, "denied".into()));
    let away = json!({ "ip": "198.51.100.1" });
    assert_eq!(command(&server, "backend", Some("user:ada"), Some(away)).await.refusal(), (403, "denied".into()));
    let password = json!({ "ip": IN, "login": "password" });
    assert_eq!(command(&server, "backend", Some("user:ada"), Some(password)).await.refusal(), (403, "denied".into()));
    let done = command(&server, "backend", Some("user:ada"), Some(context)).await;
    let event = &done.json()["event"];
    assert_eq!((&event["ip"], &event["peer"]), (&json!(IN), &json!("127.0.0.1")), "{}", done.text);
    let answer = server.get("/v1/administration/events", &[("authorization", "Bearer backend")]).await.json();
    let last = answer["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["ipAddress"], &last["peerAddress"]), (&json!(IN), &json!("127.0.0.1")), "{last}");
    // For a command without an application both are the same.
    let bearer = bearer("ada");
    let body = json!({ "command": { "assign": { "subject": "user:ada", "role": "viewer", "at": "free" } } });
    let own = server.post(COMMANDS, &[(bearer[0].0, &bearer[0].1)], &body).await.json();
    assert_eq!((&own["event"]["ip"], &own["event"]["peer"]), (&json!("127.0.0.1"), &json!("127.0.0.1")), "{own}");
}

#[tokio::test]
async fn only_a_token_that_may_state_connections_gets_passes_for_them() {
    let server = serve(store).await;
    let ask = async |name: &str, context: Value| {
        let bearer = bearer(name);
        let wanted = json!({ "subject": "user:ada", "at": "acme", "context": context });
        server.post("/v1/passes", &[(bearer[0].0, &bearer[0].1)], &wanted).await
    };
    let keys = KeySet::from_json(&server.get("/.well-known/jwks.json", &[]).await.text).unwrap();
    let issuer = format!("http://{}", server.address);
    let can = |answer: &Answer| {
        let pass = answer.json()["pass"].as_str().unwrap().to_string();
        let session = keys.open(&pass, Expected { issuer: &issuer, audience: None }, now()).unwrap().session;
        session.can(session.permission("segments:edit").unwrap())
    };
    for context in [
        json!({ "ip": IN }),
        json!({ "login": "sso" }),
        json!({ "last_activity": now().as_text() }),
        json!({ "active_roles": ["owner"] }),
        json!({ "active_roles": [] }),
    ] {
        let refused = ask("plain", context.clone()).await;
        assert_eq!(refused.refusal(), (403, "context.forbidden".into()), "{context}");
        assert_eq!(ask("backend", context).await.status.as_u16(), 200);
    }
    assert!(!can(&ask("plain", json!({})).await));
    assert!(can(&ask("backend", json!({ "ip": IN, "login": "sso" })).await));
    assert!(!can(&ask("backend", json!({ "ip": IN, "login": "password" })).await));
}

/// Returns the decision of each evaluation endpoint.
async fn decides(server: &Served, name: &str, user: &str, at: &str, action: &str, context: Value) -> bool {
    let bearer = bearer(name);
    let ask = json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": "segments", "id": at }, "context": context });
    let post = async |path: &str, body: &Value| {
        let answer = server.post(path, &[(bearer[0].0, &bearer[0].1)], body).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
        answer.json()
    };
    let single = post("/access/v1/evaluation", &ask).await["decision"] == true;
    let mut batch = ask.clone();
    batch["evaluations"] = json!([{}]);
    assert_eq!(post("/access/v1/evaluations", &batch).await["evaluations"][0]["decision"], single);
    let found = post("/access/v1/search/subject", &ask).await;
    assert_eq!(found["results"].as_array().unwrap().iter().any(|one| one["id"] == user), single);
    single
}

#[tokio::test]
async fn a_request_uses_only_values_that_its_caller_may_state() {
    let server = serve(store).await;
    let inside = || json!({ "ip": IN, "login": "sso" });
    assert!(decides(&server, "backend", "ada", "acme", "edit", inside()).await);
    // For other callers the address is unknown, and so is the login.
    assert!(!decides(&server, "plain", "ada", "acme", "edit", inside()).await);
    assert!(!decides(&server, "plain", "ada", "acme", "edit", json!({ "ip": IN })).await);
    assert!(!decides(&server, "plain", "ada", "free", "edit", inside()).await);
    assert!(decides(&server, "plain", "ada", "free", "edit", json!({ "ip": IN })).await);
    // Stated active roles of others have no effect either.
    assert!(decides(&server, "backend", "ada", "free", "edit", json!({ "active_roles": ["owner"] })).await);
    assert!(!decides(&server, "plain", "ada", "free", "edit", json!({ "active_roles": ["owner"] })).await);
    // Other products may use these keys with other meanings; the request is still answered.
    for foreign in [json!({ "method": "sso" }), json!(12), json!("10.0.0.1:4711"), json!(null), json!([IN])] {
        for key in ["ip", "login", "time", "device"] {
            let context = json!({ key: foreign });
            for name in ["backend", "plain", "past"] {
                let free = decides(&server, name, "bo", "free", "view", context.clone()).await;
                assert_eq!(free, key != "time" || name != "past", "{name} {context}");
                assert!(!decides(&server, name, "ada", "acme", "edit", context.clone()).await, "{name} {context}");
            }
        }
    }
}

#[tokio::test]
async fn the_server_clock_is_used() {
    let server = serve(store).await;
    for time in ["2025-06-27T18:03-07:00", "2025-06-27T18:03:00Z", "2024-01-01T00:00:00.000Z"] {
        let context = json!({ "time": time });
        for (name, expected) in [("backend", false), ("plain", false), ("past", true)] {
            assert_eq!(decides(&server, name, "bo", "free", "edit", context.clone()).await, expected, "{name} {time}");
            assert!(decides(&server, name, "bo", "free", "view", context.clone()).await, "{name} {time}");
        }
    }
    // Without tokens, every caller acts for others, and nobody may state the time.
    let server = serve(|folder| Config { tokens: Vec::new(), ..store(folder) }).await;
    assert!(decides(&server, "nobody", "ada", "acme", "edit", json!({ "ip": IN, "login": "sso" })).await);
    assert!(!decides(&server, "nobody", "ada", "acme", "edit", json!({ "ip": "198.51.100.1" })).await);
    assert!(!decides(&server, "nobody", "bo", "free", "edit", json!({ "time": "2025-06-27T18:03-07:00" })).await);
}

/// An address that a proxy does not name is in no network, not even in one that contains every address.
#[tokio::test]
async fn an_unreadable_address_is_in_no_network() {
    let everywhere = || vec!["0.0.0.0/1".to_string(), "128.0.0.0/1".to_string(), "::/0".to_string()];
    let server = serve(|folder| {
        let limited = Token { networks: everywhere(), ..token("limited", &[Right::Evaluate], false) };
        let ada = Token { subject: "user:ada".into(), ..token("ada", &[Right::Administer], false) };
        let directory = DIRECTORY.replace(r#"["203.0.113.0/24"]"#, r#"["0.0.0.0/1", "128.0.0.0/1", "::/0"]"#);
        let path = folder.join("wide.rolecall");
        Administration::begin(Sqlite::create(&path).unwrap(), POLICY, &directory, "app:rolecall", now()).unwrap();
        Config {
            store: Some(path),
            tokens: vec![limited, ada],
            proxies: vec!["127.0.0.0/8".into()],
            ..Config::default()
        }
    })
    .await;
    let ask = json!({ "subject": { "type": "user", "id": "bo" }, "action": { "name": "view" },
        "resource": { "type": "segments", "id": "free" } });
    let give = json!({ "command": { "assign": { "subject": "user:bo", "role": "viewer", "at": "acme" } } });
    for (address, known) in [
        ("203.0.113.9", true),
        ("2001:db8::9", true),
        ("[2001:db8::9]:4711", true),
        ("unknown", false),
        ("", false),
        ("_gateway", false),
        ("unix:", false),
        ("203.0.113.9.1", false),
        ("fe80::1%eth0", false),
        ("203.0.113.9, unknown", false),
    ] {
        let from = ("x-forwarded-for", address);
        let evaluated = server.post("/access/v1/evaluation", &[("authorization", "Bearer limited"), from], &ask).await;
        assert_eq!(evaluated.status.as_u16(), if known { 200 } else { 403 }, "{address}: {}", evaluated.text);
        let given = server.post(COMMANDS, &[("authorization", "Bearer ada"), from], &give).await;
        assert_eq!(given.status.as_u16(), if known { 200 } else { 403 }, "{address}: {}", given.text);
    }
}
