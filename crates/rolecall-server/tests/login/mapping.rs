//! Groups that the provider states at login give roles.

use crate::common::{Served, token};
use crate::provider::{Shared, Twist, csrf, give, log_in, provider, served};
use rolecall_server::{Config, Right};
use serde_json::{Value, json};

const EVENTS: &str = "/v1/administration/events";

fn audited(config: Config) -> Config {
    let tokens = vec![token("backend", &[Right::Administer], true), token("vendor", &[Right::Audit], false)];
    Config { tokens, ..config }
}

async fn mapped_server(replies: &Shared) -> Served {
    let server = served(replies, audited).await;
    let mapping =
        json!({ "at": "acme", "provider": "corp", "group": "Owners", "roles": [{ "role": "owner", "at": "acme" }] });
    give(&server, json!({ "set-role-mapping": mapping })).await;
    server
}

/// Logs a user in with a change of the ID token; returns whether the user may then assign roles.
async fn administers(server: &Served, replies: &Shared, provider: &str, twist: Twist) -> bool {
    replies.lock().unwrap().twist = Some(twist);
    let cookie = log_in(server, replies, provider, "ada@acme.example").await.unwrap();
    let token = csrf(server, &cookie).await;
    let command = json!({ "command": { "assign": { "subject": "user:out@agency.example", "role": "viewer", "at": "acme" } }, "dry_run": true });
    let headers = [("cookie", &*cookie), ("rolecall-csrf", &*token)];
    server.post("/v1/administration/commands", &headers, &command).await.status.as_u16() == 200
}

#[tokio::test]
async fn stated_groups_give_roles_until_they_are_gone() {
    let replies = provider().await;
    let server = mapped_server(&replies).await;
    let none: Twist = |_, _| {};
    assert!(!administers(&server, &replies, "corp", none).await);
    assert!(administers(&server, &replies, "corp", |_, claims| claims["groups"] = json!(["Owners", 7, null])).await);
    // One text is a list of one.
    assert!(administers(&server, &replies, "corp", |_, claims| claims["groups"] = json!("Owners")).await);
    // A provider without a domain neither gives nor takes.
    assert!(administers(&server, &replies, "sso", none).await);
    let gone: [Twist; 5] = [
        |_, claims| claims["groups"] = json!(["owners", "Others"]),
        |_, claims| claims["groups"] = json!({ "Owners": true }),
        |_, claims| claims["groups"] = json!([["Owners"]]),
        |_, claims| claims["roles"] = json!(["Owners"]),
        none,
    ];
    for twist in gone {
        assert!(administers(&server, &replies, "corp", |_, claims| claims["groups"] = json!(["Owners"])).await);
        assert!(!administers(&server, &replies, "corp", twist).await);
    }
    // More groups than anyone reads, with the mapped one at the end.
    let many: Twist = |_, claims| {
        claims["groups"] = (0..2_000).map(|number| format!("g{number}")).chain(["Owners".to_string()]).collect();
    };
    assert!(!administers(&server, &replies, "corp", many).await);
}

#[tokio::test]
async fn only_the_verified_id_token_states_groups() {
    let replies = provider().await;
    let server = mapped_server(&replies).await;
    replies.lock().unwrap().by_user_info = true;
    let info = json!({ "sub": "1", "email": "ada@acme.example", "email_verified": true, "groups": ["Owners"] });
    replies.lock().unwrap().info = Some(info);
    assert!(!administers(&server, &replies, "corp", |_, _| {}).await);
    replies.lock().unwrap().by_user_info = false;
    replies.lock().unwrap().forges = true;
    replies.lock().unwrap().twist = Some(|_, claims| claims["groups"] = json!(["Owners"]));
    assert_eq!(log_in(&server, &replies, "corp", "ada@acme.example").await, Err("login.token".into()));
    // Someone of another domain gets nothing, by any groups of the provider.
    replies.lock().unwrap().forges = false;
    assert_eq!(log_in(&server, &replies, "corp", "else@other.example").await, Err("login.domain".into()));
    let events = server.get(&format!("{EVENTS}?limit=100"), &[("authorization", "Bearer vendor")]).await.json();
    let by_provider =
        events["events"].as_array().unwrap().iter().filter(|one| one["username"] == "provider:corp").count();
    assert_eq!(by_provider, 0, "{events}");
}

