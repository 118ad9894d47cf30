//! The component that `cargo xtask build component` makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Coverage, Engine, SubjectId, Timestamp};
use rolecall_edge::bindings::exports::rolecall::policy::decisions;
use rolecall_edge::{Backend, Caller, EngineSource, Gate, Host, Limits, PassRequest, Pool, Routes, precompile, router};
use rolecall_http::{Bounds, Http};
use rolecall_pass::{Draft, Keys, Secret};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn wasm() -> Vec<u8> {
    let path = root().join("target/bindings/rolecall.component.wasm");
    std::fs::read(&path).unwrap_or_else(|_| panic!("{} is missing; run `cargo xtask build component`", path.display()))
}

/// Machine code, compiled once for all tests.
static MACHINE_CODE: LazyLock<tempfile::NamedTempFile> = LazyLock::new(|| {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), precompile(&wasm()).unwrap()).unwrap();
    file
});

fn host(limits: Limits) -> Host {
    // SAFETY: `precompile` wrote the file, which belongs to this process.
    #[expect(unsafe_code, reason = "see above")]
    unsafe { Host::from_precompiled(MACHINE_CODE.path(), limits) }.unwrap()
}

/// The documents of a vector. Its cases are skipped: some nest deeper than a `Value` may.
#[derive(serde::Deserialize)]
struct Vector {
    name: String,
    policy: Option<String>,
    directory: Option<String>,
}

fn example() -> (String, String) {
    let path = std::env::var("ROLECALL_VECTORS").map_or_else(|_| root().join("target/vectors.json"), PathBuf::from);
    let all: Vec<Vector> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let found = all.into_iter().find(|vector| vector.name == "design: the worked example").unwrap();
    (found.policy.unwrap(), found.directory.unwrap())
}

#[test]
fn the_component_loads_from_webassembly() {
    let (policy, directory) = example();
    assert!(
        Host::from_wasm(&wasm(), Limits::default())
            .unwrap()
            .instance(&EngineSource::documents(&policy, &directory))
            .is_ok()
    );
}

#[test]
fn memory_is_bounded() {
    let small = Limits { memory: 4 << 20, ..Limits::default() };
    let host = host(small);
    let (policy, directory) = example();
    assert!(host.instance(&EngineSource::documents(&policy, &directory)).is_ok());
    let subjects: Vec<String> = (0..200_000).map(|number| format!("\"user:{number}\":{{}}")).collect();
    let large = format!("{{\"rolecall\":1,\"scopes\":[\"main\"],\"subjects\":{{{}}}}}", subjects.join(","));
    assert!(host.instance(&EngineSource::documents(&policy, &large)).is_err());
    assert!(host.instance(&EngineSource::documents(&policy, &directory)).is_ok(), "the host lives on");
}

#[test]
fn time_is_bounded() {
    let hasty = Limits { call: Duration::from_nanos(1), compile: Duration::from_nanos(1), ..Limits::default() };
    let host = host(hasty);
    let (policy, directory) = example();
    // One or two ticks are allowed; this takes many.
    let scopes: Vec<String> = (0..400_000).map(|number| format!("\"main{number}\"")).collect();
    let large = format!("{{\"rolecall\":1,\"scopes\":[{}]}}", scopes.join(","));
    assert!(host.instance(&EngineSource::documents(&policy, &large)).is_err(), "it is cut short");
    assert!(host.instance(&EngineSource::documents(&policy, &directory)).is_ok(), "the host lives on");
}

#[test]
fn other_bytes_are_rejected() {
    assert!(Host::from_wasm(b"\0asm\x01\0\0\0", Limits::default()).is_err());
    assert!(Host::from_wasm(b"", Limits::default()).is_err());
}

const ROUTES: &str = "subject: { header: x-user }\nip: { header: x-ip }\nlast_activity: { cookie: active }\nat: main/acme/shop\nroutes:\n\
    - { path: /, open: true }\n\
    - { path: /segments, permission: 'segments:view' }\n\
    - { path: /users, permission: 'settings/access-management/users:view' }\n";

