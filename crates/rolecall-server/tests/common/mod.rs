//! A test server and its client.
#![allow(dead_code)]

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rolecall::Timestamp;
use rolecall_server::{Config, Login, Provider, Reload, Right, Server, Token, token_digest};
use rolecall_store::{Administration, Sqlite};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Clock, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const POLICY: &str = r#"{"rolecall": 1, "scopes": ["account", "project"], "labels": ["pii"],
    "resources": {"segments": {"title": "Segments", "actions": ["view", "edit"]}, "users": {"actions": ["view", "edit"]}},
    "roles": {"viewer": {"grants": ["segments:view"]}, "editor": {"inherits": ["viewer"], "grants": ["segments:edit"]},
        "owner": {"inherits": ["editor"], "grants": ["users:*"], "suggest_end": true}},
    "administration": {"add-user": "users:edit", "assign": "users:edit", "withdraw": "users:edit",
        "lock": "users:edit", "view-access": "users:view", "view-locks": "users:view", "view-roles": "users:view"},
    "menus": {"main": [{"id": "segments", "title": "Segments", "href": "/segments", "needs": "segments:view"},
        {"id": "edit", "title": "Edit", "href": "/edit", "needs": "segments:edit"}]}}"#;

pub(crate) const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme", "acme/shop"],
    "subjects": {"user:olga": {}, "user:ada": {}, "user:bo": {}},
    "assignments": [{"subject": "user:olga", "role": "owner", "at": "acme"},
        {"subject": "user:ada", "role": "viewer", "at": "acme"}, {"subject": "user:bo", "role": "editor", "at": "acme/shop"}]}"#;

/// A configuration, with the folder of its files.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
    pub(crate) reload: Reload,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<std::io::Result<()>>,
}

/// A login with one provider, which does not answer.
pub(crate) fn login() -> Login {
    let provider = Provider {
        id: "corp".into(),
        title: None,
        issuer: "http://127.0.0.1:9".into(),
        client_id: "rolecall".into(),
        client_secret_file: None,
        method: "sso".into(),
        domain: None,
        claim: "sub".into(),
        groups: "groups".into(),
        group_prefix: None,
        prefix: "user:".into(),
        second_factor_acr: Vec::new(),
        support: false,
        scopes: Vec::new(),
    };
    Login { providers: vec![provider], home: None, hours: 1, bind_address: true, private_addresses: false }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis() as i64).unwrap()
}

/// A token with every right, for a bearer of this name.
pub(crate) fn token(name: &str, may: &[Right], acts_for_others: bool) -> Token {
    Token {
        subject: format!("app:{name}"),
        sha256: Some(token_digest(name)),
        certificate: None,
        may: may.to_vec(),
        networks: Vec::new(),
        acts_for_others,
    }
}

pub(crate) const ALL: [Right; 6] =
    [Right::Evaluate, Right::Pass, Right::Snapshot, Right::Administer, Right::Audit, Right::Metrics];

pub(crate) fn example(scenario: &str) -> Config {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/authzen").join(scenario);
    let file = |name: &str| Some(folder.join(format!("{name}.yaml")));
    Config { policy: file("policy"), directory: file("directory"), mapping: file("authzen"), ..Config::default() }
}

/// Writes the documents into a folder.
pub(crate) fn documents(folder: &Path) -> Config {
    let write = |name: &str, text: &str| -> Option<PathBuf> {
        std::fs::write(folder.join(name), text).unwrap();
        Some(folder.join(name))
    };
    Config { policy: write("policy.json", POLICY), directory: write("directory.json", DIRECTORY), ..Config::default() }
}

/// Creates a store from the documents.
pub(crate) fn store(folder: &Path) -> Config {
    let path = folder.join("acme.rolecall");
    let begun = Administration::begin(Sqlite::create(&path).unwrap(), POLICY, DIRECTORY, "app:rolecall", now());
    begun.unwrap();
    Config { store: Some(path), ..Config::default() }
}

pub(crate) async fn serve(configure: impl FnOnce(&Path) -> Config) -> Served {
    let folder = tempfile::tempdir().unwrap();
    serve_in(folder, configure).await
}

pub(crate) async fn serve_in(folder: TempDir, configure: impl FnOnce(&Path) -> Config) -> Served {
    let config = configure(folder.path());
    let listen = if config.listen.port() == 8080 { SocketAddr::from(([127, 0, 0, 1], 0)) } else { config.listen };
    let server = Server::bind(Config { listen, ..config }).await.unwrap();
    let (address, reload) = (server.address(), server.reloader());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    Served { address, folder, reload, stop: Some(stop), running }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// Returns the status and the code of the envelope.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"]["code"].as_str().unwrap_or_default().to_string())
    }
}

impl Served {
    pub(crate) fn client(&self) -> Client<HttpConnector, Body> {
        Client::builder(TokioExecutor::new()).build_http()
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.into()).unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.client().request(request).await.unwrap().into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::GET, path, headers, Body::empty())).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send(self.request(Method::POST, path, &headers, body.to_string())).await
    }

    /// Stops the server as a termination signal does, and waits until it has ended.
    pub(crate) async fn stop(mut self) -> TempDir {
        let _ = self.stop.take().unwrap().send(());
        self.running.await.unwrap().unwrap();
        self.folder
    }
}

/// Reads events of a stream.
pub(crate) struct Events {
    body: Body,
    text: String,
}

impl Events {
    pub(crate) async fn open(server: &Served, headers: &[(&str, &str)]) -> Self {
        let answer =
            server.client().request(server.request(Method::GET, "/v1/stream", headers, Body::empty())).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { body: Body::new(answer.into_body()), text: String::new() }
    }

    /// Returns the name and the id of the next event; `None` after a timeout or at the end of the stream.
    pub(crate) async fn next(&mut self, within: Duration) -> Option<(String, String)> {
        let until = Clock::now() + within;
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_string()
                };
                let found = (field("event:"), field("id:"));
                self.text = rest.to_string();
                return Some(found);
            }
            let left = until.checked_duration_since(Clock::now())?;
            let frame = tokio::time::timeout(left, self.body.frame()).await.ok()??.ok()?;
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }
}
