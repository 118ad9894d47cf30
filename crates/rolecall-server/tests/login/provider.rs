//! A scripted provider, and the steps of a login with it.

use crate::common::{Answer, Served, now, serve, token};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use openidconnect::url::form_urlencoded;
use rolecall_server::{Config, Login, Provider, Right};
use rolecall_store::{Administration, Sqlite};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

pub(crate) const POLICY: &str = r#"{"rolecall": 1, "scopes": ["account", "project"], "resources": {"segments": {"actions": ["view", "edit"]},
    "users": {"actions": ["view", "edit"]}}, "roles": {"viewer": {"grants": ["segments:view"]},
        "owner": {"inherits": ["viewer"], "grants": ["segments:edit", "users:*"], "backup_login": true}},
    "guards": {"idle_timeout": {"default": "1500ms", "min": "1s", "max": "1h"}, "support_role": "viewer"},
    "administration": {"assign": "users:edit", "set-networks": "users:edit", "set-login": "users:edit", "set-timeout": "users:edit",
        "set-second-factor": "users:edit", "view-second-factor": "users:view",
        "suspend-subject": "users:edit", "set-role-mapping": "users:edit", "view-role-mapping": "users:view",
        "set-sign-on": "users:edit", "view-sign-on": "users:view", "set-support": "users:edit", "add-support": "users:edit",
        "view-access": "users:view", "view-audit": "users:view"}}"#;

/// `acme` and `other` are two identity domains; `acme` requires single sign-on.
pub(crate) const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme", "acme/shop", "other"],
    "settings": {"acme": {"login": {"methods": ["sso"]}, "idle_timeout": "1h"}, "acme/shop": {"ip_allow": ["198.51.100.0/24"]},
        "other": {"login": {"methods": ["password", "google"]}, "ip_allow": ["127.0.0.0/8", "198.51.100.0/24"]}},
    "subjects": {"user:olga@acme.example": {"native": "acme"}, "user:ada@acme.example": {"native": "acme"},
        "user:out@agency.example": {"native": "acme", "external": true}, "user:gone@acme.example": {"native": "acme", "status": "suspended"},
        "user:else@other.example": {"native": "other"}, "user:shop@acme.example": {"native": "acme/shop"}, "user:free@example.org": {}},
    "assignments": [{"subject": "user:olga@acme.example", "role": "owner", "at": "acme"},
        {"subject": "user:ada@acme.example", "role": "viewer", "at": "acme"}, {"subject": "user:else@other.example", "role": "viewer", "at": "other"},
        {"subject": "user:free@example.org", "role": "viewer", "at": "acme"}, {"subject": "user:out@agency.example", "role": "viewer", "at": "acme"}]}"#;

/// Changes that make a provider's ID token wrong.
pub(crate) type Twist = fn(&mut Value, &mut Value);

/// The script of a provider.
pub(crate) struct Replies {
    pub(crate) issuer: String,
    pub(crate) email: String,
    pub(crate) verified: bool,
    pub(crate) twist: Option<Twist>,
    /// Signs with a key other than the published one.
    pub(crate) forges: bool,
    /// Sends the e-mail address only if its scope was requested.
    pub(crate) by_user_info: bool,
    /// The user info, if it differs.
    pub(crate) info: Option<Value>,
    /// How the server authenticated last.
    pub(crate) authorization: Option<String>,
    /// How often the metadata was requested.
    pub(crate) discovered: usize,
    /// The nonce and challenge of each code.
    pub(crate) codes: HashMap<String, (String, String)>,
}

pub(crate) type Shared = Arc<Mutex<Replies>>;

pub(crate) const SEED: [u8; 32] = [7; 32];

pub(crate) fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

pub(crate) async fn discovery(State(replies): State<Shared>) -> Response {
    replies.lock().unwrap().discovered += 1;
    let issuer = replies.lock().unwrap().issuer.clone();
    axum::Json(json!({ "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"), "userinfo_endpoint": format!("{issuer}/me"),
        "end_session_endpoint": format!("{issuer}/end"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256"] }))
    .into_response()
}

pub(crate) async fn jwks() -> Response {
    let public = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&SEED).verifying_key().as_bytes());
    axum::Json(
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "k", "alg": "EdDSA", "x": public }] }),
    )
    .into_response()
}

