//! Columns of cells of one width in shared bytes: a vector, or a file that is mapped into memory. Cells are decoded
//! only when they are read. Reads are bounds-checked, so malformed bytes cannot cause a panic.

use crate::storage::snapshot::{Encode, Parts, Sections};
use crate::types::limits;
use alloc::vec::Vec;
use bytes::Bytes;

/// Cells of `N` bytes. Numbers in them are little endian.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Column<const N: usize>(Bytes);

impl<const N: usize> Column<N> {
    pub(crate) fn new(cells: Vec<[u8; N]>) -> Self {
        Self(Bytes::from(cells.into_flattened().into_boxed_slice()))
    }

    pub(crate) fn len(&self) -> usize {
        self.cells().len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn cells(&self) -> &[[u8; N]] {
        self.0.as_chunks().0
    }
}

impl Column<1> {
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<u8> {
        self.0.get(place).copied()
    }
}

impl Column<4> {
    pub(crate) fn of(numbers: impl IntoIterator<Item = usize>) -> Self {
        Self::new(numbers.into_iter().map(|number| narrow(number).to_le_bytes()).collect())
    }

    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<usize> {
        self.cells().get(place).map(number)
    }
}

impl Column<8> {
    pub(crate) fn of(numbers: impl IntoIterator<Item = u64>) -> Self {
        Self::new(numbers.into_iter().map(u64::to_le_bytes).collect())
    }

    pub(crate) fn get(&self, place: usize) -> Option<u64> {
        self.cells().get(place).map(|cell| u64::from_le_bytes(*cell))
    }
}

impl<const N: usize> Encode for Column<N> {
    fn encode(&self, parts: &mut Parts) {
        parts.push(self.0.clone());
    }

    fn decode(sections: &mut Sections<'_>) -> Self {
        let cells = sections.next();
        sections.check(cells.len().is_multiple_of(N));
        Self(cells)
    }
}

/// Decodes the number of a cell.
#[inline]
pub(crate) fn number(cell: &[u8; 4]) -> usize {
    u32::from_le_bytes(*cell) as usize
}

/// Converts a number for a cell of four bytes. All numbered things have limits far below `u32::MAX`.
pub(crate) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Decodes the two numbers of a cell.
#[inline]
pub(crate) fn pair(cell: &[u8; 8]) -> (u32, u32) {
    let both = u64::from_le_bytes(*cell);
    (both as u32, (both >> 32) as u32)
}

pub(crate) fn paired(first: u32, second: u32) -> [u8; 8] {
    (u64::from(first) | u64::from(second) << 32).to_le_bytes()
}

/// Rows of cells, stored one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows<const N: usize> {
    /// The start of each row and the end of the last one. Empty without rows.
    starts: Column<4>,
    cells: Column<N>,
}

impl<const N: usize> Rows<N> {
    pub(crate) fn of<R: IntoIterator<Item = [u8; N]>>(rows: impl IntoIterator<Item = R>) -> Self {
        let mut writer = RowWriter::default();
        for row in rows {
            writer.begin();
            writer.cells.extend(row);
        }
        writer.finish()
    }

