//! The limits on the number of connections and on their duration.

use std::time::Duration;

/// The slowest rate, in bytes per second, at which a client may send a body or read a response over a whole
/// [`Bounds::stall`].
pub const SLOWEST: u64 = 500;

/// Descriptors reserved for files, outgoing connections and the runtime.
const RESERVED: u64 = 128;

/// The default limit on connections, for any number of descriptors.
const MOST: usize = 16_384;

/// The limits on connections.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The time from the start of a connection to its first complete request head, including the TLS handshake.
    pub head: Duration,
    /// The time that a connection may stay open without a request.
    pub idle: Duration,
    /// The time in which a client may send a body, or read a response, slower than [`SLOWEST`].
    pub stall: Duration,
    /// The time that requests in progress get when the server stops.
    pub grace: Duration,
    /// Open connections of all clients.
    pub connections: usize,
    /// Open connections of one client address. The addresses of one IPv6 `/64` network count as one.
    pub connections_each: usize,
}

impl Default for Bounds {
    /// 10 seconds to the first head, 60 seconds idle, 30 seconds of stalling, 10 seconds of grace, [`most_connections`]
    /// in total, and a quarter of them from one address.
    fn default() -> Self {
        ConnectionLimits::default().into()
    }
}

/// The limits as set by a configuration or a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Open connections of all clients; defaults to [`most_connections`].
    pub connections: Option<usize>,
    /// Open connections of one address; defaults to a quarter of all.
    pub connections_each: Option<usize>,
    /// [`Bounds::head`] in seconds.
    pub head_seconds: u64,
    /// [`Bounds::idle`] in seconds.
    pub idle_seconds: u64,
    /// [`Bounds::stall`] in seconds.
    pub stall_seconds: u64,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { connections: None, connections_each: None, head_seconds: 10, idle_seconds: 60, stall_seconds: 30 }
    }
}

impl From<ConnectionLimits> for Bounds {
    fn from(limits: ConnectionLimits) -> Self {
        let connections = limits.connections.unwrap_or_else(most_connections);
        Self {
            head: Duration::from_secs(limits.head_seconds),
            idle: Duration::from_secs(limits.idle_seconds),
            stall: Duration::from_secs(limits.stall_seconds),
            grace: Duration::from_secs(10),
            connections,
            connections_each: limits.connections_each.unwrap_or((connections / 4).max(1)),
        }
    }
}

impl Bounds {
    /// Checks that the process may open enough descriptors, and that no limit is zero.
    ///
    /// # Errors
    /// The limit that is invalid, and how to fix it.
    pub fn check(&self) -> Result<(), String> {
        if self.connections == 0 || self.connections_each == 0 {
            return Err("`connections` and `connections_each` must be at least 1".to_string());
        }
        if self.head.is_zero() || self.idle.is_zero() || self.stall.is_zero() {
            return Err("`head`, `idle` and `stall` must be at least one second".to_string());
        }
        let (needed, may) = (self.connections as u64 + RESERVED, descriptors());
        if needed > may {
            return Err(format!(
                "`{}` connections need {needed} file descriptors, and the process may open {may}: raise `ulimit -n`, or \
                 allow at most {} connections",
                self.connections,
                may.saturating_sub(RESERVED)
            ));
        }
        Ok(())
    }

    /// Returns how often a connection is checked against its limits.
    pub(crate) fn tick(&self) -> Duration {
        let shortest = self.head.min(self.idle).min(self.stall) / 4;
        shortest.clamp(Duration::from_millis(5), Duration::from_secs(5))
    }
}

/// Returns the default limit on connections: half of the descriptors, because a gate opens a second connection for each
/// request, and at most 16,384.
#[must_use]
pub fn most_connections() -> usize {
    let half = descriptors().saturating_sub(RESERVED) / 2;
    usize::try_from(half).unwrap_or(MOST).clamp(1, MOST)
}

/// Raises the limit on open descriptors to the maximum of the process, and returns it.
#[cfg(unix)]
#[must_use]
pub fn descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    if before.current != before.maximum {
        // If the system refuses, the limit stays the same.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: before.maximum, ..before });
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Returns the assumed number of descriptors on systems without a readable limit.
#[cfg(not(unix))]
#[must_use]
pub fn descriptors() -> u64 {
    65_536
}
