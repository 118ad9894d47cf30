//! Assignments, flat, sorted by who holds them.

use super::Directory;
use crate::arena::{GroupId, Id, RoleId, ScopeId, SubjectKey};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::instant::Instant;
use crate::limits;
use crate::names::GROUP;
use crate::suggest;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::HashMap;

/// Who an assignment is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    Subject(SubjectKey),
    Group(GroupId),
}

/// A role at a scope, for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) role: RoleId,
    pub(crate) scope: ScopeId,
    pub(crate) from: Option<Instant>,
    pub(crate) until: Option<Instant>,
}

/// How an assignment is kept: 8 bytes, and 24 more where it begins or ends.
#[derive(Clone, Copy, Debug)]
struct Packed {
    /// The role, and whether there are bounds of time for it.
    role: u32,
    scope: ScopeId,
}

/// Marks an assignment that begins or ends.
const TIMED: u32 = 1 << 31;

/// When an assignment holds.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// The place of the assignment among all.
    index: u32,
    /// `i64::MIN` where nothing is set.
    from: i64,
    /// `i64::MAX` where nothing is set.
    until: i64,
}

/// Everyone's assignments: those that were read, and for holders with single changes since then those that they hold
/// now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assignments {
    read: Flat,
    changed: HashMap<usize, Arc<[Assignment]>>,
}

/// Assignments one after another.
#[derive(Clone, Debug, Default)]
struct Flat {
    /// Where each holder's assignments begin: subjects first, then groups, then the end of all.
    starts: Arc<[u32]>,
    subjects: usize,
    all: Arc<[Packed]>,
    /// Of those that begin or end, in their order.
    timed: Arc<[Bounds]>,
}

impl Assignments {
    pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Self {
        let subjects = directory.subjects.len();
        let items = reader.list(value, at, limits::ASSIGNMENTS);
        let mut found: Vec<(usize, Assignment)> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if let Some((holder, assignment)) = read_one(reader, item, &at.index(index), directory) {
                found.push((slot(holder, subjects), assignment));
            }
        }
        let holders = subjects + directory.groups.len();
        let mut starts = vec![0_u32; holders + 1];
        for (holder, _) in &found {
            if let Some(count) = starts.get_mut(holder + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        // Each holder's next place, so that everything is put where it belongs without being compared.
        let mut next = starts.clone();
        let mut placed: Vec<Option<Assignment>> = vec![None; found.len()];
        for (holder, assignment) in found {
            if let Some(place) = next.get_mut(holder) {
                if let Some(slot) = placed.get_mut(*place as usize) {
                    *slot = Some(assignment);
                }
                *place += 1;
            }
        }
        let mut all = Vec::with_capacity(placed.len());
        let mut timed = Vec::new();
        for assignment in placed.into_iter().flatten() {
            all.push(packed(&assignment, all.len(), &mut timed));
        }
        let read = Flat { starts: starts.into(), subjects, all: all.into(), timed: timed.into() };
        Self { read, changed: HashMap::new() }
    }

    pub(super) fn of(&self, holder: Holder) -> impl Iterator<Item = Assignment> {
        let changed = self.changed(holder);
        let read = changed.is_none().then(|| self.read.of(holder));
        changed.into_iter().flatten().copied().chain(read.into_iter().flatten())
    }

    /// Tells whether any assignment of a holder fits that is active and covers what is asked.
    #[inline]
    pub(super) fn any(
        &self,
        holder: Holder,
        time: Instant,
        covers: impl Fn(ScopeId) -> bool,
        mut fits: impl FnMut(RoleId) -> bool,
    ) -> bool {
        let place = slot(holder, self.read.subjects);
        if !self.changed.is_empty()
            && let Some(held) = self.changed.get(&place)
        {
            return any_of(held, time, &covers, &mut fits);
        }
        self.read.any(place, time, covers, fits)
    }

    /// What a holder has since a single change.
    fn changed(&self, holder: Holder) -> Option<&[Assignment]> {
        if self.changed.is_empty() {
            return None;
        }
        self.changed.get(&slot(holder, self.read.subjects)).map(|held| &**held)
    }

    /// Makes an assignment; nothing changes where it is there already.
    pub(super) fn add(&mut self, holder: Holder, assignment: Assignment) -> bool {
        let mut held: Vec<Assignment> = self.of(holder).collect();
        let new = !held.contains(&assignment);
        if new {
            held.push(assignment);
            self.changed.insert(slot(holder, self.read.subjects), held.into());
        }
        new
    }

    /// Takes an assignment away; nothing changes where it is not there.
    pub(super) fn remove(&mut self, holder: Holder, assignment: Assignment) -> bool {
        let (gone, left): (Vec<Assignment>, Vec<Assignment>) = self.of(holder).partition(|other| *other == assignment);
        if !gone.is_empty() {
            self.changed.insert(slot(holder, self.read.subjects), left.into());
        }
        !gone.is_empty()
    }
}

impl Flat {
    /// The places of a holder's assignments among all.
    fn places(&self, holder: Holder) -> core::ops::Range<usize> {
        let slot = slot(holder, self.subjects);
        let bounds = self.starts.get(slot).zip(self.starts.get(slot + 1));
        bounds.map_or(0..0, |(start, end)| *start as usize..*end as usize)
    }

