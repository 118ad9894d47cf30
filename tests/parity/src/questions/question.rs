//! A question, and how a vector writes it.

use super::argument::{Argument as _, Json};
use super::wire::Wire;
use super::{EngineCall, Kind, PortableCall, SessionCall};
use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A question to an engine, to a session of it, or to a portable session.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(into = "Wire", try_from = "Wire")]
pub enum Question {
    Engine(EngineCall),
    Session { who: Json, call: SessionCall },
    Portable { who: Json, coverage: Json, at: Option<String>, time: String, damage: Option<usize>, call: PortableCall },
}

/// The arguments that open a portable session, apart from those of its call.
const OPENING: [&str; 5] = ["who", "coverage", "at", "time", "damage"];

impl Question {
    /// Returns every kind of question.
    pub fn kinds() -> impl Iterator<Item = Kind> {
        [EngineCall::KINDS, SessionCall::KINDS, PortableCall::KINDS].concat().into_iter()
    }

    /// Returns the kind of this question.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Engine(call) => call.kind(),
            Self::Session { call, .. } => call.kind(),
            Self::Portable { call, .. } => call.kind(),
        }
    }

    /// Reads a question as a vector writes it: the arguments by name, or only the value if the kind has a single
    /// argument.
    ///
    /// # Errors
    /// An unknown kind, or an argument that is missing, unknown or of another type.
    pub fn written(call: &str, given: &Value) -> Result<Self> {
        let arguments: Vec<&str> = match call.split_once('.') {
            Some(("portable", _)) => OPENING.into_iter().chain(PortableCall::arguments(call).iter().copied()).collect(),
            Some(_) => ["who"].into_iter().chain(SessionCall::arguments(call).iter().copied()).collect(),
            None => EngineCall::arguments(call).to_vec(),
        };
        let mut map = match (&arguments[..], given) {
            ([only], _) => Map::from_iter([(only.to_string(), given.clone())]),
            (_, Value::Object(map)) => map.clone(),
            _ => bail!("`{call}` has the arguments {}", arguments.join(", ")),
        };
        let question = match call.split_once('.') {
            Some(("portable", _)) => Self::Portable {
                who: Json::written(map.remove("who"), "who")?,
                coverage: Json::written(map.remove("coverage"), "coverage")?,
                at: Option::written(map.remove("at"), "at")?,
                time: String::written(map.remove("time"), "time")?,
                damage: Option::written(map.remove("damage"), "damage")?,
                call: PortableCall::written(call, &mut map)?,
            },
            Some(_) => Self::Session {
                who: Json::written(map.remove("who"), "who")?,
                call: SessionCall::written(call, &mut map)?,
            },
            None => Self::Engine(EngineCall::written(call, &mut map)?),
        };
        if let Some(unknown) = map.keys().next() {
            bail!("`{unknown}` is not an argument of `{call}`, which has {}", arguments.join(", "));
        }
        Ok(question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(call: &str, given: &Value) -> Value {
        serde_json::to_value(Question::written(call, given).unwrap()).unwrap()
    }

    #[test]
    fn the_json_of_a_question_names_the_method_and_its_arguments() {
        let given = json!({ "permission": "a:view", "at": "acme", "time": "2026-11-21T10:00:00Z" });
        let expected = json!({
            "call": "who_can", "args": ["a:view"], "options": { "at": "acme", "time": "2026-11-21T10:00:00Z" }
        });
        assert_eq!(sent("who_can", &given), expected);
        let who = json!({ "subject": "user:ada", "at": "acme", "context": {} });
        let expected = json!({ "call": "session.effective", "who": who, "args": [] });
        assert_eq!(sent("session.effective", &who), expected);
        let given = json!({ "who": who, "coverage": {}, "time": "t", "permission": "a:view" });
        let expected = json!({ "call": "portable.can", "who": who, "coverage": {}, "time": "t", "args": ["a:view"] });
        assert_eq!(sent("portable.can", &given), expected);
        let given = json!({ "who": who, "record": "[1, 2]", "labels": {} });
        let expected = json!({ "call": "session.redact", "who": who, "args": [[1, 2], {}], "options": {} });
        assert_eq!(sent("session.redact", &given), expected);
        assert_eq!(sent("check", &json!("{ no json")), json!({ "call": "check", "text": true, "args": ["{ no json"] }));
    }

    #[test]
    fn a_question_survives_sending_and_receiving() {
        let who = json!({ "subject": "user:ada", "at": "acme", "context": {} });
        for (call, given) in [
            ("check", json!({ "subject": "user:ada" })),
            ("snapshot", json!({ "who": who, "damage": 3 })),
            ("session.to_bytes", json!({ "who": who, "menus": ["main"] })),
            ("session.to_view", json!({ "who": who, "permissions": ["a:view"] })),
            (
                "portable.redact",
                json!({ "who": who, "coverage": {}, "time": "t", "record": [], "labels": {}, "mask": "x" }),
            ),
        ] {
            let text = serde_json::to_string(&Question::written(call, &given).unwrap()).unwrap();
            let again: Question = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::to_string(&again).unwrap(), text);
        }
    }

    #[test]
    fn mistakes_in_a_vector_are_errors() {
        let wrong = |call: &str, given: Value| format!("{:#}", Question::written(call, &given).unwrap_err());
        assert_eq!(wrong("who_cna", json!({})), "`who_cna` is not a kind of question");
        assert_eq!(wrong("who_can", json!({ "permission": "a:view" })), "`at` is missing");
        let given = json!({ "permission": "a:view", "at": "acme", "time": "t", "tiem": "t" });
        assert!(wrong("who_can", given).starts_with("`tiem` is not an argument of `who_can`"));
        assert!(wrong("session.who", json!({})).contains("is not a kind"));
    }
}
