//! One subject in one context, resolved once.

use crate::error::thrown;
use rolecall::Session;
use rolecall_contract as contract;
use wasm_bindgen::prelude::*;

/// One subject in one context, resolved once.
#[wasm_bindgen]
pub struct NativeSession(pub(crate) Session);

#[wasm_bindgen]
impl NativeSession {
    /// Returns all allowed permissions, one bit for each by its handle.
    #[wasm_bindgen(js_name = permissionBits)]
    pub fn permission_bits(&self) -> Vec<u8> {
        self.0.permission_bits()
    }

    /// Returns canonical JSON of a decision; `item` is JSON.
    pub fn check(&self, permission: &str, item: Option<String>) -> Result<String, JsValue> {
        contract::session_check(&self.0, permission, item.as_deref()).map_err(|error| thrown(&error))
    }

    /// Returns canonical JSON of an explanation; `item` is JSON.
    pub fn explain(&self, permission: &str, item: Option<String>) -> Result<String, JsValue> {
        contract::session_explain(&self.0, permission, item.as_deref()).map_err(|error| thrown(&error))
    }

    /// Returns canonical JSON of an explanation for the requesting person; `item` is JSON.
    #[wasm_bindgen(js_name = explainRedacted)]
    pub fn explain_redacted(&self, permission: &str, item: Option<String>) -> Result<String, JsValue> {
        contract::session_explain_redacted(&self.0, permission, item.as_deref()).map_err(|error| thrown(&error))
    }

    /// Returns canonical JSON of a redacted record; the record and its labels are JSON.
    pub fn redact(&self, record: &str, labels: &str, mask: Option<String>) -> Result<String, JsValue> {
        contract::session_redact(&self.0, record, labels, mask.as_deref()).map_err(|error| thrown(&error))
    }

    /// Returns the bytes of a portable session; its coverage is JSON.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&self, coverage: &str) -> Result<Vec<u8>, JsValue> {
        contract::session_to_bytes(&self.0, coverage).map_err(|error| thrown(&error))
    }

    /// Returns canonical JSON of a view; its coverage is JSON.
    #[wasm_bindgen(js_name = toView)]
    pub fn to_view(&self, coverage: &str) -> Result<String, JsValue> {
        contract::session_to_view(&self.0, coverage).map_err(|error| thrown(&error))
    }

    /// Returns the timestamp, in milliseconds, until which every answer is valid; infinity if there is none.
    #[wasm_bindgen(js_name = validUntil)]
    pub fn valid_until(&self) -> f64 {
        self.0.valid_until().map_or(f64::INFINITY, |time| time.as_millis() as f64)
    }

    /// Returns canonical JSON of a menu.
    pub fn menu(&self, name: &str) -> Result<String, JsValue> {
        self.0.menu(name).map(|menu| contract::to_json(&menu)).map_err(|error| thrown(&error))
    }

    /// Returns canonical JSON of the permissions of the active roles.
    pub fn effective(&self) -> String {
        contract::to_json(&self.0.effective())
    }

    /// Returns canonical JSON of all allowed permissions.
    pub fn permissions(&self) -> String {
        contract::to_json(&self.0.permissions())
    }
}
