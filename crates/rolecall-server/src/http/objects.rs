//! Deserializes request bodies.

use crate::problem::Problem;
use rolecall::{RequestError, RequestErrorCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Deserializes a body in which the given places, if present, must be objects. Lists of field values in order are
/// rejected, and so is `null` anywhere.
pub(super) fn read_objects<T: DeserializeOwned>(text: &str, places: &[&str]) -> Result<T, Problem> {
    let refused =
        |path: &str, message: &str| Problem::from(RequestError::new(RequestErrorCode::RequestShape, path, message));
    let json: Value = serde_json::from_str(text)
        .map_err(|error| RequestError::new(RequestErrorCode::RequestJson, "", error.to_string()))?;
    for place in places {
        if json.pointer(place).is_some_and(|value| !value.is_object()) {
            let path = place.trim_start_matches('/').replace('/', ".");
            return Err(refused(&path, "this must be an object"));
        }
    }
    if holds_null(&json) {
        return Err(refused("", "`null` is not allowed").with_help("leave the key out instead"));
    }
    serde_json::from_str(text).map_err(|error| refused("", &error.to_string()))
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(entries) => entries.values().any(holds_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
