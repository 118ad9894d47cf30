//! The bytes of a portable session: numbers in LEB128, texts by length, lists by count.

use alloc::string::String;
use alloc::vec::Vec;

/// Appends numbers and texts.
#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// A number that may be negative.
    pub(super) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A text of which the beginning is that of the one before.
    pub(super) fn text_after(&mut self, before: &str, text: &str) {
        let shared = before.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        self.count(shared);
        self.bytes(text.as_bytes().get(shared..).unwrap_or_default());
    }
}

/// Reads what [`Writer`] wrote; nothing where the bytes are something else.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        self.below(2).map(|flag| flag == 1)
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// How many things follow, each of which takes a byte at least.
    pub(super) fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())
    }

    /// A number below a bound.
    pub(super) fn below(&mut self, bound: usize) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|number| *number < bound)
    }

    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        let count = self.count()?;
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        core::str::from_utf8(self.bytes()?).ok()
    }

    /// A text of which the beginning is that of the one before, with so many bytes at most.
    pub(super) fn text_after(&mut self, before: &str, most: usize) -> Option<String> {
        let shared = usize::try_from(self.number()?).ok()?;
        let rest = self.text()?;
        let shared = before.get(..shared)?;
        (shared.len() + rest.len() <= most).then(|| [shared, rest].concat())
    }

    /// So many things, one after another. Not generic: the module for browsers would hold one copy for each kind.
    pub(super) fn each(&mut self, one: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        for _ in 0..self.count()? {
            one(self)?;
        }
        Some(())
    }
}

/// CRC-32 as in Ethernet and gzip: it finds damage, not forgery.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::default();
        for number in [0, 127, 128, 1 << 35, u64::MAX] {
            writer.number(number);
        }
        for number in [0, -1, i64::MIN, i64::MAX] {
            writer.signed(number);
        }
        writer.text("naïve");
        writer.text_after("segments/a", "segments/b");
        let mut reader = Reader(&writer.0);
        for number in [0, 127, 128, 1 << 35, u64::MAX] {
            assert_eq!(reader.number(), Some(number));
        }
        for number in [0, -1, i64::MIN, i64::MAX] {
            assert_eq!(reader.signed(), Some(number));
        }
        assert_eq!(reader.text(), Some("naïve"));
        assert_eq!(reader.text_after("segments/a", 64).as_deref(), Some("segments/b"));
        assert_eq!(reader.byte(), None);
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        assert_eq!(Reader(&[0xff; 11]).number(), None);
        assert_eq!(Reader(&[0x80; 9]).number(), None);
        let mut most = [0xff; 10];
        most[9] = 2;
        assert_eq!(Reader(&most).number(), None);
        assert_eq!(Reader(&[5, 1]).count(), None);
        assert_eq!(Reader(&[1, 0xff]).text(), None);
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }
}
