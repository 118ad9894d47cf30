//! The state that an audit log leads to, and how it follows events that were added.

use crate::administration::Verified;
use crate::chain::{self, Hash, ROOT};
use crate::error::StoreError;
use crate::reading::{each_after, read};
use crate::store::{EventRecord, Records};
use rolecall::Timestamp;
use rolecall_admin::{Event, State};
use std::ops::ControlFlow;

/// The state that an audit log leads to.
#[derive(Clone, Debug)]
pub(crate) struct AuditLog {
    pub(crate) state: State,
    /// The hash of the last event.
    pub(crate) head: Hash,
    /// The hash of the last event that is not of a session.
    pub(crate) state_head: Hash,
    /// The time of the last event.
    pub(crate) last: Timestamp,
}

impl AuditLog {
    pub(crate) fn nothing() -> Self {
        Self { state: State::new(), head: ROOT, state_head: ROOT, last: Timestamp::MIN }
    }

    /// Applies the events up to number `last` to an empty state.
    pub(crate) fn read(records: &impl Records, last: u64) -> Result<Self, StoreError> {
        let mut log = Self::nothing();
        log.follow_until(records, last, |_| Ok(()))?;
        Ok(log)
    }

    /// Records the hash and the time of the last event, which changed the state.
    pub(crate) fn follows(&mut self, hash: Hash, time: Timestamp) {
        (self.head, self.state_head, self.last) = (hash, hash, time);
    }

    pub(crate) fn verified(&self) -> Verified {
        Verified { events: self.state.events(), head: chain::hex(&self.head) }
    }

    /// Applies events that were added, and returns them. If the last known event was replaced, a backup was restored: then
    /// all events are applied again. Without news, this reads no event.
    pub(crate) fn catch_up(&mut self, records: &impl Records) -> Result<Vec<Event>, StoreError> {
        let last = self.state.events();
        let mut events = Vec::new();
        if records.head()?.unwrap_or((0, ROOT)) == (last, self.head) {
            return Ok(events);
        }
        if last > 0 && records.hash(last)? != Some(self.head) {
            *self = Self::read(records, u64::MAX)?;
            return Ok(events);
        }
        self.follow_until(records, u64::MAX, |event| {
            events.push(event);
            Ok(())
        })?;
        Ok(events)
    }

    /// Applies the events after the last known one up to number `last`, each of which must continue the state and its hash.
    pub(crate) fn follow_until(
        &mut self,
        records: &impl Records,
        last: u64,
        mut applied: impl FnMut(Event) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        each_after(records, self.state.events(), |record| {
            if record.seq > last {
                return Ok(ControlFlow::Break(()));
            }
            applied(self.follow(&record)?)?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Applies an event, which must continue the state and its hash.
    pub(crate) fn follow(&mut self, record: &EventRecord) -> Result<Event, StoreError> {
        let tampered = |what: &str| StoreError::Tampered { seq: record.seq, what: what.to_string() };
        if chain::link(&self.head, &record.body) != record.hash {
            return Err(tampered("its hash does not match"));
        }
        let event = read(record)?;
        if event.seq != record.seq {
            return Err(tampered("its number is out of order"));
        }
        self.state.apply(&event).map_err(|broken| tampered(&broken.0))?;
        let time = Timestamp::parse(&event.time).ok_or_else(|| tampered("its time cannot be read"))?;
        (self.head, self.last) = (record.hash, time);
        if event.session.is_none() {
            self.state_head = record.hash;
        }
        Ok(event)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::administration::Administration;
    use crate::memory::Memory;

    /// A log whose events cannot be read.
    struct Unread {
        head: Option<(u64, Hash)>,
    }

    impl Records for Unread {
        fn head(&self) -> Result<Option<(u64, Hash)>, StoreError> {
            Ok(self.head)
        }

        fn hash(&self, seq: u64) -> Result<Option<Hash>, StoreError> {
            Ok(self.head.filter(|(last, _)| *last == seq).map(|(_, hash)| hash))
        }

        fn records(&self, after: u64, _: usize) -> Result<Vec<EventRecord>, StoreError> {
            Err(StoreError::Database(format!("read after {after}")))
        }
    }

    #[test]
    fn following_a_log_without_news_reads_no_event() {
        let policy = r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{}}"#;
        let directory = r#"{"rolecall":1,"scopes":["acme"]}"#;
        let time = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        let mut log = Administration::begin(Memory::default(), policy, directory, "user:ada", time).unwrap().log;
        let head = log.head;
        assert_eq!(log.catch_up(&Unread { head: Some((1, head)) }).unwrap(), []);
        let why = |log: &mut AuditLog, head| log.catch_up(&Unread { head }).unwrap_err().to_string();
        // An event was added: it is read. Another log took the place of this one: all of it is read.
        assert!(why(&mut log, Some((2, ROOT))).ends_with("read after 0"));
        assert!(why(&mut log, Some((1, ROOT))).ends_with("read after 0"));
        assert!(AuditLog::nothing().catch_up(&Unread { head: None }).unwrap().is_empty());
    }
}
