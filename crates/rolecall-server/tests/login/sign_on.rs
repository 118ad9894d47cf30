//! The identity provider of a tenant is a setting of the tenant, in effect at once.

use crate::common::{Served, token};
use crate::provider::{
    Shared, begin, cookie, csrf, finish, give, header, log_in, parameter, provider, served, session,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolecall_server::{Config, Login, Right};
use serde_json::{Value, json};

const OLGA: [(&str, &str); 2] = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga@acme.example")];

fn audited(config: Config) -> Config {
    let tokens = vec![token("backend", &[Right::Administer], true), token("vendor", &[Right::Audit], false)];
    Config { tokens, ..config }
}

/// Settings of a tenant's provider that is the scripted one.
fn sign_on(replies: &Shared, at: &str, more: &Value) -> Value {
    let issuer = replies.lock().unwrap().issuer.clone();
    let mut settings =
        json!({ "at": at, "issuer": issuer, "client_id": "rolecall", "claim": "email", "request_scopes": ["email"] });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "set-sign-on": settings })
}

async fn ids(server: &Served, query: &str) -> Vec<String> {
    let body = server.get(&format!("/v1/login{query}"), &[]).await.json();
    let all = body["providers"].as_array().unwrap_or_else(|| panic!("{body}"));
    all.iter().map(|one| one["id"].as_str().unwrap().to_string()).collect()
}

#[tokio::test]
async fn a_tenant_sets_its_provider_without_a_restart() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    assert_eq!(server.get("/v1/login/sso~acme", &[]).await.refusal(), (404, "provider.unknown".into()));
    give(&server, sign_on(&replies, "acme", &json!({ "title": "Acme" }))).await;
    // The login page of the tenant lists it. The list of the server names no tenant.
    assert_eq!(ids(&server, "?at=acme").await, ["corp", "google", "link", "sso", "sso~acme"]);
    assert_eq!(ids(&server, "").await, ["corp", "google", "link", "sso"]);
    assert_eq!(ids(&server, "?at=other").await, ["google", "link", "sso"]);
    assert_eq!(ids(&server, "?at=nowhere").await, ["google", "link", "sso"]);
    let ada = log_in(&server, &replies, "sso~acme", "ada@acme.example").await.unwrap();
    let body = session(&server, &ada).await.json();
    assert_eq!((&body["provider"], &body["at"], &body["login"]), (&json!("sso~acme"), &json!("acme"), &json!("sso")));
    for (email, expected) in [
        // People of another tenant, of none, and people whom the directory does not list.
        ("else@other.example", "login.domain"),
        ("free@example.org", "login.domain"),
        ("nobody@acme.example", "unknown-subject"),
        ("out@agency.example", "login-method"),
        ("gone@acme.example", "suspended"),
    ] {
        assert_eq!(log_in(&server, &replies, "sso~acme", email).await, Err(expected.into()), "{email}");
    }
    // Groups give roles by the mappings that name the provider.
    let mapping = json!({ "at": "acme", "provider": "sso~acme", "group": "Owners", "roles": [{ "role": "owner", "at": "acme" }] });
    give(&server, json!({ "set-role-mapping": mapping })).await;
    replies.lock().unwrap().twist = Some(|_, claims| claims["groups"] = json!(["Owners"]));
    log_in(&server, &replies, "sso~acme", "ada@acme.example").await.unwrap();
    let listed = server.get("/v1/administration/role-mappings?at=acme&ip=127.0.0.1", &OLGA).await.json();
    assert_eq!(listed["role_mappings"][0]["members"], 1, "{listed}");
    // Removing the provider ends its sessions and mappings.
    give(&server, json!({ "remove-sign-on": { "at": "acme" } })).await;
    assert_eq!(session(&server, &ada).await.refusal(), (401, "session.ended".into()));
    assert_eq!(server.get("/v1/login/sso~acme", &[]).await.refusal(), (404, "provider.unknown".into()));
    let listed = server.get("/v1/administration/role-mappings?at=acme&ip=127.0.0.1", &OLGA).await.json();
    assert_eq!(listed["role_mappings"], json!([]));
    let folder = server.stop().await;
    let opened = rolecall_store::Sqlite::open(&folder.path().join("acme.rolecall")).unwrap();
    rolecall_store::Administration::open(opened).unwrap().verify().unwrap();
}

