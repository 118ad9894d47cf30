//! A policy and a directory, ready to answer.

use crate::decision::Decision;
use crate::error::{guarded, malformed, request_error, required, told_error, uncompiled, unopened};
use crate::json::{class, load};
use crate::pickle::{Pickled, pickled};
use crate::policy::Policy;
use crate::session::Session;
use crate::text::{dump, dump_document, instant};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt};
use rolecall::document::{DocumentKind, JsonText, Locate, NoPositions, parse_json};
use rolecall::{ContextText, Directory, RequestError, RequestErrorCode, SubjectId, Timestamp};
use rolecall_contract as contract;
use rolecall_snapshot::Check;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// A policy and a directory, ready to answer.
#[pyclass(frozen, module = "rolecall")]
pub(crate) struct Engine {
    policy: Policy,
    /// Read by every question, written by a single change.
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

    /// A panic while it was written would have left it as it was, or changed: either is a directory.
    fn engine(&self) -> RwLockReadGuard<'_, rolecall::Engine> {
        self.engine.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what takes long while other threads of Python go on, with the engine as it is now: nobody who changes it waits.
    fn apart<T: Send>(&self, py: Python<'_>, work: impl FnOnce(rolecall::Engine) -> T + Send) -> PyResult<T> {
        guarded(py, || {
            let engine = self.engine().clone();
            Ok(py.detach(|| work(engine)))
        })
    }

    fn decide(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Result<rolecall::Decision, RequestError>> {
        let text = dump(py, request, "")?;
        guarded(py, || {
            let asked = contract::question(&self.engine(), &text);
            Ok(asked.map(|asked| asked.session.check(asked.permission, asked.item.as_ref())))
        })
    }
}

/// Plain data of an answer, or its error raised.
fn plain<'py>(py: Python<'py>, answer: &str) -> PyResult<Bound<'py, PyAny>> {
    let told = load(py, answer)?;
    if told.contains("error")? { Err(told_error(py, &told.get_item("error")?)) } else { Ok(told) }
}

/// An answer of a class, or its error raised.
fn answered<'py>(py: Python<'py>, name: &str, answer: &str) -> PyResult<Bound<'py, PyAny>> {
    class(py, name)?.call_method1("_of", (plain(py, answer)?,))
}

