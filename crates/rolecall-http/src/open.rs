//! Tracks open connections, and chooses the one to close when the limit is reached.

use crate::bounds::Bounds;
use crate::connection::Connection;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counters of connections since the start.
#[derive(Debug, Default)]
pub struct Counts {
    open: AtomicUsize,
    refused: AtomicU64,
    evicted: AtomicU64,
    overdue: AtomicU64,
}

impl Counts {
    /// Returns the number of open connections.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.load(Relaxed)
    }

    /// Returns how many connections were closed at once because the limit was reached.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Returns how many connections without a request were closed to make room for another one.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Relaxed)
    }

    /// Returns how many connections were closed because the client was silent, idle or slow.
    #[must_use]
    pub fn overdue(&self) -> u64 {
        self.overdue.load(Relaxed)
    }

    pub(crate) fn count_overdue(&self) {
        self.overdue.fetch_add(1, Relaxed);
    }
}

/// The connections of one client, oldest first.
type Own = BTreeMap<u64, Arc<Connection>>;

/// The open connections.
#[derive(Debug)]
pub(crate) struct Open {
    by_source: Mutex<HashMap<Option<IpAddr>, Own>>,
    next: AtomicU64,
    counts: Arc<Counts>,
    most: usize,
    most_each: usize,
}

/// The slot of an open connection, released on drop.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) connection: Arc<Connection>,
    open: Arc<Open>,
}

impl Open {
    pub(crate) fn new(bounds: &Bounds, counts: Arc<Counts>) -> Self {
        Self {
            by_source: Mutex::default(),
            next: AtomicU64::new(0),
            counts,
            most: bounds.connections,
            most_each: bounds.connections_each,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, Own>> {
        self.by_source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection. At the limit, it closes another connection that has no request. Returns `None` if every
    /// connection is busy.
    pub(crate) fn take(self: &Arc<Self>, source: Option<IpAddr>) -> Option<Arc<Slot>> {
        let mut all = self.lock();
        let own = all.get(&source).map_or(0, BTreeMap::len);
        let has_room = if source.is_some() && own >= self.most_each {
            all.get(&source).is_some_and(|own| self.evict(own))
        } else {
            self.counts.open() < self.most || self.evict_any(&all)
        };
        if !has_room {
            self.counts.refused.fetch_add(1, Relaxed);
            return None;
        }
        let id = self.next.fetch_add(1, Relaxed);
        let connection = Arc::new(Connection::new(id, source));
        all.entry(source).or_default().insert(id, Arc::clone(&connection));
        self.counts.open.fetch_add(1, Relaxed);
        Some(Arc::new(Slot { connection, open: Arc::clone(self) }))
    }

    /// Frees a descriptor when the system has none left.
    pub(crate) fn make_room(&self) -> bool {
        self.evict_any(&self.lock())
    }

    /// Closes a connection of the client with the most connections.
    fn evict_any(&self, all: &HashMap<Option<IpAddr>, Own>) -> bool {
        let mut sources: Vec<&Own> = all.values().collect();
        sources.sort_unstable_by_key(|own| std::cmp::Reverse(own.len()));
        sources.into_iter().any(|own| self.evict(own))
    }

    /// Closes the oldest silent connection of these, or else the one idle for longest.
    fn evict(&self, own: &Own) -> bool {
        let mut waiting = own.values().filter(|one| one.is_waiting() && !one.is_evicted.load(Relaxed));
        let found =
            waiting.clone().find(|one| one.is_silent()).or_else(|| waiting.by_ref().min_by_key(|one| one.last()));
        let Some(found) = found else { return false };
        found.is_evicted.store(true, Relaxed);
        found.evicted.notify_one();
        self.counts.evicted.fetch_add(1, Relaxed);
        true
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Connection { id, source, .. } = &*self.connection;
        let mut all = self.open.lock();
        if let Some(own) = all.get_mut(source) {
            own.remove(id);
            if own.is_empty() {
                all.remove(source);
            }
        }
        self.open.counts.open.fetch_sub(1, Relaxed);
    }
}