#[tokio::test]
async fn a_replaced_provider_ends_sessions_and_pending_logins() {
    let (replies, other) = (provider().await, provider().await);
    let server = served(&replies, audited).await;
    give(&server, sign_on(&replies, "acme", &json!({}))).await;
    let ada = log_in(&server, &replies, "sso~acme", "ada@acme.example").await.unwrap();
    replies.lock().unwrap().email = "ada@acme.example".into();
    let pending = begin(&server, &replies, "sso~acme").await;
    // Another title changes nothing for those who are logged in.
    give(&server, sign_on(&replies, "acme", &json!({ "title": "Another title" }))).await;
    assert_eq!(session(&server, &ada).await.status.as_u16(), 200);
    give(&server, sign_on(&other, "acme", &json!({}))).await;
    assert_eq!(session(&server, &ada).await.refusal(), (401, "session.ended".into()));
    // The code of the first provider is not sent to the second one.
    other.lock().unwrap().codes.insert(pending.code.clone(), pending.sent.clone());
    other.lock().unwrap().email = "ada@acme.example".into();
    let answer = finish(&server, "sso~acme", &pending, &[]).await;
    assert_eq!(parameter(header(&answer, "location")[0], "login_error"), "login.provider");
    assert!(cookie(&answer, "rolecall-session").is_none() && other.lock().unwrap().codes.contains_key(&pending.code));
    assert!(log_in(&server, &other, "sso~acme", "ada@acme.example").await.is_ok());
}

#[tokio::test]
async fn a_tenant_does_not_vouch_for_those_above_it() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    // The scope `acme/shop` requires a network of its own.
    give(&server, json!({ "set-networks": { "at": "acme/shop", "ranges": ["127.0.0.0/8", "198.51.100.0/24"] } })).await;
    give(&server, sign_on(&replies, "acme/shop", &json!({}))).await;
    assert!(log_in(&server, &replies, "sso~acme~shop", "shop@acme.example").await.is_ok());
    assert_eq!(log_in(&server, &replies, "sso~acme~shop", "ada@acme.example").await, Err("login.domain".into()));
    give(&server, json!({ "assign": { "subject": "user:shop@acme.example", "role": "viewer", "at": "acme" } })).await;
    assert_eq!(log_in(&server, &replies, "sso~acme~shop", "shop@acme.example").await, Err("login.domain".into()));
    // A provider of the operator vouches for everyone of its domain.
    assert!(log_in(&server, &replies, "corp", "shop@acme.example").await.is_ok());
}

#[tokio::test]
async fn the_secret_reaches_the_provider_and_nobody_else() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    give(&server, sign_on(&replies, "acme", &json!({ "client_secret": "hush/hush" }))).await;
    let views = async || {
        let view = server.get("/v1/administration/sign-ons?at=acme&ip=127.0.0.1", &OLGA).await;
        let events = server.get("/v1/administration/events?limit=100", &[("authorization", "Bearer vendor")]).await;
        assert!(!view.text.contains("hush") && !events.text.contains("hush"), "{} {}", view.text, events.text);
        view.json()["sign_ons"].clone()
    };
    let shown = views().await;
    assert_eq!((&shown[0]["id"], &shown[0]["client_secret"]), (&json!("sso~acme"), &json!("set")), "{shown}");
    log_in(&server, &replies, "sso~acme", "ada@acme.example").await.unwrap();
    let sent = format!("Basic {}", STANDARD.encode("rolecall:hush%2Fhush"));
    assert_eq!(replies.lock().unwrap().authorization.take(), Some(sent.clone()));
    // Another title leaves the secret as it is, another issuer or client does not get it.
    give(&server, sign_on(&replies, "acme", &json!({ "title": "Acme" }))).await;
    log_in(&server, &replies, "sso~acme", "ada@acme.example").await.unwrap();
    assert_eq!(replies.lock().unwrap().authorization.take(), Some(sent));
    let other = provider().await;
    give(&server, sign_on(&other, "acme", &json!({}))).await;
    log_in(&server, &other, "sso~acme", "ada@acme.example").await.unwrap();
    assert_eq!(other.lock().unwrap().authorization, None);
    assert_eq!(views().await[0]["client_secret"], Value::Null);
}

