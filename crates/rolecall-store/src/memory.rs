//! A store that keeps nothing longer than the program runs: for tests and for trying out.

use crate::error::StoreError;
use crate::store::{Kept, Record, Store, Unit, Whole};
use rolecall::Instant;
use rolecall_admin::{Change, Key};
use serde_json::Value;
use std::collections::BTreeMap;

/// Events and objects in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    records: Vec<Record>,
    commands: BTreeMap<String, Kept>,
    objects: BTreeMap<Key, Value>,
    clock_seen: Option<Instant>,
}

/// A unit of work on a copy.
#[derive(Debug)]
pub struct MemoryUnit<'s> {
    store: &'s mut Memory,
    next: Memory,
}

impl Memory {
    fn behind(&self, after: u64) -> Vec<Record> {
        self.records.iter().filter(|record| record.seq > after).cloned().collect()
    }
}

impl Store for Memory {
    type Unit<'s> = MemoryUnit<'s>;

    fn begin(&mut self) -> Result<MemoryUnit<'_>, StoreError> {
        let next = self.clone();
        Ok(MemoryUnit { store: self, next })
    }

    fn records(&self, after: u64) -> Result<Vec<Record>, StoreError> {
        Ok(self.behind(after))
    }

    fn clock_seen(&self) -> Result<Option<Instant>, StoreError> {
        Ok(self.clock_seen)
    }

    fn whole(&self) -> Result<Whole, StoreError> {
        let version = self.records.last().map_or(0, |record| record.seq);
        Ok(Whole { objects: self.objects.clone(), commands: self.commands.clone(), version })
    }
}

impl Unit for MemoryUnit<'_> {
    fn records(&self, after: u64) -> Result<Vec<Record>, StoreError> {
        Ok(self.next.behind(after))
    }

    fn record(&self, seq: u64) -> Result<Option<Record>, StoreError> {
        Ok(self.next.records.iter().find(|record| record.seq == seq).cloned())
    }

    fn command(&self, id: &str) -> Result<Option<Kept>, StoreError> {
        Ok(self.next.commands.get(id).cloned())
    }

    fn remember(&mut self, id: &str, kept: &Kept) -> Result<(), StoreError> {
        self.next.commands.insert(id.to_string(), kept.clone());
        Ok(())
    }

    fn clock_seen(&self) -> Result<Option<Instant>, StoreError> {
        Ok(self.next.clock_seen)
    }

    fn see_clock(&mut self, now: Instant) -> Result<(), StoreError> {
        self.next.clock_seen = Some(now);
        Ok(())
    }

    fn append(&mut self, record: &Record, changes: &[Change]) -> Result<(), StoreError> {
        self.next.records.push(record.clone());
        for change in changes {
            match &change.after {
                Some(after) => self.next.objects.insert(change.key(), after.clone()),
                None => self.next.objects.remove(&change.key()),
            };
        }
        Ok(())
    }

    fn commit(self) -> Result<(), StoreError> {
        *self.store = self.next;
        Ok(())
    }
}
