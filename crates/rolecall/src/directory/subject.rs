//! Subjects: their status, where they are at home, and the values that bound what they may change.

use super::Directory;
use super::names::NameTable;
use crate::arena::{BoundaryId, Id, ScopeId, SubjectKey};
use crate::column::{Column, Texts, number};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::instant::Instant;
use crate::limits;
use crate::names::{GROUP, SUPPORT, is_subject};
use crate::order;
use crate::snapshot::{Parts, Sections, Stored};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Invited,
    Suspended,
    Removed,
}

const STATUSES: [Status; 4] = [Status::Active, Status::Invited, Status::Suspended, Status::Removed];

#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) status: Status,
    pub(crate) invited_until: Option<Instant>,
    /// The scope whose login settings apply to the subject.
    pub(crate) native: Option<ScopeId>,
    /// Logs in by password or Google only.
    pub(crate) external: bool,
    /// Whether it is a member of support staff.
    pub(crate) support: bool,
}

/// What a subject holds in a boundary.
#[derive(Clone, Debug)]
pub(crate) enum Values<'d> {
    /// Everything, also what comes later.
    All,
    /// These, sorted.
    Some(Vec<&'d str>),
}

/// The subjects of a directory, sorted by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subjects {
    pub(super) names: NameTable,
    /// The status of each in the lowest bits, and what else is either so or not.
    flags: Column<1>,
    /// The native scope of each, counted from 1; empty where no subject has one.
    natives: Column<4>,
    /// Who is invited for a time, in order, and until when.
    invited: Column<4>,
    invited_until: Column<8>,
    /// What is spelled out, in order: the subject in the upper half, then the boundary, then whether it is everything.
    bounds: Column<8>,
    /// Where the values of each of these begin in `values`, and the end of all.
    value_starts: Column<4>,
    values: Texts,
}

const STATUS: u8 = 3;
const EXTERNAL: u8 = 4;
const SUPPORTING: u8 = 8;

impl Subjects {
    pub(crate) fn len(&self) -> usize {
        self.flags.len()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = SubjectKey> + use<> {
        (0..self.len()).map(SubjectKey::new)
    }

    pub(crate) fn find(&self, id: &str) -> Option<SubjectKey> {
        self.names.find(id).map(SubjectKey::new)
    }

    pub(crate) fn get(&self, key: SubjectKey) -> Subject {
        let flags = self.flags.get(key.index()).unwrap_or(Status::Removed as u8);
        let invited = self.invited.cells().binary_search_by_key(&key.index(), number);
        let until = invited.ok().and_then(|place| self.invited_until.get(place));
        let native = self.natives.get(key.index()).and_then(|native| native.checked_sub(1));
        Subject {
            status: STATUSES.get(usize::from(flags & STATUS)).copied().unwrap_or(Status::Removed),
            invited_until: until.and_then(|until| Instant::from_millis(until as i64)),
            native: native.map(ScopeId::new),
            external: flags & EXTERNAL != 0,
            support: flags & SUPPORTING != 0,
        }
    }

    /// Tells whether a subject is active and no support staff, so that nothing of it keeps it out.
    #[inline]
    pub(crate) fn is_plain(&self, key: SubjectKey) -> bool {
        self.flags.get(key.index()).is_some_and(|flags| flags & (STATUS | SUPPORTING) == 0)
    }

    /// The values of a subject in a boundary, as far as they are spelled out.
    pub(crate) fn spelled_out(&self, subject: SubjectKey, boundary: BoundaryId) -> Option<Values<'_>> {
        let key = bound(subject.index(), boundary.index(), false) >> 1;
        let place = self.bounds.cells().binary_search_by_key(&key, |cell| u64::from_le_bytes(*cell) >> 1).ok()?;
        if self.bounds.get(place)? & 1 == 1 {
            return Some(Values::All);
        }
        let values = self.value_starts.get(place)?..self.value_starts.get(place + 1)?.min(self.values.len());
        Some(Values::Some(values.map(|value| self.values.get(value)).collect()))
    }

