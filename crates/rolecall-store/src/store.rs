//! The interface between administration and a store.

use crate::chain::Hash;
use crate::error::StoreError;
use crate::head::{Head, ObjectsDigest};
use crate::private_record::PrivateRecord;
use rolecall::Timestamp;
use rolecall_admin::{Event, LastLogin, ObjectKey};
use serde_json::Value;
use std::collections::BTreeMap;

/// An event, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// The number of the event, from 1.
    pub seq: u64,
    /// The event as JSON text. The hash covers this text.
    pub body: String,
    /// The hash of the previous hash and the body.
    pub hash: Hash,
}

/// The record of a command that has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRecord {
    /// The hash that distinguishes this command from others with the same id.
    pub digest: Hash,
    /// The number of its event, which exists even if the command changes nothing.
    pub seq: u64,
}

/// The content of a store without the events, all of the same version.
#[derive(Clone, Debug, Default)]
pub struct StoreContents {
    /// The objects.
    pub objects: BTreeMap<ObjectKey, Value>,
    /// The commands that have an id.
    pub commands: BTreeMap<String, CommandRecord>,
    /// The private values.
    pub private: Vec<PrivateRecord>,
    /// The number of the last event.
    pub version: u64,
    /// The head, unless the store has none, and the digest of the objects.
    pub head: Option<(Head, ObjectsDigest)>,
    /// The last login of each subject, if the store has a head.
    pub logins: Vec<LastLogin>,
}

/// The state at the end of the log, without the events.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The head.
    pub head: Head,
    /// The objects.
    pub objects: BTreeMap<ObjectKey, Value>,
    /// Their digest.
    pub digest: ObjectsDigest,
    /// The last login of each subject at each scope that it concerned.
    pub logins: Vec<LastLogin>,
}

/// The last use of a secret of an application, or of a token that was issued for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// The application.
    pub subject: String,
    /// The id of the secret.
    pub secret: String,
    /// When.
    pub time: Timestamp,
    /// From which address.
    pub ip: Option<String>,
}

/// Reads events, in a transaction or outside of one.
pub trait Records {
    /// Returns the number and the hash of the last event, or `None` if there is none. It reads no event.
    ///
    /// # Errors
    /// [`StoreError`].
    fn head(&self) -> Result<Option<(u64, Hash)>, StoreError>;

    /// Returns the hash of the event with a number, or `None`. It reads no event.
    ///
    /// # Errors
    /// [`StoreError`].
    fn hash(&self, seq: u64) -> Result<Option<Hash>, StoreError>;

    /// Returns the events after number `after`, in order, at most `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn records(&self, after: u64, most: usize) -> Result<Vec<EventRecord>, StoreError>;
}

/// A store of events and of the objects that they lead to.
pub trait Store: Records {
    /// The type of transactions.
    type Transaction<'s>: Transaction
    where
        Self: 's;

    /// Begins a transaction. No other transaction can begin before it ends.
    ///
    /// # Errors
    /// [`StoreError`].
    fn begin(&mut self) -> Result<Self::Transaction<'_>, StoreError>;

    /// Returns the number of the last event that a follower of the log knows, or 0. It is not an event.
    ///
    /// # Errors
    /// [`StoreError`].
    fn position(&self, follower: &str) -> Result<u64, StoreError>;

    /// Returns the last use of every secret of an application that was used. Uses are not events.
    ///
    /// # Errors
    /// [`StoreError`].
    fn secret_uses(&self) -> Result<Vec<SecretUse>, StoreError>;

    /// Returns the time at which a server last saw the clock, if any. It is not an event: it only limits how far ahead
    /// the time of a command may be.
    ///
    /// # Errors
    /// [`StoreError`].
    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Returns the private value with a seal, or `None`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn private(&self, seal: &Hash) -> Result<Option<PrivateRecord>, StoreError>;

    /// Returns the objects and commands that the events lead to, and the private values.
    ///
    /// # Errors
    /// [`StoreError`].
    fn contents(&self) -> Result<StoreContents, StoreError>;

    /// Returns the state at the end of the log, or `None` if the store keeps no head.
    ///
    /// # Errors
    /// [`StoreError`].
    fn opening(&self) -> Result<Option<Opening>, StoreError>;
}

/// A transaction: all of it is stored, or nothing.
pub trait Transaction: Records {
    /// Returns the record of the command with an id, or `None`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn command(&self, id: &str) -> Result<Option<CommandRecord>, StoreError>;

    /// Stores the record of a command.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remember(&mut self, id: &str, record: &CommandRecord) -> Result<(), StoreError>;

    /// Returns the time at which a server last saw the clock, if any.
    ///
    /// # Errors
    /// [`StoreError`].
    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Stores the time at which a server saw the clock.
    ///
    /// # Errors
    /// [`StoreError`].
    fn see_clock(&mut self, now: Timestamp) -> Result<(), StoreError>;

    /// Stores the number of the last event that a follower of the log knows.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set_position(&mut self, follower: &str, seq: u64) -> Result<(), StoreError>;

    /// Returns the private value with a seal, or `None`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn private(&self, seal: &Hash) -> Result<Option<PrivateRecord>, StoreError>;

    /// Stores a private value.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_private(&mut self, record: &PrivateRecord) -> Result<(), StoreError>;

    /// Deletes a secret that was handed over, and keeps its salt.
    ///
    /// # Errors
    /// [`StoreError`].
    fn spend_private(&mut self, seal: &Hash) -> Result<(), StoreError>;

    /// Deletes a private value and its salt.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove_private(&mut self, seal: &Hash) -> Result<(), StoreError>;

    /// Stores the last use of a secret, in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set_secret_use(&mut self, last: &SecretUse) -> Result<(), StoreError>;

    /// Stores an event, applies its changes to the objects, and moves the head.
    ///
    /// # Errors
    /// [`StoreError`].
    fn append(&mut self, record: &EventRecord, event: &Event) -> Result<(), StoreError>;

    /// Stores a login, in place of earlier ones at the same scopes.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put_login(&mut self, login: &LastLogin) -> Result<(), StoreError>;

    /// Stores a head with the digest of the stored objects, if the store keeps one and has none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn start_head(&mut self, head: &Head) -> Result<(), StoreError>;

    /// Ends the transaction. Its changes are on the disk before this returns.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing is stored.
    fn commit(self) -> Result<(), StoreError>;
}
