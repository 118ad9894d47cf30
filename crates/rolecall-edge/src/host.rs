//! The component, loaded once.

use crate::bindings::PolicyPre;
use crate::error::EdgeError;
use crate::instance::{Bound, Instance};
use crate::limits::{CORE, Limits, TICK};
use crate::source::EngineSource;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// The component, compiled to machine code and linked, ready to be instantiated often.
pub struct Host {
    engine: Engine,
    pre: PolicyPre<Bound>,
    limits: Limits,
    clock: Arc<AtomicBool>,
}

/// Bytes of tables that are written over when an instance is gone, rather than given back: all of ours, which halves the time
/// that the next one takes.
const TABLE: usize = 64 << 10;

/// Where instances lie, which are used again.
#[must_use]
pub fn pooling(limits: Limits) -> PoolingAllocationConfig {
    let mut pooling = PoolingAllocationConfig::new();
    pooling.total_component_instances(limits.instances);
    pooling.total_core_instances(limits.instances.saturating_mul(CORE));
    pooling.total_memories(limits.instances);
    pooling.total_tables(limits.instances.saturating_mul(CORE));
    pooling.max_memory_size(limits.memory);
    pooling.table_keep_resident(TABLE);
    pooling
}

/// The configuration that a pre-compiled component and its host must share.
fn config(limits: Limits) -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.epoch_interruption(true);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(limits)));
    config
}

/// Compiles a component to machine code for this machine and this version of wasmtime, for [`Host::from_precompiled`].
///
/// # Errors
/// Where the bytes are no component.
pub fn precompile(wasm: &[u8]) -> Result<Vec<u8>, EdgeError> {
    Ok(Engine::new(&config(Limits::default()))?.precompile_component(wasm)?)
}

impl Host {
    /// Loads a component from its WebAssembly.
    ///
    /// # Errors
    /// Where the bytes are no component, or not one of the world `rolecall:policy/policy`.
    pub fn from_wasm(wasm: &[u8], limits: Limits) -> Result<Self, EdgeError> {
        let engine = Engine::new(&config(limits))?;
        let component = Component::new(&engine, wasm)?;
        Self::new(engine, &component, limits)
    }

    /// Loads a component from what [`precompile`] made of it.
    ///
    /// # Safety
    /// The file must be one that [`precompile`] wrote and that nobody else could change since: its machine code is run
    /// as it is.
    ///
    /// # Errors
    /// Where the file was made by another version or for another machine.
    #[expect(unsafe_code, reason = "wasmtime cannot know where the machine code comes from; the caller must")]
    pub unsafe fn from_precompiled(path: &Path, limits: Limits) -> Result<Self, EdgeError> {
        let engine = Engine::new(&config(limits))?;
        // SAFETY: the caller vouches for the file.
        let component = unsafe { Component::deserialize_file(&engine, path) }?;
        Self::new(engine, &component, limits)
    }

    fn new(engine: Engine, component: &Component, limits: Limits) -> Result<Self, EdgeError> {
        // The linker is empty: a component that imports anything is refused here.
        let linker: Linker<Bound> = Linker::new(&engine);
        let linked = linker.instantiate_pre(component);
        let pre = PolicyPre::new(linked.map_err(|error| error.context("the component imports something"))?)?;
        let clock = Arc::new(AtomicBool::new(true));
        let (ticking, ticked) = (Arc::clone(&clock), engine.clone());
        std::thread::Builder::new()
            .name("rolecall-clock".into())
            .spawn(move || {
                while ticking.load(Ordering::Relaxed) {
                    std::thread::sleep(TICK);
                    ticked.increment_epoch();
                }
            })
            .map_err(EdgeError::Thread)?;
        Ok(Self { engine, pre, limits, clock })
    }

    /// The number of instances that one pool may store between calls, a quarter of all: room for another pool, and for calls.
    pub(crate) fn most_waiting(&self) -> usize {
        usize::try_from(self.limits.instances / 4).unwrap_or(usize::MAX).max(1)
    }

    /// Instantiates the component and lets it compile documents, or open a snapshot.
    ///
    /// # Errors
    /// [`DocumentIssues`](crate::DocumentIssues) where documents have issues; what is wrong with a snapshot; otherwise a bound
    /// that was reached.
    pub fn instance(&self, world: &EngineSource) -> Result<Instance, EdgeError> {
        Instance::new(&self.engine, &self.pre, self.limits, world)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.clock.store(false, Ordering::Relaxed);
    }
}
