//! All bindings use the same names. They differ only in snake, camel and kebab case.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::document::DocumentKind;
use rolecall_parity::questions::Question;
use rolecall_yaml::YamlDocument;
use serde_json::Value;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_string();
    words.fold(first, |so_far, word| so_far + &word[..1].to_uppercase() + &word[1..])
}

/// Returns the part of a text between a beginning and the next line that equals `end`.
fn section(text: &str, begin: &str, end: &str) -> String {
    let start = text.find(begin).unwrap_or_else(|| panic!("no {begin}"));
    let rest = &text[start..];
    rest[..rest.find(end).unwrap_or(rest.len())].to_string()
}

/// Returns all source files below a folder, concatenated.
fn sources(folder: &str, extension: &str) -> String {
    let mut texts = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                texts += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    texts
}

/// Returns every block of a text with a beginning, up to its closing brace.
fn sections(text: &str, begin: &str) -> String {
    text.split(begin).skip(1).map(|rest| rest.split("\n}\n").next().unwrap()).collect()
}

#[test]
fn every_binding_has_the_names() {
    let names: Value =
        serde_json::to_value(YamlDocument::parse(DocumentKind::Policy, &read("tests/api-names.yaml")).unwrap().value())
            .unwrap();
    let mut missing = Vec::new();
    let mut checked = 0;
    for (kind, methods) in names.as_object().unwrap() {
        let mut title = kind[..1].to_uppercase() + &kind[1..];
        let mut resource = kind.clone();
        if kind == "portable" {
            title += "Session";
            resource += "-session";
        }
        let rust = sections(&sources("crates/rolecall/src", "rs"), &format!("impl {title} {{"));
        let scripts = sources("bindings/js/api", "ts");
        // A class also has the methods of its base class, which answers without a compiler.
        let script =
            sections(&scripts, &format!("class {title} ")) + &sections(&scripts, &format!("class Snapshot{title} "));
        let python =
            section(&read("bindings/python/python/rolecall/_core.pyi"), &format!("class {title}:"), "\n@final");
        let wit = if kind == "policy" {
            String::new()
        } else {
            section(&read("wasm/component/wit/rolecall.wit"), &format!("resource {resource} {{"), "\n    }\n")
        };
        for (name, except) in methods.as_object().unwrap() {
            for (binding, found) in [
                ("rust", ["(", "<"].iter().any(|end| rust.contains(&format!("pub fn {name}{end}")))),
                (
                    "javascript",
                    [
                        format!("  {}(", camel(name)),
                        format!("  {}<", camel(name)),
                        format!("static {}(", camel(name)),
                        format!("get {}(", camel(name)),
                        format!("readonly {}:", camel(name)),
                    ]
                    .iter()
                    .any(|way| script.contains(way)),
                ),
                ("python", python.contains(&format!("    def {name}("))),
                ("component", wit.contains(&format!(" {}: ", name.replace('_', "-")))),
            ] {
                checked += 1;
                let excused = except.get(binding).is_some();
                if found == excused {
                    missing.push(format!(
                        "{binding}: {title}.{name} {}",
                        if excused { "exists, but is listed as an exception" } else { "is missing" }
                    ));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(checked > 50);
}

/// Bindings look up the method of a question by its name.
#[test]
fn every_kind_of_question_has_a_name_of_the_api() {
    let names: Value =
        serde_json::to_value(YamlDocument::parse(DocumentKind::Policy, &read("tests/api-names.yaml")).unwrap().value())
            .unwrap();
    for kind in Question::kinds().filter(|kind| !kind.own) {
        let (of, name) = kind.call.split_once('.').unwrap_or(("engine", kind.call));
        // An engine answers with JSON text, a session with values.
        let is_known = names[of].get(name).is_some() || kind.text && names["session"].get(name).is_some();
        assert!(is_known, "`tests/api-names.yaml` has no `{name}` under `{of}`");
    }
}
