//! The class `Engine`.

use crate::decision::Decision;
use crate::error::{error_of, guarded, malformed, request_error, required, uncompiled, unopened};
use crate::json::{class, load};
use crate::pickle::{Pickled, pickled};
use crate::policy::Policy;
use crate::session::Session;
use crate::text::{dump, dump_document, timestamp};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt};
use rolecall::document::{DocumentKind, JsonText, Locate, NoPositions, parse_json};
use rolecall::{ContextText, Directory, RequestError, RequestErrorCode, SubjectId, Timestamp};
use rolecall_contract as contract;
use rolecall_snapshot::Check;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// A compiled policy and directory, ready to answer questions.
#[pyclass(frozen, module = "rolecall")]
pub(crate) struct Engine {
    policy: Policy,
    /// Questions read it; `apply` writes it.
    engine: RwLock<rolecall::Engine>,
}

impl Engine {
    fn compile(py: Python<'_>, policy: Policy, text: &str, locate: &(impl Locate + Sync)) -> PyResult<Self> {
        guarded(py, || {
            let compiled = py.detach(|| {
                parse_json(DocumentKind::Directory, text)
                    .and_then(|tree| Directory::compile(Arc::clone(&policy.0), &tree, locate))
            });
            let engine = rolecall::Engine::new(compiled.map_err(|error| uncompiled(py, &error))?);
            Ok(Self { policy: policy.clone(), engine: RwLock::new(engine) })
        })
    }

    fn of(engine: rolecall::Engine) -> Self {
        Self { policy: Policy(Arc::clone(engine.directory().policy())), engine: RwLock::new(engine) }
    }

    /// Ignores poisoning: a change that panics either took effect or did not, and both states are consistent.
    fn engine(&self) -> RwLockReadGuard<'_, rolecall::Engine> {
        self.engine.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs slow work on a copy of the engine, without the lock and without the interpreter lock, so that changes and other
    /// threads do not wait.
    fn detached<T: Send>(&self, py: Python<'_>, work: impl FnOnce(rolecall::Engine) -> T + Send) -> PyResult<T> {
        guarded(py, || {
            let engine = self.engine().clone();
            Ok(py.detach(|| work(engine)))
        })
    }

    fn decide(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Result<rolecall::Decision, RequestError>> {
        let text = dump(py, request, "")?;
        guarded(py, || {
            let question = contract::question(&self.engine(), &text);
            Ok(question.map(|question| question.session.check(question.permission, question.item.as_ref())))
        })
    }
}

/// Returns an answer as plain data. Raises the error that the JSON text contains instead.
fn plain<'py>(py: Python<'py>, answer: &str) -> PyResult<Bound<'py, PyAny>> {
    let data = load(py, answer)?;
    if data.contains("error")? { Err(error_of(py, &data.get_item("error")?)) } else { Ok(data) }
}

/// Returns an answer as an object of a class. Raises the error that the JSON text contains instead.
fn answer_of<'py>(py: Python<'py>, name: &str, answer: &str) -> PyResult<Bound<'py, PyAny>> {
    class(py, name)?.call_method1("_of", (plain(py, answer)?,))
}

