//! Loads the component.

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

/// The component, compiled to machine code and linked, ready for many instances.
pub struct Host {
    engine: Engine,
    pre: PolicyPre<Bound>,
    limits: Limits,
    clock: Arc<AtomicBool>,
}

/// Bytes of table memory that are overwritten after use instead of being returned to the system. This covers all of the
/// component's tables, and halves the time to create the next instance.
const TABLE: usize = 64 << 10;

/// The memory slots of instances, which are reused.
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

/// The configuration that a precompiled component and its host must share.
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
/// The bytes are not a component.
pub fn precompile(wasm: &[u8]) -> Result<Vec<u8>, EdgeError> {
    Ok(Engine::new(&config(Limits::default()))?.precompile_component(wasm)?)
}

impl Host {
    /// Loads a component from its WebAssembly.
    ///
    /// # Errors
    /// The bytes are not a component, or not one of the world `rolecall:policy/policy`.
    pub fn from_wasm(wasm: &[u8], limits: Limits) -> Result<Self, EdgeError> {
        let engine = Engine::new(&config(limits))?;
        let component = Component::new(&engine, wasm)?;
        Self::new(engine, &component, limits)
    }

    /// Loads a component from the output of [`precompile`].
    ///
    /// # Safety
    /// The file must be an unmodified output of [`precompile`], because its machine code is executed unchecked.
    ///
    /// # Errors
    /// The file was made by another version or for another machine.
    #[expect(unsafe_code, reason = "wasmtime cannot know where the machine code comes from; the caller must")]
    pub unsafe fn from_precompiled(path: &Path, limits: Limits) -> Result<Self, EdgeError> {
        let engine = Engine::new(&config(limits))?;
        // SAFETY: the caller guarantees that the file is an output of `precompile`.
        let component = unsafe { Component::deserialize_file(&engine, path) }?;
        Self::new(engine, &component, limits)
    }

    fn new(engine: Engine, component: &Component, limits: Limits) -> Result<Self, EdgeError> {
        // The linker is empty: a component with imports is rejected here.
        let linker: Linker<Bound> = Linker::new(&engine);
        let linked = linker.instantiate_pre(component);
        let pre = PolicyPre::new(linked.map_err(|error| {
            error.context("the component has imports; build it with `cargo xtask build component`")
        })?)?;
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

    /// The number of idle instances per pool, a quarter of all: this leaves room for another pool, and for calls.
    pub(crate) fn most_waiting(&self) -> usize {
        usize::try_from(self.limits.instances / 4).unwrap_or(usize::MAX).max(1)
    }

    /// Instantiates the component, which compiles the documents or opens the snapshot.
    ///
    /// # Errors
    /// [`DocumentIssues`](crate::DocumentIssues) if documents have issues; the error of the snapshot; or a limit that
    /// was reached.
    pub fn instance(&self, source: &EngineSource) -> Result<Instance, EdgeError> {
        Instance::new(&self.engine, &self.pre, self.limits, source)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.clock.store(false, Ordering::Relaxed);
    }
}
