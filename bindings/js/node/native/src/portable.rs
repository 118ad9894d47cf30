//! Sessions without policy and directory: the same calls as those of the WebAssembly module `session`.

use crate::guarded;
use napi::Result;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use rolecall_wasm_abi::PortableCalls;

/// A session without its policy and directory.
#[napi]
pub struct NativePortableSession(PortableCalls);

#[napi]
impl NativePortableSession {
    /// Opens bytes that a session was made into.
    #[napi]
    pub fn open(bytes: Uint8Array, time: String) -> Result<NativePortableSession> {
        guarded(|| Ok(Self(PortableCalls::open(&bytes, &time))))
    }

    /// The same subject at another scope or instant.
    #[napi]
    pub fn at(&self, scope: String, time: String) -> Result<NativePortableSession> {
        guarded(|| Ok(Self(self.0.at(&scope, &time))))
    }

    /// Everything that is allowed, one bit for each permission by its number.
    #[napi]
    pub fn bits(&self) -> Result<Uint8Array> {
        guarded(|| Ok(Uint8Array::new(self.0.bits())))
    }

    /// Tells something, as `calls::tell` has it.
    #[napi]
    pub fn tell(&self, what: u32, name: String) -> Result<String> {
        guarded(|| Ok(self.0.tell(what, &name)))
    }

    /// Adds something to what is asked about, as `calls::add` has it.
    #[napi]
    pub fn add(&mut self, what: u32, name: String, value: String) -> Result<String> {
        guarded(|| Ok(self.0.add(what, &name, &value)))
    }

    /// Asks something, as `calls::ask` has it.
    #[napi]
    pub fn ask(&mut self, what: u32, number: i32, index: u32, key: String) -> Result<i32> {
        guarded(|| Ok(self.0.ask(what, number, index, &key)))
    }
}
