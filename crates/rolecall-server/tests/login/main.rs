//! Login by OpenID Connect, and the resulting sessions. The provider here is scripted; `tests/e2e/login.mjs` uses a
//! real one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod activity;
mod audit;
#[path = "../common/mod.rs"]
mod common;
mod console;
mod invitations;
mod mapping;
mod provider;
mod second_factor;
mod sign_on;
mod support;

use axum::body::Body;
use axum::http::{HeaderMap, Method};
use common::{Answer, Events, now, serve};
use provider::{
    Begun, Twist, begin, configured, cookie, csrf, finish, give, header, log_in, log_in_from, parameter, provider,
    served, session, store,
};
use rolecall_server::{Config, Login};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_session_gets_passes_and_administers() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let body = server.get("/v1/login", &[]).await.json();
    assert_eq!(body["providers"][0]["id"], "corp");
    assert_eq!(body["providers"][0]["href"], format!("http://{}/v1/login/corp", server.address));
    let cookie = log_in(&server, &replies, "corp", "olga@acme.example").await.unwrap();
    let body = session(&server, &format!("name=José; {cookie}")).await.json();
    assert_eq!(
        (body["subject"].as_str(), body["login"].as_str(), body["at"].as_str()),
        (Some("user:olga@acme.example"), Some("sso"), Some("acme"))
    );
    let csrf = body["csrf"].as_str().unwrap();
    let (own, token) = (("cookie", &*cookie), ("rolecall-csrf", csrf));
    let answer = server.post("/v1/session/passes", &[own, token], &json!({ "at": "acme" })).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let pass = answer.json()["pass"].as_str().unwrap().to_string();
    assert!(pass.len() < 1024, "{}", pass.len());
    let keys = rolecall_pass::KeySet::from_json(&server.get("/.well-known/jwks.json", &[]).await.text).unwrap();
    let issuer = format!("http://{}", server.address);
    let opened = keys.open(&pass, rolecall_pass::Expected { issuer: &issuer, audience: None }, now()).unwrap();
    assert!(opened.session.can(opened.session.permission("users:edit").unwrap()));
    let ends = opened.expires.as_millis();
    assert!(ends <= rolecall::Timestamp::parse(body["valid_until"].as_str().unwrap()).unwrap().as_millis(), "{body}");
    let view = server.post("/v1/session/views", &[own, token], &json!({ "at": "acme" })).await.json();
    assert_eq!(view["subject"], body["subject"], "{view}");
    let last = view["parts"].as_array().unwrap().last().unwrap();
    assert!(last["permissions"].as_array().unwrap().contains(&json!("users:edit")), "{view}");
    let end = |answer: &Value| rolecall::Timestamp::parse(answer["valid_until"].as_str().unwrap()).unwrap();
    assert!(end(last) <= end(&body), "{view} {body}");
    // The session continues or ends: its passes cannot be renewed by themselves.
    let bearer = format!("Bearer {pass}");
    let renewed = server.post("/v1/passes/renew", &[("authorization", &bearer)], &json!({})).await;
    assert_eq!(renewed.refusal(), (401, "session.pass".into()));
    let command =
        json!({ "command": { "assign": { "subject": "user:ada@acme.example", "role": "owner", "at": "acme" } } });
    let done = server.post("/v1/administration/commands", &[own, token], &command).await;
    assert_eq!(done.json()["event"]["actor"], "user:olga@acme.example", "{}", done.text);
    assert_eq!(done.json()["event"]["ip"], "127.0.0.1", "{}", done.text);
    // The page may not state facts that the session knows.
    let mut claimed = command.clone();
    claimed["context"] = json!({ "ip": "198.51.100.1" });
    assert_eq!(
        server.post("/v1/administration/commands", &[own, token], &claimed).await.refusal(),
        (400, "request.shape".into())
    );
    let away = server.post("/v1/session/logout", &[own, token], &json!({})).await;
    assert!(
        away.json()["provider"].as_str().unwrap().starts_with(&format!("{}/end?", replies.lock().unwrap().issuer)),
        "{}",
        away.text
    );
    let ended = session(&server, &cookie).await;
    assert_eq!(ended.refusal(), (401, "session.ended".into()));
    assert!(ended.text.contains("the session ended: logged-out"), "{}", ended.text);
    // Its passes and streams end with it.
    assert_eq!(
        server.post("/v1/passes/renew", &[("authorization", &bearer)], &json!({})).await.refusal(),
        (401, "session.ended".into())
    );
}

