//! Instances that wait to be used again.

use crate::host::Host;
use crate::instance::Instance;
use anyhow::{Result, bail};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What instances answer from.
#[derive(Clone, Debug)]
pub enum World {
    /// A policy and a directory, as JSON text.
    Documents {
        /// The policy.
        policy: String,
        /// The directory.
        directory: String,
    },
    /// A snapshot of both.
    Snapshot(Vec<u8>),
}

impl World {
    /// A policy and a directory, as JSON text.
    pub fn documents(policy: impl Into<String>, directory: impl Into<String>) -> Self {
        Self::Documents { policy: policy.into(), directory: directory.into() }
    }
}

/// Instances of one world. A call takes one that waits, or makes one; an instance whose call failed is not used again.
pub struct Pool {
    host: Host,
    state: Mutex<State>,
    /// Whether what there is became too old to answer from.
    stale: AtomicBool,
}

struct State {
    world: Arc<World>,
    /// Counts the worlds, so that an instance of one before is not kept.
    generation: u64,
    waiting: Vec<Instance>,
}

impl Pool {
    /// Makes a pool, with its first instance, so that documents with issues are told at once.
    ///
    /// # Errors
    /// As [`Host::instance`].
    pub fn new(host: Host, world: World) -> Result<Self> {
        let first = host.instance(&world)?;
        let state = State { world: Arc::new(world), generation: 0, waiting: vec![first] };
        Ok(Self { host, state: Mutex::new(state), stale: AtomicBool::new(false) })
    }

    /// Answers from another world from now on; calls that have begun end with the one before.
    ///
    /// # Errors
    /// As [`Host::instance`], in which case nothing changes.
    pub fn replace(&self, world: World) -> Result<()> {
        let first = self.host.instance(&world)?;
        let mut state = self.lock();
        state.world = Arc::new(world);
        state.generation += 1;
        // Instances of the world before end here, outside of nobody's call.
        state.waiting = vec![first];
        Ok(())
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
        let (waiting, world, generation) = {
            let mut state = self.lock();
            (state.waiting.pop(), Arc::clone(&state.world), state.generation)
        };
        let mut instance = match waiting {
            Some(instance) => instance,
            None => self.host.instance(&world)?,
        };
        let answer = call(&mut instance)?;
        let mut state = self.lock();
        if state.generation == generation {
            state.waiting.push(instance);
        }
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
