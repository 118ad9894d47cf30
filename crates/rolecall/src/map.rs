//! Hash tables of what was compiled. They are looked into and never iterated over for an answer, and seeded the same
//! everywhere: what is in them is named by the policy or numbered by us, and nothing is taken from where the core runs.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

/// Numbers for things that are told apart by some bytes, from 0 on. In order rather than hashed, so that nobody can choose
/// things that are slow to find; and one for all kinds of things, since a map is compiled anew for each.
#[derive(Default)]
pub(crate) struct Numbers {
    known: BTreeMap<Box<[u8]>, usize>,
}

impl Numbers {
    /// The number of a thing that was added.
    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        self.known.get(key).copied()
    }

    /// Adds a thing that is not there, and returns its number.
    pub(crate) fn add(&mut self, key: &[u8]) -> usize {
        let number = self.known.len();
        self.known.insert(key.into(), number);
        number
    }
}

/// A hash table.
pub(crate) type HashMap<K, V> = hashbrown::HashMap<K, V, foldhash::fast::FixedState>;
