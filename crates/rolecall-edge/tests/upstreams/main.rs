//! The gate and the servers behind it read the same requests: real servers, real proxies. `cargo xtask gate` installs
//! them and runs these tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod asking;
mod behind;
mod ordinary;
mod tricks;

use behind::{Behind, root, send};
use ordinary::{ORDINARY, Ordinary};
use rolecall_edge::{
    AccessRequest, Caller, EngineSource, Gate, GateDecision, Host, Limits, Observer, Pool, Routes, observed_router,
};
use rolecall_http::{Bounds, Http};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

/// The component's machine code.
fn machine_code() -> PathBuf {
    let path = root().join("target/bindings/rolecall.component.cwasm");
    assert!(path.is_file(), "{} is missing; run `cargo xtask gate`", path.display());
    path
}

const POLICY: &str = r#"{"rolecall":1,"id":"acme","scopes":["tenant","shop"],
    "resources":{"segments":{"actions":["view","edit"]},"users":{"actions":["view"]}},
    "roles":{"editor":{"grants":["**:*"]},"viewer":{"grants":["segments:view"]}}}"#;

const DIRECTORY: &str = r#"{"rolecall":1,"scopes":["main","main/shop"],
    "subjects":{"user:ada":{},"user:vic":{}},
    "assignments":[{"subject":"user:ada","role":"editor","at":"main"},{"subject":"user:vic","role":"viewer","at":"main"}]}"#;

const ROUTES: &str = "subject: { header: x-user }\nat: main\nproxies: [127.0.0.3/32]\nheaders: [x-acme-tenant]\npreflight: true\nroutes:\n\
    - { path: /, open: true }\n\
    - { path: /segments, methods: [GET], permission: 'segments:view' }\n\
    - { path: /segments, permission: 'segments:edit' }\n\
    - { path: '/users/{id}', permission: 'users:view' }\n\
    - { path: '/p/{project}/items', permission: 'segments:view', at: 'main/{project}' }\n\
    - { path: '/{*rest}', open: true }\n";

/// The decisions, in order.
type Decided = Arc<Mutex<Vec<(Option<AccessRequest>, GateDecision)>>>;

/// A gate that listens on loopback while its runtime lives.
struct Served {
    runtime: Runtime,
    address: SocketAddr,
    decided: Decided,
}

impl Served {
    fn new(behind: rolecall_edge::Backend) -> Self {
        let limits = Limits::default();
        // SAFETY: the file was written by `cargo xtask` only.
        #[expect(unsafe_code, reason = "see above")]
        let host = unsafe { Host::from_precompiled(&machine_code(), limits) }.unwrap();
        let pool = Pool::new(host, EngineSource::documents(POLICY, DIRECTORY)).unwrap();
        let gate = Arc::new(Gate::new(Routes::parse(ROUTES).unwrap(), pool).unwrap());
        let decided = Decided::default();
        let observer: Observer = {
            let decided = Arc::clone(&decided);
            Arc::new(move |request, verdict| decided.lock().unwrap().push((request.ok().cloned(), verdict.clone())))
        };
        let service = observed_router(gate, behind, observer);
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime
            .spawn(async move { Http::new(Bounds::default()).serve(listener, service, std::future::pending()).await });
        Self { runtime, address, decided }
    }

    /// Sends bytes, and returns the response and the decisions.
    fn send(&self, from: [u8; 4], bytes: &[u8]) -> (String, Vec<(Option<AccessRequest>, GateDecision)>) {
        self.decided.lock().unwrap().clear();
        let answer = send(&self.runtime, from, self.address, bytes);
        (answer, std::mem::take(&mut *self.decided.lock().unwrap()))
    }
}

const CLIENT: [u8; 4] = [127, 0, 0, 2];
const PROXY: [u8; 4] = [127, 0, 0, 3];

/// Headers that state the origin of a request, with the values that the gate writes.
fn written(request: &AccessRequest) -> Vec<(&'static str, String)> {
    let client = request.client;
    let node = if client.is_ipv6() { format!("\"[{client}]\"") } else { client.to_string() };
    let port = request.host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = port.map_or(if request.scheme == "https" { "443" } else { "80" }, |(_, port)| port);
    vec![
        ("x-forwarded-for", client.to_string()),
        ("x-real-ip", client.to_string()),
        ("x-forwarded-proto", request.scheme.to_string()),
        ("x-forwarded-host", request.host.clone()),
        ("x-forwarded-port", port.to_string()),
        ("forwarded", format!("for={node};host=\"{}\";proto={}", request.host, request.scheme)),
    ]
}

/// The requests that the route table expects.
fn route(path: &str) -> &'static str {
    match path {
        "/segments" => "segments",
        _ if path.strip_prefix("/users/").is_some_and(|rest| !rest.is_empty() && !rest.contains('/')) => "users",
        _ => "open",
    }
}

/// Returns how the request that an application saw differs from the decided one.
fn differences(request: &AccessRequest, seen: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut same = |what: &str, decided: &str, seen: &Value| {
        if seen.as_str() != Some(decided) {
            found.push(format!("{what}: decided on {decided:?}, seen {seen}"));
        }
    };
    let user = request.subject.as_deref().unwrap_or_default();
    same("method", &request.method, &seen["method"]);
    same("path", &request.path, &seen["path"]);
    same("query", request.query.as_deref().unwrap_or_default(), &seen["query"]);
    same("host", &request.host, &seen["host"]);
    same("scheme", request.scheme, &seen["scheme"]);
    same("client", &request.client.to_string(), &seen["client"]);
    same("user", user, &seen["user"]);
    if !seen["route"].is_null() {
        same("route", route(&request.path), &seen["route"]);
    }
    let written = written(request);
    for (name, value) in seen["headers"].as_object().into_iter().flatten() {
        match written.iter().find(|(known, _)| known == name) {
            Some((_, decided)) => same(name, decided, value),
            None if !["x-user", "host"].contains(&name.as_str()) && !is_harmless(name, &value.to_string()) => {
                same(name, "nothing", value);
            }
            None => {}
        }
    }
    found
}

