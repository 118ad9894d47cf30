//! Converts errors and issues of the core into exceptions of `rolecall._errors`.

use crate::decision::Decision;
use crate::json::load;
use pyo3::prelude::*;
use rolecall::{CompileError, Item, PermissionId, RequestError, RequestErrorCode};
use rolecall_pass::PassError;

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("rolecall._errors")?.getattr(name)
}

/// Returns a `RequestError`, or an `InternalError` for a defect of the engine, without raising it.
pub(crate) fn request_error<'py>(py: Python<'py>, error: &RequestError) -> PyResult<Bound<'py, PyAny>> {
    let (code, message) = (error.code.as_str(), &error.message);
    if error.code == RequestErrorCode::InternalPanic {
        return class(py, "InternalError")?.call1((code, message));
    }
    class(py, "RequestError")?.call1((code, message, &error.path, &error.help))
}

fn raised(error: PyResult<Bound<'_, PyAny>>) -> PyErr {
    error.map_or_else(|error| error, PyErr::from_value)
}

pub(crate) fn malformed(py: Python<'_>, error: &RequestError) -> PyErr {
    raised(request_error(py, error))
}

/// Returns the `ClientError` of a pass that is not valid.
pub(crate) fn unusable(py: Python<'_>, error: &PassError) -> PyErr {
    raised(class(py, "ClientError").and_then(|class| class.call1((error.code.as_str(), &error.message))))
}

/// Returns the error of a snapshot's file: a `RequestError` or an `OSError`.
pub(crate) fn unopened(py: Python<'_>, error: rolecall_snapshot::Error) -> PyErr {
    match error {
        rolecall_snapshot::Error::Snapshot { fault, .. } => malformed(py, &fault),
        // Has the arguments that `open` raises: number, text and path.
        rolecall_snapshot::Error::File { path, error } => match error.raw_os_error() {
            Some(number) => {
                let text = error.to_string();
                let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text).to_string();
                pyo3::exceptions::PyOSError::new_err((number, text, path.display().to_string()))
            }
            None => pyo3::exceptions::PyOSError::new_err(format!("{}: {error}", path.display())),
        },
        // A kind of error that this binding does not know yet.
        error => pyo3::exceptions::PyOSError::new_err(error.to_string()),
    }
}

/// Returns the exception of an error in an answer, given as plain data.
pub(crate) fn error_of(py: Python<'_>, error: &Bound<'_, PyAny>) -> PyErr {
    raised(class(py, "_of_error").and_then(|make| make.call1((error,))))
}

pub(crate) fn uncompiled(py: Python<'_>, error: &CompileError) -> PyErr {
    let compile_error = || {
        let issues = load(py, &rolecall_contract::compile_error_json(error))?;
        class(py, "_of_issues")?.call1((issues.get_item("issues")?,))
    };
    raised(compile_error())
}

/// Returns the decision of a session about a permission. Raises `ForbiddenError` if it denies.
pub(crate) fn required(
    py: Python<'_>,
    session: &rolecall::Session,
    permission: PermissionId,
    item: Option<&Item>,
) -> PyResult<Decision> {
    let error = match session.require(permission, item) {
        Ok(decision) => return Ok(decision.into()),
        Err(error) => error,
    };
    let parts = (Decision::from(*error.decision), error.subject, error.permission, error.at);
    Err(raised(class(py, "ForbiddenError").and_then(|class| class.call1(parts))))
}

/// Runs `work`, and raises a panic as `InternalError`.
pub(crate) fn guarded<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    rolecall_contract::guarded(work).unwrap_or_else(|error| Err(malformed(py, &error)))
}