#[tokio::test]
async fn the_identity_domain_decides_who_may_log_in_how() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let refused = |code: &str| Err::<(), _>(code.to_string());
    for (provider, email, expected) in [
        ("corp", "ada@acme.example", Ok(())),
        ("sso", "ada@acme.example", Ok(())),
        ("google", "ada@acme.example", refused("login-method")),
        ("link", "ada@acme.example", refused("login-method")),
        // A role lets its holders use another login method if single sign-on fails.
        ("link", "olga@acme.example", Ok(())),
        // External users do not belong to the domain, regardless of its requirements.
        ("google", "out@agency.example", Ok(())),
        ("corp", "out@agency.example", refused("login-method")),
        // The provider of one domain cannot identify the users of another.
        ("corp", "else@other.example", refused("login.domain")),
        ("sso", "else@other.example", refused("login-method")),
        ("google", "else@other.example", Ok(())),
        // Without an identity domain any method is accepted.
        ("google", "free@example.org", Ok(())),
        // The provider of a domain cannot identify a subject without one.
        ("corp", "free@example.org", refused("login.domain")),
        ("corp", "gone@acme.example", refused("suspended")),
        ("corp", "nobody@acme.example", refused("unknown-subject")),
        ("google", "nobody@acme.example", refused("unknown-subject")),
        // The login does not come from a registered network.
        ("corp", "shop@acme.example", refused("ip-denied")),
        ("google", "line\nfeed", refused("login.claim")),
        ("google", "", refused("login.claim")),
    ] {
        let came = log_in(&server, &replies, provider, email).await.map(|_| ());
        assert_eq!(came, expected, "{provider} {email}");
    }
    replies.lock().unwrap().verified = false;
    assert_eq!(log_in(&server, &replies, "corp", "ada@acme.example").await, Err("login.claim".into()));
    (replies.lock().unwrap().verified, replies.lock().unwrap().by_user_info) = (true, true);
    assert!(log_in(&server, &replies, "corp", "ada@acme.example").await.is_ok());
    let metrics = server.get("/metrics", &[("authorization", "Bearer backend")]).await.text;
    assert!(metrics.contains(r#"rolecall_logins_total{provider="corp",outcome="login.domain"} 2"#), "{metrics}");
}

#[tokio::test]
async fn invalid_id_tokens_do_not_log_in() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let twists: [(&str, Twist); 14] = [
        ("nonce", |_, claims| claims["nonce"] = json!("another")),
        ("no nonce", |_, claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("audience", |_, claims| claims["aud"] = json!("another")),
        ("audiences", |_, claims| claims["aud"] = json!(["rolecall", "another"])),
        ("issuer", |_, claims| claims["iss"] = json!("https://example.com")),
        ("expiry", |_, claims| claims["exp"] = json!(1_000_000_000)),
        ("unsigned", |header, _| header["alg"] = json!("none")),
        ("shared secret", |header, _| header["alg"] = json!("HS256")),
        ("key", |header, _| header["kid"] = json!("another")),
        ("another party", |_, claims| claims["azp"] = json!("another")),
        ("another party of a list", |_, claims| {
            (claims["aud"], claims["azp"]) = (json!(["rolecall"]), json!("another"));
        }),
        ("no party", |_, claims| claims["azp"] = json!(["rolecall"])),
        ("access token", |_, claims| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("no expiry", |_, claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
    ];
    for (name, twist) in twists {
        replies.lock().unwrap().twist = Some(twist);
        assert_eq!(log_in(&server, &replies, "corp", "ada@acme.example").await, Err("login.token".into()), "{name}");
    }
    replies.lock().unwrap().twist = None;
    replies.lock().unwrap().forges = true;
    assert_eq!(log_in(&server, &replies, "corp", "ada@acme.example").await, Err("login.token".into()));
    replies.lock().unwrap().forges = false;
    // A code is accepted once, from the browser that began the login, for the provider that it began with.
    replies.lock().unwrap().email = "ada@acme.example".into();
    let begun = begin(&server, &replies, "corp").await;
    assert!(cookie(&finish(&server, "corp", &begun, &[]).await, "rolecall-session").is_some());
    // Even if the provider would accept it again.
    replies.lock().unwrap().codes.insert(begun.code.clone(), begun.sent.clone());
    assert_eq!(finish(&server, "corp", &begun, &[]).await.refusal(), (400, "login.state".into()));
    assert!(replies.lock().unwrap().codes.contains_key(&begun.code), "the provider was asked again");
    let other = begin(&server, &replies, "corp").await;
    assert_eq!(finish(&server, "google", &other, &[]).await.refusal(), (400, "login.state".into()));
    let mixed = Begun { state: begun.state.clone(), ..other.clone() };
    assert_eq!(finish(&server, "corp", &mixed, &[]).await.refusal(), (400, "login.state".into()));
    let planted = Begun { cookie: format!("{}A", other.cookie), ..other.clone() };
    assert_eq!(finish(&server, "corp", &planted, &[]).await.refusal(), (400, "login.state".into()));
    let path = format!("/v1/login/corp/callback?code={}&state={}", other.code, other.state);
    assert_eq!(server.get(&path, &[]).await.refusal(), (400, "login.state".into()));
    let twice = format!("rolecall-login={0}; rolecall-login={0}", other.cookie);
    assert_eq!(server.get(&path, &[("cookie", &twice)]).await.refusal(), (400, "login.state".into()));
    let sent = format!("rolecall-login={}", other.cookie);
    let wrong = server.get(&format!("{path}&iss=https://evil.example"), &[("cookie", &sent)]).await;
    assert_eq!(parameter(header(&wrong, "location")[0], "login_error"), "login.token");
    // The login has returned, with any outcome.
    assert_eq!(server.get(&path, &[("cookie", &sent)]).await.refusal(), (400, "login.state".into()));
    let third = begin(&server, &replies, "corp").await;
    let sent = format!("rolecall-login={}", third.cookie);
    let denied = format!("/v1/login/corp/callback?error=access_denied&state={}", third.state);
    let answer = server.get(&denied, &[("cookie", &sent)]).await;
    assert_eq!(parameter(header(&answer, "location")[0], "login_error"), "login.denied");
    assert_eq!(server.get(&denied, &[("cookie", &sent)]).await.refusal(), (400, "login.state".into()));
    // Of two concurrent callbacks one logs in.
    let fourth = begin(&server, &replies, "corp").await;
    replies.lock().unwrap().email = "ada@acme.example".into();
    let (one, two) = tokio::join!(finish(&server, "corp", &fourth, &[]), finish(&server, "corp", &fourth, &[]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400]);
}

/// Providers write claims in many shapes. Claims that the server does not read never prevent a login.
#[tokio::test]
async fn claims_of_any_shape_log_in() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let twists: [(&str, Twist); 8] = [
        ("verified as text", |_, claims| claims["email_verified"] = json!("true")),
        ("an instant as text", |_, claims| claims["updated_at"] = json!("2026-11-21T10:00:00Z")),
        ("an instant as other text", |_, claims| claims["updated_at"] = json!("yesterday")),
        ("names as lists", |_, claims| claims["name"] = json!(["Ada", { "family": 7 }])),
        ("an address as text", |_, claims| claims["address"] = json!("1 Main Street")),
        ("a language that is none", |_, claims| claims["locale"] = json!("not a language!")),
        ("a number as text", |_, claims| {
            (claims["phone_number_verified"], claims["birthdate"]) = (json!("no"), json!(19_700_101));
        }),
        ("its own client and others", |_, claims| {
            (claims["azp"], claims["amr"], claims["acr"], claims["auth_time"]) =
                (json!("rolecall"), json!("pwd"), json!(1), json!("2026"));
        }),
    ];
    for (name, twist) in twists {
        replies.lock().unwrap().twist = Some(twist);
        assert!(log_in(&server, &replies, "corp", "ada@acme.example").await.is_ok(), "{name}");
    }
    let refused: [(&str, Twist); 5] = [
        ("false", |_, claims| claims["email_verified"] = json!("false")),
        ("one", |_, claims| claims["email_verified"] = json!(1)),
        ("capitals", |_, claims| claims["email_verified"] = json!("TRUE")),
        ("a list", |_, claims| claims["email_verified"] = json!([true])),
        ("no text", |_, claims| claims["email"] = json!(["ada@acme.example"])),
    ];
    for (name, twist) in refused {
        replies.lock().unwrap().twist = Some(twist);
        assert_eq!(log_in(&server, &replies, "corp", "ada@acme.example").await, Err("login.claim".into()), "{name}");
    }
    replies.lock().unwrap().twist = None;
    // The same holds for the user info, which must name the same subject.
    replies.lock().unwrap().by_user_info = true;
    let infos: [(Value, Result<(), String>); 4] = [
        (
            json!({ "sub": "1", "email": "ada@acme.example", "email_verified": "true", "updated_at": "now", "name": [] }),
            Ok(()),
        ),
        (json!({ "sub": "1", "email": "ada@acme.example", "email_verified": "false" }), Err("login.claim".into())),
        (json!({ "sub": "2", "email": "ada@acme.example", "email_verified": true }), Err("login.token".into())),
        (json!({ "email": "ada@acme.example", "email_verified": true }), Err("login.token".into())),
    ];
    for (info, expected) in infos {
        replies.lock().unwrap().info = Some(info.clone());
        assert_eq!(log_in(&server, &replies, "corp", "ada@acme.example").await.map(|_| ()), expected, "{info}");
    }
}

/// A person who returns twice, or in another tab, sees a page. A program gets the envelope.
#[tokio::test]
async fn a_person_sees_a_page() {
    let replies = provider().await;
    let server = served(&replies, |mut config| {
        let login = config.login.as_mut().unwrap();
        login.home = Some("https://app.example.com/start".into());
        config
    })
    .await;
    replies.lock().unwrap().email = "ada@acme.example".into();
    let html = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let first = begin(&server, &replies, "corp").await;
    let second = begin(&server, &replies, "corp").await;
    let is_page = |answer: &Answer, status: u16, texts: &[&str]| {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
        assert_eq!(header(answer, "content-type"), ["text/html; charset=utf-8"]);
        assert!(header(answer, "content-security-policy")[0].starts_with("default-src 'none'"));
        assert_eq!(header(answer, "cache-control"), ["no-store"]);
        for text in texts {
            assert!(answer.text.contains(text), "{}: {text}", answer.text);
        }
    };
    // The cookie belongs to the second tab.
    let mixed = Begun { cookie: second.cookie.clone(), ..first.clone() };
    let page = finish(&server, "corp", &mixed, &[html]).await;
    let again = format!("<a href=\"http://{}/v1/login/corp\">Log in again</a>", server.address);
    is_page(&page, 400, &["This login has expired", "login.state", &again]);
    assert!(!page.text.contains("logged in.") && !page.text.contains("Continue"), "{}", page.text);
    // The second tab still logs in, and is reloaded.
    let done = finish(&server, "corp", &second, &[html]).await;
    let session = cookie(&done, "rolecall-session").unwrap();
    let both = format!("rolecall-login={}; rolecall-session={session}", second.cookie);
    let path = format!("/v1/login/corp/callback?code={}&state={}", second.code, second.state);
    let reloaded = server.get(&path, &[("cookie", &both), html]).await;
    is_page(
        &reloaded,
        400,
        &["login.state", "You are logged in.", "<a href=\"https://app.example.com/start\">Continue</a>", &again],
    );
    // Other errors.
    is_page(&server.get("/v1/login/nobody", &[html]).await, 404, &["This login does not exist", "provider.unknown"]);
    let astray = server.get("/v1/login/corp?return_to=https%3A%2F%2Fevil.example", &[html]).await;
    is_page(&astray, 400, &["login.return"]);
    assert!(!astray.text.contains("evil"), "{}", astray.text);
    for accept in [&[][..], &[("accept", "application/json")], &[("accept", "*/*")]] {
        assert_eq!(finish(&server, "corp", &mixed, accept).await.refusal(), (400, "login.state".into()));
        assert_eq!(server.get("/v1/login/nobody", accept).await.refusal(), (404, "provider.unknown".into()));
    }
}

#[tokio::test]
async fn redirects_go_only_to_known_pages() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://app.example.com@evil.example/",
        "https://app.example.com.evil.example/",
        "http://app.example.com/",
        "https://user@app.example.com/",
        "/\t/evil.example",
    ] {
        let query: String = to.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let answer = server.get(&format!("/v1/login/corp?return_to={query}"), &[]).await;
        assert_eq!(answer.refusal(), (400, "login.return".into()), "{to}");
    }
    assert_eq!(server.get("/v1/login/nobody", &[]).await.refusal(), (404, "provider.unknown".into()));
    assert_eq!(server.get("/v1/login/corp?return_to=%2Fhere", &[]).await.status.as_u16(), 303);
}

