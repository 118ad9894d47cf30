//! The browser face: convert, call, convert. The JavaScript layer in `bindings/js` gives it its API.
//!
//! Everything that is returned is a number, a text or bytes, never a JavaScript value: Node 20 can abort when the call of
//! an export that returns one is inlined and its caller is deoptimised meanwhile. Errors are thrown as JSON text.

mod engine;
mod error;
mod policy;
mod session;

/// Its exports are a part of this module.
extern crate rolecall_wasm_abi as _;

rolecall_wasm_abi::allocator!();
