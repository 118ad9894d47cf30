//! Errors of the component as JSON.

use crate::bindings::exports::rolecall::policy::decisions::RequestError;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct RequestErrorJson {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// Returns the JSON of an error: `{"error": {"code", "message", "path"?, "help"?}}`.
#[must_use]
pub fn fault_json(error: RequestError) -> String {
    let RequestError { code, message, path, help } = error;
    let fault = RequestErrorJson { code, message, path, help };
    serde_json::to_string(&fault).map_or(Value::Null.to_string(), |fault| format!("{{\"error\":{fault}}}"))
}
