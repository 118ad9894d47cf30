//! Tests the generated names of a policy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Policy, RequestError};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The generated Rust file compiles as a module of this test.
#[path = "names/names.rs"]
mod names;

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/names").join(file)
}

fn run(policy: &Path, language: &str, more: &[&str]) -> Output {
    let mut rolecall = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    rolecall.args(["names", "--language", language, "--policy"]).arg(policy).args(more).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_language_gets_the_names_of_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    for (language, file) in [("typescript", "names.d.ts"), ("python", "names.py"), ("rust", "names.rs")] {
        let expected = fs::read_to_string(golden(file)).unwrap();
        assert_eq!(text(&run(&golden("policy.yaml"), language, &[]).stdout), expected, "{language}");
        let written = folder.path().join(file);
        let written = written.to_str().unwrap();
        let code = |more: &[&str]| run(&golden("policy.yaml"), language, more).status.code();
        assert_eq!(code(&["-o", written, "--check"]), Some(2), "there is no file");
        assert_eq!(code(&["-o", written]), Some(0));
        assert_eq!(fs::read_to_string(written).unwrap(), expected);
        fs::write(written, expected.replace('\n', "\r\n")).unwrap();
        assert_eq!(code(&["-o", written, "--check"]), Some(0));
        fs::write(written, expected.replace("segments:edit", "segments:change")).unwrap();
        assert_eq!(code(&["-o", written, "--check"]), Some(1));
    }
}

#[test]
fn the_names_are_those_of_the_policy() -> Result<(), RequestError> {
    let json = Command::new(env!("CARGO_BIN_EXE_rolecall")).arg("convert").arg(golden("policy.yaml")).output().unwrap();
    let policy = Policy::from_json(&text(&json.stdout)).unwrap();
    for (number, name) in [
        names::permission::SEGMENTS_VIEW,
        names::permission::SEGMENTS_EDIT,
        names::permission::SEGMENTS_ANNOTATE,
        names::permission::SETTINGS_2FA_CONFIGURE,
        names::permission::SETTINGS_ACCESS_MANAGEMENT_VIEW,
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(policy.permission(name)?.index() as usize, number);
    }
    assert!(policy.roles().eq([names::role::EDITOR_IN_CHIEF, names::role::VIEWER]));
    assert!(policy.labels().eq([names::label::HEALTH_RECORD, names::label::PII]));
    assert!(policy.boundaries().eq([names::boundary::DOMAIN]));
    assert!(policy.menus().eq([names::menu::MAIN]));
    Ok(())
}

#[test]
fn constants_that_would_hide_one_another_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.yaml");
    let written = "rolecall: 1\nscopes: [account]\nroles: {}\n\
                   resources: { a-b: { actions: [view] }, a: { resources: { b: { actions: [view] } } }, 1x: { actions: [view] } }\n";
    fs::write(&policy, written).unwrap();
    for language in ["python", "rust"] {
        let answer = run(&policy, language, &[]);
        assert_eq!(answer.status.code(), Some(2));
        assert!(
            text(&answer.stderr).contains("`a/b:view` and `a-b:view` would both be `A_B_VIEW`"),
            "{}",
            text(&answer.stderr)
        );
    }
    assert!(text(&run(&policy, "typescript", &[]).stdout).contains("label: never;"));
    fs::write(&policy, written.replace("a-b:", "c:")).unwrap();
    assert!(text(&run(&policy, "rust", &[]).stdout).contains("pub const _1X_VIEW: &str = \"1x:view\";"));
    let python = text(&run(&policy, "python", &[]).stdout);
    assert!(
        python.contains("import Final, Literal, NoReturn, TypeAlias")
            && python.contains("LabelName: TypeAlias = NoReturn")
    );
}
