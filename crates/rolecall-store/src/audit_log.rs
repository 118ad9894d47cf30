//! The state that an audit log leads to, and how it follows events that were added.

use crate::chain::{self, Hash, ROOT};
use crate::error::StoreError;
use crate::head::{Head, ObjectsDigest};
use crate::reading::{each_after, read};
use crate::store::{EventRecord, Opening, Records, Store, Transaction};
use rolecall::Timestamp;
use rolecall_admin::{Concerned, Event, LastLogin, State};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// The number of events at the end of a longer log whose chain is checked when a store is opened.
pub const TAIL: u64 = 1_000;

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
    /// The subjects that the events since the last `take_concerned` concern. Everyone if the log
    /// was read again.
    concerned: Concerned,
}

/// The result of a check of the whole store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// The number of events.
    pub events: u64,
    /// The hash of the last event, as hexadecimal text. With a copy of this hash elsewhere, you can prove later that no
    /// event before it was changed or removed.
    pub head: String,
}

impl AuditLog {
    pub(crate) fn nothing() -> Self {
        let concerned = Concerned::Everyone;
        Self { state: State::new(), head: ROOT, state_head: ROOT, last: Timestamp::MIN, concerned }
    }

    /// Applies the events up to number `last` to an empty state.
    pub(crate) fn read(records: &impl Records, last: u64) -> Result<Self, StoreError> {
        let mut log = Self::nothing();
        log.follow_until(records, last, |_| Ok(()))?;
        Ok(log)
    }

    /// Returns the state at the end of a log, without its old events if the store keeps a head.
    pub(crate) fn at_end(store: &impl Store) -> Result<Self, StoreError> {
        match store.opening()? {
            Some(opening) => Self::open(store, opening),
            None => Self::read(store, u64::MAX),
        }
    }

    /// Continues at the end of a log, whose last events must be a chain to the head of the store.
    pub(crate) fn open(records: &impl Records, opening: Opening) -> Result<Self, StoreError> {
        let Opening { head, objects, digest, logins } = opening;
        let tampered = |seq, what: &str| StoreError::Tampered { seq, what: what.to_string() };
        if digest != head.objects {
            return Err(tampered(head.seq, "the stored state differs from the state that the events lead to"));
        }
        let begin = head.seq.saturating_sub(TAIL);
        let mut hash = if begin == 0 { Some(ROOT) } else { records.hash(begin)? };
        let (mut seq, mut last) = (begin, None);
        each_after(records, begin, |record| {
            if record.seq > head.seq {
                return Ok(ControlFlow::Break(()));
            }
            if hash.is_none_or(|hash| chain::link(&hash, &record.body) != record.hash) {
                return Err(tampered(record.seq, "its hash does not match"));
            }
            if record.seq >= head.state_seq && (record.seq > head.state_seq) != is_of_session(&record)? {
                return Err(tampered(record.seq, "the state that the store names as the last is another one"));
            }
            (seq, hash) = (record.seq, Some(record.hash));
            last = (record.seq == head.seq).then_some(record);
            Ok(ControlFlow::Continue(()))
        })?;
        let Some(last) = last.filter(|last| last.hash == head.hash) else {
            return Err(tampered(seq, "the log does not end with the event that the store names as the last"));
        };
        if records.hash(head.state_seq)? != Some(head.state_hash) {
            return Err(tampered(head.state_seq, "its hash does not match"));
        }
        let time = Timestamp::parse(&read(&last)?.time);
        let time = time.ok_or_else(|| tampered(head.seq, "its time cannot be read"))?;
        let state = State::from_objects(objects, head.state_seq).map_err(|broken| tampered(head.seq, &broken.0))?;
        let state = state.after(head.seq, logins);
        let concerned = Concerned::Everyone;
        Ok(Self { state, head: head.hash, state_head: head.state_hash, last: time, concerned })
    }

    /// Checks what a store says about the end of the log.
    pub(crate) fn check_head(
        &self,
        head: &Head,
        digest: ObjectsDigest,
        logins: Vec<LastLogin>,
    ) -> Result<(), StoreError> {
        let mut left: BTreeMap<(&str, &str), Timestamp> = BTreeMap::new();
        for LastLogin { subject, scopes, time } in &logins {
            left.extend(scopes.iter().map(|scope| ((subject.as_str(), scope.as_str()), *time)));
        }
        let is_known = self.state.logins().all(|(subject, scope, time)| left.remove(&(subject, scope)) == Some(time));
        let what = if *head != (Head { objects: digest, ..self.as_head() }) {
            "the head of the store differs from the last event"
        } else if !is_known || !left.is_empty() {
            "the stored logins differ from those of the events"
        } else {
            return Ok(());
        };
        Err(StoreError::Tampered { seq: head.seq, what: what.to_string() })
    }

    /// Stores the head of a log that was checked, in a store that has none.
    pub(crate) fn start_head(&self, store: &mut impl Store) -> Result<(), StoreError> {
        let mut transaction = store.begin()?;
        if transaction.head()? == Some((self.state.events(), self.head)) {
            for (subject, scope, time) in self.state.logins() {
                let (subject, scopes) = (subject.to_string(), BTreeSet::from([scope.to_string()]));
                transaction.put_login(&LastLogin { subject, scopes, time })?;
            }
            transaction.start_head(&self.as_head())?;
        }
        transaction.commit()
    }

    fn as_head(&self) -> Head {
        let (seq, state_seq) = (self.state.events(), self.state.version());
        Head { seq, hash: self.head, state_seq, state_hash: self.state_head, objects: ObjectsDigest::default() }
    }

    /// Applies an event that a transaction has stored. `time` becomes the time of the last event.
    pub(crate) fn apply(&mut self, event: &Event, hash: Hash, time: Timestamp) -> Result<(), StoreError> {
        self.state.apply(event)?;
        (self.head, self.state_head, self.last) = (hash, hash, time);
        self.concerned.add(event, &self.state);
        Ok(())
    }

    /// Returns the subjects that the events since the last call concern.
    pub(crate) fn take_concerned(&mut self) -> Concerned {
        std::mem::take(&mut self.concerned)
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
        self.concerned.add(&event, &self.state);
        if event.session.is_none() {
            self.state_head = record.hash;
        }
        Ok(event)
    }
}

/// Returns whether an event is of a session, which changes nothing.
fn is_of_session(record: &EventRecord) -> Result<bool, StoreError> {
    #[derive(serde::Deserialize)]
    struct Kind {
        session: Option<serde::de::IgnoredAny>,
    }
    let kind: Kind = serde_json::from_str(&record.body)
        .map_err(|error| StoreError::Tampered { seq: record.seq, what: format!("it cannot be read: {error}") })?;
    Ok(kind.session.is_some())
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