#[tokio::test]
async fn the_settings_of_a_provider_can_be_checked() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    let check = async |at: &str, actor: &str| {
        let headers = [("authorization", "Bearer backend"), ("rolecall-actor", actor)];
        server
            .post("/v1/administration/sign-on-check", &headers, &json!({ "at": at, "context": { "ip": "127.0.0.1" } }))
            .await
    };
    assert_eq!(check("acme", "user:olga@acme.example").await.refusal(), (422, "sign-on.unknown".into()));
    give(&server, sign_on(&replies, "acme", &json!({}))).await;
    assert_eq!(check("acme", "user:olga@acme.example").await.json(), json!({ "provider": "sso~acme", "ok": true }));
    for (at, actor) in
        [("acme", "user:ada@acme.example"), ("other", "user:olga@acme.example"), ("none", "user:olga@acme.example")]
    {
        assert_eq!(check(at, actor).await.refusal(), (403, "denied".into()), "{at} {actor}");
    }
    let nothing = json!({ "at": "acme", "issuer": "http://127.0.0.1:9", "client_id": "rolecall" });
    give(&server, json!({ "set-sign-on": nothing })).await;
    let answer = check("acme", "user:olga@acme.example").await.json();
    assert_eq!((&answer["ok"], &answer["code"]), (&json!(false), &json!("login.provider")), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("does not respond"), "{answer}");
}

/// A tenant cannot make the server send requests into its own network.
#[tokio::test]
async fn addresses_inside_the_network_are_not_asked() {
    let replies = provider().await;
    let server = served(&replies, |config| {
        let login = Login { private_addresses: false, ..config.login.clone().unwrap() };
        Config { login: Some(login), ..config }
    })
    .await;
    let port = replies.lock().unwrap().issuer.rsplit_once(':').unwrap().1.to_string();
    for issuer in
        [format!("http://127.0.0.1:{port}"), format!("https://127.0.0.1:{port}"), format!("https://localhost:{port}")]
    {
        give(&server, json!({ "set-sign-on": { "at": "acme", "issuer": issuer, "client_id": "rolecall" } })).await;
        assert_eq!(server.get("/v1/login/sso~acme", &[]).await.refusal(), (502, "login.provider".into()), "{issuer}");
    }
    assert_eq!(replies.lock().unwrap().discovered, 0);
    // The providers of the operator may be there.
    assert_eq!(server.get("/v1/login/corp", &[]).await.status.as_u16(), 303);
    assert_eq!(replies.lock().unwrap().discovered, 1);
}

/// A server can serve the providers of tenants only.
#[tokio::test]
async fn a_server_without_providers_of_its_own_serves_those_of_tenants() {
    let replies = provider().await;
    let server = served(&replies, |config| {
        let login = Login { providers: Vec::new(), ..config.login.clone().unwrap() };
        Config { login: Some(login), ..config }
    })
    .await;
    assert_eq!(ids(&server, "?at=acme").await, Vec::<String>::new());
    give(&server, sign_on(&replies, "acme", &json!({}))).await;
    let ada = log_in(&server, &replies, "sso~acme", "ada@acme.example").await.unwrap();
    assert!(!csrf(&server, &ada).await.is_empty());
}
