//! Tests the command as programs and people use it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const POLICY: &str = "rolecall: 1
scopes: [account, project]
labels: [pii]
resources:
  segments: { actions: [view, edit] }
roles:
  viewer: { grants: ['segments:view'] }
  editor: { inherits: [viewer], grants: ['segments:edit'] }
guards:
  boundaries: { domain: { limits: writes, default: none } }
menus:
  main: [{ id: segments, title: Segments, href: /segments, needs: 'segments:view' }]
";
const DIRECTORY: &str = "rolecall: 1
scopes: [acme, acme/shop]
subjects: { 'user:ada': { boundaries: { domain: [a.example, b.example] } }, 'user:bo': {} }
assignments:
  - { subject: 'user:ada', role: editor, at: acme }
  - { subject: 'user:bo', role: viewer, at: acme/shop, until: 2027-01-01T00:00:00Z }
";
const TIME: &str = "2026-11-21T10:00:00Z";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
    fs::write(folder.path().join("directory.yaml"), DIRECTORY).unwrap();
    folder
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rolecall")).args(args).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

fn ask(folder: &Path, verb: &[&str], more: &[&str]) -> (i32, String, String) {
    let documents = ["--policy", "policy.yaml", "--directory", "directory.yaml"];
    let output = run(folder, &[verb, &documents, more].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const BO: [&str; 6] = ["--subject", "user:bo", "--at", "acme/shop", "--time", TIME];

#[test]
fn check_answers_with_its_exit_code() {
    let folder = folder();
    let (code, out, _) = ask(folder.path(), &["check"], &[&BO[..], &["--permission", "segments:view"]].concat());
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("ALLOW") && out.contains("viewer, held by user:bo at acme/shop"), "{out}");
    assert!(out.contains("2027-01-01T00:00:00Z") && !out.contains('\u{1b}'), "{out}");
    let (code, out, _) =
        ask(folder.path(), &["check"], &[&BO[..], &["--permission", "segments:edit", "--json"]].concat());
    assert_eq!(code, 1);
    assert_eq!(
        out,
        "{\"allow\":false,\"reasons\":[\"no-grant\"],\"granted_by\":[],\"withheld\":[\"pii\"],\"narrowed\":{\"domain\":[]}}\n"
    );
    let (code, out, err) = ask(folder.path(), &["check"], &[&BO[..], &["--permission", "segmets:edit"]].concat());
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("permission.unknown") && err.contains("did you mean `segments:edit`?"), "{err}");
}

#[test]
fn check_decides_about_items() {
    let folder = folder();
    let ada = ["--subject", "user:ada", "--at", "acme", "--time", TIME, "--permission", "segments:edit", "--json"];
    let item = ["--label", "pii", "--boundary", "domain=a.example", "--boundary", "domain=c.example"];
    let (code, out, _) = ask(folder.path(), &["check"], &[&ada[..], &item[..]].concat());
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    assert_eq!(answer["reasons"], serde_json::json!(["boundary:domain", "label:pii"]));
    let (code, out, _) = ask(folder.path(), &["check"], &[&ada[..], &["--item"]].concat());
    assert_eq!(code, 0);
    assert!(out.contains("\"narrowed\":{}"), "{out}");
}

