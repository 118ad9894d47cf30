//! Between plain data of Python and JSON text.

use crate::error::{malformed, uncompiled};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rolecall::document::DocumentKind;
use rolecall::{CompileError, Fault, FaultCode, Issue, IssueCode};

/// Plain data of a JSON text.
pub(crate) fn load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}

/// The JSON text of plain data, in which instants may be `datetime`s.
fn written(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<String> {
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    options.set_item("default", py.import("rolecall._errors")?.getattr("_plain")?)?;
    py.import("json")?.call_method("dumps", (data,), Some(&options))?.extract()
}

/// The JSON text of a request. Raises `RequestError` where it is no plain data.
pub(crate) fn dump(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<String> {
    written(py, data).map_err(|error| {
        let message = format!("the request is not plain data: {}", error.value(py));
        malformed(py, &Fault::new(FaultCode::RequestJson, "", message))
    })
}

/// The JSON text of a document. Raises `CompileError` where it is no plain data.
pub(crate) fn dump_document(py: Python<'_>, kind: DocumentKind, data: &Bound<'_, PyAny>) -> PyResult<String> {
    written(py, data).map_err(|error| {
        let issue = Issue {
            code: IssueCode::DocumentJson,
            document: kind,
            path: String::new(),
            position: None,
            message: format!("the document is not plain data: {}", error.value(py)),
            help: Some("hand over what JSON can hold: dicts, lists, texts, numbers, booleans".to_string()),
        };
        uncompiled(py, &CompileError { issues: vec![issue] })
    })
}

/// The text of an instant: a text as it is, a `datetime` in ISO format.
pub(crate) fn instant(value: &Bound<'_, PyAny>) -> PyResult<String> {
    match value.extract::<String>() {
        Ok(text) => Ok(text),
        Err(_) => value.py().import("rolecall._errors")?.call_method1("_plain", (value,))?.extract(),
    }
}
