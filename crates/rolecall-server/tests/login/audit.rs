//! Logins, failed logins, logouts and timeouts in the audit log.

use crate::common::{Served, token};
use crate::provider::{csrf, give, log_in, provider, served};
use rolecall_server::{Config, Right};
use rolecall_store::{Administration, AuditFilter, Sqlite};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const EVENTS: &str = "/v1/administration/events";
const VENDOR: (&str, &str) = ("authorization", "Bearer vendor");

fn audited(config: Config) -> Config {
    let tokens = vec![token("backend", &[Right::Administer], true), token("vendor", &[Right::Audit], false)];
    Config { tokens, ..config }
}

/// Returns the events of sessions, once there are `count` of them.
async fn sessions(server: &Served, headers: &[(&str, &str)], query: &str, count: usize) -> Vec<Value> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = server.get(&format!("{EVENTS}?limit=1000{query}"), headers).await;
        let events = answer.json()["events"].as_array().unwrap_or_else(|| panic!("{}", answer.text)).clone();
        let found: Vec<Value> = events.into_iter().filter(|event| event["event"]["session"].is_object()).collect();
        if found.len() >= count || Instant::now() > until {
            assert_eq!(found.len(), count, "{found:?}");
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns operation, type of object, user and reason of an event.
fn facts(event: &Value) -> (String, String, String, Option<String>) {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let reason = event["event"]["session"]["reason"].as_str().map(str::to_string);
    (text(&event["operation"]), text(&event["objectType"]), text(&event["username"]), reason)
}

fn fact(operation: &str, user: &str, reason: Option<&str>) -> (String, String, String, Option<String>) {
    (operation.into(), "USER".into(), user.into(), reason.map(str::to_string))
}

#[tokio::test]
async fn logins_and_logouts_are_in_the_audit_log() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    let tag = async || server.get(EVENTS, &[VENDOR]).await.headers["etag"].clone();
    let before = tag().await;
    let ada = log_in(&server, &replies, "corp", "ada@acme.example").await.unwrap();
    let token = csrf(&server, &ada).await;
    let headers = [("cookie", &*ada), ("rolecall-csrf", &*token)];
    assert_eq!(server.post("/v1/session/logout", &headers, &json!({})).await.status.as_u16(), 200);
    for (provider, email) in [
        ("corp", "gone@acme.example"),
        ("corp", "nobody@acme.example"),
        ("corp", "else@other.example"),
        ("google", "line\nfeed"),
    ] {
        log_in(&server, &replies, provider, email).await.unwrap_err();
    }
    let all = sessions(&server, &[VENDOR], "", 6).await;
    let found: Vec<_> = all.iter().map(facts).collect();
    assert_eq!(
        found,
        [
            fact("LOGIN", "user:ada@acme.example", None),
            fact("LOGOUT", "user:ada@acme.example", Some("logged-out")),
            fact("LOGIN_FAILED", "user:gone@acme.example", Some("suspended")),
            // An id that the directory does not list could be a password.
            fact("LOGIN_FAILED", "", Some("unknown-subject")),
            fact("LOGIN_FAILED", "user:else@other.example", Some("login.domain")),
            fact("LOGIN_FAILED", "", Some("login.claim")),
        ]
    );
    let login = &all[0];
    assert_eq!(
        (&login["ipAddress"], &login["objects"][0]["name"]),
        (&json!("127.0.0.1"), &json!("user:ada@acme.example"))
    );
    assert_eq!(
        login["event"]["session"],
        json!({ "subject": "user:ada@acme.example", "login": "sso", "provider": "corp", "domain": "acme" })
    );
    let text = Value::Array(all).to_string();
    let secret = ada.split_once('=').unwrap().1;
    assert!(![secret, &*token, "code-", "nobody@", "feed"].iter().any(|one| text.contains(one)), "{text}");
    // The state has the same version, so nothing that was read before conflicts.
    assert_eq!(before, tag().await);
    let folder = server.stop().await;
    let store = Administration::open(Sqlite::open(&folder.path().join("acme.rolecall")).unwrap()).unwrap();
    assert_eq!((store.verify().unwrap().events, store.state().version()), (7, 1));
}

