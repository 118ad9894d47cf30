//! Subjects: status, identity domain, and the boundary values that limit their actions.

use super::name_table::NameTable;
use crate::storage::arena::{BoundaryId, Id, ScopeId, SubjectKey};
use crate::storage::column::{Column, Texts, number};
use crate::storage::map::HashMap;
use crate::storage::order;
use crate::storage::snapshot::{Encode, Parts, Sections};
use crate::types::grammar::{GROUP, SUPPORT, USER, is_subject};
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Invited,
    Suspended,
    Removed,
}

const STATUSES: [Status; 4] = [Status::Active, Status::Invited, Status::Suspended, Status::Removed];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) status: Status,
    pub(crate) invited_until: Option<Timestamp>,
    /// The scope whose login settings apply to the subject.
    pub(crate) native: Option<ScopeId>,
    /// The subject logs in only with a password or Google.
    pub(crate) external: bool,
    /// The subject is support staff.
    pub(crate) support: bool,
}

/// The values that a subject holds in a boundary.
#[derive(Clone, Debug)]
pub(crate) enum Values<'d> {
    /// All values, including future ones.
    All,
    /// These values, sorted.
    Some(Vec<&'d str>),
}

/// The subjects: those that were loaded, and those that single changes added or replaced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subjects {
    read: Columns,
    /// `None` until the first change.
    changed: Option<Arc<Changed>>,
}

/// The effect of single changes on subjects.
#[derive(Clone, Debug, Default)]
struct Changed {
    /// New subjects. Their numbers follow those of the loaded ones.
    new: BTreeMap<Box<str>, SubjectKey>,
    entries: HashMap<SubjectKey, Entry>,
}

impl Changed {
    /// Not inlined, to keep directories without changes fast.
    #[inline(never)]
    fn entry(&self, key: SubjectKey) -> Option<&Entry> {
        self.entries.get(&key)
    }

    #[inline(never)]
    fn is_plain(&self, key: SubjectKey) -> Option<bool> {
        self.entry(key).map(|entry| entry.subject.status == Status::Active && !entry.subject.support)
    }
}

/// The full entry of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: Box<str>,
    subject: Subject,
    /// Sorted by boundary. `None` means all values.
    bounds: Vec<(BoundaryId, OwnValues)>,
}

impl Entry {
    pub(super) fn new(id: &str, subject: Subject, spelled: Vec<(BoundaryId, Values<'_>)>) -> Self {
        let mut bounds: Vec<_> = spelled.into_iter().map(|(boundary, values)| (boundary, owned(values))).collect();
        order::sort_by(&mut bounds, |(a, _), (b, _)| a.cmp(b));
        Self { id: id.into(), subject, bounds }
    }
}

/// The sorted values in a boundary. `None` means all values.
type OwnValues = Option<Box<[Box<str>]>>;

/// The loaded subjects, sorted by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Columns {
    names: NameTable,
    /// The status in the lowest bits, then one bit for each flag.
    flags: Column<1>,
    /// The native scope of each subject, counted from 1. Empty if no subject has one.
    natives: Column<4>,
    /// The subjects whose invitation expires, sorted, and the times.
    invited: Column<4>,
    invited_until: Column<8>,
    /// The explicit boundary values, sorted: the subject in the upper half, then the boundary, then whether it is
    /// `all`.
    bounds: Column<8>,
    /// The start of the values of each entry of `bounds` in `values`, and the end of the last one.
    value_starts: Column<4>,
    values: Texts,
}

const STATUS: u8 = 3;
const EXTERNAL: u8 = 4;
const SUPPORTING: u8 = 8;

impl Subjects {
    /// Stores subjects, sorted by id.
    pub(super) fn new(entries: &[Entry]) -> Self {
        let names = NameTable::new(entries.iter().map(|entry| &*entry.id));
        Self { read: Columns::new(names, entries), changed: None }
    }

    pub(crate) fn len(&self) -> usize {
        self.read.flags.len() + self.changed.as_ref().map_or(0, |changed| changed.new.len())
    }

    /// Returns the number of loaded subjects.
    pub(super) fn read_len(&self) -> usize {
        self.read.flags.len()
    }

