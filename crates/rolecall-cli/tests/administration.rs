//! Tests administration from the command line: the scripts of the examples, and the output for programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn run(folder: &Path, args: &[&str]) -> Output {
    // The tests use fixed dates.
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

fn script(product: &str, expected: &[&str]) {
    let bin = Path::new(env!("CARGO_BIN_EXE_rolecall")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let mut sh = Command::new("sh");
    let ran = sh.arg(examples().join(product).join("administration.sh")).env("PATH", path.unwrap()).output().unwrap();
    let text = out(&ran);
    assert!(ran.status.success(), "{text}\n{}", String::from_utf8_lossy(&ran.stderr));
    for text_part in expected {
        assert!(text.contains(text_part), "`{text_part}` is missing: {text}");
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
            "overlay.unknown",
            "Our marketer (policy: Online Marketer)",
            "+ profiles:view",
            "- simulator:use",
            "+ reads pii",
            "role.used",
            "is outside the bounds of the policy",
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
        &[
            "standalone.missing",
            "in this policy custom roles only combine roles",
            "`editors-view` is broken",
            "request.own",
            "group.mapped",
            "Campaigners of corp",
            "surveys-editor at main/acme/shop, not below",
            "surveys-viewer at main/acme/blog  access-group group:main/acme/mapped-1",
            "lock.owner",
            "boundary:access-group",
            "second-factor.lockout",
            "password.range",
            "`main` of the type `multi-tenant` lacks roles that are assigned: `super-admin` of `user:sue` at `main`",
            "only in instances single-tenant, exclusive",
            "\"min_length\":12",
            "campaigns/scenarios:publish",
            "whole  ",
        ],
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
    let answer = json(&preview);
    assert_eq!(
        [&answer["event"]["seq"], &answer["diff"]["gained"][0]["subject"]],
        [&Value::from(2), &Value::from("user:sam")]
    );
    let done = json(&admin(&["assign", "user:sam", "online-marketer", "acme", "--id", "a"]));
    assert_eq!(done["event"]["changes"][0]["id"], "user:sam online-marketer acme - -");
    assert_eq!(json(&admin(&["assign", "user:sam", "online-marketer", "acme", "--id", "a"]))["before"]["seq"], 2);
    assert_eq!(json(&admin(&["assign", "user:sam", "online-marketer", "acme"]))["event"], Value::Null);
    let only = ["assign", "user:sam", "online-marketer", "acme", "--here", "--only", "domain=b.example,a.example"];
    let limited = json(&admin(&only));
    let id = r#"user:sam online-marketer acme - - here {"domain":["a.example","b.example"]}"#;
    assert_eq!(limited["event"]["changes"][0]["id"], id);
    let shown = json(&admin(&["show", "user", "user:sam", "--at", "acme"]))["roles"].clone();
    let role = |one: &&Value| one["below"] == false && one["boundaries"]["domain"][0] == "a.example";
    assert_eq!(shown.as_array().unwrap().iter().filter(role).count(), 1, "{shown}");
    let withdrawn = json(&admin(&[&["withdraw"], &only[1..]].concat()));
    assert_eq!(withdrawn["event"]["changes"][0]["id"], id);
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
    assert!(String::from_utf8_lossy(&no_command.stderr).contains("this is not a command"), "{no_command:?}");
}

#[test]
fn edited_roles_are_set_listed_and_reset() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let admin = |args: &[&str]| {
        let by = ["admin", "--json", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
        run(folder.path(), &[&by[..], args].concat())
    };
    let set = ["overlay", "set", "insights-only", "--at", "acme", "--grant", "insights:*", "--reads", "pii"];
    let done = json(&admin(&set));
    assert_eq!([&done["event"]["object_type"], &done["event"]["operation"]], ["ROLE", "UPDATE"]);
    assert_eq!(done["event"]["changes"][0]["id"], "acme#insights-only");
    let shown = json(&admin(&["show", "overlays", "--at", "acme"]));
    assert_eq!(shown[0]["grants_added"], serde_json::json!(["insights:edit"]));
    assert_eq!(shown[0]["reads_added"], serde_json::json!(["pii"]));
    assert_eq!(shown[0]["policy_title"], "Insights Only");
    let check = ["check", "--store", "admin.rolecall", "--subject", "user:ines", "--permission", "insights:edit"];
    let may = || run(folder.path(), &[&check[..], &["--at", "acme", "--time", "2026-11-02T09:00:00Z"]].concat());
    assert!(may().status.success(), "{:?}", may());
    assert!(admin(&["overlay", "reset", "insights-only", "--at", "acme"]).status.success());
    assert!(!may().status.success());
    assert_eq!(json(&admin(&["show", "overlays", "--at", "acme"])), serde_json::json!([]));
    let nothing = admin(&["overlay", "set", "insights-only", "--at", "acme", "--grants-nothing", "--reads-nothing"]);
    let overlay = &json(&nothing)["event"]["changes"][0]["after"];
    assert_eq!(*overlay, serde_json::json!({ "grants": [], "reads": [] }));
}

#[test]
fn a_role_without_an_end_gives_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let directory = examples().join("bloomreach/directory.yaml");
    let args = ["admin", "init", "--policy", "preset:bloomreach", "--directory", directory.to_str().unwrap()];
    assert!(run(folder.path(), &[&args[..], &["--time", "2026-11-01T09:00:00Z"]].concat()).status.success());
    let admin = |args: &[&str]| {
        let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
        run(folder.path(), &[&by[..], args].concat())
    };
    let invite = ["invite", "user:new", "--role", "project-admin@main/acme/shop"];
    let dry = admin(&[&invite[..], &["--dry-run", "--json"]].concat());
    assert_eq!(json(&dry)["hints"][0]["code"], "end.suggested", "{dry:?}");
    let done = admin(&invite);
    assert!(out(&done).contains("hint  `project-admin` at `main/acme/shop` has no end"), "{done:?}");
    let ended = ["assign", "user:new", "personal-data-viewer", "main/acme/shop", "--until", "2026-12-01T00:00:00Z"];
    assert_eq!(json(&admin(&[&ended[..], &["--json"]].concat())).get("hints"), None);
}

#[test]
fn a_dry_run_changes_nothing() {
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
    let copied = run(folder.path(), &["admin", "backup", "copy"]);
    assert!(String::from_utf8_lossy(&copied.stdout).starts_with("1 event was copied to copy; "), "{copied:?}");
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
fn the_audit_log_and_the_state_are_printed() {
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
    // Change one byte of an event, as no program of Rolecall would.
    let file = folder.path().join("admin.rolecall");
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(17).position(|bytes| bytes == b"{\"suspend-subject").unwrap();
    bytes[place + 2] = b'S';
    std::fs::write(&file, &bytes).unwrap();
    let verify = run(folder.path(), &["audit", "verify"]);
    assert_eq!(verify.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&verify.stderr).contains("event 3 was changed after it was written"), "{verify:?}");
    let whole = run(folder.path(), &["audit", "verify", "--store", "copy.rolecall", "--json"]);
    assert_eq!(json(&whole)["events"], 3);
}

#[test]
fn lists_are_filtered_ordered_and_paged() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let show = |args: &[&str]| {
        let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z", "show", "access", "--at", "acme"];
        run(folder.path(), &[&by[..], args].concat())
    };
    let users = |args: &[&str]| json(&show(&[&["--kind", "users", "--json"][..], args].concat()))["users"].clone();
    let all = users(&[]);
    let ids = |page: &Value| {
        page["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["subject"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    let first = users(&["--limit", "2"]);
    let second = users(&["--limit", "2", "--after", first["next"].as_str().unwrap()]);
    assert_eq!([ids(&first), ids(&second)].concat(), ids(&all)[..4]);
    assert_eq!(first["total"], ids(&all).len());
    let mut reversed = ids(&all);
    reversed.reverse();
    assert_eq!(ids(&users(&["--sort", "-id"])), reversed);
    assert_eq!(ids(&users(&["--search", "SAM", "--status", "active"])), ["user:sam"]);
    let text = out(&show(&["--kind", "users", "--limit", "1"]));
    assert!(
        text.starts_with("users: ") && text.contains("1 shown") && text.contains("--kind users --after "),
        "{text}"
    );
    let text = out(&show(&[]));
    for heading in ["users: ", "applications: ", "support: ", "groups: "] {
        assert!(text.contains(heading), "{heading}: {text}");
    }
    let csv = out(&show(&["--search", "sam", "--format", "csv"]));
    assert!(csv.starts_with("kind,id,") && csv.contains("\r\nusers,user:sam,,,,active,"), "{csv}");
    for (wrong, code) in [(&["--kind", "people"][..], 2), (&["--sort", "age"], 2), (&["--limit", "0"], 2)] {
        assert_eq!(show(wrong).status.code(), Some(code), "{wrong:?}");
    }
}

#[test]
fn roles_are_listed_and_several_are_set_at_once() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let admin = |args: &[&str]| {
        let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
        run(folder.path(), &[&by[..], args].concat())
    };
    let roles = json(&admin(&["show", "roles", "--at", "acme", "--json"]));
    let rows = roles["rows"].as_array().unwrap();
    assert!(
        rows.len() > 5 && rows.iter().all(|row| row["title"].is_string() && row["description"].is_string()),
        "{roles}"
    );
    let set = [
        "set-roles",
        "user:sam",
        "acme",
        "--role",
        "online-marketer",
        "--role",
        "insights-only,until=2026-12-01T00:00:00Z",
    ];
    let done = json(&admin(&[&set[..], &["--json"]].concat()));
    assert_eq!(done["event"]["object_type"], "ROLE_ASSIGNMENT", "{done}");
    let text = out(&admin(&["show", "role", "online-marketer", "--at", "acme"]));
    assert!(text.contains("user:sam at acme  active") && text.contains("grants "), "{text}");
    let csv = out(&admin(&["show", "role", "insights-only", "--at", "acme", "--format", "csv"]));
    assert!(csv.contains("\r\nusers,user:sam,active,,acme,,2026-12-01T00:00:00Z,active,true,\r\n"), "{csv}");
    let assignable =
        json(&admin(&["show", "assignable-roles", "user:sam", "--at", "acme", "--search", "insights-o", "--json"]));
    assert_eq!(
        (&assignable["rows"][0]["role"], &assignable["rows"][0]["held"]),
        (&"insights-only".into(), &Value::Bool(true))
    );
    let text = out(&admin(&["show", "assignable-roles", "user:sam", "--at", "acme"]));
    assert!(text.contains("insights-only") && text.contains("held"), "{text}");
    let none = json(&admin(&["set-roles", "user:sam", "acme", "--none", "--json"]));
    assert_eq!(none["event"]["changes"].as_array().unwrap().len(), 2);
    for wrong in [&["--role", "a,b=c"][..], &["--role", "a,until=x,until=y"], &[], &["--none", "--role", "a"]] {
        assert_eq!(admin(&[&["set-roles", "user:sam", "acme"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn commands_of_a_file_are_executed_together_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let apply = |args: &[&str]| {
        let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z", "apply"];
        run(folder.path(), &[&by[..], args].concat())
    };
    let add = |id: &str, role: &str| {
        serde_json::json!({ "add-user": { "subject": id, "roles": [{ "role": role, "at": "acme" }] } }).to_string()
    };
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("good.json", format!("[{}, {}]", add("user:one", "insights-only"), add("user:two", "insights-only")));
    write("bad.jsonl", format!("{}\n\n{}\n", add("user:three", "insights-only"), add("user:four", "nonsense")));
    write("broken.jsonl", format!("{}\nnothing\n", add("user:three", "insights-only")));
    let dry = json(&apply(&["good.json", "--dry-run", "--json"]));
    assert_eq!((&dry["refused"], dry["results"].as_array().unwrap().len()), (&0.into(), 2));
    let done = json(&apply(&["good.json", "--json", "--id", "two"]));
    assert_eq!(done["results"][1]["event"]["id"], "two#2");
    assert_eq!(json(&apply(&["good.json", "--json", "--id", "two"]))["results"][0]["before"]["id"], "two#1");
    let dry = apply(&["bad.jsonl", "--dry-run"]);
    assert_eq!(dry.status.code(), Some(1));
    let text = String::from_utf8(dry.stdout).unwrap();
    assert!(text.contains("command 0") && text.contains("2 commands, 1 refused"), "{text}");
    let refused = apply(&["bad.jsonl", "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let refused: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((&refused["index"], &refused["refused"]["code"]), (&1.into(), &"role.unknown".into()));
    let broken = apply(&["broken.jsonl"]);
    assert!(
        broken.status.code() == Some(2) && String::from_utf8_lossy(&broken.stderr).contains("line 2"),
        "{broken:?}"
    );
    let events = json(&run(folder.path(), &["audit", "verify", "--json"]))["events"].clone();
    assert_eq!(events, 3);
}

#[test]
fn people_are_imported_and_shown_as_a_matrix() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let admin = |args: &[&str]| {
        let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
        run(folder.path(), &[&by[..], args].concat())
    };
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("people.csv", b"email,name,roles\nnew@acme.example,New,insights-only\n");
    write("bad.csv", b"id,roles\nuser:one,nonsense\nuser:two,insights-only\n");
    write("latin.csv", b"email,name\nnew@acme.example,J\xf6rg\n");
    let preview = out(&admin(&["import", "people.csv", "--at", "acme", "--dry-run"]));
    assert!(
        preview.contains("line 2  user:new@acme.example  added") && preview.contains("1 row would be imported"),
        "{preview}"
    );
    let done = json(&admin(&["import", "people.csv", "--at", "acme", "--active", "--json"]));
    assert_eq!((&done["added"], &done["rows"][0]["action"]), (&1.into(), &"added".into()));
    assert_eq!(json(&admin(&["import", "people.csv", "--at", "acme", "--json"]))["unchanged"], 1);
    let refused = admin(&["import", "bad.csv", "--at", "acme"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let some = out(&admin(&["import", "bad.csv", "--at", "acme", "--good-rows"]));
    assert!(some.contains("line 2  user:one  refused") && some.contains("1 added, 0 changed"), "{some}");
    let latin = admin(&["import", "latin.csv", "--at", "acme"]);
    assert!(latin.status.code() == Some(2) && String::from_utf8_lossy(&latin.stderr).contains("UTF-8"), "{latin:?}");
    let matrix =
        out(&admin(&["show", "matrix", "people-roles", "--at", "acme", "--search", "new@", "--format", "csv"]));
    assert!(matrix.starts_with("id,title,") && matrix.contains("\r\nuser:new@acme.example,New,"), "{matrix}");
    let text = out(&admin(&["show", "matrix", "roles-permissions", "--at", "acme", "--search", "insights-only"]));
    assert!(text.contains("insights-only") && text.contains("granted"), "{text}");
    let html = out(&admin(&["show", "matrix", "people-permissions", "--at", "acme", "--format", "html"]));
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
}

#[test]
fn lists_to_work_with_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let admin = |args: &[&str]| {
        let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
        run(folder.path(), &[&by[..], args].concat())
    };
    out(&admin(&["assign", "user:sam", "insights-only", "acme", "--until", "2026-11-20T00:00:00Z"]));
    out(&admin(&["invite", "user:new", "--role", "insights-only@acme"]));
    let ending = out(&admin(&["show", "ending", "--at", "acme"]));
    assert!(ending.starts_with("ending: ") && ending.contains("2026-11-20T00:00:00Z  user:sam"), "{ending}");
    let only =
        json(&admin(&["show", "ending", "--at", "acme", "--what", "invitation", "--search", "user:new", "--json"]));
    assert_eq!((&only["rows"][0]["subject"], &only["total"]), (&"user:new".into(), &1.into()));
    let readers = out(&admin(&["show", "readers", "--at", "acme", "--label", "pii"]));
    assert!(readers.contains("user:ada") && readers.contains("reads pii"), "{readers}");
    let inactive = out(&admin(&["show", "inactive", "--at", "acme", "--format", "csv", "--search", "sam"]));
    assert!(inactive.starts_with("kind,id,name,email,status,last_login,roles\r\nusers,user:sam,"), "{inactive}");
    assert!(out(&admin(&["show", "inactive", "--at", "acme"])).contains("last login never"));
    assert_eq!(out(&admin(&["show", "requests", "--at", "acme", "--state", "pending"])), "requests: 0\n");
    let invitations = out(&admin(&["show", "invitations", "--at", "acme"]));
    assert!(invitations.starts_with("invitations: 2") && invitations.contains("user:new"), "{invitations}");
    let rights = out(&admin(&["show", "rights", "--at", "acme"]));
    assert!(rights.contains("allowed  assign "), "{rights}");
    let documents = json(&admin(&["show", "documents", "--at", "acme", "--json"]));
    assert_eq!(documents["at"], "acme");
    assert!(documents["directory"]["subjects"]["user:sam"].is_object(), "{documents}");
    let refused = run(folder.path(), &["admin", "show", "documents", "--at", "acme", "--as", "user:sam"]);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("may not `view-roles`"), "{refused:?}");
    for wrong in [&["ending", "--within", "soon"][..], &["readers", "--label", "pi"], &["requests", "--state", "open"]]
    {
        assert_eq!(admin(&[&["show"], wrong, &["--at", "acme"]].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn the_audit_log_is_filtered_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    for (time, args) in [
        ("2026-11-02T09:00:00Z", &["settings", "timeout", "acme", "30m"][..]),
        ("2026-11-03T09:00:00Z", &["suspend", "user:sam"]),
        ("2026-11-04T09:00:00Z", &["resume", "user:sam"]),
    ] {
        let done = run(folder.path(), &[&["admin", "--as", "user:ada", "--time", time][..], args].concat());
        assert!(done.status.success(), "{done:?}");
    }
    let seqs = |args: &[&str]| {
        let events = json(&run(folder.path(), &[&["audit", "export", "--format", "json"][..], args].concat()));
        let events = events["events"].as_array().unwrap().clone();
        events.iter().map(|event| event["event"]["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    for (args, expected) in [
        (&["--subject", "user:sam"][..], &[1, 3, 4][..]),
        (&["--subject", "user:sam", "--operation", "UPDATE", "--until", "2026-11-04T00:00:00Z"], &[3]),
        (&["--after", "1", "--limit", "2"], &[2, 3]),
        (&["--count", "1"], &[4]),
        (&["--type", "PRIVACY_SETTING"], &[2]),
        (&["--at", "acme", "--as", "user:ada", "--operation", "UPDATE"], &[2, 3, 4]),
    ] {
        assert_eq!(seqs(args), expected, "{args:?}");
    }
    let csv = out(&run(folder.path(), &["audit", "list", "--format", "csv", "--after", "2", "--limit", "1"]));
    let (head, row) = csv.split_once("\r\n").unwrap();
    assert!(head.starts_with("seq,date,operation,") && row.starts_with("3,2026-11-03T09:00:00Z,UPDATE,USER,user:ada,"));
    let text = out(&run(folder.path(), &["audit", "list", "--after", "3"]));
    assert!(text.contains("resume-subject by user:ada"), "{text}");
    // Those who do not hold the permission read nothing.
    let refused = run(folder.path(), &["audit", "export", "--at", "acme", "--as", "user:sam"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let refused = json(&refused)["refused"].clone();
    assert_eq!(refused["code"], "denied");
    assert!(refused["message"].as_str().unwrap().contains("`audit-events:view`"), "{refused}");
    for wrong in
        [&["--operation", "FLY"][..], &["--as", "user:ada"], &["--limit", "1", "--count", "1"], &["--format", "xml"]]
    {
        let failed = run(folder.path(), &[&["audit", "list"][..], wrong].concat());
        assert_eq!(failed.status.code(), Some(2), "{wrong:?}: {failed:?}");
    }
}

/// Runs a command at the clock of this machine. Returns its exit code and output.
fn now(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = command(folder, &[&["admin", "--as", "user:ada"], args].concat()).output().unwrap();
    (output.status.code(), out(&output) + &String::from_utf8_lossy(&output.stderr))
}

fn begun_now(folder: &Path) {
    let directory = examples().join("blueconic/directory.yaml");
    let begun = now(folder, &["init", "--policy", "preset:blueconic", "--directory", directory.to_str().unwrap()]);
    assert_eq!(begun.0, Some(0), "{}", begun.1);
}

/// The engine's issue is printed once, with its path.
#[test]
fn a_refusal_is_printed_once() {
    let folder = tempfile::tempdir().unwrap();
    begun_now(folder.path());
    for (command, ends, code) in [
        (r#"{"set-networks":{"at":"acme","ranges":["10.0.0.1/8"]}}"#, 1, "document"),
        (r#"{"set-networks":{"at":"acme","ranges":["nowhere"]}}"#, 2, "malformed"),
        (r#"{"set-timeout":{"at":"acme","timeout":"1s"}}"#, 1, "document"),
    ] {
        let (ended, answer) = now(folder.path(), &["do", command]);
        assert_eq!(ended, Some(ends), "{answer}");
        let message = answer.lines().find_map(|line| line.strip_prefix(&format!("REFUSED  {code}: ")));
        let message = message.unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(answer.matches(message).count(), 1, "{answer}");
        assert!(answer.contains("  at       settings.acme."), "{answer}");
    }
}

#[test]
fn a_time_far_from_the_clock_is_refused_without_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let directory = examples().join("blueconic/directory.yaml");
    let init = ["init", "--policy", "preset:blueconic", "--directory", directory.to_str().unwrap()];
    let (code, answer) = now(folder.path(), &[&init[..], &["--time", "2062-01-01T00:00:00Z"]].concat());
    assert_eq!(code, Some(1), "{answer}");
    assert!(!folder.path().join("admin.rolecall").exists());
    begun_now(folder.path());
    for time in ["2062-01-01T00:00:00Z", "1999-01-01T00:00:00Z"] {
        let (code, answer) = now(folder.path(), &["suspend", "user:sam", "--time", time]);
        assert_eq!(code, Some(1), "{answer}");
        assert!(answer.contains("REFUSED  time.jump: `--time`") && answer.contains("--allow-time-jump"), "{answer}");
    }
    let (code, answer) = now(folder.path(), &["show", "settings", "--at", "acme", "--time", "2062-01-01T00:00:00Z"]);
    assert_eq!(code, Some(0), "{answer}");
    // A clock that was ahead does not block work after it is right again.
    let ahead = ["suspend", "user:sam", "--time", "2062-01-01T00:00:00Z", "--allow-time-jump"];
    assert_eq!(now(folder.path(), &ahead).0, Some(0));
    let (code, answer) = now(folder.path(), &["resume", "user:sam"]);
    assert_eq!(code, Some(1), "{answer}");
    assert!(
        answer.contains("before the last event, at 2062-01-01T00:00:00Z") && answer.contains("set-clock"),
        "{answer}"
    );
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
    // Without the flag only the last event counts: the clock of this machine does not limit a preview.
    let tried = [&still[..], &["resume", "user:sam", "--dry-run"]].concat();
    let answer = command(folder.path(), &tried).output().unwrap();
    assert!(
        String::from_utf8_lossy(&answer.stderr).contains("time of the last event, 2026-11-02T09:00:00Z"),
        "{answer:?}"
    );
    let answer = command(folder.path(), &[&tried[..], &["--json"]].concat()).output().unwrap();
    assert_eq!(json(&answer)["time_stands_still_at"], "2026-11-02T09:00:00Z");
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
            let answer = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(2), "{args:?}");
            assert!(answer.contains("is the store itself; name another file"), "{answer}");
        }
        let over = run(folder.path(), &["snapshot", "write", "--store", "admin.rolecall", "--output", name]);
        assert_eq!(over.status.code(), Some(2), "{over:?}");
        assert!(String::from_utf8_lossy(&over.stderr).contains("is what the snapshot is made of"), "{over:?}");
    }
    assert!(run(folder.path(), &["audit", "verify"]).status.success());
}

/// Arguments of each command that are malformed (exit code 2), and arguments that are refused (exit code 1).
const ENDS: &[(&str, &[&str], &[&str])] = &[
    ("init", &["init", "--policy", "broken", "--directory", "broken"], &[]),
    (
        "invite",
        &["invite", "user:x", "--role", "online-marketer@ACME"],
        &["invite", "user:sam", "--role", "online-online-marketer@acme"],
    ),
    (
        "add",
        &["add", "user:x", "--role", "online-marketer@acme", "--until", "soon"],
        &["add", "user:sam", "--role", "online-online-marketer@acme"],
    ),
    ("resend", &["resend", "user:\u{7}"], &["resend", "user:sam"]),
    ("accept", &["accept", "--id", ""], &["accept"]),
    ("suspend", &["suspend", ""], &["suspend", "user:nobody"]),
    ("resume", &["resume", ""], &["resume", "user:sam"]),
    ("remove", &["remove", "user:sam", "--at", "ACME"], &["remove", "user:nobody", "--at", "acme"]),
    ("mark-external", &["mark-external", "user:\n"], &["mark-external", "user:nobody"]),
    ("set-native", &["set-native", "user:sam", "ACME"], &["set-native", "user:nobody", "acme"]),
    ("set-boundary", &["set-boundary", "user:sam", "domain", "a\tb"], &["set-boundary", "user:nobody", "domain", "a"]),
    (
        "assign",
        &["assign", "user:sam", "online-marketer", "acme", "--from", "tomorrow"],
        &["assign", "user:sam", "nothing", "acme"],
    ),
    ("withdraw", &["withdraw", "user:sam", "online-marketer", "A"], &["withdraw", "user:sam", "nothing", "acme"]),
    ("role set", &["role", "set", "Big Role", "--at", "acme"], &["role", "set", "online-marketer", "--at", "acme"]),
    ("role delete", &["role", "delete", "x", "--at", "A"], &["role", "delete", "x", "--at", "acme"]),
    (
        "role copy",
        &["role", "copy", "online-marketer", "Big", "--at", "acme"],
        &["role", "copy", "nothing", "x", "--at", "acme"],
    ),
    ("role reset", &["role", "reset", "x", "--at", "A"], &["role", "reset", "x", "--at", "acme"]),
    ("group add", &["group", "add", "group:x", "--at", "A"], &["group", "add", "group:x", "--at", "beta"]),
    ("group delete", &["group", "delete", ""], &["group", "delete", "group:x"]),
    ("group join", &["group", "join", "group:x", ""], &["group", "join", "group:x", "user:sam"]),
    ("group leave", &["group", "leave", "", "user:sam"], &["group", "leave", "group:x", "user:sam"]),
    (
        "role-mapping set",
        &["role-mapping", "set", "corp", "g", "--at", "A", "--role", "online-marketer@acme"],
        &["role-mapping", "set", "corp", "g", "--at", "acme", "--role", "nothing@acme"],
    ),
    (
        "role-mapping remove",
        &["role-mapping", "remove", "corp", "", "--at", "acme"],
        &["role-mapping", "remove", "corp", "g", "--at", "acme"],
    ),
    (
        "sign-on set",
        &["sign-on", "set", "acme", "--issuer", "http://id.example", "--client-id", "x"],
        &["sign-on", "set", "beta", "--issuer", "https://id.example", "--client-id", "x"],
    ),
    ("sign-on remove", &["sign-on", "remove", "A"], &["sign-on", "remove", "acme"]),
    ("lock", &["lock", "", "--at", "acme"], &["lock", "item", "--at", "acme"]),
    (
        "set-owner",
        &["set-owner", "item", "user:sam", "--at", "A"],
        &["set-owner", "item", "user:nobody", "--at", "acme"],
    ),
    (
        "request",
        &["request", "online-marketer", "acme", "--until", "soon", "--reason", ""],
        &["request", "online-marketer", "acme", "--until", "2020-01-01T00:00:00Z", "--reason", ""],
    ),
    ("approve", &["approve", ""], &["approve", "99"]),
    ("deny", &["deny", ""], &["deny", "99"]),
    ("withdraw-request", &["withdraw-request", ""], &["withdraw-request", "99"]),
    ("end-access", &["end-access", ""], &["end-access", "99"]),
    ("settings support", &["settings", "support", "A", "all"], &["settings", "support", "beta", "all"]),
    (
        "settings networks",
        &["settings", "networks", "acme", "here"],
        &["settings", "networks", "acme", "203.0.113.0/24"],
    ),
    ("settings timeout", &["settings", "timeout", "acme", "long"], &["settings", "timeout", "acme", "20m"]),
    ("settings login", &["settings", "login", "acme", "SAML!"], &["settings", "login", "acme", "saml"]),
    (
        "settings passwords",
        &["settings", "passwords", "acme", "--min-length", "long"],
        &["settings", "passwords", "acme", "--min-length", "7"],
    ),
    ("reset-password", &["reset-password", ""], &["reset-password", "user:nobody"]),
    (
        "settings second-factor",
        &["settings", "second-factor", "acme", "always"],
        &["settings", "second-factor", "acme", "required"],
    ),
    ("add-scope", &["add-scope", "A"], &["add-scope", "beta/x"]),
    ("set-instance-type", &["set-instance-type", "A"], &["set-instance-type", "acme", "single"]),
    ("policy", &["policy", "broken"], &["policy", "preset:bloomreach"]),
    ("do", &["do", "{"], &["do", r#"{"suspend-subject":{"subject":"user:nobody"}}"#]),
    ("do", &["do", r#"{"update-policy":{"policy":"{}"}}"#], &[]),
    ("show", &["show", "access", "--at", "A"], &["show", "access", "--at", "beta"]),
    ("set-roles", &["set-roles", "user:sam", "A", "--none"], &["set-roles", "user:nobody", "acme", "--none"]),
    ("apply", &["apply", "broken"], &[]),
    ("import", &["import", "broken", "--at", "acme"], &[]),
    ("set-clock", &["set-clock", "--time", "noon"], &[]),
    ("backup", &["backup", "no/folder/copy"], &[]),
    ("restore", &["restore", "broken"], &[]),
];

#[test]
fn malformed_arguments_exit_with_2_and_refusals_with_1() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    std::fs::write(folder.path().join("broken"), "nothing: of this kind").unwrap();
    let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
    let mut wrong = Vec::new();
    for (name, malformed, refused) in ENDS {
        for (args, code) in [(malformed, 2), (refused, 1)] {
            for json in [&[][..], &["--json"]] {
                if args.is_empty() {
                    continue;
                }
                let ended = run(folder.path(), &[&by[..], args, json].concat());
                if ended.status.code() != Some(code) {
                    wrong.push(format!("{name}: {args:?}: not {code}: {ended:?}"));
                }
            }
        }
    }
    for args in [
        &["audit", "list", "--from", "noon"][..],
        &["audit", "list", "--type", "THING"],
        &["audit", "list", "--count", "few"],
        &["audit", "export", "--until", "noon"],
        &["audit", "verify", "--store", "missing"],
        &["audit", "verify", "--store", "broken"],
        &["state", "--at", "noon"],
        &["state", "--subject", "group:x", "--scope", "acme"],
        &["state", "--subject", "user:sam", "--scope", "A"],
        &["admin", "suspend", "user:sam"],
        &["admin", "--as", "user:ada", "--ip", "here", "suspend", "user:sam"],
        &["admin", "--as", "user:ada", "fly"],
    ] {
        let ended = run(folder.path(), args);
        if ended.status.code() != Some(2) {
            wrong.push(format!("{args:?}: not 2: {ended:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(json(&run(folder.path(), &["audit", "verify", "--json"]))["events"], 1);
}

#[test]
fn messages_name_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let by = ["admin", "--as", "user:ada", "--time", "2026-11-02T09:00:00Z"];
    let answer = |args: &[&str]| out(&run(folder.path(), &[&by[..], args].concat()));
    let mut wrong = Vec::new();
    for (args, expected) in [
        (
            &["add", "user:x", "--role", "online-marketer@acm"][..],
            &["there is no scope `acm` where `user:ada` may do anything", "did you mean `acme`?"][..],
        ),
        (&["settings", "timeout", "acme/shop", "30m"], &["scope.unknown: the scope `acme/shop` does not exist"]),
        (
            &["assign", "user:sam", "online-markter", "acme"],
            &["role.unknown: there is no role `online-markter` at `acme`", "did you mean `online-marketer`?"],
        ),
        (&["role", "copy", "online-markter", "x", "--at", "acme"], &["did you mean `online-marketer`?"]),
        (
            &["assign", "user:sam", "online-marketer", "acme", "--until", "2020-01-01T01:00:00+01:00"],
            &["until 2020-01-01T00:00:00Z would be over already: it is 2026-11-02T09:00:00Z now"],
        ),
        (
            &["settings", "login", "acme", "saml"],
            &["`saml` is not a known login method; known are", "`google`, `magic-link`, `password`", "set `force`"],
        ),
        (&["settings", "login", "acme", "pasword"], &["did you mean `password`?"]),
        (&["suspend", "sam"], &["`sam` is not listed", "write `user:sam`"]),
        (
            &["add", "max", "--role", "online-online-marketer@acme"],
            &["`max` does not begin with `user:`", "write `user:max`"],
        ),
        (&["lock", "page:1", "--at", "acme"], &["REFUSED"]),
    ] {
        let answer = answer(args);
        let missing = expected.iter().filter(|expected| !answer.contains(**expected));
        wrong.extend(missing.map(|expected| format!("{args:?}: {expected}: {answer}")));
        assert!(!answer.contains("may not"), "{answer}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let other = out(&run(folder.path(), &["admin", "--as", "ada", "suspend", "user:sam"]));
    assert!(other.contains("write `user:ada`"), "{other}");
    let until = |text: &str| answer(&["assign", "user:sam", "online-marketer", "acme", "--until", text]);
    assert!(until("2027-01-01T00:00:00Z").contains("assignment user:sam"));
    assert!(
        until("2027-01-01T01:00:00+01:00")
            .contains("nothing changes: `user:sam` holds `online-marketer` at `acme` already")
    );
}

#[test]
fn a_duplicate_assignment_of_a_directory_is_removed_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let directory = std::fs::read_to_string(examples().join("blueconic/directory.yaml")).unwrap();
    let twice = directory.replacen(
        "assignments:",
        "assignments:\n  - { subject: user:ada, role: application-manager, at: acme }\n  - { subject: user:ada, role: application-manager, at: acme }",
        1,
    );
    std::fs::write(folder.path().join("twice.yaml"), twice).unwrap();
    let begun = run(folder.path(), &["admin", "init", "--policy", "preset:blueconic", "--directory", "twice.yaml"]);
    assert!(out(&begun).contains("of the assignments are listed twice; duplicates were removed"), "{begun:?}");
}

/// An application from its first secret to the last: the secret is printed once, and the list shows no hash.
#[test]
fn applications_and_their_secrets_are_administered() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let admin = |args: &[&str]| {
        let time = ["--time", "2026-11-21T10:00:00Z", "--as", "user:ada"];
        run(folder.path(), &[&["admin"], args, &time].concat())
    };
    let done = |args: &[&str]| {
        let output = admin(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        output
    };
    done(&["add", "app:crm", "--role", "online-marketer@acme"]);
    done(&["app", "set", "app:crm", "--title", "CRM", "--token-lifetime", "8h", "--network", "203.0.113.0/24"]);
    let first = json(&done(&["app", "add-secret", "app:crm", "--json"]));
    let secret = first["client"]["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("rcs_") && first["client"]["client_id"] == "crm", "{first}");
    assert!(!first["event"].to_string().contains(secret));
    let second =
        out(&done(&["app", "add-secret", "app:crm", "--note", "in the vault", "--until", "2027-01-01T00:00:00Z"]));
    assert!(second.contains("client id      crm") && second.contains("client secret  rcs_"), "{second}");
    let third = admin(&["app", "add-secret", "app:crm"]);
    assert!(third.status.code() == Some(1) && out(&third).contains("secret.limit"), "{third:?}");

    let listed = json(&done(&["show", "applications", "--at", "acme", "--json"]));
    let crm = listed["rows"].as_array().unwrap().iter().find(|one| one["subject"] == "app:crm").unwrap();
    assert_eq!((crm["title"].as_str(), crm["token_lifetime"].as_str()), (Some("CRM"), Some("8h")));
    assert_eq!(crm["secrets"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains("sha256"));
    let text = out(&done(&["show", "applications", "--at", "acme"]));
    for part in [
        "app:crm  CRM  active",
        "online-marketer (Online Marketer) at acme",
        "tokens last 8h",
        "connects from 203.0.113.0/24",
        "note in the vault",
    ] {
        assert!(text.contains(part), "`{part}` is missing: {text}");
    }
    let id =
        crm["secrets"].as_array().unwrap().iter().find(|one| one["note"].is_null()).unwrap()["id"].as_str().unwrap();
    done(&["app", "remove-secret", "app:crm", id]);
    let gone = admin(&["app", "remove-secret", "app:crm", id]);
    assert!(gone.status.code() == Some(1) && out(&gone).contains("secret.unknown"), "{gone:?}");
    // A hash cannot be given.
    let chosen = format!(r#"{{"add-secret": {{"subject": "app:crm", "sha256": "{}"}}}}"#, "ab".repeat(32));
    let chosen = admin(&["do", &chosen]);
    assert!(!chosen.status.success() && String::from_utf8_lossy(&chosen.stderr).contains("sha256"), "{chosen:?}");
    // The audit log has the operations on the application, without the secret.
    let audit = run(folder.path(), &["audit", "export", "--type", "APPLICATION"]);
    assert!(out(&audit).contains("add-secret") && !out(&audit).contains(secret), "{audit:?}");
    // Someone without the permission is refused.
    let refused = run(folder.path(), &["admin", "show", "applications", "--at", "acme", "--as", "user:omar"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
}

#[test]
fn a_user_is_shown_with_name_and_address_to_those_who_may_see_them() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let by = |who: &'static str, args: &[&'static str]| {
        let actor = ["--as", who, "--time", "2026-11-02T09:00:00Z"];
        run(folder.path(), &[&["admin"], &actor[..], args].concat())
    };
    let set = by(
        "user:ada",
        &["set-person", "user:omar", "--at", "acme", "--name", "Omar Example", "--email", "omar@example.com"],
    );
    assert!(set.status.success(), "{set:?}");
    assert!(!out(&set).contains("Omar Example"), "{}", out(&set));
    let shown = by("user:ada", &["show", "user", "user:omar", "--at", "acme"]);
    assert!(out(&shown).contains("Omar Example") && out(&shown).contains("omar@example.com"), "{shown:?}");
    let listed = json(&by("user:ada", &["show", "access", "--at", "acme", "--search", "omar ex", "--json"]));
    assert_eq!(listed["users"]["rows"][0]["email"], "omar@example.com");
    let log = run(folder.path(), &["audit", "export"]);
    assert!(!out(&log).contains("Omar Example") && out(&log).contains("sealed"), "{log:?}");
    assert!(by("user:ada", &["erase-person", "user:omar", "--at", "acme"]).status.success());
    assert!(!out(&by("user:ada", &["show", "user", "user:omar", "--at", "acme"])).contains("Omar Example"));
    assert!(run(folder.path(), &["audit", "verify"]).status.success());
}
