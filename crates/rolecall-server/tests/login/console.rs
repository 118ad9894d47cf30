//! The console: its files, and the scopes that a user can open.

use crate::provider::{header, log_in, provider, served};
use rolecall_server::Config;
use serde_json::json;

#[tokio::test]
async fn a_server_with_store_and_login_has_the_console() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    for path in ["/console", "/console/", "/console/acme/users?q=ada", "/console/acme:shop/roles/editor"] {
        let answer = server.get(path, &[]).await;
        if rolecall_console::is_built() {
            assert_eq!((answer.status.as_u16(), header(&answer, "content-type")[0]), (200, "text/html; charset=utf-8"));
            assert!(answer.text.contains("<base href=\"/console/\""), "{path}");
        } else {
            assert_eq!(answer.refusal(), (404, "address.unknown".into()));
            assert!(answer.text.contains("cargo xtask build console"), "{}", answer.text);
        }
    }
    // A script that is gone is not answered with the page.
    assert_eq!(server.get("/console/assets/gone-1a2b3c.js", &[]).await.status.as_u16(), 404);
    let off = served(&replies, |config| Config { console: Some(false), ..config }).await;
    let gone = off.get("/console/", &[]).await;
    assert_eq!(gone.refusal(), (404, "address.unknown".into()));
    assert!(!gone.text.contains("console"), "{}", gone.text);
}

#[tokio::test]
async fn users_open_the_scopes_at_which_they_hold_roles() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    let missing = server.get("/v1/session/scopes", &[]).await;
    assert_eq!(missing.refusal(), (401, "session.missing".into()));
    let scopes = |ids: &[(&str, &str, &str)]| -> Vec<_> {
        ids.iter().map(|(id, title, kind)| json!({ "id": id, "title": title, "kind": kind })).collect()
    };
    let all = scopes(&[("acme", "acme", "account"), ("acme/shop", "shop", "project")]);
    for (provider, email, expected) in [
        ("corp", "olga@acme.example", all.clone()),
        ("corp", "ada@acme.example", all),
        // The other tenant is not named to those above, nor they to it.
        ("google", "else@other.example", scopes(&[("other", "other", "account")])),
    ] {
        let cookie = log_in(&server, &replies, provider, email).await.unwrap();
        let answer = server.get("/v1/session/scopes", &[("cookie", &cookie)]).await;
        assert_eq!(answer.json(), json!({ "product": "", "scopes": expected }), "{email}");
    }
}
