//! Sets of small numbers, one bit each.

use alloc::vec;
use alloc::vec::Vec;

/// A set of numbers below a bound that is fixed at creation.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Returns the empty set of numbers below `bound`.
    pub(crate) fn new(bound: usize) -> Self {
        Self { words: vec![0; bound.div_ceil(64)] }
    }

    /// Returns the set of all numbers below `bound`.
    pub(crate) fn full(bound: usize) -> Self {
        let mut set = Self { words: vec![u64::MAX; bound.div_ceil(64)] };
        if let Some(last) = set.words.last_mut() {
            *last >>= (64 - bound % 64) % 64;
        }
        set
    }

    pub(crate) fn insert(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(crate) fn remove(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    pub(crate) fn contains(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    pub(crate) fn subtract(&mut self, other: &Self) {
        for (word, less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
    }

    pub(crate) fn intersect(&mut self, other: &Self) {
        for (word, kept) in self.words.iter_mut().zip(&other.words) {
            *word &= kept;
        }
    }

    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(word, other)| word & !other == 0)
    }

    /// Returns the smallest number that is in both sets.
    pub(crate) fn first_shared(&self, other: &Self) -> Option<usize> {
        let place = self.words.iter().zip(&other.words).position(|(word, other)| word & other != 0)?;
        let shared = self.words.get(place)? & other.words.get(place)?;
        Some(64 * place + shared.trailing_zeros() as usize)
    }

    /// Returns the words of the set, smallest numbers first.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// Returns the numbers of the set in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(place, word)| {
            let is_left = |rest: &u64| *rest != 0;
            let rest = core::iter::successors(Some(*word).filter(is_left), move |rest| {
                Some(rest & (rest - 1)).filter(is_left)
            });
            rest.map(move |rest| 64 * place + rest.trailing_zeros() as usize)
        })
    }

    /// Returns the number of members.
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Decodes a set of numbers below `bound`. Ignores other numbers.
    pub(crate) fn from_bytes(bytes: &[u8], bound: usize) -> Self {
        let mut set = Self::new(bound);
        for (number, byte) in bytes.iter().enumerate() {
            if let Some(word) = set.words.get_mut(number / 8) {
                *word |= u64::from(*byte) << (number % 8 * 8);
            }
        }
        set.words.iter_mut().zip(&Self::full(bound).words).for_each(|(word, all)| *word &= all);
        set
    }

    /// Encodes the set for `bound` numbers. The smallest number is the lowest bit of the first byte.
    pub(crate) fn to_bytes(&self, bound: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in &self.words {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.truncate(bound.div_ceil(8));
        bytes
    }
}
