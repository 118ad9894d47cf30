//! Hash tables of what was compiled. They are looked into and never iterated over for an answer, and seeded the same
//! everywhere: what is in them is named by the policy or numbered by us, and nothing is taken from where the core runs.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// Numbers for things that are told apart by some bytes, from 0 on. In order rather than hashed, so that nobody can choose
/// things that are slow to find; and by hand, since the library's map takes several times as many bytes of a module.
#[derive(Default)]
pub(crate) struct Numbers {
    /// Runs of things with their numbers, in order, none of them empty.
    runs: Vec<Vec<(Box<[u8]>, usize)>>,
    count: usize,
}

/// Things in a run, from which on it becomes two.
const RUN: usize = 512;

impl Numbers {
    /// The number of a thing that was added.
    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        let run = self.runs.get(self.run(key))?;
        let place = run.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        run.get(place).map(|(_, number)| *number)
    }

    /// Adds a thing that is not there, and returns its number.
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

    /// The place of the run that a thing belongs to.
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
    fn things_have_the_numbers_that_they_were_given() {
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
