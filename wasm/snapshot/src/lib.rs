//! An engine that opens snapshots, for browsers and edge runtimes. It does not contain the compiler, because
//! documents are compiled when the snapshot is created. A panic traps.
#![no_std]

extern crate alloc;

pub mod exports;

rolecall_wasm_abi::allocator!();
rolecall_wasm_abi::trap_on_panic!();
