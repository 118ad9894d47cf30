//! Applications as OAuth 2.0 clients: secrets, access tokens, and what ends them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use axum::body::Body;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::{Answer, Served, documents, now, serve, serve_in, token};
use rolecall_authzen::Mapping;
use rolecall_server::{Config, Decisions, Entry, Replayed, Right, replay};
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const TOKEN: &str = "/v1/oauth/token";
const COMMANDS: &str = "/v1/administration/commands";
const EVALUATION: &str = "/access/v1/evaluation";
const BACKEND: (&str, &str) = ("authorization", "Bearer backend");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A world of two tenants. Every name of the other one contains `zz-`.
fn world(folder: &Path) -> Config {
    let policy = json!({ "rolecall": 1, "scopes": ["instance", "account", "project"],
        "resources": { "users": { "actions": ["view", "edit"] }, "audit": { "actions": ["view"] },
            "sites": { "actions": ["view", "edit"] } },
        "roles": { "viewer": { "grants": ["sites:view"] }, "auditor": { "grants": ["audit:view"] },
            "admin": { "grants": ["users:*", "sites:*"], "inherits": ["auditor", "viewer"] } },
        "administration": { "add-user": "users:edit", "add-app": "users:edit", "set-app": "users:edit",
            "add-secret": "users:edit", "remove-secret": "users:edit", "view-applications": "users:view",
            "suspend-subject": "users:edit", "resume-subject": "users:edit", "remove-subject": "users:edit",
            "assign": "users:edit", "withdraw": "users:edit", "view-audit": "audit:view",
            "set-networks": { "account": "users:edit" }, "set-login": { "account": "users:edit" } } });
    let role = |subject: &str, role: &str, at: &str| json!({ "subject": subject, "role": role, "at": at });
    let directory = json!({ "rolecall": 1,
        "scopes": ["main", "main/acme", "main/acme/shop", "main/zz-other"],
        "subjects": { "user:ada": { "native": "main/acme" }, "user:zz-boss": { "native": "main/zz-other" } },
        "assignments": [role("user:ada", "admin", "main/acme"), role("user:zz-boss", "admin", "main/zz-other")] });
    let path = folder.join("acme.rolecall");
    let store = Sqlite::create(&path).unwrap();
    Administration::begin(store, &policy.to_string(), &directory.to_string(), "user:ada", now()).unwrap();
    served_from(folder)
}

/// Serves the store of a folder again, with the same keys.
fn served_from(folder: &Path) -> Config {
    let keys = folder.join("keys.json");
    if !keys.exists() {
        let secret = rolecall_pass::Secret::from_seed([7; 32]);
        std::fs::write(&keys, &*rolecall_pass::Keys::new(vec![secret]).to_json()).unwrap();
    }
    let mut config = Config {
        store: Some(folder.join("acme.rolecall")),
        tokens: vec![token("backend", &[Right::Administer, Right::Audit, Right::Evaluate], true)],
        // Tokens name the server as their issuer, and a restart has another port.
        url: Some("https://roles.example".into()),
        ..Config::default()
    };
    config.passes.keys = Some(keys);
    config
}

async fn give(server: &Served, actor: &str, command: Value) -> Answer {
    let headers = [BACKEND, ("rolecall-actor", actor)];
    let body = json!({ "command": command, "context": { "ip": "203.0.113.7" } });
    server.post(COMMANDS, &headers, &body).await
}

async fn done(server: &Served, actor: &str, command: Value) -> Value {
    let answer = give(server, actor, command).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()
}

async fn add_app(server: &Served, name: &str, role: &str) {
    let new = json!({ "subject": format!("app:{name}"), "roles": [{ "role": role, "at": "main/acme" }] });
    done(server, "user:ada", json!({ "add-app": new })).await;
}