    /// Returns all subjects, sorted by id.
    pub(crate) fn keys(&self) -> impl Iterator<Item = SubjectKey> {
        let mut new = self.changed.iter().flat_map(|changed| &changed.new).peekable();
        let mut read = (0..self.read_len()).map(SubjectKey::new).peekable();
        core::iter::from_fn(move || {
            let mut is_first = |id: &str| read.peek().is_none_or(|key| id < self.read.names.name(key.index()));
            if new.peek().is_some_and(|(id, _)| is_first(id)) {
                return new.next().map(|(_, key)| *key);
            }
            read.next()
        })
    }

    pub(crate) fn find(&self, id: &str) -> Option<SubjectKey> {
        let read = self.read.names.find(id).map(SubjectKey::new);
        read.or_else(|| self.changed.as_ref().and_then(|changed| changed.new.get(id).copied()))
    }

    pub(crate) fn name(&self, key: SubjectKey) -> &str {
        if key.index() < self.read_len() {
            return self.read.names.name(key.index());
        }
        self.changed(key).map_or("", |entry| &entry.id)
    }

    pub(crate) fn get(&self, key: SubjectKey) -> Subject {
        self.changed(key).map_or_else(|| self.read.get(key), |entry| entry.subject)
    }

    /// Returns whether a subject is active and not support staff, so no guard on its status can deny it.
    #[inline]
    pub(crate) fn is_plain(&self, key: SubjectKey) -> bool {
        let changed = self.changed.as_ref().and_then(|changed| changed.is_plain(key));
        changed.unwrap_or_else(|| self.read.is_plain(key))
    }

    /// Returns whether a subject belongs to the group of everyone: a user of the identity domain.
    pub(crate) fn is_of_everyone(&self, key: SubjectKey) -> bool {
        self.name(key).starts_with(USER) && !self.get(key).external
    }

    /// Returns the values of a subject in a boundary, if the document sets them.
    pub(crate) fn spelled_out(&self, key: SubjectKey, boundary: BoundaryId) -> Option<Values<'_>> {
        let Some(entry) = self.changed(key) else { return self.read.spelled_out(key, boundary) };
        let (_, values) = entry.bounds.iter().find(|(id, _)| *id == boundary)?;
        Some(values.as_ref().map_or(Values::All, |values| Values::Some(values.iter().map(|value| &**value).collect())))
    }

    #[inline]
    fn changed(&self, key: SubjectKey) -> Option<&Entry> {
        self.changed.as_ref().and_then(|changed| changed.entry(key))
    }

    /// Adds or replaces a subject. Returns `None` if nothing changes.
    pub(super) fn set(
        &mut self,
        id: &str,
        subject: Subject,
        spelled: Vec<(BoundaryId, Values<'_>)>,
    ) -> Option<SubjectKey> {
        let entry = Entry::new(id, subject, spelled);
        let found = self.find(id);
        if found.is_some_and(|key| self.entry(key) == entry) {
            return None;
        }
        let changed = Arc::make_mut(self.changed.get_or_insert_default());
        let key = found.unwrap_or_else(|| SubjectKey::new(self.read.flags.len() + changed.new.len()));
        if found.is_none() {
            changed.new.insert(id.into(), key);
        }
        changed.entries.insert(key, entry);
        Some(key)
    }

    /// Returns the full entry of a subject.
    fn entry(&self, key: SubjectKey) -> Entry {
        if let Some(entry) = self.changed(key) {
            return entry.clone();
        }
        let first = bound(key.index(), 0, false);
        let bounds = self.read.bounds.cells().iter().map(|cell| u64::from_le_bytes(*cell));
        let begin = self.read.bounds.cells().partition_point(|cell| u64::from_le_bytes(*cell) < first);
        let own = bounds.skip(begin).take_while(|bound| bound >> 32 == first >> 32);
        let boundaries = own.map(|bound| BoundaryId::new((bound as u32 >> 1) as usize));
        let values = |boundary| self.read.spelled_out(key, boundary).and_then(owned);
        Entry {
            id: self.read.names.name(key.index()).into(),
            subject: self.read.get(key),
            bounds: boundaries.map(|boundary| (boundary, values(boundary))).collect(),
        }
    }

    /// Merges the changes into the loaded subjects. Returns them and the old numbers in the new order.
    pub(super) fn settled(&self) -> (Self, Vec<SubjectKey>) {
        let keys: Vec<SubjectKey> = self.keys().collect();
        if self.changed.is_none() {
            return (self.clone(), keys);
        }
        let entries: Vec<Entry> = keys.iter().map(|key| self.entry(*key)).collect();
        (Self::new(&entries), keys)
    }

    /// Returns the subjects with renumbered scopes.
    pub(super) fn moved(&self, scope: impl Fn(ScopeId) -> ScopeId) -> Self {
        let native = |native: usize| native.checked_sub(1).map_or(0, |native| scope(ScopeId::new(native)).index() + 1);
        let natives = Column::<4>::of(self.read.natives.cells().iter().map(|cell| native(number(cell))));
        let mut changed = self.changed.clone();
        for changed in changed.iter_mut().map(Arc::make_mut) {
            for entry in changed.entries.values_mut() {
                entry.subject.native = entry.subject.native.map(&scope);
            }
        }
        Self { read: Columns { natives, ..self.read.clone() }, changed }
    }

    /// Returns whether a document with `scopes` scopes and `boundaries` boundaries could list these subjects.
    pub(super) fn is_whole(&self, scopes: usize, boundaries: usize) -> bool {
        self.read.is_whole(scopes, boundaries)
    }

    /// Returns the subjects of a document without a list. They encode like an empty list.
    pub(super) fn none() -> Self {
        Self::new(&[])
    }

    /// Returns the names of the loaded subjects.
    pub(super) fn names(&self) -> &NameTable {
        &self.read.names
    }
}