#[pymethods]
impl Engine {
    /// Compiles a directory, and the policy where it is a text. Raises `CompileError` with every issue.
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
        // Lines and columns of a text that the caller never saw would mean nothing.
        Self::compile(py, policy, &dump_document(py, DocumentKind::Directory, directory)?, &NoPositions)
    }

    /// Opens a snapshot and checks all of it. Raises `RequestError`.
    #[staticmethod]
    fn from_snapshot(py: Python<'_>, snapshot: PyBackedBytes) -> PyResult<Self> {
        guarded(py, || {
            let opened = py.detach(|| rolecall::Engine::from_snapshot(snapshot));
            opened.map(Self::of).map_err(|fault| malformed(py, &fault))
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

    /// Pickles as a snapshot.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Pickled<'py, (Bound<'py, PyBytes>,)>> {
        pickled(py, "engine", (self.to_snapshot(py)?,))
    }

    /// An engine of its own: changes to one do not reach the other. What did not change is shared.
    fn __copy__(&self) -> Self {
        Self::of(self.engine().clone())
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Self {
        self.__copy__()
    }

    /// The policy and the directory as they are compiled.
    fn to_snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.apart(py, |engine| engine.to_snapshot())?))
    }

    /// Writes the snapshot to a file, whole or not at all. Raises `OSError`.
    fn write_snapshot(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.apart(py, |engine| rolecall_snapshot::write(&engine, &path))?.map_err(|error| unopened(py, error))
    }

    /// The policy.
    #[getter]
    fn policy(&self) -> Policy {
        self.policy.clone()
    }

    /// Makes one change to the directory. Raises `CompileError`, in which case nothing is changed.
    fn apply(&self, py: Python<'_>, change: &Bound<'_, PyAny>) -> PyResult<bool> {
        let text = dump_document(py, DocumentKind::Directory, change)?;
        guarded(py, || {
            let mut engine = self.engine.write().unwrap_or_else(PoisonError::into_inner);
            let tree = parse_json(DocumentKind::Directory, &text);
            tree.and_then(|tree| engine.apply(&tree, &NoPositions)).map_err(|error| uncompiled(py, &error))
        })
    }

    /// Tells whether a subject may do something, of whose connection nothing is known. Raises `RequestError`.
    fn can_by_names(
        &self,
        py: Python<'_>,
        subject: &str,
        permission: &str,
        at: &str,
        time: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        // Whole milliseconds: `time.time()` and `True` would be instants of January 1970.
        let told = if time.is_exact_instance_of::<PyInt>() {
            // What is too large is no instant either.
            let millis = time.extract::<i64>().map_or(f64::INFINITY, |millis| millis as f64);
            contract::can_by_names(&self.engine(), subject, permission, at, millis)
        } else if time.is_instance_of::<PyFloat>() || time.is_instance_of::<PyBool>() {
            let message = "the instant is not a whole number of milliseconds; it could be seconds";
            let help = "give a `datetime`, a text, or milliseconds as an `int`";
            Err(RequestError::new(RequestErrorCode::TimeMalformed, "time", message).with_help(help))
        } else {
            let time = instant(time, "time")?;
            Timestamp::read(&time, "time").and_then(|time| self.engine().can_by_names(subject, permission, at, time))
        };
        told.map_err(|fault| malformed(py, &fault))
    }

    /// Resolves a subject in a context once. Raises `RequestError`.
    #[pyo3(signature = (subject, *, at, time, ip=None, last_activity=None, login=None, active_roles=None))]
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
        active_roles: Option<Vec<String>>,
    ) -> PyResult<Session> {
        let time = instant(time, "context.time")?;
        let last_activity = last_activity.map(|value| instant(value, "context.last_activity")).transpose()?;
        let resolve = || -> Result<rolecall::Session, RequestError> {
            let subject = SubjectId::parse(subject)?;
            let context = ContextText {
                at,
                time: &time,
                ip,
                last_activity: last_activity.as_deref(),
                login,
                active_roles: active_roles.as_ref().map(|roles| roles.iter().map(String::as_str).collect()),
            };
            Ok(self.engine().session(subject, context.resolve()?))
        };
        guarded(py, || resolve().map(Session::new).map_err(|fault| malformed(py, &fault)))
    }

    /// Tells whether a question is allowed. Raises `RequestError`.
    fn can(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.decide(py, request)?.map_err(|fault| malformed(py, &fault))?.allow)
    }

    /// Decides with reasons. Raises `RequestError`.
    fn check(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Decision> {
        self.decide(py, request)?.map(Decision::from).map_err(|fault| malformed(py, &fault))
    }

    /// Decides many questions, as many and in the same order; a malformed one gets its error.
    fn check_many<'py>(&self, py: Python<'py>, requests: Vec<Bound<'py, PyAny>>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let answer = |request: &Bound<'py, PyAny>| match self.decide(py, request)? {
            Ok(decision) => Ok(Bound::new(py, Decision::from(decision))?.into_any()),
            Err(fault) => request_error(py, &fault),
        };
        requests.iter().map(answer).collect()
    }

    /// Decides, and raises `ForbiddenError` where the decision denies. Raises `RequestError`.
    fn require(&self, py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Decision> {
        let text = dump(py, request, "")?;
        guarded(py, || {
            let asked = contract::question(&self.engine(), &text).map_err(|fault| malformed(py, &fault))?;
            required(py, &asked.session, asked.permission, asked.item.as_ref())
        })
    }

    /// Decides, and tells everything that was looked at. Raises `RequestError`.
    fn explain<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let text = dump(py, request, "")?;
        answered(py, "Explanation", &guarded(py, || Ok(contract::explain(&self.engine(), &text)))?)
    }

    /// An explanation for the person who asks: codes only. Raises `RequestError`.
    fn explain_redacted<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let text = dump(py, request, "")?;
        answered(py, "RedactedExplanation", &guarded(py, || Ok(contract::explain_redacted(&self.engine(), &text)))?)
    }

    /// What would change for whom, from this engine to another one, at an instant. Raises `RequestError`.
    #[pyo3(signature = (after, *, time))]
    fn diff<'py>(&self, py: Python<'py>, after: &Self, time: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let time = instant(time, "time")?;
        let after = guarded(py, || Ok(after.engine().clone()))?;
        answered(py, "Diff", &self.apart(py, |engine| contract::diff(&engine, &after, &time))?)
    }

    /// What the directory holds against the policy's rules for administration, at an instant. Raises `RequestError`.
    #[pyo3(signature = (*, time))]
    fn violations<'py>(&self, py: Python<'py>, time: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let time = instant(time, "time")?;
        answered(py, "Violations", &self.apart(py, |engine| contract::violations(&engine, &time))?)
    }

    /// Everyone who may do something at a scope, at an instant. Raises `RequestError`.
    #[pyo3(signature = (permission, *, at, time))]
    fn who_can<'py>(
        &self,
        py: Python<'py>,
        permission: &str,
        at: &str,
        time: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let time = instant(time, "time")?;
        answered(py, "WhoCan", &self.apart(py, |engine| contract::who_can(&engine, permission, at, &time))?)
    }

    /// Every scope where a subject may do something, at an instant. Raises `RequestError`.
    #[pyo3(signature = (subject, permission, *, time))]
    fn where_can<'py>(
        &self,
        py: Python<'py>,
        subject: &str,
        permission: &str,
        time: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let time = instant(time, "time")?;
        answered(py, "WhereCan", &guarded(py, || Ok(contract::where_can(&self.engine(), subject, permission, &time)))?)
    }

    /// Every role that holds a permission, custom ones included. Raises `RequestError`.
    fn granting_roles<'py>(&self, py: Python<'py>, permission: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let told = guarded(py, || Ok(contract::granting_roles(&self.engine(), permission)))?;
        let (make, roles) = (class(py, "GrantingRole")?.getattr("_of")?, plain(py, &told)?.get_item("roles")?);
        roles.try_iter()?.map(|role| make.call1((role?,))).collect()
    }

    /// Answers JSON with canonical JSON: the decision, or the error.
    fn check_json(&self, py: Python<'_>, request: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::check(&self.engine(), request)))
    }

    /// Answers JSON with canonical JSON: the explanation, or the error.
    fn explain_json(&self, py: Python<'_>, request: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::explain(&self.engine(), request)))
    }

    /// Answers `{"subject", "at", "context"}` with canonical JSON: the menu, or the error.
    fn menu_json(&self, py: Python<'_>, name: &str, who: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::menu(&self.engine(), name, who)))
    }

    /// Answers `{"subject", "at", "context"}` with canonical JSON: the permissions, or the error.
    fn permissions_json(&self, py: Python<'_>, who: &str) -> PyResult<String> {
        guarded(py, || Ok(contract::permissions(&self.engine(), who)))
    }
}
