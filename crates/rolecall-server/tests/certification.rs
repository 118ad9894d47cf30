//! The certification scenario of AuthZEN over HTTP, with every way in which its harness authenticates itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;
#[path = "../../../tests/authzen/certification.rs"]
mod scenario;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Served, example, serve, token};
use rcgen::{CertifiedKey, KeyPair};
use rolecall_server::{Config, Right, Tls, Token};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn question() -> Value {
    json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "read" },
        "resource": { "type": "record", "id": "record-1" } })
}

/// Sends every request of the scenario over plain HTTP, and checks what its harness checks.
async fn certify(server: &Served, headers: &[(&str, &str)]) {
    let rows = scenario::all();
    assert_eq!(rows.len(), 47);
    for row in rows {
        let id = [headers, &[("x-request-id", "r-1")]].concat();
        let answer = server.post(&row.path, &id, &row.request).await;
        let status = answer.status.as_u16();
        assert!(row.is_met(status, &answer.json()), "{}: {status} {} for {}", row.test, answer.text, row.request);
        assert_eq!(answer.headers["x-request-id"], "r-1", "{}", row.test);
        assert_eq!(answer.headers["content-type"], "application/json", "{}", row.test);
    }
    let path = "/access/v1/evaluation";
    for (kind, body) in
        [("text/plain", question().to_string()), ("application/json", "{".into()), ("application/json", String::new())]
    {
        let headers = [headers, &[("content-type", kind)]].concat();
        let answer = server.send(server.request(axum::http::Method::POST, path, &headers, body)).await;
        assert_eq!(answer.status.as_u16(), 400, "{kind} {}", answer.text);
    }
    // Without an id of the request, and repeated: the same answer.
    for _ in 0..3 {
        assert_eq!(server.post(path, headers, &question()).await.json(), json!({ "decision": true }));
    }
    // The pages of a search.
    let first = json!({ "subject": { "type": "user" }, "action": { "name": "read" },
        "resource": { "type": "record", "id": "record-1" }, "page": { "limit": 1 } });
    let page = server.post("/access/v1/search/subject", headers, &first).await.json();
    let mut next = first.clone();
    next["page"] = json!({ "token": page["page"]["next_token"] });
    let last = server.post("/access/v1/search/subject", headers, &next).await.json();
    assert_eq!((&last["results"][0]["id"], &last["page"]["next_token"]), (&json!("bob"), &json!("")));
}

#[tokio::test]
async fn without_authentication() {
    certify(&serve(|_| example("certification")).await, &[]).await;
}

fn with_token(name: &str) -> Config {
    Config { tokens: vec![token(name, &[Right::Evaluate], false)], ..example("certification") }
}

#[tokio::test]
async fn with_an_api_key() {
    let server = serve(|_| with_token("pep")).await;
    certify(&server, &[("authorization", "Bearer pep")]).await;
    for wrong in ["Bearer other", "Bearer", "Token pep"] {
        let answer = server.post("/access/v1/evaluation", &[("authorization", wrong)], &question()).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".into()), "{wrong}");
    }
}

#[tokio::test]
async fn with_http_basic() {
    let server = serve(|_| with_token("pep")).await;
    for id in ["pep", "app%3Apep"] {
        certify(&server, &[("authorization", &basic(id, "pep"))]).await;
    }
    // The token belongs to another name, or is another.
    for wrong in [basic("other", "pep"), basic("pep", "other"), basic("", "pep"), "Basic".into(), "Basic !".into()] {
        let answer = server.post("/access/v1/evaluation", &[("authorization", &wrong)], &question()).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".into()), "{wrong}");
    }
    let twice = [("authorization", &*basic("pep", "pep")), ("authorization", "Bearer pep")];
    assert_eq!(server.post("/access/v1/evaluation", &twice, &question()).await.status.as_u16(), 401);
    // A browser would ask its user for a password.
    let answer = server.post("/access/v1/evaluation", &[], &question()).await;
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
}

/// A client over TLS.
struct Over<'s> {
    server: &'s Served,
    connector: TlsConnector,
}