#[test]
fn check_answers_each_line_in_order() {
    let folder = folder();
    let good = format!(
        r#"{{"subject":"user:bo","permission":"segments:view","at":"acme/shop","context":{{"time":"{TIME}"}}}}"#
    );
    let mut lines = format!("{good}\r\n\n{{\"subject\":5}}\n").into_bytes();
    lines.extend(b"{\"subject\":\"\xff\"}\n");
    lines.extend(good.replace("segments:view", "segments:edit").as_bytes());
    fs::write(folder.path().join("requests.jsonl"), lines).unwrap();
    let (code, out, err) = ask(folder.path(), &["check"], &["--requests", "requests.jsonl"]);
    assert_eq!((code, err.as_str()), (2, ""), "a malformed line shows in the exit code");
    let answer: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answer.len(), 5, "{out}");
    assert_eq!(answer[0]["allow"], true);
    assert_eq!(answer[1]["error"]["code"], "request.json");
    assert_eq!(answer[2]["error"]["code"], "request.shape");
    assert_eq!(answer[3]["error"]["code"], "request.json");
    assert_eq!(answer[4]["reasons"], serde_json::json!(["no-grant"]));
    // A denial is an answer like any other.
    fs::write(folder.path().join("requests.jsonl"), good.replace("segments:view", "segments:edit")).unwrap();
    let (code, out, _) = ask(folder.path(), &["check"], &["--requests", "requests.jsonl"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn explanations_are_readable() {
    let folder = folder();
    let (code, out, _) = ask(folder.path(), &["explain"], &[&BO[..], &["--permission", "segments:edit"]].concat());
    assert_eq!(code, 1);
    for words in [
        "user:bo may not segments:edit at acme/shop",
        "deny  grant",
        "no role that covers the scope holds",
        "counts until 2027-01-01T00:00:00Z",
        "does not hold it",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let (_, out, _) =
        ask(folder.path(), &["explain"], &[&BO[..], &["--permission", "segments:edit", "--json"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["guards"].as_array().unwrap().len(), 13);
}

#[test]
fn menu_and_permissions_are_printed() {
    let folder = folder();
    let (code, out, _) = ask(folder.path(), &["menu", "main"], &[&BO[..], &["--json"]].concat());
    assert_eq!(
        (code, out.as_str()),
        (
            0,
            "{\"items\":[{\"id\":\"segments\",\"title\":\"Segments\",\"href\":\"/segments\"}],\"landing\":\"/segments\",\"valid_until\":\"2027-01-01T00:00:00Z\"}\n"
        )
    );
    assert!(ask(folder.path(), &["menu", "main"], &BO).1.contains("Segments  /segments"));
    let (code, out, _) = ask(folder.path(), &["permissions"], &[&BO[..], &["--json"]].concat());
    assert_eq!(
        (code, out.as_str()),
        (0, "{\"permissions\":[\"segments:view\"],\"valid_until\":\"2027-01-01T00:00:00Z\"}\n")
    );
    assert_eq!(ask(folder.path(), &["permissions"], &BO).1, "segments:view\n");
    let (code, out, _) = ask(folder.path(), &["menu", "mian"], &[&BO[..], &["--json"]].concat());
    assert_eq!(code, 2);
    assert!(out.contains("menu.unknown"), "{out}");
}

#[test]
fn a_view_is_printed_with_what_follows() {
    let folder = folder();
    let more = ["--permission", "segments:view", "--menu", "main", "--until", "2027-06-01T00:00:00Z", "--json"];
    let (code, out, _) = ask(folder.path(), &["view"], &[&BO[..], &more].concat());
    let view: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &view["rolecall_view"], &view["covers"]), (0, &1.into(), &serde_json::json!(["segments:view"])));
    let parts = view["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0]["menus"]["main"]["landing"], "/segments");
    assert_eq!(
        (&parts[0]["valid_until"], &parts[1]["permissions"]),
        (&"2027-01-01T00:00:00Z".into(), &serde_json::json!([]))
    );
    let (code, out, _) = ask(folder.path(), &["view"], &BO);
    assert_eq!((code, out.as_str()), (0, "from 2026-11-21T09:59:30Z, until 2027-01-01T00:00:00Z\n  segments:view\n"));
    let (code, out, _) =
        ask(folder.path(), &["view"], &[&BO[..], &["--permission", "segments:veiw", "--json"]].concat());
    assert_eq!(code, 2);
    assert!(out.contains("permission.unknown"), "{out}");
}

#[test]
fn validate_reports_every_issue_with_its_position() {
    let folder = folder();
    let (code, out, _) = ask(folder.path(), &["validate"], &[]);
    assert_eq!(code, 0);
    assert!(out.contains("policy.yaml: 2 roles, 2 permissions") && out.contains("2 scopes, 2 subjects"), "{out}");
    fs::write(
        folder.path().join("policy.yaml"),
        POLICY.replace("'segments:view'] }\n  editor", "'segmets:view'], tilte: x }\n  editor"),
    )
    .unwrap();
    let (code, out, err) = ask(folder.path(), &["validate"], &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("policy.yaml:7:22: pattern.unmatched") && err.contains("policy.yaml:7:39: key.unknown"),
        "{err}"
    );
    assert!(err.contains("did you mean `title`?") && err.contains("2 issues"), "{err}");
    let (code, out, _) = ask(folder.path(), &["validate"], &["--json"]);
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, answer["issues"].as_array().unwrap().len()), (2, 2));
    // A document that does not compile is an error of every other command as well.
    assert_eq!(ask(folder.path(), &["permissions"], &BO).0, 2);
    let (code, out, err) = ask(folder.path(), &["permissions"], &[&BO[..], &["--json"]].concat());
    assert_eq!((code, err.as_str()), (2, ""));
    assert!(out.starts_with("{\"issues\":["), "{out}");
}

fn questions_about_assignments_are_answered(folder: &Path) {
    let viewers = ["--role", "viewer", "--time", TIME];
    let (code, out, err) = ask(folder, &["who-holds"], &viewers);
    assert!(code == 0 && out.lines().count() == 3, "{out}");
    assert!(out.contains("user:ada  editor") && out.contains("user:bo   viewer  acme/shop"), "{out}");
    assert!(err.contains("valid until  2027-01-01T00:00:00Z"), "{err}");
    let (_, out, err) = ask(folder, &["who-holds"], &[&viewers[..], &["--at", "acme/shop", "--limit", "1"]].concat());
    assert!(out.contains("user:ada") && !out.contains("user:bo"), "{out}");
    assert!(err.contains("more follow: add `--after user:ada`"), "{err}");
    let (_, out, _) = ask(folder, &["who-holds"], &[&viewers[..], &["--after", "user:bo", "--json"]].concat());
    assert_eq!(out, "{\"holders\":[],\"support\":false,\"valid_until\":\"2027-01-01T00:00:00Z\"}\n");
    let view = ["--permission", "segments:view", "--at", "acme/shop", "--time", TIME];
    let (code, out, err) = ask(folder, &["which-groups-can"], &view);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", "none\n"));
    let (code, out, _) = ask(folder, &["assignments-of"], &["--subject", "user:bo", "--time", TIME]);
    assert!(code == 0 && out.contains("viewer") && out.contains("2027-01-01T00:00:00Z"), "{out}");
    let (_, out, _) =
        ask(folder, &["assignments-of"], &["--subject", "user:bo", "--at", "acme", "--time", TIME, "--json"]);
    assert_eq!(out, "{\"assignments\":[]}\n");
}

#[test]
fn questions_about_everyone_and_everywhere_are_answered() {
    let folder = folder();
    let view = ["--permission", "segments:view", "--time", TIME];
    let (code, out, err) = ask(folder.path(), &["who-can"], &[&view[..], &["--at", "acme/shop"]].concat());
    assert_eq!((code, out.as_str()), (0, "user:ada\nuser:bo\n"));
    assert!(err.contains("2027-01-01T00:00:00Z"), "{err}");
    let (_, out, _) = ask(folder.path(), &["who-can"], &[&view[..], &["--at", "acme", "--json"]].concat());
    assert_eq!(out, "{\"subjects\":[\"user:ada\"],\"support\":false}\n");
    let (code, out, _) = ask(folder.path(), &["where-can"], &[&view[..], &["--subject", "user:bo"]].concat());
    assert_eq!((code, out.as_str()), (0, "acme/shop\n"));
    let bo = [&view[..], &["--subject", "user:bo"]].concat();
    questions_about_assignments_are_answered(folder.path());
    let (code, out, err) = ask(folder.path(), &["filter"], &bo);
    assert_eq!((code, out.lines().next()), (0, Some("acme/shop")));
    assert!(err.contains("2027-01-01T00:00:00Z"), "{err}");
    let (_, out, _) = ask(folder.path(), &["filter"], &[&bo[..], &["--list-scopes", "--json"]].concat());
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["branches"][0]["scopes"], serde_json::json!(["acme/shop"]));
    let (_, out, _) = ask(folder.path(), &["filter"], &[&bo[..], &["--at", "acme/blog", "--json"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["rows"], "never");
    let (code, out, err) = ask(folder.path(), &["numbering"], &[]);
    assert!(code == 0 && out.lines().any(|line| line.ends_with("\tacme/shop")), "{out}");
    assert!(err.contains(answer["numbering"].as_str().unwrap()), "{err}");
    let (_, out, _) =
        ask(folder.path(), &["effective"], &["--subject", "user:ada", "--at", "acme/shop", "--time", TIME]);
    assert!(out.contains("segments:view") && out.contains("editor > viewer"), "{out}");
    let (_, out, _) = ask(folder.path(), &["granting"], &["--permission", "segments:view"]);
    assert!(
        out.contains("editor") && out.contains("a role that it inherits") && out.contains("its own grants"),
        "{out}"
    );
    let (code, out, _) = ask(folder.path(), &["granting"], &["--permission", "segments:fly", "--json"]);
    assert_eq!(code, 2);
    assert!(out.contains("permission.unknown"), "{out}");
}

#[test]
fn convert_gives_the_json_that_the_libraries_read() {
    let folder = folder();
    for name in ["policy", "directory"] {
        let output = run(folder.path(), &["convert", &format!("{name}.yaml")]);
        assert!(output.status.success());
        fs::write(folder.path().join(format!("{name}.json")), output.stdout).unwrap();
    }
    let documents = ["--policy", "policy.json", "--directory", "directory.json"];
    assert_eq!(run(folder.path(), &[&["permissions"][..], &documents, &BO].concat()).stdout, b"segments:view\n");
    let preset = run(folder.path(), &["convert", "preset:blueconic"]);
    assert!(preset.stdout.starts_with(b"{\"rolecall\":1"));
    assert_eq!(run(folder.path(), &["convert", "preset:nothing"]).status.code(), Some(2));
}

#[test]
fn the_presets_example_shows_the_menus_of_the_product() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let directory: PathBuf = root.join("examples/blueconic/directory.yaml");
    let menu = |subject: &str| {
        let args = [
            "menu",
            "main",
            "--policy",
            "preset:blueconic",
            "--subject",
            subject,
            "--at",
            "acme",
            "--time",
            TIME,
            "--json",
            "--directory",
        ];
        let output = run(&root, &[&args[..], &[directory.to_str().unwrap()]].concat());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["title"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    let always = ["Search", "Notifications", "Help", "Personal settings"];
    assert_eq!(menu("user:sam"), [&["Home", "Profiles", "Insights", "Simulator"][..], &always].concat());
    assert_eq!(menu("user:rosa"), [&["Home"][..], &always, &["BlueConic settings"]].concat());
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = folder();
    let output = run(folder.path(), &["validate", "--policy", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.yaml"));
    fs::write(folder.path().join("policy.yaml"), b"rolecall: \xff").unwrap();
    let (code, _, err) = ask(folder.path(), &["validate"], &[]);
    assert_eq!(code, 2);
    assert!(err.contains("not UTF-8"), "{err}");
}

#[test]
fn a_denial_is_explained_with_changes_that_would_allow_it() {
    let folder = folder();
    let denied = [&BO[..], &["--permission", "segments:edit", "--label", "pii", "--boundary", "domain=x"]].concat();
    let (code, out, _) = ask(folder.path(), &["explain"], &denied);
    assert_eq!(code, 1);
    for words in [
        "DENY  user:bo may not segments:edit at acme/shop",
        "No role that covers the scope holds `segments:edit`  no-grant",
        "No active role reads `pii`  label:pii",
        "Nothing: no roles that could be given here are enough",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    let (_, out, _) = ask(folder.path(), &["explain"], &denied[..denied.len() - 4]);
    assert!(out.contains("What would allow it\n  Give `user:bo` the role `editor` at `acme/shop`"), "{out}");
    let (code, out, _) = ask(folder.path(), &["explain", "--redacted"], &denied);
    assert_eq!(code, 1);
    assert!(out.contains("no-grant, boundary:domain, label:pii") && !out.contains("viewer"), "{out}");
}

#[test]
fn a_record_is_redacted() {
    let folder = folder();
    fs::write(folder.path().join("record.json"), r#"{"id": 1.0, "email": "a", "kin": [{"email": "b", "no": 2}]}"#)
        .unwrap();
    let fields = ["--field", "email=pii", "--field", "kin[*].email=pii", "record.json"];
    let (code, out, err) = ask(folder.path(), &["redact"], &[&BO[..], &fields[..]].concat());
    assert_eq!((code, out.as_str()), (0, "{\"id\":1.0,\"kin\":[{\"no\":2}]}\n"), "{err}");
    assert!(err.contains("pii"), "{err}");
    let (_, out, _) = ask(folder.path(), &["redact", "--mask", "-", "--json"], &[&BO[..], &fields[..]].concat());
    assert_eq!(
        out,
        "{\"record\":{\"id\":1.0,\"email\":\"-\",\"kin\":[{\"email\":\"-\",\"no\": 2}]},\"withheld\":[\"pii\"]}\n"
            .replace("\"no\": 2", "\"no\":2")
    );
    let wrong = ["--field", "email=pi", "record.json"];
    let (code, _, err) = ask(folder.path(), &["redact"], &[&BO[..], &wrong[..]].concat());
    assert_eq!(code, 2);
    assert!(err.contains("label.unknown") && err.contains("did you mean `pii`?"), "{err}");
}

#[test]
fn gained_and_lost_permissions_are_printed() {
    let folder = folder();
    fs::write(folder.path().join("after.yaml"), DIRECTORY.replace("role: viewer", "role: editor")).unwrap();
    let (code, out, err) = ask(folder.path(), &["diff"], &["--to-directory", "after.yaml", "--time", TIME]);
    assert_eq!((code, out.as_str()), (0, "+ user:bo at acme/shop: segments:edit\n"), "{err}");
    assert!(err.contains("2027-01-01T00:00:00Z"), "{err}");
    fs::write(folder.path().join("policy2.yaml"), POLICY.replace("['segments:edit'] }", "[], reads: [pii] }")).unwrap();
    let (_, out, _) = ask(folder.path(), &["diff"], &["--to-policy", "policy2.yaml", "--time", TIME]);
    assert_eq!(
        out,
        "+ user:ada at acme: reads pii\n+ user:ada at acme/shop: reads pii\n- user:ada at acme: segments:edit\n- user:ada at acme/shop: segments:edit\n"
    );
    let (code, _, err) = ask(folder.path(), &["diff"], &["--time", TIME]);
    assert_eq!(code, 2);
    assert!(err.contains("--to-policy"), "{err}");
}

#[test]
fn violations_are_printed_with_an_exit_code() {
    let folder = folder();
    let (code, out, _) = ask(folder.path(), &["violations"], &["--time", TIME]);
    assert_eq!((code, out.as_str()), (0, "no separation or limit is violated\n"));
    let strict = POLICY.replace("menus:", "limits: { users_per_project: 1 }\nmenus:").replace(
        "guards:\n",
        "guards:\n  separation: [{ id: apart, roles: [editor, viewer], at_most: 1, when: assigned }]\n",
    );
    fs::write(folder.path().join("policy.yaml"), strict).unwrap();
    let (code, out, _) = ask(folder.path(), &["violations"], &["--time", TIME]);
    assert_eq!(code, 1);
    assert!(out.contains("apart  user:ada holds editor and viewer at acme; at most 1 may be"), "{out}");
    assert!(out.contains("users_per_project  2 at acme/shop; at most 1 may be"), "{out}");
}

#[test]
fn the_matrix_of_roles_is_text_csv_json_or_a_page() {
    let folder = folder();
    let matrix = |more: &[&str]| ask(folder.path(), &["role-matrix"], &[&["--at", "acme"], more].concat());
    let (code, text, _) = matrix(&[]);
    assert!(
        code == 0 && text.contains("● segments:edit  granted") && text.contains("○ segments:view  inherited"),
        "{text}"
    );
    let (_, csv, _) = matrix(&["--format", "csv"]);
    assert_eq!(csv, "id,title,segments:view,segments:edit\r\neditor,,inherited,granted\r\nviewer,,granted,\r\n");
    let (_, json, _) = matrix(&["--format", "json", "--search", "EDIT"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"][0]["cells"], serde_json::json!(["indirect", "direct"]));
    let (_, html, _) = matrix(&["--format", "html"]);
    assert!(html.starts_with("<!doctype html>") && !html.contains("<script"));
    let (code, _, error) = ask(folder.path(), &["role-matrix"], &["--at", "acne"]);
    assert!(code == 2 && error.contains("acne"), "{code} {error}");
}

#[test]
fn roles_are_listed_with_what_they_hold() {
    let folder = folder();
    let output = run(folder.path(), &["roles", "--policy", "policy.yaml"]);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.contains("editor  standalone; at account, project\n  inherits  viewer\n  segments:edit\n  segments:view\n"),
        "{out}"
    );
    let output = run(folder.path(), &["roles", "--policy", "preset:bloomreach", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer.as_array().unwrap().len(), 74);
}

#[test]
fn a_closed_pipe_ends_the_command_quietly() {
    let folder = folder();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["roles", "--policy", "preset:bloomreach"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(2), ""));
}

#[test]
fn snapshots_replace_documents() {
    let folder = folder();
    let documents = ["--policy", "policy.yaml", "--directory", "directory.yaml"];
    let write =
        |more: &[&str]| run(folder.path(), &[&["snapshot", "write", "-o", "roles.snapshot"][..], more].concat());
    assert!(write(&documents).status.success());
    let question = [&BO[..], &["--permission", "segments:view", "--json"]].concat();
    let answer = run(folder.path(), &[&["check", "--snapshot", "roles.snapshot"][..], &question].concat());
    assert_eq!(String::from_utf8(answer.stdout).unwrap(), ask(folder.path(), &["check"], &question).1);
    let text = |output: Output| String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let verify = |more: &[&str]| {
        let output = run(folder.path(), &[&["snapshot", "verify", "roles.snapshot"][..], more].concat());
        (output.status.code().unwrap(), text(output))
    };
    let answer = "roles.snapshot: 2 roles, 2 permissions, 2 scopes, 2 subjects, 2 assignments\n";
    assert_eq!(verify(&[]), (0, answer.to_string()));
    let answer = r#"{"roles":2,"permissions":2,"scopes":2,"subjects":2,"assignments":2}"#;
    assert_eq!(verify(&["--json"]).1.trim_end(), answer);
    // A snapshot of a snapshot is the same.
    let before = fs::read(folder.path().join("roles.snapshot")).unwrap();
    assert!(write(&["--snapshot", "roles.snapshot"]).status.success());
    assert!(fs::read(folder.path().join("roles.snapshot")).unwrap() == before);
    let diff = |more: &[&str]| {
        let output =
            run(folder.path(), &[&["diff", "--snapshot", "roles.snapshot", "--time", TIME][..], more].concat());
        (output.status.code().unwrap(), text(output))
    };
    let same = diff(&["--to-directory", "directory.yaml"]);
    assert_eq!(same, diff(&["--to-snapshot", "roles.snapshot"]));
    assert_eq!(same.0, 0, "{}", same.1);
    assert!(diff(&["--to-policy", "policy.yaml"]).1.contains("--to-directory"));
    let both = run(folder.path(), &[&["check", "--snapshot", "roles.snapshot"][..], &documents, &question].concat());
    assert_eq!(both.status.code(), Some(2));
    let mut damaged = before.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(folder.path().join("roles.snapshot"), damaged).unwrap();
    let (code, answer) = verify(&[]);
    assert!(code == 2 && answer.contains("roles.snapshot: snapshot.malformed"), "{answer}");
    assert!(verify(&["--json"]).1.starts_with(r#"{"error":{"code":"snapshot.malformed""#));
}
