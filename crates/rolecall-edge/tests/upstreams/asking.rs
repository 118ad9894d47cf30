//! Proxies that ask the gate before they forward.

use crate::behind::{Behind, Running, free_port, nginx, root, send};
use crate::{CLIENT, Served, answering, passed};
use rolecall_edge::{Caller, GateDecision, moves};
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Command;

/// A request through a proxy, and whether it passes.
struct Row {
    method: &'static str,
    target: &'static str,
    headers: &'static str,
    passes: bool,
}

const fn row(method: &'static str, target: &'static str, headers: &'static str, passes: bool) -> Row {
    Row { method, target, headers, passes }
}

const ROWS: &[Row] = &[
    row("GET", "/", "", true),
    row("GET", "/open/x?a=1&b=%20", "", true),
    row("GET", "/segments", "X-User: user:vic\r\n", true),
    row("HEAD", "/segments", "X-User: user:vic\r\n", true),
    row("GET", "/segments?page=2", "X-User: user:ada\r\n", true),
    row("POST", "/segments", "X-User: user:ada\r\nContent-Length: 4\r\n", true),
    row("GET", "/users/ada", "X-User: user:ada\r\n", true),
    row("OPTIONS", "/segments", "Origin: https://app\r\nAccess-Control-Request-Method: POST\r\n", true),
    row("GET", "/segments", "", false),
    row("GET", "/segments", "X-User: user:nobody\r\n", false),
    row("POST", "/segments", "X-User: user:vic\r\nContent-Length: 4\r\n", false),
    row("DELETE", "/segments", "X-User: user:vic\r\n", false),
    row("GET", "/users/ada", "X-User: user:vic\r\n", false),
    row("GET", "/segments.json", "", false),
    row("GET", "/Segments", "", false),
    row("GET", "/segments/", "", false),
    row("GET", "//segments", "", false),
    row("GET", "/open/../segments", "", false),
    row("GET", "/open/%2e%2e/segments", "", false),
    row("GET", "/%73egments", "", false),
    row("GET", "/segments;x", "", false),
    // Values that a client sends in place of the proxy have no effect, or are rejected.
    row("POST", "/segments", "X-User: user:vic\r\nX-Forwarded-Method: GET\r\nContent-Length: 4\r\n", false),
    row("POST", "/segments", "X-User: user:vic\r\nX-Original-Method: GET\r\nContent-Length: 4\r\n", false),
    row("GET", "/segments", "X-Forwarded-Uri: /open/x\r\n", false),
    row("GET", "/segments", "X-Original-URI: /open/x\r\n", false),
    row("GET", "/segments", "X-Original-URL: /open/x\r\n", false),
    row("GET", "/open/segments", "Script-Name: /open\r\n", false),
    row("GET", "/open/segments", "X-Forwarded-Prefix: /open\r\n", false),
    row("GET", "/open/x", "X-HTTP-Method-Override: DELETE\r\n", false),
    // Repeated values of earlier proxies pass if they match the request.
    row("GET", "/open/x", "X-Original-Forwarded-For: 198.51.100.7\r\n", true),
    row("GET", "/open/x", "X-Original-Host: gate.example\r\n", true),
    row("GET", "/open/x?a=1", "X-Original-URL: /open/x?a=1\r\nX-WAWS-Unencoded-URL: /open/x?a=1\r\n", true),
    row("GET", "/open/x", "X-Original-Host: evil.example\r\n", false),
    row("GET", "/open/x", "X-Envoy-Original-Host: evil.example\r\n", false),
    row("GET", "/open/x", "X-WAWS-Unencoded-URL: /segments\r\n", false),
    row("GET", "/open/x?a=1", "X-Original-URL: /open/x\r\n", false),
    row("TRACE", "/open/x", "", false),
];

/// Client headers with the names of those that a proxy writes for the gate, on an open route. If the proxy overwrites
/// the header, the gate does not see it: the request passes, and the application must not see it either.
fn own_rows(asker: Caller) -> Vec<Row> {
    let is_nginx = matches!(asker, Caller::Nginx);
    vec![
        row("GET", "/open/x", "X-Original-URI: /segments\r\n", is_nginx),
        row("GET", "/open/x", "X-Original-Method: DELETE\r\n", is_nginx),
        row("GET", "/open/x", "X-Original-URI: /segments\r\nX-Original-Method: DELETE\r\n", is_nginx),
        row("GET", "/open/x", "X-Forwarded-Uri: /segments\r\n", !is_nginx),
        row("GET", "/open/x", "X-Forwarded-Method: DELETE\r\n", !is_nginx),
        row("GET", "/open/x", "X-Forwarded-Port: 4711\r\n", true),
        row("GET", "/open/x", "X-Original-For: 198.51.100.7\r\n", true),
        row("GET", "/open/x", "X-Envoy-Original-Host: gate.example\r\n", true),
    ]
}

