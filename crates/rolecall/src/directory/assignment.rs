//! Role assignments, stored in flat columns and sorted by holder.

mod by_role;

use self::by_role::ByRole;
pub(super) use self::by_role::Wanted;
use super::limit::{Limit, LimitPool};
use crate::storage::arena::{GroupId, Id, LimitId, RoleId, ScopeId, SubjectKey};
use crate::storage::column::{Column, RowWriter, Rows, narrow, number, pair, paired};
use crate::storage::lazy::Lazy;
use crate::storage::map::HashMap;
use crate::storage::order;
use crate::storage::snapshot::{Encode, Parts, Sections};
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The holder of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Holder {
    Subject(SubjectKey),
    Group(GroupId),
}

/// A role at a scope, with optional time bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Assignment {
    pub(crate) role: RoleId,
    pub(crate) scope: ScopeId,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    /// Whether the assignment does not cover the scopes below its own.
    pub(crate) here: bool,
    /// The boundary values to which the assignment is limited.
    pub(crate) limit: Option<LimitId>,
}

/// The bit of a role that marks an assignment with time bounds.
const TIMED: u32 = 1 << 31;
/// The bit of a role that marks an assignment that does not cover the scopes below.
const HERE: u32 = 1 << 30;
/// The bit of a role that marks an assignment with boundary values.
const LIMITED: u32 = 1 << 29;
/// The bits of a role that its number does not use.
const MARKS: u32 = TIMED | HERE | LIMITED;

/// All assignments: those that were loaded, and the current assignments of each holder that single changes have
/// affected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assignments {
    read: Flat,
    changed: HashMap<Holder, Arc<[Assignment]>>,
    limits: LimitPool,
}

/// Assignments one after another: 8 bytes each, 20 more for an assignment with time bounds, and 8 more for one with
/// boundary values.
#[derive(Clone, Debug, Default)]
struct Flat {
    subjects: usize,
    /// The assignments of each holder, subjects before groups. A cell has the role with its marks and the scope.
    /// Sorted, so the order of creation has no effect.
    held: Rows<8>,
    /// The indices of assignments with time bounds, sorted.
    timed: Column<4>,
    /// The first and the end time of each in milliseconds; `i64::MIN` and `i64::MAX` if not set.
    bounds: Column<16>,
    /// The indices of assignments with boundary values, sorted.
    limited: Column<4>,
    /// The number of the boundary values of each.
    limits: Column<4>,
    /// The assignments by role and scope.
    by_role: Lazy<ByRole>,
}

impl Assignments {
    /// Returns an empty set for a directory with `subjects` subjects and `groups` groups.
    pub(super) fn none(subjects: usize, groups: usize) -> Self {
        Self::new(subjects, groups, Vec::new(), &[])
    }

    /// Stores assignments, each with its holder, for a directory with `subjects` subjects and `groups` groups. Their
    /// boundary values are numbers of `limits`.
    pub(super) fn new(subjects: usize, groups: usize, mut found: Vec<(Holder, Assignment)>, limits: &[Limit]) -> Self {
        let pool = LimitPool::of(limits.iter().cloned());
        for (_, one) in &mut found {
            one.limit = one.limit.and_then(|id| pool.find(limits.get(id.index())?));
        }
        Self { read: Flat::new(subjects, groups, &found), changed: HashMap::default(), limits: pool }
    }

    /// Returns the boundary values with a number.
    pub(super) fn limit(&self, id: LimitId) -> Option<&Limit> {
        self.limits.get(id)
    }

    /// Returns the number of boundary values, if an assignment has had them.
    pub(super) fn find_limit(&self, limit: &Limit) -> Option<LimitId> {
        self.limits.find(limit)
    }

    /// Returns the number of boundary values, for an assignment to add.
    pub(super) fn add_limit(&mut self, limit: Limit) -> LimitId {
        self.limits.add(limit)
    }