/// Adds a secret. Returns its id and the secret.
async fn add_secret(server: &Served, name: &str) -> (String, String) {
    let answer = done(server, "user:ada", json!({ "add-secret": { "subject": format!("app:{name}") } })).await;
    assert_eq!(answer["client"]["client_id"], name);
    let secret = answer["client"]["client_secret"].as_str().unwrap().to_string();
    let secrets = |side: &str| answer["event"]["changes"][0][side]["secrets"].as_object().cloned().unwrap_or_default();
    let before = secrets("before");
    let new: Vec<String> =
        secrets("after").into_iter().map(|(id, _)| id).filter(|id| !before.contains_key(id)).collect();
    assert_eq!(new.len(), 1, "{answer}");
    (new[0].clone(), secret)
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

async fn ask_token(server: &Served, headers: &[(&str, &str)], body: &str) -> Answer {
    server.send(server.request(Method::POST, TOKEN, &[&[FORM], headers].concat(), body.to_string())).await
}

/// Gets an access token with HTTP Basic authentication.
async fn access(server: &Served, id: &str, secret: &str) -> Answer {
    ask_token(server, &[("authorization", &basic(id, secret))], "grant_type=client_credentials").await
}

async fn access_token(server: &Served, id: &str, secret: &str) -> String {
    let answer = access(server, id, secret).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()["access_token"].as_str().unwrap().to_string()
}

fn error_of(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_string())
}

fn question(kind: &str, id: &str, action: &str) -> Value {
    json!({ "subject": { "type": kind, "id": id }, "action": { "name": action },
        "resource": { "type": "sites", "id": "main/acme/shop" }, "options": { "reasons": true } })
}

async fn evaluate(server: &Served, token: &str, question: &Value) -> Answer {
    server.post(EVALUATION, &[("authorization", &format!("Bearer {token}"))], question).await
}