/// Headers visible to the application that can name another request, or contain a value that the client invented.
fn strays(seen: &Value) -> Vec<String> {
    let invented = |value: &Value| {
        let value = value.as_str().unwrap_or_default();
        ["198.51.100.7", "203.0.113.9", "evil", "4711", "DELETE"].iter().any(|part| value.contains(part))
    };
    let headers = seen["headers"].as_object().expect("the application records all headers");
    let found = headers.iter().filter(|(name, value)| moves(name) || invented(value));
    found.map(|(name, value)| format!("the application sees `{name}: {value}`")).collect()
}

/// Hosts that a request names twice, or in another form: the address, the header, and the effective host.
const HOSTS: &[(&str, &str, &str)] = &[
    ("/open/x", "gate.example", "gate.example"),
    ("http://gate.example/open/x", "gate.example", "gate.example"),
    ("http://gate.example/open/x", "evil.example", "gate.example"),
    ("http://gate.example:8000/open/x", "evil.example", "gate.example"),
    ("/open/x", "GATE.example:8000", "gate.example"),
];

/// Sends every host through a proxy: the gate and the application see the host by which the proxy chose its server.
fn hosts(gate: &Served, behind: &mut Behind, port: u16) -> Vec<String> {
    let mut failures = Vec::new();
    for (target, header, expected) in HOSTS {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {header}\r\nConnection: close\r\n\r\n");
        gate.decided.lock().unwrap().clear();
        let answer = send(&gate.runtime, CLIENT, SocketAddr::from(([127, 0, 0, 1], port)), request.as_bytes());
        let decided = passed(&std::mem::take(&mut *gate.decided.lock().unwrap()));
        let seen = behind.seen(decided.len());
        let ([access], [seen]) = (decided.as_slice(), seen.as_slice()) else {
            failures.push(format!("{target} with the host {header}: {answer}"));
            continue;
        };
        let name = |host: &str| host.to_ascii_lowercase().trim_end_matches(":8000").to_string();
        if seen["host"] != access.host.as_str() || name(&access.host) != *expected {
            failures
                .push(format!("{target} with the host {header}: decided on {}, seen {}", access.host, seen["host"]));
        }
    }
    failures
}

/// Sends every row through a proxy.
fn through(proxy: &str, asker: Caller, command: impl FnOnce(u16, u16, u16, &std::path::Path) -> Command) {
    let gate = answering(asker);
    let mut behind = Behind::start("node");
    let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
    let _running = Running::start(&mut command(port, gate.address.port(), behind.port, folder.path()), port);
    behind.seen(0);
    let (mut failures, own) = (Vec::new(), own_rows(asker));
    for Row { method, target, headers, passes } in ROWS.iter().chain(&own) {
        let body = if headers.contains("Content-Length") { "text" } else { "" };
        let forged = "X-Forwarded-For: 198.51.100.7\r\nX-Real-IP: 198.51.100.7\r\nX-Forwarded-Proto: https\r\n";
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\n{headers}{forged}\r\n{body}"
        );
        gate.decided.lock().unwrap().clear();
        let answer = send(&gate.runtime, CLIENT, SocketAddr::from(([127, 0, 0, 1], port)), request.as_bytes());
        let decided = std::mem::take(&mut *gate.decided.lock().unwrap());
        let (access, name) = (passed(&decided), format!("{method} {target} {headers:?}"));
        let seen = behind.seen(access.len());
        if answer.starts_with("HTTP/1.1 200") != *passes || seen.len() != usize::from(*passes) {
            failures.push(format!("{name}: seen {} times: {decided:?} {answer}", seen.len()));
            continue;
        }
        if let ([access], [seen]) = (access.as_slice(), seen.as_slice()) {
            for (what, decided, seen) in [
                ("method", access.method.as_str(), &seen["method"]),
                ("path", &access.path, &seen["path"]),
                ("query", access.query.as_deref().unwrap_or_default(), &seen["query"]),
                ("host", &access.host, &seen["host"]),
                ("client", &access.client.to_string(), &seen["client"]),
                ("scheme", access.scheme, &seen["scheme"]),
                ("user", access.subject.as_deref().unwrap_or_default(), &seen["user"]),
            ] {
                if seen.as_str() != Some(decided) {
                    failures.push(format!("{name}: {what}: decided on {decided:?}, seen {seen}"));
                }
            }
            failures.extend(strays(seen).into_iter().map(|stray| format!("{name}: {stray}")));
            if access.client.to_string() != "127.0.0.2" {
                failures.push(format!("{name}: the client is {}", access.client));
            }
        }
    }
    failures.extend(hosts(&gate, &mut behind, port));
    println!("| {proxy} | {} requests | {} failures |", ROWS.len() + own.len() + HOSTS.len(), failures.len());
    assert!(failures.is_empty(), "{proxy}:\n{}", failures.join("\n"));
}

#[test]
#[ignore = "needs nginx: run `cargo xtask gate`"]
fn nginx_asks_before_it_forwards() {
    through("nginx", Caller::Nginx, |port, gate, behind, folder| {
        nginx(
            &root().join("examples/forward-auth/nginx.conf"),
            folder,
            &[("127.0.0.1:8000", port), ("127.0.0.1:8080", gate), ("127.0.0.1:9000", behind)],
        )
    });
}

