//! Hash tables of compiled data. They are only used for lookups, never iterated for an answer. The seed is fixed: keys
//! are names of the policy or our own numbers, and the core uses no randomness of its host.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// Numbers byte strings from 0 on. Sorted instead of hashed, so an attacker cannot choose keys that are slow to find.
/// Written by hand because a general map adds several times as many bytes to a WebAssembly module.
#[derive(Default)]
pub(crate) struct Numbers {
    /// Sorted runs of keys with their numbers. Runs are not empty.
    runs: Vec<Vec<(Box<[u8]>, usize)>>,
    count: usize,
}

/// The length at which a run is split in two.
const RUN: usize = 512;

impl Numbers {
    /// Returns the number of a key.
    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        let run = self.runs.get(self.run(key))?;
        let place = run.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        run.get(place).map(|(_, number)| *number)
    }

    /// Adds a key that is not present and returns its number.
    pub(crate) fn add(&mut self, key: &[u8]) -> usize {
        let place = self.run(key);
        if self.runs.is_empty() {
            self.runs.push(Vec::new());
        }
        if let Some(run) = self.runs.get_mut(place) {
            let within = run.partition_point(|(known, _)| **known < *key);
            run.insert(within, (key.into(), self.count));
            if run.len() == RUN {
                let behind = run.split_off(RUN / 2);
                self.runs.insert(place + 1, behind);
            }
        }
        self.count += 1;
        self.count - 1
    }

    /// Returns the index of the run to which a key belongs.
    fn run(&self, key: &[u8]) -> usize {
        let behind = self.runs.partition_point(|run| run.first().is_some_and(|(first, _)| **first <= *key));
        behind.saturating_sub(1)
    }
}

/// A hash table.
pub(crate) type HashMap<K, V> = hashbrown::HashMap<K, V, foldhash::fast::FixedState>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_numbers_that_add_returned() {
        let mut numbers = Numbers::default();
        let keys: Vec<[u8; 4]> =
            (0..10 * RUN as u32).map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(numbers.find(key), None);
            assert_eq!(numbers.add(key), number);
        }
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(numbers.find(key), Some(number));
        }
        assert_eq!(numbers.find(b"abc"), None);
        assert!(numbers.runs.len() > 10 && numbers.runs.iter().all(|run| (1..RUN).contains(&run.len())));
    }
}
