//! The shared vectors, made ready for the faces: texts in, and what is expected.

use anyhow::{Context, Result, anyhow};
use rolecall::document::DocumentKind;
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn yaml(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let document =
        YamlDocument::parse(DocumentKind::Policy, &text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(serde_json::to_value(document.value())?)
}

/// Reads tests/vectors/*.yaml and the rows of tests/products: a list of `{name, policy, directory, issues, cases}`, in which each case is
/// `{name, ask, answer, expect, error}`.
///
/// # Errors
/// A file that is no list of worlds.
pub fn load() -> Result<Value> {
    let folder = root().join("tests/vectors");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let mut worlds = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let document = yaml(&path)?;
        for world in document.as_array().with_context(|| format!("{file} is a list of worlds"))? {
            worlds.push(prepared(&file, world)?);
        }
    }
    worlds.extend(crate::products::load()?);
    Ok(Value::Array(worlds))
}

pub(crate) fn prepared(file: &str, world: &Value) -> Result<Value> {
    let text = |key: &str| -> Result<Value> {
        Ok(match world.get(key) {
            Some(Value::String(text)) => match text.strip_prefix("file:") {
                Some(path) => json!(yaml(&root().join(path))?.to_string()),
                None => json!(text),
            },
            None | Some(Value::Null) => Value::Null,
            Some(document) => json!(document.to_string()),
        })
    };
    let (policy, directory) = (text("policy")?, text("directory")?);
    let complete = |one: &Value| {
        let mut one = one.clone();
        // What a difference does not change is as it was.
        for kind in ["diff", "apply"] {
            if let Some(given) = one.get_mut(kind).and_then(Value::as_object_mut) {
                given.entry("policy").or_insert_with(|| policy.clone());
                given.entry("directory").or_insert_with(|| directory.clone());
            }
        }
        case(&one)
    };
    let cases: Vec<Value> = world["cases"].as_array().into_iter().flatten().map(complete).collect();
    let name = format!("{file}: {}", world["name"].as_str().unwrap_or_default());
    Ok(json!({
        "name": name, "policy": policy, "directory": directory, "issues": world.get("issues"),
        "cases": cases
    }))
}

/// A text in which `{fill:N}` is N letters.
fn filled(text: &str) -> String {
    let parts = text.split_once("{fill:").and_then(|(before, rest)| {
        let (count, behind) = rest.split_once('}')?;
        Some([before, &"x".repeat(count.parse().ok()?), behind].concat())
    });
    parts.unwrap_or_else(|| text.to_string())
}

/// An ask as a list of words, and what is expected: the whole answer, a part of it, or an error.
fn case(case: &Value) -> Value {
    let word = |value: &Value| match value {
        Value::String(text) => json!(filled(text)),
        Value::Null => Value::Null,
        other => json!(other.to_string()),
    };
    let get = |key: &str| case.get(key);
    let one = |kind: &str| get(kind).map(|value| json!([kind, word(value)]));
    let several = |kind: &str, keys: &[&str]| {
        let given = get(kind)?;
        let words = keys.iter().map(|key| word(&given[*key]));
        Some(Value::Array([json!(kind)].into_iter().chain(words).collect()))
    };
    let ask = one("check")
        .or_else(|| one("explain"))
        .or_else(|| one("explain-redacted"))
        .or_else(|| one("violations"))
        .or_else(|| one("permissions"))
        .or_else(|| one("effective"))
        .or_else(|| one("granting-roles"))
        .or_else(|| several("who-can", &["permission", "at", "time"]))
        .or_else(|| several("where-can", &["subject", "permission", "time"]))
        .or_else(|| several("redact", &["who", "record", "labels", "mask"]))
        .or_else(|| several("can-by-names", &["subject", "permission", "at", "millis"]))
        .or_else(|| several("apply", &["policy", "directory", "changes", "who"]))
        .or_else(|| several("portable", &["who", "coverage", "question"]))
        .or_else(|| several("snapshot", &["who", "damage"]))
        .or_else(|| several("diff", &["policy", "directory", "time"]))
        .unwrap_or_else(|| json!(["menu", get("menu"), word(&case["who"])]));
    let answer = get("answer").map(Value::to_string);
    json!({ "name": get("name"), "ask": ask, "answer": answer, "expect": get("expect"), "error": get("error") })
}

/// Tells what is wrong with an answer; nothing where it is as expected.
#[must_use]
pub fn difference(case: &Value, answer: &str) -> Option<String> {
    if let Some(whole) = case["answer"].as_str() {
        return (whole != answer).then(|| format!("expected {whole}\n     got {answer}"));
    }
    let told: Value = serde_json::from_str(answer).ok()?;
    let (part, told) = match &case["error"] {
        Value::Null => (&case["expect"], &told),
        error => (error, &told["error"]),
    };
    let expected = part.as_object()?;
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(key, value)| told.get(key.as_str()) != Some(value))
        .map(|(key, value)| format!("expected {key} {value} in {answer}"))
        .collect();
    (!wrong.is_empty()).then(|| wrong.join("\n"))
}

/// Tells what is wrong with the issues of documents.
#[must_use]
pub fn issue_difference(expected: &Value, issues: &Value) -> Option<String> {
    let (wanted, told) = (expected.as_array()?, issues.as_array()?);
    let fits = |(wanted, told): (&Value, &Value)| {
        wanted.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| told.get(key) == Some(value)))
    };
    let mut told_in_order: Vec<&Value> = told.iter().collect();
    // Issues are told in the order of the text; the vectors list them in any order.
    let all = wanted.iter().all(|wanted| {
        let found = told_in_order.iter().position(|told| fits((wanted, told)));
        found.map(|found| told_in_order.remove(found)).is_some()
    });
    (!all || !told_in_order.is_empty()).then(|| format!("expected {expected}\n     got {issues}"))
}
