//! Questions about assignments as JSON, for bindings that take one text.

use super::kinds::EngineCall;
use serde_json::{Map, Value, json};

/// Returns the JSON of a question about holders, groups or assignments.
#[must_use]
pub fn question(call: &EngineCall) -> String {
    let entries = match call {
        EngineCall::WhoHolds { role, at, time, limit, after } => {
            vec![
                ("role", json!(role)),
                ("at", json!(at)),
                ("time", json!(time)),
                ("limit", json!(limit)),
                ("after", json!(after)),
            ]
        }
        EngineCall::WhichGroupsCan { permission, at, time, limit, after } => vec![
            ("permission", json!(permission)),
            ("at", json!(at)),
            ("time", json!(time)),
            ("limit", json!(limit)),
            ("after", json!(after)),
        ],
        EngineCall::AssignmentsOf { subject, at, time } => {
            vec![("subject", json!(subject)), ("at", json!(at)), ("time", json!(time))]
        }
        _ => Vec::new(),
    };
    let given = entries.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(key, value)| (key.to_string(), value)).collect::<Map<_, _>>()).to_string()
}
