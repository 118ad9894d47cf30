//! Between plain data of Python and JSON text.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Plain data of a JSON text.
pub(crate) fn load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}

/// The JSON text of plain data, in which instants may be `datetime`s.
pub(crate) fn dump(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<String> {
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    options.set_item("default", py.import("operator")?.call_method1("methodcaller", ("isoformat",))?)?;
    py.import("json")?.call_method("dumps", (data,), Some(&options))?.extract()
}

/// The text of an instant: a text as it is, a `datetime` in ISO format.
pub(crate) fn instant(value: &Bound<'_, PyAny>) -> PyResult<String> {
    value.extract::<String>().or_else(|_| value.call_method0("isoformat")?.extract())
}
