//! Names with dense numbers, found by hash.

use alloc::string::String;
use alloc::vec::Vec;
use core::hash::BuildHasher;
use hashbrown::{DefaultHashBuilder, HashTable};

/// Many names in one text, so that a million of them are one allocation.
#[derive(Debug, Default)]
pub(crate) struct NameTable {
    text: String,
    ends: Vec<usize>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl NameTable {
    /// Makes the table; the names' numbers are their places in `names`.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut table = Self::default();
        for name in names {
            let number = u32::try_from(table.ends.len()).unwrap_or(u32::MAX);
            table.text.push_str(name);
            table.ends.push(table.text.len());
            let Self { text, ends, index, hasher } = &mut table;
            let hash = hasher.hash_one(name);
            index.insert_unique(hash, number, |number| hasher.hash_one(slice(text, ends, *number as usize)));
        }
        table
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(name);
        self.index.find(hash, |number| self.name(*number as usize) == name).map(|number| *number as usize)
    }

    pub(crate) fn name(&self, number: usize) -> &str {
        slice(&self.text, &self.ends, number)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.name(number))
    }
}

fn slice<'t>(text: &'t str, ends: &[usize], number: usize) -> &'t str {
    let start = number.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(number).and_then(|end| text.get(start..*end)).unwrap_or_default()
}