/// Returns whether a forwarded header has neither a name nor a value of the tricks.
fn is_harmless(name: &str, value: &str) -> bool {
    let names = ["script", "path", "original", "unencoded", "rewrit", "override", "method", "upgrade"];
    let known = ["access-control-request-method", "upgrade-insecure-requests"];
    let values = ["198.51.100.7", "203.0.113.9", "2001:db8::9", "evil", "user:olga", "SUCCESS", "cert", "/segments"];
    (known.contains(&name) || !names.iter().any(|part| name.contains(part)))
        && !values.iter().any(|part| value.contains(part))
}

fn passed(decided: &[(Option<AccessRequest>, GateDecision)]) -> Vec<AccessRequest> {
    decided
        .iter()
        .filter(|(_, verdict)| *verdict == GateDecision::Allow)
        .filter_map(|(request, _)| request.clone())
        .collect()
}

#[test]
#[ignore = "needs servers to stand behind the gate: run `cargo xtask gate`"]
fn the_gate_and_its_upstreams_see_the_same_requests() {
    let tricks = tricks::all();
    assert!(tricks.len() >= 200, "{}", tricks.len());
    println!(
        "| behind the gate | ordinary requests | tricks | passed | refused | differences |\n|---|---|---|---|---|---|"
    );
    let mut failures = Vec::new();
    for name in ["gunicorn", "uvicorn", "node", "express", "nginx"] {
        let mut behind = Behind::start(name);
        let upstream = format!("http://127.0.0.1:{}", behind.port).parse().unwrap();
        let served = Served::new(rolecall_edge::Backend::upstream(upstream).unwrap());
        behind.seen(0);
        let before = failures.len();
        for ordinary in ORDINARY {
            failures.extend(
                arrives(&served, &mut behind, ordinary)
                    .into_iter()
                    .map(|fault| format!("{name}: {} {}: {fault}", ordinary.method, ordinary.target)),
            );
        }
        let (mut through, mut refused) = (0, 0);
        for trick in &tricks {
            let from = if trick.from_proxy { PROXY } else { CLIENT };
            let (answer, decided) = served.send(from, &trick.bytes);
            let request = passed(&decided);
            // An incomplete body ends the request before the application sees it.
            let broken = answer.matches("HTTP/1.1 502").count();
            let request = if broken == request.len() { Vec::new() } else { request };
            let seen = behind.seen(request.len());
            // The sentinel does not count.
            let is_through = request.iter().any(|request| request.path != "/open/end");
            if is_through {
                through += 1
            } else {
                refused += 1
            }
            let mut found = Vec::new();
            if seen.len() != request.len() {
                found.push(format!("{} passed, {} were seen: {answer}", request.len(), seen.len()));
            }
            found.extend(request.iter().zip(&seen).flat_map(|(request, seen)| differences(request, seen)));
            failures.extend(found.into_iter().map(|fault| format!("{name}: {}: {fault}", trick.name)));
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        failures.extend(behind.seen(0).iter().map(|seen| format!("{name}: seen, but not decided on: {seen}")));
        let differences = failures.len() - before;
        println!("| {name} | {} | {} | {through} | {refused} | {differences} |", ORDINARY.len(), tricks.len());
        assert!(through > 20, "{name}: a gate that refuses everything is not a gate");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Returns what is wrong with an ordinary request on arrival.
fn arrives(served: &Served, behind: &mut Behind, ordinary: &Ordinary) -> Vec<String> {
    let Ordinary { method, target, headers, body } = ordinary;
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\n");
    for (name, value) in *headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    text += &format!("\r\n{body}");
    let (answer, decided) = served.send(CLIENT, text.as_bytes());
    let request = passed(&decided);
    let ([request], true) = (request.as_slice(), answer.starts_with("HTTP/1.1 200")) else {
        return vec![format!("it does not pass: {answer}")];
    };
    let seen = behind.seen(1);
    let [seen] = seen.as_slice() else { return vec![format!("seen {} times", seen.len())] };
    let mut found = differences(request, seen);
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let path = target.split('?').next().unwrap_or_default();
    for (what, sent, seen) in [
        ("method", *method, &seen["method"]),
        ("path", path, &seen["path"]),
        ("query", query, &seen["query"]),
        ("host", "gate.example", &seen["host"]),
        ("client", "127.0.0.2", &seen["client"]),
    ] {
        if seen.as_str() != Some(sent) {
            found.push(format!("{what}: sent {sent:?}, seen {seen}"));
        }
    }
    if behind.in_full {
        for (name, value) in *headers {
            let own = match *name {
                // WSGI does not distinguish these two.
                "content-type" if behind.name == "gunicorn" => continue,
                name => &seen["headers"][name],
            };
            if own.as_str() != Some(*value) {
                found.push(format!("the header {name}: sent {value:?}, seen {own}"));
            }
        }
        let bytes: String = body.bytes().map(char::from).collect();
        if seen["body"].as_str() != Some(bytes.as_str()) {
            found.push(format!("the body: sent {body:?}, seen {}", seen["body"]));
        }
    }
    found
}

/// Without an upstream, requests are only decided on.
fn answering(asker: Caller) -> Served {
    Served::new(rolecall_edge::Backend::Answer(asker))
}
