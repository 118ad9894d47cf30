//! A store in memory, for tests and experiments.

use crate::chain::Hash;
use crate::error::StoreError;
use crate::head::Head;
use crate::private_record::PrivateRecord;
use crate::store::{CommandRecord, EventRecord, Opening, Records, SecretUse, Store, StoreContents, Transaction};
use rolecall::Timestamp;
use rolecall_admin::{Event, LastLogin, ObjectKey};
use serde_json::Value;
use std::collections::BTreeMap;

/// Events and objects in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    records: Vec<EventRecord>,
    commands: BTreeMap<String, CommandRecord>,
    objects: BTreeMap<ObjectKey, Value>,
    clock_seen: Option<Timestamp>,
    positions: BTreeMap<String, u64>,
    private: BTreeMap<Hash, PrivateRecord>,
    secret_uses: BTreeMap<(String, String), SecretUse>,
}

/// A transaction on a copy.
#[derive(Debug)]
pub struct MemoryTransaction<'s> {
    store: &'s mut Memory,
    next: Memory,
}

impl Records for Memory {
    fn head(&self) -> Result<Option<(u64, Hash)>, StoreError> {
        Ok(self.records.last().map(|record| (record.seq, record.hash)))
    }

    fn hash(&self, seq: u64) -> Result<Option<Hash>, StoreError> {
        Ok(self.records.iter().find(|record| record.seq == seq).map(|record| record.hash))
    }

    fn records(&self, after: u64, most: usize) -> Result<Vec<EventRecord>, StoreError> {
        Ok(self.records.iter().filter(|record| record.seq > after).take(most).cloned().collect())
    }
}

impl Records for MemoryTransaction<'_> {
    fn head(&self) -> Result<Option<(u64, Hash)>, StoreError> {
        self.next.head()
    }

    fn hash(&self, seq: u64) -> Result<Option<Hash>, StoreError> {
        self.next.hash(seq)
    }

    fn records(&self, after: u64, most: usize) -> Result<Vec<EventRecord>, StoreError> {
        self.next.records(after, most)
    }
}

impl Store for Memory {
    type Transaction<'s> = MemoryTransaction<'s>;

    fn begin(&mut self) -> Result<MemoryTransaction<'_>, StoreError> {
        let next = self.clone();
        Ok(MemoryTransaction { store: self, next })
    }

    fn position(&self, follower: &str) -> Result<u64, StoreError> {
        Ok(self.positions.get(follower).copied().unwrap_or_default())
    }

    fn secret_uses(&self) -> Result<Vec<SecretUse>, StoreError> {
        Ok(self.secret_uses.values().cloned().collect())
    }

    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.clock_seen)
    }

    fn private(&self, seal: &Hash) -> Result<Option<PrivateRecord>, StoreError> {
        Ok(self.private.get(seal).cloned())
    }

    fn contents(&self) -> Result<StoreContents, StoreError> {
        let version = self.records.last().map_or(0, |record| record.seq);
        Ok(StoreContents {
            objects: self.objects.clone(),
            commands: self.commands.clone(),
            private: self.private.values().cloned().collect(),
            version,
            ..StoreContents::default()
        })
    }

    fn opening(&self) -> Result<Option<Opening>, StoreError> {
        Ok(None)
    }
}

impl Transaction for MemoryTransaction<'_> {
    fn command(&self, id: &str) -> Result<Option<CommandRecord>, StoreError> {
        Ok(self.next.commands.get(id).cloned())
    }

    fn remember(&mut self, id: &str, record: &CommandRecord) -> Result<(), StoreError> {
        self.next.commands.insert(id.to_string(), record.clone());
        Ok(())
    }

    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.next.clock_seen)
    }

    fn see_clock(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.next.clock_seen = Some(now);
        Ok(())
    }

    fn set_position(&mut self, follower: &str, seq: u64) -> Result<(), StoreError> {
        self.next.positions.insert(follower.to_string(), seq);
        Ok(())
    }

    fn private(&self, seal: &Hash) -> Result<Option<PrivateRecord>, StoreError> {
        Ok(self.next.private.get(seal).cloned())
    }

    fn put_private(&mut self, record: &PrivateRecord) -> Result<(), StoreError> {
        self.next.private.insert(record.seal, record.clone());
        Ok(())
    }

    fn spend_private(&mut self, seal: &Hash) -> Result<(), StoreError> {
        self.next.private.get_mut(seal).into_iter().for_each(|record| record.value = None);
        Ok(())
    }

    fn remove_private(&mut self, seal: &Hash) -> Result<(), StoreError> {
        self.next.private.remove(seal);
        Ok(())
    }

    fn set_secret_use(&mut self, last: &SecretUse) -> Result<(), StoreError> {
        self.next.secret_uses.insert((last.subject.clone(), last.secret.clone()), last.clone());
        Ok(())
    }

    fn append(&mut self, record: &EventRecord, event: &Event) -> Result<(), StoreError> {
        self.next.records.push(record.clone());
        for change in &event.changes {
            match &change.after {
                Some(after) => self.next.objects.insert(change.key(), after.clone()),
                None => self.next.objects.remove(&change.key()),
            };
        }
        Ok(())
    }

    fn put_login(&mut self, _: &LastLogin) -> Result<(), StoreError> {
        Ok(())
    }

    fn start_head(&mut self, _: &Head) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(self) -> Result<(), StoreError> {
        *self.store = self.next;
        Ok(())
    }
}
