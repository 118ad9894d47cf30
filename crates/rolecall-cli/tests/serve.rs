//! Tests the server as a process: started, killed while it answers and changes, and started again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.args(args).current_dir(folder).env("RUST_LOG", "error");
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/authzen").join(name)
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path, args: &[&str]) -> Self {
        let args = [&["serve"], args].concat();
        let mut child = command(folder, &args).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        Self { address: address.split(',').next().unwrap().to_string(), child }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    /// Stops the server even if a test fails.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends one request. Returns the status and the body, or nothing if the server is or becomes unavailable.
fn post(address: &str, path: &str, headers: &str, body: &Value) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(body).ok()?))
}

const USERS: usize = 20;

fn documents(folder: &Path) {
    let policy = json!({ "rolecall": 1, "scopes": ["account"],
        "resources": { "segments": { "actions": ["view", "edit"] }, "users": { "actions": ["edit"] } },
        "roles": { "viewer": { "grants": ["segments:view"] }, "editor": { "grants": ["segments:edit"] }, "owner": { "grants": ["users:edit", "segments:edit"] } },
        "administration": { "assign": "users:edit", "withdraw": "users:edit" } });
    let mut subjects = json!({ "user:olga": {} });
    let mut assignments = vec![json!({ "subject": "user:olga", "role": "owner", "at": "acme" })];
    for number in 0..USERS {
        subjects[format!("user:{number}")] = json!({});
        assignments.push(json!({ "subject": format!("user:{number}"), "role": "viewer", "at": "acme" }));
    }
    let directory = json!({ "rolecall": 1, "scopes": ["acme"], "subjects": subjects, "assignments": assignments });
    std::fs::write(folder.join("policy.json"), policy.to_string()).unwrap();
    std::fs::write(folder.join("directory.json"), directory.to_string()).unwrap();
}

/// The known role of a user, or a change in progress. The number counts the changes.
#[derive(Clone, Copy, Default, PartialEq)]
struct Known {
    changes: u64,
    changing: bool,
    editor: bool,
}

