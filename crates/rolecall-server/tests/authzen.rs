//! AuthZEN over HTTP: the public scenarios, statuses, authentication, and requests of hostile clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;
#[path = "../../../tests/authzen/scenarios.rs"]
mod scenarios;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{ALL, documents, example, serve, token};
use ed25519_dalek::{Signature, VerifyingKey};
use rolecall_server::{Config, Limits, Right, Token};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn question(user: &str, action: &str) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": "segments", "id": "acme/shop" } })
}

#[tokio::test]
async fn public_scenarios_return_the_expected_decisions() {
    let servers = [("todo", serve(|_| example("todo")).await), ("search", serve(|_| example("search")).await)];
    for row in scenarios::all() {
        let server = &servers.iter().find(|(name, _)| *name == row.scenario).unwrap().1;
        let answer = server.post(row.path, &[], &row.request).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, row.response), "{} {}", row.path, row.request);
    }
}

#[tokio::test]
async fn every_decision_has_status_200() {
    let server = serve(documents).await;
    for (user, action, expected) in
        [("ada", "view", true), ("ada", "edit", false), ("bo", "edit", true), ("eve", "view", false)]
    {
        let answer = server.post("/access/v1/evaluation", &[("x-request-id", "a-1")], &question(user, action)).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "decision": expected })));
        assert_eq!(answer.headers["x-request-id"], "a-1");
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    let charset = [("content-type", "application/json; charset=utf-8")];
    let request = server.request(Method::POST, "/access/v1/evaluation", &charset, question("ada", "view").to_string());
    assert_eq!(server.send(request).await.status.as_u16(), 200);
    let response = server.get("/.well-known/authzen-configuration", &[]).await;
    assert_eq!(
        response.json()["access_evaluation_endpoint"],
        format!("http://{}/access/v1/evaluation", server.address)
    );
    assert_eq!(
        server.get("/.well-known/authzen-configuration/tenant", &[]).await.refusal(),
        (404, "address.unknown".into())
    );
}

#[tokio::test]
async fn the_metadata_is_signed() {
    let server = serve(|folder| Config { url: Some("https://roles.example.com".into()), ..documents(folder) }).await;
    let mut response = server.get("/.well-known/authzen-configuration", &[]).await.json();
    let signed = response.as_object_mut().unwrap().remove("signed_metadata").unwrap();
    let parts: Vec<&str> = signed.as_str().unwrap().split('.').collect();
    let part = |index: usize| URL_SAFE_NO_PAD.decode(parts[index]).unwrap();
    let header: Value = serde_json::from_slice(&part(0)).unwrap();
    let keys = server.get("/.well-known/jwks.json", &[]).await.json();
    assert_eq!((&header["alg"], &header["kid"]), (&json!("EdDSA"), &keys["keys"][0]["kid"]));
    let public = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
    let text = format!("{}.{}", parts[0], parts[1]);
    key.verify_strict(text.as_bytes(), &Signature::from_slice(&part(2)).unwrap()).unwrap();
    // The signed metadata has the same members, and names its issuer.
    response["iss"] = json!("https://roles.example.com");
    assert_eq!(serde_json::from_slice::<Value>(&part(1)).unwrap(), response);
    // It is not a pass.
    let bearer = format!("Bearer {}", signed.as_str().unwrap());
    let refused = server.post("/v1/passes/renew", &[("authorization", &bearer)], &json!({})).await;
    assert_eq!(refused.refusal(), (401, "pass.algorithm".into()));
}

