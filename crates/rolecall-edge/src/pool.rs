//! Reuses idle instances.

use crate::error::EdgeError;
use crate::host::Host;
use crate::instance::Instance;
use crate::source::EngineSource;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Instances with one source. A call takes an idle instance or makes one. An instance whose call failed is not used
/// again.
pub struct Pool {
    host: Arc<Host>,
    source: EngineSource,
    waiting: Mutex<Waiting>,
    /// Whether the source is too old to answer from. Later pools that replace this one share the flag.
    stale: Arc<AtomicBool>,
}

/// The idle instances.
struct Waiting {
    instances: Vec<Instance>,
    /// Whether another pool has replaced this one: no instance is stored any more.
    retired: bool,
}

impl Pool {
    /// Creates a pool and its first instance, which reports issues of documents at once.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn new(host: Host, source: EngineSource) -> Result<Self, EdgeError> {
        Self::of(Arc::new(host), source, Arc::default())
    }

    /// Creates a pool of the same host with another source, and its first instance.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn with_source(&self, source: EngineSource) -> Result<Self, EdgeError> {
        Self::of(Arc::clone(&self.host), source, Arc::clone(&self.stale))
    }

    fn of(host: Arc<Host>, source: EngineSource, stale: Arc<AtomicBool>) -> Result<Self, EdgeError> {
        let first = host.instance(&source)?;
        let waiting = Mutex::new(Waiting { instances: vec![first], retired: false });
        Ok(Self { host, source, waiting, stale })
    }

    /// Sets whether the source is too old. Every call fails while it is.
    pub fn set_stale(&self, stale: bool) {
        self.stale.store(stale, Ordering::Relaxed);
    }

    /// Calls an instance.
    ///
    /// # Errors
    /// Those of the call; [`EdgeError::Stale`] if the source is too old.
    pub fn call<T>(&self, call: impl FnOnce(&mut Instance) -> Result<T, EdgeError>) -> Result<T, EdgeError> {
        if self.stale.load(Ordering::Relaxed) {
            return Err(EdgeError::Stale);
        }
        self.call_at_any_age(call)
    }

    /// Calls an instance, regardless of the age of the source.
    pub(crate) fn call_at_any_age<T>(
        &self,
        call: impl FnOnce(&mut Instance) -> Result<T, EdgeError>,
    ) -> Result<T, EdgeError> {
        let waiting = self.lock().instances.pop();
        let mut instance = match waiting {
            Some(instance) => instance,
            None => self.host.instance(&self.source)?,
        };
        let answer = call(&mut instance)?;
        self.put_back(instance);
        Ok(answer)
    }

    /// Stores an instance for the next call. Instances beyond the limit are dropped: all pools of a host share its
    /// instances, and a new pool needs some while this one still answers.
    fn put_back(&self, instance: Instance) {
        let mut waiting = self.lock();
        if !waiting.retired && waiting.instances.len() < self.host.most_waiting() {
            waiting.instances.push(instance);
        }
    }

    /// Drops the idle instances, and every busy instance when its call ends. Calls still work, each with a new
    /// instance.
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
