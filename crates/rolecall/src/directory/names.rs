//! Names with dense numbers, found by hash.

use crate::column::{Rows, Texts, narrow, pair, paired};
use crate::snapshot::{Parts, Sections, Stored};
use alloc::vec::Vec;

/// Many names, and the numbers of those whose hashes are near each other, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameTable {
    names: Texts,
    /// Of each name its number and the lower half of its hash, two to a row. Long rows are sorted by name, so that names
    /// chosen to share a hash cost little.
    buckets: Rows<8>,
}

/// Names in a row that are compared one by one.
const FEW: usize = 16;

impl NameTable {
    /// Makes the table; the names' numbers are their places in `names`.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names = Texts::new(names);
        let rows = names.len().div_ceil(2);
        let mut cells: Vec<(usize, [u8; 8])> = Vec::with_capacity(names.len());
        for number in 0..names.len() {
            let hash = hash(names.bytes(number));
            cells.push((row_of(hash, rows), paired(narrow(number), hash as u32)));
        }
        let mut buckets = Rows::sorted(rows, &cells);
        if (0..rows).any(|row| buckets.row(row).len() > FEW) {
            buckets = Rows::of((0..rows).map(|row| {
                let mut row = buckets.row(row).to_vec();
                if row.len() > FEW {
                    crate::order::sort_by(&mut row, |a, b| bytes_of(&names, a).cmp(bytes_of(&names, b)));
                }
                row
            }));
        }
        Self { names, buckets }
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let hash = hash(name.as_bytes());
        let row = self.buckets.row(row_of(hash, self.buckets.len()));
        let found = if row.len() <= FEW {
            let tag = hash as u32;
            row.iter().find(|cell| pair(cell).1 == tag && bytes_of(&self.names, cell) == name.as_bytes())
        } else {
            let found = row.binary_search_by(|cell| bytes_of(&self.names, cell).cmp(name.as_bytes()));
            found.ok().and_then(|place| row.get(place))
        };
        found.map(|cell| pair(cell).0 as usize)
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

    /// Tells whether this is the table of its names.
    pub(crate) fn is_whole(&self) -> bool {
        *self == Self::new(self.iter())
    }
}

impl Stored for NameTable {
    fn write(&self, parts: &mut Parts) {
        self.names.write(parts);
        self.buckets.write(parts);
    }

    fn read(sections: &mut Sections<'_>) -> Option<Self> {
        let table = Self { names: Stored::read(sections)?, buckets: Stored::read(sections)? };
        (table.buckets.count() == table.len()).then_some(table)
    }
}

fn bytes_of<'t>(names: &'t Texts, cell: &[u8; 8]) -> &'t [u8] {
    names.bytes(pair(cell).0 as usize)
}

/// The same on every machine, since it is written down: eight bytes at a time, and at the end the last eight, or all with
/// zeros behind them. It need not be strong, for long rows are halved.
fn hash(name: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: [u8; 8]| {
        let mixed = (hash ^ u64::from_le_bytes(word)).wrapping_mul(ODD);
        mixed ^ mixed >> 32
    };
    let mut hash = name.len() as u64;
    for word in name.as_chunks().0 {
        hash = mix(hash, *word);
    }
    let last = name.last_chunk().copied().unwrap_or_else(|| {
        let mut short = [0; 8];
        short.iter_mut().zip(name).for_each(|(slot, byte)| *slot = *byte);
        short
    });
    mix(hash, last).wrapping_mul(ODD)
}

/// The row of a hash by its upper half, which every bit of the name reaches; its lower half is the tag.
fn row_of(hash: u64, rows: usize) -> usize {
    (((hash >> 32) * rows as u64) >> 32) as usize
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
            let longest = (0..table.buckets.len()).map(|row| table.buckets.row(row).len()).max();
            assert!(longest.unwrap_or(0) < FEW, "{longest:?}");
        }
    }

    #[test]
    fn names_in_a_long_row_are_found_by_halving() {
        let names: Vec<String> = (0..100).map(|number| alloc::format!("{number:03}")).collect();
        let names = Texts::new(names.iter().map(String::as_str));
        let row: Vec<[u8; 8]> = (0..100).map(|number| paired(number, 0)).collect();
        let table = NameTable { names, buckets: Rows::of([row]) };
        assert_eq!((table.find("042"), table.find("xyz")), (Some(42), None));
        assert!(!table.is_whole());
    }
}
