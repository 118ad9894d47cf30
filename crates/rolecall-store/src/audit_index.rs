//! Which events the reader of a scope sees, so that a page of the audit log reads the events of that page alone.
//!
//! What a reader sees of an event depends on all events before it, so the first read of a scope follows the whole log.
//! Later reads follow only what was added. The index holds numbers and hashes of names, and the text of an event only
//! where the reader sees another one than the log has.

use crate::audit_filter::AuditFilter;
use crate::chain::{self, Hash, ROOT};
use crate::error::StoreError;
use crate::reading::{each_after, read};
use crate::store::{EventRecord, Store};
use rolecall::Timestamp;
use rolecall_admin::{Change, Event, ObjectType, Operation, ScopedEvents};
use serde_json::Value;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher};
use std::ops::ControlFlow;

/// The bytes that the indexes of all scopes may take. An index that is larger alone is dropped after its use.
const BYTES: usize = 64 << 20;

/// The indexes of the scopes that were read last, the latest one at the end.
#[derive(Debug, Default)]
pub(crate) struct AuditIndexes(Vec<AuditIndex>);

/// The events that one reader sees.
#[derive(Debug)]
pub(crate) struct AuditIndex {
    /// The scope; `None` for the whole log.
    at: Option<String>,
    scoped: Option<ScopedEvents>,
    /// The last event that was followed, and its hash.
    last: Option<(u64, Hash)>,
    rows: Vec<Row>,
    bytes: usize,
}

/// An event that the reader sees.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    hash: Hash,
    time: Option<Timestamp>,
    operation: Operation,
    object_type: ObjectType,
    /// The hashes of the actor and of all ids that a filter can ask for, sorted.
    names: Box<[u32]>,
    /// Whether the reader sees the event as it is, so that its hash can be verified.
    is_whole: bool,
    /// The event as the reader sees it, if the log has another one.
    text: Option<Box<str>>,
}

impl AuditIndexes {
    /// Returns the index of a scope, up to the last event of the store.
    pub(crate) fn of<S: Store>(&mut self, at: Option<&str>, store: &S) -> Result<&AuditIndex, StoreError> {
        let known = self.0.iter().position(|index| index.at.as_deref() == at);
        let mut index = known.map_or_else(|| AuditIndex::new(at), |place| self.0.remove(place));
        // An index that cannot follow is dropped here, so the next read starts again.
        index.follow(store)?;
        self.0.push(index);
        let mut bytes: usize = self.0.iter().map(|index| index.bytes).sum();
        while bytes > BYTES && self.0.len() > 1 {
            bytes -= self.0.remove(0).bytes;
        }
        self.0.last().ok_or_else(|| StoreError::Database("the index of the audit log is empty".to_string()))
    }

    /// Drops the last index if it is too large alone.
    pub(crate) fn shrink(&mut self) {
        self.0.retain(|index| index.bytes <= BYTES);
    }
}

impl AuditIndex {
    fn new(at: Option<&str>) -> Self {
        let at = at.map(str::to_string);
        Self { scoped: at.as_ref().map(ScopedEvents::new), at, last: None, rows: Vec::new(), bytes: 0 }
    }

    /// Follows the events that were added. If the last known event was replaced, a backup was restored: then all events
    /// are followed again.
    fn follow<S: Store>(&mut self, store: &S) -> Result<(), StoreError> {
        if let Some((seq, hash)) = self.last
            && store.hash(seq)? != Some(hash)
        {
            *self = Self::new(self.at.as_deref());
        }
        each_after(store, self.last.map_or(0, |(seq, _)| seq), |record| {
            self.take(&record).map(|()| ControlFlow::Continue(()))
        })
    }

