//! One instance of the component, with a policy and a directory compiled in it.

use crate::bindings::exports::rolecall::policy::decisions::Guest;
use crate::bindings::{Policy, PolicyPre};
use crate::error::EdgeError;
use crate::error_json::fault_json;
use crate::issues::DocumentIssues;
use crate::limits::{CORE, Limits, ticks};
use crate::source::EngineSource;
use wasmtime::component::ResourceAny;
use wasmtime::{Engine, Store, StoreLimits, StoreLimitsBuilder};

/// The memory bound of an instance, which its store holds.
pub struct Bound(StoreLimits);

/// A pass, and whose it must be.
#[derive(Clone, Copy, Debug)]
pub struct PassRequest<'p> {
    /// The pass.
    pub pass: &'p str,
    /// The JSON Web Key Set of who issued it.
    pub keys: &'p str,
    /// The address that they are known by.
    pub issuer: &'p str,
    /// Whom it must be meant for; without one, only a pass that names nobody opens.
    pub audience: Option<&'p str>,
    /// The scope, where it is not that of the pass.
    pub at: Option<&'p str>,
    /// The instant, in RFC 3339 with a zone.
    pub time: &'p str,
}

/// One instance of the component. A call that fails has ended it: make a new one.
pub struct Instance {
    store: Store<Bound>,
    component: Policy,
    engine: ResourceAny,
    call_ticks: u64,
}

impl Instance {
    pub(crate) fn new(
        engine: &Engine,
        pre: &PolicyPre<Bound>,
        limits: Limits,
        world: &EngineSource,
    ) -> Result<Self, EdgeError> {
        let bound =
            StoreLimitsBuilder::new().memory_size(limits.memory).instances(CORE as usize).trap_on_grow_failure(true);
        let mut store = Store::new(engine, Bound(bound.build()));
        store.limiter(|bound| &mut bound.0);
        store.set_epoch_deadline(ticks(limits.compile));
        let component = pre.instantiate(&mut store)?;
        let guest = component.rolecall_policy_decisions().engine();
        let engine = match world {
            EngineSource::Documents { policy, directory } => {
                guest.call_compile(&mut store, policy, directory)?.map_err(DocumentIssues)?
            }
            EngineSource::Snapshot(bytes) => {
                let opened = guest.call_from_snapshot(&mut store, bytes)?;
                opened.map_err(|error| EdgeError::Snapshot { code: error.code, message: error.message })?
            }
        };
        Ok(Self { store, component, engine, call_ticks: ticks(limits.call) })
    }

    /// Calls the bindings of the component, for calls that have no method here. Each call gets its own time.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn call<T>(
        &mut self,
        call: impl FnOnce(&Guest, &mut Store<Bound>, ResourceAny) -> wasmtime::Result<T>,
    ) -> Result<T, EdgeError> {
        self.store.set_epoch_deadline(self.call_ticks);
        Ok(call(self.component.rolecall_policy_decisions(), &mut self.store, self.engine)?)
    }

    /// Answers a question, in JSON, with canonical JSON: the decision, or the error.
    ///
    /// # Errors
    /// A bound that was reached, or a defect of the component.
    pub fn check(&mut self, request: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_check(store, engine, request))
    }

    /// Answers a question, in JSON, with canonical JSON: the explanation, or the error.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn explain(&mut self, request: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_explain(store, engine, request))
    }

    /// Answers with canonical JSON: the part of a menu that someone sees, or the error.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn menu(&mut self, name: &str, who: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_menu(store, engine, name, who))
    }

    /// Answers with canonical JSON: everything that someone may do, or the error.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn permissions(&mut self, who: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_permissions(store, engine, who))
    }

    /// Checks a pass within the component, without the directory, and answers with canonical JSON: everything that its
    /// bearer may do, or the error.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn pass_permissions(&mut self, presented: PassRequest<'_>) -> Result<String, EdgeError> {
        let PassRequest { pass, keys, issuer, audience, at, time } = presented;
        self.call(|guest, store, _| {
            let opened = guest.portable_session();
            let session = match opened.call_from_pass(&mut *store, pass, keys, issuer, audience, at, time)? {
                Ok(session) => session,
                Err(fault) => return Ok(fault_json(fault)),
            };
            let told = opened.call_permissions(&mut *store, session)?;
            session.resource_drop(&mut *store)?;
            Ok(told)
        })
    }
}