    /// Returns whether an assignment may have boundary values.
    #[inline]
    pub(super) fn have_limits(&self) -> bool {
        !self.limits.is_empty()
    }

    /// Returns the assignments of a holder; at most `most` of the loaded ones.
    pub(super) fn of(&self, holder: Holder, most: usize) -> impl Iterator<Item = Assignment> {
        let changed = self.changed(holder);
        let read = changed.is_none().then(|| self.read.of(self.read.slot(holder)).take(most));
        changed.into_iter().flatten().copied().chain(read.into_iter().flatten())
    }

    /// Returns the active roles of a subject that cover the requested scope. Empty if a single change affected the
    /// subject.
    #[inline]
    pub(super) fn read_roles(
        &self,
        subject: SubjectKey,
        at: ScopeId,
        time: Timestamp,
        covers: impl Fn(ScopeId) -> bool,
    ) -> impl Iterator<Item = RoleId> {
        let holder = Holder::Subject(subject);
        let slot = if self.changed(holder).is_some() { usize::MAX } else { self.read.slot(holder) };
        self.read.roles(slot, at, time, covers)
    }

    /// Returns whether the holders share no assignments.
    pub(super) fn is_in_order(&self) -> bool {
        self.read.held.is_in_order()
    }

    /// Returns the number of loaded assignments.
    pub(super) fn read_count(&self) -> usize {
        self.read.held.count()
    }

    /// Returns the number of loaded assignments of a holder; 0 if a single change affected it.
    pub(super) fn read_of(&self, holder: Holder) -> usize {
        if self.changed(holder).is_some() { 0 } else { self.read.held.places(self.read.slot(holder)).len() }
    }

    /// Returns whether there was a single change.
    #[inline]
    pub(super) fn have_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// For a holder that a single change affected: returns whether an active assignment covers the scope and `fits`
    /// accepts it.
    pub(super) fn any_since(
        &self,
        holder: Holder,
        at: ScopeId,
        time: Timestamp,
        covers: &dyn Fn(ScopeId) -> bool,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        self.changed(holder).is_some_and(|held| {
            held.iter().any(|held| {
                let is_active =
                    held.from.is_none_or(|from| from <= time) && held.until.is_none_or(|until| time < until);
                covers(held.scope) && (!held.here || held.scope == at) && is_active && fits(held.role)
            })
        })
    }

    /// Returns the same for any holder.
    pub(super) fn any(
        &self,
        holder: Holder,
        at: ScopeId,
        time: Timestamp,
        covers: &dyn Fn(ScopeId) -> bool,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        match self.changed(holder) {
            Some(_) => self.any_since(holder, at, time, covers, fits),
            None => self.read.roles(self.read.slot(holder), at, time, covers).any(fits),
        }
    }

    /// Returns the assignments of a holder that a single change affected.
    #[inline]
    fn changed(&self, holder: Holder) -> Option<&[Assignment]> {
        if self.changed.is_empty() { None } else { self.held_since(holder) }
    }

    /// Not inlined, to keep directories without changes fast.
    #[inline(never)]
    fn held_since(&self, holder: Holder) -> Option<&[Assignment]> {
        self.changed.get(&holder).map(|held| &**held)
    }

    pub(super) fn count(&self) -> usize {
        let read = |holder| self.read.held.row(self.read.slot(holder)).len();
        let changes = self.changed.iter().map(|(holder, held)| (held.len(), read(*holder)));
        changes.fold(self.read.held.count(), |count, (now, read)| count - read + now)
    }

    /// Returns the number of holders of roles that `counts` accepts.
    pub(super) fn holders(&self, counts: impl Fn(RoleId) -> bool) -> usize {
        let read = (0..self.read.held.len()).map(|slot| self.read.holder(slot));
        let new = self.changed.keys().copied().filter(|holder| self.read.slot(*holder) == usize::MAX);
        read.chain(new).filter(|holder| self.of(*holder, usize::MAX).any(|one| counts(one.role))).count()
    }

