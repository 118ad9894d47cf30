//! Sessions that work without policy and directory, with the same calls as the WebAssembly module `portable`.

use crate::error::guarded;
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use rolecall_wasm_abi::PortableCalls;

/// A session that works without policy and directory.
#[napi]
pub struct NativePortableSession(PortableCalls);

#[napi]
impl NativePortableSession {
    /// Opens the bytes of a portable session at a timestamp.
    #[napi]
    pub fn open(bytes: Uint8Array, time: String) -> Result<NativePortableSession> {
        guarded(|| Ok(Self(PortableCalls::open(&bytes, &time))))
    }

    /// Returns the same subject at another scope and timestamp.
    #[napi]
    pub fn at(&self, scope: String, time: String) -> Result<NativePortableSession> {
        guarded(|| Ok(Self(self.0.at(&scope, &time))))
    }

    /// Returns all allowed permissions, one bit for each by its handle.
    #[napi]
    pub fn bits(&self) -> Result<Uint8Array> {
        guarded(|| Ok(Uint8Array::new(self.0.bits())))
    }

    /// Returns a report by its opcode, as JSON.
    #[napi]
    pub fn report(&self, opcode: u32, name: String) -> Result<String> {
        guarded(|| Ok(self.0.report(opcode, &name)))
    }

    /// Adds something to the next queries by its opcode. Returns nothing, or the envelope of an error.
    #[napi]
    pub fn add(&mut self, opcode: u32, name: String, value: String) -> Result<String> {
        guarded(|| Ok(self.0.add(opcode, &name, &value)))
    }

    /// Answers a query by its opcode.
    #[napi]
    pub fn query(&mut self, opcode: u32, number: i32, index: u32, key: String) -> Result<i32> {
        guarded(|| Ok(self.0.query(opcode, number, index, &key)))
    }
}
