//! The component binding: converts arguments, calls the core, and converts answers. Its world is `wit/rolecall.wit`; it
//! has no imports.
//!
//! It does not use `std`, which would import WASI. A panic traps and ends the instance, not its host.
#![no_std]
// Macros of the bindings produce items that these lints reject.
#![allow(missing_docs, unsafe_code, unreachable_pub, unused_qualifications)]

extern crate alloc;

mod component;
mod convert;
mod engine;
mod portable;
mod session;

wit_bindgen::generate!({ world: "policy", path: "wit" });

use component::Component;

export!(Component);

rolecall_wasm_abi::allocator!();
rolecall_wasm_abi::trap_on_panic!();
