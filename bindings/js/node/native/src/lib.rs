//! The Node binding: converts arguments, calls the core, and converts answers. The JavaScript layer in `bindings/js`
//! provides its API, the same as that of the WebAssembly binding. Errors are thrown as JSON text; a panic becomes the
//! error `internal.panic`.

mod engine;
mod policy;
mod portable;
mod session;

use napi::{Error, Result};
use rolecall::{CompileError, RequestError};

fn thrown(error: &RequestError) -> Error {
    Error::from_reason(rolecall_contract::error_json(error))
}

fn thrown_issues(error: &CompileError) -> Error {
    Error::from_reason(rolecall_contract::compile_error_json(error))
}

fn unopened(error: &rolecall_snapshot::Error) -> Error {
    match error {
        rolecall_snapshot::Error::Snapshot { fault, .. } => thrown(fault),
        error => Error::from_reason(error.to_string()),
    }
}

/// Runs `work` and throws a panic as an error.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    rolecall_contract::guarded(work).unwrap_or_else(|error| Err(thrown(&error)))
}