    fn bounds(&self, place: usize) -> Option<&Bounds> {
        let index = u32::try_from(place).ok()?;
        self.timed.binary_search_by_key(&index, |bounds| bounds.index).ok().and_then(|found| self.timed.get(found))
    }

    fn of(&self, holder: Holder) -> impl Iterator<Item = Assignment> {
        self.places(holder).filter_map(|place| {
            let packed = self.all.get(place)?;
            let bounds = if packed.role & TIMED == 0 { None } else { self.bounds(place) };
            Some(Assignment {
                role: RoleId::new((packed.role & !TIMED) as usize),
                scope: packed.scope,
                from: bounds.and_then(|bounds| Instant::from_millis(bounds.from)),
                until: bounds.and_then(|bounds| Instant::from_millis(bounds.until)),
            })
        })
    }

    /// Tells whether any assignment of the holder at a place fits that is active and covers what is asked.
    #[inline]
    fn any(
        &self,
        slot: usize,
        time: Instant,
        covers: impl Fn(ScopeId) -> bool,
        mut fits: impl FnMut(RoleId) -> bool,
    ) -> bool {
        let Some([start, end]) = self.starts.get(slot..slot + 2) else { return false };
        let start = *start as usize;
        let held = self.all.get(start..*end as usize).unwrap_or_default();
        held.iter().enumerate().any(|(offset, packed)| {
            covers(packed.scope)
                && (packed.role & TIMED == 0 || self.is_active(start + offset, time))
                && fits(RoleId::new((packed.role & !TIMED) as usize))
        })
    }

    #[cold]
    fn is_active(&self, place: usize, time: Instant) -> bool {
        let time = time.as_millis();
        self.bounds(place).is_some_and(|bounds| bounds.from <= time && time < bounds.until)
    }
}

/// The same among assignments that are held since a single change.
#[cold]
fn any_of(
    held: &[Assignment],
    time: Instant,
    covers: &dyn Fn(ScopeId) -> bool,
    fits: &mut dyn FnMut(RoleId) -> bool,
) -> bool {
    held.iter().any(|one| {
        let is_active = one.from.is_none_or(|from| from <= time) && one.until.is_none_or(|until| time < until);
        covers(one.scope) && is_active && fits(one.role)
    })
}

/// Packs an assignment that is the one of a number; its bounds, where it has some, go behind the others.
fn packed(assignment: &Assignment, number: usize, timed: &mut Vec<Bounds>) -> Packed {
    let Assignment { role, scope, from, until } = assignment;
    let mut role = u32::try_from(role.index()).unwrap_or(u32::MAX) & !TIMED;
    if from.is_some() || until.is_some() {
        role |= TIMED;
        timed.push(Bounds {
            index: u32::try_from(number).unwrap_or(u32::MAX),
            from: from.map_or(i64::MIN, Instant::as_millis),
            until: until.map_or(i64::MAX, Instant::as_millis),
        });
    }
    Packed { role, scope: *scope }
}

fn slot(holder: Holder, subjects: usize) -> usize {
    match holder {
        Holder::Subject(key) => key.index(),
        Holder::Group(id) => subjects + id.index(),
    }
}

pub(super) fn read_one(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &Directory,
) -> Option<(Holder, Assignment)> {
    let object = reader.object(value, at, &["subject", "role", "at", "from", "until"])?;
    let holder = reader.required(&object, "subject", at).and_then(|value| {
        let at = at.key("subject");
        let id = reader.text(value, &at)?;
        find_holder(reader, id, &at, directory)
    });
    let scope = reader.required(&object, "at", at).and_then(|value| {
        let at = at.key("at");
        let path = reader.text(value, &at)?;
        find_scope(reader, path, &at, directory)
    });
    let role = reader.required(&object, "role", at).and_then(|value| {
        let at = at.key("role");
        let name = reader.name(value, &at)?;
        find_role(reader, name, scope?, &at, directory)
    });
    let mut instants = [None, None];
    for (instant, key) in instants.iter_mut().zip(["from", "until"]) {
        *instant = object.get(key, at).and_then(|entry| reader.instant(entry.value, &entry.at));
    }
    let [from, until] = instants;
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        reader.issue(IssueCode::InstantOrder, at, "`from` is not before `until`", None);
    }
    let assignment = Assignment { role: role?, scope: scope?, from, until };
    Some((holder?, assignment))
}