pub(crate) async fn exchange(State(replies): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let mut replies = replies.lock().unwrap();
    replies.authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_string());
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier").map_or("", String::as_str)));
    let Some((nonce, expected)) = replies.codes.remove(&form["code"]).filter(|(_, sent)| *sent == challenge) else {
        return (StatusCode::BAD_REQUEST, axum::Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    assert_eq!(expected, challenge);
    let seconds = now().as_millis() / 1000;
    let mut header = json!({ "alg": "EdDSA", "kid": "k", "typ": "JWT" });
    let mut claims = json!({ "iss": replies.issuer, "sub": "1", "aud": "rolecall", "nonce": nonce, "iat": seconds, "exp": seconds + 60 });
    if !replies.by_user_info {
        claims["email"] = json!(replies.email);
        claims["email_verified"] = json!(replies.verified);
    }
    if let Some(twist) = replies.twist {
        twist(&mut header, &mut claims);
    }
    let text = format!("{}.{}", encoded(&header), encoded(&claims));
    let key = SigningKey::from_bytes(&if replies.forges { [8; 32] } else { SEED });
    let signature = match header["alg"].as_str() {
        Some("none") => String::new(),
        // Signed with the public key as a shared secret.
        Some("HS256") => URL_SAFE_NO_PAD.encode(Sha256::digest(&text)),
        _ => URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes()),
    };
    axum::Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": format!("{text}.{signature}") }))
        .into_response()
}

pub(crate) async fn user_info(State(replies): State<Shared>) -> Response {
    let replies = replies.lock().unwrap();
    let info = json!({ "sub": "1", "email": replies.email, "email_verified": replies.verified });
    axum::Json(replies.info.clone().unwrap_or(info)).into_response()
}

/// Starts a provider on loopback.
pub(crate) async fn provider() -> Shared {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let replies = Replies {
        issuer,
        email: String::new(),
        verified: true,
        twist: None,
        forges: false,
        by_user_info: false,
        info: None,
        authorization: None,
        discovered: 0,
        codes: HashMap::new(),
    };
    let replies: Shared = Arc::new(Mutex::new(replies));
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/token", post(exchange))
        .route("/me", get(user_info))
        .with_state(Arc::clone(&replies));
    tokio::spawn(async { axum::serve(listener, router).await });
    replies
}

pub(crate) fn configured(id: &str, method: &str, domain: Option<&str>, issuer: &str) -> Provider {
    Provider {
        id: id.into(),
        title: None,
        issuer: issuer.into(),
        client_id: "rolecall".into(),
        client_secret_file: None,
        method: method.into(),
        domain: domain.map(str::to_string),
        claim: "email".into(),
        groups: "groups".into(),
        group_prefix: None,
        prefix: "user:".into(),
        second_factor_acr: vec!["urn:two".into()],
        support: false,
        scopes: vec!["email".into()],
    }
}

pub(crate) fn store(folder: &Path) -> Config {
    let path = folder.join("acme.rolecall");
    Administration::begin(Sqlite::create(&path).unwrap(), POLICY, DIRECTORY, "app:rolecall", now()).unwrap();
    Config {
        store: Some(path),
        tokens: vec![token("backend", &[Right::Administer, Right::Metrics], true)],
        ..Config::default()
    }
}

pub(crate) async fn served(replies: &Shared, change: impl FnOnce(Config) -> Config) -> Served {
    let issuer = replies.lock().unwrap().issuer.clone();
    let providers = vec![
        configured("corp", "sso", Some("acme"), &issuer),
        configured("google", "google", None, &issuer),
        configured("link", "magic-link", None, &issuer),
        configured("sso", "sso", None, &issuer),
    ];
    let login = Login { providers, home: None, hours: 24, bind_address: true, private_addresses: true };
    serve(|folder| {
        change(Config { login: Some(login), origins: vec!["https://app.example.com".into()], ..store(folder) })
    })
    .await
}

