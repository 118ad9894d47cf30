//! A table of names with a number each, found by hash.

use crate::storage::column::{Column, Rows, Texts, narrow, number};
use crate::storage::order;
use crate::storage::snapshot::{Encode, Parts, Sections};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Names with a hash table of their numbers. Open addressing; slots are sorted by hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameTable {
    names: Texts,
    /// One byte of the hash for each slot, 0 for an empty slot. A group of empty marks follows the last slot.
    marks: Column<1>,
    /// Sorted by tag and then by name, each at its home or the next free slot after it. So names that were chosen to
    /// share a hash are found by binary search.
    slots: Column<12>,
}

/// The number of marks that are compared at once.
const GROUP: usize = 8;
/// The number of groups that are scanned before the binary search.
const FEW: usize = 4;

/// A name in the table.
#[derive(Clone, Copy)]
struct Slot {
    start: usize,
    length: usize,
    number: usize,
}

const EMPTY: [u8; 12] = [u8::MAX; 12];

impl Slot {
    #[inline]
    fn of(cell: &[u8; 12]) -> Self {
        let place = cell.first_chunk().map_or(u64::MAX, |place| u64::from_le_bytes(*place));
        let number = cell.last_chunk().map_or(u32::MAX, |number| u32::from_le_bytes(*number));
        Self { start: (place & 0xffff_ffff_ffff) as usize, length: (place >> 48) as usize, number: number as usize }
    }

    fn cell(self) -> [u8; 12] {
        let mut cell = EMPTY;
        let place = (self.start as u64 | (self.length as u64) << 48).to_le_bytes();
        cell.iter_mut()
            .zip(place.into_iter().chain(narrow(self.number).to_le_bytes()))
            .for_each(|(to, from)| *to = from);
        cell
    }

    #[inline]
    fn bytes(self, names: &Texts) -> &[u8] {
        names.span(self.start, self.length)
    }
}

impl NameTable {
    /// Builds the table. The number of a name is its index in `names`. Names have at most 65,535 bytes.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names = Texts::new(names);
        let homes = homes(names.len());
        let numbers: Vec<_> = (0..names.len())
            .map(|number| (home(hash(names.bytes(number)), homes), narrow(number).to_le_bytes()))
            .collect();
        let rows = Rows::sorted(homes, &numbers);
        let (mut marks, mut slots) = (Vec::with_capacity(homes + GROUP), Vec::with_capacity(homes));
        let mut row = Vec::new();
        let slot = |cell: &[u8; 4]| {
            let range = names.range(number(cell));
            Slot { start: range.start, length: range.len(), number: number(cell) }
        };
        for home in 0..homes {
            row.extend(rows.row(home).iter().map(slot));
            order::sort_by(&mut row, |a, b| key(&names, *a).cmp(&key(&names, *b)));
            for slot in row.drain(..) {
                slots.resize(slots.len().max(home), EMPTY);
                marks.resize(slots.len(), [0]);
                marks.push([mark(hash(slot.bytes(&names)))]);
                slots.push(slot.cell());
            }
        }
        marks.resize(slots.len() + GROUP, [0]);
        Self { names, marks: Column::new(marks), slots: Column::new(slots) }
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let name = name.as_bytes();
        let hash = hash(name);
        let home = home(hash, homes(self.names.len()));
        let marks = self.marks.cells().as_flattened().get(home..)?;
        let mark = u64::from(mark(hash)) * ONES;
        for (group, marks) in marks.as_chunks().0.iter().take(FEW).enumerate() {
            let marks = u64::from_le_bytes(*marks);
            let mut same = zeros(marks ^ mark);
            while same != 0 {
                let place = home + group * GROUP + same.trailing_zeros() as usize / 8;
                let slot = Slot::of(self.slots.cells().get(place)?);
                if slot.bytes(&self.names) == name {
                    return Some(slot.number);
                }
                same &= same - 1;
            }
            if zeros(marks) != 0 {
                return None;
            }
        }
        self.search(home, hash, name)
    }

    /// Finds a name by binary search, if many hashes are close to each other.
    #[cold]
    #[inline(never)]
    fn search(&self, home: usize, hash: u64, name: &[u8]) -> Option<usize> {
        let slots = self.slots.cells().get(home..)?;
        let found = slots.binary_search_by(|cell| match Slot::of(cell) {
            _ if *cell == EMPTY => Ordering::Greater,
            slot => key(&self.names, slot).cmp(&(tag(hash), name)),
        });
        slots.get(found.ok()?).map(|cell| Slot::of(cell).number)
    }

    pub(crate) fn name(&self, number: usize) -> &str {
        self.names.get(number)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter()
    }

    /// Returns whether the table matches its names.
    pub(crate) fn is_whole(&self) -> bool {
        *self == Self::new(self.iter())
    }
}

impl Encode for NameTable {
    fn encode(&self, parts: &mut Parts) {
        self.names.encode(parts);
        self.marks.encode(parts);
        self.slots.encode(parts);
    }

