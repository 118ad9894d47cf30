//! The interface between scripts and modules whose functions take and return only numbers. No generated script is
//! needed to convert values.
//!
//! - [`PortableCalls`] and [`SnapshotCalls`] provide a portable session and an engine of a snapshot behind a few calls.
//!   The native package for Node uses the first as well.
//! - [`opcodes`] numbers the calls, for Rust and for TypeScript.
//! - `Module` stores objects by handle. Texts and bytes lie one after the other in its buffer: the caller writes the
//!   arguments there, and reads the response from there.
//! - `portable_exports` contains the exported functions of portable sessions, for two modules.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(any(feature = "module", test))]
mod handles;
pub mod opcodes;
mod portable_abi;
#[cfg(feature = "portable")]
pub mod portable_exports;
mod portable_json;
#[cfg(feature = "module")]
mod runtime;
mod snapshot_abi;

#[cfg(any(feature = "module", test))]
pub use handles::{Module, Single, text};
pub use portable_abi::PortableCalls;
#[cfg(all(feature = "module", target_family = "wasm"))]
pub use runtime::talc;
pub use snapshot_abi::{SnapshotCalls, no_such_call};