#[tokio::test]
async fn a_foreign_page_cannot_use_the_cookie() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let cookie = log_in(&server, &replies, "corp", "olga@acme.example").await.unwrap();
    let other = log_in(&server, &replies, "corp", "olga@acme.example").await.unwrap();
    let (own, others) = (csrf(&server, &cookie).await, csrf(&server, &other).await);
    let sent = ("cookie", &*cookie);
    let command =
        json!({ "command": { "assign": { "subject": "user:ada@acme.example", "role": "owner", "at": "acme" } } });
    for headers in [
        vec![sent],
        vec![sent, ("rolecall-csrf", "")],
        vec![sent, ("rolecall-csrf", &others)],
        vec![sent, ("rolecall-csrf", &own), ("origin", "https://evil.example")],
        vec![sent, ("rolecall-csrf", &own), ("origin", "null")],
    ] {
        for path in [
            "/v1/administration/commands",
            "/v1/session/activity",
            "/v1/session/passes",
            "/v1/session/views",
            "/v1/session/logout",
        ] {
            assert_eq!(
                server.post(path, &headers, &command).await.refusal(),
                (403, "csrf".into()),
                "{path} {headers:?}"
            );
        }
    }
    let known = [sent, ("rolecall-csrf", &own), ("origin", "https://app.example.com")];
    let done = server.post("/v1/administration/commands", &known, &command).await;
    assert_eq!(
        (done.status.as_u16(), header(&done, "access-control-allow-credentials")),
        (200, vec!["true"]),
        "{}",
        done.text
    );
    // Two cookies with the name: someone else set one of them.
    assert_eq!(session(&server, &format!("{cookie}; {other}")).await.refusal(), (401, "session.missing".into()));
    for cookie in ["", "rolecall-session=", "rolecall-session=guess", "__Host-rolecall-session=x"] {
        assert_eq!(session(&server, cookie).await.refusal(), (401, "session.missing".into()), "{cookie}");
    }
}

