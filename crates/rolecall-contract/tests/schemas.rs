//! The schemas accept what compiles and what is answered, and refuse what is out of shape.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Engine;
use rolecall::document::DocumentKind;
use rolecall_contract as contract;
use rolecall_yaml::YamlDocument;
use serde_json::Value;
use std::path::Path;

fn validator(name: &str) -> jsonschema::Validator {
    let schema = contract::schema::all().into_iter().find(|(file, _)| *file == name).unwrap().1;
    jsonschema::validator_for(&schema).unwrap()
}

fn worlds(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let document = YamlDocument::parse(DocumentKind::Policy, &text).unwrap();
    serde_json::to_value(document.value()).unwrap().as_array().unwrap().clone()
}

#[test]
fn good_documents_requests_and_answers_are_valid() {
    let [policy, directory, request, decision, menu, permissions, explanation, error] =
        ["policy", "directory", "request", "decision", "menu", "permissions", "explanation", "error"]
            .map(|name| validator(&format!("{name}.schema.json")));
    let [redacted_explanation, redacted, diff, violations] = ["explanation-redacted", "redacted", "diff", "violations"]
        .map(|name| validator(&format!("{name}.schema.json")));
    let mut ways = 0;
    let files = ["design.yaml", "guards.yaml", "roles.yaml", "menus.yaml", "changes.yaml", "redaction.yaml"];
    for world in files.iter().flat_map(|file| worlds(file)) {
        policy.validate(&world["policy"]).unwrap();
        directory.validate(&world["directory"]).unwrap();
        let engine = Engine::from_json(&world["policy"].to_string(), &world["directory"].to_string()).unwrap();
        let answered = |text: String| -> Value { serde_json::from_str(&text).unwrap() };
        for case in world["cases"].as_array().unwrap() {
            if case["explain"].is_object() {
                let answer = answered(contract::explain(&engine, &case["explain"].to_string()));
                ways += answer["would_allow"].as_array().unwrap().len();
                explanation.validate(&answer).unwrap();
                let question = case["explain"].to_string();
                redacted_explanation.validate(&answered(contract::explain_redacted(&engine, &question))).unwrap();
            } else if let (Some(given), true) = (case["session.redact"].as_object(), case["error"].is_null()) {
                let session = contract::session(&engine, &given["who"].to_string()).unwrap();
                let (record, labels) = (given["record"].to_string(), given["labels"].to_string());
                let mask = given.get("mask").and_then(Value::as_str);
                redacted
                    .validate(&answered(contract::session_redact(&session, &record, &labels, mask).unwrap()))
                    .unwrap();
            } else if let (Some(time), true) = (case["violations"].as_str(), case["error"].is_null()) {
                violations.validate(&answered(contract::violations(&engine, time))).unwrap();
            } else if let (Some(given), true) = (case["diff"].as_object(), case["error"].is_null()) {
                let of = |key: &str| given.get(key).unwrap_or(&world[key]).to_string();
                let after = Engine::from_json(&of("policy"), &of("directory")).unwrap();
                let time = given["time"].as_str().unwrap();
                diff.validate(&answered(contract::diff(&engine, &after, time))).unwrap();
            } else if case["check"].is_object() {
                request.validate(&case["check"]).unwrap();
                let question = case["check"].to_string();
                decision.validate(&answered(contract::check(&engine, &question))).unwrap();
                explanation.validate(&answered(contract::explain(&engine, &question))).unwrap();
            } else if case["permissions"].is_object() {
                let question = case["permissions"].to_string();
                permissions.validate(&answered(contract::permissions(&engine, &question))).unwrap();
            } else if let Some(given) = case["menu"].as_object() {
                let (name, who) = (given["name"].as_str().unwrap(), given["who"].to_string());
                let answer = answered(contract::menu(&engine, name, &who));
                if answer["error"].is_null() { menu.validate(&answer) } else { error.validate(&answer) }.unwrap();
            }
        }
    }
    assert!(ways > 10, "{ways}");
    for case in worlds("requests.yaml")[0]["cases"].as_array().unwrap() {
        let engine = Engine::from_json(
            &worlds("requests.yaml")[0]["policy"].to_string(),
            &worlds("requests.yaml")[0]["directory"].to_string(),
        )
        .unwrap();
        if let (Some(text), false) = (case["check"].as_str(), case["error"].is_null()) {
            error.validate(&serde_json::from_str(&contract::check(&engine, text)).unwrap()).unwrap();
        }
    }
}

#[test]
fn what_is_out_of_shape_is_invalid() {
    // Codes of issues that a schema can see; the rest is about what names refer to.
    let shape = [
        "key.unknown",
        "key.missing",
        "value.type",
        "value.range",
        "name.malformed",
        "boundary.value",
        "pattern.malformed",
        "scope.malformed",
        "group.malformed",
        "instant.malformed",
        "duration.malformed",
        "network.empty",
        "document.version",
    ];
    let [policy, directory] = ["policy", "directory"].map(|name| validator(&format!("{name}.schema.json")));
    let mut seen = 0;
    for world in worlds("issues.yaml") {
        let codes: Vec<&str> =
            world["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect();
        let (schema, document) = match &world["directory"] {
            Value::Null => (&policy, &world["policy"]),
            document => (&directory, document),
        };
        // A document is JSON text, or a map.
        let document = document.as_str().map_or_else(|| Ok(document.clone()), serde_json::from_str);
        let Ok(document) = document else { continue };
        if codes.iter().any(|code| shape.contains(code)) {
            seen += 1;
            assert!(!schema.is_valid(&document), "{}: {codes:?}", world["name"]);
        }
    }
    assert!(seen > 20, "{seen}");
    let request = validator("request.schema.json");
    let mut refused = 0;
    for case in worlds("requests.yaml")[0]["cases"].as_array().unwrap() {
        let shape = matches!(
            case["error"]["code"].as_str(),
            Some(
                "request.shape"
                    | "subject.malformed"
                    | "permission.malformed"
                    | "scope.malformed"
                    | "login.malformed"
                    | "role.malformed"
            )
        );
        let Some(question) = case["check"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
            continue;
        };
        // A schema cannot express duplicate keys, that a group is not a subject of a request, that a star is not a value, or
        // that this policy allows no capital letters.
        let inexpressible = ["duplicate", "a group cannot", "a star", "a permission with capital letters"]
            .iter()
            .any(|words| case["name"].as_str().unwrap().contains(words));
        if shape && !inexpressible {
            refused += 1;
            let question =
                if case["name"].as_str().unwrap().contains("control character") { continue } else { question };
            assert!(!request.is_valid(&question), "{}", case["name"]);
        }
    }
    assert!(refused > 15, "{refused}");
}

#[test]
fn the_presets_are_valid() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rolecall-presets/presets/blueconic.json");
    let preset: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    validator("policy.schema.json").validate(&preset).unwrap();
}