pub(crate) fn header<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

pub(crate) fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(&format!("{name}=")))
        .unwrap_or_else(|| panic!("{name}: {address}"))
        .to_string()
}

/// Returns the value of a cookie that the response sets.
pub(crate) fn cookie(answer: &Answer, name: &str) -> Option<String> {
    header(answer, "set-cookie")
        .iter()
        .find_map(|line| line.strip_prefix(&format!("{name}=")))
        .map(|rest| rest.split(';').next().unwrap().to_string())
}

/// A login whose browser is at the provider.
#[derive(Clone)]
pub(crate) struct Begun {
    pub(crate) cookie: String,
    /// Nonce and challenge.
    pub(crate) sent: (String, String),
    pub(crate) state: String,
    pub(crate) code: String,
}

pub(crate) async fn begin(server: &Served, replies: &Shared, provider: &str) -> Begun {
    begin_at(server, replies, provider, "").await
}

/// Begins a login with more parameters.
pub(crate) async fn begin_at(server: &Served, replies: &Shared, provider: &str, more: &str) -> Begun {
    let path = format!("/v1/login/{provider}?return_to=https%3A%2F%2Fapp.example.com%2Fhome{more}");
    let answer = server.get(&path, &[]).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
    let to = header(&answer, "location")[0];
    assert_eq!(parameter(to, "code_challenge_method"), "S256");
    let code = format!("code-{}", parameter(to, "state"));
    let sent = (parameter(to, "nonce"), parameter(to, "code_challenge"));
    replies.lock().unwrap().codes.insert(code.clone(), sent.clone());
    Begun { sent, cookie: cookie(&answer, "rolecall-login").unwrap(), state: parameter(to, "state"), code }
}

pub(crate) async fn finish(server: &Served, provider: &str, begun: &Begun, headers: &[(&str, &str)]) -> Answer {
    let sent = format!("rolecall-login={}", begun.cookie);
    let path = format!("/v1/login/{provider}/callback?code={}&state={}", begun.code, begun.state);
    server.get(&path, &[&[("cookie", &*sent)], headers].concat()).await
}

/// Logs a user in; returns the cookie of the session, or the error.
pub(crate) async fn log_in_from(
    server: &Served,
    replies: &Shared,
    provider: &str,
    email: &str,
    headers: &[(&str, &str)],
) -> Result<String, String> {
    replies.lock().unwrap().email = email.to_string();
    let begun = begin(server, replies, provider).await;
    let answer = finish(server, provider, &begun, headers).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
    // The login is over, with any outcome.
    assert_eq!(cookie(&answer, "rolecall-login").as_deref(), Some(""));
    let to = header(&answer, "location")[0].to_string();
    match cookie(&answer, "rolecall-session") {
        Some(secret) => {
            assert_eq!(to, "https://app.example.com/home");
            Ok(format!("rolecall-session={secret}"))
        }
        None => Err(parameter(&to, "login_error")),
    }
}

pub(crate) async fn log_in(server: &Served, replies: &Shared, provider: &str, email: &str) -> Result<String, String> {
    log_in_from(server, replies, provider, email, &[]).await
}

pub(crate) async fn session(server: &Served, cookie: &str) -> Answer {
    server.get("/v1/session", &[("cookie", cookie)]).await
}

pub(crate) async fn csrf(server: &Served, cookie: &str) -> String {
    session(server, cookie).await.json()["csrf"].as_str().unwrap().to_string()
}

/// Sends a command as an administrator for whom a backend acts.
pub(crate) async fn give(server: &Served, command: Value) {
    let headers = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga@acme.example")];
    let answer = server
        .post(
            "/v1/administration/commands",
            &headers,
            &json!({ "command": command, "context": { "ip": "198.51.100.9" } }),
        )
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
}
