//! The texts of error and reason codes describe exactly the codes of the code base.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::RequestErrorCode;
use rolecall::document::IssueCode;
use rolecall_admin::RefusalCode;
use rolecall_authzen::UnknownCode;
use rolecall_pass::PassCode;
use rolecall_server::{ServerCode, SessionCode};
use rolecall_store::StoreCode;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Output};

fn sections() -> Value {
    serde_json::from_str(include_str!("../src/codes.json")).unwrap()
}

fn described<'s>(sections: &'s Value, name: &str) -> BTreeSet<(&'s str, Option<u64>)> {
    let section = sections.as_array().unwrap().iter().find(|section| section["name"] == name).unwrap();
    let codes = section["codes"].as_array().unwrap().iter();
    codes.map(|code| (code["code"].as_str().unwrap(), code["status"].as_u64())).collect()
}

#[test]
fn every_code_is_described_and_nothing_else() {
    let texts = sections();
    let check = |name: &str, codes: Vec<&str>| {
        let described: BTreeSet<&str> = described(&texts, name).into_iter().map(|(code, _)| code).collect();
        assert_eq!(described, codes.into_iter().collect(), "{name}");
    };
    check("reasons", rolecall_contract::REASONS.to_vec());
    check("documents", IssueCode::ALL.iter().map(|code| code.as_str()).collect());
    check("requests", RequestErrorCode::ALL.iter().map(|code| code.as_str()).collect());
    check("refusals", RefusalCode::ALL.iter().map(|code| code.as_str()).collect());
    check("store", StoreCode::ALL.iter().map(|code| code.as_str()).collect());
    check("passes", PassCode::ALL.iter().map(|code| code.as_str()).collect());
    check("sessions", SessionCode::ALL.iter().map(|code| code.as_str()).collect());
    check("authzen", UnknownCode::ALL.iter().map(|code| code.as_str()).collect());
}

#[test]
fn every_code_of_the_server_is_described_with_its_status() {
    let texts = sections();
    let mut all = described(&texts, "server");
    all.append(&mut described(&texts, "login"));
    let codes = ServerCode::ALL.iter().map(|code| (code.as_str(), Some(u64::from(code.status()))));
    assert_eq!(all, codes.collect());
}

fn codes(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rolecall")).arg("codes").args(args).output().unwrap()
}

#[test]
fn a_code_is_explained_in_every_list_that_has_it() {
    let output = codes(&["role.unknown"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text.matches("role.unknown  ").count(), 2, "{text}");
    assert!(text.contains("error of a document") && text.contains("refusal of administration"), "{text}");
    assert_eq!(text.matches("  cause    ").count(), 2, "{text}");
    for (code, shown) in [("boundary:domain", "boundary:NAME"), ("http.503", "http.STATUS"), ("denied", "denied")] {
        assert!(String::from_utf8(codes(&[code]).stdout).unwrap().starts_with(&format!("{shown}  ")), "{code}");
    }
}

#[test]
fn an_unknown_code_gets_the_nearest_name() {
    let output = codes(&["administrator.lst"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("did you mean `administrator.last`?"), "{text}");
    assert!(String::from_utf8(codes(&["qqqqqqqq"]).stderr).unwrap().contains("`rolecall codes` lists all codes"));
}

#[test]
fn all_codes_are_listed() {
    let text = String::from_utf8(codes(&[]).stdout).unwrap();
    let listed: Value = serde_json::from_slice(&codes(&["--json"]).stdout).unwrap();
    let listed = listed.as_array().unwrap();
    let texts = sections();
    let count: usize = texts.as_array().unwrap().iter().map(|section| section["codes"].as_array().unwrap().len()).sum();
    assert_eq!(listed.len(), count);
    for code in listed {
        assert!(text.contains(&format!("\n  {}\n", code["code"].as_str().unwrap())), "{code}");
        assert!(code["cause"].is_string() && code["fix"].is_string() && code["page"].is_string(), "{code}");
    }
}

/// Runs the command, and returns its standard output.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rolecall")).args(args).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn vectors(name: &str) -> Vec<Value> {
    let path = format!("{}/../../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&printed(&["convert", &path])).unwrap()
}

/// Checks that each example of a list is a message that the vectors lead to.
fn check_examples(name: &str, messages: &BTreeSet<String>) {
    let texts = sections();
    let section = texts.as_array().unwrap().iter().find(|section| section["name"] == name).unwrap();
    let examples = section["codes"].as_array().unwrap().iter().filter_map(|code| code["example"].as_str());
    let missing: Vec<&str> = examples.filter(|example| !messages.contains(*example)).collect();
    assert!(missing.is_empty(), "no vector leads to these examples: {missing:#?}");
}

#[test]
fn examples_of_documents_and_requests_are_real_messages() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        let text = document.as_str().map_or_else(|| document.to_string(), String::from);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let mut messages = BTreeSet::new();
    let documents = ["issues.yaml", "instances.yaml"].into_iter().flat_map(vectors);
    for vector in documents.filter(|vector| !vector["policy"].is_null()) {
        let policy = write("policy", &vector["policy"]);
        let mut args = vec!["validate", "--json", "--policy", &policy];
        let directory = (!vector["directory"].is_null()).then(|| write("directory", &vector["directory"]));
        args.extend(directory.iter().flat_map(|path| ["--directory", path]));
        let answer: Value = serde_json::from_str(&printed(&args)).unwrap_or_default();
        let issues = answer["issues"].as_array().into_iter().flatten();
        messages.extend(issues.filter_map(|issue| issue["message"].as_str().map(String::from)));
    }
    check_examples("documents", &messages);

    messages.clear();
    for vector in ["requests.yaml", "stated.yaml"].into_iter().flat_map(vectors) {
        let (policy, directory) = (write("policy", &vector["policy"]), write("directory", &vector["directory"]));
        let cases = vector["cases"].as_array().into_iter().flatten();
        // A request is a JSON text, or a map.
        let text = |request: &Value| request.as_str().map_or_else(|| request.to_string(), String::from);
        let requests = cases.map(|case| &case["check"]).filter(|request| !request.is_null());
        let lines: Vec<String> = requests.map(|request| text(request).replace('\n', " ")).collect();
        let requests = write("requests", &Value::String(lines.join("\n")));
        let args = ["check", "--policy", &policy, "--directory", &directory, "--requests", &requests];
        let answers = printed(&args);
        let answers = answers.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        messages.extend(answers.filter_map(|answer| answer["error"]["message"].as_str().map(String::from)));
    }
    check_examples("requests", &messages);
}
