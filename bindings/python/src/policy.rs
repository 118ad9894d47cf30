//! The class `Policy`.

use crate::error::{guarded, malformed, uncompiled};
use crate::pickle::{Pickled, pickled};
use crate::text::dump_document;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rolecall::document::{DocumentKind, NoPositions, parse_json};
use std::sync::Arc;

/// A compiled policy.
#[pyclass(frozen, module = "rolecall")]
#[derive(Clone)]
pub(crate) struct Policy(pub(crate) Arc<rolecall::Policy>);

#[pymethods]
impl Policy {
    /// Compiles JSON text. Raises `CompileError` with every issue.
    #[staticmethod]
    pub(crate) fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        guarded(py, || {
            let policy = rolecall::Policy::from_json(text).map_err(|error| uncompiled(py, &error))?;
            Ok(Self(Arc::new(policy)))
        })
    }

    /// Compiles plain data. Raises `CompileError` with every issue.
    #[staticmethod]
    pub(crate) fn from_dict(py: Python<'_>, document: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = dump_document(py, DocumentKind::Policy, document)?;
        guarded(py, || {
            // Issues have no line and column: the caller never saw the JSON text.
            let compiled =
                parse_json(DocumentKind::Policy, &text).and_then(|tree| rolecall::Policy::compile(&tree, &NoPositions));
            Ok(Self(Arc::new(compiled.map_err(|error| uncompiled(py, &error))?)))
        })
    }

    /// Pickles the policy as the snapshot of an engine with an empty directory.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Pickled<'py, (Bound<'py, PyBytes>,)>> {
        let snapshot = guarded(py, || {
            let directory = parse_json(DocumentKind::Directory, r#"{"rolecall":1,"scopes":[]}"#)
                .and_then(|tree| rolecall::Directory::compile(Arc::clone(&self.0), &tree, &NoPositions));
            Ok(rolecall::Engine::new(directory.map_err(|error| uncompiled(py, &error))?).to_snapshot())
        })?;
        pickled(py, "policy", (PyBytes::new(py, &snapshot),))
    }

    /// Returns the object itself, because it is immutable.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// Returns the number of a permission, for frequent questions. Raises `RequestError`.
    fn permission(&self, py: Python<'_>, name: &str) -> PyResult<u32> {
        guarded(py, || self.0.permission(name).map(|id| id.index()).map_err(|error| malformed(py, &error)))
    }

    /// Returns the names of the permissions, by number.
    #[getter]
    fn permissions(&self) -> Vec<&str> {
        self.0.permissions().collect()
    }

    /// Returns the names of the roles, sorted.
    #[getter]
    fn roles(&self) -> Vec<&str> {
        self.0.roles().collect()
    }

    /// Returns the names of the menus, sorted.
    #[getter]
    fn menus(&self) -> Vec<&str> {
        self.0.menus().collect()
    }
}
