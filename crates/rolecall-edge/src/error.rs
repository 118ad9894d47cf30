//! Errors of the component as JSON.

use crate::bindings::exports::rolecall::policy::decisions::Fault;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct FaultJson {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// The error envelope.
pub(crate) fn fault_json(fault: Fault) -> String {
    let Fault { code, message, path, help } = fault;
    let fault = FaultJson { code, message, path, help };
    serde_json::to_string(&fault).map_or(Value::Null.to_string(), |fault| format!("{{\"error\":{fault}}}"))
}