/// Serves the example on loopback while the runtime lives.
fn served(behind: Backend) -> (tokio::runtime::Runtime, SocketAddr) {
    served_by(Arc::new(gate(Limits::default())), behind)
}

fn gate(limits: Limits) -> Gate {
    let (policy, directory) = example();
    let pool = Pool::new(host(limits), EngineSource::documents(&policy, &directory)).unwrap();
    Gate::new(Routes::parse(ROUTES).unwrap(), pool).unwrap()
}

fn served_by(gate: Arc<Gate>, behind: Backend) -> (tokio::runtime::Runtime, SocketAddr) {
    let service = router(gate, behind);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { Http::new(Bounds::default()).serve(listener, service, std::future::pending()).await });
    (runtime, address)
}

/// Returns the status and the body of a response.
fn get(address: SocketAddr, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_string())
}

#[test]
fn the_gate_lets_through_what_the_component_allows() {
    let (_runtime, address) = served(Backend::Answer(Caller::default()));
    let ada = "x-user: user:ada\r\nx-ip: 203.0.113.9\r\n";
    assert_eq!(get(address, "/", "").0, 200);
    assert_eq!(get(address, "/segments", ada).0, 200);
    assert_eq!(get(address, "/segments?x=1", ada).0, 200);
    assert_eq!(get(address, "/users", ada), (403, r#"{"allow":false,"reasons":["no-grant"]}"#.to_string()));
    assert_eq!(get(address, "/segments", "").0, 401);
    assert_eq!(get(address, "/segments", "x-user: user:ada\r\n").0, 403, "without an address");
    assert_eq!(get(address, "/segments", &format!("{ada}x-user: user:bo\r\n")).0, 401, "two subjects count as missing");
    assert_eq!(get(address, "/segments", "x-user: group:marketing\r\nx-ip: 203.0.113.9\r\n").0, 403);
    let idle = format!("{ada}cookie: active=2020-01-01T00%3A00%3A00Z\r\n");
    assert_eq!(get(address, "/segments", &idle), (403, r#"{"allow":false,"reasons":["idle"]}"#.to_string()));
    let with_name = format!("{ada}cookie: name=Jos\u{e9}; active=2020-01-01T00%3A00%3A00Z\r\n");
    assert_eq!(get(address, "/segments", &with_name).1, r#"{"allow":false,"reasons":["idle"]}"#);
    for unclear in [
        format!("{idle}cookie: active=\r\n"),
        format!("{ada}x-ip: 203.0.113.9\r\n"),
        format!("{ada}x-ip: somewhere\r\n"),
        format!("{ada}cookie: active=%ff\r\n"),
        // An upstream may read these as the same.
        format!("{ada}x_ip: 203.0.113.8\r\n"),
        format!("{ada}x_user: user:olga\r\n"),
        "x_user: user:ada\r\nx-ip: 203.0.113.9\r\n".to_string(),
        format!("{ada}x-http-method-override: DELETE\r\n"),
        format!("{ada}X_Original_URL: /users\r\n"),
    ] {
        let (status, body) = get(address, "/segments", &unclear);
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &answer["allow"]), (403, &false.into()), "{unclear}: {body}");
        assert_eq!(answer["reasons"], json!(["request-unclear"]), "{unclear}: {body}");
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{unclear}: {body}");
    }
    let (status, body) = get(address, "/", "x-original-url: /users\r\n");
    assert_eq!(status, 403);
    assert!(body.contains("the header `x-original-url` contradicts the request or is repeated"), "{body}");
    for at in ["203.0.113.9:4711", "\t203.0.113.9 ", "::ffff:203.0.113.9", "[::ffff:203.0.113.9]:443"] {
        assert_eq!(get(address, "/segments", &format!("x-user: user:ada\r\nx-ip: {at}\r\n")).0, 200, "{at}");
    }
    assert_eq!(get(address, "/other", ada).0, 403);
    assert_eq!(get(address, "/segments/../users", ada).0, 403);
}

#[test]
fn the_gate_serves_files() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("index.html", "index"), ("segments", "segments"), ("403.html", "no: {{reasons}}")] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let (_runtime, address) = served(Backend::Files(folder.path().to_path_buf()));
    let ada = "x-user: user:ada\r\nx-ip: 203.0.113.9\r\n";
    assert_eq!(get(address, "/", ""), (200, "index".to_string()));
    assert_eq!(get(address, "/segments", ada), (200, "segments".to_string()));
    let page = get(address, "/users", &format!("{ada}accept: text/html\r\n"));
    assert_eq!(page, (403, "no: no-grant".to_string()));
}

#[test]
fn the_gate_forwards_to_an_upstream() {
    let (_behind, upstream) = served(Backend::Answer(Caller::default()));
    let (_runtime, address) = served(Backend::upstream(format!("http://{upstream}").parse().unwrap()).unwrap());
    let ada = "x-user: user:ada\r\nx-ip: 203.0.113.9\r\n";
    assert_eq!(get(address, "/segments", ada).0, 200);
    assert_eq!(get(address, "/users", ada).0, 403);
}

#[test]
fn the_upstream_gets_the_decided_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_runtime, address) =
        served(Backend::upstream(format!("http://{}", listener.local_addr().unwrap()).parse().unwrap()).unwrap());
    let behind = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
            request.extend(byte);
        }
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nproxy-connection: close\r\nkept: 1\r\n\r\n").unwrap();
        String::from_utf8(request).unwrap()
    });
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /segments?x=1 HTTP/1.1\r\nhost: shop\r\nconnection: close, te\r\nte: trailers\r\nexpect: 100-continue\r\n\
         x-user: user:ada\r\nx-ip: 203.0.113.9\r\nx-forwarded-for: 198.51.100.7\r\nx-real-ip: 198.51.100.7\r\n\
         forwarded: for=198.51.100.7\r\nx-forwarded-proto: https\r\nx-forwarded-host: evil\r\ntrue-client-ip: 198.51.100.7\r\n\
         x-unknown: 1\r\naccept: text/html\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let request = behind.join().unwrap();
    assert!(request.starts_with("GET /segments?x=1 HTTP/1.1\r\n"), "{request}");
    let mut lines: Vec<&str> = request.trim_end().split("\r\n").skip(1).collect();
    lines.sort_unstable();
    let expected = [
        "accept: text/html",
        "forwarded: for=203.0.113.9;host=\"shop\";proto=http",
        "host: shop",
        "x-forwarded-for: 203.0.113.9",
        "x-forwarded-host: shop",
        "x-forwarded-port: 80",
        "x-forwarded-proto: http",
        "x-ip: 203.0.113.9",
        "x-real-ip: 203.0.113.9",
        "x-user: user:ada",
    ];
    assert_eq!(lines, expected);
    assert!(
        answer.contains("HTTP/1.1 200") && answer.contains("kept: 1\r\n") && !answer.contains("proxy-"),
        "{answer}"
    );
}

