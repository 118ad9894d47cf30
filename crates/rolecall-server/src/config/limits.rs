//! Bounds.

use rolecall_http::{Bounds, ConnectionLimits};
use serde::Deserialize;
use std::num::NonZeroU32;

/// Bounds on what one caller, and all together, may ask.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map")]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Seconds until a request that is not answered is given up.
    pub seconds: u64,
    /// Requests that one bearer, or one address where nobody has a token, may make each second.
    pub per_second: Option<NonZeroU32>,
    /// Streams that are open at once.
    pub streams: usize,
    /// Streams of one subject, or of one bearer of a token, that are open at once.
    pub streams_each: usize,
    /// Connections that are open at once. By default half of the file descriptors that the process may open, and at most
    /// 16,384.
    pub connections: Option<usize>,
    /// Connections of one address that are open at once, by default a quarter of all. Proxies are excepted, and a `/64` network
    /// of IPv6 counts as one address.
    pub connections_each: Option<usize>,
    /// Seconds from the start of a connection to its first full request head.
    pub head_seconds: u64,
    /// Seconds that a connection may stay open without a request.
    pub idle_seconds: u64,
    /// Seconds that a client may send a body, or read a response, at less than 500 bytes a second.
    pub stall_seconds: u64,
    /// Commands of administration, and questions about what is stored, that may wait for the store.
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
    /// Returns the bounds on connections.
    pub(crate) fn bounds(&self) -> Bounds {
        let &Self { connections, connections_each, head_seconds, idle_seconds, stall_seconds, .. } = self;
        ConnectionLimits { connections, connections_each, head_seconds, idle_seconds, stall_seconds }.into()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.seconds == 0 || self.body_bytes == 0 {
            return Err("limits: nothing could be answered".into());
        }
        if self.commands == 0 {
            return Err("limits.commands: at least 1".into());
        }
        Ok(())
    }

    /// Returns how many streams may be open at once: a quarter of the connections is left for everything else.
    pub(crate) fn most_streams(&self) -> usize {
        self.streams.min((self.bounds().connections / 4 * 3).max(1))
    }
}
