//! Invitations: a link or a verified address lets the invited user accept by logging in.

use crate::common::{Answer, Served, now, serve_in};
use crate::provider::{
    POLICY, Shared, begin, configured, cookie, finish, give, header, log_in, parameter, provider, session, store,
};
use openidconnect::url::form_urlencoded;
use rolecall::Timestamp;
use rolecall_admin::{Command, Context};
use rolecall_server::{Config, Invitations, Login};
use rolecall_store::{Administration, AuditFilter, Outcome, Sqlite};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE: &str = "links.jsonl";

/// The directory: `olga` administers the tenant, and nobody is invited yet.
const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme", "other"],
    "settings": {"acme": {"login": {"methods": ["sso"]}}},
    "subjects": {"user:olga@acme.example": {"native": "acme"}, "user:else@other.example": {"native": "other"}},
    "assignments": [{"subject": "user:olga@acme.example", "role": "owner", "at": "acme"},
        {"subject": "user:else@other.example", "role": "owner", "at": "other"}]}"#;

fn file(folder: &Path) -> PathBuf {
    folder.join("invitations.rolecall")
}

/// Returns a server with invitations. `olga` may invite, resend and remove.
async fn inviting(replies: &Shared) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let more = r#""invite": "users:edit", "resend-invitation": "users:edit", "remove-subject": "users:edit", "view-people": "users:edit", "assign""#;
    let policy = POLICY.replace(r#""assign""#, more);
    let created = Sqlite::create(&file(folder.path())).unwrap();
    Administration::begin(created, &policy, DIRECTORY, "app:rolecall", now()).unwrap();
    started(folder, replies).await
}

async fn started(folder: tempfile::TempDir, replies: &Shared) -> Served {
    let issuer = replies.lock().unwrap().issuer.clone();
    let providers = vec![configured("corp", "sso", Some("acme"), &issuer), configured("sso", "sso", None, &issuer)];
    let login = Login { providers, home: None, hours: 24, bind_address: true, private_addresses: false };
    serve_in(folder, |folder| {
        let base = tempfile::tempdir().unwrap();
        let config = store(base.path());
        Config {
            store: Some(file(folder)),
            login: Some(login),
            origins: vec!["https://app.example.com".into()],
            invitations: Invitations { file: Some(folder.join(FILE)), ..Invitations::default() },
            ..config
        }
    })
    .await
}

async fn invite(server: &Served, id: &str, email: Option<&str>) {
    let mut new = json!({ "subject": id, "name": "A New One", "roles": [{ "role": "viewer", "at": "acme" }] });
    if let Some(email) = email {
        new["email"] = json!(email);
    }
    give(server, json!({ "invite": new })).await;
}

