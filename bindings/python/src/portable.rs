//! The class `PortableSession`.

use crate::error::{guarded, malformed, unusable};
use crate::json::answer;
use crate::pickle::{Pickled, pickled};
use crate::record::{redacted, redaction};
use crate::text::{Named, dump, timestamp};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rolecall::{RequestError, RequestErrorCode, Timestamp};
use rolecall_contract as contract;
use rolecall_pass::{Expected, KeySet};

/// A session without its policy and directory. It denies everything that it does not cover.
#[pyclass(frozen, module = "rolecall")]
pub(crate) struct PortableSession(rolecall::PortableSession);

impl PortableSession {
    fn ask<T>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&rolecall::PortableSession) -> Result<T, RequestError>,
    ) -> PyResult<T> {
        guarded(py, || question(&self.0).map_err(|error| malformed(py, &error)))
    }
}

#[pymethods]
impl PortableSession {
    /// Opens the bytes that `Session.to_bytes` returned. Raises `RequestError`.
    #[staticmethod]
    #[pyo3(signature = (data, *, time, at=None))]
    fn from_bytes(py: Python<'_>, data: &[u8], time: &Bound<'_, PyAny>, at: Option<&str>) -> PyResult<Self> {
        let time = timestamp(time, "time")?;
        let open = || {
            let time = Timestamp::read(&time, "time")?;
            let own = rolecall::PortableSession::from_bytes(data, time)?;
            Ok(at.map_or_else(|| own.clone(), |at| own.at(at, time)))
        };
        guarded(py, || open().map(Self).map_err(|error| malformed(py, &error)))
    }

    /// Verifies a pass and opens the session in it. Raises `ClientError`.
    #[staticmethod]
    #[pyo3(signature = (text, *, keys, issuer, time, audience=None, at=None))]
    fn from_pass(
        py: Python<'_>,
        text: &str,
        keys: &str,
        issuer: &str,
        time: &Bound<'_, PyAny>,
        audience: Option<&str>,
        at: Option<&str>,
    ) -> PyResult<Self> {
        let time = timestamp(time, "time")?;
        guarded(py, || {
            let time = Timestamp::read(&time, "time").map_err(|error| malformed(py, &error))?;
            let opened = KeySet::from_json(keys)
                .and_then(|keys| keys.open(text, Expected { issuer, audience }, time))
                .map_err(|error| unusable(py, &error))?;
            Ok(Self(at.map_or_else(|| opened.session.clone(), |at| opened.session.at(at, time))))
        })
    }

    /// Pickles the session as its bytes, timestamp and scope.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Pickled<'py, (Bound<'py, PyBytes>, String, &str)>> {
        let parts = (PyBytes::new(py, &self.0.to_bytes()), self.0.time().to_string(), self.0.scope());
        pickled(py, "portable_session", parts)
    }

    /// Returns the object itself, because it is immutable.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// Returns a session of the same subject at another scope or time. Raises `RequestError`.
    fn at(&self, py: Python<'_>, scope: &str, time: &Bound<'_, PyAny>) -> PyResult<Self> {
        let time = timestamp(time, "time")?;
        self.ask(py, |session| Ok(Self(session.at(scope, Timestamp::read(&time, "time")?))))
    }

    /// Returns subject, scope, time and coverage of the session.
    #[getter]
    fn coverage<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answer(py, "PortableCoverage", &contract::portable_coverage(&self.0))
    }

    /// Returns the first later timestamp at which any answer may differ. At the end of the coverage everything is denied.
    #[getter]
    fn valid_until(&self) -> Option<String> {
        self.0.valid_until().map(|time| time.to_string())
    }

    /// Returns the names of the permissions, by number.
    #[getter]
    fn permission_names(&self) -> Vec<String> {
        self.0.permission_names()
    }

    /// Returns whether a permission, by name or number, is allowed: for an item if one is passed. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn can(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let item = resource.map(|resource| dump(py, resource, "resource")).transpose()?;
        let named = Named::read(permission)?;
        self.ask(py, |session| {
            let permission = match named {
                Named::Number(number) => session.permission_at(number).ok_or_else(|| {
                    let message = format!("the policy has no permission with the number `{number}`");
                    RequestError::new(RequestErrorCode::PermissionUnknown, "permission", message)
                })?,
                Named::Name(name) => session.permission(&name)?,
            };
            let item = item.map(|item| contract::item(session, &item)).transpose()?;
            Ok(item.map_or_else(|| session.can(permission), |item| session.can_item(permission, &item)))
        })
    }

    /// Returns a record without the fields whose labels the session may not read. Raises `RequestError`.
    #[pyo3(signature = (record, labels, *, mask=None))]
    fn redact<'py>(
        &self,
        py: Python<'py>,
        record: &Bound<'py, PyAny>,
        labels: &Bound<'py, PyAny>,
        mask: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let labels = dump(py, labels, "labels")?;
        let labels = self.ask(py, |session| contract::labels(session, &labels))?;
        let record = redacted(record, &labels, &self.0.walk(&labels), mask)?;
        let withheld = self.0.withheld(&labels).into_iter().map(String::from).collect();
        redaction(record, withheld, self.0.withheld_until(&labels))
    }

    /// Returns the part of a menu that the session sees. Raises `RequestError`, also for a menu that is not included.
    fn menu<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        answer(py, "Menu", &self.ask(py, |session| session.menu(name).map(|menu| contract::to_json(&menu)))?)
    }

    /// Returns the names of the permissions that `can` allows.
    fn permissions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answer(py, "Permissions", &contract::to_json(&self.ask(py, |session| Ok(session.permissions()))?))
    }

    /// Returns the permissions that `can` allows, as one bit for each number.
    fn permission_bits<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.permission_bits())
    }
}