#[tokio::test]
async fn a_tenant_sees_the_sessions_of_its_people() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    let olga = log_in(&server, &replies, "corp", "olga@acme.example").await.unwrap();
    // A guest of the tenant, of no identity domain, and someone of another tenant.
    log_in(&server, &replies, "google", "free@example.org").await.unwrap();
    log_in(&server, &replies, "google", "else@other.example").await.unwrap();
    for email in ["gone@acme.example", "else@other.example", "nobody@acme.example"] {
        log_in(&server, &replies, "corp", email).await.unwrap_err();
    }
    sessions(&server, &[VENDOR], "", 6).await;
    let own = sessions(&server, &[("cookie", &*olga)], "&at=acme", 5).await;
    let found: Vec<_> = own.iter().map(facts).collect();
    assert_eq!(
        found,
        [
            fact("LOGIN", "user:olga@acme.example", None),
            fact("LOGIN", "user:free@example.org", None),
            fact("LOGIN_FAILED", "user:gone@acme.example", Some("suspended")),
            // Someone of another tenant and someone who is not listed look the same.
            fact("LOGIN_FAILED", "", Some("login.refused")),
            fact("LOGIN_FAILED", "", Some("login.refused")),
        ]
    );
    let whole = |event: &Value| {
        let mut event = event.clone();
        event["event"]["seq"] = Value::Null;
        event["event"]["time"] = Value::Null;
        event["date"] = Value::Null;
        event
    };
    assert_eq!(whole(&own[3]), whole(&own[4]));
    assert!(!Value::Array(own).to_string().contains("other"));
    // The other tenant sees its person, and not the provider of this one.
    let other = sessions(&server, &[VENDOR], "&at=other", 2).await;
    assert_eq!(facts(&other[1]), fact("LOGIN_FAILED", "user:else@other.example", Some("login.domain")));
    assert!(!Value::Array(other).to_string().contains("corp"));
    // By filters of the log.
    assert_eq!(sessions(&server, &[VENDOR], "&operation=LOGIN&subject=user:free@example.org", 1).await.len(), 1);
    assert_eq!(sessions(&server, &[VENDOR], "&operation=LOGOUT", 0).await.len(), 0);
}

#[tokio::test]
async fn a_timeout_is_a_privacy_setting_and_a_suspension_is_a_logout() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    log_in(&server, &replies, "google", "free@example.org").await.unwrap();
    log_in(&server, &replies, "corp", "ada@acme.example").await.unwrap();
    give(&server, json!({ "suspend-subject": { "subject": "user:ada@acme.example" } })).await;
    let found: Vec<_> = sessions(&server, &[VENDOR], "", 4).await.iter().map(facts).collect();
    assert_eq!(found[2], fact("LOGOUT", "user:ada@acme.example", Some("suspended")));
    let (operation, object_type, user, reason) = found[3].clone();
    assert_eq!((&*operation, &*object_type, &*user), ("SESSION_TIMEOUT", "PRIVACY_SETTING", "user:free@example.org"));
    assert_eq!(reason.as_deref(), Some("idle"));
}

#[tokio::test]
async fn a_flood_of_failures_is_counted() {
    let replies = provider().await;
    let server = served(&replies, audited).await;
    for number in 0..12 {
        log_in(&server, &replies, "google", &format!("nobody{number}@example.org")).await.unwrap_err();
    }
    sessions(&server, &[VENDOR], "", 1).await;
    // Stopping records what was counted.
    let folder = server.stop().await;
    let store = Administration::open(Sqlite::open(&folder.path().join("acme.rolecall")).unwrap()).unwrap();
    let counts: Vec<_> = store.audit(&AuditFilter { after: Some(1), ..AuditFilter::default() }).unwrap();
    let counts: Vec<_> = counts.iter().map(|entry| entry.event.session.as_ref().unwrap().count).collect();
    assert_eq!(counts, [None, Some(11)]);
}
