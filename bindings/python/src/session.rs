//! One subject in one context, resolved once.

use crate::decision::Decision;
use crate::error::{guarded, malformed, required};
use crate::json::answer;
use crate::record::{redacted, told};
use crate::text::{Named, dump, instant};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rolecall::{Coverage, Item, PermissionId, RequestError, RequestErrorCode, ScopePath, Timestamp};
use rolecall_contract as contract;

/// One subject in one context, resolved once.
#[pyclass(frozen, module = "rolecall")]
pub(crate) struct Session(rolecall::Session);

impl Session {
    pub(crate) fn new(session: rolecall::Session) -> Self {
        Self(session)
    }

    /// A permission by name or number.
    fn permission(&self, py: Python<'_>, permission: &Bound<'_, PyAny>) -> PyResult<PermissionId> {
        let policy = self.0.policy();
        let number = match Named::read(permission)? {
            Named::Name(name) => return policy.permission(&name).map_err(|fault| malformed(py, &fault)),
            Named::Number(number) => number,
        };
        policy.permission_at(number).ok_or_else(|| {
            let message = format!("the policy has no permission of the number {number}");
            malformed(py, &RequestError::new(RequestErrorCode::PermissionUnknown, "permission", message))
        })
    }

    /// What is asked: a permission, and perhaps for an item.
    fn asked(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(PermissionId, Option<Item>)> {
        let permission = self.permission(py, permission)?;
        let Some(resource) = resource else { return Ok((permission, None)) };
        let item =
            contract::item(self.0.policy(), &dump(py, resource, "resource")?).map_err(|fault| malformed(py, &fault))?;
        Ok((permission, Some(item)))
    }

    /// An answer of a class about what is asked.
    fn told<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        permission: &Bound<'py, PyAny>,
        resource: Option<&Bound<'py, PyAny>>,
        ask: impl FnOnce(&rolecall::Session, PermissionId, Option<&Item>) -> String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let text = guarded(py, || {
            let (permission, item) = self.asked(py, permission, resource)?;
            Ok(ask(&self.0, permission, item.as_ref()))
        })?;
        answer(py, name, &text)
    }
}

#[pymethods]
impl Session {
    /// The subject's id.
    #[getter]
    fn subject(&self) -> &str {
        self.0.subject()
    }

    /// The first later instant at which what `can` allows differs.
    #[getter]
    fn valid_until(&self) -> Option<String> {
        self.0.valid_until().map(|instant| instant.to_string())
    }

    /// Tells whether a permission is allowed, by name or number: for an item where one is given. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn can(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let (permission, item) = self.asked(py, permission, resource)?;
        Ok(item.map_or_else(|| self.0.can(permission), |item| self.0.can_item(permission, &item)))
    }

    /// Holds the directory as it was when the session was made, of which a pickle would have to carry all.
    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "`Session` cannot be pickled: pickle `PortableSession.from_bytes(session.to_bytes(), time=…)`, or the engine, \
             and make the session there",
        ))
    }

    /// Cannot change, so that it is its own copy.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// Decides with reasons. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn check(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Decision> {
        guarded(py, || {
            let (permission, item) = self.asked(py, permission, resource)?;
            Ok(self.0.check(permission, item.as_ref()).into())
        })
    }

    /// Decides many, as many and in the same order. Raises `RequestError`.
    fn check_many(&self, py: Python<'_>, permissions: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<Decision>> {
        permissions.iter().map(|permission| self.check(py, permission, None)).collect()
    }

    /// Decides, and raises `ForbiddenError` where the decision denies. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn require(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Decision> {
        guarded(py, || {
            let (permission, item) = self.asked(py, permission, resource)?;
            required(py, &self.0, permission, item.as_ref())
        })
    }

    /// Decides, and tells everything that was looked at. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        permission: &Bound<'py, PyAny>,
        resource: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.told(py, "Explanation", permission, resource, |session, permission, item| {
            contract::to_json(&session.explain(permission, item))
        })
    }

    /// An explanation for the person who asks: codes only. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn explain_redacted<'py>(
        &self,
        py: Python<'py>,
        permission: &Bound<'py, PyAny>,
        resource: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.told(py, "RedactedExplanation", permission, resource, |session, permission, item| {
            contract::to_json(&session.explain_redacted(permission, item))
        })
    }

    /// A record without the fields of which the session may not read a label. Raises `RequestError`.
    #[pyo3(signature = (record, labels, *, mask=None))]
    fn redact<'py>(
        &self,
        py: Python<'py>,
        record: &Bound<'py, PyAny>,
        labels: &Bound<'py, PyAny>,
        mask: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let labels = dump(py, labels, "labels")?;
        let labels = guarded(py, || contract::labels(self.0.policy(), &labels).map_err(|fault| malformed(py, &fault)))?;
        let record = redacted(record, &labels, &self.0.walk(&labels), mask)?;
        told(record, self.0.withheld(&labels), self.0.withheld_until(&labels))
    }

    /// Makes the session portable. Raises `RequestError`.
    #[pyo3(signature = (*, scopes=None, menus=None, until=None))]
    fn to_bytes<'py>(
        &self,
        py: Python<'py>,
        scopes: Option<Vec<String>>,
        menus: Option<Vec<String>>,
        until: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let until = until.map(|until| instant(until, "until")).transpose()?;
        let make = || {
            let scopes = scopes.iter().flatten().enumerate();
            let scopes = scopes
                .map(|(index, path)| ScopePath::parse(path).map_err(|fault| fault.at(format!("scopes[{index}]"))));
            self.0.to_bytes(&Coverage {
                scopes: scopes.collect::<Result<_, _>>()?,
                menus: menus.iter().flatten().map(String::as_str).collect(),
                until: until.as_deref().map(|until| Timestamp::read(until, "until")).transpose()?,
            })
        };
        Ok(PyBytes::new(py, &guarded(py, || make().map_err(|fault| malformed(py, &fault)))?))
    }

    /// The part of a menu that the session sees. Raises `RequestError`.
    fn menu<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let menu = guarded(py, || self.0.menu(name).map_err(|fault| malformed(py, &fault)))?;
        answer(py, "Menu", &contract::to_json(&menu))
    }

    /// What the active roles give together, and which role gives what, whatever a guard says.
    fn effective<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answer(py, "Effective", &contract::to_json(&guarded(py, || Ok(self.0.effective()))?))
    }

    /// Everything that `can` allows, by name.
    fn permissions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answer(py, "Permissions", &contract::to_json(&guarded(py, || Ok(self.0.permissions()))?))
    }

    /// Everything that `can` allows, one bit for each permission by its number.
    fn permission_bits<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.permission_bits())
    }
}
