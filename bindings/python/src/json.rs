//! JSON text as plain data of Python.

use pyo3::prelude::*;

/// Plain data of a JSON text.
pub(crate) fn load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}