#[test]
#[ignore = "needs Caddy: run `cargo xtask gate`"]
fn caddy_asks_before_it_forwards() {
    through("caddy", Caller::Caddy, |port, gate, behind, folder| {
        let text = std::fs::read_to_string(root().join("examples/forward-auth/Caddyfile")).unwrap();
        let at = |port: u16| format!("127.0.0.1:{port}");
        let text = text
            .replace("127.0.0.1:8080", &at(gate))
            .replace("127.0.0.1:9000", &at(behind))
            .replace(":8000", &format!(":{port}"));
        std::fs::write(folder.join("Caddyfile"), text).unwrap();
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
        command.env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
        command
    });
}

/// The requests that Traefik sends to a forward-auth server: a `GET` with the client's headers and its own five.
fn traefik(method: &str, uri: &str, headers: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: gate\r\nUser-Agent: Go-http-client/1.1\r\nX-Forwarded-For: 127.0.0.2\r\nX-Forwarded-Host: gate.example\r\n\
         X-Forwarded-Method: {method}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Uri: {uri}\r\nConnection: close\r\n{headers}\r\n"
    )
}

#[test]
#[ignore = "needs the component: run `cargo xtask gate`"]
fn traefik_asks_before_it_forwards() {
    let gate = answering(Caller::Traefik);
    for Row { method, target, headers, passes } in ROWS.iter().chain(&own_rows(Caller::Traefik)) {
        // Traefik overwrites these headers of the client.
        let own = ["X-Forwarded-Method", "X-Forwarded-Uri", "Content-Length"];
        let headers: String =
            headers.split_inclusive("\r\n").filter(|line| !own.iter().any(|own| line.starts_with(own))).collect();
        let (answer, decided) = gate.send([127, 0, 0, 1], traefik(method, target, &headers).as_bytes());
        assert_eq!(answer.starts_with("HTTP/1.1 200"), *passes, "{method} {target} {headers:?}: {answer}");
        if let [request] = passed(&decided).as_slice() {
            assert_eq!(
                (request.method.as_str(), request.scheme, request.host.as_str()),
                (*method, "https", "gate.example")
            );
            assert_eq!(request.client.to_string(), "127.0.0.2");
        }
    }
}

#[test]
#[ignore = "needs the component: run `cargo xtask gate`"]
fn a_proxy_that_omits_the_original_request_is_rejected() {
    for (asker, names) in [
        (Caller::Traefik, ["X-Forwarded-Method", "X-Forwarded-Uri"]),
        (Caller::Caddy, ["X-Forwarded-Method", "X-Forwarded-Uri"]),
        (Caller::Nginx, ["X-Original-Method", "X-Original-URI"]),
    ] {
        let gate = answering(asker);
        let common = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"];
        let value = |name: &str| match name {
            "X-Forwarded-For" => "127.0.0.2",
            "X-Forwarded-Host" => "gate.example",
            "X-Forwarded-Proto" => "http",
            name if name.ends_with("Method") => "GET",
            _ => "/open/x",
        };
        let all: Vec<&str> = names.iter().chain(&common).copied().collect();
        let ask = |lines: &dyn Fn(&str) -> String| {
            let lines: String = all.iter().map(|name| lines(name)).collect();
            gate.send(
                [127, 0, 0, 1],
                format!("GET / HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n{lines}\r\n").as_bytes(),
            )
        };
        let line = |name: &str, value: &str| format!("{name}: {value}\r\n");
        let (answer, decided) = ask(&|name| line(name, value(name)));
        assert!(answer.starts_with("HTTP/1.1 200"), "{asker:?}: {answer}");
        assert_eq!(decided.len(), 1);
        for missing in &all {
            for (what, code) in
                [("", "forwarded-missing"), ("empty", "forwarded-missing"), ("twice", "request-unclear")]
            {
                let (answer, decided) = ask(&|name| match (name == *missing, what) {
                    (false, _) => line(name, value(name)),
                    (true, "") => String::new(),
                    (true, "empty") => line(name, ""),
                    (true, _) => line(name, value(name)).repeat(2),
                });
                assert!(
                    answer.starts_with("HTTP/1.1 403") && answer.contains(code),
                    "{asker:?} {missing} {what}: {answer}"
                );
                assert!(matches!(decided.as_slice(), [(None, GateDecision::Forbidden(_))]), "{decided:?}");
            }
        }
    }
    // Without the mode such requests are rejected.
    let gate = answering(Caller::Itself);
    for header in [
        "X-Forwarded-Uri: /segments",
        "X-Forwarded-Method: POST",
        "X-Original-URI: /segments",
        "X-Original-Method: POST",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n{header}\r\n\r\n");
        let (answer, _) = gate.send([127, 0, 0, 1], request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("request-unclear"), "{header}: {answer}");
    }
}
