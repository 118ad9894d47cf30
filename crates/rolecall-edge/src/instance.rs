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

/// The memory limit of an instance, which its store holds.
pub struct Bound(StoreLimits);

/// A pass, and the values that it must match.
#[derive(Clone, Copy, Debug)]
pub struct PassRequest<'p> {
    /// The pass.
    pub pass: &'p str,
    /// The JSON Web Key Set of the issuer.
    pub keys: &'p str,
    /// The address of the issuer.
    pub issuer: &'p str,
    /// The audience that the pass must have; without one, a pass with an audience is rejected.
    pub audience: Option<&'p str>,
    /// The scope, if it differs from that of the pass.
    pub at: Option<&'p str>,
    /// The time, in RFC 3339 with a zone.
    pub time: &'p str,
}

/// One instance of the component. A call that fails ends it; make a new one.
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
        source: &EngineSource,
    ) -> Result<Self, EdgeError> {
        let bound =
            StoreLimitsBuilder::new().memory_size(limits.memory).instances(CORE as usize).trap_on_grow_failure(true);
        let mut store = Store::new(engine, Bound(bound.build()));
        store.limiter(|bound| &mut bound.0);
        store.set_epoch_deadline(ticks(limits.compile));
        let component = pre.instantiate(&mut store)?;
        let guest = component.rolecall_policy_decisions().engine();
        let engine = match source {
            EngineSource::Documents { policy, directory } => {
                guest.call_compile(&mut store, policy, directory)?.map_err(|issues| DocumentIssues { issues })?
            }
            EngineSource::Snapshot(bytes) => {
                let opened = guest.call_from_snapshot(&mut store, bytes)?;
                opened.map_err(|error| EdgeError::Snapshot { code: error.code, message: error.message })?
            }
        };
        Ok(Self { store, component, engine, call_ticks: ticks(limits.call) })
    }

    /// Calls the bindings of the component, for functions that have no method here. Each call has its own time limit.
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

    /// Evaluates a request in JSON. Returns the decision, or the error, as canonical JSON.
    ///
    /// # Errors
    /// A limit that was reached, or a defect of the component.
    pub fn check(&mut self, request: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_check(store, engine, request))
    }

    /// Explains a request in JSON. Returns the explanation, or the error, as canonical JSON.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn explain(&mut self, request: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_explain(store, engine, request))
    }

    /// Returns the part of a menu that a subject sees, or the error, as canonical JSON.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn menu(&mut self, name: &str, who: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_menu(store, engine, name, who))
    }

    /// Returns everything that a subject may do, or the error, as canonical JSON.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn permissions(&mut self, who: &str) -> Result<String, EdgeError> {
        self.call(|guest, store, engine| guest.engine().call_permissions(store, engine, who))
    }

    /// Verifies a pass within the component, without the directory. Returns everything that its bearer may do, or the
    /// error, as canonical JSON.
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
            let answer = opened.call_permissions(&mut *store, session)?;
            session.resource_drop(&mut *store)?;
            Ok(answer)
        })
    }
}