#[tokio::test]
async fn the_audit_log_and_lists_show_mapped_roles() {
    let replies = provider().await;
    let server = mapped_server(&replies).await;
    let states: Twist = |_, claims| claims["groups"] = json!(["Owners"]);
    assert!(administers(&server, &replies, "corp", states).await);
    let vendor = [("authorization", "Bearer vendor")];
    let events = server.get(&format!("{EVENTS}?limit=100&actor=provider:corp"), &vendor).await.json();
    let event = &events["events"][0];
    assert_eq!(events["events"].as_array().unwrap().len(), 1, "{events}");
    assert_eq!(
        (&event["operation"], &event["objectType"], &event["ipAddress"]),
        (&json!("UPDATE"), &json!("ROLE_MAPPING"), &json!("127.0.0.1"))
    );
    let expected = json!({ "subject": "user:ada@acme.example", "provider": "corp", "domain": "acme" });
    assert_eq!(event["event"]["mapped"], expected);
    let olga = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga@acme.example")];
    let at = "?at=acme&ip=127.0.0.1";
    let listed = server.get(&format!("/v1/administration/role-mappings{at}"), &olga).await.json();
    assert_eq!(
        listed["role_mappings"],
        json!([{ "at": "acme", "provider": "corp", "group": "Owners", "mapped_group": "group:acme/mapped-1", "members": 1,
            "roles": [{ "role": "owner", "at": "acme" }] }])
    );
    let access = server.get(&format!("/v1/administration/access{at}"), &olga).await.json();
    let find = |id: &str| -> Value {
        access["users"]["rows"].as_array().unwrap().iter().find(|one| one["subject"] == id).unwrap().clone()
    };
    let roles = find("user:ada@acme.example")["roles"].clone();
    assert_eq!((&roles[1]["role"], &roles[1]["mapped"]["group"]), (&json!("owner"), &json!("Owners")));
    // A provider that the configuration does not have any more is shown as missing, and the mapping can be removed.
    let former =
        json!({ "at": "acme", "provider": "former", "group": "Owners", "roles": [{ "role": "owner", "at": "acme" }] });
    give(&server, json!({ "set-role-mapping": former })).await;
    let listed = server.get(&format!("/v1/administration/role-mappings{at}"), &olga).await.json();
    let missing: Vec<(&Value, Option<&Value>)> = listed["role_mappings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["provider"], one.get("provider_missing")))
        .collect();
    assert_eq!(missing, [(&json!("corp"), None), (&json!("former"), Some(&json!(true)))]);
    give(&server, json!({ "remove-role-mapping": { "at": "acme", "provider": "former", "group": "Owners" } })).await;
    // A role can hold at its scope alone. Its text is the same in the command and in the list.
    let limited = json!([{ "role": "viewer", "at": "acme", "below": false }]);
    let partners = json!({ "at": "acme", "provider": "corp", "group": "Partners", "roles": limited });
    give(&server, json!({ "set-role-mapping": partners })).await;
    let listed = server.get(&format!("/v1/administration/role-mappings{at}"), &olga).await.json();
    let shown = listed["role_mappings"].as_array().unwrap().iter().find(|one| one["group"] == "Partners").unwrap();
    assert_eq!(shown["roles"], limited);
    // The mapping ends, and so do its roles.
    let removed = json!({ "at": "acme", "provider": "corp", "group": "Owners" });
    give(&server, json!({ "remove-role-mapping": removed })).await;
    assert!(!administers(&server, &replies, "corp", states).await);
    // The log is whole: a store that was opened again leads to the same state.
    let folder = server.stop().await;
    let opened = rolecall_store::Sqlite::open(&folder.path().join("acme.rolecall")).unwrap();
    let store = rolecall_store::Administration::open(opened).unwrap();
    assert!(store.verify().unwrap().events > 3);
}

/// With a prefix, a session has the roles of the groups that the ID token states. The directory stays as it is.
#[tokio::test]
async fn a_prefix_states_groups_of_the_directory_for_the_session() {
    let replies = provider().await;
    let prefixed = |config: Config| {
        let mut config = audited(config);
        for provider in &mut config.login.as_mut().unwrap().providers {
            provider.group_prefix = Some("group:acme/".into()).filter(|_| provider.id == "corp");
        }
        config
    };
    let server = served(&replies, prefixed).await;
    let mapping =
        json!({ "at": "acme", "provider": "corp", "group": "Owners", "roles": [{ "role": "owner", "at": "acme" }] });
    give(&server, json!({ "set-role-mapping": mapping })).await;
    let keys = rolecall_pass::KeySet::from_json(&server.get("/.well-known/jwks.json", &[]).await.text).unwrap();
    let issuer = format!("http://{}", server.address);
    let may = async |provider: &str, twist: Twist| {
        replies.lock().unwrap().twist = Some(twist);
        let cookie = log_in(&server, &replies, provider, "ada@acme.example").await.unwrap();
        let token = csrf(&server, &cookie).await;
        let headers = [("cookie", &*cookie), ("rolecall-csrf", &*token)];
        let made = server.post("/v1/session/passes", &headers, &json!({ "at": "acme" })).await.json();
        let expected = rolecall_pass::Expected { issuer: &issuer, audience: None };
        let session = keys.open(made["pass"].as_str().unwrap(), expected, crate::common::now()).unwrap().session;
        session.can(session.permission("users:edit").unwrap())
    };
    // The id of the group of the mapping. No login joins it, because the provider does not state `Owners`.
    let stated: Twist = |_, claims| claims["groups"] = json!(["mapped-1", "none", "bad\n"]);
    assert!(may("corp", stated).await);
    assert!(!may("corp", |_, claims| claims["groups"] = json!(["group:acme/mapped-1"])).await);
    assert!(!may("corp", |_, _| {}).await);
    assert!(!may("sso", stated).await, "its provider has no prefix");
    // Administration counts the groups of the directory only.
    assert!(!administers(&server, &replies, "corp", stated).await);
}