impl<'s> Over<'s> {
    fn new(server: &'s Served, of: &CertifiedKey<KeyPair>, client: Option<&CertifiedKey<KeyPair>>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(of.cert.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots);
        let config = match client {
            Some(own) => {
                let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
                config.with_client_auth_cert(vec![own.cert.der().clone()], key).unwrap()
            }
            None => config.with_no_client_auth(),
        };
        Self { server, connector: TlsConnector::from(Arc::new(config)) }
    }

    async fn post(&self, path: &str, more: &str, body: &str) -> (u16, Value) {
        let stream = TcpStream::connect(self.server.address).await.unwrap();
        let name = ServerName::try_from("roles.example.com").unwrap();
        let mut stream = self.connector.connect(name, stream).await.unwrap();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n{body}"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }
}

fn certificate(name: &str) -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed([name.to_string()]).unwrap()
}

/// Returns the SHA-256 of a certificate as OpenSSL prints it.
fn fingerprint(of: &CertifiedKey<KeyPair>) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(of.cert.der()) {
        let colon = if text.is_empty() { "" } else { ":" };
        write!(text, "{colon}{byte:02X}").unwrap();
    }
    text
}

#[tokio::test]
async fn with_mutual_tls() {
    let (own, pep, other) = (certificate("roles.example.com"), certificate("pep"), certificate("other"));
    let known = Token { sha256: None, certificate: Some(fingerprint(&pep)), ..token("pep", &[Right::Evaluate], false) };
    let server = serve(|folder| {
        std::fs::write(folder.join("cert.pem"), own.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), own.signing_key.serialize_pem()).unwrap();
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let tls = Some(Tls { certificate, key, client_certificates: true });
        Config { tls, tokens: vec![known, token("plain", &[Right::Evaluate], false)], ..example("certification") }
    })
    .await;
    let (with, without) = (Over::new(&server, &own, Some(&pep)), Over::new(&server, &own, None));
    for row in scenario::all() {
        let (status, answer) = with.post(&row.path, "", &row.request.to_string()).await;
        assert!(row.is_met(status, &answer), "{}: {status} {answer} for {}", row.test, row.request);
    }
    let (path, text) = ("/access/v1/evaluation", question().to_string());
    // An unknown certificate authenticates nobody, and neither does none.
    for client in [&without, &Over::new(&server, &own, Some(&other))] {
        assert_eq!(client.post(path, "", &text).await.0, 401);
    }
    // Clients without a certificate use tokens as before. A header counts in place of the certificate.
    assert_eq!(without.post(path, "Authorization: Bearer plain\r\n", &text).await.0, 200);
    assert_eq!(with.post(path, "Authorization: Bearer wrong\r\n", &text).await.0, 401);
    // The digest is not a token.
    let digest = format!("Authorization: Bearer {}\r\n", fingerprint(&pep).replace(':', "").to_lowercase());
    assert_eq!(without.post(path, &digest, &text).await.0, 401);
    // The certificate grants the rights of its entry only.
    assert_eq!(with.post("/v1/passes", "", "{}").await.0, 403);
}

/// A proxy connects with a certificate of its own, which does not authenticate the clients behind it.
#[tokio::test]
async fn the_certificate_of_a_proxy_is_not_that_of_its_clients() {
    let (own, proxy) = (certificate("roles.example.com"), certificate("proxy"));
    let known =
        Token { sha256: None, certificate: Some(fingerprint(&proxy)), ..token("proxy", &[Right::Evaluate], false) };
    let server = serve(|folder| {
        std::fs::write(folder.join("cert.pem"), own.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), own.signing_key.serialize_pem()).unwrap();
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let tls = Some(Tls { certificate, key, client_certificates: true });
        Config { tls, tokens: vec![known], proxies: vec!["127.0.0.0/8".into()], ..example("certification") }
    })
    .await;
    let client = Over::new(&server, &own, Some(&proxy));
    assert_eq!(client.post("/access/v1/evaluation", "", &question().to_string()).await.0, 401);
}