/// Returns the links that were handed over, once there are as many.
async fn links(folder: &Path, count: usize) -> Vec<Value> {
    for _ in 0..100 {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        let links: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if links.len() >= count {
            // No further one follows.
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(std::fs::read_to_string(folder.join(FILE)).unwrap().lines().count(), count);
            return links;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} links are not handed over");
}

/// Returns the link of an invited user, once it is handed over.
async fn link_of(folder: &Path, id: &str) -> Value {
    for _ in 0..100 {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        let mut links = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        if let Some(link) = links.find(|link| link["invitation"]["subject"] == id) {
            return link;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the link of {id} is not handed over");
}

fn token(link: &Value) -> String {
    let link = link["invitation"]["link"].as_str().unwrap();
    let value = parameter(link, "token");
    form_urlencoded::parse(format!("t={value}").as_bytes()).next().unwrap().1.into_owned()
}

/// Logs in with the link of an invitation.
async fn follow(server: &Served, replies: &Shared, token: &str, provider: &str, email: &str) -> Result<String, String> {
    replies.lock().unwrap().email = email.to_string();
    let listed = server.get(&format!("/v1/invitations/accept?token={token}"), &[]).await.json();
    let found = listed["providers"].as_array().unwrap().iter().find(|one| one["id"] == provider).unwrap().clone();
    let address = found["href"].as_str().unwrap();
    let path = address.split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}")).unwrap();
    let answer = server.get(&path, &[]).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
    let to = header(&answer, "location")[0];
    let code = format!("code-{}", parameter(to, "state"));
    let sent = (parameter(to, "nonce"), parameter(to, "code_challenge"));
    replies.lock().unwrap().codes.insert(code.clone(), sent.clone());
    let mut begun = begin(server, replies, provider).await;
    (begun.cookie, begun.state, begun.code) =
        (cookie(&answer, "rolecall-login").unwrap(), parameter(to, "state"), code);
    let answer: Answer = finish(server, provider, &begun, &[]).await;
    let to = header(&answer, "location")[0].to_string();
    match cookie(&answer, "rolecall-session") {
        Some(secret) => Ok(format!("rolecall-session={secret}")),
        None => Err(parameter(&to, "login_error")),
    }
}

async fn subject(server: &Served, cookie: &str) -> String {
    session(server, cookie).await.json()["subject"].as_str().unwrap().to_string()
}

fn refused(code: &str) -> Result<String, String> {
    Err(code.to_string())
}

#[tokio::test]
async fn a_link_binds_the_login_to_the_invited_account() {
    let replies = provider().await;
    let server = inviting(&replies).await;
    let (name, mail) = ("leo.private@mail.example", "leo@acme.example");
    assert_eq!(log_in(&server, &replies, "corp", name).await, refused("unknown-subject"));
    invite(&server, "user:leo", Some(mail)).await;
    assert_eq!(log_in(&server, &replies, "corp", name).await, refused("unknown-subject"));
    let link = links(server.folder.path(), 1).await.remove(0);
    assert_eq!((&link["invitation"]["email"], &link["invitation"]["at"]), (&json!(mail), &json!(["acme"])));
    let token = token(&link);
    // Opening the link, as programs that scan messages do, accepts nothing.
    assert_eq!(server.get(&format!("/v1/invitations/accept?token={token}"), &[]).await.status.as_u16(), 200);
    assert_eq!(log_in(&server, &replies, "corp", name).await, refused("unknown-subject"));
    // Someone who has another account does not take this one over, and a wrong token is worth nothing.
    let olga = follow(&server, &replies, &token, "corp", "olga@acme.example").await.unwrap();
    assert_eq!(subject(&server, &olga).await, "user:olga@acme.example");
    let wrong = format!("{}.{}", token.split_once('.').unwrap().0, "0".repeat(64));
    assert_eq!(follow(&server, &replies, &wrong, "corp", name).await, refused("unknown-subject"));
    let leo = follow(&server, &replies, &token, "corp", name).await.unwrap();
    assert_eq!(subject(&server, &leo).await, "user:leo");
    // The view of the user shows the name, the address and the last login.
    let by = |actor| [("authorization", "Bearer backend"), ("rolecall-actor", actor)];
    let path = "/v1/administration/user?at=acme&subject=user%3Aleo&ip=198.51.100.9";
    let mut user = json!(null);
    for _ in 0..40 {
        user = server.get(path, &by("user:olga@acme.example")).await.json();
        if user.get("last_login").is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((&user["name"], &user["email"], &user["status"]), (&json!("A New One"), &json!(mail), &json!("active")));
    assert!(user["last_login"].as_str().and_then(Timestamp::parse).is_some(), "{user}");
    assert_eq!(user["roles"][0]["role"], "viewer");
    let other = server.get(path, &by("user:else@other.example")).await;
    assert_eq!(other.refusal(), (403, "denied".into()));
    // The link is used up, and later logins need none.
    let again = log_in(&server, &replies, "corp", name).await.unwrap();
    assert_eq!(subject(&server, &again).await, "user:leo");
    let stranger = follow(&server, &replies, &token, "corp", "stranger@mail.example").await;
    assert_eq!(stranger, refused("unknown-subject"));
    // The binding counts for its provider only.
    assert_eq!(log_in(&server, &replies, "sso", name).await, refused("unknown-subject"));
    assert_nothing_private(&server, &[name, mail, "A New One", token.split_once('.').unwrap().1]);
}

/// Checks that no event and no object contains a value, and that the store is whole.
fn assert_nothing_private(server: &Served, values: &[&str]) {
    let opened = Administration::open(Sqlite::open(&file(server.folder.path())).unwrap()).unwrap();
    let log = serde_json::to_string(&opened.audit(&AuditFilter::default()).unwrap()).unwrap();
    let all = log + &opened.state().to_json();
    assert!(all.contains("accept-invitation"), "{all}");
    for value in values {
        assert!(!all.contains(value), "{value}: {all}");
    }
    opened.verify().unwrap();
}

#[tokio::test]
async fn a_verified_address_accepts_without_the_link() {
    let replies = provider().await;
    let server = inviting(&replies).await;
    invite(&server, "user:mia", Some("Mia@Acme.example")).await;
    let mia = log_in(&server, &replies, "corp", "mia@acme.example").await.unwrap();
    assert_eq!(subject(&server, &mia).await, "user:mia");
    // An id without an address is what was invited.
    invite(&server, "user:bo@acme.example", None).await;
    let bo = log_in(&server, &replies, "corp", "bo@acme.example").await.unwrap();
    assert_eq!(subject(&server, &bo).await, "user:bo@acme.example");
    // With an address, the id alone proves nothing.
    invite(&server, "user:eve@acme.example", Some("another@acme.example")).await;
    assert_eq!(log_in(&server, &replies, "corp", "eve@acme.example").await, refused("invited"));
    // Two invitations of one address need the link.
    invite(&server, "user:kim1", Some("kim@acme.example")).await;
    invite(&server, "user:kim2", Some("kim@acme.example")).await;
    assert_eq!(log_in(&server, &replies, "corp", "kim@acme.example").await, refused("unknown-subject"));
    // What else keeps a user from logging in counts before the acceptance.
    let kim2 = link_of(server.folder.path(), "user:kim2").await;
    let kim2 = follow(&server, &replies, &token(&kim2), "corp", "kim@acme.example").await.unwrap();
    assert_eq!(subject(&server, &kim2).await, "user:kim2");
}

#[tokio::test]
async fn a_provider_accepts_for_its_own_domain_only() {
    let replies = provider().await;
    let server = inviting(&replies).await;
    let headers = [("authorization", "Bearer backend"), ("rolecall-actor", "user:else@other.example")];
    let new =
        json!({ "subject": "user:max", "email": "max@other.example", "roles": [{ "role": "viewer", "at": "other" }] });
    let command = json!({ "command": { "invite": new } });
    let done = server.post("/v1/administration/commands", &headers, &command).await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.text);
    let token = token(&links(server.folder.path(), 1).await[0]);
    // The provider of one tenant says what its administrator likes, and learns nothing of invitations elsewhere.
    assert_eq!(log_in(&server, &replies, "corp", "max@other.example").await, refused("unknown-subject"));
    assert_eq!(follow(&server, &replies, &token, "corp", "max@other.example").await, refused("unknown-subject"));
    let max = follow(&server, &replies, &token, "sso", "max@other.example").await.unwrap();
    assert_eq!(subject(&server, &max).await, "user:max");
}

#[tokio::test]
async fn a_new_link_replaces_the_one_before_and_removing_cancels_it() {
    let replies = provider().await;
    let server = inviting(&replies).await;
    invite(&server, "user:leo", Some("leo@mail.example")).await;
    links(server.folder.path(), 1).await;
    give(&server, json!({ "resend-invitation": { "subject": "user:leo" } })).await;
    let tokens: Vec<String> = links(server.folder.path(), 2).await.iter().map(token).collect();
    let other = "someone@mail.example";
    assert_eq!(follow(&server, &replies, &tokens[0], "corp", other).await, refused("unknown-subject"));
    give(&server, json!({ "remove-subject": { "subject": "user:leo", "at": "acme" } })).await;
    assert_eq!(follow(&server, &replies, &tokens[1], "corp", other).await, refused("unknown-subject"));
    assert_eq!(log_in(&server, &replies, "corp", "leo@mail.example").await, refused("unknown-subject"));
    // Nothing of the invitation is left.
    let opened = Administration::open(Sqlite::open(&file(server.folder.path())).unwrap()).unwrap();
    assert!(rolecall_store::Store::contents(opened.store()).unwrap().private.is_empty());
}

#[tokio::test]
async fn links_wait_for_a_server_and_are_handed_over_once() {
    let replies = provider().await;
    let server = inviting(&replies).await;
    invite(&server, "user:leo", Some("leo@mail.example")).await;
    let first = links(server.folder.path(), 1).await;
    let folder = server.stop().await;
    let mut opened = Administration::open(Sqlite::open(&file(folder.path())).unwrap()).unwrap();
    let command: Command = serde_json::from_value(json!({ "invite":
        { "subject": "user:mia", "email": "mia@mail.example", "roles": [{ "role": "viewer", "at": "acme" }] } }))
    .unwrap();
    let context = Context {
        actor: "user:olga@acme.example".into(),
        time: now().as_text(),
        ip: Some("198.51.100.9".into()),
        ..Context::default()
    };
    let outcome = opened.execute(&command, &context, None).unwrap();
    assert!(matches!(outcome, Outcome::Applied(_)));
    assert!(opened.next_letter(0).unwrap().1.is_some(), "the link waits");
    drop(opened);
    let server = started(folder, &replies).await;
    let both = links(server.folder.path(), 2).await;
    assert_eq!((&both[0], &both[1]["invitation"]["subject"]), (&first[0], &json!("user:mia")));
    let opened = Administration::open(Sqlite::open(&file(server.folder.path())).unwrap()).unwrap();
    assert!(opened.next_letter(0).unwrap().1.is_none(), "no secret is left");
    let until = both[1]["invitation"]["until"].as_str().and_then(Timestamp::parse).unwrap();
    assert!(until > now());
}

/// A mail server that stores the lines it gets. It rejects the first message.
async fn mail_server() -> (u16, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let got = std::sync::Arc::clone(&lines);
    tokio::spawn(async move {
        let mut busy = true;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.split();
            let mut read = BufReader::new(read).lines();
            write.write_all(b"220 here\r\n").await.unwrap();
            let mut is_data = false;
            while let Ok(Some(line)) = read.next_line().await {
                let reply = match line.split(' ').next().unwrap() {
                    "." if is_data => {
                        is_data = false;
                        "250 ok"
                    }
                    _ if is_data => {
                        got.lock().unwrap().push(line);
                        continue;
                    }
                    "MAIL" if std::mem::take(&mut busy) => "451 later",
                    "RCPT" if line.contains("nobody@") => "550 unknown",
                    "DATA" => {
                        is_data = true;
                        "354 go on"
                    }
                    _ => "250 ok",
                };
                if write.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    (port, lines)
}

#[tokio::test]
async fn a_mail_server_gets_messages_and_a_rejected_one_delays_no_other() {
    let replies = provider().await;
    let (port, lines) = mail_server().await;
    let server = inviting(&replies).await;
    let folder = server.stop().await;
    let smtp = rolecall_server::Smtp {
        host: "127.0.0.1".into(),
        port: Some(port),
        encryption: rolecall_server::Encryption::None,
        user: None,
        password_file: None,
        from: "Example <no-reply@example.com>".into(),
        subject: "Join us".into(),
    };
    let server = serve_in(folder, |folder| {
        let base = tempfile::tempdir().unwrap();
        let invitations = Invitations { smtp: Some(smtp), ..Invitations::default() };
        Config { store: Some(file(folder)), invitations, ..store(base.path()) }
    })
    .await;
    invite(&server, "user:no", Some("nobody@mail.example")).await;
    invite(&server, "user:leo", Some("leo@mail.example")).await;
    let all = || lines.lock().unwrap().join("\n").replace("=\n", "").replace("=3D", "=");
    for _ in 0..200 {
        if all().contains("token=") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let text = all();
    assert!(text.contains("To: leo@mail.example") && text.contains("Subject: Join us"), "{text}");
    assert!(text.contains(&format!("http://{}/v1/invitations/accept?token=", server.address)), "{text}");
    assert!(!text.contains("nobody@") && !text.contains("acme") && !text.contains("olga"), "{text}");
}

#[tokio::test]
async fn nobody_binds_a_login_or_makes_a_token_over_http() {
    let replies = provider().await;
    let server = inviting(&replies).await;
    let headers = [("authorization", "Bearer backend"), ("rolecall-actor", "user:olga@acme.example")];
    let new = json!({ "subject": "user:leo", "email": "leo@mail.example", "token": "mine",
        "roles": [{ "role": "viewer", "at": "acme" }] });
    for (command, code) in [
        (json!({ "invite": new }), (422, "malformed")),
        (json!({ "resend-invitation": { "subject": "user:leo", "token": "mine" } }), (422, "malformed")),
        (
            json!({ "accept-invitation": { "subject": "user:olga@acme.example", "login": { "provider": "corp", "name": "x" } } }),
            (400, "request.shape"),
        ),
    ] {
        let body = json!({ "command": command, "context": { "ip": "198.51.100.9" } });
        let answer = server.post("/v1/administration/commands", &headers, &body).await;
        assert_eq!(answer.refusal(), (code.0, code.1.to_string()), "{command}");
    }
    assert_eq!(server.get("/v1/invitations/accept", &[]).await.refusal(), (400, "invitation.token".into()));
}