    /// Tells whether these are subjects that a directory may list.
    pub(super) fn is_whole(&self, directory: &Directory) -> bool {
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
                && ((bound as u32 >> 1) as usize) < directory.policy.guards.boundaries.len()
                && values.is_some_and(sorted)
        };
        self.names.is_whole()
            && ids().zip(ids().skip(1)).all(|(a, b)| a < b)
            && ids().zip(self.flags.cells()).all(is_good)
            && self.natives.cells().iter().all(|native| number(native) <= directory.scopes.len())
            && self.invited.cells().is_sorted_by(|a, b| number(a) < number(b))
            && self.invited.cells().last().is_none_or(|last| number(last) < self.len())
            && self.invited_until.cells().iter().all(|until| Instant::from_millis(i64::from_le_bytes(*until)).is_some())
            && bounds.clone().is_sorted_by(|a, b| a >> 1 < b >> 1)
            && bounds.enumerate().all(is_bound)
            && self.value_starts.get(0).unwrap_or(0) == 0
            && self.value_starts.get(self.bounds.len()).unwrap_or(0) == self.values.len()
            && self.values == Texts::new(self.values.iter())
            && (0..self.values.len()).all(is_value)
    }
}

impl Stored for Subjects {
    fn write(&self, parts: &mut Parts) {
        self.names.write(parts);
        self.flags.write(parts);
        self.natives.write(parts);
        self.invited.write(parts);
        self.invited_until.write(parts);
        self.bounds.write(parts);
        self.value_starts.write(parts);
        self.values.write(parts);
    }

    fn read(sections: &mut Sections<'_>) -> Option<Self> {
        let subjects = Self {
            names: Stored::read(sections)?,
            flags: Stored::read(sections)?,
            natives: Stored::read(sections)?,
            invited: Stored::read(sections)?,
            invited_until: Stored::read(sections)?,
            bounds: Stored::read(sections)?,
            value_starts: Stored::read(sections)?,
            values: Stored::read(sections)?,
        };
        let count = subjects.names.len();
        let fits = subjects.flags.len() == count
            && (subjects.natives.is_empty() || subjects.natives.len() == count)
            && subjects.invited.len() == subjects.invited_until.len()
            && (subjects.bounds.is_empty() && subjects.value_starts.is_empty()
                || subjects.value_starts.len() == subjects.bounds.len() + 1);
        (fits && count <= limits::SUBJECTS).then_some(subjects)
    }
}

/// How a bound that is spelled out is kept.
fn bound(subject: usize, boundary: usize, all: bool) -> u64 {
    (subject as u64) << 32 | (boundary as u64) << 1 | u64::from(all)
}

const KEYS: &[&str] = &["status", "invited_until", "native", "external", "boundaries"];
const SUBJECT_HELP: &str = "a subject id has 1 to 256 bytes and no control characters, such as `user:ada`";

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Subjects {
    let mut entries = reader.map(value, at, limits::SUBJECTS);
    order::sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
    let names = NameTable::new(entries.iter().map(|(id, _)| *id));
    let mut flags = Vec::with_capacity(entries.len());
    let mut natives = Vec::with_capacity(entries.len());
    let (mut invited, mut invited_until) = (Vec::new(), Vec::new());
    let mut bounds: Vec<(u64, Vec<&str>)> = Vec::new();
    for (number, (id, value)) in entries.into_iter().enumerate() {
        let at = at.key(id);
        check_id(reader, id, &at);
        if id.starts_with(GROUP) {
            let help = Some("list it under `groups`".to_string());
            reader.issue(IssueCode::SubjectMalformed, &at, format!("`{id}` is a group"), help);
        }
        let (subject, spelled) = read_one(reader, value, &at, directory);
        let support = if id.starts_with(SUPPORT) { SUPPORTING } else { 0 };
        let external = if subject.external { EXTERNAL } else { 0 };
        flags.push([subject.status as u8 | external | support]);
        natives.push(subject.native.map_or(0, |native| native.index() + 1));
        if let Some(until) = subject.invited_until {
            invited.push(number);
            invited_until.push(until.as_millis() as u64);
        }
        bounds.extend(spelled.into_iter().map(|(boundary, values)| match values {
            Values::All => (bound(number, boundary.index(), true), Vec::new()),
            Values::Some(values) => (bound(number, boundary.index(), false), values),
        }));
    }
    order::sort_by(&mut bounds, |(a, _), (b, _)| a.cmp(b));
    if natives.iter().all(|native| *native == 0) {
        natives.clear();
    }
    let mut value_starts = Vec::new();
    if !bounds.is_empty() {
        let mut count = 0;
        value_starts.push(count);
        for (_, values) in &bounds {
            count += values.len();
            value_starts.push(count);
        }
    }
    Subjects {
        names,
        flags: Column::new(flags),
        natives: Column::<4>::of(natives),
        invited: Column::<4>::of(invited),
        invited_until: Column::<8>::of(invited_until),
        value_starts: Column::<4>::of(value_starts),
        values: Texts::new(bounds.iter().flat_map(|(_, values)| values).copied()),
        bounds: Column::<8>::of(bounds.iter().map(|(bound, _)| *bound)),
    }
}