    #[inline(never)]
    fn decode(sections: &mut Sections<'_>) -> Self {
        Self { names: Encode::decode(sections), marks: Encode::decode(sections), slots: Encode::decode(sections) }
    }
}

/// Returns the number of homes for `names` names, so that at most two thirds are taken.
fn homes(names: usize) -> usize {
    names + names.div_ceil(2)
}

/// Returns the home of a hash. A higher tag never has an earlier home.
#[inline]
fn home(hash: u64, homes: usize) -> usize {
    ((u64::from(tag(hash)) * homes as u64) >> 32) as usize
}

/// Returns the sort key of a slot.
fn key(names: &Texts, slot: Slot) -> (u32, &[u8]) {
    let name = slot.bytes(names);
    (tag(hash(name)), name)
}

#[inline]
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Returns bits of the hash that are not in the tag; never 0.
#[inline]
fn mark(hash: u64) -> u8 {
    ((hash >> 24) as u8).max(1)
}

const ONES: u64 = u64::from_le_bytes([1; 8]);

/// Returns the highest bit of each zero byte. Bytes after the first one may be false positives.
#[inline]
fn zeros(bytes: u64) -> u64 {
    bytes.wrapping_sub(ONES) & !bytes & ONES << 7
}

/// Hashes a name, identically on every machine, because snapshots store the result. Reads sixteen bytes at a time, then
/// the first and the last eight of the rest. It need not be strong: long probes end in a binary search.
fn hash(name: &[u8]) -> u64 {
    let mut hash = name.len() as u64;
    let mut rest = name;
    while let Some((first, behind)) = rest.split_first_chunk().filter(|(_, behind)| behind.len() > 8) {
        let Some((second, behind)) = behind.split_first_chunk() else { break };
        hash = mix(hash, *first, *second);
        rest = behind;
    }
    if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
        return mix(hash, *first, *last);
    }
    let mut short = [0; 8];
    short.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
    mix(hash, short, short)
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn mix(hash: u64, first: [u8; 8], second: [u8; 8]) -> u64 {
    let first = (hash ^ u64::from_le_bytes(first)).wrapping_mul(ODD);
    let second = (!hash ^ u64::from_le_bytes(second)).wrapping_mul(ODD);
    let mixed = first ^ second.rotate_left(32);
    (mixed ^ mixed >> 29).wrapping_mul(ODD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn every_name_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 100, 1000, 50_000] {
            let names: Vec<String> = (0..count).map(|number| alloc::format!("user:{number}")).collect();
            let table = NameTable::new(names.iter().map(String::as_str));
            for (number, name) in names.iter().enumerate() {
                assert_eq!((table.find(name), table.name(number)), (Some(number), name.as_str()));
            }
            assert_eq!((table.find("user:x"), table.find(""), table.len()), (None, None, count));
            assert!(table.is_whole());
        }
    }

    #[test]
    fn probe_distances_are_short() {
        let names: Vec<String> = (0..50_000).map(|number| alloc::format!("user:{number}")).collect();
        let table = NameTable::new(names.iter().map(String::as_str));
        let taken = table.slots.cells().iter().enumerate().filter(|(_, cell)| **cell != EMPTY);
        let hash = |cell| hash(Slot::of(cell).bytes(&table.names));
        let distances: Vec<usize> = taken.map(|(place, cell)| place - home(hash(cell), homes(50_000))).collect();
        let (longest, sum) = (distances.iter().max().copied().unwrap_or(0), distances.iter().sum::<usize>());
        assert!(longest < 50 && sum < 2 * distances.len(), "{longest}, {sum}");
    }

    #[test]
    fn names_chosen_to_share_a_hash_are_found_by_binary_search() {
        let inverse =
            (0..6).fold(ODD, |inverse: u64, _| inverse.wrapping_mul(2u64.wrapping_sub(ODD.wrapping_mul(inverse))));
        let second = |first: &String| {
            let first_word = u64::from_le_bytes(*first.as_bytes().first_chunk()?);
            // `mix` uses the first word as it is, so the second word can compensate for it.
            let word = (24 ^ first_word).wrapping_mul(ODD) ^ 0x1234_5678_9abc_def0;
            let second = !24 ^ word.rotate_right(32).wrapping_mul(inverse);
            let second = second.to_le_bytes();
            core::str::from_utf8(&second).ok().map(|second| alloc::format!("{first}{second}the rest"))
        };
        let names: Vec<String> =
            (0..).map(|number| alloc::format!("{number:08}")).filter_map(|first| second(&first)).take(100).collect();
        let shared = hash(names[0].as_bytes());
        assert!(names.iter().all(|name| hash(name.as_bytes()) == shared));
        let table = NameTable::new(names[1..].iter().rev().map(String::as_str));
        for (number, name) in names[1..].iter().rev().enumerate() {
            assert_eq!(table.find(name), Some(number), "{name}");
        }
        assert_eq!(table.find(&names[0]), None);
        assert!(table.is_whole());
    }
}