/// Replaces the instances of a gate with others, which have the example policy and this directory.
fn replace(gate: &Gate, directory: &str) {
    let pool = gate.rules().pool().with_source(EngineSource::documents(example().0, directory));
    gate.replace(None, Some(pool.expect("an instance for the new directory"))).unwrap();
}

#[test]
fn open_requests_do_not_keep_replaced_rules() {
    let limits = Limits { instances: 6, ..Limits::default() };
    let gate = Arc::new(gate(limits));
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let behind = Backend::upstream(format!("http://{}", upstream.local_addr().unwrap()).parse().unwrap()).unwrap();
    let (_runtime, address) = served_by(Arc::clone(&gate), behind);
    let (_, directory) = example();
    let ada = "x-user: user:ada\r\nx-ip: 203.0.113.9\r\n";
    let mut open = Vec::new();
    for generation in 0..3 * limits.instances {
        let mut client = TcpStream::connect(address).unwrap();
        write!(client, "GET /segments HTTP/1.1\r\nhost: x\r\n{ada}\r\n").unwrap();
        // The gate has decided, and waits for a response that never comes.
        let (mut server, _) = upstream.accept().unwrap();
        let count = server.read(&mut [0]).unwrap();
        let rules = Arc::downgrade(&gate.rules());
        replace(&gate, &directory);
        assert!(count == 1 && rules.upgrade().is_none(), "generation {generation} lives on");
        open.push((client, server));
    }
    replace(&gate, r#"{"rolecall":1,"scopes":["main","main/acme","main/acme/shop"],"subjects":{"user:ada":{}}}"#);
    assert_eq!(get(address, "/segments", ada).0, 403, "the revocation is followed");
    drop(open);
}

#[test]
fn a_replaced_pool_drops_its_instances() {
    let limits = Limits { instances: 4, ..Limits::default() };
    let gate = gate(limits);
    let (_, directory) = example();
    let mut held = Vec::new();
    for _ in 0..3 * limits.instances {
        let rules = gate.rules();
        // A call that ends after the replacement stores no instance either.
        rules
            .pool()
            .call(|_| {
                replace(&gate, &directory);
                Ok(())
            })
            .unwrap();
        rules.pool().call(|instance| instance.permissions("{}")).unwrap();
        held.push(rules);
    }
}

/// Uses all instances at once, and returns their number.
fn burst(pool: &Pool) -> u32 {
    pool.call(|_| Ok(1 + burst(pool))).unwrap_or(0)
}

#[test]
fn a_burst_leaves_instances_for_a_replacement() {
    let gate = gate(Limits { instances: 8, ..Limits::default() });
    let at_once = burst(gate.rules().pool());
    assert_eq!(at_once, 8, "the limit counts whole instances");
    replace(&gate, &example().1);
}

#[test]
fn upgrades_are_rejected_with_a_message() {
    let (_runtime, address) = served(Backend::Answer(Caller::Itself));
    for upgrade in ["websocket", "h2c", "TLS/1.0"] {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: {upgrade}\r\n\r\n").unwrap();
        let mut answer = [0; 1024];
        let count = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..count]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("upgrade-refused"), "{upgrade}: {answer}");
    }
}