    /// Adds an assignment. Returns `false` if it exists already.
    pub(super) fn add(&mut self, holder: Holder, assignment: Assignment) -> bool {
        let mut held: Vec<Assignment> = self.of(holder, usize::MAX).collect();
        let new = !held.contains(&assignment);
        if new {
            held.push(assignment);
            self.changed.insert(holder, held.into());
        }
        new
    }

    /// Removes an assignment. Returns `false` if it does not exist.
    pub(super) fn remove(&mut self, holder: Holder, assignment: Assignment) -> bool {
        let (gone, left): (Vec<Assignment>, Vec<Assignment>) =
            self.of(holder, usize::MAX).partition(|other| *other == assignment);
        if !gone.is_empty() {
            self.changed.insert(holder, left.into());
        }
        !gone.is_empty()
    }

    /// Merges the changes into the loaded assignments. `subjects` is the new order of the subjects.
    pub(super) fn settled(&self, subjects: &[SubjectKey], groups: usize) -> Self {
        if self.changed.is_empty() && subjects.len() == self.read.subjects && self.uses_all_limits() {
            return self.clone();
        }
        let holders = || {
            let subjects = subjects.iter().copied().map(Holder::Subject);
            subjects.chain((0..groups).map(|group| Holder::Group(GroupId::new(group))))
        };
        let mut used = Vec::new();
        for limit in holders().flat_map(|holder| self.of(holder, usize::MAX)).filter_map(|one| one.limit) {
            used.resize(used.len().max(limit.index() + 1), false);
            used.get_mut(limit.index()).into_iter().for_each(|used| *used = true);
        }
        let (limits, numbers) = self.limits.only(&used);
        let renumbered = |one: Assignment| Assignment {
            limit: one.limit.map(|id| numbers.get(id.index()).copied().unwrap_or(id)),
            ..one
        };
        Self {
            read: Flat::of_rows(subjects.len(), holders().map(|holder| self.of(holder, usize::MAX).map(renumbered))),
            changed: HashMap::default(),
            limits,
        }
    }

    /// Renumbers roles, scopes and groups. `role` gets the old number of the scope as well. `groups` has the old number
    /// of each group in the new order, or `None` for a new group. Not generic, so that the code exists once.
    pub(super) fn renumbered(
        &self,
        role: &dyn Fn(RoleId, ScopeId) -> RoleId,
        scope: &dyn Fn(ScopeId) -> ScopeId,
        groups: &[Option<GroupId>],
    ) -> Self {
        let moved = |one: Assignment| Assignment { role: role(one.role, one.scope), scope: scope(one.scope), ..one };
        let subjects = self.read.subjects;
        let slots = (0..subjects).chain(
            groups.iter().map(|before| before.map_or(usize::MAX, |before| self.read.slot(Holder::Group(before)))),
        );
        let read = Flat::of_rows(subjects, slots.map(|slot| self.read.of(slot).map(moved)));
        let after: HashMap<GroupId, GroupId> =
            groups.iter().enumerate().filter_map(|(after, before)| Some(((*before)?, GroupId::new(after)))).collect();
        let holder = |holder: &Holder| match holder {
            Holder::Subject(key) => Some(Holder::Subject(*key)),
            Holder::Group(group) => after.get(group).copied().map(Holder::Group),
        };
        let changed = self.changed.iter();
        let changed = changed.filter_map(|(of, held)| Some((holder(of)?, held.iter().copied().map(moved).collect())));
        Self { read, changed: changed.collect(), limits: self.limits.clone() }
    }

    /// Returns whether a loaded assignment has each of the boundary values. A removed group may have had some alone.
    fn uses_all_limits(&self) -> bool {
        order::set(self.read.limits.cells().iter().map(number)).into_iter().eq(0..self.limits.len())
    }

