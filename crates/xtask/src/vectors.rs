//! The shared vectors, made ready for the faces: one JSON file with texts in and expectations out.

use crate::generate::yaml_to_json;
use crate::shell::{at, write};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Writes target/vectors.json from tests/vectors/*.yaml.
pub(crate) fn prepare() -> Result<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(at("tests/vectors"))?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let mut worlds = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let document = yaml_to_json(&path)?;
        for world in document.as_array().with_context(|| format!("{file} is a list of worlds"))? {
            worlds.push(prepared(&file, world));
        }
    }
    let out = at("target/vectors.json");
    write(&out, serde_json::to_string(&worlds)?.as_bytes())?;
    Ok(out)
}

fn prepared(file: &str, world: &Value) -> Value {
    let text = |key: &str| match world.get(key) {
        Some(Value::String(text)) => json!(text),
        Some(document) => json!(document.to_string()),
        None => Value::Null,
    };
    let cases: Vec<Value> = world.get("cases").and_then(Value::as_array).into_iter().flatten().map(case).collect();
    json!({
        "name": format!("{file}: {}", world.get("name").and_then(Value::as_str).unwrap_or_default()),
        "policy": text("policy"), "directory": text("directory"), "issues": world.get("issues"), "cases": cases
    })
}

/// An ask as a list of words, and what is expected: the whole answer, a part of it, or the code of an error.
fn case(case: &Value) -> Value {
    let word = |value: &Value| match value {
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    let get = |key: &str| case.get(key);
    let ask = match (get("check"), get("explain"), get("menu"), get("permissions")) {
        (Some(request), ..) => json!(["check", word(request)]),
        (_, Some(request), ..) => json!(["explain", word(request)]),
        (_, _, Some(name), _) => json!(["menu", name, word(get("who").unwrap_or(&Value::Null))]),
        (_, _, _, Some(who)) => json!(["permissions", word(who)]),
        _ => Value::Null,
    };
    let answer = get("answer").map(Value::to_string);
    json!({ "name": get("name"), "ask": ask, "answer": answer, "expect": get("expect"), "error": get("error") })
}
