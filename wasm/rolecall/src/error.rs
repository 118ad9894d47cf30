//! Errors as JavaScript throws them: JSON text.

use rolecall::{CompileError, RequestError};
use wasm_bindgen::JsValue;

pub(crate) fn thrown(fault: &RequestError) -> JsValue {
    JsValue::from_str(&rolecall_contract::error_json(fault))
}

pub(crate) fn thrown_issues(error: &CompileError) -> JsValue {
    JsValue::from_str(&rolecall_contract::compile_error_json(error))
}