    /// Distributes cells to their rows by counting, without comparisons. The order within a row is preserved.
    pub(crate) fn sorted(rows: usize, cells: &[(usize, [u8; N])]) -> Self {
        if rows == 0 {
            return Self::default();
        }
        let mut starts: Vec<u32> = alloc::vec![0; rows + 1];
        for (row, _) in cells {
            if let Some(count) = starts.get_mut(row + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut placed = alloc::vec![[0; N]; cells.len()];
        for (row, cell) in cells {
            if let Some(place) = next.get_mut(*row) {
                if let Some(slot) = placed.get_mut(*place as usize) {
                    *slot = *cell;
                }
                *place += 1;
            }
        }
        Self { starts: Column::new(starts.into_iter().map(u32::to_le_bytes).collect()), cells: Column::new(placed) }
    }

    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Returns the total number of cells.
    pub(crate) fn count(&self) -> usize {
        self.cells.len()
    }

    /// Returns the range of the cells of a row among all cells.
    #[inline]
    pub(crate) fn places(&self, row: usize) -> core::ops::Range<usize> {
        let bounds = self.starts.cells().get(row..).and_then(<[_]>::first_chunk);
        bounds.map_or(0..0, |[start, end]| number(start)..number(end))
    }

    /// Returns the row of a cell, if the rows are in order.
    pub(crate) fn row_of(&self, place: usize) -> Option<usize> {
        self.starts.cells().partition_point(|start| number(start) <= place).checked_sub(1)
    }

    #[inline]
    pub(crate) fn row(&self, row: usize) -> &[[u8; N]] {
        self.cells.cells().get(self.places(row)).unwrap_or_default()
    }

    /// Returns whether each row starts where the previous one ends, so that rows do not share cells.
    pub(crate) fn is_in_order(&self) -> bool {
        self.starts.cells().is_sorted_by_key(number)
    }

    /// Returns the cells of all rows.
    pub(crate) fn cells(&self) -> &[[u8; N]] {
        self.cells.cells()
    }

    /// Returns whether the rows are in order and cover all cells.
    pub(crate) fn is_whole(&self) -> bool {
        let bounds = self.starts.cells();
        bounds.is_sorted_by_key(number)
            && bounds.first().map_or(0, number) == 0
            && bounds.last().map_or(0, number) == self.count()
            && bounds.len() != 1
    }
}

impl<const N: usize> Encode for Rows<N> {
    fn encode(&self, parts: &mut Parts) {
        self.starts.encode(parts);
        self.cells.encode(parts);
    }

    fn decode(sections: &mut Sections<'_>) -> Self {
        Self { starts: Encode::decode(sections), cells: Encode::decode(sections) }
    }
}

/// Builds rows, one after another.
#[derive(Default)]
pub(crate) struct RowWriter<const N: usize> {
    starts: Vec<[u8; 4]>,
    cells: Vec<[u8; N]>,
}

impl<const N: usize> RowWriter<N> {
    /// Starts the next row.
    pub(crate) fn begin(&mut self) {
        self.starts.push(narrow(self.cells.len()).to_le_bytes());
    }

    pub(crate) fn push(&mut self, cell: [u8; N]) {
        self.cells.push(cell);
    }

    /// Returns the number of cells so far.
    pub(crate) fn count(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn finish(mut self) -> Rows<N> {
        if !self.starts.is_empty() {
            self.begin();
        }
        Rows { starts: Column::new(self.starts), cells: Column::new(self.cells) }
    }
}

/// Texts one after another in a single allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    text: Bytes,
    ends: Column<8>,
}

impl Texts {
    pub(crate) fn new<'n>(texts: impl IntoIterator<Item = &'n str>) -> Self {
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        for text in texts {
            all.extend_from_slice(text.as_bytes());
            ends.push((all.len() as u64).to_le_bytes());
        }
        Self { text: Bytes::from(all.into_boxed_slice()), ends: Column::new(ends) }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub(crate) fn bytes(&self, place: usize) -> &[u8] {
        self.text.get(self.range(place)).unwrap_or_default()
    }

    /// Returns the range of a text among all bytes; an empty range if the text does not exist.
    #[inline]
    pub(crate) fn range(&self, place: usize) -> core::ops::Range<usize> {
        let end = |place| self.ends.get(place).and_then(|end| usize::try_from(end).ok());
        let start = if place == 0 { Some(0) } else { end(place - 1) };
        start.zip(end(place)).map_or(0..0, |(start, end)| start..end)
    }

    /// Returns `length` bytes from an offset; empty if they are out of bounds.
    #[inline]
    pub(crate) fn span(&self, start: usize, length: usize) -> &[u8] {
        self.text.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default()
    }

    /// Returns a text. Empty if the bytes are malformed or longer than any name, path or value.
    pub(crate) fn get(&self, place: usize) -> &str {
        let bytes = self.bytes(place);
        if bytes.len() > limits::PATH_BYTES { "" } else { core::str::from_utf8(bytes).unwrap_or_default() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).map(|place| self.get(place))
    }
}

impl Encode for Texts {
    fn encode(&self, parts: &mut Parts) {
        parts.push(self.text.clone());
        self.ends.encode(parts);
    }

    fn decode(sections: &mut Sections<'_>) -> Self {
        Self { text: sections.next(), ends: Encode::decode(sections) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_by_counting_and_keep_their_order() {
        let cells: Vec<(usize, [u8; 1])> = [(2, 1), (0, 2), (2, 3), (0, 4)].map(|(row, cell)| (row, [cell])).into();
        let rows = Rows::sorted(4, &cells);
        assert_eq!(rows, Rows::of([&[[2], [4]][..], &[], &[[1], [3]], &[]].map(|row| row.to_vec())));
        assert_eq!((rows.len(), rows.count(), rows.row(2), rows.row(3)), (4, 4, &[[1], [3]][..], &[][..]));
        assert!(rows.is_whole() && Rows::<1>::default().is_whole());
    }

    #[test]
    fn malformed_rows_and_texts_are_empty_and_detected() {
        let rows = Rows { starts: Column::<4>::of([9, 2, 1, usize::MAX]), cells: Column::new(alloc::vec![[7; 4]; 3]) };
        assert!(!rows.is_whole());
        for row in [0, 1, 2, 3, usize::MAX] {
            assert!(rows.row(row).is_empty(), "{row}");
        }
        let texts = Texts { text: Bytes::from_static(b"a\xffc"), ends: Column::<8>::of([1, 2, 1, u64::MAX]) };
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "", ""]);
    }
}
