//! Support staff of the vendor log in at a tenant that is open to them.

use crate::common::{Served, token};
use crate::provider::{
    Shared, begin_at, configured, cookie, finish, give, header, log_in, parameter, provider, served, session,
};
use rolecall_server::{Config, Provider, Right};
use serde_json::{Value, json};

const EVENTS: &str = "/v1/administration/events";

async fn with_vendor(replies: &Shared) -> Served {
    let issuer = replies.lock().unwrap().issuer.clone();
    served(replies, |config| {
        let vendor =
            Provider { prefix: "support:".into(), support: true, ..configured("vendor", "support", None, &issuer) };
        let mut login = config.login.clone().unwrap();
        login.providers.push(vendor);
        let tokens = vec![token("backend", &[Right::Administer], true), token("vendor", &[Right::Audit], false)];
        Config { login: Some(login), tokens, ..config }
    })
    .await
}

async fn page(server: &Served, at: &str) -> Value {
    server.get(&format!("/v1/login?at={at}"), &[]).await.json()
}

async fn log_in_at(server: &Served, replies: &Shared, at: &str, email: &str) -> Result<String, String> {
    replies.lock().unwrap().email = email.to_string();
    let begun = begin_at(server, replies, "vendor", &format!("&at={at}")).await;
    let answer = finish(server, "vendor", &begun, &[]).await;
    let to = header(&answer, "location")[0].to_string();
    let cookie = cookie(&answer, "rolecall-session").map(|secret| format!("rolecall-session={secret}"));
    cookie.ok_or_else(|| parameter(&to, "login_error"))
}

#[tokio::test]
async fn the_login_page_shows_support_its_own_link_and_says_so() {
    let replies = provider().await;
    let server = with_vendor(&replies).await;
    let find = |page: &Value| page["providers"].as_array().unwrap().iter().find(|one| one["id"] == "vendor").cloned();
    // Closed, single sign-on is on.
    let closed = page(&server, "acme").await;
    assert_eq!((find(&closed), &closed["notice"]), (None, &Value::Null));
    give(&server, json!({ "set-support": { "at": "acme", "access": "all" } })).await;
    let open = page(&server, "acme").await;
    let vendor = find(&open).unwrap();
    let link = format!("http://{}/v1/login/vendor?at=acme", server.address);
    assert_eq!((&vendor["support"], &vendor["href"]), (&json!(true), &json!(link)));
    assert!(open["notice"].as_str().unwrap().contains("support staff"), "{open}");
    // Without single sign-on, support staff log in by the same link, and there is nothing to say.
    give(&server, json!({ "set-login": { "at": "acme", "methods": ["password"], "force": true } })).await;
    let plain = page(&server, "acme").await;
    assert_eq!((find(&plain).is_some(), &plain["notice"]), (true, &Value::Null));
    // Neither the other tenant nor the server shows it, nor whether a scope exists.
    assert_eq!(page(&server, "other").await, page(&server, "nowhere").await);
    assert!(find(&page(&server, "other").await).is_none());
    assert!(find(&server.get("/v1/login", &[]).await.json()).is_none());
}

#[tokio::test]
async fn support_logs_in_at_a_tenant_that_is_open() {
    let replies = provider().await;
    let server = with_vendor(&replies).await;
    give(&server, json!({ "set-support": { "at": "acme", "access": "all" } })).await;
    let jo = log_in_at(&server, &replies, "acme", "jo@vendor.example").await.unwrap();
    let body = session(&server, &jo).await.json();
    assert_eq!(
        (&body["subject"], &body["login"], &body["at"]),
        (&json!("support:jo@vendor.example"), &json!("support"), &json!("acme"))
    );
    let headers = [("cookie", &*jo), ("rolecall-csrf", body["csrf"].as_str().unwrap())];
    assert_eq!(server.post("/v1/session/passes", &headers, &json!({ "at": "acme" })).await.status.as_u16(), 200);
    // The prefix is that of support staff: nobody of the tenant is named, not even with the address of one.
    let ada = log_in_at(&server, &replies, "acme", "ada@acme.example").await.unwrap();
    assert_eq!(session(&server, &ada).await.json()["subject"], "support:ada@acme.example");
    for at in ["other", "nowhere"] {
        assert_eq!(log_in_at(&server, &replies, at, "jo@vendor.example").await, Err("support-closed".into()), "{at}");
    }
    // The tenant reads who came, in its audit log.
    let olga = log_in(&server, &replies, "corp", "olga@acme.example").await.unwrap();
    let names = async || {
        let answer = server.get(&format!("{EVENTS}?at=acme&operation=LOGIN&limit=100"), &[("cookie", &*olga)]).await;
        let events = answer.json()["events"].as_array().unwrap().clone();
        events.iter().map(|one| one["username"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    for _ in 0..100 {
        if names().await.contains(&"user:olga@acme.example".to_string()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(names().await, ["support:jo@vendor.example", "support:ada@acme.example", "user:olga@acme.example"]);
    // Closing the tenant ends the sessions of support staff, and of nobody else.
    give(&server, json!({ "set-support": { "at": "acme", "access": "none" } })).await;
    assert_eq!(session(&server, &jo).await.refusal(), (401, "session.ended".into()));
    assert_eq!(session(&server, &olga).await.status.as_u16(), 200);
    assert_eq!(log_in_at(&server, &replies, "acme", "jo@vendor.example").await, Err("support-closed".into()));
}

#[tokio::test]
async fn named_accounts_log_in_where_the_tenant_names_them() {
    let replies = provider().await;
    let server = with_vendor(&replies).await;
    give(&server, json!({ "set-support": { "at": "acme", "access": "named" } })).await;
    assert_eq!(log_in_at(&server, &replies, "acme", "jo@vendor.example").await, Err("support-closed".into()));
    let named = json!({ "subject": "support:jo@vendor.example", "roles": [{ "role": "viewer", "at": "acme" }] });
    give(&server, json!({ "add-support": named })).await;
    assert!(log_in_at(&server, &replies, "acme", "jo@vendor.example").await.is_ok());
    assert_eq!(log_in_at(&server, &replies, "acme", "mo@vendor.example").await, Err("support-closed".into()));
}

#[tokio::test]
async fn a_login_of_support_names_its_tenant() {
    let replies = provider().await;
    let server = with_vendor(&replies).await;
    for query in ["", "?at=", "?at=Not%20A%20Scope", "?at=acme&at=other"] {
        let answer = server.get(&format!("/v1/login/vendor{query}"), &[]).await;
        assert_eq!(answer.refusal(), (400, "login.tenant".into()), "{query}");
    }
    // The tenant is that of the login that began: the return address cannot change it.
    give(&server, json!({ "set-support": { "at": "acme", "access": "all" } })).await;
    replies.lock().unwrap().email = "jo@vendor.example".into();
    let begun = begin_at(&server, &replies, "vendor", "&at=other").await;
    let sent = format!("rolecall-login={}", begun.cookie);
    let path = format!("/v1/login/vendor/callback?code={}&state={}&at=acme", begun.code, begun.state);
    let answer = server.get(&path, &[("cookie", &sent)]).await;
    assert_eq!(parameter(header(&answer, "location")[0], "login_error"), "support-closed");
}