    /// Returns whether a document with `scopes` scopes and `roles` roles could define the loaded assignments.
    pub(super) fn is_whole(
        &self,
        scopes: usize,
        roles: usize,
        boundaries: usize,
        is_assignable: impl Fn(RoleId, ScopeId) -> bool,
    ) -> bool {
        let flat = &self.read;
        let timed = flat.held.cells().iter().enumerate().filter(|(_, cell)| pair(cell).0 & TIMED != 0);
        let is_possible = |cell: &[u8; 8]| {
            let (role, scope) = pair(cell);
            let (role, scope) = ((role & !MARKS) as usize, scope as usize);
            scope < scopes && role < roles && is_assignable(RoleId::new(role), ScopeId::new(scope))
        };
        let is_ordered = |bounds: &[u8; 16]| {
            let (from, until) = times(bounds);
            let is_time = |millis| Timestamp::from_millis(millis).is_some();
            from < until
                && (from == i64::MIN || is_time(from))
                && (until == i64::MAX || is_time(until))
                && (from, until) != (i64::MIN, i64::MAX)
        };
        let limited = flat.held.cells().iter().enumerate().filter(|(_, cell)| pair(cell).0 & LIMITED != 0);
        flat.held.is_whole()
            && limited.map(|(place, _)| place).eq(flat.limited.cells().iter().map(number))
            && self.uses_all_limits()
            && self.limits.is_whole(boundaries)
            && flat.held.cells().iter().all(is_possible)
            && (0..flat.held.len()).all(|slot| flat.of(slot).is_sorted())
            && timed.map(|(place, _)| place).eq(flat.timed.cells().iter().map(number))
            && flat.bounds.cells().iter().all(is_ordered)
    }

    /// Removes duplicate assignments. Earlier releases stored an assignment as often as a document listed it. Their
    /// snapshots are still supported.
    pub(super) fn make_unique(&mut self) {
        let flat = &self.read;
        if !(0..flat.held.len()).all(|slot| flat.of(slot).is_sorted_by(|a, b| a < b)) {
            self.read = Flat::of_rows(flat.subjects, (0..flat.held.len()).map(|slot| flat.of(slot)));
        }
    }

    pub(super) fn encode(&self, parts: &mut Parts) {
        self.read.held.encode(parts);
        self.read.timed.encode(parts);
        self.read.bounds.encode(parts);
        self.read.limited.encode(parts);
        self.read.limits.encode(parts);
        self.limits.encode(parts);
    }

    /// Decodes the assignments of `subjects` subjects and `groups` groups.
    pub(super) fn load(sections: &mut Sections<'_>, subjects: usize, groups: usize) -> Self {
        let (held, timed, bounds) = (Rows::decode(sections), Column::decode(sections), Column::decode(sections));
        let (limited, limits) = (Column::decode(sections), Column::decode(sections));
        let read = Flat { subjects, held, timed, bounds, limited, limits, by_role: Lazy::default() };
        let fits = read.held.len() == subjects + groups
            && read.timed.len() == read.bounds.len()
            && read.limited.len() == read.limits.len()
            && read.held.count() <= limits::ASSIGNMENTS;
        sections.check(fits);
        let limits = LimitPool::load(sections);
        Self { read, changed: HashMap::default(), limits }
    }
}

impl Flat {
    /// Sorts assignments by holder with a counting sort.
    fn new(subjects: usize, groups: usize, found: &[(Holder, Assignment)]) -> Self {
        let none = Self { subjects, ..Self::default() };
        let places = found.iter().map(|(holder, _)| none.slot(*holder)).enumerate();
        let numbers: Vec<(usize, [u8; 4])> =
            places.map(|(number, place)| (place, narrow(number).to_le_bytes())).collect();
        let order = Rows::sorted(subjects + groups, &numbers);
        let row = |place| order.row(place).iter().filter_map(|found_at| Some(found.get(number(found_at))?.1));
        Self::of_rows(subjects, (0..order.len()).map(row))
    }

