//! Snapshots: a compiled policy and directory as bytes that are read in place.
//!
//! All numbers are little endian. A snapshot begins with:
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `89 52 4C 43 41 4C 4C 0A` |
//! | 4 | the version of the format, 8 |
//! | 4 | the count of sections |
//! | 8 | the length of the whole |
//! | 16 each | per section: its length, and the XXH64 of the section with its padding |
//! | 8 | the XXH64 of all bytes above |
//!
//! The sections follow, each padded with zeros to a multiple of 8 bytes: the policy, and the custom roles,
//! the overlays and the settings of the directory as JSON texts, for later changes; the compiled policy; compiled roles
//! and settings of the directory; then columns of scopes, subjects, groups, assignments and locks.
//!
//! The checksums detect corruption, not forgery: a snapshot is as trustworthy as its storage.

use crate::types::error::{RequestError, RequestErrorCode};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;
use core::hash::Hasher;
use twox_hash::XxHash64;

const MAGIC: [u8; 8] = *b"\x89RLCALL\n";

/// The bytes with which a snapshot begins.
pub const SNAPSHOT_MAGIC: &[u8] = &MAGIC;
const VERSION: u32 = 8;
/// The number of bytes before the table of sections.
const HEAD: usize = 24;
/// The number of bytes of a section in the table.
const ENTRY: usize = 16;
/// Each section begins at a multiple of this number of bytes.
const STEP: usize = 8;
/// The sections that are read when a snapshot is opened. They are always checked then.
const READ_AT_ONCE: usize = 6;

/// A type that is written to a snapshot as it is in memory.
pub(crate) trait Encode: Sized {
    fn encode(&self, parts: &mut Parts);

    /// Takes the next sections. Inconsistent sections are recorded in `sections`.
    fn decode(sections: &mut Sections<'_>) -> Self;
}

/// The sections of a new snapshot, in order.
#[derive(Default)]
pub(crate) struct Parts(Vec<Bytes>);

impl Parts {
    pub(crate) fn push(&mut self, part: Bytes) {
        self.0.push(part);
    }

    /// Writes the bytes of the snapshot, piece by piece.
    pub(crate) fn write(&self, out: &mut dyn FnMut(&[u8])) {
        let head_length = HEAD + ENTRY * self.0.len() + 8;
        let length = self.0.iter().map(|part| part.len() + padding(part.len()).len()).sum::<usize>() + head_length;
        let mut head = Vec::with_capacity(head_length);
        head.extend(MAGIC);
        head.extend(VERSION.to_le_bytes());
        head.extend((self.0.len() as u32).to_le_bytes());
        head.extend((length as u64).to_le_bytes());
        for part in &self.0 {
            let mut hash = XxHash64::with_seed(0);
            hash.write(part);
            hash.write(padding(part.len()));
            head.extend((part.len() as u64).to_le_bytes());
            head.extend(hash.finish().to_le_bytes());
        }
        head.extend(XxHash64::oneshot(0, &head).to_le_bytes());
        out(&head);
        for part in &self.0 {
            out(part);
            out(padding(part.len()));
        }
    }
}

/// Returns the zeros after a section of a length.
fn padding(length: usize) -> &'static [u8] {
    const ZEROS: &[u8] = &[0; STEP];
    ZEROS.get(..length.next_multiple_of(STEP) - length).unwrap_or_default()
}

/// The sections of a snapshot, taken one after another. After a malformed section, all others are empty. So you can
/// read on safely and check [`is_done`](Self::is_done) at the end.
pub(crate) struct Sections<'s> {
    bytes: &'s Bytes,
    table: &'s [u8],
    /// The offset of the next section.
    next: usize,
    taken: usize,
    /// Whether every section is checked, or only those that are read at once.
    all: bool,
    is_damaged: bool,
    has_failed: bool,
}

impl<'s> Sections<'s> {
    /// Opens a snapshot. Checks every section when it is taken, or only those that are read at once.
    ///
    /// # Errors
    /// `snapshot.malformed`.
    pub(crate) fn open(bytes: &'s Bytes, all: bool) -> Result<Self, RequestError> {
        if bytes.get(..MAGIC.len()) != Some(&MAGIC) {
            return Err(malformed("they do not begin with the signature of one")
                .with_help("write one with `rolecall snapshot write`"));
        }
        let short = || malformed("they are truncated");
        if number(bytes, 8).ok_or_else(short)? as u32 != VERSION {
            return Err(malformed("their format version is not supported")
                .with_help("write the snapshot again with this release"));
        }
        let count = (number(bytes, 8).ok_or_else(short)? >> 32) as usize;
        let head = ENTRY.checked_mul(count).and_then(|table| table.checked_add(HEAD)).ok_or_else(short)?;
        let head_bytes = bytes.get(..head).ok_or_else(short)?;
        if number(bytes, head).ok_or_else(short)? != XxHash64::oneshot(0, head_bytes) {
            return Err(damaged());
        }
        match number(bytes, 16).map(|length| length.cmp(&(bytes.len() as u64))) {
            Some(core::cmp::Ordering::Equal) => {}
            Some(core::cmp::Ordering::Less) => return Err(malformed("bytes follow their end")),
            _ => return Err(short()),
        }
        let table = head_bytes.get(HEAD..).unwrap_or_default();
        Ok(Self { bytes, table, next: head + 8, taken: 0, all, is_damaged: false, has_failed: false })
    }

    /// Records a failure unless `fits` is true.
    pub(crate) fn check(&mut self, fits: bool) {
        self.has_failed |= !fits;
    }

    /// Returns the next section; an empty one if it is missing or damaged.
    #[inline(never)]
    pub(crate) fn next(&mut self) -> Bytes {
        let section = self.take();
        self.check(section.is_some());
        section.unwrap_or_default()
    }

    fn take(&mut self) -> Option<Bytes> {
        if self.has_failed {
            return None;
        }
        let (entry, rest) = self.table.split_at_checked(ENTRY)?;
        let length = usize::try_from(number(entry, 0)?).ok()?;
        let end = self.next.checked_add(length)?;
        let padded = end.checked_next_multiple_of(STEP)?;
        let section = self.bytes.get(self.next..padded)?;
        if (self.all || self.taken < READ_AT_ONCE) && number(entry, 8)? != XxHash64::oneshot(0, section) {
            self.is_damaged = true;
            return None;
        }
        let section = self.bytes.slice(self.next..end);
        (self.table, self.next, self.taken) = (rest, padded, self.taken + 1);
        Some(section)
    }

    /// Returns the next section as text.
    pub(crate) fn next_text(&mut self) -> Box<str> {
        let section = self.next();
        let text = core::str::from_utf8(&section);
        self.check(text.is_ok());
        text.unwrap_or_default().into()
    }

    /// Returns whether every section was taken, all are consistent, and no bytes are left.
    pub(crate) fn is_done(&self) -> bool {
        self.table.is_empty() && self.next == self.bytes.len() && !self.has_failed
    }

    /// Returns the error for sections that do not form an engine.
    pub(crate) fn error(&self) -> RequestError {
        if self.is_damaged { damaged() } else { malformed("their sections are inconsistent") }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|number| u64::from_le_bytes(*number))
}

fn damaged() -> RequestError {
    malformed("they are damaged")
}

pub(crate) fn malformed(why: &str) -> RequestError {
    RequestError::new(RequestErrorCode::SnapshotMalformed, "bytes", ["the bytes are not a snapshot: ", why].concat())
}