#[tokio::test]
async fn cookies_are_hidden_from_scripts_and_other_sites() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    replies.lock().unwrap().email = "ada@acme.example".into();
    let begun = begin(&server, &replies, "corp").await;
    let answer = finish(&server, "corp", &begun, &[]).await;
    let set = header(&answer, "set-cookie");
    assert!(
        set.iter()
            .all(|cookie| cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/")),
        "{set:?}"
    );
    assert!(set.iter().all(|cookie| !cookie.contains("Domain")), "{set:?}");
    assert_eq!(
        (header(&answer, "cache-control"), header(&answer, "referrer-policy")),
        (vec!["no-store"], vec!["no-referrer"])
    );
    // With an HTTPS address the cookies are secure.
    let server = served(&replies, |config| Config { url: Some("https://roles.example.com".into()), ..config }).await;
    let answer = server.get("/v1/login/corp", &[]).await;
    let set = header(&answer, "set-cookie")[0];
    assert!(set.starts_with("__Host-rolecall-login=") && set.contains("Secure"), "{set}");
    assert!(
        header(&answer, "location")[0]
            .contains("redirect_uri=https%3A%2F%2Froles.example.com%2Fv1%2Flogin%2Fcorp%2Fcallback")
    );
}

#[tokio::test]
async fn a_login_creates_a_new_session() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let before = log_in(&server, &replies, "corp", "ada@acme.example").await.unwrap();
    replies.lock().unwrap().email = "olga@acme.example".into();
    let begun = begin(&server, &replies, "corp").await;
    let sent = format!("{before}; rolecall-login={}", begun.cookie);
    let path = format!("/v1/login/corp/callback?code={}&state={}", begun.code, begun.state);
    let answer = server.get(&path, &[("cookie", &sent)]).await;
    let after = format!("rolecall-session={}", cookie(&answer, "rolecall-session").unwrap());
    assert_ne!(before, after);
    assert_eq!(session(&server, &before).await.refusal(), (401, "session.ended".into()));
    assert_eq!(session(&server, &after).await.json()["subject"], "user:olga@acme.example");
}

