//! The classes `Decision` and `Grant`. They wrap the types of the core, which saves a conversion.

use crate::json::load;
use crate::pickle::Pickled;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rolecall::Reason;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

type GrantParts = (String, Vec<String>, String, String);
type DecisionParts = (bool, Vec<String>, Vec<Grant>, Vec<String>, BTreeMap<String, Vec<String>>, Option<String>);

/// One way in which a permission is held.
#[pyclass(frozen, eq, hash, module = "rolecall")]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Grant(rolecall::Grant);

impl Hash for Grant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let rolecall::Grant { role, via, subject, at, .. } = &self.0;
        (role, via, subject, at).hash(state);
    }
}

#[pymethods]
impl Grant {
    #[new]
    fn new(role: String, via: Vec<String>, subject: String, at: String) -> Self {
        Self(rolecall::ffi::grant(role, via, subject, at))
    }

    #[getter]
    fn role(&self) -> &str {
        &self.0.role
    }

    #[getter]
    fn via<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.via)
    }

    #[getter]
    fn subject(&self) -> &str {
        &self.0.subject
    }

    #[getter]
    fn at(&self) -> &str {
        &self.0.at
    }

    /// Returns the canonical form, byte for byte that of every other runtime.
    fn to_json(&self) -> String {
        rolecall_contract::to_json(&self.0)
    }

    /// Returns the grant as plain data.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        load(py, &self.to_json())
    }

    /// Pickles the arguments of the constructor.
    fn __reduce__<'py>(&self, py: Python<'py>) -> Pickled<'py, GrantParts> {
        let rolecall::Grant { role, via, subject, at, .. } = self.0.clone();
        (py.get_type::<Self>().into_any(), (role, via, subject, at))
    }

    /// Returns the object itself, because it is immutable.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        repr(slf, "Grant", &["role", "via", "subject", "at"])
    }
}

/// Whether a subject may do something, the reasons, and the time until which the decision holds. True if it allows.
#[pyclass(frozen, eq, hash, module = "rolecall")]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Decision(rolecall::Decision);

impl From<rolecall::Decision> for Decision {
    fn from(decision: rolecall::Decision) -> Self {
        Self(decision)
    }
}

impl Hash for Decision {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // A few parts are enough: equal decisions have equal hashes, and most others differ in one of these parts.
        (self.0.allow, &self.0.reasons, &self.0.withheld, &self.0.narrowed).hash(state);
    }
}

#[pymethods]
impl Decision {
    #[new]
    #[pyo3(signature = (allow, reasons, granted_by=Vec::new(), withheld=Vec::new(), narrowed=BTreeMap::new(), valid_until=None))]
    fn new(
        allow: bool,
        reasons: Vec<String>,
        granted_by: Vec<PyRef<'_, Grant>>,
        withheld: Vec<String>,
        narrowed: BTreeMap<String, Vec<String>>,
        valid_until: Option<&str>,
    ) -> PyResult<Self> {
        let granted_by = granted_by.iter().map(|grant| grant.0.clone()).collect();
        let malformed = |text| PyValueError::new_err(format!("`{text}` is not a timestamp in RFC 3339"));
        let read = |text| rolecall::Timestamp::parse(text).ok_or_else(|| malformed(text));
        let valid_until = valid_until.map(read).transpose()?;
        let unknown = |text: &str| PyValueError::new_err(format!("`{text}` is not a reason"));
        let reasons = reasons.iter().map(|text| text.parse().map_err(|_| unknown(text))).collect::<PyResult<_>>()?;
        Ok(Self(rolecall::ffi::decision(allow, reasons, granted_by, withheld, narrowed, valid_until)))
    }

    #[getter]
    fn allow(&self) -> bool {
        self.0.allow
    }

    #[getter]
    fn reasons<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.reasons.iter().map(Reason::text))
    }

    #[getter]
    fn granted_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.grants())
    }

    #[getter]
    fn withheld<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.withheld)
    }

    /// Returns a new dictionary each time, so that callers cannot change the decision.
    #[getter]
    fn narrowed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let narrowed = PyDict::new(py);
        for (boundary, values) in &self.0.narrowed {
            narrowed.set_item(boundary, PyTuple::new(py, values)?)?;
        }
        Ok(narrowed)
    }

    #[getter]
    fn valid_until(&self) -> Option<String> {
        self.0.valid_until.map(|time| time.to_string())
    }

    /// Returns the canonical form, byte for byte that of every other runtime.
    fn to_json(&self) -> String {
        rolecall_contract::to_json(&self.0)
    }

    /// Returns the decision as plain data.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        load(py, &self.to_json())
    }

    /// Pickles the arguments of the constructor.
    fn __reduce__<'py>(&self, py: Python<'py>) -> Pickled<'py, DecisionParts> {
        let rolecall::Decision { allow, reasons, withheld, narrowed, .. } = self.0.clone();
        let reasons = reasons.iter().map(ToString::to_string).collect();
        (py.get_type::<Self>().into_any(), (allow, reasons, self.grants(), withheld, narrowed, self.valid_until()))
    }

    fn __bool__(&self) -> bool {
        self.0.allow
    }

    /// Returns the object itself, because it is immutable.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        repr(slf, "Decision", &["allow", "reasons", "granted_by", "withheld", "narrowed", "valid_until"])
    }
}

impl Decision {
    fn grants(&self) -> Vec<Grant> {
        self.0.granted_by.iter().cloned().map(Grant).collect()
    }
}

/// Formats an answer as the call that makes an equal one.
fn repr(answer: &Bound<'_, PyAny>, class: &str, names: &[&str]) -> PyResult<String> {
    let parts = names.iter().map(|name| Ok(format!("{name}={}", answer.getattr(*name)?.repr()?)));
    Ok(format!("{class}({})", parts.collect::<PyResult<Vec<_>>>()?.join(", ")))
}
