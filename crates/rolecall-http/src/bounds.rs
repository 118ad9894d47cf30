//! How many connections there may be, and how long each may take.

use std::time::Duration;

/// The fewest bytes a second at which a client must send a body or read a response, over a whole [`Bounds::stall`].
pub const SLOWEST: u64 = 500;

/// Descriptors that are left for files, outgoing connections and the runtime.
const RESERVED: u64 = 128;

/// The most connections where nothing else is configured, however many descriptors there are.
const MOST: usize = 16_384;

/// The bounds on connections.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// How long a connection may take from its start to its first full request head, TLS handshake included.
    pub head: Duration,
    /// How long a connection may stay open without a request.
    pub idle: Duration,
    /// How long a client may send less of a body, or read less of a response, than [`SLOWEST`] bytes a second.
    pub stall: Duration,
    /// How long requests in progress may take when the server stops.
    pub grace: Duration,
    /// Connections that may be open at once.
    pub connections: usize,
    /// Connections of one client address that may be open at once. IPv6 addresses of one `/64` network count as one.
    pub connections_each: usize,
}

impl Default for Bounds {
    /// 10 seconds to the first head, 60 seconds idle, 30 seconds of stalling, 10 seconds of grace, [`most_connections`]
    /// in all, and a quarter of them from one address.
    fn default() -> Self {
        ConnectionLimits::default().into()
    }
}

/// The bounds as a configuration or a command line gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections that may be open at once; [`most_connections`] where nothing is given.
    pub connections: Option<usize>,
    /// Connections of one address that may be open at once; a quarter of all where nothing is given.
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
    /// Checks that the process may open enough descriptors, and that nothing is zero.
    ///
    /// # Errors
    /// The bound that does not fit, and a way out.
    pub fn check(&self) -> Result<(), String> {
        if self.connections == 0 || self.connections_each == 0 {
            return Err("connections and connections_each: at least 1".to_string());
        }
        if self.head.is_zero() || self.idle.is_zero() || self.stall.is_zero() {
            return Err("head, idle and stall: at least one second".to_string());
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

    /// How often a connection is checked against its bounds.
    pub(crate) fn tick(&self) -> Duration {
        let shortest = self.head.min(self.idle).min(self.stall) / 4;
        shortest.clamp(Duration::from_millis(5), Duration::from_secs(5))
    }
}

/// Returns how many connections there may be where nothing else is configured: half of the descriptors, since a gate opens
/// a second connection for each request, and at most 16,384.
#[must_use]
pub fn most_connections() -> usize {
    let half = descriptors().saturating_sub(RESERVED) / 2;
    usize::try_from(half).unwrap_or(MOST).clamp(1, MOST)
}

/// Raises the limit on open descriptors as far as the process may, and returns it.
#[cfg(unix)]
#[must_use]
pub fn descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    if before.current != before.maximum {
        // Where the system refuses, the limit stays as it is.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: before.maximum, ..before });
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Returns the number of descriptors that are assumed where the system has no limit to read.
#[cfg(not(unix))]
#[must_use]
pub fn descriptors() -> u64 {
    65_536
}
