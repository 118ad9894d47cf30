//! The limits of one instance.

use std::time::Duration;

/// How often the clock of the time limit ticks.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// The most core instances, and the most tables, of one instance: the module itself and its adapters.
pub(crate) const CORE: u32 = 4;

/// The resources of one instance.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: usize,
    /// The time for one call.
    pub call: Duration,
    /// The time to compile the documents.
    pub compile: Duration,
    /// The most instances at once.
    pub instances: u32,
}

impl Default for Limits {
    /// 256 MiB, 100 ms, 10 s, 64 instances.
    fn default() -> Self {
        let (call, compile) = (Duration::from_millis(100), Duration::from_secs(10));
        Self { memory: 256 << 20, call, compile, instances: 64 }
    }
}

/// Returns the ticks that last at least this long.
pub(crate) fn ticks(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX).max(1) + 1
}
