//! Limits.

use rolecall_http::{Bounds, ConnectionLimits};
use serde::Deserialize;
use std::num::NonZeroU32;

/// Limits for each caller, and for all callers together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map")]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// Seconds after which an unanswered request is given up.
    pub seconds: u64,
    /// Requests per second of one bearer, or of one address if no token is configured.
    pub per_second: Option<NonZeroU32>,
    /// Open streams of all clients.
    pub streams: usize,
    /// Open streams of one subject, or of one bearer of a token.
    pub streams_each: usize,
    /// Open connections of all clients. Defaults to half of the file descriptors that the process may open, and at most
    /// 16,384.
    pub connections: Option<usize>,
    /// Open connections of one address. Defaults to a quarter of all. Trusted proxies are exempt, and a `/64` network
    /// of IPv6 counts as one address.
    pub connections_each: Option<usize>,
    /// Seconds from the start of a connection to its first complete request head.
    pub head_seconds: u64,
    /// Seconds that a connection may stay open without a request.
    pub idle_seconds: u64,
    /// Seconds that a client may send a body, or read a response, at less than 500 bytes a second.
    pub stall_seconds: u64,
    /// Administration commands and queries that may wait for the store.
    pub commands: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let ConnectionLimits { connections, connections_each, head_seconds, idle_seconds, stall_seconds } =
            ConnectionLimits::default();
        Self {
            body_bytes: 1 << 20,
            seconds: 10,
            per_second: None,
            streams: 10_000,
            streams_each: 100,
            connections,
            connections_each,
            head_seconds,
            idle_seconds,
            stall_seconds,
            commands: 256,
        }
    }
}

impl Limits {
    /// Returns the limits on connections.
    pub(crate) fn bounds(&self) -> Bounds {
        let &Self { connections, connections_each, head_seconds, idle_seconds, stall_seconds, .. } = self;
        ConnectionLimits { connections, connections_each, head_seconds, idle_seconds, stall_seconds }.into()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.seconds == 0 || self.body_bytes == 0 {
            return Err("limits: `seconds` and `body_bytes` must be at least 1".into());
        }
        if self.commands == 0 {
            return Err("limits.commands: must be at least 1".into());
        }
        Ok(())
    }

    /// Returns how many streams may be open at once: a quarter of the connections stays free for other requests.
    pub(crate) fn most_streams(&self) -> usize {
        self.streams.min((self.bounds().connections / 4 * 3).max(1))
    }
}
