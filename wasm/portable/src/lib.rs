//! Portable sessions in the browser, without the engine. A panic traps.
#![no_std]

/// Its exports are those of this module.
extern crate rolecall_wasm_abi as _;

rolecall_wasm_abi::allocator!();
rolecall_wasm_abi::trap_on_panic!();
