//! Arguments of questions: how a vector writes them, and how bindings receive them.

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::fmt;

/// A value that bindings receive as a value of their language. Its text remains as it was written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Creates a value from a text, which must be JSON.
    ///
    /// # Errors
    /// A text that is not JSON.
    pub fn from_text(text: &str) -> Result<Self> {
        Ok(Self(RawValue::from_string(text.to_string()).with_context(|| format!("not JSON: {text:.80}"))?))
    }

    /// Returns the JSON text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(to_raw_value(&value).unwrap())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// An argument of a question.
pub(super) trait Argument: Sized {
    /// Reads the argument of a vector.
    fn written(value: Option<Value>, name: &str) -> Result<Self>;
    /// Returns the JSON of a world, or `None` if the argument is absent.
    fn sent(&self) -> Option<Json>;
    /// Reads the JSON of a world.
    fn received(json: Option<Json>, name: &str) -> Result<Self>;
}

fn given<T>(value: Option<T>, name: &str) -> Result<T> {
    value.with_context(|| format!("`{name}` is missing"))
}

fn read<T: DeserializeOwned>(json: Option<Json>, name: &str) -> Result<T> {
    serde_json::from_str(given(json, name)?.text()).with_context(|| format!("`{name}`"))
}

/// A text. A vector may write JSON instead, and `{fill:N}` for N letters.
impl Argument for String {
    fn written(value: Option<Value>, name: &str) -> Result<Self> {
        Ok(match given(value, name)? {
            Value::String(text) => filled(&text),
            other => other.to_string(),
        })
    }

    fn sent(&self) -> Option<Json> {
        Some(Value::from(self.as_str()).into())
    }

    fn received(json: Option<Json>, name: &str) -> Result<Self> {
        read(json, name)
    }
}

/// A value. A vector may write its JSON text instead.
impl Argument for Json {
    fn written(value: Option<Value>, name: &str) -> Result<Self> {
        match given(value, name)? {
            Value::String(text) => Self::from_text(&text).with_context(|| format!("`{name}`")),
            other => Ok(other.into()),
        }
    }

    fn sent(&self) -> Option<Json> {
        Some(self.clone())
    }

    fn received(json: Option<Json>, name: &str) -> Result<Self> {
        given(json, name)
    }
}

impl Argument for Vec<Json> {
    fn written(value: Option<Value>, name: &str) -> Result<Self> {
        let Value::Array(items) = given(value, name)? else { bail!("`{name}` is not a list") };
        Ok(items.into_iter().map(Json::from).collect())
    }

    fn sent(&self) -> Option<Json> {
        Some(Json(to_raw_value(self).unwrap()))
    }

    fn received(json: Option<Json>, name: &str) -> Result<Self> {
        read(json, name)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Argument for $number {
            fn written(value: Option<Value>, name: &str) -> Result<Self> {
                serde_json::from_value(given(value, name)?).with_context(|| format!("`{name}`"))
            }

            fn sent(&self) -> Option<Json> {
                Some(Value::from(*self).into())
            }

            fn received(json: Option<Json>, name: &str) -> Result<Self> {
                read(json, name)
            }
        }
    )*};
}

numbers!(i64, usize);

impl<T: Argument> Argument for Option<T> {
    fn written(value: Option<Value>, name: &str) -> Result<Self> {
        value.map(|value| T::written(Some(value), name)).transpose()
    }

    fn sent(&self) -> Option<Json> {
        self.as_ref().and_then(T::sent)
    }

    fn received(json: Option<Json>, name: &str) -> Result<Self> {
        json.map(|json| T::received(Some(json), name)).transpose()
    }
}

/// A text in which `{fill:N}` is N letters.
fn filled(text: &str) -> String {
    let parts = text.split_once("{fill:").and_then(|(before, rest)| {
        let (count, behind) = rest.split_once('}')?;
        Some([before, &"x".repeat(count.parse().ok()?), behind].concat())
    });
    parts.unwrap_or_else(|| text.to_string())
}
