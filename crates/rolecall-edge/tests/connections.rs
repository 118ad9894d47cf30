//! The gate as a process: silent clients do not block it, and a hang-up signal does not end it. Needs the component
//! that `cargo xtask build component` makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall_edge::precompile;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const POLICY: &str = r#"{"rolecall": 1, "scopes": ["account"], "resources": {"segments": {"actions": ["view"]}},
    "roles": {"viewer": {"grants": ["segments:view"]}, "guest": {"grants": []}}}"#;
const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}},
    "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme"}]}"#;
const ROUTES: &str = r#"{"subject": {"header": "X-User"}, "at": "acme", "routes": [
    {"path": "/healthz", "open": true}, {"path": "/segments", "permission": "segments:view"}]}"#;

/// Machine code, compiled once for all tests.
static MACHINE_CODE: LazyLock<tempfile::NamedTempFile> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bindings/rolecall.component.wasm");
    let wasm = std::fs::read(&path)
        .unwrap_or_else(|_| panic!("{} is missing; run `cargo xtask build component`", path.display()));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), precompile(&wasm).unwrap()).unwrap();
    file
});

struct Gate {
    child: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gate(flags: &[&str]) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("policy.json", POLICY), ("directory.json", DIRECTORY), ("routes.json", ROUTES)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall-edge"));
    command.current_dir(folder.path()).args(["serve", "--precompiled", "--component"]).arg(MACHINE_CODE.path());
    command.args(["--policy", "policy.json", "--directory", "directory.json", "--routes", "routes.json"]);
    command.args(["--listen", "127.0.0.1:0"]).args(flags).stdout(Stdio::piped());
    let mut child = command.stderr(File::create(folder.path().join("log")).unwrap()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}")).to_string();
    Gate { child, address, folder }
}

/// Returns the status of a response.
fn ask(address: &str, request: &str) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

fn get(address: &str, path: &str) -> u16 {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: a\r\nX-User: user:ada\r\nConnection: close\r\n\r\n"))
}

/// As many connections as descriptors allow for this end, up to 5,000.
fn many() -> usize {
    usize::try_from(rolecall_http::descriptors().saturating_sub(300).min(5_000)).unwrap()
}

#[test]
fn five_thousand_silent_connections_do_not_block_the_gate() {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for flags in [&[][..], &["--connections", "64", "--connections-each", "16"]] {
        let gate = gate(flags);
        for bytes in [&[] as &[u8], &preface[..9], preface, b"GET /healthz HTTP/1.1\r\n"] {
            let mut all = Vec::new();
            for _ in 0..many() {
                let mut stream = TcpStream::connect(&gate.address).unwrap();
                let _ = stream.write_all(bytes);
                all.push(stream);
            }
            let started = Instant::now();
            assert_eq!(get(&gate.address, "/healthz"), 200);
            assert!(started.elapsed() < Duration::from_secs(1), "{:?} behind {}", started.elapsed(), all.len());
        }
    }
}

#[test]
fn silent_and_trickling_clients_are_closed() {
    let gate = gate(&["--head-seconds", "1", "--idle-seconds", "1", "--stall-seconds", "1"]);
    let served = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    for (kind, bytes) in [("nothing", &b""[..]), ("half a head", b"GET / HTTP/1.1\r\n"), ("an idle connection", served)]
    {
        let mut stream = TcpStream::connect(&gate.address).unwrap();
        stream.write_all(bytes).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut all = Vec::new();
        let ended = stream.read_to_end(&mut all);
        assert!(ended.is_ok() || ended.unwrap_err().kind() != std::io::ErrorKind::WouldBlock, "{kind} is never closed");
    }
}