#[tokio::test]
async fn an_application_lives_from_its_first_secret_to_its_removal() {
    let server = serve(world).await;
    add_app(&server, "crm", "viewer").await;
    let (first, secret) = add_secret(&server, "crm").await;
    let answer = access(&server, "crm", &secret).await;
    assert!(answer.headers["cache-control"] == "no-store" && answer.headers["pragma"] == "no-cache");
    let body = answer.json();
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_u64()), (Some("bearer"), Some(3600)), "{body}");
    let token = body["access_token"].as_str().unwrap().to_string();
    // It is of the type of RFC 9068, with its claims.
    let part = |number: usize| -> Value {
        let part = token.split('.').nth(number).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(part(0)["typ"], "at+jwt");
    let claims = part(1);
    assert_eq!(
        (claims["iss"].as_str(), claims["aud"].as_str()),
        (Some("https://roles.example"), Some("https://roles.example"))
    );
    assert_eq!((claims["sub"].as_str(), claims["client_id"].as_str()), (Some("app:crm"), Some("crm")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert!(claims["jti"].as_str().is_some_and(|id| id.len() == 22));

    // It acts as itself, with its roles.
    assert_eq!(evaluate(&server, &token, &question("app", "crm", "view")).await.json()["decision"], true);
    assert_eq!(evaluate(&server, &token, &question("app", "crm", "edit")).await.json()["decision"], false);

    // It can send its id and secret with each request instead.
    let with = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    for (id, secret, status) in [("crm", &*secret, 200), ("app%3Acrm", &*secret, 200), ("crm", "wrong", 401)] {
        let headers = [("authorization", &*with(id, secret))];
        let answer = server.post("/access/v1/evaluation", &headers, &question("app", "crm", "view")).await;
        assert_eq!(answer.status.as_u16(), status, "{id} {}", answer.text);
    }
    let headers = [("authorization", &*with("crm", &secret))];
    let other = server.post("/access/v1/evaluation", &headers, &question("user", "ada", "view")).await;
    assert_eq!(other.json()["decision"], false, "an application asks only about itself");

    // A second secret replaces the first.
    let (second, other) = add_secret(&server, "crm").await;
    let third = give(&server, "user:ada", json!({ "add-secret": { "subject": "app:crm" } })).await;
    assert_eq!(third.refusal(), (422, "secret.limit".into()));
    let newer = access_token(&server, "crm", &other).await;
    done(&server, "user:ada", json!({ "remove-secret": { "subject": "app:crm", "secret": first } })).await;
    assert_eq!(error_of(&access(&server, "crm", &secret).await), (401, "invalid_client".into()));
    let refused = evaluate(&server, &token, &question("app", "crm", "view")).await;
    assert_eq!(refused.refusal(), (401, "unauthenticated".into()), "the token ended with its secret");
    assert_eq!(evaluate(&server, &newer, &question("app", "crm", "view")).await.json()["decision"], true);

    // Suspension ends tokens at once, and holds none back for later.
    done(&server, "user:ada", json!({ "suspend-subject": { "subject": "app:crm" } })).await;
    assert_eq!(evaluate(&server, &newer, &question("app", "crm", "view")).await.status.as_u16(), 401);
    assert_eq!(error_of(&access(&server, "crm", &other).await), (401, "invalid_client".into()));
    done(&server, "user:ada", json!({ "resume-subject": { "subject": "app:crm" } })).await;
    let last = access_token(&server, "crm", &other).await;
    done(&server, "user:ada", json!({ "remove-subject": { "subject": "app:crm", "at": "main/acme" } })).await;
    assert_eq!(evaluate(&server, &last, &question("app", "crm", "view")).await.status.as_u16(), 401);
    assert_eq!(error_of(&access(&server, "crm", &other).await), (401, "invalid_client".into()));
    // Added again, the application has no secret of before.
    add_app(&server, "crm", "viewer").await;
    assert_eq!(error_of(&access(&server, "crm", &other).await), (401, "invalid_client".into()));
    assert_ne!(first, second);
}

#[tokio::test]
async fn secrets_are_in_no_event_and_no_store() {
    let server = serve(world).await;
    add_app(&server, "crm", "viewer").await;
    let answer =
        give(&server, "user:ada", json!({ "add-secret": { "subject": "app:crm", "note": "in the vault" } })).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let secret = answer.json()["client"]["client_secret"].as_str().unwrap().to_string();
    assert!(secret.len() > 43 && secret.starts_with("rcs_"));
    assert!(!answer.json()["event"].to_string().contains(&secret));
    let events = server.get("/v1/administration/events", &[BACKEND]).await.text;
    assert!(events.contains("in the vault") && !events.contains(&secret));
    let file = std::fs::read(server.folder.path().join("acme.rolecall")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains(&secret));
    // A caller cannot choose the secret.
    let chosen = json!({ "add-secret": { "subject": "app:crm", "sha256": "ab".repeat(32) } });
    let refused = give(&server, "user:ada", chosen).await;
    assert_eq!(refused.refusal(), (400, "request.shape".into()));
    assert_eq!(refused.json()["error"]["path"], "command.add-secret.sha256");
    // A dry run returns no secret.
    let dry = json!({ "command": { "add-secret": { "subject": "app:crm" } }, "dry_run": true });
    let dry = server.post(COMMANDS, &[BACKEND, ("rolecall-actor", "user:ada")], &dry).await.json();
    assert!(dry["event"].is_object() && dry.get("client").is_none(), "{dry}");
    // A retry has no other secret. The first one is gone if its answer was lost.
    let headers = [BACKEND, ("rolecall-actor", "user:ada"), ("idempotency-key", "one")];
    let command = json!({ "command": { "add-secret": { "subject": "app:crm" } } });
    let first = server.post(COMMANDS, &headers, &command).await.json();
    let again = server.post(COMMANDS, &headers, &command).await.json();
    assert_eq!(first["event"], again["before"]);
    assert!(first["client"]["client_secret"].is_string() && again.get("client").is_none());
}

/// The errors of RFC 6749, section 5.2, and what section 2.3.1 requires of clients.
#[tokio::test]
async fn errors_are_those_of_rfc_6749() {
    let server = serve(world).await;
    add_app(&server, "crm", "viewer").await;
    add_app(&server, "a b&c=d", "viewer").await;
    let (_, secret) = add_secret(&server, "crm").await;
    let right = basic("crm", &secret);
    let wrong = basic("crm", "rcs_wrong");
    let unknown = basic("nobody", &secret);
    let grant = "grant_type=client_credentials";
    let post = format!("{grant}&client_id=crm&client_secret={secret}");
    let full = format!("{grant}&client_id=app%3Acrm&client_secret={secret}");
    let encoded = basic("app%3Acrm", &secret);
    let own = format!("{grant}&resource=https%3A%2F%2Froles.example");
    for (authorization, body, expected) in [
        (Some(&right), grant.to_string(), (200, "")),
        (Some(&encoded), grant.to_string(), (200, "")),
        (None, post.clone(), (200, "")),
        (None, full, (200, "")),
        (Some(&right), format!("{grant}&client_id=crm"), (200, "")),
        // Unknown parameters, and those without a value, are ignored.
        (Some(&right), format!("{grant}&audience=x&scope="), (200, "")),
        (Some(&right), own, (200, "")),
        (Some(&right), format!("{grant}&resource=https%3A%2F%2Fother.example"), (400, "invalid_target")),
        (Some(&right), String::new(), (400, "invalid_request")),
        (Some(&right), format!("{grant}&{grant}"), (400, "invalid_request")),
        (Some(&right), post.clone(), (400, "invalid_request")),
        (Some(&right), format!("{grant}&client_id=erp"), (400, "invalid_request")),
        (Some(&right), "grant_type=authorization_code&code=x".to_string(), (400, "unsupported_grant_type")),
        (Some(&right), "grant_type=password&username=ada&password=x".to_string(), (400, "unsupported_grant_type")),
        (Some(&right), format!("{grant}&scope=admin"), (400, "invalid_scope")),
        (None, grant.to_string(), (401, "invalid_client")),
        (None, format!("{grant}&client_id=crm"), (401, "invalid_client")),
        (None, format!("{grant}&client_id=crm&client_secret=x"), (401, "invalid_client")),
        (Some(&wrong), grant.to_string(), (401, "invalid_client")),
        (Some(&unknown), grant.to_string(), (401, "invalid_client")),
        (Some(&basic("user:ada", &secret)), grant.to_string(), (401, "invalid_client")),
        (Some(&basic("a+b%26c%3Dd", "x")), grant.to_string(), (401, "invalid_client")),
        (Some(&"Basic crm".to_string()), grant.to_string(), (401, "invalid_client")),
        (Some(&"Bearer backend".to_string()), grant.to_string(), (401, "invalid_client")),
    ] {
        let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
        let answer = ask_token(&server, &headers, &body).await;
        assert_eq!((answer.status.as_u16(), error_of(&answer).1.as_str()), expected, "{authorization:?} {body}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{body}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), expected.0 == 401, "{body}");
    }
    // An unknown client and a wrong secret give the same answer.
    let ask = async |authorization: &str| ask_token(&server, &[("authorization", authorization)], grant).await.text;
    assert_eq!(ask(&wrong).await, ask(&unknown).await);
    let twice = [("authorization", right.as_str()), ("authorization", right.as_str())];
    assert_eq!(error_of(&ask_token(&server, &twice, grant).await), (400, "invalid_request".into()));
    let json_body =
        server.post(TOKEN, &[("authorization", &right)], &json!({ "grant_type": "client_credentials" })).await;
    assert_eq!(error_of(&json_body), (400, "invalid_request".into()));
    assert_eq!(server.get(TOKEN, &[]).await.status.as_u16(), 405);

    let metadata = server.get("/.well-known/oauth-authorization-server", &[]).await.json();
    assert_eq!(metadata["issuer"], "https://roles.example");
    assert_eq!(metadata["token_endpoint"], "https://roles.example/v1/oauth/token");
    assert_eq!(metadata["grant_types_supported"], json!(["client_credentials"]));
    assert_eq!(server.get("/.well-known/oauth-authorization-server/other", &[]).await.status.as_u16(), 404);
    // Documents have no secrets.
    let server = serve(documents).await;
    let answer = ask_token(&server, &[("authorization", &right)], grant).await;
    assert_eq!(answer.refusal(), (404, "store.missing".into()));
}

#[tokio::test]
async fn a_token_asks_about_its_own_application_only() {
    let server = serve(world).await;
    add_app(&server, "crm", "admin").await;
    let (_, secret) = add_secret(&server, "crm").await;
    let token = access_token(&server, "crm", &secret).await;
    let bearer = format!("Bearer {token}");
    let own = [("authorization", bearer.as_str())];
    // Numbers would show how many scopes the other tenants have.
    let filter = json!({ "subject": "app:crm", "permission": "sites:view" });
    for answer in [server.post("/v1/filters", &own, &filter).await, server.get("/v1/numbering", &own).await] {
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.text);
        assert!(!answer.text.contains("zz-") && !answer.text.contains("ranges"), "{}", answer.text);
    }
    // Answers about assignments would name subjects of the other tenants.
    let questions = [
        ("who-holds", json!({ "role": "owner" })),
        ("which-groups-can", json!({ "permission": "sites:view", "at": "zz" })),
        ("assignments-of", json!({ "subject": "user:zz-boss" })),
    ];
    for (name, question) in questions {
        let answer = server.post(&format!("/v1/queries/{name}"), &own, &question).await;
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.text);
        assert!(!answer.text.contains("zz-") && !answer.text.contains("roles"), "{}", answer.text);
    }
    // A member of the tenant, one of another tenant and one that does not exist look the same.
    for (kind, id) in [("user", "ada"), ("user", "zz-boss"), ("user", "nobody"), ("app", "zz-none")] {
        let answer = evaluate(&server, &token, &question(kind, id, "view")).await.json();
        assert_eq!(answer["decision"], false);
        assert_eq!(answer["context"]["reasons"], json!(["subject.forbidden"]), "{answer}");
    }
    let batch = json!({ "subject": { "type": "app", "id": "crm" }, "action": { "name": "edit" },
        "evaluations": [{ "resource": { "type": "sites", "id": "main/acme" } },
            { "subject": { "type": "user", "id": "ada" }, "resource": { "type": "sites", "id": "main/acme" } }] });
    let answer = server.post("/access/v1/evaluations", &own, &batch).await.json();
    assert_eq!(answer["evaluations"], json!([{ "decision": true }, { "decision": false }]));
    for (what, subject, found) in [
        ("subject", json!({ "type": "user" }), json!([])),
        ("subject", json!({ "type": "app" }), json!([{ "type": "app", "id": "crm" }])),
        ("action", json!({ "type": "app", "id": "crm" }), json!([{ "name": "edit" }, { "name": "view" }])),
        ("action", json!({ "type": "user", "id": "ada" }), json!([])),
        ("resource", json!({ "type": "user", "id": "ada" }), json!([])),
    ] {
        let mut search = json!({ "subject": subject, "resource": { "type": "sites" } });
        if what != "resource" {
            search["resource"]["id"] = json!("main/acme");
        }
        if what != "action" {
            search["action"] = json!({ "name": "view" });
        }
        let mut answer = server.post(&format!("/access/v1/search/{what}"), &own, &search).await.json();
        if let Some(names) = answer["results"].as_array_mut() {
            names.sort_by_key(|one| one["name"].to_string());
        }
        assert_eq!(answer["results"], found, "{what} {subject}: {answer}");
    }
    // Passes, too.
    let pass = |subject: &str| json!({ "subject": subject, "at": "main/acme" });
    assert_eq!(server.post("/v1/passes", &own, &pass("app:crm")).await.status.as_u16(), 200);
    assert_eq!(server.post("/v1/passes", &own, &pass("user:ada")).await.refusal(), (403, "forbidden".into()));
    let view = server.post("/v1/views", &own, &pass("app:crm")).await.json();
    assert_eq!((&view["subject"], view["parts"].as_array().map(Vec::len)), (&json!("app:crm"), Some(1)));
    for subject in ["user:ada", "user:zz-boss", "app:zz-none"] {
        let answer = server.post("/v1/views", &own, &pass(subject)).await;
        assert_eq!(answer.refusal(), (403, "forbidden".into()));
        assert!(!answer.text.contains("zz-"), "{}", answer.text);
    }
    // A scope of another tenant looks like one that does not exist.
    let elsewhere = async |at: &str| {
        let mut view = server.post("/v1/views", &own, &json!({ "subject": "app:crm", "at": at })).await.json();
        view["at"] = json!("");
        view["parts"] = json!(
            view["parts"]
                .as_array()
                .map(|parts| parts.iter().map(|part| part["permissions"].clone()).collect::<Vec<_>>())
        );
        view
    };
    assert_eq!(elsewhere("main/zz-other").await, elsewhere("main/none").await);
    // What an operator's token may, an application may not.
    for path in ["/v1/snapshot", "/metrics", "/v1/administration/events"] {
        assert_eq!(server.get(path, &own).await.refusal(), (403, "forbidden".into()), "{path}");
    }
    let as_ada = [own[0], ("rolecall-actor", "user:ada")];
    let assign = json!({ "command": { "assign": { "subject": "app:crm", "role": "viewer", "at": "main/acme/shop" } } });
    assert_eq!(server.post(COMMANDS, &as_ada, &assign).await.refusal(), (403, "forbidden".into()));
    // It administers with its own roles, and its address is that of its connection.
    let event = server.post(COMMANDS, &own, &assign).await.json();
    assert_eq!((event["event"]["actor"].as_str(), event["event"]["ip"].as_str()), (Some("app:crm"), Some("127.0.0.1")));
    assert_eq!(server.get("/v1/administration/events?at=main/acme", &own).await.status.as_u16(), 200);
    assert_eq!(server.get("/v1/administration/events?at=main/zz-other", &own).await.status.as_u16(), 403);
    // An access token is not a pass, and a pass is not an access token.
    assert_eq!(
        server.send(server.request(Method::POST, "/v1/passes/renew", &own, Body::empty())).await.status.as_u16(),
        401
    );
    let made = server.post("/v1/passes", &own, &pass("app:crm")).await.json();
    let made = format!("Bearer {}", made["pass"].as_str().unwrap());
    assert_eq!(server.post(COMMANDS, &[("authorization", &made)], &assign).await.status.as_u16(), 401);
    // Nor is a token with a changed claim.
    let mut parts: Vec<String> = token.split('.').map(str::to_string).collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&parts[1]).unwrap()).unwrap();
    claims["sub"] = json!("user:ada");
    parts[1] = URL_SAFE_NO_PAD.encode(claims.to_string());
    assert_eq!(evaluate(&server, &parts.join("."), &question("user", "ada", "view")).await.status.as_u16(), 401);
}

