//! The state of one connection, and the check against its limits.

use crate::bounds::{Bounds, SLOWEST};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// One connection, from its start to its end.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: u64,
    /// The client under which the connection is counted; `None` for a proxy, which has many clients.
    pub(crate) source: Option<IpAddr>,
    begun: Instant,
    /// Requests whose response is not yet delivered.
    requests: AtomicUsize,
    /// Those of them that wait for this server.
    ours: AtomicUsize,
    /// Request bodies of which more is expected.
    awaited: AtomicUsize,
    /// Whether a complete head was received.
    served: AtomicBool,
    /// Since when there is no request, in milliseconds after the start.
    idle: AtomicU64,
    read: AtomicU64,
    written: AtomicU64,
    /// Whether the client currently accepts no bytes.
    blocked: AtomicBool,
    /// Whether a head was received whose body has more than one length.
    ambiguous: AtomicBool,
    /// Notified to make room for another connection.
    pub(crate) evicted: Notify,
    pub(crate) is_evicted: AtomicBool,
}

/// Whether a connection continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It continues.
    Fine,
    /// It ends when no request is in progress.
    Idle,
    /// It ends now.
    Over,
}

/// The time and byte count since which a client seems to stall.
#[derive(Debug, Default)]
pub(crate) struct Window(Option<(Instant, u64)>);

impl Window {
    /// Returns whether the client, while the server waits for it, has moved too few bytes for too long.
    fn is_stalled(&mut self, waits: bool, bytes: u64, now: Instant, bounds: &Bounds) -> bool {
        let (since, before) = match self.0 {
            Some(begun) if waits => begun,
            _ => {
                self.0 = waits.then_some((now, bytes));
                return false;
            }
        };
        if now - since < bounds.stall {
            return false;
        }
        self.0 = Some((now, bytes));
        bytes.saturating_sub(before) < (SLOWEST * bounds.stall.as_millis() as u64 / 1000).max(1)
    }
}

/// The state of the periodic check of one connection.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    reading: Window,
    writing: Window,
    written: u64,
}

/// More bytes than keep-alive frames use between two checks. A larger count means that the client reads a response that
/// HTTP/2 has buffered.
const FLOWING: u64 = 1024;

impl Connection {
    pub(crate) fn new(id: u64, source: Option<IpAddr>) -> Self {
        Self {
            id,
            source,
            begun: Instant::now(),
            requests: AtomicUsize::new(0),
            ours: AtomicUsize::new(0),
            awaited: AtomicUsize::new(0),
            served: AtomicBool::new(false),
            idle: AtomicU64::new(0),
            read: AtomicU64::new(0),
            written: AtomicU64::new(0),
            blocked: AtomicBool::new(false),
            ambiguous: AtomicBool::new(false),
            evicted: Notify::new(),
            is_evicted: AtomicBool::new(false),
        }
    }

    fn millis(&self, now: Instant) -> u64 {
        u64::try_from((now - self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn begin_request(&self) {
        self.served.store(true, Relaxed);
        self.requests.fetch_add(1, Relaxed);
    }

    pub(crate) fn end_request(&self) {
        self.idle.store(self.millis(Instant::now()), Relaxed);
        self.requests.fetch_sub(1, Relaxed);
    }

    pub(crate) fn wait_for_us(&self, waits: bool) {
        count(&self.ours, waits);
    }

    pub(crate) fn await_body(&self, waits: bool) {
        count(&self.awaited, waits);
    }

    pub(crate) fn has_read(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn has_written(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Relaxed);
        self.blocked.store(false, Relaxed);
    }

    pub(crate) fn is_blocked(&self) {
        self.blocked.store(true, Relaxed);
    }

    pub(crate) fn set_ambiguous(&self) {
        self.ambiguous.store(true, Relaxed);
    }

    /// Returns whether a head was received whose body has more than one length. No further request of the connection is
    /// trusted.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.ambiguous.load(Relaxed)
    }

    /// Returns whether no request is in progress, so that the connection can end without loss.
    pub(crate) fn is_waiting(&self) -> bool {
        self.requests.load(Relaxed) == 0
    }

    /// Returns whether no complete head was received yet.
    pub(crate) fn is_silent(&self) -> bool {
        !self.served.load(Relaxed)
    }

    /// Returns when the last request ended, in milliseconds after the start.
    pub(crate) fn last(&self) -> Instant {
        self.begun + Duration::from_millis(self.idle.load(Relaxed))
    }

    /// Checks the connection against its limits.
    pub(crate) fn check(&self, watch: &mut Watch, bounds: &Bounds) -> Verdict {
        let now = Instant::now();
        if self.is_silent() {
            return if now - self.begun >= bounds.head { Verdict::Over } else { Verdict::Fine };
        }
        let (blocked, requests) = (self.blocked.load(Relaxed), self.requests.load(Relaxed));
        let (ours, awaited) = (self.ours.load(Relaxed), self.awaited.load(Relaxed));
        // A response is ready and not fetched, which over HTTP/2 does not block the connection.
        let unread = blocked || requests > ours;
        let slow = watch.reading.is_stalled(awaited > 0, self.read.load(Relaxed), now, bounds);
        let written = self.written.load(Relaxed);
        let is_flowing = written - std::mem::replace(&mut watch.written, written) >= FLOWING;
        if watch.writing.is_stalled(unread, written, now, bounds) || slow {
            return Verdict::Over;
        }
        if requests > 0 || blocked || is_flowing {
            self.idle.store(self.millis(now), Relaxed);
            return Verdict::Fine;
        }
        if now - self.last() >= bounds.idle { Verdict::Idle } else { Verdict::Fine }
    }
}

fn count(counter: &AtomicUsize, up: bool) {
    if up {
        counter.fetch_add(1, Relaxed);
    } else {
        counter.fetch_sub(1, Relaxed);
    }
}
