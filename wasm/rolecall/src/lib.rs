//! The browser binding: converts arguments, calls the core, and converts answers. The JavaScript in `bindings/js`
//! provides the public API.
//!
//! Exports return only numbers, texts and bytes, never JavaScript values. Node 20 can abort if it inlines a call
//! that returns one, and deoptimizes the caller during that call. Errors are thrown as JSON text.

mod engine;
mod error;
mod policy;
mod session;

/// Linked for its exports.
extern crate rolecall_wasm_abi as _;

rolecall_wasm_abi::allocator!();