/// Kills and restarts the server during requests and changes: no answer is wrong, and no acknowledged change is lost.
#[test]
fn a_killed_server_loses_nothing_and_gives_no_wrong_answer() {
    const KILLS: usize = 12;
    let folder = tempfile::tempdir().unwrap();
    documents(folder.path());
    let init = ["admin", "init", "--store", "s.rolecall", "--policy", "policy.json", "--directory", "directory.json"];
    assert!(run(folder.path(), &init).status.success());
    let made = text(&run(folder.path(), &["token"]).stdout);
    let (token, digest) = made.split_once('\n').unwrap();
    let (token, digest) = (token.strip_prefix("token:  ").unwrap(), digest.trim().strip_prefix("sha256: ").unwrap());
    let config = json!({ "rolecall": 1, "listen": "127.0.0.1:0", "store": "s.rolecall",
        "tokens": [{ "subject": "app:test", "sha256": digest, "may": ["evaluate", "administer"], "acts_for_others": true }] });
    std::fs::write(folder.path().join("server.json"), config.to_string()).unwrap();
    let headers = format!("Authorization: Bearer {token}\r\nRolecall-Actor: user:olga\r\n");

    let address = RwLock::new(String::new());
    let known: Vec<Mutex<Known>> = (0..USERS).map(|_| Mutex::default()).collect();
    let over = AtomicBool::new(false);
    let (answered, changed, away) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let may = |address: &str, user: usize| {
        let ask = json!({ "subject": { "type": "user", "id": user.to_string() }, "action": { "name": "edit" },
            "resource": { "type": "segments", "id": "acme" } });
        let (status, answer) = post(address, "/access/v1/evaluation", &headers, &ask)?;
        assert_eq!(status, 200, "{answer}");
        Some(answer["decision"].as_bool().unwrap())
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..KILLS {
                let server = Server::start(folder.path(), &["--config", "server.json"]);
                address.write().unwrap().clone_from(&server.address);
                let wait = 150 + (round * 97) % 200;
                std::thread::sleep(Duration::from_millis(wait as u64));
                server.kill();
            }
            let server = Server::start(folder.path(), &["--config", "server.json"]);
            address.write().unwrap().clone_from(&server.address);
            std::thread::sleep(Duration::from_millis(500));
            over.store(true, Ordering::Relaxed);
            // Let pending changes finish before stopping the last server.
            let end = Instant::now() + Duration::from_secs(20);
            while known.iter().any(|known| known.lock().unwrap().changing) && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(10));
            }
            for (user, known) in known.iter().enumerate() {
                let known = *known.lock().unwrap();
                assert!(!known.changing);
                assert_eq!(may(&server.address, user), Some(known.editor), "user {user}");
            }
            server.kill();
        });
        for writer in 0..2 {
            let (known, address, over, changed, headers) = (&known, &address, &over, &changed, &headers);
            scope.spawn(move || {
                for step in 0.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let user = (step * 7 + writer) % USERS / 2 * 2 + writer;
                    let editor = {
                        let mut known = known[user].lock().unwrap();
                        known.changing = true;
                        known.changes += 1;
                        !known.editor
                    };
                    let verb = if editor { "assign" } else { "withdraw" };
                    let command = json!({ "command": { verb: { "subject": format!("user:{user}"), "role": "editor", "at": "acme" } } });
                    // Retry with the same id until the command is acknowledged: it is executed once.
                    let named = format!("{headers}Idempotency-Key: {writer}-{step}\r\n");
                    let answer = loop {
                        let address = address.read().unwrap().clone();
                        match post(&address, "/v1/administration/commands", &named, &command) {
                            Some(answer) => break answer,
                            None => std::thread::sleep(Duration::from_millis(5)),
                        }
                    };
                    assert_eq!(answer.0, 200, "{}", answer.1);
                    assert!(answer.1["event"].is_object() || answer.1["before"].is_object(), "{}", answer.1);
                    let mut known = known[user].lock().unwrap();
                    (known.changing, known.editor) = (false, editor);
                    known.changes += 1;
                    changed.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for reader in 0..2 {
            let (known, address, over, answered, away, may) = (&known, &address, &over, &answered, &away, &may);
            scope.spawn(move || {
                let mut user = reader;
                while !over.load(Ordering::Relaxed) {
                    user = (user + 3) % USERS;
                    let before = *known[user].lock().unwrap();
                    let address = address.read().unwrap().clone();
                    let Some(answer) = may(&address, user) else {
                        away.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(Duration::from_millis(5));
                        continue;
                    };
                    let after = *known[user].lock().unwrap();
                    if before == after && !before.changing {
                        assert_eq!(answer, before.editor, "user {user}");
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (answered, changed, away) = (answered.into_inner(), changed.into_inner(), away.into_inner());
    assert!(answered > 200 && changed > 50 && away > 0, "{answered} answers, {changed} changes, {away} times away");
    let verified = run(folder.path(), &["audit", "verify", "--store", "s.rolecall", "--json"]);
    let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verified["events"].as_u64().unwrap(), changed + 1, "every acknowledged change, once");
    eprintln!("{KILLS} kills: {answered} answers, {changed} changes, {away} times away");
}

#[test]
fn the_configuration_is_checked_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    documents(folder.path());
    let check = |args: &[&str], config: &str| {
        std::fs::write(folder.path().join("server.yaml"), config).unwrap();
        let output = run(folder.path(), &[&["serve", "--check"], args].concat());
        (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
    };
    let good = "rolecall: 1\npolicy: policy.json\ndirectory: directory.json\nlisten: 127.0.0.1:0\n";
    let file = ["--config", "server.yaml"];
    assert_eq!(check(&file, good).0, 0);
    assert_eq!(check(&file, &good.replace("127.0.0.1:0", "localhost:0")).0, 0);
    assert_eq!(check(&[&file[..], &["--listen", "localhost:0"]].concat(), good).0, 0);
    for (args, config, expected) in [
        (&[][..], "", "nothing to serve"),
        (&file[..], "rolecall: 1\nlimits: { body: 1 }\n", "server.yaml: 2:11: limits.body: unknown field `body`"),
        (&file, "rolecall: 1\npolicy: none.json\ndirectory: directory.json\n", "none.json: there is no such file"),
        (&file, "rolecall: 1\nstore: none.rolecall\n", "none.rolecall"),
        (&file, &good.replace("127.0.0.1:0", "0.0.0.0:0"), "everyone who reaches the address could send requests"),
        (&file, &format!("{good}mapping: policy.json\n"), "policy.json: "),
        (&file, &format!("{good}passes: {{ keys: policy.json }}\n"), "pass.keys"),
        (
            &file,
            &format!("{good}tls: {{ certificate: policy.json, key: policy.json }}\n"),
            "cannot use `tls.certificate` or `tls.key`",
        ),
        (&["--policy", "policy.json", "--directory", "policy.json", "--listen", "127.0.0.1:0"], "", "directory"),
        (
            &file,
            &format!("{good}decisions: {{ file: d.jsonl, mask: [context.ip] }}\n"),
            "decisions.mask[0]: `context.ip` is not a JSON Pointer; did you mean `/context/ip`?",
        ),
        (
            &file,
            &format!("{good}decisions: d.jsonl\n"),
            "decisions: invalid type: string \"d.jsonl\", expected a map with `file`",
        ),
        (&file, &format!("{good}tokens: []\n"), "tokens: an empty list names no bearer"),
        (&file, &good.replace("127.0.0.1:0", "roles.internal:80"), "`roles.internal:80` is not an address with a port"),
        (&["--listen", "roles.internal"], "", "`roles.internal` is not an address with a port"),
    ] {
        let (code, answer) = check(args, config);
        assert!(code == 2 && answer.contains(expected), "{code} {answer}: {expected}");
    }
    // The command line overrides the file.
    assert_eq!(
        check(
            &[
                "--config",
                "server.yaml",
                "--policy",
                "policy.json",
                "--directory",
                "directory.json",
                "--listen",
                "127.0.0.1:0"
            ],
            "rolecall: 1\nstore: none\n"
        )
        .0,
        0
    );
}

#[test]
fn keys_are_made_rotated_and_retired() {
    let folder = tempfile::tempdir().unwrap();
    let keys = |args: &[&str]| run(folder.path(), &[&["keys"], args].concat());
    // A foreign file with a similar name, which everyone can read.
    let foreign = folder.path().join("k.new");
    std::fs::write(&foreign, "mine").unwrap();
    let first = text(&keys(&["rotate", "k.json"]).stdout).trim().to_string();
    let second = text(&keys(&["rotate", "k.json"]).stdout).trim().to_string();
    let shown = || -> Vec<String> {
        let set: Value = serde_json::from_slice(&keys(&["show", "k.json"]).stdout).unwrap();
        set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(shown(), [second.clone(), first.clone()]);
    assert!(!text(&keys(&["show", "k.json"]).stdout).contains("\"d\""));
    assert_eq!(keys(&["retire", "k.json", &second]).status.code(), Some(2), "the signing key is not removed");
    let another = keys(&["retire", "k.json", "-an-id-that-no-key-has"]);
    assert!(text(&another.stderr).contains("`-an-id-that-no-key-has` is not a key"), "an id may begin with a hyphen");
    assert!(keys(&["retire", "k.json", &first]).status.success());
    assert_eq!(shown(), [second]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("k.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_to_string(foreign).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file remains");
    std::fs::write(folder.path().join("k.json"), "{}").unwrap();
    assert_eq!(keys(&["rotate", "k.json"]).status.code(), Some(2), "an unreadable file is not replaced");
    assert_eq!(std::fs::read_to_string(folder.path().join("k.json")).unwrap(), "{}");
}

#[test]
fn a_decision_log_is_evaluated_again() {
    let folder = tempfile::tempdir().unwrap();
    let todo = example("todo");
    let file = |name: &str| todo.join(format!("{name}.yaml")).to_str().unwrap().to_string();
    let (policy, directory, mapping) = (file("policy"), file("directory"), file("authzen"));
    let documents = ["--policy", &policy, "--directory", &directory, "--mapping", &mapping];
    let server = Server::start(
        folder.path(),
        &[&documents[..], &["--listen", "127.0.0.1:0", "--decisions", "d.jsonl"]].concat(),
    );
    let ask = |action: &str| {
        json!({ "subject": { "type": "user", "id": "CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs" },
            "action": { "name": action }, "resource": { "type": "todo", "id": "1", "properties": { "ownerID": "beth@the-smiths.com" } } })
    };
    for action in ["can_read_todos", "can_create_todo", "can_update_todo"] {
        assert_eq!(post(&server.address, "/access/v1/evaluation", "", &ask(action)).unwrap().0, 200);
    }
    let log = folder.path().join("d.jsonl");
    let end = Instant::now() + Duration::from_secs(10);
    while std::fs::read_to_string(&log).unwrap().lines().count() < 3 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    server.kill();
    let replay = |args: &[&str]| run(folder.path(), &[&["replay", "d.jsonl"], args].concat());
    let same = replay(&documents);
    assert_eq!(
        (same.status.code(), text(&same.stdout).as_str()),
        (Some(0), "3 the same, 0 changed, 0 masked, 0 unreadable\n")
    );
    // With a policy whose viewers may create, the changed decisions are printed.
    let wider = std::fs::read_to_string(&policy)
        .unwrap()
        .replace(r#"grants: ["*:view"]"#, r#"grants: ["*:view", "todos:create"]"#);
    std::fs::write(folder.path().join("wider.yaml"), wider).unwrap();
    let changed = replay(&["--policy", "wider.yaml", "--directory", &directory, "--mapping", &mapping, "--json"]);
    let lines: Vec<Value> = text(&changed.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(changed.status.code(), Some(1));
    assert_eq!((&lines[0]["before"], &lines[0]["after"]), (&json!([false]), &json!([true])));
    assert_eq!(lines[1], json!({ "same": 2, "changed": 1, "masked": 0, "unreadable": 0 }));
}

/// After a hang-up, a removed token is rejected. An invalid configuration changes nothing.
#[cfg(unix)]
#[test]
fn a_hang_up_reads_the_tokens_again() {
    let folder = tempfile::tempdir().unwrap();
    documents(folder.path());
    let token = |name: &str| {
        let made = text(&run(folder.path(), &["token"]).stdout);
        let (token, digest) = made.split_once('\n').unwrap();
        let digest = digest.trim().strip_prefix("sha256: ").unwrap();
        let listed = json!({ "subject": format!("app:{name}"), "sha256": digest, "may": ["evaluate"] });
        (format!("Authorization: Bearer {}\r\n", token.strip_prefix("token:  ").unwrap()), listed)
    };
    let (old, new) = (token("old"), token("new"));
    let configure = |tokens: &[&Value]| {
        let config = json!({ "rolecall": 1, "listen": "127.0.0.1:0", "policy": "policy.json", "directory": "directory.json", "tokens": tokens });
        std::fs::write(folder.path().join("server.json"), config.to_string()).unwrap();
    };
    configure(&[&old.1]);
    let server = Server::start(folder.path(), &["--config", "server.json"]);
    let status = |token: &str| {
        let ask = json!({ "subject": { "type": "user", "id": "1" }, "action": { "name": "view" },
            "resource": { "type": "segments", "id": "acme" } });
        post(&server.address, "/access/v1/evaluation", token, &ask).unwrap().0
    };
    let hang_up = || {
        let pid = server.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    assert_eq!((status(&old.0), status(&new.0)), (200, 401));
    std::fs::write(folder.path().join("server.json"), "{").unwrap();
    hang_up();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!((status(&old.0), status(&new.0)), (200, 401));
    configure(&[&new.1]);
    hang_up();
    let end = Instant::now() + Duration::from_secs(10);
    while status(&new.0) != 200 {
        assert!(Instant::now() < end, "the tokens are never read again");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(status(&old.0), 401);
}

/// After a log was moved away, a new file is opened at its path, and no line is lost.
#[cfg(unix)]
#[test]
fn a_hang_up_opens_the_log_again_and_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    documents(folder.path());
    let served = ["--policy", "policy.json", "--directory", "directory.json", "--listen", "127.0.0.1:0"];
    let server = Server::start(folder.path(), &[&served[..], &["--decisions", "d.jsonl"]].concat());
    let log = folder.path().join("d.jsonl");
    let ask = || {
        let ask = json!({ "subject": { "type": "user", "id": "1" }, "action": { "name": "view" },
            "resource": { "type": "segments", "id": "acme" } });
        assert_eq!(post(&server.address, "/access/v1/evaluation", "", &ask).unwrap().0, 200);
    };
    let lines = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default().lines().count();
    let wait = |name: &str, until: &dyn Fn() -> bool| {
        let end = Instant::now() + Duration::from_secs(10);
        while !until() {
            assert!(Instant::now() < end, "{name}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let hang_up = || {
        let pid = server.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    ask();
    wait("the first line", &|| lines("d.jsonl") == 1);
    // Moved, with a signal, as `logrotate` does.
    std::fs::rename(&log, folder.path().join("d.1")).unwrap();
    hang_up();
    wait("the log at its place", &|| log.exists());
    ask();
    wait("the second line", &|| lines("d.jsonl") == 1);
    // Moved, without a signal.
    std::fs::rename(&log, folder.path().join("d.2")).unwrap();
    ask();
    wait("the third line", &|| lines("d.jsonl") == 1);
    // Deleted, and replaced by an empty file.
    std::fs::remove_file(&log).unwrap();
    ask();
    wait("the fourth line", &|| lines("d.jsonl") == 1);
    std::fs::File::create(&log).unwrap();
    ask();
    wait("the fifth line", &|| lines("d.jsonl") == 1);
    assert_eq!((lines("d.1"), lines("d.2")), (1, 1));
    // A path at which no file can be created: the server writes to the last file and continues.
    std::fs::rename(&log, folder.path().join("d.3")).unwrap();
    std::fs::create_dir(&log).unwrap();
    hang_up();
    ask();
    wait("the sixth line", &|| lines("d.3") == 2);
    // Many lines while the log is moved repeatedly.
    std::fs::remove_dir(&log).unwrap();
    hang_up();
    for number in 0..20 {
        for _ in 0..5 {
            ask();
        }
        let _ = std::fs::rename(&log, folder.path().join(format!("e.{number}")));
        if number % 2 == 0 {
            hang_up();
        }
    }
    let all = || (0..20).map(|number| lines(&format!("e.{number}"))).sum::<usize>() + lines("d.jsonl") + lines("d.3");
    wait("every line", &|| all() == 2 + 100);
    server.kill();
}

/// A check reports every error that a start would report, even while the server runs and uses the port. It creates no
/// file.
#[test]
fn a_check_finds_what_a_start_would_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    documents(folder.path());
    let init = ["admin", "init", "--store", "s.rolecall", "--policy", "policy.json", "--directory", "directory.json"];
    assert!(run(folder.path(), &init).status.success());
    let server =
        Server::start(folder.path(), &["--store", "s.rolecall", "--listen", "127.0.0.1:0", "--decisions", "d.jsonl"]);
    let there = || {
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = there();
    let check = |args: &[&str]| {
        let output = run(folder.path(), &[&["serve", "--check", "--store", "s.rolecall"], args].concat());
        (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
    };
    let running = ["--listen", &server.address];
    assert_eq!(check(&[&running[..], &["--decisions", "d.jsonl"]].concat()).0, 0);
    assert_eq!(check(&[&running[..], &["--decisions", "another.jsonl"]].concat()).0, 0);
    for (args, expected) in [
        (["--decisions", "none/d.jsonl"], "none/d.jsonl: No such file or directory"),
        (["--decisions", "."], "decisions.file: `.` is not a file name"),
        (["--listen", "192.0.2.1:80"], "cannot listen on `192.0.2.1:80`"),
        (["--mapping", "none.json"], "none.json"),
        (["--store", "policy.json"], "policy.json"),
        (["--traces", "localhost:4318"], "traces.endpoint"),
    ] {
        // An address that is not loopback requires `--open` or tokens.
        let listen: &[&str] = if args[0] == "--listen" { &["--open"] } else { &running };
        let output = if args[0] == "--store" {
            let output = run(folder.path(), &[&["serve", "--check"], &args[..], listen].concat());
            (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
        } else {
            check(&[&args[..], listen].concat())
        };
        assert!(output.0 == 2 && output.1.contains(expected), "{expected}: {output:?}");
    }
    for (limits, expected) in [
        ("connections: 100000000", "limits: `100000000` connections need 100000128 file descriptors"),
        ("connections: 0", "limits: `connections` and `connections_each` must be at least 1"),
        ("head_seconds: 0", "limits: `head`, `idle` and `stall` must be at least one second"),
        ("commands: 0", "limits.commands: must be at least 1"),
    ] {
        std::fs::write(folder.path().join("server.yaml"), format!("rolecall: 1\nlimits: {{ {limits} }}\n")).unwrap();
        let (code, answer) = check(&[&["--config", "server.yaml"], &running[..]].concat());
        assert!(code == 2 && answer.contains(expected), "{code} {answer}");
    }
    std::fs::remove_file(folder.path().join("server.yaml")).unwrap();
    assert_eq!(there(), before, "a check creates no file");
    // The running server is not affected.
    let ask = json!({ "subject": { "type": "user", "id": "1" }, "action": { "name": "view" },
        "resource": { "type": "segments", "id": "acme" } });
    assert_eq!(post(&server.address, "/access/v1/evaluation", "", &ask).unwrap().0, 200);
    server.kill();
}