#[tokio::test]
async fn sessions_of_one_subject_are_limited() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let mut cookies = Vec::new();
    for _ in 0..21 {
        cookies.push(log_in(&server, &replies, "corp", "ada@acme.example").await.unwrap());
    }
    let other = log_in(&server, &replies, "corp", "olga@acme.example").await.unwrap();
    // The oldest session ended.
    for (index, cookie) in cookies.iter().enumerate() {
        assert_eq!(session(&server, cookie).await.status.as_u16(), if index == 0 { 401 } else { 200 }, "{index}");
    }
    assert_eq!(session(&server, &other).await.status.as_u16(), 200);
}

#[tokio::test]
async fn background_requests_do_not_extend_a_session() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    // The policy's timeout of 1.5 seconds applies to subjects without an identity domain.
    let cookie = log_in(&server, &replies, "google", "free@example.org").await.unwrap();
    let token = csrf(&server, &cookie).await;
    let own = [("cookie", &*cookie), ("rolecall-csrf", &*token)];
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(600)).await;
        let answer = server.post("/v1/session/activity", &own, &json!({})).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    }
    // Requests of the page itself: passes, reading the session, commands that it marks.
    let mut lived = 0;
    let over = loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let marked = [own[0], own[1], ("rolecall-background", "1")];
        server.post("/v1/administration/commands", &marked, &json!({ "command": {} })).await;
        server.post("/v1/session/passes", &own, &json!({ "at": "acme" })).await;
        let answer = session(&server, &cookie).await;
        if answer.status.as_u16() != 200 {
            break answer;
        }
        let body = answer.json();
        assert!(body["valid_until"].as_str() < body["ends"].as_str(), "{body}");
        lived += 1;
        assert!(lived < 8, "the session goes on");
    };
    assert_eq!(over.status.as_u16(), 401);
    assert!(over.text.contains("session.ended") && over.text.contains("idle"), "{}", over.text);
}

