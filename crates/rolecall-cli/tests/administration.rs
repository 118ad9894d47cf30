//! Administration from the command line: the scripts of the examples, and what programs read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn run(folder: &Path, args: &[&str]) -> Output {
    // The tests bring their own dates.
    command(folder, args).env("ROLECALL_ALLOW_TIME_JUMP", "true").output().unwrap()
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.args(args).current_dir(folder).env_remove("ROLECALL_ALLOW_TIME_JUMP");
    command
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(out(output).trim()).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn init(folder: &Path) {
    let directory = examples().join("blueconic/directory.yaml");
    let args = ["admin", "init", "--policy", "preset:blueconic", "--directory", directory.to_str().unwrap()];
    let done = run(folder, &[&args[..], &["--time", "2026-11-01T09:00:00Z"]].concat());
    assert!(done.status.success(), "{done:?}");
}

fn script(product: &str, told: &[&str]) {
    let bin = Path::new(env!("CARGO_BIN_EXE_rolecall")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let mut sh = Command::new("sh");
    let ran = sh.arg(examples().join(product).join("administration.sh")).env("PATH", path.unwrap()).output().unwrap();
    let text = out(&ran);
    assert!(ran.status.success(), "{text}\n{}", String::from_utf8_lossy(&ran.stderr));
    for expected in told {
        assert!(text.contains(expected), "`{expected}` is not told: {text}");
    }
}

#[test]
fn the_blueconic_tenant_is_administered() {
    script(
        "blueconic",
        &[
            "invitation.expired",
            "would become",
            "denied: `user:omar` may not `assign` at `acme`",
            "administrator.last",
            "role.used",
            "the policy allows 30m to 1h",
            "networks.lockout",
            "UPDATE PRIVACY_SETTING",
            "whole  ",
        ],
    );
}

#[test]
fn the_bloomreach_instance_is_administered() {
    script(
        "bloomreach",
        &["standalone.missing", "request.own", "lock.owner", "campaigns/scenarios:publish", "whole  "],
    );
}

#[test]
fn programs_read_events_refusals_and_previews() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let admin = |args: &[&str]| {
        let by = ["admin", "--json", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
        run(folder.path(), &[&by[..], args].concat())
    };
    let preview = admin(&["assign", "user:sam", "online-marketer", "acme", "--dry-run"]);
    let told = json(&preview);
    assert_eq!(
        [&told["event"]["seq"], &told["diff"]["gained"][0]["subject"]],
        [&Value::from(2), &Value::from("user:sam")]
    );
    let done = json(&admin(&["assign", "user:sam", "online-marketer", "acme", "--id", "a"]));
    assert_eq!(done["event"]["changes"][0]["id"], "user:sam online-marketer acme - -");
    assert_eq!(json(&admin(&["assign", "user:sam", "online-marketer", "acme", "--id", "a"]))["before"]["seq"], 2);
    assert_eq!(json(&admin(&["assign", "user:sam", "online-marketer", "acme"]))["event"], Value::Null);
    let refused = admin(&["settings", "timeout", "acme", "20m"]);
    assert_eq!(
        (refused.status.code(), &json(&refused)["refused"]["issues"][0]["code"]),
        (Some(1), &"duration.bounds".into())
    );
    let conflict = admin(&["suspend", "user:sam", "--expect", "1"]);
    assert_eq!(conflict.status.code(), Some(2));
    let direct = json(&admin(&["do", r#"{"suspend-subject":{"subject":"user:sam"}}"#]));
    assert_eq!(direct["event"]["object_type"], "USER");
    let no_command = admin(&["do", r#"{"suspend":{"subject":"user:sam"}}"#]);
    assert!(String::from_utf8_lossy(&no_command.stderr).contains("this is no command"), "{no_command:?}");
}

#[test]
fn nothing_is_done_where_it_is_only_tried() {
    let folder = tempfile::tempdir().unwrap();
    let directory = examples().join("blueconic/directory.yaml");
    let directory = directory.to_str().unwrap();
    let tried = ["admin", "init", "--policy", "preset:blueconic", "--directory", directory, "--dry-run", "--json"];
    assert_eq!(json(&run(folder.path(), &tried))["event"]["seq"], 1);
    assert!(!folder.path().join("admin.rolecall").exists());
    init(folder.path());
    let nobody = run(folder.path(), &["admin", "suspend", "user:sam"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("`--as`"), "{nobody:?}");
    let backup = json(&run(folder.path(), &["admin", "backup", "copy", "--dry-run", "--json"]));
    assert_eq!((&backup["copied"], &backup["events"]), (&Value::Bool(false), &Value::from(1)));
    assert!(!folder.path().join("copy").exists());
    assert!(run(folder.path(), &["admin", "backup", "copy"]).status.success());
    assert!(run(folder.path(), &["admin", "--as", "user:ada", "suspend", "user:sam"]).status.success());
    for (dry, events) in [(&["--dry-run"][..], 2), (&[][..], 1)] {
        assert!(run(folder.path(), &[&["admin", "restore", "copy"][..], dry].concat()).status.success());
        assert_eq!(json(&run(folder.path(), &["audit", "verify", "--json"]))["events"], events);
    }
    let dangling = run(folder.path(), &["admin", "--as", "user:ada", "policy", "preset:bloomreach"]);
    assert!(
        out(&dangling).contains("assignment user:ada application-manager acme - -: there is no role"),
        "{dangling:?}"
    );
}

#[test]
fn the_trail_and_the_state_are_told() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let admin = |time: &str, args: &[&str]| {
        let by = ["admin", "--as", "user:ada", "--time", time];
        let done = run(folder.path(), &[&by[..], args].concat());
        assert!(done.status.success(), "{done:?}");
    };
    admin("2026-11-02T09:00:00Z", &["settings", "timeout", "acme", "30m"]);
    admin("2026-11-03T09:00:00Z", &["suspend", "user:sam"]);
    let lines = out(&run(folder.path(), &["audit", "export", "--from", "2026-11-03T00:00:00Z"]));
    let event: Value = serde_json::from_str(lines.trim()).unwrap();
    assert_eq!([&event["operation"], &event["objects"][0]["id"]], ["UPDATE", "subject:user:sam"]);
    assert_eq!(event["hash"].as_str().unwrap().len(), 64);
    let before =
        run(folder.path(), &["state", "--at", "2026-11-02T12:00:00Z", "--subject", "user:sam", "--scope", "acme"]);
    assert!(out(&before).contains("segments:edit"));
    let who = |as_of: &[&str]| {
        let ask = ["who-can", "--store", "admin.rolecall", "--permission", "segments:edit", "--at", "acme", "--json"];
        json(&run(folder.path(), &[&ask[..], as_of].concat()))["subjects"].to_string()
    };
    assert!(!who(&[]).contains("user:sam") && who(&["--as-of", "2026-11-02T12:00:00Z"]).contains("user:sam"));
    let after = json(&run(folder.path(), &["state", "--json", "--subject", "user:sam", "--scope", "acme"]));
    assert_eq!(after["permissions"], Value::Array(Vec::new()));
    assert_eq!(json(&run(folder.path(), &["state"]))["directory"]["settings"]["acme"]["idle_timeout"], "30m");
    let backup = run(folder.path(), &["admin", "backup", "copy.rolecall"]);
    assert!(backup.status.success());
    // One byte of the trail is changed, as no program of ours would.
    let file = folder.path().join("admin.rolecall");
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(17).position(|bytes| bytes == b"{\"suspend-subject").unwrap();
    bytes[place + 2] = b'S';
    std::fs::write(&file, &bytes).unwrap();
    let verify = run(folder.path(), &["audit", "verify"]);
    assert_eq!(verify.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&verify.stderr).contains("event 3 is not what was written"), "{verify:?}");
    let whole = run(folder.path(), &["audit", "verify", "--store", "copy.rolecall", "--json"]);
    assert_eq!(json(&whole)["events"], 3);
}

/// What a command that is given at the clock of this machine prints.
fn now(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = command(folder, &[&["admin", "--as", "user:ada"], args].concat()).output().unwrap();
    (output.status.code(), out(&output) + &String::from_utf8_lossy(&output.stderr))
}

fn begun_now(folder: &Path) {
    let directory = examples().join("blueconic/directory.yaml");
    let begun = now(folder, &["init", "--policy", "preset:blueconic", "--directory", directory.to_str().unwrap()]);
    assert_eq!(begun.0, Some(0), "{}", begun.1);
}

/// What the engine says of the objects is printed once, with its place.
#[test]
fn a_refusal_is_printed_once() {
    let folder = tempfile::tempdir().unwrap();
    begun_now(folder.path());
    for command in [
        r#"{"set-networks":{"at":"acme","ranges":["10.0.0.1/8"]}}"#,
        r#"{"set-networks":{"at":"acme","ranges":["nowhere"]}}"#,
        r#"{"set-timeout":{"at":"acme","timeout":"1s"}}"#,
    ] {
        let (code, told) = now(folder.path(), &["do", command]);
        assert_eq!(code, Some(1), "{told}");
        let message = told.lines().find_map(|line| line.strip_prefix("REFUSED  document: "));
        let message = message.unwrap_or_else(|| panic!("{told}"));
        assert_eq!(told.matches(message).count(), 1, "{told}");
        assert!(told.contains("  at       settings.acme."), "{told}");
    }
}

#[test]
fn a_time_far_from_the_clock_is_refused_without_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let directory = examples().join("blueconic/directory.yaml");
    let init = ["init", "--policy", "preset:blueconic", "--directory", directory.to_str().unwrap()];
    let (code, told) = now(folder.path(), &[&init[..], &["--time", "2062-01-01T00:00:00Z"]].concat());
    assert_eq!(code, Some(1), "{told}");
    assert!(!folder.path().join("admin.rolecall").exists());
    begun_now(folder.path());
    for time in ["2062-01-01T00:00:00Z", "1999-01-01T00:00:00Z"] {
        let (code, told) = now(folder.path(), &["suspend", "user:sam", "--time", time]);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("REFUSED  time.jump: `--time`") && told.contains("--allow-time-jump"), "{told}");
    }
    let (code, told) = now(folder.path(), &["show", "settings", "--at", "acme", "--time", "2062-01-01T00:00:00Z"]);
    assert_eq!(code, Some(0), "{told}");
    // A clock that was ahead keeps nobody from working once it is right.
    let ahead = ["suspend", "user:sam", "--time", "2062-01-01T00:00:00Z", "--allow-time-jump"];
    assert_eq!(now(folder.path(), &ahead).0, Some(0));
    let (code, told) = now(folder.path(), &["resume", "user:sam"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("before the last event, at 2062-01-01T00:00:00Z") && told.contains("set-clock"), "{told}");
    assert_eq!(now(folder.path(), &["set-clock"]).0, Some(0));
    assert_eq!(now(folder.path(), &["resume", "user:sam"]).0, Some(0));
    assert!(out(&run(folder.path(), &["audit", "list"])).contains("set-clock by user:ada"));
    assert!(run(folder.path(), &["audit", "verify"]).status.success());
}

#[test]
fn time_that_stood_still_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let later = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z", "--allow-time-jump"];
    assert!(run(folder.path(), &[&later[..], &["suspend", "user:sam"]].concat()).status.success());
    let still = ["admin", "--as", "user:ada", "--time", "2026-11-02T08:00:00Z"];
    // Without the flag, and with the clock of this machine out of the way, only the last event counts.
    let tried = [&still[..], &["resume", "user:sam", "--dry-run"]].concat();
    let told = command(folder.path(), &tried).output().unwrap();
    assert!(String::from_utf8_lossy(&told.stderr).contains("time stands still at 2026-11-02T09:00:00Z"), "{told:?}");
    let told = command(folder.path(), &[&tried[..], &["--json"]].concat()).output().unwrap();
    assert_eq!(json(&told)["time_stands_still_at"], "2026-11-02T09:00:00Z");
}

#[test]
fn a_store_is_not_restored_from_itself() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let store = folder.path().join("admin.rolecall");
    std::fs::hard_link(&store, folder.path().join("hard")).unwrap();
    let mut names = vec!["admin.rolecall", "./admin.rolecall", "hard"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&store, folder.path().join("soft")).unwrap();
        names.push("soft");
    }
    for name in names {
        for args in
            [&["admin", "restore", name][..], &["admin", "restore", name, "--dry-run"], &["admin", "backup", name]]
        {
            let refused = run(folder.path(), args);
            let told = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(2), "{args:?}");
            assert!(told.contains("is the store itself; name another file"), "{told}");
        }
        let over = run(folder.path(), &["snapshot", "write", "--store", "admin.rolecall", "--output", name]);
        assert_eq!(over.status.code(), Some(2), "{over:?}");
        assert!(String::from_utf8_lossy(&over.stderr).contains("is what the snapshot is made of"), "{over:?}");
    }
    assert!(run(folder.path(), &["audit", "verify"]).status.success());
}
