//! An engine that opens snapshots, for browsers and edge runtimes. It holds no compiler: documents are compiled where the
//! snapshot is made. A panic traps.
#![no_std]

extern crate alloc;

pub mod exports;

rolecall_wasm_abi::allocator!();
rolecall_wasm_abi::trap_on_panic!();
