//! Instances that wait to be used again.

use crate::host::Host;
use crate::instance::Instance;
use crate::world::World;
use anyhow::{Result, bail};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Instances of one world. A call takes one that waits, or makes one; an instance whose call failed is not used again.
pub struct Pool {
    host: Arc<Host>,
    world: World,
    waiting: Mutex<Vec<Instance>>,
    /// Whether what there is became too old to answer from. Pools of other worlds that follow this one share it.
    stale: Arc<AtomicBool>,
}

impl Pool {
    /// Makes a pool, with its first instance, so that documents with issues are told at once.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn new(host: Host, world: World) -> Result<Self> {
        Self::of(Arc::new(host), world, Arc::default())
    }

    /// Makes a pool of the same host that answers from another world, with its first instance.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn with_world(&self, world: World) -> Result<Self> {
        Self::of(Arc::clone(&self.host), world, Arc::clone(&self.stale))
    }

    fn of(host: Arc<Host>, world: World, stale: Arc<AtomicBool>) -> Result<Self> {
        let first = host.instance(&world)?;
        Ok(Self { host, world, waiting: Mutex::new(vec![first]), stale })
    }

    /// Says that what there is became too old, or is not: every call fails for as long as it is.
    pub fn set_stale(&self, stale: bool) {
        self.stale.store(stale, Ordering::Relaxed);
    }

    /// Calls an instance.
    ///
    /// # Errors
    /// As the call; and where what there is became too old.
    pub fn call<T>(&self, call: impl FnOnce(&mut Instance) -> Result<T>) -> Result<T> {
        if self.stale.load(Ordering::Relaxed) {
            bail!("what there is became too old to answer from");
        }
        self.call_at_any_age(call)
    }

    /// Calls an instance, however old what there is.
    pub(crate) fn call_at_any_age<T>(&self, call: impl FnOnce(&mut Instance) -> Result<T>) -> Result<T> {
        let waiting = self.lock().pop();
        let mut instance = match waiting {
            Some(instance) => instance,
            None => self.host.instance(&self.world)?,
        };
        let answer = call(&mut instance)?;
        self.lock().push(instance);
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Instance>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
