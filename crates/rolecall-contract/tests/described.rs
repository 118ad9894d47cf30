//! Tests that every key of a document has a description, an example that its schema accepts, and error codes that
//! exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::RequestErrorCode;
use rolecall::document::IssueCode;
use rolecall_contract::schema;
use serde_json::{Value, json};

/// Calls `one` with each key of a schema, its path and whether it is required.
fn each_key(schema: &Value, at: &str, one: &mut dyn FnMut(&str, &Value, bool)) {
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{at}.{key}");
        let required = schema["required"].as_array().is_some_and(|all| all.contains(&json!(key)));
        one(&path, value, required);
        each_key(value, &path, one);
    }
    for below in ["anyOf", "oneOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
        each_key(below, at, one);
    }
    for below in ["items", "additionalProperties"].iter().filter_map(|key| schema.get(*key)) {
        each_key(below, &format!("{at}[]"), one);
    }
    for (name, below) in schema["$defs"].as_object().into_iter().flatten() {
        each_key(below, &format!("{at}.{name}"), one);
    }
}

fn documents() -> impl Iterator<Item = (&'static str, Value)> {
    let names = ["policy.schema.json", "directory.schema.json", "request.schema.json"];
    schema::all().into_iter().filter(move |(name, _)| names.contains(name))
}

#[test]
fn every_key_is_described() {
    let mut keys = 0;
    for (name, document) in documents() {
        each_key(&document, name, &mut |path, key, required| {
            keys += 1;
            let description = key["description"].as_str().unwrap_or_default();
            assert!(description.split_whitespace().count() >= 3, "{path} has no description");
            assert!(description.ends_with('.'), "the description of {path} is not a sentence");
            assert!(key["examples"].as_array().is_some_and(|all| !all.is_empty()), "{path} has no example");
            assert!(!(required && key["default"] != Value::Null), "{path} is required and has a default");
            let explained = description.contains("absent") || description.contains("Nothing reads it");
            let title = path.ends_with(".title");
            let one_of_several = [".any", ".all"].iter().any(|end| path.ends_with(end));
            let command = path.starts_with("policy.schema.json.administration.");
            assert!(
                required || explained || title || one_of_several || command || key["default"] != Value::Null,
                "{path} is optional, and neither its default nor its description says what its absence means"
            );
        });
    }
    assert!(keys > 120, "{keys}");
}

#[test]
fn examples_and_defaults_are_valid() {
    for (name, document) in documents() {
        each_key(&document, name, &mut |path, key, _| {
            let mut schema = key.clone();
            if let Some(shared) = document.get("$defs") {
                schema["$defs"] = shared.clone();
            }
            let validator = jsonschema::validator_for(&schema).unwrap();
            let values = key["examples"].as_array().unwrap().iter();
            // The empty text is not an id, but it is the default of one.
            let default = key.get("default").filter(|default| **default != json!(""));
            for value in values.chain(default) {
                assert!(validator.is_valid(value), "{path}: {value}");
            }
        });
    }
}

#[test]
fn error_codes_exist() {
    let known: Vec<&str> = IssueCode::ALL
        .iter()
        .map(|code| code.as_str())
        .chain(RequestErrorCode::ALL.iter().map(|code| code.as_str()))
        .collect();
    let mut listed = 0;
    for (name, document) in documents() {
        each_key(&document, name, &mut |path, key, _| {
            let Some(comment) = key["$comment"].as_str() else { return };
            let codes = comment.strip_prefix(schema::CODES).unwrap_or_else(|| panic!("{path}: {comment}"));
            for code in codes.split(", ") {
                listed += 1;
                assert!(known.contains(&code), "{path}: there is no code `{code}`");
            }
        });
    }
    assert!(listed > 100, "{listed}");
}

#[test]
fn error_codes_follow_from_the_kind_of_value() {
    let mut keys = 0;
    for (name, document) in documents().filter(|(name, _)| !name.starts_with("request")) {
        each_key(&document, name, &mut |path, key, _| {
            let codes: Vec<&str> =
                key["$comment"].as_str().unwrap_or_default().trim_start_matches(schema::CODES).split(", ").collect();
            let is_name =
                |value: &Value| value["pattern"].as_str().is_some_and(|text| schema::grammar(text) == Some("name"));
            let forms = key["anyOf"].as_array().cloned().unwrap_or_else(|| vec![key.clone()]);
            for form in forms {
                for (applies, code) in [
                    (form["enum"].is_array() || form["const"].is_string(), "value.range"),
                    (is_name(&form) || is_name(&form["items"]), "name.malformed"),
                    (form["maxItems"].is_u64(), "limit.exceeded"),
                ] {
                    keys += usize::from(applies);
                    assert!(!applies || codes.contains(&code), "{path} does not list `{code}`");
                }
            }
        });
    }
    assert!(keys > 40, "{keys}");
}
