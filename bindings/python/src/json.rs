//! JSON text as plain data of Python, and as the answers of `rolecall._answers`.

use pyo3::prelude::*;

/// Plain data of a JSON text.
pub(crate) fn load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}

/// A class of answers.
pub(crate) fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("rolecall._answers")?.getattr(name)
}

/// The answer of a class that a JSON text holds.
pub(crate) fn answer<'py>(py: Python<'py>, name: &str, text: &str) -> PyResult<Bound<'py, PyAny>> {
    class(py, name)?.call_method1("_of", (load(py, text)?,))
}
