//! Descriptions of keys, in keywords of JSON Schema.

use alloc::format;
use alloc::string::ToString;
use serde_json::{Map, Value, json};

/// The prefix of the `$comment` that lists the error codes of a key.
pub const CODES: &str = "codes: ";

/// Adds descriptions to the schema of a key.
pub(super) trait Describe: Sized {
    /// Adds a keyword.
    fn with(self, keyword: &str, value: Value) -> Value;

    /// Adds the description of the key.
    fn means(self, description: &str) -> Value {
        self.with("description", json!(description))
    }

    /// Adds the value of an absent key.
    fn or(self, default: Value) -> Value {
        self.with("default", default)
    }

    /// Adds an example.
    fn such_as(self, example: Value) -> Value {
        self.with("examples", json!([example]))
    }

    /// Adds the error codes of this key, in addition to those of every key.
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
