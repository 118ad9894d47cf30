//! The Node face: convert, call, convert. The JavaScript layer in `bindings/js` gives it its API, the same as
//! that of the browser face. Errors are thrown as JSON text; a panic becomes the error `internal.panic`.

mod engine;
mod policy;
mod portable;
mod session;

use napi::{Error, Result};
use rolecall::{CompileError, RequestError};

fn thrown(fault: &RequestError) -> Error {
    Error::from_reason(rolecall_contract::fault_json(fault))
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

/// Runs `work` so that a panic is thrown as an error.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    rolecall_contract::guarded(work).unwrap_or_else(|fault| Err(thrown(&fault)))
}
