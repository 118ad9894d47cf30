//! JSON values and scopes as texts.

use super::formats::write_instant;
use serde_json::{Value, json};

pub(super) fn error(code: &str) -> Value {
    json!({ "error": { "code": code } })
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_string()).collect()
}

pub(super) fn keys(value: &Value) -> Vec<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

/// Returns a scope and the scopes above it, innermost first.
pub(super) fn upwards(at: &str) -> Vec<String> {
    let segments: Vec<&str> = at.split('/').collect();
    (1..=segments.len()).rev().map(|count| segments[..count].join("/")).collect()
}

pub(super) fn with_until(mut answer: Value, until: Option<i64>) -> Value {
    if let Some(until) = until {
        answer["valid_until"] = json!(write_instant(until));
    }
    answer
}