fn find_holder(reader: &mut Reader<'_>, id: &str, at: &Path<'_>, directory: &Directory) -> Option<Holder> {
    let found = if id.starts_with(GROUP) {
        directory.groups.find(id).map(Holder::Group)
    } else {
        directory.subject(id).map(Holder::Subject)
    };
    if found.is_none() {
        let help = suggest::did_you_mean(id, directory.subject_names.iter().chain(directory.groups.names()))
            .unwrap_or_else(|| "list it under `subjects`, or under `groups`".to_string());
        let message = format!("`{}` is listed nowhere", id.escape_debug());
        reader.issue(IssueCode::SubjectUnknown, at, message, Some(help));
    }
    found
}

fn find_role(
    reader: &mut Reader<'_>,
    name: &str,
    scope: ScopeId,
    at: &Path<'_>,
    directory: &Directory,
) -> Option<RoleId> {
    let Some(id) = directory.visible_role(name, scope) else {
        let elsewhere = directory.custom.iter().find(|role| *role.name == *name).and_then(|role| role.scope);
        let help = elsewhere.map_or_else(
            || {
                let custom = directory.custom.iter().map(|role| &*role.name);
                suggest::did_you_mean(name, directory.policy.roles().chain(custom))
            },
            |scope| Some(format!("it is defined at `{}`, and seen there and below only", directory.scope_name(scope))),
        );
        reader.issue(IssueCode::RoleUnknown, at, format!("there is no role `{name}`"), help);
        return None;
    };
    let kind = directory.scopes[scope].kind;
    let assignable = directory.role(id).assignable;
    if assignable & 1 << kind == 0 {
        let kinds = &directory.policy.kinds;
        let allowed = kinds.iter().enumerate().filter(|(kind, _)| assignable & 1 << kind != 0);
        let allowed: Vec<&str> = allowed.map(|(_, name)| &**name).collect();
        let help = if allowed.is_empty() {
            "it may not be assigned at all, only inherited".to_string()
        } else {
            format!("it may be assigned at: {}", allowed.join(", "))
        };
        let here = kinds.get(kind).map_or("", |name| &**name);
        let message = format!("`{name}` may not be assigned at a scope of kind `{here}`");
        reader.issue(IssueCode::RoleUnassignable, at, message, Some(help));
    }
    Some(id)
}

/// Finds a scope, or tells that it is not listed.
pub(super) fn find_scope(reader: &mut Reader<'_>, path: &str, at: &Path<'_>, directory: &Directory) -> Option<ScopeId> {
    let found = directory.scope(path);
    if found.is_none() {
        let help =
            suggest::did_you_mean(path, directory.scopes()).unwrap_or_else(|| "list it under `scopes`".to_string());
        reader.issue(IssueCode::ScopeUnknown, at, format!("the scope `{path}` is not listed"), Some(help));
    }
    found
}
