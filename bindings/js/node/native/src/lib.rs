//! The Node binding: converts arguments, calls the core, and converts answers. The JavaScript layer in `bindings/js`
//! provides its API, the same as that of the WebAssembly binding. Errors are thrown as JSON text; a panic becomes the
//! error `internal.panic`.

mod engine;
mod error;
mod policy;
mod portable;
mod session;
