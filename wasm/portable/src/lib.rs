//! Portable sessions for browsers, without the engine. A panic traps.
#![no_std]

/// The module re-exports its functions.
extern crate rolecall_wasm_abi as _;

rolecall_wasm_abi::allocator!();
rolecall_wasm_abi::trap_on_panic!();