#[test]
fn only_plain_http_upstreams_are_accepted() {
    for address in ["https://127.0.0.1:9000", "127.0.0.1:9000", "http://127.0.0.1:9000/base", "/base"] {
        assert!(Backend::upstream(address.parse().unwrap()).is_err(), "{address}");
    }
}

#[test]
fn a_misspelled_permission_in_the_route_table_is_reported_at_once() {
    let (policy, directory) = example();
    let host = host(Limits::default());
    let routes = Routes::parse("subject: peer\nat: main\nroutes: [{ path: /, permission: 'segmets:view' }]\n").unwrap();
    let error = Gate::new(routes, Pool::new(host, EngineSource::documents(&policy, &directory)).unwrap())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("did you mean `segments:view`?"), "{error}");
}

#[test]
fn a_denial_names_subject_permission_and_scope() {
    let (policy, directory) = example();
    let engine = Engine::from_json(&policy, &directory).unwrap();
    let (at, time) = ("main/acme/shop", "2026-11-21T10:00:00Z");
    let of_core = engine.session(SubjectId::parse("user:nobody").unwrap(), Context::new(at, time).unwrap());
    let permission = engine.policy().permission("segments:view").unwrap();
    let expected = of_core.require(permission, None).unwrap_err();
    let mut instance = host(Limits::default()).instance(&EngineSource::documents(&policy, &directory)).unwrap();
    let context = decisions::Context {
        at: at.to_string(),
        time: time.to_string(),
        ip: None,
        last_activity: None,
        login: None,
        second_factor: None,
        active_roles: None,
        groups: None,
    };
    let required = instance.call(|guest, store, engine| {
        let session = guest.engine().call_session(&mut *store, engine, "user:nobody", &context)?.unwrap();
        ["segments:view", "segments:veiw"]
            .into_iter()
            .map(|name| guest.session().call_require(&mut *store, session, name, None))
            .collect::<wasmtime::Result<Vec<_>>>()
    });
    let [denied, malformed] = <[_; 2]>::try_from(required.unwrap()).unwrap().map(Result::unwrap_err);
    let decisions::Refusal::Forbidden(error) = denied else { panic!("{denied:?}") };
    assert_eq!((error.subject, error.permission, error.at), (expected.subject, expected.permission, expected.at));
    assert_eq!(error.decision.reasons, expected.decision.reasons.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(!error.decision.allow);
    let decisions::Refusal::Malformed(error) = malformed else { panic!("{malformed:?}") };
    assert_eq!(error.code, "permission.unknown");
}

#[test]
fn the_component_verifies_passes() {
    let (policy, directory) = example();
    let engine = Engine::from_json(&policy, &directory).unwrap();
    let context = Context::new("main/acme/shop", "2026-11-21T10:00:00Z").unwrap().with_ip("203.0.113.9").unwrap();
    let session = engine.session(SubjectId::parse("user:ada").unwrap(), context);
    let until = Timestamp::parse("2026-11-21T10:15:00Z");
    let bytes = session.to_bytes(&Coverage { until, ..Coverage::default() }).unwrap();
    let keys = Keys::new(vec![Secret::from_seed([7; 32])]);
    let (issuer, audience) = ("https://roles.example.com", Some("app"));
    let pass = keys.sign(Draft { session: &bytes, issuer, audience, note: None }).unwrap();
    let public = keys.public().to_json();
    let mut instance = host(Limits::default()).instance(&EngineSource::documents(&policy, &directory)).unwrap();
    let good = PassRequest { pass: &pass, keys: &public, issuer, audience, at: None, time: "2026-11-21T10:05:00Z" };
    let answer: Value = serde_json::from_str(&instance.pass_permissions(good).unwrap()).unwrap();
    let expected = session.permissions().permissions;
    assert!(!expected.is_empty());
    assert_eq!(answer["permissions"], serde_json::json!(expected));
    // Scopes that the pass does not cover are denied.
    let elsewhere = PassRequest { at: Some("main"), ..good };
    let answer: Value = serde_json::from_str(&instance.pass_permissions(elsewhere).unwrap()).unwrap();
    assert_eq!(answer["permissions"], serde_json::json!([]));
    // A clock that is a few seconds behind is accepted.
    let behind = PassRequest { time: "2026-11-21T09:59:40Z", ..good };
    let answer: Value = serde_json::from_str(&instance.pass_permissions(behind).unwrap()).unwrap();
    assert_eq!(answer["permissions"], serde_json::json!(expected));
    let others = Keys::new(vec![Secret::from_seed([8; 32])]).public().to_json();
    let (head, rest) = pass.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    let unsigned = format!("{head}.{claims}.");
    for (code, presented) in [
        ("pass.expired", PassRequest { time: "2026-11-21T10:15:00Z", ..good }),
        ("pass.early", PassRequest { time: "2026-11-21T09:59:00Z", ..good }),
        ("pass.issuer", PassRequest { issuer: "https://example.com", ..good }),
        ("pass.audience", PassRequest { audience: None, ..good }),
        ("pass.key", PassRequest { keys: &others, ..good }),
        ("pass.signature", PassRequest { pass: &unsigned, ..good }),
        ("pass.malformed", PassRequest { pass: head, ..good }),
        ("pass.keys", PassRequest { keys: "{}", ..good }),
        ("time.malformed", PassRequest { time: "now", ..good }),
    ] {
        let answer: Value = serde_json::from_str(&instance.pass_permissions(presented).unwrap()).unwrap();
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
}
