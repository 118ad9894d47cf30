//! One subject in one context, resolved once.

use crate::error::{guarded, thrown};
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use rolecall::Session;
use rolecall_contract as contract;

/// One subject in one context, resolved once.
#[napi]
pub struct NativeSession(pub(crate) Session);

#[napi]
impl NativeSession {
    /// Returns all allowed permissions, one bit for each by its handle.
    #[napi]
    pub fn permission_bits(&self) -> Result<Uint8Array> {
        guarded(|| Ok(Uint8Array::new(self.0.permission_bits())))
    }

    /// Returns canonical JSON of a decision; `item` is JSON.
    #[napi]
    pub fn check(&self, permission: String, item: Option<String>) -> Result<String> {
        guarded(|| contract::session_check(&self.0, &permission, item.as_deref()).map_err(|error| thrown(&error)))
    }

    /// Returns canonical JSON of an explanation; `item` is JSON.
    #[napi]
    pub fn explain(&self, permission: String, item: Option<String>) -> Result<String> {
        guarded(|| contract::session_explain(&self.0, &permission, item.as_deref()).map_err(|error| thrown(&error)))
    }

    /// Returns canonical JSON of an explanation for the requesting person; `item` is JSON.
    #[napi]
    pub fn explain_redacted(&self, permission: String, item: Option<String>) -> Result<String> {
        guarded(|| {
            contract::session_explain_redacted(&self.0, &permission, item.as_deref()).map_err(|error| thrown(&error))
        })
    }

    /// Returns canonical JSON of a redacted record; the record and its labels are JSON.
    #[napi]
    pub fn redact(&self, record: String, labels: String, mask: Option<String>) -> Result<String> {
        guarded(|| contract::session_redact(&self.0, &record, &labels, mask.as_deref()).map_err(|error| thrown(&error)))
    }

    /// Returns the bytes of a portable session; its coverage is JSON.
    #[napi]
    pub fn to_bytes(&self, coverage: String) -> Result<Uint8Array> {
        guarded(|| {
            let bytes = contract::session_to_bytes(&self.0, &coverage).map_err(|error| thrown(&error))?;
            Ok(Uint8Array::new(bytes))
        })
    }

    /// Returns canonical JSON of a view; its coverage is JSON.
    #[napi]
    pub fn to_view(&self, coverage: String) -> Result<String> {
        guarded(|| contract::session_to_view(&self.0, &coverage).map_err(|error| thrown(&error)))
    }

    /// Returns the timestamp, in milliseconds, until which every answer is valid; infinity if there is none.
    #[napi]
    pub fn valid_until(&self) -> Result<f64> {
        guarded(|| Ok(self.0.valid_until().map_or(f64::INFINITY, |time| time.as_millis() as f64)))
    }

    /// Returns canonical JSON of a menu.
    #[napi]
    pub fn menu(&self, name: String) -> Result<String> {
        guarded(|| self.0.menu(&name).map(|menu| contract::to_json(&menu)).map_err(|error| thrown(&error)))
    }

    /// Returns canonical JSON of the permissions of the active roles.
    #[napi]
    pub fn effective(&self) -> Result<String> {
        guarded(|| Ok(contract::to_json(&self.0.effective())))
    }

    /// Returns canonical JSON of all allowed permissions.
    #[napi]
    pub fn permissions(&self) -> Result<String> {
        guarded(|| Ok(contract::to_json(&self.0.permissions())))
    }
}
