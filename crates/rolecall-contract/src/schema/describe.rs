//! Descriptions of keys, in the keywords that JSON Schema has for them.

use alloc::format;
use alloc::string::ToString;
use serde_json::{Map, Value, json};

/// Begins the `$comment` that lists the error codes of a key.
pub const CODES: &str = "codes: ";

/// Adds what the schema of a key means.
pub(super) trait Describe: Sized {
    /// Adds a keyword.
    fn with(self, keyword: &str, value: Value) -> Value;

    /// Says what the key means.
    fn means(self, description: &str) -> Value {
        self.with("description", json!(description))
    }

    /// Says which value an absent key has.
    fn or(self, default: Value) -> Value {
        self.with("default", default)
    }

    /// Gives an example.
    fn such_as(self, example: Value) -> Value {
        self.with("examples", json!([example]))
    }

    /// Lists the error codes that are about this key, in addition to those that every key has.
    fn codes(self, codes: &str) -> Value {
        self.with("$comment", json!(format!("{CODES}{codes}")))
    }
}

impl Describe for Value {
    fn with(self, keyword: &str, value: Self) -> Self {
        let mut keys = match self {
            Self::Object(keys) => keys,
            _ => Map::new(),
        };
        keys.insert(keyword.to_string(), value);
        Self::Object(keys)
    }
}
