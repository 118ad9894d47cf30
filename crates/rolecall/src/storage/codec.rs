//! The encoding of portable sessions and compiled policies: numbers in LEB128, texts with length, lists with count.

use crate::storage::arena::Id;
use crate::types::limits;
use crate::types::timestamp::{Duration, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;

/// Appends numbers and texts.
#[derive(Default)]
pub(crate) struct Encoder(pub(crate) Vec<u8>);

impl Encoder {
    pub(crate) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// Writes a signed number in zigzag encoding.
    pub(crate) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.number(u64::from(flag));
    }

    /// Writes several flags as one number, the first one in the lowest bit.
    pub(crate) fn flags(&mut self, flags: &[bool]) {
        self.number(flags.iter().rev().fold(0, |all, flag| all << 1 | u64::from(*flag)));
    }

    /// Writes an optional number below `u64::MAX`.
    pub(crate) fn option(&mut self, number: Option<u64>) {
        self.number(number.map_or(0, |number| number + 1));
    }

    /// Writes an optional duration.
    pub(crate) fn duration(&mut self, duration: Option<Duration>) {
        self.option(duration.map(|duration| duration.as_millis().unsigned_abs()));
    }

    /// Writes a list of ids.
    pub(crate) fn ids<T: Id>(&mut self, ids: &[T]) {
        self.count(ids.len());
        ids.iter().for_each(|id| self.count(id.index()));
    }

    pub(crate) fn texts<'t>(&mut self, texts: impl ExactSizeIterator<Item = &'t str>) {
        self.count(texts.len());
        texts.for_each(|text| self.text(text));
    }

    /// Writes paths, each with a number. A path is stored as the length of the prefix that it shares with the previous
    /// path, and the rest.
    pub(crate) fn paths<'t>(&mut self, paths: impl ExactSizeIterator<Item = (&'t str, usize)>) {
        self.count(paths.len());
        let mut before = "";
        for (path, number) in paths {
            let shared = same(before.as_bytes(), path.as_bytes());
            self.count(shared);
            self.bytes(path.as_bytes().get(shared..).unwrap_or_default());
            self.count(number);
            before = path;
        }
    }
}

/// Reads the output of [`Encoder`]. After malformed bytes it stays failed and returns empty values. So you can read on
/// safely and check [`is_done`](Self::is_done) at the end.
#[derive(Clone, Copy, Default)]
pub(crate) struct Decoder<'b> {
    pub(crate) rest: &'b [u8],
    has_failed: bool,
}

impl<'b> Decoder<'b> {
    pub(crate) fn new(rest: &'b [u8]) -> Self {
        Self { rest, has_failed: false }
    }

    /// Fails unless `holds` is true.
    pub(crate) fn check(&mut self, holds: bool) {
        if !holds {
            *self = Self { rest: &[], has_failed: true };
        }
    }

