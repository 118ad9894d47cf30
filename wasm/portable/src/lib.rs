//! The JavaScript calls of portable sessions, for the module that holds nothing else and for that of the engine: convert,
//! call, convert.
//!
//! Small before all else: no `std`, no formatting and no JSON parser. Everything that is returned is a number, a text
//! or bytes, and so are errors.
#![no_std]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;
use rolecall_contract::PortableCalls;
use wasm_bindgen::prelude::*;

/// A session without its policy and directory.
#[wasm_bindgen]
pub struct NativePortableSession(PortableCalls);

#[wasm_bindgen]
impl NativePortableSession {
    /// Opens bytes that a session was made into.
    pub fn open(bytes: &[u8], time: &str) -> NativePortableSession {
        Self(PortableCalls::open(bytes, time))
    }

    /// The same subject at another scope or instant.
    pub fn at(&self, scope: &str, time: &str) -> NativePortableSession {
        Self(self.0.at(scope, time))
    }

    /// Everything that is allowed, one bit for each permission by its number.
    pub fn bits(&self) -> Vec<u8> {
        self.0.bits()
    }

    /// Tells something, as `calls::tell` has it.
    pub fn tell(&self, what: u32, name: &str) -> String {
        self.0.tell(what, name)
    }

    /// Adds something to what is asked about, as `calls::add` has it.
    pub fn add(&mut self, what: u32, name: &str, value: &str, path: &str) -> String {
        self.0.add(what, name, value, path)
    }

    /// Asks something, as `calls::ask` has it.
    pub fn ask(&mut self, what: u32, number: i32, index: u32, key: &str) -> i32 {
        self.0.ask(what, number, index, key)
    }
}