#[tokio::test]
async fn settings_bound_tokens_and_addresses() {
    let server = serve(world).await;
    add_app(&server, "crm", "viewer").await;
    let (_, secret) = add_secret(&server, "crm").await;
    let settings = |networks: Value| json!({ "set-app": { "subject": "app:crm", "title": "CRM", "token_lifetime": "1m", "networks": networks } });
    done(&server, "user:ada", settings(json!(["127.0.0.0/8"]))).await;
    let answer = access(&server, "crm", &secret).await.json();
    assert_eq!(answer["expires_in"], 60, "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(evaluate(&server, token, &question("app", "crm", "view")).await.json()["decision"], true);
    // Networks of the application hold for tokens that were issued before.
    done(&server, "user:ada", settings(json!(["203.0.113.0/24"]))).await;
    assert_eq!(evaluate(&server, token, &question("app", "crm", "view")).await.status.as_u16(), 401);
    assert_eq!(error_of(&access(&server, "crm", &secret).await), (401, "invalid_client".into()));
    // Networks of the tenant hold for applications, by the address of the connection.
    done(&server, "user:ada", settings(json!([]))).await;
    let networks = |range: &str| json!({ "set-networks": { "at": "main/acme", "ranges": [range], "force": true } });
    done(&server, "user:ada", networks("203.0.113.0/24")).await;
    let answer = evaluate(&server, token, &question("app", "crm", "view")).await.json();
    assert_eq!(
        (answer["decision"].as_bool(), answer["context"].to_string().contains("ip-denied")),
        (Some(false), true)
    );
    let mut stated = question("app", "crm", "view");
    stated["context"] = json!({ "ip": "203.0.113.7" });
    assert_eq!(evaluate(&server, token, &stated).await.json()["decision"], false, "an application states no address");
    // A token ends with its secret.
    let until = rolecall::Timestamp::from_millis(now().as_millis() + 30_000).unwrap().as_text();
    let new = json!({ "add-secret": { "subject": "app:crm", "until": until } });
    let new = give(&server, "user:ada", new).await.json()["client"]["client_secret"].as_str().unwrap().to_string();
    let left = access(&server, "crm", &new).await.json()["expires_in"].as_u64().unwrap();
    assert!((20..=30).contains(&left), "{left}");
}

async fn applications(server: &Served, actor: &str, at: &str) -> Answer {
    let path = format!("/v1/administration/applications?at={at}");
    server.get(&path, &[BACKEND, ("rolecall-actor", actor)]).await
}

#[tokio::test]
async fn applications_are_listed_with_their_last_use_which_survives_a_restart() {
    let mut server = serve(world).await;
    add_app(&server, "crm", "viewer").await;
    let settings =
        json!({ "subject": "app:crm", "title": "CRM", "description": "Reads sites", "token_lifetime": "30m" });
    done(&server, "user:ada", json!({ "set-app": settings })).await;
    let (id, secret) = add_secret(&server, "crm").await;
    let listed = applications(&server, "user:ada", "main/acme").await.json();
    let one = &listed["rows"][0];
    assert_eq!((one["subject"].as_str(), one["client_id"].as_str()), (Some("app:crm"), Some("crm")));
    assert_eq!((one["title"].as_str(), one["description"].as_str()), (Some("CRM"), Some("Reads sites")));
    assert_eq!((one["status"].as_str(), one["token_lifetime"].as_str()), (Some("active"), Some("30m")));
    assert_eq!(
        (one["roles"][0]["role"].as_str(), one["secrets"][0]["id"].as_str()),
        (Some("viewer"), Some(id.as_str()))
    );
    assert!(one["secrets"][0]["created"].is_string() && one["secrets"][0].get("last_use").is_none());
    assert!(!listed.to_string().contains("sha256"));

    let token = access_token(&server, "crm", &secret).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let last = |listed: &Value| listed["rows"][0]["secrets"][0]["last_use"].clone();
    let first = last(&applications(&server, "user:ada", "main/acme").await.json());
    assert_eq!(first["ip"], "127.0.0.1", "{first}");
    // Later uses within the minute are written when the server stops.
    for _ in 0..5 {
        evaluate(&server, &token, &question("app", "crm", "view")).await;
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(last(&applications(&server, "user:ada", "main/acme").await.json()), first);
    let version = server.get("/v1/administration/events", &[BACKEND]).await.json()["events"].as_array().unwrap().len();
    let folder = server.stop().await;
    server = serve_in(folder, served_from).await;
    let second = last(&applications(&server, "user:ada", "main/acme").await.json());
    let time = |one: &Value| rolecall::Timestamp::parse(one["time"].as_str().unwrap()).unwrap();
    assert!(time(&second) > time(&first), "{first} {second}");
    // Uses are not events, and a token outlasts the restart.
    let events = server.get("/v1/administration/events", &[BACKEND]).await.json();
    assert_eq!(events["events"].as_array().unwrap().len(), version);
    assert_eq!(evaluate(&server, &token, &question("app", "crm", "view")).await.json()["decision"], true);
}

#[tokio::test]
async fn issued_tokens_and_failures_are_in_the_audit_log_of_the_tenant() {
    let server = serve(world).await;
    add_app(&server, "crm", "viewer").await;
    let (id, secret) = add_secret(&server, "crm").await;
    for _ in 0..5 {
        access_token(&server, "crm", &secret).await;
        access(&server, "crm", "rcs_wrong").await;
        access(&server, "zz-none", "rcs_wrong").await;
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    let read = async |query: &str, headers: &[(&str, &str)]| {
        let events = server.get(&format!("/v1/administration/events{query}"), headers).await.json();
        let session = |one: &Value| {
            let event = &one["event"];
            let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
            let session = event.get("session")?;
            Some(
                [&event["operation"], &event["object_type"], &event["actor"], &session["secret"], &session["reason"]]
                    .map(text),
            )
        };
        events["events"].as_array().unwrap().iter().filter_map(session).collect::<Vec<_>>()
    };
    let issued = ["LOGIN", "APPLICATION", "app:crm", &id, "-"].map(str::to_string);
    let wrong = ["LOGIN_FAILED", "APPLICATION", "app:crm", "-", "client.secret"].map(str::to_string);
    let unknown = ["LOGIN_FAILED", "APPLICATION", "", "-", "client.unknown"].map(str::to_string);
    let whole = read("", &[BACKEND]).await;
    assert_eq!(whole, [issued.clone(), wrong.clone(), unknown], "one event each");
    let ada = [BACKEND, ("rolecall-actor", "user:ada")];
    assert_eq!(read("?at=main/acme", &ada).await, [issued, wrong]);
    let boss = [BACKEND, ("rolecall-actor", "user:zz-boss")];
    assert!(read("?at=main/zz-other", &boss).await.is_empty());
}

/// The decision log has the application and its address, so that a replay gives the same answers.
#[tokio::test]
async fn decisions_about_an_application_are_replayed() {
    let server = serve(|folder| {
        let decisions = Decisions { file: folder.join("decisions.jsonl"), queue: 100, mask: Vec::new() };
        Config { decisions: Some(decisions), ..world(folder) }
    })
    .await;
    add_app(&server, "crm", "viewer").await;
    let (_, secret) = add_secret(&server, "crm").await;
    let networks = json!({ "set-networks": { "at": "main/acme", "ranges": ["127.0.0.0/8"], "force": true } });
    done(&server, "user:ada", networks).await;
    let token = access_token(&server, "crm", &secret).await;
    for (kind, id, allowed) in [("app", "crm", true), ("user", "ada", false)] {
        assert_eq!(evaluate(&server, &token, &question(kind, id, "view")).await.json()["decision"], allowed);
    }
    let folder = server.stop().await;
    let store = Sqlite::open(&folder.path().join("acme.rolecall")).unwrap();
    let administration = Administration::open(store).unwrap();
    let engine = administration.state().engine().unwrap();
    let log = std::fs::read_to_string(folder.path().join("decisions.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 2, "{log}");
    for line in log.lines() {
        let own = serde_json::from_str::<Entry>(line).unwrap().own.unwrap();
        assert_eq!((own.subject.as_str(), own.ip.as_deref()), ("app:crm", Some("127.0.0.1")));
        assert!(matches!(replay(engine, &Mapping::default(), line), Replayed::Same), "{line}");
    }
}

/// What an administrator of one tenant obtains names no application of another.
#[tokio::test]
async fn tenants_know_nothing_of_each_others_applications() {
    let server = serve(world).await;
    let boss = "user:zz-boss";
    let new = json!({ "subject": "app:zz-crm", "roles": [{ "role": "viewer", "at": "main/zz-other" }] });
    done(&server, boss, json!({ "add-app": new })).await;
    let added = done(&server, boss, json!({ "add-secret": { "subject": "app:zz-crm", "note": "zz-note" } })).await;
    done(&server, boss, json!({ "set-app": { "subject": "app:zz-crm", "title": "zz-title" } })).await;
    let secret = added["client"]["client_secret"].as_str().unwrap();
    let token = access_token(&server, "zz-crm", secret).await;
    let without = |answer: Answer, name: &str| format!("{} {}", answer.status, answer.text.replace(name, "NAME"));
    for [there, missing] in [["app:zz-crm", "app:zz-abc"], ["user:zz-boss", "user:zz-abcd"]] {
        for command in [
            |id: &str| json!({ "set-app": { "subject": id, "title": "x" } }),
            |id: &str| json!({ "add-secret": { "subject": id } }),
            |id: &str| json!({ "remove-secret": { "subject": id, "secret": "abcdefabcdef" } }),
            |id: &str| json!({ "suspend-subject": { "subject": id } }),
            |id: &str| json!({ "remove-subject": { "subject": id, "at": "main/acme" } }),
        ] {
            let name = |id: &str| id.split_once(':').unwrap().1.to_string();
            let known = without(give(&server, "user:ada", command(there)).await, &name(there));
            let unknown = without(give(&server, "user:ada", command(missing)).await, &name(missing));
            assert_eq!(known, unknown);
        }
    }
    for at in ["main/acme", "main/acme/shop", "main", "main/zz-other"] {
        let listed = applications(&server, "user:ada", at).await.text;
        assert!(!listed.contains("zz-crm") && !listed.contains("zz-title") && !listed.contains("zz-note"), "{listed}");
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    let events = server.get("/v1/administration/events?at=main/acme", &[BACKEND, ("rolecall-actor", "user:ada")]).await;
    assert!(!events.text.contains("zz-"), "{}", events.text);
    // Its token reads nothing of the first tenant.
    let own = [("authorization", &*format!("Bearer {token}"))];
    for path in ["/v1/administration/applications?at=main/acme", "/v1/administration/events?at=main/acme"] {
        assert_eq!(server.get(path, &own).await.refusal(), (403, "denied".into()));
    }
}

#[tokio::test]
async fn attempts_are_limited_and_pages_of_browsers_are_not_admitted() {
    let server = serve(|folder| {
        let mut config = world(folder);
        config.origins = vec!["https://app.example".into()];
        config.limits.per_second = std::num::NonZeroU32::new(5);
        config
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        let answer = access(&server, "crm", "rcs_guess").await;
        statuses.push(answer.status.as_u16());
        assert!(answer.status.as_u16() == 401 || answer.headers.contains_key("retry-after"));
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let origin = [("origin", "https://app.example"), ("access-control-request-method", "POST")];
    let answer = server.send(server.request(Method::OPTIONS, TOKEN, &origin, Body::empty())).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "{:?}", answer.headers);
}