/// Returns a question about assignments as JSON: what it is about, the scope, the time, and the wanted page.
fn holders_question(
    py: Python<'_>,
    (key, value): (&str, &str),
    at: Option<&str>,
    time: &Bound<'_, PyAny>,
    (limit, after): (Option<&Bound<'_, PyAny>>, Option<&str>),
) -> PyResult<String> {
    let asked = PyDict::new(py);
    asked.set_item(key, value)?;
    asked.set_item("time", timestamp(time, "time")?)?;
    at.map_or(Ok(()), |at| asked.set_item("at", at))?;
    limit.map_or(Ok(()), |limit| asked.set_item("limit", limit))?;
    after.map_or(Ok(()), |after| asked.set_item("after", after))?;
    dump(py, &asked, "")
}

#[pymethods]
impl Engine {
    /// Compiles a directory, and the policy if it is a text. Raises `CompileError` with every issue.
    #[staticmethod]
    fn from_json(py: Python<'_>, policy: &Bound<'_, PyAny>, directory: &str) -> PyResult<Self> {
        let policy = match policy.cast::<Policy>() {
            Ok(policy) => policy.get().clone(),
            Err(_) => Policy::from_json(py, policy.extract()?)?,
        };
        Self::compile(py, policy, directory, &JsonText(directory))
    }

    /// Compiles plain data. Raises `CompileError` with every issue.
    #[staticmethod]
    fn from_dict(py: Python<'_>, policy: &Bound<'_, PyAny>, directory: &Bound<'_, PyAny>) -> PyResult<Self> {
        let policy = match policy.cast::<Policy>() {
            Ok(policy) => policy.get().clone(),
            Err(_) => Policy::from_dict(py, policy)?,
        };
        // Issues have no line and column: the caller never saw the JSON text.
        Self::compile(py, policy, &dump_document(py, DocumentKind::Directory, directory)?, &NoPositions)
    }

    /// Opens a snapshot and verifies all of it. Raises `RequestError`.
    #[staticmethod]
    fn from_snapshot(py: Python<'_>, snapshot: PyBackedBytes) -> PyResult<Self> {
        guarded(py, || {
            let opened = py.detach(|| rolecall::Engine::from_snapshot(snapshot));
            opened.map(Self::of).map_err(|error| malformed(py, &error))
        })
    }

    /// Maps the file of a snapshot into memory. Raises `RequestError` and `OSError`.
    #[staticmethod]
    #[pyo3(signature = (path, *, verify=true))]
    fn open_snapshot(py: Python<'_>, path: PathBuf, verify: bool) -> PyResult<Self> {
        let check = if verify { Check::All } else { Check::Frame };
        guarded(py, || {
            let opened = py.detach(|| rolecall_snapshot::open(&path, check));
            opened.map(Self::of).map_err(|error| unopened(py, error))
        })
    }

    /// Pickles the engine as its snapshot.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Pickled<'py, (Bound<'py, PyBytes>,)>> {
        pickled(py, "engine", (self.to_snapshot(py)?,))
    }

    /// Returns an independent engine. Both share unchanged data, but neither follows changes to the other.
    fn __copy__(&self) -> Self {
        Self::of(self.engine().clone())
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Self {
        self.__copy__()
    }

    /// Returns the compiled policy and directory as bytes.
    fn to_snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.detached(py, |engine| engine.to_snapshot())?))
    }

    /// Writes the snapshot to a file, completely or not at all. Raises `OSError`.
    fn write_snapshot(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.detached(py, |engine| rolecall_snapshot::write(&engine, &path))?.map_err(|error| unopened(py, error))
    }

    /// Returns the policy.
    #[getter]
    fn policy(&self) -> Policy {
        self.policy.clone()
    }

    /// Makes one change to the directory. Raises `CompileError` and then changes nothing.
    fn apply(&self, py: Python<'_>, change: &Bound<'_, PyAny>) -> PyResult<bool> {
        let text = dump_document(py, DocumentKind::Directory, change)?;
        guarded(py, || {
            let mut engine = self.engine.write().unwrap_or_else(PoisonError::into_inner);
            engine.apply_json(&text).map_err(|error| uncompiled(py, &error))
        })
    }

    /// Returns whether a subject has a permission, without connection details. Raises `RequestError`.
    fn can_by_names(
        &self,
        py: Python<'_>,
        subject: &str,
        permission: &str,
        at: &str,
        time: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        // Only whole milliseconds: as milliseconds, `time.time()` and `True` would be timestamps of January 1970.
        let allowed = if time.is_exact_instance_of::<PyInt>() {
            // Infinity is rejected like any other number that is out of range.
            let millis = time.extract::<i64>().map_or(f64::INFINITY, |millis| millis as f64);
            contract::can_by_names(&self.engine(), subject, permission, at, millis)
        } else if time.is_instance_of::<PyFloat>() || time.is_instance_of::<PyBool>() {
            let message = "the timestamp is not a whole number of milliseconds; it could be seconds";
            let help = "pass a `datetime`, a text in RFC 3339, or milliseconds as an `int`";
            Err(RequestError::new(RequestErrorCode::TimeMalformed, "time", message).with_help(help))
        } else {
            let time = timestamp(time, "time")?;
            Timestamp::read(&time, "time").and_then(|time| self.engine().can_by_names(subject, permission, at, time))
        };
        allowed.map_err(|error| malformed(py, &error))
    }

    /// Returns a session: one subject in one context, resolved once. Raises `RequestError`.
    #[pyo3(signature = (subject, *, at, time, ip=None, last_activity=None, login=None, second_factor=None, active_roles=None, groups=None))]
    #[expect(clippy::too_many_arguments, reason = "they are the keywords of a context")]
    fn session(
        &self,
        py: Python<'_>,
        subject: &str,
        at: &str,
        time: &Bound<'_, PyAny>,
        ip: Option<&str>,
        last_activity: Option<&Bound<'_, PyAny>>,
        login: Option<&str>,
        second_factor: Option<bool>,
        active_roles: Option<Vec<String>>,
        groups: Option<Vec<String>>,
    ) -> PyResult<Session> {
        let time = timestamp(time, "context.time")?;
        let last_activity = last_activity.map(|value| timestamp(value, "context.last_activity")).transpose()?;
        let resolve = || -> Result<rolecall::Session, RequestError> {
            let subject = SubjectId::parse(subject)?;
            let context = ContextText {
                at,
                time: &time,
                ip,
                last_activity: last_activity.as_deref(),
                login,
                second_factor,
                active_roles: active_roles.as_ref().map(|roles| roles.iter().map(String::as_str).collect()),
                groups: groups.as_ref().map(|groups| groups.iter().map(String::as_str).collect()),
            };
            Ok(self.engine().session(subject, context.resolve()?))
        };
        guarded(py, || resolve().map(Session::new).map_err(|error| malformed(py, &error)))
    }

    /// Returns whether a request is allowed. Raises `RequestError`.
    fn can(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.decide(py, request)?.map_err(|error| malformed(py, &error))?.allow)
    }

    /// Returns the decision with its reasons. Raises `RequestError`.
    fn check(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Decision> {
        self.decide(py, request)?.map(Decision::from).map_err(|error| malformed(py, &error))
    }

    /// Returns one decision for each request, in order. A malformed request gets its error instead of a decision.
    fn check_many<'py>(&self, py: Python<'py>, requests: Vec<Bound<'py, PyAny>>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let answer = |request: &Bound<'py, PyAny>| match self.decide(py, request)? {
            Ok(decision) => Ok(Bound::new(py, Decision::from(decision))?.into_any()),
            Err(error) => request_error(py, &error),
        };
        requests.iter().map(answer).collect()
    }

    /// Returns the decision, or raises `ForbiddenError` if it denies. Raises `RequestError`.
    fn require(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Decision> {
        let text = dump(py, request, "")?;
        guarded(py, || {
            let question = contract::question(&self.engine(), &text).map_err(|error| malformed(py, &error))?;
            required(py, &question.session, question.permission, question.item.as_ref())
        })
    }

    /// Returns the decision with everything that it depends on. Raises `RequestError`.
    fn explain<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let text = dump(py, request, "")?;
        answer_of(py, "Explanation", &guarded(py, || Ok(contract::explain(&self.engine(), &text)))?)
    }

    /// Returns an explanation that the subject may see: codes only. Raises `RequestError`.
    fn explain_redacted<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let text = dump(py, request, "")?;
        answer_of(py, "RedactedExplanation", &guarded(py, || Ok(contract::explain_redacted(&self.engine(), &text)))?)
    }

    /// Returns the access that subjects gain and lose from this engine to another one, at a time. Raises `RequestError`.
    #[pyo3(signature = (after, *, time))]
    fn diff<'py>(&self, py: Python<'py>, after: &Self, time: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let time = timestamp(time, "time")?;
        let after = guarded(py, || Ok(after.engine().clone()))?;
        answer_of(py, "Diff", &self.detached(py, |engine| contract::diff(&engine, &after, &time))?)
    }

    /// Returns the rules for administration that the directory breaks, at a time. Raises `RequestError`.
    #[pyo3(signature = (*, time))]
    fn violations<'py>(&self, py: Python<'py>, time: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let time = timestamp(time, "time")?;
        answer_of(py, "Violations", &self.detached(py, |engine| contract::violations(&engine, &time))?)
    }

    /// Returns every subject that has a permission at a scope, at a time. Raises `RequestError`.
    #[pyo3(signature = (permission, *, at, time))]
    fn who_can<'py>(
        &self,
        py: Python<'py>,
        permission: &str,
        at: &str,
        time: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let time = timestamp(time, "time")?;
        answer_of(py, "WhoCan", &self.detached(py, |engine| contract::who_can(&engine, permission, at, &time))?)
    }

    /// Returns every scope at which a subject has a permission, at a time. Raises `RequestError`.
    #[pyo3(signature = (subject, permission, *, time))]
    fn where_can<'py>(
        &self,
        py: Python<'py>,
        subject: &str,
        permission: &str,
        time: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let time = timestamp(time, "time")?;
        answer_of(py, "WhereCan", &guarded(py, || Ok(contract::where_can(&self.engine(), subject, permission, &time)))?)
    }

    /// Returns the rows that a subject may see, as data for a query of a database. Raises `RequestError`.
    fn filter<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let text = dump(py, request, "")?;
        answer_of(py, "Filter", &self.detached(py, |engine| contract::filter(&engine, &text))?)
    }

    /// Returns the numbers of all scopes, for tables with a column of numbers.
    fn numbering<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answer_of(py, "Numbering", &self.detached(py, |engine| contract::numbering(&engine))?)
    }

    /// Returns every subject that holds a role, with its assignments. Raises `RequestError`.
    #[pyo3(signature = (role, *, at = None, time, limit = None, after = None))]
    fn who_holds<'py>(
        &self,
        py: Python<'py>,
        role: &str,
        at: Option<&str>,
        time: &Bound<'py, PyAny>,
        limit: Option<&Bound<'py, PyAny>>,
        after: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let question = holders_question(py, ("role", role), at, time, (limit, after))?;
        answer_of(py, "WhoHolds", &self.detached(py, |engine| contract::who_holds(&engine, &question))?)
    }

    /// Returns every group that gives its members a permission at a scope. Raises `RequestError`.
    #[pyo3(signature = (permission, *, at, time, limit = None, after = None))]
    fn which_groups_can<'py>(
        &self,
        py: Python<'py>,
        permission: &str,
        at: &str,
        time: &Bound<'py, PyAny>,
        limit: Option<&Bound<'py, PyAny>>,
        after: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let question = holders_question(py, ("permission", permission), Some(at), time, (limit, after))?;
        answer_of(py, "WhichGroupsCan", &self.detached(py, |engine| contract::which_groups_can(&engine, &question))?)
    }

    /// Returns the assignments of a subject that have not ended. Raises `RequestError`.
    #[pyo3(signature = (subject, *, at = None, time))]
    fn assignments_of<'py>(
        &self,
        py: Python<'py>,
        subject: &str,
        at: Option<&str>,
        time: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let question = holders_question(py, ("subject", subject), at, time, (None, None))?;
        answer_of(py, "AssignmentsOf", &self.detached(py, |engine| contract::assignments_of(&engine, &question))?)
    }

    /// Returns every role that holds a permission, custom roles included. Raises `RequestError`.
    fn granting_roles<'py>(&self, py: Python<'py>, permission: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let answer = guarded(py, || Ok(contract::granting_roles(&self.engine(), permission)))?;
        let (make, roles) = (class(py, "GrantingRole")?.getattr("_of")?, plain(py, &answer)?.get_item("roles")?);
        roles.try_iter()?.map(|role| make.call1((role?,))).collect()
    }

    /// Returns the decision about a JSON request, or the error, as canonical JSON.
    fn check_json(&self, py: Python<'_>, request: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::check(&self.engine(), request)))
    }

    /// Returns the explanation of a JSON request, or the error, as canonical JSON.
    fn explain_json(&self, py: Python<'_>, request: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::explain(&self.engine(), request)))
    }

    /// Returns the menu for `{"subject", "at", "context"}`, or the error, as canonical JSON.
    fn menu_json(&self, py: Python<'_>, name: &str, who: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::menu(&self.engine(), name, who)))
    }

    /// Returns the permissions for `{"subject", "at", "context"}`, or the error, as canonical JSON.
    fn permissions_json(&self, py: Python<'_>, who: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::permissions(&self.engine(), who)))
    }
}
