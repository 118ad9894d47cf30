//! Instances that wait to be used again.

use crate::error::EdgeError;
use crate::host::Host;
use crate::instance::Instance;
use crate::source::EngineSource;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Instances of one world. A call takes one that waits, or makes one; an instance whose call failed is not used again.
pub struct Pool {
    host: Arc<Host>,
    world: EngineSource,
    waiting: Mutex<Waiting>,
    /// Whether what there is became too old to answer from. Pools of other worlds that follow this one share it.
    stale: Arc<AtomicBool>,
}

/// The instances that nobody uses at the moment.
struct Waiting {
    instances: Vec<Instance>,
    /// Whether another pool has replaced this one: no instance is stored any more.
    retired: bool,
}

impl Pool {
    /// Makes a pool, with its first instance, so that documents with issues are told at once.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn new(host: Host, world: EngineSource) -> Result<Self, EdgeError> {
        Self::of(Arc::new(host), world, Arc::default())
    }

    /// Makes a pool of the same host that answers from another world, with its first instance.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn with_world(&self, world: EngineSource) -> Result<Self, EdgeError> {
        Self::of(Arc::clone(&self.host), world, Arc::clone(&self.stale))
    }

    fn of(host: Arc<Host>, world: EngineSource, stale: Arc<AtomicBool>) -> Result<Self, EdgeError> {
        let first = host.instance(&world)?;
        let waiting = Mutex::new(Waiting { instances: vec![first], retired: false });
        Ok(Self { host, world, waiting, stale })
    }

    /// Says that what there is became too old, or is not: every call fails for as long as it is.
    pub fn set_stale(&self, stale: bool) {
        self.stale.store(stale, Ordering::Relaxed);
    }

    /// Calls an instance.
    ///
    /// # Errors
    /// As the call; and where what there is became too old.
    pub fn call<T>(&self, call: impl FnOnce(&mut Instance) -> Result<T, EdgeError>) -> Result<T, EdgeError> {
        if self.stale.load(Ordering::Relaxed) {
            return Err(EdgeError::Stale);
        }
        self.call_at_any_age(call)
    }

    /// Calls an instance, however old what there is.
    pub(crate) fn call_at_any_age<T>(
        &self,
        call: impl FnOnce(&mut Instance) -> Result<T, EdgeError>,
    ) -> Result<T, EdgeError> {
        let waiting = self.lock().instances.pop();
        let mut instance = match waiting {
            Some(instance) => instance,
            None => self.host.instance(&self.world)?,
        };
        let answer = call(&mut instance)?;
        self.put_back(instance);
        Ok(answer)
    }

    /// Stores an instance for the next call. Instances beyond the bound are dropped: all pools of a host share its instances,
    /// and a new pool needs one while this one still answers.
    fn put_back(&self, instance: Instance) {
        let mut waiting = self.lock();
        if !waiting.retired && waiting.instances.len() < self.host.most_waiting() {
            waiting.instances.push(instance);
        }
    }

    /// Drops the waiting instances, and every instance whose call ends later. Calls still work, each with a new instance.
    pub(crate) fn retire(&self) {
        let instances = {
            let mut waiting = self.lock();
            waiting.retired = true;
            std::mem::take(&mut waiting.instances)
        };
        drop(instances);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
