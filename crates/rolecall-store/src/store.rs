//! What a place must be able to do to keep administration.

use crate::chain::Hash;
use crate::error::StoreError;
use rolecall::Timestamp;
use rolecall_admin::{Change, ObjectKey};
use serde_json::Value;
use std::collections::BTreeMap;

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its place in the trail, from 1.
    pub seq: u64,
    /// The event as JSON text: what the hash covers.
    pub body: String,
    /// The hash of the one before and of the text.
    pub hash: Hash,
}

/// What is remembered of a command that was given by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRecord {
    /// Tells the command from another one.
    pub digest: Hash,
    /// The event it became, also where that changes nothing.
    pub seq: u64,
}

/// Everything that a store holds beside the events, in one view of it.
#[derive(Clone, Debug, Default)]
pub struct StoreContents {
    /// Every object.
    pub objects: BTreeMap<ObjectKey, Value>,
    /// Every command that was given by name.
    pub commands: BTreeMap<String, CommandRecord>,
    /// The last event that led to them.
    pub version: u64,
}

/// A place that keeps events and the objects that they led to.
pub trait Store {
    /// A unit of work.
    type Transaction<'s>: Transaction
    where
        Self: 's;

    /// Begins a unit of work, alone: no other begins one before this one ends.
    ///
    /// # Errors
    /// [`StoreError`].
    fn begin(&mut self) -> Result<Self::Transaction<'_>, StoreError>;

    /// The events behind a place of the trail, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn records(&self, after: u64) -> Result<Vec<EventRecord>, StoreError>;

    /// The instant at which a server saw the clock last, if one did. It is not an event: it decides only how far ahead the
    /// time of a command may be.
    ///
    /// # Errors
    /// [`StoreError`].
    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Everything that the events led to.
    ///
    /// # Errors
    /// [`StoreError`].
    fn contents(&self) -> Result<StoreContents, StoreError>;
}

/// A unit of work: all of it is kept, or nothing.
pub trait Transaction {
    /// The events behind a place of the trail, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn records(&self, after: u64) -> Result<Vec<EventRecord>, StoreError>;

    /// The event at a place of the trail; nothing where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn record(&self, seq: u64) -> Result<Option<EventRecord>, StoreError>;

    /// What is remembered of a command.
    ///
    /// # Errors
    /// [`StoreError`].
    fn command(&self, id: &str) -> Result<Option<CommandRecord>, StoreError>;

    /// Remembers a command.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remember(&mut self, id: &str, kept: &CommandRecord) -> Result<(), StoreError>;

    /// The instant at which a server saw the clock last, if one did.
    ///
    /// # Errors
    /// [`StoreError`].
    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Keeps the instant at which a server saw the clock.
    ///
    /// # Errors
    /// [`StoreError`].
    fn see_clock(&mut self, now: Timestamp) -> Result<(), StoreError>;

    /// Adds an event and makes its changes.
    ///
    /// # Errors
    /// [`StoreError`].
    fn append(&mut self, record: &EventRecord, changes: &[Change]) -> Result<(), StoreError>;

    /// Ends the unit: when this returns, everything of it is kept, whatever happens.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing of it is kept.
    fn commit(self) -> Result<(), StoreError>;
}
