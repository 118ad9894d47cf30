//! A decision.

use crate::json::load;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::BTreeMap;

/// How an answer is made again, and of what.
type Pickled<'py, P> = (Bound<'py, PyAny>, P);
type GrantParts = (String, Vec<String>, String, String);
type DecisionParts = (bool, Vec<String>, Vec<Grant>, Vec<String>, BTreeMap<String, Vec<String>>, Option<String>);

/// A grant that was pickled.
#[pyfunction]
#[pyo3(name = "_grant")]
pub(crate) fn grant(role: String, via: Vec<String>, subject: String, at: String) -> Grant {
    Grant(rolecall::Grant { role, via, subject, at })
}

/// A decision that was pickled.
#[pyfunction]
#[pyo3(name = "_decision")]
pub(crate) fn decision(
    allow: bool,
    reasons: Vec<String>,
    granted_by: Vec<PyRef<'_, Grant>>,
    withheld: Vec<String>,
    narrowed: BTreeMap<String, Vec<String>>,
    valid_until: Option<&str>,
) -> PyResult<Decision> {
    let granted_by = granted_by.iter().map(|grant| grant.0.clone()).collect();
    let read = |text| rolecall::Instant::parse(text).ok_or_else(|| PyValueError::new_err("the decision is damaged"));
    let valid_until = valid_until.map(read).transpose()?;
    Ok(Decision(rolecall::Decision { allow, reasons, granted_by, withheld, narrowed, valid_until }))
}

/// One way in which a permission is held.
#[pyclass(frozen, eq, module = "rolecall")]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Grant(rolecall::Grant);

#[pymethods]
impl Grant {
    #[getter]
    fn role(&self) -> &str {
        &self.0.role
    }

    #[getter]
    fn via(&self) -> Vec<String> {
        self.0.via.clone()
    }

    #[getter]
    fn subject(&self) -> &str {
        &self.0.subject
    }

    #[getter]
    fn at(&self) -> &str {
        &self.0.at
    }

    /// Pickles and copies by its parts.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Pickled<'py, GrantParts>> {
        let rolecall::Grant { role, via, subject, at } = self.0.clone();
        Ok((py.import("rolecall._core")?.getattr("_grant")?, (role, via, subject, at)))
    }

    fn __repr__(&self) -> String {
        let rolecall::Grant { role, via, subject, at } = &self.0;
        format!("Grant(role={role:?}, via={via:?}, subject={subject:?}, at={at:?})")
    }
}

/// Whether someone may do something, why, and until when the answer holds. True exactly when it allows.
#[pyclass(frozen, eq, module = "rolecall")]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Decision(rolecall::Decision);

impl From<rolecall::Decision> for Decision {
    fn from(decision: rolecall::Decision) -> Self {
        Self(decision)
    }
}

#[pymethods]
impl Decision {
    #[getter]
    fn allow(&self) -> bool {
        self.0.allow
    }

    #[getter]
    fn reasons(&self) -> Vec<String> {
        self.0.reasons.clone()
    }

    #[getter]
    fn granted_by(&self) -> Vec<Grant> {
        self.0.granted_by.iter().cloned().map(Grant).collect()
    }

    #[getter]
    fn withheld(&self) -> Vec<String> {
        self.0.withheld.clone()
    }

    #[getter]
    fn narrowed(&self) -> BTreeMap<String, Vec<String>> {
        self.0.narrowed.clone()
    }

    #[getter]
    fn valid_until(&self) -> Option<String> {
        self.0.valid_until.map(|instant| instant.to_string())
    }

    /// The canonical form, byte for byte that of every other runtime.
    fn to_json(&self) -> String {
        rolecall_contract::told(&self.0)
    }

    /// The decision as plain data.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        load(py, &self.to_json())
    }

    /// Pickles and copies by its parts.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Pickled<'py, DecisionParts>> {
        let parts =
            (self.allow(), self.reasons(), self.granted_by(), self.withheld(), self.narrowed(), self.valid_until());
        Ok((py.import("rolecall._core")?.getattr("_decision")?, parts))
    }

    fn __bool__(&self) -> bool {
        self.0.allow
    }

    fn __repr__(&self) -> String {
        let allow = if self.0.allow { "True" } else { "False" };
        let until = self.valid_until().map_or("None".to_string(), |until| format!("{until:?}"));
        format!("Decision(allow={allow}, reasons={:?}, valid_until={until})", self.0.reasons)
    }
}
