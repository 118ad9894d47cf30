//! Pickling: each object is rebuilt by a function of `rolecall._pickling` from bytes and texts.

use pyo3::prelude::*;

/// A function, and the arguments with which it makes an equal object.
pub(crate) type Pickled<'py, P> = (Bound<'py, PyAny>, P);

/// Returns a pickle that a function of `rolecall._pickling` opens.
pub(crate) fn pickled<'py, P>(py: Python<'py>, function: &str, parts: P) -> PyResult<Pickled<'py, P>> {
    Ok((py.import("rolecall._pickling")?.getattr(function)?, parts))
}
