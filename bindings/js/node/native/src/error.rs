//! Errors as JSON text, which the JavaScript layer turns into errors of its own.

use napi::{Error, Result};
use rolecall::{CompileError, RequestError};

pub(crate) fn thrown(error: &RequestError) -> Error {
    Error::from_reason(rolecall_contract::error_json(error))
}

pub(crate) fn thrown_issues(error: &CompileError) -> Error {
    Error::from_reason(rolecall_contract::compile_error_json(error))
}

pub(crate) fn unopened(error: &rolecall_snapshot::Error) -> Error {
    match error {
        rolecall_snapshot::Error::Snapshot { fault, .. } => thrown(fault),
        error => Error::from_reason(error.to_string()),
    }
}

/// Runs `work` and throws a panic as an error.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    rolecall_contract::guarded(work).unwrap_or_else(|error| Err(thrown(&error)))
}