#[tokio::test]
async fn malformed_requests_get_a_status_and_a_code() {
    let server =
        serve(|folder| Config { limits: Limits { body_bytes: 4096, ..Limits::default() }, ..documents(folder) }).await;
    let json_type = ("content-type", "application/json");
    let deep = "[".repeat(4000);
    let large = " ".repeat(5000);
    for path in [
        "/access/v1/evaluation",
        "/access/v1/evaluations",
        "/access/v1/search/subject",
        "/access/v1/search/resource",
        "/access/v1/search/action",
    ] {
        for (body, status, code) in [
            (b"".as_slice(), 400, "request.json"),
            (b"{", 400, "request.json"),
            (b"[]", 400, "request.shape"),
            (b"null", 400, "request.shape"),
            (b"{}", 400, "request.shape"),
            (br#"{"subject":{"type":1}}"#, 400, "request.shape"),
            (b"\xff\xfe", 400, "request.json"),
            (br#"{"subject":{"type":"user","id":"\ud800"}}"#, 400, "request.json"),
            (deep.as_bytes(), 400, "request.json"),
            (large.as_bytes(), 413, "body.size"),
        ] {
            let answer = server.send(server.request(Method::POST, path, &[json_type], body.to_vec())).await;
            assert_eq!(answer.refusal(), (status, code.to_string()), "{path} {}", String::from_utf8_lossy(body));
        }
        let answer = server.send(server.request(Method::POST, path, &[("content-type", "text/plain")], "{}")).await;
        assert_eq!(answer.refusal(), (400, "body.type".into()));
        assert_eq!(server.get(path, &[]).await.refusal(), (405, "method.unknown".into()));
    }
    assert_eq!(server.get("/nothing", &[]).await.refusal(), (404, "address.unknown".into()));
    // The server still answers.
    assert_eq!(
        server.post("/access/v1/evaluation", &[], &question("ada", "view")).await.json(),
        json!({ "decision": true })
    );
}

/// Bytes that no client library would send.
#[tokio::test]
async fn invalid_http_ends_only_its_connection() {
    let server =
        serve(|folder| Config { limits: Limits { seconds: 1, ..Limits::default() }, ..documents(folder) }).await;
    for (sent, status) in [
        (
            "POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
            "503",
        ),
        ("POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}", "400"),
        (
            "POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n",
            "400",
        ),
        ("GET /\u{1} HTTP/1.1\r\n\r\n", "400"),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut text = vec![0; 64];
        let count = stream.read(&mut text).await.unwrap();
        let response = String::from_utf8_lossy(&text[..count]).to_string();
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{sent:?}: {response}");
    }
    // A truncated body is not evaluated.
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 400"), "{text}");
    assert_eq!(
        server.post("/access/v1/evaluation", &[], &question("ada", "view")).await.json(),
        json!({ "decision": true })
    );
}

#[tokio::test]
async fn tokens_grant_their_rights() {
    let tokens = vec![token("one", &[Right::Evaluate], false), token("two", &[Right::Metrics], false)];
    let server = serve(|folder| Config { tokens, ..documents(folder) }).await;
    let ask =
        async |headers: &[(&str, &str)]| server.post("/access/v1/evaluation", headers, &question("ada", "view")).await;
    assert_eq!(ask(&[("authorization", "Bearer one")]).await.status.as_u16(), 200);
    assert_eq!(ask(&[("authorization", "bearer one")]).await.status.as_u16(), 200);
    assert_eq!(ask(&[("authorization", "Bearer two")]).await.refusal(), (403, "forbidden".into()));
    for value in ["Bearer three", "Bearer ", "Basic one", "one"] {
        let answer = ask(&[("authorization", value)]).await;
        assert_eq!(
            (answer.refusal(), &answer.headers["www-authenticate"]),
            ((401, "unauthenticated".into()), &"Bearer".parse().unwrap()),
            "{value}"
        );
    }
    assert_eq!(ask(&[]).await.refusal().0, 401);
    assert_eq!(ask(&[("authorization", "Bearer one"), ("authorization", "Bearer two")]).await.refusal().0, 401);
    // Everyone may read metadata and health, but not metrics.
    assert_eq!(server.get("/healthz", &[]).await.json(), json!({ "status": "ok" }));
    assert_eq!(server.get("/readyz", &[]).await.json(), json!({ "status": "ready" }));
    assert_eq!(server.get("/.well-known/authzen-configuration", &[]).await.status.as_u16(), 200);
    assert_eq!(server.get("/metrics", &[]).await.refusal().0, 401);
    let metrics = server.get("/metrics", &[("authorization", "Bearer two")]).await.text;
    assert!(metrics.contains(r#"rolecall_requests_total{route="/access/v1/evaluation",status="200"} 2"#), "{metrics}");
    assert!(metrics.contains("rolecall_request_seconds_bucket") && metrics.ends_with("# EOF\n"));
    // Passes and the other functions need a right of their own, with or without tokens.
    for path in ["/v1/passes", "/v1/administration/commands"] {
        assert_eq!(server.post(path, &[("authorization", "Bearer one")], &json!({})).await.refusal().0, 403, "{path}");
    }
}

#[tokio::test]
async fn a_token_is_limited_to_its_networks() {
    let named = |name: &str, networks: &[&str]| {
        let networks = networks.iter().map(|network| (*network).to_string()).collect();
        Token { networks, ..token(name, &[Right::Evaluate], false) }
    };
    let tokens = vec![named("here", &["10.0.0.0/8", "127.0.0.0/8"]), named("there", &["203.0.113.0/24", "::1"])];
    let server = serve(|folder| Config { tokens, ..documents(folder) }).await;
    let ask = async |name: &str| {
        let bearer = format!("Bearer {name}");
        server.post("/access/v1/evaluation", &[("authorization", &bearer)], &question("ada", "view")).await
    };
    assert_eq!(ask("here").await.status.as_u16(), 200);
    assert_eq!(ask("there").await.refusal(), (403, "network.denied".into()));
}

#[tokio::test]
async fn requests_of_one_caller_are_limited() {
    let limits = Limits { per_second: NonZeroU32::new(5), ..Limits::default() };
    let tokens = vec![token("one", &ALL, false), token("two", &ALL, false)];
    let server = serve(|folder| Config { tokens, limits, ..documents(folder) }).await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        let answer =
            server.post("/access/v1/evaluation", &[("authorization", "Bearer one")], &question("ada", "view")).await;
        if answer.status.as_u16() == 429 {
            assert_eq!(answer.headers["retry-after"], "1");
        }
        statuses.push(answer.status.as_u16());
    }
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
    let other =
        server.post("/access/v1/evaluation", &[("authorization", "Bearer two")], &question("ada", "view")).await;
    assert_eq!(other.status.as_u16(), 200);
}

#[tokio::test]
async fn changed_documents_are_reloaded() {
    let server = serve(documents).await;
    let ask =
        async || server.post("/access/v1/evaluation", &[], &question("ada", "edit")).await.json()["decision"] == true;
    assert!(!ask().await);
    let directory = server.folder.path().join("directory.json");
    let text = std::fs::read_to_string(&directory).unwrap();
    std::fs::write(&directory, text.replace(r#""role": "viewer""#, r#""role": "editor""#)).unwrap();
    for _ in 0..100 {
        if ask().await {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(ask().await);
    // An unreadable file leaves answers unchanged.
    std::fs::write(&directory, "{").unwrap();
    for _ in 0..100 {
        let metrics = server.get("/metrics", &[]).await.text;
        if metrics.contains("rolecall_reloads_failed_total 1") {
            assert!(ask().await);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the failure is not counted");
}
