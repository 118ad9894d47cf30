//! The class `Session`.

use crate::decision::Decision;
use crate::error::{guarded, malformed, required};
use crate::json::{answer, load};
use crate::record::{redacted, redaction};
use crate::text::{Named, dump, timestamp};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rolecall::{Coverage, Item, PermissionId, RequestError, RequestErrorCode, ScopePath, Timestamp, ViewCoverage};
use rolecall_contract as contract;

/// One subject in one context, resolved once.
#[pyclass(frozen, module = "rolecall")]
pub(crate) struct Session(rolecall::Session);

impl Session {
    pub(crate) fn new(session: rolecall::Session) -> Self {
        Self(session)
    }

    /// Returns the id of a permission, given by name or number.
    fn permission(&self, py: Python<'_>, permission: &Bound<'_, PyAny>) -> PyResult<PermissionId> {
        let policy = self.0.policy();
        let number = match Named::read(permission)? {
            Named::Name(name) => return policy.permission(&name).map_err(|error| malformed(py, &error)),
            Named::Number(number) => number,
        };
        policy.permission_at(number).ok_or_else(|| {
            let message = format!("the policy has no permission with the number `{number}`");
            malformed(py, &RequestError::new(RequestErrorCode::PermissionUnknown, "permission", message))
        })
    }

    /// Reads the arguments of a question: a permission and an optional item.
    fn question(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(PermissionId, Option<Item>)> {
        let permission = self.permission(py, permission)?;
        let Some(resource) = resource else { return Ok((permission, None)) };
        let item =
            contract::item(self.0.policy(), &dump(py, resource, "resource")?).map_err(|error| malformed(py, &error))?;
        Ok((permission, Some(item)))
    }

    /// Returns the answer of a question as an object of a class.
    fn answer_of<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        permission: &Bound<'py, PyAny>,
        resource: Option<&Bound<'py, PyAny>>,
        ask: impl FnOnce(&rolecall::Session, PermissionId, Option<&Item>) -> String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let text = guarded(py, || {
            let (permission, item) = self.question(py, permission, resource)?;
            Ok(ask(&self.0, permission, item.as_ref()))
        })?;
        answer(py, name, &text)
    }
}

#[pymethods]
impl Session {
    /// Returns the subject's id.
    #[getter]
    fn subject(&self) -> &str {
        self.0.subject()
    }

    /// Returns the first later timestamp at which any answer may differ.
    #[getter]
    fn valid_until(&self) -> Option<String> {
        self.0.valid_until().map(|time| time.to_string())
    }

