//! Tests the messages for mistakes, and the exit code of every subcommand for malformed input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const POLICY: &str = "rolecall: 1
scopes: [account, project]
labels: [pii]
resources:
  segments: { actions: [view, edit] }
roles:
  viewer: { grants: ['segments:view'] }
  editor: { inherits: [viewer], grants: ['segments:edit'] }
menus:
  main: [{ id: segments, title: Segments, href: /segments, needs: 'segments:view' }]
";
const DIRECTORY: &str = "rolecall: 1
scopes: [acme, acme/shop]
groups: { 'group:red': { members: ['user:ada'] } }
subjects: { 'user:ada': {}, 'app:crm': {} }
assignments:
  - { subject: 'user:ada', role: editor, at: acme }
";
const TIME: &str = "2026-11-21T10:00:00Z";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
    fs::write(folder.path().join("directory.yaml"), DIRECTORY).unwrap();
    folder
}

struct Output {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, line: &str) -> Output {
    run_with(folder, line, None)
}

/// Runs a command line, whose words are separated by spaces.
fn run_with(folder: &Path, line: &str, input: Option<&str>) -> Output {
    let words = line.replace("DOCS", "--policy policy.yaml --directory directory.yaml").replace("TIME", TIME);
    let stdin = match input {
        None => Stdio::null(),
        Some(name) => Stdio::from(fs::File::open(folder.join(name)).unwrap()),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    let output = command.args(words.split_whitespace()).current_dir(folder).stdin(stdin).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Output { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// Returns the error of a policy in which a text is replaced.
fn of_policy(from: &str, to: &str) -> String {
    let folder = folder();
    assert!(POLICY.contains(from), "{from}");
    fs::write(folder.path().join("policy.yaml"), POLICY.replace(from, to)).unwrap();
    let answer = run(folder.path(), "validate DOCS");
    assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{}", answer.err);
    answer.err
}

#[test]
fn texts_that_yaml_does_not_read_as_texts() {
    for (from, to, words) in [
        (
            "['segments:edit']",
            "[*:*]",
            "policy.yaml:8:42: document.yaml: `*:*` begins with `*`, which marks an alias in YAML",
        ),
        ("['segments:edit']", "[**:writes]", "put it in quotes: `\"**:writes\"`"),
        ("['segments:edit']", "[@segments:edit]", "`@segments:edit` begins with `@`, which is reserved in YAML"),
        ("['segments:edit']", "[&segments:edit]", "put a text that begins with `&` in quotes"),
        ("['segments:edit']", "[!segments:edit]", "put a text that begins with `!` in quotes"),
        ("['segments:edit']", "[segments: edit]", "if one text is meant, put it in quotes: `\"segments:edit\"`"),
        ("['segments:edit']", "[segments:{view,edit}]", "put it in quotes: `\"segments:{view,edit}\"`"),
        ("title: Segments", "title: 1e3", "`1e3` is a number in YAML: put it in quotes if a text is meant"),
        ("title: Segments", "title: ~", "`~` means nothing in YAML"),
        ("title: Segments", "title: 007", "a text is needed here, not the number `7`"),
        ("labels: [pii]", "labels: #pii", "`#pii` is a comment in YAML: put it in quotes if a text is meant"),
        ("labels: [pii]", "title: Users: all", "put it in quotes: `\"Users: all\"`"),
        ("labels: [pii]", "title: `pii`", "is reserved in YAML"),
        ("labels: [pii]", "title: %pii", "which marks a directive in YAML"),
        ("labels: [pii]", "title: {pii}:x", "which marks a map in YAML"),
        ("  segments: {", "\tsegments: {", "the line begins with a tab"),
        ("inherits: [viewer]", "inherits: viewer", "put it into a list: `[\"viewer\"]`"),
        ("grants: ['segments:view']", "grants: [segments #all:view\n    ]", "`#all:view"),
    ] {
        let answer = of_policy(from, to);
        assert!(answer.contains(words), "{to}: {words}\n{answer}");
    }
}

#[test]
fn files_that_are_not_documents() {
    let folder = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let json = run(folder.path(), "convert policy.yaml").out;
    let utf16: Vec<u8> = format!("\u{feff}{json}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("utf16.json", &utf16);
    write("big.yaml", &POLICY.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
    write("latin.yaml", b"rolecall: 1\ntitle: K\xf6ln\n");
    write("marked.json", format!("\u{feff}{json}").as_bytes());
    write("marked.yaml", format!("\u{feff}{POLICY}").as_bytes());
    write("empty.yaml", b"");
    write("blank.json", b" \n\n");
    write("comment.yaml", b"# nothing yet\n");
    write("store.db", b"SQLite format 3\0 and more");
    write("session.bin", b"rcs\x01 and more");
    fs::create_dir(folder.path().join("folder")).unwrap();
    assert_eq!(run(folder.path(), "snapshot write DOCS -o made.snapshot").code, 0);
    for name in ["marked.json", "marked.yaml"] {
        assert_eq!(
            run(folder.path(), &format!("validate --policy {name} --directory directory.yaml")).code,
            0,
            "{name}"
        );
    }
    for (name, words) in [
        ("utf16.json", "utf16.json: the file is UTF-16, as PowerShell and some editors write; save it as UTF-8"),
        ("big.yaml", "the file is UTF-16"),
        ("latin.yaml", "the byte 0xf6 at 2:9 is not UTF-8; save the file as UTF-8"),
        ("empty.yaml", "empty.yaml: the file is empty"),
        ("blank.json", "the file is empty"),
        ("comment.yaml", "the document is empty"),
        ("store.db", "this is a store; name it by `--store`"),
        ("made.snapshot", "this is a snapshot; name it by `--snapshot`"),
        ("session.bin", "this is a portable session, not a document"),
        ("folder", "folder: this is a folder, not a file"),
        ("policy", "there is no such file; did you mean `policy.yaml`?"),
        ("policy.yml", "there is no such file; did you mean `policy.yaml`?"),
        ("Policy.YAML", "there is no such file; did you mean `policy.yaml`?"),
        ("elsewhere/policy.yaml", "there is no folder `elsewhere`"),
        ("policy.yaml/policy.yaml", "a part of the path is a file, not a folder"),
        ("blueconic", "there is no such file; the preset is `preset:blueconic`"),
        ("preset:bluconic", "there is no preset `bluconic`; did you mean `preset:blueconic`?"),
        ("preset:x", "the presets are `preset:"),
    ] {
        let answer = run(folder.path(), &format!("validate --policy {name}"));
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{name}: {}", answer.err);
        assert!(answer.err.contains(words), "{name}: {words}\n{}", answer.err);
    }
    for (name, words) in [
        ("policy.yaml", "this is a text; name documents by `--policy` and `--directory`"),
        ("store.db", "this is a store; name it by `--store`"),
        ("empty.yaml", "the file is empty"),
        ("nowhere.snapshot", "nowhere.snapshot: there is no such file"),
    ] {
        let answer = run(folder.path(), &format!("snapshot verify {name}"));
        assert_eq!(answer.code, 2, "{name}: {}", answer.err);
        assert!(answer.err.contains(words), "{name}: {words}\n{}", answer.err);
    }
}

#[test]
fn standard_input_is_one_of_the_documents() {
    let folder = folder();
    let question = "--subject user:ada --permission segments:edit --at acme --time TIME";
    let line = format!("check --policy - --directory directory.yaml {question}");
    assert_eq!(run_with(folder.path(), &line, Some("policy.yaml")).code, 0);
    let line = format!("check --policy policy.yaml --directory - {question}");
    assert_eq!(run_with(folder.path(), &line, Some("directory.yaml")).code, 0);
    let answer = run_with(folder.path(), &format!("check --policy - --directory - {question}"), Some("policy.yaml"));
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("standard input can be the policy or the directory, not both"), "{}", answer.err);
}

#[test]
fn swapped_documents_are_reported_as_one_issue() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("request.json", r#"{"subject":"user:ada","permission":"segments:view","at":"acme","context":{}}"#);
    write("mapping.yaml", "rolecall: 1\nsubjects: { user: user }\ntypes: {}\n");
    write("server.yaml", "rolecall: 1\nlisten: 127.0.0.1:0\npolicy: policy.yaml\ndirectory: directory.yaml\n");
    for (policy, directory, words) in [
        ("directory.yaml", "policy.yaml", "this is a directory, not a policy"),
        ("policy.yaml", "policy.yaml", "this is a policy, not a directory"),
        ("directory.yaml", "directory.yaml", "policy and directory are swapped, or one is given twice"),
        ("request.json", "directory.yaml", "this is a request, not a policy"),
        ("policy.yaml", "request.json", "this is a request, not a directory"),
        ("policy.yaml", "mapping.yaml", "this is a mapping of AuthZEN requests, not a directory"),
        ("server.yaml", "directory.yaml", "this is the configuration of a server, not a policy"),
    ] {
        let documents = format!("--policy {policy} --directory {directory}");
        for verb in [
            "validate",
            "check --subject user:ada --permission segments:view --at acme",
            "menu main --subject user:ada --at acme",
            "snapshot write -o out.snapshot",
        ] {
            let answer = run(folder.path(), &format!("{verb} {documents}"));
            assert_eq!(answer.code, 2, "{verb} {documents}");
            assert!(
                answer.err.contains(words) && answer.err.contains("has 1 issue"),
                "{verb} {documents}\n{}",
                answer.err
            );
        }
    }
}

#[test]
fn unlisted_names_are_noted_without_changing_the_answer() {
    let folder = folder();
    let view = "--permission segments:view --time TIME";
    for (line, code, note) in [
        (
            format!("check DOCS {view} --subject user:ada --at acm"),
            1,
            "the directory does not list the scope `acm`; did you mean `acme`?",
        ),
        (
            format!("check DOCS {view} --subject ada --at acme"),
            1,
            "the directory does not list `ada`; did you mean `user:ada`?",
        ),
        (format!("check DOCS {view} --subject user:crm --at acme"), 1, "did you mean `app:crm`?"),
        (
            format!("check DOCS {view} --subject user:zoe --at acme --json"),
            1,
            "note: the directory does not list `user:zoe`\n",
        ),
        (
            format!("check DOCS {view} --subject user:ada --at acme --active-role editr"),
            1,
            "there is no role `editr`; did you mean `editor`?",
        ),
        (format!("explain DOCS {view} --subject user:ada --at acme/shp"), 1, "did you mean `acme/shop`?"),
        ("menu main DOCS --subject ada --at acme --time TIME".to_string(), 0, "did you mean `user:ada`?"),
        ("permissions DOCS --subject user:ada --at acm --time TIME".to_string(), 0, "did you mean `acme`?"),
        ("effective DOCS --subject user:adda --at acme --time TIME".to_string(), 0, "did you mean `user:ada`?"),
        (format!("who-can DOCS {view} --at acm"), 0, "did you mean `acme`?"),
        ("who-holds DOCS --role editr --time TIME".to_string(), 0, "there is no role `editr`; did you mean `editor`?"),
        (format!("which-groups-can DOCS {view} --at acm"), 0, "did you mean `acme`?"),
        ("assignments-of DOCS --subject ada --time TIME".to_string(), 0, "did you mean `user:ada`?"),
        (format!("where-can DOCS {view} --subject ada"), 0, "did you mean `user:ada`?"),
    ] {
        let answer = run(folder.path(), &line);
        assert_eq!(answer.code, code, "{line}: {}", answer.err);
        assert!(answer.err.contains(note), "{line}: {note}\n{}", answer.err);
    }
    let quiet = run(folder.path(), &format!("check DOCS {view} --subject user:ada --at acme"));
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
    // Support staff need not be listed.
    let quiet = run(folder.path(), &format!("check DOCS {view} --subject support:jo --at acme"));
    assert_eq!((quiet.code, quiet.err.as_str()), (1, ""));
    let answer = run(folder.path(), &format!("explain DOCS {view} --subject ada --at acm"));
    assert!(answer.out.contains("The directory does not list `ada`; did you mean `user:ada`?"), "{}", answer.out);
    assert!(answer.out.contains("The directory does not list the scope `acm`; did you mean `acme`?"), "{}", answer.out);
}

#[test]
fn malformed_input_to_any_subcommand_ends_with_2() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("broken.yaml", "rolecall: 1\nscopes: [");
    write("broken.json", "{\"email\": ");
    write("deep.json", &format!("{}1{}", "[".repeat(128), "]".repeat(128)));
    write("record.json", "{\"email\": 1}");
    write("log.jsonl", "{\"no\": \"decision\"}\n");
    write("keys.json", "{}");
    let who = "DOCS --subject user:ada --at acme --time TIME";
    let ask = format!("{who} --permission segments:view");
    let all = "DOCS --permission segments:view";
    let lines = [
        "".to_string(),
        "chekc".to_string(),
        // Flags.
        "check --subject user:ada".to_string(),
        format!("check {ask} --verbose"),
        format!("check {ask} --subject user:bo"),
        format!("check {ask} --snapshot x"),
        format!("check {ask} --requests -"),
        "check DOCS --requests - --time TIME".to_string(),
        format!("check {ask} --boundary domain"),
        "names --policy policy.yaml --language cobol".to_string(),
        "names --policy policy.yaml --language rust --check".to_string(),
        format!("redact {who} record.json"),
        format!("redact {who} record.json --field email"),
        "diff DOCS".to_string(),
        "validate".to_string(),
        "snapshot".to_string(),
        "snapshot write DOCS".to_string(),
        "convert".to_string(),
        "roles".to_string(),
        "keys".to_string(),
        "replay".to_string(),
        // Names.
        format!("check {ask} --label PII"),
        format!("check {who} --permission Segments:view"),
        format!("check {who} --permission segments"),
        format!("check {ask} --active-role Editor"),
        format!("check {ask} --login SSO"),
        format!("explain {who} --permission segments:veiw"),
        format!("menu mian {who}"),
        "menu main DOCS --subject group:red --at acme".to_string(),
        "permissions DOCS --subject user:ada --at /acme".to_string(),
        "effective DOCS --subject user:ada --at Acme".to_string(),
        "who-can DOCS --permission segments:fly --at acme".to_string(),
        format!("who-can {all} --at acme/"),
        format!("where-can {all} --subject group:red"),
        "who-holds DOCS --role Editor".to_string(),
        "who-holds DOCS --role editor --at acme/".to_string(),
        "who-holds DOCS --role editor --limit 0".to_string(),
        "which-groups-can DOCS --permission segments:fly --at acme".to_string(),
        "assignments-of DOCS --subject group:red".to_string(),
        "assignments-of DOCS --subject user:ada --time soon".to_string(),
        format!("filter {all} --subject group:red"),
        format!("filter {all} --subject user:ada --at Acme"),
        "granting DOCS --permission segments".to_string(),
        format!("redact {who} record.json --field email=PII"),
        format!("redact {who} record.json --field a..b=pii"),
        // Times and addresses.
        "check DOCS --subject user:ada --at acme --permission segments:view --time yesterday".to_string(),
        format!("explain {ask} --last-activity 2026-11-21"),
        format!("check {ask} --ip 203.0.113.0/24"),
        format!("check {ask} --ip localhost"),
        format!("who-can {all} --at acme --time 1795255200"),
        format!("where-can {all} --subject user:ada --time 2026-11-21T10:00:00"),
        "violations DOCS --time now".to_string(),
        "diff DOCS --to-policy policy.yaml --time 2026-02-30T00:00:00Z".to_string(),
        // Files.
        "check --policy nowhere.yaml --directory directory.yaml --subject user:ada --permission segments:view --at acme".to_string(),
        "check DOCS --requests nowhere.jsonl".to_string(),
        "check --snapshot policy.yaml --subject user:ada --permission segments:view --at acme".to_string(),
        "check --store policy.yaml --subject user:ada --permission segments:view --at acme".to_string(),
        "explain --policy broken.yaml --directory directory.yaml --subject user:ada --permission segments:view --at acme".to_string(),
        "menu main --policy policy.yaml --directory broken.yaml --subject user:ada --at acme".to_string(),
        "permissions --policy policy.yaml --directory broken.json --subject user:ada --at acme".to_string(),
        format!("redact {who} nowhere.json --field email=pii"),
        format!("redact {who} broken.json --field email=pii"),
        format!("redact {who} deep.json --field email=pii"),
        format!("redact {who} policy.yaml --field email=pii"),
        "diff DOCS --to-directory broken.yaml".to_string(),
        "diff DOCS --to-snapshot policy.yaml".to_string(),
        "violations --policy policy.yaml --directory policy.yaml".to_string(),
        "roles --policy broken.yaml".to_string(),
        "names --policy broken.yaml --language rust".to_string(),
        "names --policy policy.yaml --language rust -o nowhere/names.rs".to_string(),
        "names --policy policy.yaml --language rust -o nowhere.rs --check".to_string(),
        "validate --policy broken.yaml".to_string(),
        "validate --policy policy.yaml --directory broken.yaml".to_string(),
        "snapshot write DOCS -o nowhere/out.snapshot".to_string(),
        "snapshot verify policy.yaml".to_string(),
        "convert broken.yaml".to_string(),
        "convert nowhere.yaml".to_string(),
        "replay nowhere.jsonl DOCS".to_string(),
        "replay log.jsonl DOCS".to_string(),
        "replay log.jsonl DOCS --mapping policy.yaml".to_string(),
        "keys show keys.json".to_string(),
        "keys show nowhere.json".to_string(),
        "keys show policy.yaml".to_string(),
        "keys retire keys.json abc".to_string(),
        "keys rotate keys.json".to_string(),
        "keys rotate nowhere/keys.json".to_string(),
        "serve --config broken.yaml --check".to_string(),
        "serve --config nowhere.yaml --check".to_string(),
        "serve --config policy.yaml --check".to_string(),
    ];
    for line in lines {
        let answer = run(folder.path(), &line);
        assert_eq!(answer.code, 2, "{line}\n{}{}", answer.out, answer.err);
        assert!(!answer.err.trim().is_empty(), "{line}");
        assert!(!answer.err.contains("os error") && !answer.err.contains("panicked"), "{line}\n{}", answer.err);
    }
}

#[test]
fn a_denial_exits_with_1_and_other_answers_with_0() {
    let folder = folder();
    fs::write(folder.path().join("other.rs"), "").unwrap();
    let ask = "DOCS --at acme --time TIME --permission segments:edit --subject";
    for (line, code) in [
        (format!("check {ask} user:ada"), 0),
        (format!("check {ask} app:crm"), 1),
        (format!("explain {ask} app:crm"), 1),
        ("violations DOCS --time TIME".to_string(), 0),
        ("names --policy policy.yaml --language rust -o other.rs --check".to_string(), 1),
        ("validate DOCS".to_string(), 0),
        ("diff DOCS --to-policy policy.yaml".to_string(), 0),
    ] {
        let answer = run(folder.path(), &line);
        assert_eq!(answer.code, code, "{line}\n{}", answer.err);
    }
}

#[test]
fn errors_of_a_question_are_named() {
    let folder = folder();
    let ask = "check DOCS --subject user:ada --at acme --time TIME --permission";
    for (line, words) in [
        (format!("{ask} Segments:edit"), "`Segments:edit` has capital letters\n  help: did you mean `segments:edit`?"),
        (
            format!("{ask} segments"),
            "`segments` is not written `resource:action`\n  help: name an action as well, such as `segments:view`",
        ),
        (format!("{ask} segments:view --ip 10.0.0.300"), "`10.0.0.300` is neither an IPv4 nor an IPv6 address"),
        (format!("{ask} segments:view --last-activity noon"), "`noon` is not a timestamp"),
        (format!("{ask} segments:view --label PII"), "the policy has no label `PII`\n  help: did you mean `pii`?"),
        ("menu Main DOCS --subject user:ada --at acme --time TIME".to_string(), "did you mean `main`?"),
        (
            "menu main DOCS --subject user:ada --at Acme --time TIME".to_string(),
            "names have no capital letters: write `acme`",
        ),
    ] {
        let answer = run(folder.path(), &line);
        assert!(answer.err.contains(words), "{line}: {words}\n{}", answer.err);
    }
}