pub(super) fn check_id(reader: &mut Reader<'_>, id: &str, at: &Path<'_>) -> bool {
    let good = is_subject(id);
    if !good {
        let message = format!("`{}` is not a subject id", id.escape_debug());
        reader.issue(IssueCode::SubjectMalformed, at, message, Some(SUBJECT_HELP.to_string()));
    }
    good
}

fn read_one<'v>(
    reader: &mut Reader<'_>,
    value: &'v Value<'v>,
    at: &Path<'_>,
    directory: &Directory,
) -> (Subject, Vec<(BoundaryId, Values<'v>)>) {
    let mut subject =
        Subject { status: Status::Active, invited_until: None, native: None, external: false, support: false };
    let mut bounds = Vec::new();
    let Some(object) = reader.object(value, at, KEYS) else { return (subject, bounds) };
    if let Some(entry) = object.get("status", at) {
        let words = [
            ("active", Status::Active),
            ("invited", Status::Invited),
            ("suspended", Status::Suspended),
            ("removed", Status::Removed),
        ];
        subject.status = reader.one_of(entry.value, &entry.at, &words).unwrap_or(Status::Suspended);
    }
    if let Some(entry) = object.get("invited_until", at) {
        subject.invited_until = reader.instant(entry.value, &entry.at);
    }
    if let Some(entry) = object.get("native", at)
        && let Some(path) = reader.text(entry.value, &entry.at)
    {
        subject.native = super::assignment::find_scope(reader, path, &entry.at, directory);
    }
    if let Some(entry) = object.get("external", at) {
        subject.external = reader.flag(entry.value, &entry.at).unwrap_or(false);
    }
    if let Some(entry) = object.get("boundaries", at) {
        for (name, value) in reader.map(entry.value, &entry.at, limits::BOUNDARIES) {
            let at = entry.at.key(name);
            let boundary = directory.policy.guards.find_boundary(reader, name, &at);
            let values = read_values(reader, value, &at);
            bounds.extend(boundary.map(|boundary| (boundary, values)));
        }
    }
    (subject, bounds)
}

fn read_values<'v>(reader: &mut Reader<'_>, value: &'v Value<'v>, at: &Path<'_>) -> Values<'v> {
    match value {
        Value::Text(text) if *text == "*" => Values::All,
        Value::Text(text) => {
            let message = format!("`{text}` is not possible here");
            reader.issue(IssueCode::BoundaryValue, at, message, Some("`\"*\"`, or a list of values".to_string()));
            Values::Some(Vec::new())
        }
        value => {
            let mut values: Vec<&str> = Vec::new();
            for (index, item) in reader.list(value, at, limits::BOUNDARY_VALUES).iter().enumerate() {
                let at = at.index(index);
                let Some(text) = reader.text(item, &at) else { continue };
                if text == "*" || !is_subject(text) {
                    let help =
                        "a value has 1 to 256 bytes and no control characters; `\"*\"` stands alone, not in a list";
                    let message = format!("`{}` is not a value of a boundary", text.escape_debug());
                    reader.issue(IssueCode::BoundaryValue, &at, message, Some(help.to_string()));
                } else {
                    values.push(text);
                }
            }
            order::sort(&mut values);
            values.dedup();
            Values::Some(values)
        }
    }
}