impl Encode for Subjects {
    fn encode(&self, parts: &mut Parts) {
        self.read.encode(parts);
    }

    fn decode(sections: &mut Sections<'_>) -> Self {
        Self { read: Encode::decode(sections), changed: None }
    }
}

fn owned(values: Values<'_>) -> OwnValues {
    match values {
        Values::All => None,
        Values::Some(values) => Some(values.into_iter().map(Box::from).collect()),
    }
}

impl Columns {
    /// Stores subjects that are sorted by name.
    fn new(names: NameTable, entries: &[Entry]) -> Self {
        let subjects = || entries.iter().map(|entry| &entry.subject).enumerate();
        let flags = |subject: &Subject| {
            let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
            [subject.status as u8 | flag(subject.external, EXTERNAL) | flag(subject.support, SUPPORTING)]
        };
        let natives = subjects().map(|(_, subject)| subject.native.map_or(0, |native| native.index() + 1));
        let invited = subjects().filter(|(_, subject)| subject.invited_until.is_some()).map(|(number, _)| number);
        let until = subjects().filter_map(|(_, subject)| subject.invited_until);
        let bounds = entries.iter().enumerate().flat_map(|(number, entry)| {
            let one =
                move |(boundary, values): &(BoundaryId, Option<_>)| bound(number, boundary.index(), values.is_none());
            entry.bounds.iter().map(one)
        });
        let values =
            || entries.iter().flat_map(|entry| &entry.bounds).map(|(_, values)| values.as_deref().unwrap_or_default());
        let mut value_starts = Vec::new();
        let mut count = 0;
        for values in values() {
            if value_starts.is_empty() {
                value_starts.push(0);
            }
            count += values.len();
            value_starts.push(count);
        }
        Self {
            names,
            flags: Column::new(subjects().map(|(_, subject)| flags(subject)).collect()),
            natives: if natives.clone().all(|native| native == 0) {
                Column::default()
            } else {
                Column::<4>::of(natives)
            },
            invited: Column::<4>::of(invited),
            invited_until: Column::<8>::of(until.map(|until| until.as_millis() as u64)),
            bounds: Column::<8>::of(bounds),
            value_starts: Column::<4>::of(value_starts),
            values: Texts::new(values().flatten().map(|value| &**value)),
        }
    }

    fn len(&self) -> usize {
        self.flags.len()
    }

    fn get(&self, key: SubjectKey) -> Subject {
        let flags = self.flags.get(key.index()).unwrap_or(Status::Removed as u8);
        let invited = self.invited.cells().binary_search_by_key(&key.index(), number);
        let until = invited.ok().and_then(|place| self.invited_until.get(place));
        let native = self.natives.get(key.index()).and_then(|native| native.checked_sub(1));
        Subject {
            status: STATUSES.get(usize::from(flags & STATUS)).copied().unwrap_or(Status::Removed),
            invited_until: until.and_then(|until| Timestamp::from_millis(until as i64)),
            native: native.map(ScopeId::new),
            external: flags & EXTERNAL != 0,
            support: flags & SUPPORTING != 0,
        }
    }

