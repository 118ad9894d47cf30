//! Two-step verification: what an ID token proves, and where it is required.

use crate::common::{Answer, Served};
use crate::provider::{Twist, give, log_in, provider, served, session};
use serde_json::{Value, json};

const BACKEND: [(&str, &str); 2] = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga@acme.example")];

async fn require(server: &Served, at: &str, required: bool) {
    give(server, json!({ "set-second-factor": { "at": at, "required": required, "force": true } })).await;
}

async fn command(server: &Served, command: Value, context: Value) -> Answer {
    let body = json!({ "command": command, "context": context });
    server.post("/v1/administration/commands", &BACKEND, &body).await
}

#[tokio::test]
async fn a_required_second_factor_must_be_proven_by_the_id_token() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let before = log_in(&server, &replies, "corp", "ada@acme.example").await.unwrap();
    assert_eq!(session(&server, &before).await.json()["second_factor"], json!(false));
    require(&server, "acme", true).await;
    // The open session had one factor.
    assert_eq!(session(&server, &before).await.refusal(), (401, "session.ended".into()));
    let lacking: [Option<Twist>; 4] = [
        None,
        Some(|_, claims| claims["amr"] = json!(["pwd"])),
        Some(|_, claims| claims["amr"] = json!("mfa")),
        Some(|_, claims| claims["acr"] = json!("urn:one")),
    ];
    for twist in lacking {
        replies.lock().unwrap().twist = twist;
        let came = log_in(&server, &replies, "corp", "ada@acme.example").await;
        assert_eq!(came, Err("second-factor".into()));
    }
    // External users are not exempt.
    assert_eq!(log_in(&server, &replies, "google", "out@agency.example").await, Err("second-factor".into()));
    let proving: [Twist; 3] = [
        |_, claims| claims["amr"] = json!(["mfa"]),
        |_, claims| claims["amr"] = json!(["pwd", "otp"]),
        |_, claims| claims["acr"] = json!("urn:two"),
    ];
    for twist in proving {
        replies.lock().unwrap().twist = Some(twist);
        let cookie = log_in(&server, &replies, "corp", "ada@acme.example").await.unwrap();
        assert_eq!(session(&server, &cookie).await.json()["second_factor"], json!(true));
    }
}

#[tokio::test]
async fn a_project_can_require_it_alone_and_the_session_states_it() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    give(&server, json!({ "set-networks": { "at": "acme/shop", "ranges": [] } })).await;
    require(&server, "acme/shop", true).await;
    for (twist, allowed) in [(None, false), (Some((|_, claims| claims["amr"] = json!(["mfa"])) as Twist), true)] {
        replies.lock().unwrap().twist = twist;
        let cookie = log_in(&server, &replies, "corp", "olga@acme.example").await.unwrap();
        let csrf = session(&server, &cookie).await.json()["csrf"].as_str().unwrap().to_string();
        let headers = [("cookie", &*cookie), ("rolecall-csrf", &*csrf)];
        let timeout = if allowed { "50m" } else { "45m" };
        let body = json!({ "command": { "set-timeout": { "at": "acme/shop", "timeout": timeout } } });
        let answer = server.post("/v1/administration/commands", &headers, &body).await;
        assert_eq!(answer.status.as_u16(), if allowed { 200 } else { 403 }, "{}", answer.text);
        let pass = server.post("/v1/session/passes", &headers, &json!({ "at": "acme/shop" })).await.json();
        let text = pass["pass"].as_str().unwrap_or_default().to_string();
        let keys = rolecall_pass::KeySet::from_json(&server.get("/.well-known/jwks.json", &[]).await.text).unwrap();
        let issuer = format!("http://{}", server.address);
        let expected = rolecall_pass::Expected { issuer: &issuer, audience: None };
        let opened = keys.open(&text, expected, crate::common::now()).unwrap().session;
        assert_eq!(opened.can(opened.permission("segments:edit").unwrap()), allowed);
        let view = server.post("/v1/session/views", &headers, &json!({ "at": "acme/shop" })).await.json();
        let permissions = view["parts"][0]["permissions"].as_array().unwrap();
        assert_eq!(permissions.contains(&json!("segments:edit")), allowed, "{view}");
    }
}

#[tokio::test]
async fn administration_refuses_a_lockout_and_shows_the_setting() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let set = json!({ "set-second-factor": { "at": "acme", "required": true } });
    let one = command(&server, set.clone(), json!({ "second_factor": false })).await;
    assert_eq!(one.refusal(), (422, "second-factor.lockout".into()));
    let two = command(&server, set, json!({ "second_factor": true })).await;
    assert_eq!(two.json()["event"]["object_type"], "LOGIN_SETTING", "{}", two.text);
    let view = "/v1/administration/settings?at=acme";
    assert_eq!(server.get(view, &BACKEND).await.status.as_u16(), 403);
    let seen = server.get(&format!("{view}&second_factor=true"), &BACKEND).await.json();
    assert_eq!(seen, json!({ "second_factor": "required" }));
}