    fn take(&mut self, record: &EventRecord) -> Result<(), StoreError> {
        if chain::link(&self.last.map_or(ROOT, |(_, hash)| hash), &record.body) != record.hash {
            // Another log may have taken the place of this one since its last event was compared.
            return Err(replaced(record.seq));
        }
        let event = read(record)?;
        let seen = match &mut self.scoped {
            Some(scoped) => scoped.next(&event),
            None => Some(event.clone()),
        };
        self.last = Some((record.seq, record.hash));
        if let Some(seen) = seen {
            let is_whole = self.scoped.as_ref().is_none_or(ScopedEvents::sees_everything);
            // An event has text keys only, so it can be written.
            let text = || serde_json::to_string(&seen).unwrap_or_default().into();
            let row = Row::new(&seen, record.hash, is_whole, (seen != event).then(text));
            self.bytes += row.bytes();
            self.rows.push(row);
        }
        Ok(())
    }

    /// Returns the events that a filter may want, in order.
    pub(crate) fn rows<'i>(&'i self, filter: &'i AuditFilter) -> impl DoubleEndedIterator<Item = &'i Row> {
        let first = filter.after.map_or(0, |after| self.rows.partition_point(|row| row.seq <= after));
        let names: Vec<u32> = [&filter.actor, &filter.object, &filter.subject]
            .into_iter()
            .flatten()
            .map(|name| name_hash(name))
            .collect();
        self.rows.iter().skip(first).filter(move |row| row.may_match(filter, &names))
    }
}

impl Row {
    fn new(event: &Event, hash: Hash, is_whole: bool, text: Option<Box<str>>) -> Self {
        let mut names = BTreeSet::from([name_hash(&event.actor)]);
        names.extend(event.session.iter().filter_map(|session| session.subject.as_deref()).map(name_hash));
        event.changes.iter().for_each(|change| add_names(change, &mut names));
        Self {
            seq: event.seq,
            hash,
            time: Timestamp::parse(&event.time),
            operation: event.operation,
            object_type: event.object_type,
            names: names.into_iter().collect(),
            is_whole,
            text,
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.names) + self.text.as_ref().map_or(0, |text| text.len())
    }

    /// Returns whether the event can match a filter. Equal hashes of different names are possible.
    fn may_match(&self, filter: &AuditFilter, names: &[u32]) -> bool {
        filter.from.is_none_or(|from| self.time.is_some_and(|time| time >= from))
            && filter.until.is_none_or(|until| self.time.is_some_and(|time| time < until))
            && filter.object_type.is_none_or(|kind| kind == self.object_type)
            && filter.operation.is_none_or(|operation| operation == self.operation)
            && names.iter().all(|name| self.names.binary_search(name).is_ok())
    }

    /// Returns the event as the reader sees it, and its hash if the reader can verify it.
    pub(crate) fn read<S: Store>(&self, store: &S) -> Result<(Event, Option<Hash>), StoreError> {
        let record = store.records(self.seq - 1, 1)?.pop();
        let record = record.filter(|record| record.seq == self.seq && record.hash == self.hash);
        let mut record = record.ok_or_else(|| replaced(self.seq))?;
        if let Some(text) = &self.text {
            record.body = text.to_string();
        }
        Ok((read(&record)?, self.is_whole.then_some(record.hash)))
    }
}

/// The error of an event that is not the one that was followed.
fn replaced(seq: u64) -> StoreError {
    StoreError::Tampered { seq, what: "it is not the event that was read before".to_string() }
}

/// Adds the names of a change: its id, its subject, and members that join or leave.
fn add_names(change: &Change, names: &mut BTreeSet<u32>) {
    names.insert(name_hash(&change.id));
    let values = || [&change.before, &change.after].into_iter().flatten();
    names.extend(values().filter_map(|value| value.get("subject")?.as_str()).map(name_hash));
    let members = |value: &Option<Value>| -> BTreeSet<String> {
        let list = value.as_ref().and_then(|value| value.get("members")?.as_array());
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
    };
    let [before, after] = [members(&change.before), members(&change.after)];
    names.extend(before.symmetric_difference(&after).map(|member| name_hash(member)));
}

fn name_hash(name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish() as u32
}