#[tokio::test]
async fn sessions_end_when_their_rules_change() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let cuts = [
        json!({ "set-networks": { "at": "acme", "ranges": ["198.51.100.0/24"], "force": true } }),
        json!({ "set-networks": { "at": "acme", "ranges": [] } }),
        json!({ "set-login": { "at": "acme", "methods": ["password"], "force": true } }),
        json!({ "set-login": { "at": "acme", "methods": ["sso"], "force": true } }),
        json!({ "suspend-subject": { "subject": "user:ada@acme.example" } }),
    ];
    for (index, cut) in cuts.into_iter().enumerate() {
        if index % 2 == 1 {
            give(&server, cut).await;
            continue;
        }
        let cookie = log_in(&server, &replies, "corp", "ada@acme.example").await.unwrap();
        let token = csrf(&server, &cookie).await;
        let made = server
            .post("/v1/session/passes", &[("cookie", &cookie), ("rolecall-csrf", &token)], &json!({ "at": "acme" }))
            .await;
        let bearer = format!("Bearer {}", made.json()["pass"].as_str().unwrap());
        let mut events = Events::open(&server, &[("authorization", &bearer)]).await;
        assert_eq!(events.next(Duration::from_secs(5)).await.unwrap().0, "ready");
        give(&server, cut.clone()).await;
        // The session ends at once, with or without requests, and its listeners are notified.
        let answer = events.next(Duration::from_secs(5)).await.unwrap().0;
        assert_eq!(answer, "ended", "{cut}");
        assert_eq!(session(&server, &cookie).await.refusal(), (401, "session.ended".into()), "{cut}");
    }
}

