//! Parsing of requests. Unknown keys are ignored, and errors name the path.

use rolecall::{RequestError, RequestErrorCode, Value};
use std::borrow::Cow;
use std::collections::HashSet;

/// Parses a request, which must be an object.
pub(crate) fn request(text: &str) -> Result<Value<'_>, RequestError> {
    let tree: Value<'_> = serde_json::from_str(text).map_err(|error| {
        let what = if text.trim().is_empty() { "the body is empty".to_string() } else { error.to_string() };
        RequestError::new(RequestErrorCode::RequestJson, "", what).with_help("send one JSON object")
    })?;
    Object::of(&tree, "")?;
    Ok(tree)
}

pub(crate) fn shape(path: &str, message: impl Into<String>) -> RequestError {
    RequestError::new(RequestErrorCode::RequestShape, path, message)
}

fn wrong(value: &Value<'_>, path: &str, expected: &str) -> RequestError {
    let place = if path.is_empty() { "the request" } else { path };
    shape(path, format!("{place} must be {expected}, not {}", value.kind()))
}

pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_string() } else { format!("{path}.{key}") }
}

/// The maximum number of keys that are compared with each other. For objects with more keys, a set finds duplicates.
const FEW: usize = 16;

/// Returns the first duplicate key.
fn repeated<'e>(entries: &'e [(Cow<'_, str>, Value<'_>)]) -> Option<&'e str> {
    let mut keys = entries.iter().map(|(key, _)| &**key);
    if entries.len() <= FEW {
        let before = |place: usize, key: &str| entries.iter().take(place).any(|(known, _)| known == key);
        return keys.enumerate().find(|(place, key)| before(*place, key)).map(|(_, key)| key);
    }
    let mut seen = HashSet::with_capacity(entries.len());
    keys.find(|key| !seen.insert(*key))
}

/// An object without duplicate keys.
#[derive(Clone, Copy)]
pub(crate) struct Object<'v> {
    entries: &'v [(Cow<'v, str>, Value<'v>)],
}

impl<'v> Object<'v> {
    pub(crate) const EMPTY: Self = Self { entries: &[] };

    pub(crate) fn of(value: &'v Value<'v>, path: &str) -> Result<Self, RequestError> {
        let Value::Map(entries) = value else { return Err(wrong(value, path, "an object")) };
        match repeated(entries) {
            Some(key) => Err(shape(&join(path, key), format!("`{key}` occurs twice"))),
            None => Ok(Self { entries }),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'v Value<'v>> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'v str, &'v Value<'v>)> + use<'v> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }

    pub(crate) fn object(&self, key: &str, path: &str) -> Result<Option<Self>, RequestError> {
        self.get(key).map(|value| Self::of(value, &join(path, key))).transpose()
    }

    pub(crate) fn text(&self, key: &str, path: &str) -> Result<Option<&'v str>, RequestError> {
        self.get(key).map(|value| text(value, &join(path, key))).transpose()
    }

    pub(crate) fn flag(&self, key: &str, path: &str) -> Result<bool, RequestError> {
        match self.get(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong(other, &join(path, key), "true or false")),
        }
    }
}

pub(crate) fn text<'v>(value: &'v Value<'v>, path: &str) -> Result<&'v str, RequestError> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(wrong(other, path, "a string")),
    }
}

pub(crate) fn list<'v>(value: &'v Value<'v>, path: &str) -> Result<&'v [Value<'v>], RequestError> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(wrong(other, path, "an array")),
    }
}

/// Reads a string or an array of strings.
pub(crate) fn texts<'v>(value: &'v Value<'v>, path: &str) -> Result<Vec<&'v str>, RequestError> {
    match value {
        Value::Text(one) => Ok(vec![one]),
        Value::List(items) => {
            items.iter().enumerate().map(|(index, item)| text(item, &format!("{path}[{index}]"))).collect()
        }
        other => Err(wrong(other, path, "a string or an array of strings")),
    }
}

/// Reads a whole number of 1 or more. Larger numbers than `usize::MAX` become `usize::MAX`.
pub(crate) fn count(value: &Value<'_>, path: &str) -> Result<usize, RequestError> {
    let given = match value {
        Value::Int(number) if *number > 0 => return Ok(usize::try_from(*number).unwrap_or(usize::MAX)),
        // `8.0` is a whole number in JSON. The cast saturates.
        Value::Float(number) if *number >= 1.0 && number % 1.0 == 0.0 => return Ok(*number as usize),
        Value::Int(number) => format!("`{number}`"),
        Value::Float(number) => format!("`{number}`"),
        other => other.kind().to_string(),
    };
    let message = format!("{path} must be a whole number of 1 or more, not {given}");
    Err(shape(path, message).with_help("leave it out for pages of the largest size"))
}
