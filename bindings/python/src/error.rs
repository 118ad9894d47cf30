//! Faults and issues as exceptions of `rolecall._errors`.

use crate::decision::Decision;
use crate::json::load;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rolecall::{CompileError, Fault, FaultCode, Forbidden};
use rolecall_pass::PassError;

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("rolecall._errors")?.getattr(name)
}

/// A `RequestError`, not raised yet.
pub(crate) fn request_error<'py>(py: Python<'py>, fault: &Fault) -> PyResult<Bound<'py, PyAny>> {
    let name = if fault.code == FaultCode::InternalPanic { "InternalError" } else { "RequestError" };
    class(py, name)?.call1((fault.code.as_str(), &fault.message, &fault.path, &fault.help))
}

fn raised(error: PyResult<Bound<'_, PyAny>>) -> PyErr {
    error.map_or_else(|error| error, PyErr::from_value)
}

pub(crate) fn malformed(py: Python<'_>, fault: &Fault) -> PyErr {
    raised(request_error(py, fault))
}

/// A pass that opens nothing.
pub(crate) fn unusable(py: Python<'_>, error: &PassError) -> PyErr {
    raised(class(py, "ClientError").and_then(|class| class.call1((error.code.as_str(), &error.message))))
}

/// The error of an envelope.
pub(crate) fn unopened(py: Python<'_>, error: rolecall_snapshot::Error) -> PyErr {
    match error {
        rolecall_snapshot::Error::Snapshot { fault, .. } => malformed(py, &fault),
        // As `open` raises it: with the number, the text and the path.
        rolecall_snapshot::Error::File { path, error } => match error.raw_os_error() {
            Some(number) => {
                let text = error.to_string();
                let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text).to_string();
                pyo3::exceptions::PyOSError::new_err((number, text, path.display().to_string()))
            }
            None => pyo3::exceptions::PyOSError::new_err(format!("{}: {error}", path.display())),
        },
    }
}

pub(crate) fn told_error(py: Python<'_>, fault: &Bound<'_, PyAny>) -> PyErr {
    let told = || class(py, "RequestError")?.call((), Some(fault.cast::<PyDict>()?));
    raised(told())
}

pub(crate) fn uncompiled(py: Python<'_>, error: &CompileError) -> PyErr {
    let told = || {
        let issues = load(py, &rolecall_contract::compile_error_json(error))?;
        class(py, "CompileError")?.call1((issues.cast_into::<PyDict>()?.get_item("issues")?,))
    };
    raised(told())
}

pub(crate) fn forbidden(py: Python<'_>, forbidden: Forbidden) -> PyErr {
    raised(class(py, "ForbiddenError").and_then(|class| class.call1((Decision::from(forbidden.decision),))))
}

/// The refusal of an object that lives in this process alone.
pub(crate) fn unpicklable(what: &str, help: &str) -> PyErr {
    pyo3::exceptions::PyTypeError::new_err(format!("`{what}` cannot be pickled or copied: {help}"))
}

/// Runs `work` so that a panic is raised as `InternalError`.
pub(crate) fn guarded<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    rolecall_contract::guarded(work).unwrap_or_else(|fault| Err(malformed(py, &fault)))
}
