//! Converts JSON text into plain Python data, and into the answers of `rolecall._answers`.

use pyo3::prelude::*;

/// Parses JSON text into plain data.
pub(crate) fn load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}

/// Returns a class of answers by name.
pub(crate) fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("rolecall._answers")?.getattr(name)
}

/// Parses JSON text into an answer of a class.
pub(crate) fn answer<'py>(py: Python<'py>, name: &str, text: &str) -> PyResult<Bound<'py, PyAny>> {
    class(py, name)?.call_method1("_of", (load(py, text)?,))
}