    /// Returns whether a permission, by name or number, is allowed: for an item if one is passed. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn can(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let (permission, item) = self.question(py, permission, resource)?;
        Ok(item.map_or_else(|| self.0.can(permission), |item| self.0.can_item(permission, &item)))
    }

    /// Raises `TypeError`: a session refers to the whole directory, which its pickle would have to contain.
    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "`Session` cannot be pickled: pickle `PortableSession.from_bytes(session.to_bytes(), time=…)`, or the engine, \
             and make the session there",
        ))
    }

    /// Returns the object itself, because it is immutable.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// Returns the decision with its reasons. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn check(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Decision> {
        guarded(py, || {
            let (permission, item) = self.question(py, permission, resource)?;
            Ok(self.0.check(permission, item.as_ref()).into())
        })
    }

    /// Returns one decision for each permission, in order. Raises `RequestError`.
    fn check_many(&self, py: Python<'_>, permissions: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<Decision>> {
        permissions.iter().map(|permission| self.check(py, permission, None)).collect()
    }

    /// Returns the decision, or raises `ForbiddenError` if it denies. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn require(
        &self,
        py: Python<'_>,
        permission: &Bound<'_, PyAny>,
        resource: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Decision> {
        guarded(py, || {
            let (permission, item) = self.question(py, permission, resource)?;
            required(py, &self.0, permission, item.as_ref())
        })
    }

    /// Returns the decision with everything that it depends on. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        permission: &Bound<'py, PyAny>,
        resource: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.answer_of(py, "Explanation", permission, resource, |session, permission, item| {
            contract::to_json(&session.explain(permission, item))
        })
    }

    /// Returns an explanation that the subject may see: codes only. Raises `RequestError`.
    #[pyo3(signature = (permission, resource=None))]
    fn explain_redacted<'py>(
        &self,
        py: Python<'py>,
        permission: &Bound<'py, PyAny>,
        resource: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.answer_of(py, "RedactedExplanation", permission, resource, |session, permission, item| {
            contract::to_json(&session.explain_redacted(permission, item))
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
        let labels = guarded(py, || contract::labels(self.0.policy(), &labels).map_err(|error| malformed(py, &error)))?;
        let record = redacted(record, &labels, &self.0.walk(&labels), mask)?;
        redaction(record, self.0.withheld(&labels), self.0.withheld_until(&labels))
    }

    /// Returns the session as bytes that `PortableSession` opens. Raises `RequestError`.
    #[pyo3(signature = (*, scopes=None, menus=None, until=None))]
    fn to_bytes<'py>(
        &self,
        py: Python<'py>,
        scopes: Option<Vec<String>>,
        menus: Option<Vec<String>>,
        until: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let until = until.map(|until| timestamp(until, "until")).transpose()?;
        let encode = || {
            let scopes = scopes.iter().flatten().enumerate();
            let scopes = scopes
                .map(|(index, path)| ScopePath::parse(path).map_err(|error| error.at(format!("scopes[{index}]"))));
            self.0.to_bytes(&Coverage {
                scopes: scopes.collect::<Result<_, _>>()?,
                menus: menus.iter().flatten().map(String::as_str).collect(),
                until: until.as_deref().map(|until| Timestamp::read(until, "until")).transpose()?,
            })
        };
        Ok(PyBytes::new(py, &guarded(py, || encode().map_err(|error| malformed(py, &error)))?))
    }

    /// Returns the answers of the session as plain data, for pages that only look them up. Raises `RequestError`.
    #[pyo3(signature = (*, menus=None, permissions=None, until=None))]
    fn to_view<'py>(
        &self,
        py: Python<'py>,
        menus: Option<Vec<String>>,
        permissions: Option<Vec<String>>,
        until: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let until = until.map(|until| timestamp(until, "until")).transpose()?;
        let number = |(index, name): (usize, &String)| {
            self.0.policy().permission(name).map_err(|error| error.at(format!("permissions[{index}]")))
        };
        let view = || {
            let numbers = permissions.as_ref().map(|names| names.iter().enumerate().map(number).collect());
            let coverage = ViewCoverage {
                permissions: numbers.transpose()?,
                until: until.as_deref().map(|until| Timestamp::read(until, "until")).transpose()?,
                menus: menus.iter().flatten().map(String::as_str).collect(),
            };
            Ok(contract::to_json(&self.0.to_view(&coverage)?))
        };
        load(py, &guarded(py, || view().map_err(|error: RequestError| malformed(py, &error)))?)
    }

    /// Returns the part of a menu that the session sees. Raises `RequestError`.
    fn menu<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let menu = guarded(py, || self.0.menu(name).map_err(|error| malformed(py, &error)))?;
        answer(py, "Menu", &contract::to_json(&menu))
    }

    /// Returns the permissions of the active roles, and the roles that grant each, regardless of the guards.
    fn effective<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answer(py, "Effective", &contract::to_json(&guarded(py, || Ok(self.0.effective()))?))
    }

    /// Returns the names of the permissions that `can` allows.
    fn permissions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answer(py, "Permissions", &contract::to_json(&guarded(py, || Ok(self.0.permissions()))?))
    }

    /// Returns the permissions that `can` allows, as one bit for each number.
    fn permission_bits<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.permission_bits())
    }
}