    /// Returns whether all bytes were read without failure.
    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty() && !self.has_failed
    }

    /// Returns whether the decoder failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    fn take(&mut self, count: usize) -> &'b [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or_else(|| {
            self.has_failed = true;
            (&[], &[])
        });
        self.rest = rest;
        taken
    }

    pub(crate) fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.take(1).first().copied().unwrap_or_default();
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            self.check(bits << shift >> shift == bits);
            shift += 7;
            if byte < 0x80 {
                return if self.has_failed { 0 } else { number };
            }
            // A `u64` has at most ten bytes.
            if shift == 70 {
                self.check(false);
                return 0;
            }
        }
    }

    /// Reads a number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let number = self.number();
        self.check(number < bound as u64);
        if self.has_failed { 0 } else { number as usize }
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    /// Reads `N` flags.
    pub(crate) fn flags<const N: usize>(&mut self) -> [bool; N] {
        let all = self.below(1 << N);
        core::array::from_fn(|bit| all >> bit & 1 == 1)
    }

    pub(crate) fn option(&mut self) -> Option<u64> {
        self.number().checked_sub(1)
    }

    /// Reads a bit mask with bits below a bound.
    pub(crate) fn mask(&mut self, bound: usize) -> u64 {
        let mask = self.number();
        self.check(bound >= 64 || mask >> bound == 0);
        if self.has_failed { 0 } else { mask }
    }

    pub(crate) fn duration(&mut self) -> Option<Duration> {
        let duration = self.option().map(Duration::from_millis);
        self.check(duration != Some(None));
        duration.flatten()
    }

    /// Reads a list of ids below a bound.
    pub(crate) fn ids<T: Id>(&mut self, bound: usize) -> Vec<T> {
        let mut ids = Vec::new();
        self.each(&mut |from| ids.push(T::new(from.below(bound))));
        ids
    }

    pub(crate) fn bytes(&mut self) -> &'b [u8] {
        let count = self.count();
        self.take(count)
    }

    /// Reads the number of items that follow. Each item takes at least one byte.
    fn count(&mut self) -> usize {
        let most = self.rest.len();
        self.below(most + 1)
    }

    pub(crate) fn text(&mut self) -> &'b str {
        let text = core::str::from_utf8(self.bytes());
        self.check(text.is_ok());
        text.unwrap_or_default()
    }

    /// Reads a timestamp in milliseconds.
    pub(crate) fn timestamp(&mut self) -> Timestamp {
        let number = self.number();
        self.millis(Some((number >> 1) as i64 ^ -((number & 1) as i64)))
    }

    /// Converts milliseconds to a timestamp; fails if it is out of range.
    pub(crate) fn millis(&mut self, millis: Option<i64>) -> Timestamp {
        let timestamp = millis.and_then(Timestamp::from_millis);
        self.check(timestamp.is_some());
        timestamp.unwrap_or(Timestamp::MIN)
    }

    /// Reads a list item by item. Not generic: the browser module would contain one copy for each type.
    pub(crate) fn each(&mut self, one: &mut dyn FnMut(&mut Self)) {
        let mut count = self.count();
        while count > 0 && !self.has_failed {
            one(self);
            count -= 1;
        }
    }

    /// Reads a list of texts.
    pub(crate) fn texts(&mut self) -> Vec<&'b str> {
        let mut texts = Vec::new();
        self.each(&mut |from| texts.push(from.text()));
        texts
    }

    /// Reads the paths of [`Encoder::paths`] with their numbers, which are below a bound.
    pub(crate) fn paths(&mut self, bound: usize, one: &mut dyn FnMut(&mut Self, &str, usize)) {
        let mut path = String::new();
        self.each(&mut |from| {
            let shared = from.below(limits::PATH_BYTES);
            let before = path.get(..shared);
            from.check(before.is_some());
            path = [before.unwrap_or_default(), from.text()].concat();
            // Prefix sharing lets a few bytes expand to many paths.
            from.check(path.len() <= limits::PATH_BYTES);
            let number = from.below(bound);
            one(from, &path, number);
        });
    }

    /// Finds the number of a path without decoding the others. `passed` receives the numbers before it.
    pub(crate) fn find(&mut self, wanted: &str, passed: &mut dyn FnMut(usize)) -> Option<usize> {
        // The number of bytes that the previous path shares with the wanted one.
        let mut agreed = 0;
        let mut found = None;
        self.each(&mut |from| {
            let (shared, rest, number) = (from.below(limits::PATH_BYTES), from.bytes(), from.below(usize::MAX));
            if found.is_some() {
                return;
            }
            // If more is shared, this path differs from the wanted one at the same byte as the previous path.
            if shared <= agreed {
                let wanted = wanted.as_bytes();
                agreed = shared + same(rest, wanted.get(shared..).unwrap_or_default());
                if agreed == wanted.len() && agreed == shared + rest.len() {
                    found = Some(number);
                    return;
                }
            }
            passed(number);
        });
        found
    }
}

/// Returns the length of the common prefix.
fn same(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_values_are_decoded() {
        let mut writer = Encoder::default();
        for number in [0, 127, 128, 1 << 35, u64::MAX] {
            writer.number(number);
        }
        for time in [Timestamp::MIN, Timestamp::MAX] {
            writer.signed(time.as_millis());
        }
        writer.text("naïve");
        let paths = ["segments", "segments/a", "segments/b", "segmentsx", "users", "segments/b"];
        writer.paths(paths.into_iter().zip(0..paths.len()));
        let mut reader = Decoder::new(&writer.0);
        for number in [0, 127, 128, 1 << 35, u64::MAX] {
            assert_eq!(reader.number(), number);
        }
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(reader.timestamp(), time);
        }
        assert_eq!(reader.text(), "naïve");
        let mut passed = Vec::new();
        assert_eq!(reader.clone().find("segmentsx", &mut |number| passed.push(number)), Some(3));
        assert_eq!(passed, [0, 1, 2]);
        for (path, found) in [("segments/b", Some(2)), ("segments/", None), ("", None), ("users", Some(4)), ("v", None)]
        {
            assert_eq!(reader.clone().find(path, &mut |_| ()), found, "{path}");
        }
        let mut read = Vec::new();
        reader.paths(6, &mut |_, path, number| {
            assert_eq!(paths[number], path);
            read.push(number);
        });
        assert_eq!(read, [0, 1, 2, 3, 4, 5]);
        assert!(reader.is_done());
        reader.number();
        assert!(!reader.is_done());
    }

    #[test]
    fn malformed_bytes_fail_for_good() {
        let mut most = [0xff; 10];
        most[9] = 2;
        for bytes in [[0xff; 11].as_slice(), &[0x80; 9], &[0x80; 10], &most, &[]] {
            let mut reader = Decoder::new(bytes);
            assert_eq!((reader.number(), reader.is_done()), (0, false), "{bytes:?}");
        }
        let failing: [fn(&mut Decoder<'_>); 6] = [
            |reader| assert!(reader.bytes().is_empty()),
            |reader| assert_eq!(reader.text(), ""),
            |reader| assert!(!reader.flag()),
            |reader| assert_eq!(reader.below(5), 0),
            |reader| assert!(reader.texts().is_empty()),
            |reader| reader.each(&mut |_| panic!("there are not that many")),
        ];
        for (index, fails) in failing.into_iter().enumerate() {
            let mut reader = Decoder::new(&[5, 1]);
            fails(&mut reader);
            assert_eq!((reader.number(), reader.is_done()), (0, false), "{index}");
        }
        let mut reader = Decoder::new(&[1, 0xff, 0]);
        assert_eq!((reader.text(), reader.number(), reader.is_done()), ("", 0, false));
    }
}
