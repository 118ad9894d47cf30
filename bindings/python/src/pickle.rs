//! Pickling: a function of `rolecall._pickling` rebuilds each object from bytes and texts.

use pyo3::prelude::*;

/// A function, and the arguments from which it makes an equal object.
pub(crate) type Pickled<'py, P> = (Bound<'py, PyAny>, P);

/// Returns a pickle that the named function of `rolecall._pickling` opens.
pub(crate) fn pickled<'py, P>(py: Python<'py>, function: &str, parts: P) -> PyResult<Pickled<'py, P>> {
    Ok((py.import("rolecall._pickling")?.getattr(function)?, parts))
}
