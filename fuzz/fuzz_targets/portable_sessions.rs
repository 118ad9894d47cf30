//! The bytes of a portable session. Opening must return, and an opened session must answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall_wasm_abi::PortableCalls;

fuzz_target!(|bytes: &[u8]| {
    let session = PortableCalls::open(bytes, "2026-01-01T00:00:00Z");
    let _ = session.bits();
});