#[tokio::test]
async fn a_cookie_is_limited_to_its_address_or_registered_networks() {
    let replies = provider().await;
    let server = served(&replies, |config| Config { proxies: vec!["127.0.0.0/8".into()], ..config }).await;
    let from = |address: &'static str| [("x-forwarded-for", address)];
    let cookie = log_in_from(&server, &replies, "corp", "ada@acme.example", &from("203.0.113.9")).await.unwrap();
    let ask = async |cookie: &str, address: &'static str| {
        server.get("/v1/session", &[&[("cookie", cookie)], &from(address)[..]].concat()).await
    };
    assert_eq!(ask(&cookie, "203.0.113.9").await.status.as_u16(), 200);
    let moved = ask(&cookie, "203.0.113.10").await;
    assert_eq!(moved.refusal(), (401, "session.ended".into()));
    assert!(moved.text.contains("session-moved"), "{}", moved.text);
    assert_eq!(ask(&cookie, "203.0.113.9").await.refusal(), (401, "session.ended".into()));
    // Users may move only within networks that an identity domain lists.
    let cookie = log_in_from(&server, &replies, "google", "else@other.example", &from("198.51.100.1")).await.unwrap();
    assert_eq!(ask(&cookie, "198.51.100.2").await.status.as_u16(), 200);
    let denied = ask(&cookie, "203.0.113.9").await;
    assert!(denied.text.contains("ip-denied"), "{}", denied.text);
}

#[tokio::test]
async fn without_providers_login_is_unavailable() {
    let server = serve(store).await;
    for path in ["/v1/login", "/v1/login/corp", "/v1/login/corp/callback", "/v1/session"] {
        assert_eq!(
            server.get(path, &[("cookie", "rolecall-session=x")]).await.refusal(),
            (404, "login.missing".into()),
            "{path}"
        );
    }
    // An unreachable provider is reported as such.
    let server = serve(|folder| Config {
        login: Some(Login {
            providers: vec![configured("corp", "sso", None, "http://127.0.0.1:9")],
            home: None,
            hours: 1,
            bind_address: true,
            private_addresses: false,
        }),
        ..store(folder)
    })
    .await;
    assert_eq!(server.get("/v1/login/corp", &[]).await.refusal(), (502, "login.provider".into()));
    let request = server.request(Method::GET, "/v1/session", &[("cookie", "rolecall-session=x")], Body::empty());
    let headers: HeaderMap = server.send(request).await.headers;
    assert!(!headers.contains_key("set-cookie"));
}