    fn of_rows(subjects: usize, rows: impl Iterator<Item = impl IntoIterator<Item = Assignment>>) -> Self {
        let mut writer = FlatWriter::default();
        let mut sorted = Vec::new();
        for row in rows {
            sorted.extend(row);
            order::sort(&mut sorted);
            // Duplicates in a document count once.
            sorted.dedup();
            writer.add(sorted.drain(..));
        }
        writer.finish(subjects)
    }

    /// Returns the row of a holder; `usize::MAX` for a subject that was not loaded.
    #[inline]
    fn slot(&self, holder: Holder) -> usize {
        match holder {
            Holder::Subject(key) if key.index() < self.subjects => key.index(),
            Holder::Subject(_) => usize::MAX,
            Holder::Group(id) => self.subjects.saturating_add(id.index()),
        }
    }

    fn holder(&self, slot: usize) -> Holder {
        match slot.checked_sub(self.subjects) {
            None => Holder::Subject(SubjectKey::new(slot)),
            Some(group) => Holder::Group(GroupId::new(group)),
        }
    }

    /// Returns the time bounds of the assignment at an index.
    fn bounds(&self, place: usize) -> Option<(i64, i64)> {
        let found = self.timed.cells().binary_search_by_key(&place, number).ok()?;
        self.bounds.cells().get(found).map(times)
    }

    /// Returns the number of the boundary values of the assignment at an index. Without one, no values exist.
    fn limit(&self, place: usize) -> LimitId {
        let found = self.limited.cells().binary_search_by_key(&place, number).ok();
        LimitId::new(found.and_then(|found| self.limits.get(found)).unwrap_or(usize::MAX))
    }

    fn of(&self, holder: usize) -> impl Iterator<Item = Assignment> {
        let places = self.held.places(holder);
        places.zip(self.held.row(holder)).map(|(place, cell)| self.decoded(place, cell))
    }

    /// Returns the assignment at an index.
    fn decoded(&self, place: usize, cell: &[u8; 8]) -> Assignment {
        let (role, scope) = pair(cell);
        let bounds = if role & TIMED == 0 { None } else { self.bounds(place) };
        Assignment {
            role: RoleId::new((role & !MARKS) as usize),
            scope: ScopeId::new(scope as usize),
            from: bounds.and_then(|(from, _)| Timestamp::from_millis(from)),
            until: bounds.and_then(|(_, until)| Timestamp::from_millis(until)),
            here: role & HERE != 0,
            limit: (role & LIMITED != 0).then(|| self.limit(place)),
        }
    }

    /// Returns the active roles of a holder that cover the requested scope.
    #[inline]
    fn roles(
        &self,
        holder: usize,
        at: ScopeId,
        time: Timestamp,
        covers: impl Fn(ScopeId) -> bool,
    ) -> impl Iterator<Item = RoleId> {
        self.held.row(holder).iter().enumerate().filter_map(move |(offset, cell)| {
            let (role, scope) = pair(cell);
            let scope = ScopeId::new(scope as usize);
            let counts =
                covers(scope) && (role & (TIMED | HERE) == 0 || self.counts(holder, offset, scope == at, time));
            counts.then(|| RoleId::new((role & !MARKS) as usize))
        })
    }

    /// Returns whether a marked assignment is active, and covers the requested scope. `exact` is whether that scope is
    /// its own.
    #[inline(never)]
    fn counts(&self, holder: usize, offset: usize, exact: bool, time: Timestamp) -> bool {
        let time = time.as_millis();
        let place = self.held.places(holder).start.saturating_add(offset);
        let role = self.held.cells().get(place).map_or(0, |cell| pair(cell).0);
        (exact || role & HERE == 0)
            && (role & TIMED == 0 || self.bounds(place).is_some_and(|(from, until)| from <= time && time < until))
    }
}

/// Builds flat assignments, one holder after another.
#[derive(Default)]
struct FlatWriter {
    held: RowWriter<8>,
    timed: Vec<usize>,
    bounds: Vec<[u8; 16]>,
    limited: Vec<usize>,
    limits: Vec<usize>,
}