    #[inline]
    fn is_plain(&self, key: SubjectKey) -> bool {
        self.flags.get(key.index()).is_some_and(|flags| flags & (STATUS | SUPPORTING) == 0)
    }

    fn spelled_out(&self, subject: SubjectKey, boundary: BoundaryId) -> Option<Values<'_>> {
        let key = bound(subject.index(), boundary.index(), false) >> 1;
        let place = self.bounds.cells().binary_search_by_key(&key, |cell| u64::from_le_bytes(*cell) >> 1).ok()?;
        if self.bounds.get(place)? & 1 == 1 {
            return Some(Values::All);
        }
        let values = self.value_starts.get(place)?..self.value_starts.get(place + 1)?.min(self.values.len());
        Some(Values::Some(values.map(|value| self.values.get(value)).collect()))
    }

    /// Returns whether a document with `scopes` scopes and `boundaries` boundaries could list these subjects.
    fn is_whole(&self, scopes: usize, boundaries: usize) -> bool {
        let ids = || self.names.iter();
        let is_good = |(id, flags): (&str, &[u8; 1])| {
            is_subject(id)
                && !id.starts_with(GROUP)
                && (flags[0] & SUPPORTING != 0) == id.starts_with(SUPPORT)
                && flags[0] < 16
        };
        let is_value = |place| {
            let text = self.values.get(place);
            is_subject(text) && text != "*"
        };
        let bounds = self.bounds.cells().iter().map(|cell| u64::from_le_bytes(*cell));
        let is_bound = |(place, bound): (usize, u64)| {
            let values = self.value_starts.get(place).zip(self.value_starts.get(place + 1));
            let sorted = |(start, end): (usize, usize)| {
                start <= end
                    && (bound & 1 == 0 || start == end)
                    && (start..end).is_sorted_by(|a, b| self.values.bytes(*a) < self.values.bytes(*b))
            };
            ((bound >> 32) as usize) < self.len()
                && ((bound as u32 >> 1) as usize) < boundaries
                && values.is_some_and(sorted)
        };
        self.names.is_whole()
            && self.values == Texts::new(self.values.iter())
            && self.value_starts.cells().is_sorted_by_key(number)
            && ids().zip(ids().skip(1)).all(|(a, b)| a < b)
            && ids().zip(self.flags.cells()).all(is_good)
            && self.natives.cells().iter().all(|native| number(native) <= scopes)
            && self.invited.cells().is_sorted_by(|a, b| number(a) < number(b))
            && self.invited.cells().last().is_none_or(|last| number(last) < self.len())
            && self
                .invited_until
                .cells()
                .iter()
                .all(|until| Timestamp::from_millis(i64::from_le_bytes(*until)).is_some())
            && bounds.clone().is_sorted_by(|a, b| a >> 1 < b >> 1)
            && bounds.enumerate().all(is_bound)
            && self.value_starts.get(0).unwrap_or(0) == 0
            && self.value_starts.get(self.bounds.len()).unwrap_or(0) == self.values.len()
            && (0..self.values.len()).all(is_value)
    }
}

impl Encode for Columns {
    fn encode(&self, parts: &mut Parts) {
        self.names.encode(parts);
        self.flags.encode(parts);
        self.natives.encode(parts);
        self.invited.encode(parts);
        self.invited_until.encode(parts);
        self.bounds.encode(parts);
        self.value_starts.encode(parts);
        self.values.encode(parts);
    }

    fn decode(sections: &mut Sections<'_>) -> Self {
        let subjects = Self {
            names: Encode::decode(sections),
            flags: Encode::decode(sections),
            natives: Encode::decode(sections),
            invited: Encode::decode(sections),
            invited_until: Encode::decode(sections),
            bounds: Encode::decode(sections),
            value_starts: Encode::decode(sections),
            values: Encode::decode(sections),
        };
        let count = subjects.names.len();
        let fits = subjects.flags.len() == count
            && (subjects.natives.is_empty() || subjects.natives.len() == count)
            && subjects.invited.len() == subjects.invited_until.len()
            && (subjects.bounds.is_empty() && subjects.value_starts.is_empty()
                || subjects.value_starts.len() == subjects.bounds.len() + 1);
        sections.check(fits && count <= limits::SUBJECTS);
        subjects
    }
}

/// Encodes an explicit bound.
fn bound(subject: usize, boundary: usize, all: bool) -> u64 {
    (subject as u64) << 32 | (boundary as u64) << 1 | u64::from(all)
}
