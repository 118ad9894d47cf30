//! Passes, the stream and snapshots, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use axum::body::Body;
use axum::http::Method;
use common::{ALL, Events, Served, documents, now, serve, store, token};
use http_body_util::BodyExt;
use rolecall::Engine;
use rolecall_pass::{Draft, Expected, KeySet, Keys, Secret};
use rolecall_server::{Config, Limits, Passes, Right, Token};
use serde_json::{Value, json};
use std::time::Duration;

const BACKEND: (&str, &str) = ("authorization", "Bearer backend");

fn backend(config: Config) -> Config {
    Config { tokens: vec![token("backend", &ALL, true)], ..config }
}

async fn pass(server: &Served, subject: &str) -> String {
    let wanted = json!({ "subject": subject, "at": "acme/shop", "scopes": ["acme"], "menus": ["main"] });
    let answer = server.post("/v1/passes", &[BACKEND], &wanted).await;
    answer.json()["pass"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_string()
}

async fn opened(server: &Served, pass: &str) -> rolecall_pass::Pass {
    let keys = KeySet::from_json(&server.get("/.well-known/jwks.json", &[]).await.text).unwrap();
    let issuer = format!("http://{}", server.address);
    keys.open(pass, Expected { issuer: &issuer, audience: None }, now()).unwrap()
}

async fn assign(server: &Served, verb: &str, subject: &str) {
    let command = json!({ "command": { verb: { "subject": subject, "role": "editor", "at": "acme" } } });
    let answer =
        server.post("/v1/administration/commands", &[BACKEND, ("rolecall-actor", "user:olga")], &command).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
}

#[tokio::test]
async fn a_pass_gives_the_decisions_of_the_server() {
    let server = serve(|folder| backend(documents(folder))).await;
    for subject in ["user:ada", "user:bo", "user:eve"] {
        let opened = opened(&server, &pass(&server, subject).await).await;
        assert_eq!((opened.session.subject(), opened.session.scope()), (subject, "acme/shop"));
        let minutes = (opened.expires.as_millis() - now().as_millis()) as f64 / 60_000.0;
        assert!((14.0..=15.0).contains(&minutes), "{minutes}");
        for scope in ["acme", "acme/shop", "acme/none"] {
            let session = opened.session.at(scope, now());
            for (permission, action) in [("segments:view", "view"), ("segments:edit", "edit")] {
                let ask = json!({ "subject": { "type": "user", "id": subject.trim_start_matches("user:") },
                    "action": { "name": action }, "resource": { "type": "segments", "id": scope } });
                let answer = server.post("/access/v1/evaluation", &[BACKEND], &ask).await.json();
                assert_eq!(
                    answer["decision"],
                    session.can(session.permission(permission).unwrap()),
                    "{subject} {scope} {action}"
                );
            }
        }
        let visible = opened.session.menu("main").unwrap().items.len();
        assert_eq!(
            visible,
            match subject {
                "user:ada" => 1,
                "user:bo" => 2,
                _ => 0,
            }
        );
    }
}

#[tokio::test]
async fn requests_for_passes_are_checked() {
    let server = serve(|folder| backend(documents(folder))).await;
    for (wanted, status, code) in [
        (json!({ "subject": "user:ada" }), 400, "request.shape"),
        (json!(["user:ada", "acme"]), 400, "request.shape"),
        (json!({ "subject": "user:ada", "at": "acme", "context": [null, null] }), 400, "request.shape"),
        (json!({ "subject": "user:ada", "at": "acme", "scope": [] }), 400, "request.shape"),
        (json!({ "subject": "user:ada", "at": "acme", "scopes": vec!["acme"; 1_001] }), 400, "request.shape"),
        (json!({ "subject": "group:a", "at": "acme" }), 400, "subject.malformed"),
        (json!({ "subject": "user:ada", "at": "A" }), 400, "scope.malformed"),
        (json!({ "subject": "user:ada", "at": "acme", "menus": ["side"] }), 400, "menu.unknown"),
        (json!({ "subject": "user:ada", "at": "acme", "context": { "ip": "x" } }), 400, "ip.malformed"),
        (
            json!({ "subject": "user:ada", "at": "acme", "context": { "time": "2020-01-01T00:00:00Z" } }),
            400,
            "request.shape",
        ),
    ] {
        assert_eq!(
            server.post("/v1/passes", &[BACKEND], &wanted).await.refusal(),
            (status, code.to_string()),
            "{wanted}"
        );
    }
    let wanted = json!({ "subject": "user:ada", "at": "acme" });
    assert_eq!(server.post("/v1/passes", &[], &wanted).await.refusal(), (401, "unauthenticated".into()));
}

#[tokio::test]
async fn passes_are_renewed_and_keys_rotate() {
    let keys =
        |folder: &std::path::Path, keys: &Keys| std::fs::write(folder.join("keys.json"), &*keys.to_json()).unwrap();
    let (old, new) = ([1; 32], [2; 32]);
    let server = serve(|folder| {
        keys(folder, &Keys::new(vec![Secret::from_seed(old)]));
        let passes = Passes { keys: Some(folder.join("keys.json")), ..Passes::default() };
        backend(Config { passes, ..documents(folder) })
    })
    .await;
    let first = pass(&server, "user:bo").await;
    let renew = async |pass: &str| {
        server.post("/v1/passes/renew", &[("authorization", &format!("Bearer {pass}"))], &json!({})).await
    };
    let second = renew(&first).await.json()["pass"].as_str().unwrap().to_string();
    let (one, two) = (opened(&server, &first).await, opened(&server, &second).await);
    assert_eq!(one.session.permissions().permissions, two.session.permissions().permissions);
    assert_eq!(one.session.scopes(), two.session.scopes());
    // A new first key: passes signed by the old key stay valid until it is removed.
    let mut rotated = Keys::new(vec![Secret::from_seed(old)]);
    rotated.rotate(Secret::from_seed(new));
    keys(server.folder.path(), &rotated);
    let published = async |count: usize| {
        for _ in 0..200 {
            let code = server.get("/.well-known/jwks.json", &[]).await.json();
            if code["keys"].as_array().unwrap().len() == count {
                assert!(code["keys"][0].get("d").is_none());
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the keys are not read again");
    };
    published(2).await;
    let third = renew(&second).await.json()["pass"].as_str().unwrap().to_string();
    keys(server.folder.path(), &Keys::new(vec![Secret::from_seed(new)]));
    published(1).await;
    assert_eq!(renew(&second).await.refusal(), (401, "pass.key".into()));
    assert_eq!(renew(&third).await.status.as_u16(), 200);
}

#[tokio::test]
async fn invalid_passes_are_rejected() {
    let keys = [1; 32];
    let server = serve(|folder| {
        std::fs::write(folder.join("keys.json"), &*Keys::new(vec![Secret::from_seed(keys)]).to_json()).unwrap();
        let passes = Passes { keys: Some(folder.join("keys.json")), ..Passes::default() };
        backend(Config { passes, ..documents(folder) })
    })
    .await;
    let issuer = format!("http://{}", server.address);
    let engine = Engine::from_json(common::POLICY, common::DIRECTORY).unwrap();
    let made = |seed: [u8; 32], issuer: &str, from: &str, until: &str| {
        let who = json!({ "subject": "user:olga", "at": "acme", "context": { "time": from } });
        let session = rolecall_contract::session(&engine, &who.to_string()).unwrap();
        let bytes = rolecall_contract::session_to_bytes(&session, &json!({ "until": until }).to_string()).unwrap();
        let draft = Draft { session: &bytes, issuer, audience: None, note: None };
        Keys::new(vec![Secret::from_seed(seed)]).sign(draft).unwrap()
    };
    let good = pass(&server, "user:ada").await;
    let (past, future) = ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
    let header = "eyJhbGciOiJub25lIiwidHlwIjoicm9sZWNhbGwtcGFzcytqd3QifQ";
    for (pass, code) in [
        (made([9; 32], &issuer, past, future), "pass.key"),
        (made(keys, "http://elsewhere", past, future), "pass.issuer"),
        (made(keys, &issuer, past, "2020-01-02T00:00:00Z"), "pass.expired"),
        (made(keys, &issuer, "2098-01-01T00:00:00Z", future), "pass.early"),
        (made(keys, &issuer, past, future), "pass.malformed"),
        (format!("{header}.{}.", good.split('.').nth(1).unwrap()), "pass.algorithm"),
        (format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(86)), "pass.signature"),
        ("a.b.c".to_string(), "pass.malformed"),
        ("x".repeat(9000), "pass.malformed"),
    ] {
        let answer = server.post("/v1/passes/renew", &[("authorization", &format!("Bearer {pass}"))], &json!({})).await;
        let (status, found) = answer.refusal();
        assert!(status == 401 && found.starts_with(code), "{status} {found}: {code}");
    }
    // A pass is not a token, and a token is not a pass.
    let bearer = format!("Bearer {good}");
    let ask = json!({ "subject": { "type": "user", "id": "ada" } });
    assert_eq!(server.post("/access/v1/evaluation", &[("authorization", &bearer)], &ask).await.refusal().0, 401);
    assert_eq!(server.post("/v1/passes/renew", &[BACKEND], &json!({})).await.refusal().0, 401);
}

#[tokio::test]
async fn the_stream_reports_only_changes_of_its_listener() {
    let server = serve(|folder| backend(store(folder))).await;
    let (ada, bo) = (pass(&server, "user:ada").await, pass(&server, "user:bo").await);
    let bearer = |pass: &str| format!("Bearer {pass}");
    let mut of_ada = Events::open(&server, &[("authorization", &bearer(&ada))]).await;
    let mut of_bo = Events::open(&server, &[("authorization", &bearer(&bo))]).await;
    let mut of_all = Events::open(&server, &[BACKEND]).await;
    let (wait, brief) = (Duration::from_secs(5), Duration::from_millis(400));
    let ready = of_ada.next(wait).await.unwrap();
    assert_eq!(ready.0, "ready");
    assert_eq!(of_bo.next(wait).await.unwrap().0, "ready");
    assert_eq!(of_all.next(wait).await.unwrap().0, "ready");

    assign(&server, "assign", "user:ada").await;
    let changed = of_ada.next(wait).await.unwrap();
    assert!(changed.0 == "changed" && changed.1 != ready.1);
    assert_eq!(of_all.next(wait).await.unwrap().0, "changed");
    assert_eq!(of_bo.next(brief).await, None);
    // A client that reconnects gets missed events, and only those.
    let again = |id: String| {
        let bearer = bearer(&ada);
        let server = &server;
        async move {
            let mut events = Events::open(server, &[("authorization", &bearer), ("last-event-id", &id)]).await;
            events.next(wait).await.unwrap()
        }
    };
    assert_eq!(again(ready.1.clone()).await, changed);
    assert_eq!(again(changed.1.clone()).await, ("ready".to_string(), changed.1.clone()));
    // Without the id, the mark in the pass is compared with the current one.
    let mut fresh = Events::open(&server, &[("authorization", &bearer(&ada))]).await;
    assert_eq!(fresh.next(wait).await.unwrap(), changed);
    // The state is the one in the pass again.
    assign(&server, "withdraw", "user:ada").await;
    assert_eq!(of_ada.next(wait).await.unwrap(), ("changed".to_string(), ready.1.clone()));
    // Closed streams no longer count.
    for round in 0.. {
        let metrics = server.get("/metrics", &[BACKEND]).await.text;
        if metrics.contains("rolecall_streams 4\n") {
            break;
        }
        assert!(round < 100, "{metrics}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A server that stops ends its streams.
    server.stop().await;
    assert_eq!(of_bo.next(wait).await, None);
}

/// Removing a key invalidates its passes: their streams end, and all others continue.
#[tokio::test]
async fn the_stream_ends_with_the_key_of_its_pass() {
    let keys = |folder: &std::path::Path, seeds: &[u8]| {
        let keys = Keys::new(seeds.iter().map(|seed| Secret::from_seed([*seed; 32])).collect());
        std::fs::write(folder.join("keys.json"), &*keys.to_json()).unwrap();
    };
    let server = serve(|folder| {
        keys(folder, &[1]);
        let passes = Passes { keys: Some(folder.join("keys.json")), ..Passes::default() };
        backend(Config { passes, ..documents(folder) })
    })
    .await;
    let (wait, folder) = (Duration::from_secs(10), server.folder.path());
    let listening = async |bearer: &str| {
        let mut events = Events::open(&server, &[("authorization", &format!("Bearer {bearer}"))]).await;
        assert_eq!(events.next(wait).await.unwrap().0, "ready");
        events
    };
    let old = pass(&server, "user:ada").await;
    let (mut of_old, mut of_all) = (listening(&old).await, listening("backend").await);
    // A key in front of it invalidates nothing.
    keys(folder, &[2, 1]);
    let new = loop {
        let pass = pass(&server, "user:ada").await;
        if pass.split('.').next() != old.split('.').next() {
            break pass;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let mut of_new = listening(&new).await;
    assert_eq!(of_old.next(Duration::from_millis(300)).await, None);
    keys(folder, &[2]);
    assert_eq!(of_old.next(wait).await.unwrap().0, "expired");
    assert_eq!(of_old.next(wait).await, None, "the stream goes on");
    assert_eq!(server.get("/v1/stream", &[("authorization", &format!("Bearer {old}"))]).await.refusal().0, 401);
    for events in [&mut of_new, &mut of_all] {
        assert_eq!(events.next(Duration::from_millis(300)).await, None);
    }
    let metrics = server.get("/metrics", &[BACKEND]).await.text;
    assert!(metrics.contains("rolecall_streams 2\n"), "{metrics}");
}

/// Removing a token from the configuration invalidates it; so does removing its right or its network.
#[tokio::test]
async fn the_stream_ends_with_its_token() {
    let one = |name: &str| token(name, &[Right::Snapshot, Right::Metrics], false);
    let names = ["stays", "goes", "loses the right", "moves"];
    let server = serve(|folder| Config { tokens: names.map(one).to_vec(), ..documents(folder) }).await;
    let wait = Duration::from_secs(10);
    let mut streams = Vec::new();
    for name in names {
        let mut events = Events::open(&server, &[("authorization", &format!("Bearer {name}"))]).await;
        assert_eq!(events.next(wait).await.unwrap().0, "ready");
        streams.push(events);
    }
    let documents = || documents(server.folder.path());
    let status = async |name: &str| {
        let bearer = format!("Bearer {name}");
        let request = server.request(Method::GET, "/v1/snapshot", &[("authorization", &bearer)], Body::empty());
        server.client().request(request).await.unwrap().status().as_u16()
    };
    // An invalid configuration changes nothing.
    for read in [
        Err("server.yaml: 1:1: an error".to_string()),
        Ok(Config { tokens: Vec::new(), ..documents() }),
        Ok(Config { tokens: vec![one("stays"), one("stays")], ..documents() }),
        Ok(Config { policy: None, tokens: vec![one("stays")], ..documents() }),
    ] {
        server.reload.tokens(read);
        assert_eq!(status("goes").await, 200);
    }
    for events in &mut streams {
        assert_eq!(events.next(Duration::from_millis(100)).await, None);
    }
    let tokens = vec![
        one("stays"),
        token("loses the right", &[Right::Metrics], false),
        Token { networks: vec!["203.0.113.0/24".into()], ..one("moves") },
        one("comes"),
    ];
    server.reload.tokens(Ok(Config { tokens, ..documents() }));
    for (name, events) in names.into_iter().zip(&mut streams) {
        let expected = (name != "stays").then(|| "expired".to_string());
        let within = if name == "stays" { Duration::from_millis(300) } else { wait };
        assert_eq!(events.next(within).await.map(|(name, _)| name), expected, "{name}");
        if name != "stays" {
            assert_eq!(events.next(wait).await, None, "{name}: the stream goes on");
        }
    }
    for (name, expected) in [("stays", 200), ("goes", 401), ("loses the right", 403), ("moves", 403), ("comes", 200)] {
        assert_eq!(status(name).await, expected, "{name}");
    }
}

/// Another process changes the store.
#[tokio::test]
async fn changes_by_others_are_reported_in_time() {
    let server = serve(|folder| backend(store(folder))).await;
    let pass = pass(&server, "user:ada").await;
    let mut events = Events::open(&server, &[("authorization", &format!("Bearer {pass}"))]).await;
    assert_eq!(events.next(Duration::from_secs(5)).await.unwrap().0, "ready");
    let path = server.folder.path().join("acme.rolecall");
    let mut other = rolecall_store::Administration::open(rolecall_store::Sqlite::open(&path).unwrap()).unwrap();
    let command: rolecall_admin::Command =
        serde_json::from_value(json!({ "assign": { "subject": "user:ada", "role": "editor", "at": "acme" } })).unwrap();
    let context = rolecall_admin::Context { actor: "user:olga".into(), time: now().as_text(), ..Default::default() };
    other.execute(&command, &context, None).unwrap();
    assert_eq!(events.next(Duration::from_secs(5)).await.unwrap().0, "changed");
}

#[tokio::test]
async fn streams_are_bounded() {
    // The limit on all streams, and the limit per client.
    bounded(Limits { streams: 2, ..Limits::default() }).await;
    bounded(Limits { streams_each: 2, ..Limits::default() }).await;
    let server =
        serve(|folder| backend(Config { limits: Limits { streams_each: 1, ..Limits::default() }, ..store(folder) }))
            .await;
    let (ada, bo) = (pass(&server, "user:ada").await, pass(&server, "user:bo").await);
    let [ada, bo] = [ada, bo].map(|pass| format!("Bearer {pass}"));
    let _one = Events::open(&server, &[("authorization", &ada)]).await;
    let _two = Events::open(&server, &[("authorization", &bo)]).await;
    let again = server.get("/v1/stream", &[("authorization", &ada)]).await;
    assert_eq!(again.refusal(), (503, "streams.exceeded".into()));
}

async fn bounded(limits: Limits) {
    let server = serve(|folder| backend(Config { limits, ..store(folder) })).await;
    let _one = Events::open(&server, &[BACKEND]).await;
    let two = Events::open(&server, &[BACKEND]).await;
    assert_eq!(server.get("/v1/stream", &[BACKEND]).await.refusal(), (503, "streams.exceeded".into()));
    drop(two);
    for _ in 0..100 {
        let answer = server
            .client()
            .request(server.request(Method::GET, "/v1/stream", &[BACKEND], Body::empty()))
            .await
            .unwrap();
        if answer.status().as_u16() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a stream that was closed still counts");
}

#[tokio::test]
async fn a_snapshot_contains_policy_and_directory() {
    let server = serve(|folder| backend(store(folder))).await;
    let fetch = async |headers: &[(&str, &str)]| {
        let request = server.request(Method::GET, "/v1/snapshot", headers, Body::empty());
        let (parts, body) = server.client().request(request).await.unwrap().into_parts();
        (
            parts.status.as_u16(),
            parts.headers["etag"].to_str().unwrap().to_string(),
            body.collect().await.unwrap().to_bytes(),
        )
    };
    let (status, tag, bytes) = fetch(&[BACKEND]).await;
    let engine = Engine::from_snapshot(bytes).unwrap();
    assert_eq!((status, engine.directory().subjects().count()), (200, 3));
    assert_eq!(fetch(&[BACKEND, ("if-none-match", &tag)]).await.0, 304);
    assign(&server, "assign", "user:ada").await;
    let (status, other, bytes) = fetch(&[BACKEND, ("if-none-match", &tag)]).await;
    assert!(status == 200 && other != tag && !bytes.is_empty());
    assert_eq!(server.get("/v1/snapshot", &[]).await.refusal().0, 401);
}

/// Passes stay valid after a restart if their keys are in a file.
#[tokio::test]
async fn a_pass_outlives_the_server() {
    let configure = |folder: &std::path::Path| {
        let keys = folder.join("keys.json");
        if !keys.exists() {
            std::fs::write(&keys, &*Keys::new(vec![Secret::from_seed([4; 32])]).to_json()).unwrap();
        }
        let passes = Passes { keys: Some(keys), ..Passes::default() };
        backend(Config { passes, url: Some("https://roles.example.com".into()), ..documents(folder) })
    };
    let server = serve(configure).await;
    let pass = pass(&server, "user:ada").await;
    let folder = server.stop().await;
    let server = common::serve_in(folder, configure).await;
    let answer: Value =
        server.post("/v1/passes/renew", &[("authorization", &format!("Bearer {pass}"))], &json!({})).await.json();
    assert!(answer["pass"].is_string(), "{answer}");
}