impl FlatWriter {
    /// Adds the sorted assignments of the next holder.
    fn add(&mut self, row: impl Iterator<Item = Assignment>) {
        self.held.begin();
        for Assignment { role, scope, from, until, here, limit } in row {
            let mut role = narrow(role.index()) & !MARKS | if here { HERE } else { 0 };
            if from.is_some() || until.is_some() {
                role |= TIMED;
                self.timed.push(self.held.count());
                let from = from.map_or(i64::MIN, Timestamp::as_millis) as u64;
                let until = until.map_or(i64::MAX, Timestamp::as_millis) as u64;
                self.bounds.push((u128::from(from) | u128::from(until) << 64).to_le_bytes());
            }
            if let Some(limit) = limit {
                role |= LIMITED;
                self.limited.push(self.held.count());
                self.limits.push(limit.index());
            }
            self.held.push(paired(role, narrow(scope.index())));
        }
    }

    fn finish(self, subjects: usize) -> Flat {
        let Self { held, timed, bounds, limited, limits } = self;
        let [timed, limited, limits] = [timed, limited, limits].map(Column::<4>::of);
        let (held, bounds) = (held.finish(), Column::new(bounds));
        Flat { subjects, held, timed, bounds, limited, limits, by_role: Lazy::default() }
    }
}

/// Decodes the two times of a cell, in milliseconds.
fn times(cell: &[u8; 16]) -> (i64, i64) {
    let both = u128::from_le_bytes(*cell);
    (both as u64 as i64, (both >> 64) as u64 as i64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    const POLICY: &str = r#"{"rolecall": 1, "scopes": ["tenant"], "resources": {"pages": {"actions": ["view"]}},
        "roles": {"viewer": {"grants": ["pages:view"]}, "editor": {"inherits": ["viewer"]}}}"#;
    const DIRECTORY: &str = r#"{"rolecall": 1, "scopes": ["acme"], "subjects": {"user:ada": {}, "user:bo": {}},
        "groups": {"group:all": {"members": ["user:bo"]}}, "assignments": [
            {"subject": "user:ada", "role": "viewer", "at": "acme"},
            {"subject": "user:ada", "role": "editor", "at": "acme", "until": "2026-12-01T00:00:00Z"},
            {"subject": "group:all", "role": "editor", "at": "acme", "from": "2026-12-01T00:00:00Z"}]}"#;

    /// Encodes a snapshot in which `change` was applied to each row, as earlier releases could write it.
    fn snapshot(engine: &Engine, change: impl Fn(Vec<Assignment>) -> Vec<Assignment>) -> Vec<u8> {
        let mut directory = engine.directory().clone();
        let flat = &directory.assignments.read;
        let mut writer = FlatWriter::default();
        (0..flat.held.len()).for_each(|slot| writer.add(change(flat.of(slot).collect()).into_iter()));
        directory.assignments.read = writer.finish(flat.subjects);
        let mut bytes = Vec::new();
        directory.parts().write(&mut |part| bytes.extend_from_slice(part));
        bytes
    }

    #[test]
    fn duplicate_assignments_of_a_snapshot_count_once() {
        let engine = Engine::from_json(POLICY, DIRECTORY).unwrap();
        let same = snapshot(&engine, |row| row);
        assert_eq!(same, engine.to_snapshot());
        let doubled = snapshot(&engine, |row| row.into_iter().flat_map(|one| [one, one]).collect());
        assert!(doubled.len() > same.len());
        let opened = Engine::from_snapshot(doubled).unwrap();
        assert_eq!(opened.to_snapshot(), same);
        // No release wrote these rows, so they are rejected.
        let reversed = snapshot(&engine, |row| row.into_iter().rev().collect());
        assert!(Engine::from_snapshot(reversed).is_err());
    }
}
