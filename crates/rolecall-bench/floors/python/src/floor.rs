//! The object that calls are made on.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Something that calls are made on.
#[pyclass(frozen)]
pub(crate) struct Floor(usize);

#[pymethods]
impl Floor {
    #[new]
    fn new() -> Self {
        Self(1)
    }

    /// Three texts in, a truth out.
    fn texts(&self, one: &str, two: &str, three: &str) -> bool {
        one.len() + two.len() + three.len() > self.0
    }

    /// Thirty bytes out.
    fn bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &[1; 30])
    }
}
