//! Reads the audit log in small parts, for programs that follow it.

use crate::administration::Administration;
use crate::audit::{AuditEntry, audited};
use crate::chain::{self, Hash};
use crate::error::StoreError;
use crate::reading::{PAGE, read};
use crate::store::{EventRecord, Store, Transaction};
use rolecall_admin::ScopedEvents;
use std::collections::VecDeque;

/// Follows the audit log from a position, and keeps its place.
#[derive(Debug)]
pub struct EventReader {
    scoped: Option<ScopedEvents>,
    at: Option<String>,
    /// The last event that the reader's user knows.
    position: u64,
    /// The last event that was read, and its hash.
    last: Option<(u64, Hash)>,
    /// Events that were read and not yet returned.
    ahead: VecDeque<AuditEntry>,
}

impl EventReader {
    /// Starts after the event number `position`. With a scope, the reader returns the events as
    /// [`ScopedEvents`] does.
    #[must_use]
    pub fn new(at: Option<String>, position: u64) -> Self {
        let scoped = at.as_ref().map(ScopedEvents::new);
        Self { scoped, at, position, last: None, ahead: VecDeque::new() }
    }

    /// Returns the next events, at most `most`. There may be more, even if it returns none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read<S: Store>(
        &mut self,
        administration: &Administration<S>,
        most: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        if self.ahead.len() < most && self.is_behind(administration) {
            self.read_part(administration)?;
        }
        Ok(self.ahead.drain(..most.min(self.ahead.len())).collect())
    }

    /// Returns whether there are events that were not returned.
    pub fn is_behind<S: Store>(&self, administration: &Administration<S>) -> bool {
        let events = administration.state().events();
        let is_same = match self.last {
            Some((seq, hash)) => seq == events && hash == administration.log.head,
            None => self.start() == events,
        };
        !self.ahead.is_empty() || !is_same
    }

    /// Returns the event after which reading begins. A scope needs the events before the position too: they say who
    /// belongs to it.
    fn start(&self) -> u64 {
        if self.scoped.is_some() { 0 } else { self.position }
    }

    fn read_part<S: Store>(&mut self, administration: &Administration<S>) -> Result<(), StoreError> {
        self.position = self.position.min(administration.state().events());
        let after = self.last.map_or(self.start(), |(seq, _)| seq);
        let store = administration.store();
        if let Some((seq, hash)) = self.last
            && store.hash(seq)? != Some(hash)
        {
            // A backup was restored: what was read is no longer the log, so all of it is returned.
            *self = Self::new(self.at.clone(), 0);
            return Ok(());
        }
        for record in store.records(after, PAGE)? {
            if !self.take(&record)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes the next event. Returns false if it does not follow the last one.
    fn take(&mut self, record: &EventRecord) -> Result<bool, StoreError> {
        if let Some((_, hash)) = self.last
            && chain::link(&hash, &record.body) != record.hash
        {
            // Another log has taken the place of this one since its last event was compared.
            *self = Self::new(self.at.clone(), 0);
            return Ok(false);
        }
        let event = read(record)?;
        let seen = match &mut self.scoped {
            Some(scoped) => scoped.next(&event),
            None => Some(event),
        };
        self.last = Some((record.seq, record.hash));
        if record.seq <= self.position {
            return Ok(true);
        }
        self.position = record.seq;
        let is_whole = self.scoped.as_ref().is_none_or(ScopedEvents::sees_everything);
        self.ahead.extend(seen.map(|event| audited(event, is_whole.then(|| chain::hex(&record.hash)))));
        Ok(true)
    }
}

impl<S: Store> Administration<S> {
    /// Returns the number of the last event that a follower of the log knows, or 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn position(&self, follower: &str) -> Result<u64, StoreError> {
        self.store().position(follower)
    }

    /// Stores the number of the last event that a follower of the log knows. It is on the disk before this returns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_position(&mut self, follower: &str, seq: u64) -> Result<(), StoreError> {
        let mut transaction = self.store.begin()?;
        transaction.set_position(follower, seq)?;
        transaction.commit()
    }
}