#[cfg(unix)]
impl Gate {
    /// Writes files, sends the signal, and returns the next lines of the log.
    fn reload(&self, files: &[(&str, &str)], lines: usize) -> String {
        for (name, text) in files {
            std::fs::write(self.folder.path().join(name), text).unwrap();
        }
        let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        let before = log();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let new = log().strip_prefix(&before).unwrap().to_string();
            if new.lines().count() >= lines && new.ends_with('\n') {
                return new;
            }
            assert!(Instant::now() < end, "the gate never reloads {files:?}: {new}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn statuses(&self) -> [u16; 3] {
        ["/segments", "/other", "/healthz"].map(|path| get(&self.address, path))
    }
}

#[cfg(unix)]
#[test]
fn a_hang_up_reloads_files_without_ending_requests() {
    let mut gate = gate(&[]);
    let (guest, moved) = (DIRECTORY.replace("viewer", "guest"), ROUTES.replace("/segments", "/other"));
    assert_eq!(gate.statuses(), [200, 403, 200]);
    let output = gate.reload(&[("directory.json", &guest)], 1);
    assert_eq!((gate.statuses(), output.trim()), ([403, 403, 200], "reloaded the route table, policy and directory"));
    gate.reload(&[("directory.json", DIRECTORY), ("routes.json", &moved)], 1);
    assert_eq!(gate.statuses(), [403, 200, 200]);
    // A change of proxies or of the subject's source is a change of the route table as well.
    gate.reload(&[("routes.json", &ROUTES.replace("X-User", "X-Other"))], 1);
    assert_eq!(gate.statuses(), [401, 403, 200]);
    gate.reload(&[("routes.json", ROUTES)], 1);
    assert_eq!(gate.statuses(), [200, 403, 200]);
    assert!(gate.child.try_wait().unwrap().is_none());
}

/// File names, each with its contents.
#[cfg(unix)]
type Written<'w> = &'w [(&'w str, &'w str)];

#[cfg(unix)]
#[test]
fn invalid_files_change_nothing_and_are_reported() {
    let gate = gate(&[]);
    let guest = DIRECTORY.replace("viewer", "guest");
    let nobody = DIRECTORY.replace("viewer", "nobody");
    let moved = ROUTES.replace("/segments", "/other");
    let misspelt = ROUTES.replace("segments:view", "segments:veiw");
    let proxied = r#"{"subject": {"header": "X-Original-URL"}, "at": "acme", "routes": []}"#;
    // Another policy, with other names.
    let other = POLICY.replace(r#"["view"]"#, r#"["edit"]"#).replace("segments:view", "segments:edit");
    // The files to write, and the file that each log line names.
    let cases: [(Written<'_>, &[&str]); 10] = [
        // An invalid route table, with a new directory or policy.
        (&[("routes.json", "{"), ("directory.json", &guest)], &["routes.json: "]),
        (&[("routes.json", proxied), ("directory.json", &guest)], &["routes.json: "]),
        (&[("routes.json", "{"), ("policy.json", &other)], &["routes.json: "]),
        // Invalid documents, with a new route table.
        (&[("directory.json", "{"), ("routes.json", &moved)], &["directory.json: "]),
        (&[("policy.json", "{"), ("routes.json", &moved)], &["policy.json: "]),
        (&[("directory.json", &nobody), ("routes.json", &moved)], &["directory.json: "]),
        // One invalid document, with another new one.
        (&[("policy.json", "{"), ("directory.json", &guest)], &["policy.json: "]),
        // Files that do not fit together: a permission that the policy does not have.
        (&[("routes.json", &misspelt), ("directory.json", &guest)], &["routes.json does not fit policy.json: "]),
        (&[("policy.json", &other)], &["routes.json does not fit policy.json: "]),
        // Both are invalid.
        (&[("routes.json", "{"), ("directory.json", "{")], &["routes.json: ", "directory.json: "]),
    ];
    for (files, faults) in cases {
        let log = gate.reload(files, faults.len());
        assert_eq!(log.lines().count(), faults.len(), "{files:?}: {log}");
        for (line, fault) in log.lines().zip(faults) {
            let start = format!("reload failed; keeping the previous route table, policy and directory: {fault}");
            assert!(line.starts_with(&start), "{files:?}: {log}");
        }
        assert_eq!(gate.statuses(), [200, 403, 200], "{files:?}");
        gate.reload(&[("policy.json", POLICY), ("directory.json", DIRECTORY), ("routes.json", ROUTES)], 1);
        assert_eq!(gate.statuses(), [200, 403, 200]);
    }
    // A missing file.
    std::fs::remove_file(gate.folder.path().join("directory.json")).unwrap();
    let log = gate.reload(&[("routes.json", &moved)], 1);
    assert!(log.contains("policy and directory: directory.json: "), "{log}");
    assert_eq!(gate.statuses(), [200, 403, 200]);
}

#[test]
fn more_connections_than_descriptors_are_rejected_at_the_start() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall-edge"));
    command.args(["serve", "--component", "none", "--policy", "p", "--directory", "d", "--routes", "r"]);
    let output = command.args(["--connections", "100000000"]).output().unwrap();
    let answer = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && answer.contains("need 100000128 file descriptors"), "{answer}");
}
