//! Groups, which may contain other groups.

mod inside;

use self::inside::{Below, Members};
use super::name_table::NameTable;
use super::nesting::{Nesting, cell};
use super::subject::Subjects;
use crate::document::{DocumentKind, NoPositions, Path, Reader};
use crate::storage::arena::{GroupId, Id, SubjectKey};
use crate::storage::column::{Column, Rows, number};
use crate::storage::lazy::Lazy;
use crate::storage::map::HashMap;
use crate::storage::order;
use crate::storage::snapshot::{Encode, Parts, Sections};
use crate::types::grammar::{EVERYONE, GROUP, USER, is_subject};
use crate::types::limits;
use crate::types::suggest;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    names: NameTable,
    nesting: Nesting,
    /// The groups that list each subject, sorted. No rows if no group lists a subject.
    listed: Rows<4>,
    /// The groups of each subject whose groups have changed since.
    changed: HashMap<SubjectKey, Column<4>>,
    /// The ids that groups list although they are not listed as subjects. They have no permissions yet.
    unlisted: NameTable,
    /// The groups that list each of these ids, sorted.
    unlisted_in: Rows<4>,
    /// The groups of each unlisted id whose groups have changed since.
    unlisted_changed: Arc<BTreeMap<Box<str>, Column<4>>>,
    below: Lazy<Below>,
    members: Lazy<Members>,
}

/// A member of a group.
pub(super) enum Member<'m> {
    Subject(SubjectKey),
    Group(GroupId),
    /// An id that is not listed as a subject.
    Unlisted(&'m str),
}

impl Groups {
    /// Builds groups from memberships: `direct` for listed subjects, `unlisted` for other ids.
    pub(super) fn new(
        names: NameTable,
        nesting: Nesting,
        subjects: usize,
        mut direct: Vec<(usize, usize)>,
        unlisted: &BTreeMap<&str, Vec<usize>>,
    ) -> Self {
        order::sort(&mut direct);
        direct.dedup();
        let cells: Vec<(usize, [u8; 4])> = direct.into_iter().map(|(subject, group)| (subject, cell(group))).collect();
        let rows = if cells.is_empty() { 0 } else { subjects };
        Self {
            names,
            nesting,
            listed: Rows::sorted(rows, &cells),
            changed: HashMap::default(),
            unlisted: NameTable::new(unlisted.keys().copied()),
            unlisted_in: Rows::of(unlisted.values().map(|groups| groups.iter().copied().map(cell))),
            unlisted_changed: Arc::default(),
            below: Lazy::default(),
            members: Lazy::default(),
        }
    }

    /// Adds a member to a group, or removes it. Returns whether that changes anything. For a group in a group, computes
    /// the nesting of all groups. Circles and too deep nesting are reported and not applied.
    pub(super) fn set(
        &mut self,
        reader: &mut Reader<'_>,
        at: &Path<'_>,
        group: GroupId,
        member: &Member<'_>,
        listed: bool,
    ) -> bool {
        match member {
            Member::Subject(subject) => self.set_subject(group, *subject, listed),
            Member::Unlisted(id) => {
                let groups = changed(self.unlisted_listing(id), group, listed);
                let changes = groups.is_some();
                if let Some(groups) = groups {
                    Arc::make_mut(&mut self.unlisted_changed).insert((*id).into(), groups);
                }
                changes
            }
            Member::Group(junior) => {
                let mut parents = self.nesting.all_parents();
                let changes = parents.get_mut(junior.index()).is_some_and(|of| put(of, group.index(), listed));
                if changes {
                    let nesting = Nesting::new(reader, at, &self.names, parents);
                    if reader.is_clean() {
                        (self.nesting, self.below) = (nesting, Lazy::default());
                    }
                }
                changes
            }
        }
    }

    /// Adds a listed subject to a group, or removes it. Returns whether that changes anything.
    fn set_subject(&mut self, group: GroupId, subject: SubjectKey, listed: bool) -> bool {
        let groups = changed(self.listing(subject), group, listed);
        let changes = groups.is_some();
        self.changed.extend(groups.map(|groups| (subject, groups)));
        changes
    }

    /// Returns the group of everyone. It exists while roles are assigned to it.
    pub(super) fn everyone(&self) -> Option<GroupId> {
        self.find(EVERYONE)
    }

    /// Adds everyone to the group of everyone, or removes all members.
    pub(super) fn fill_everyone(&mut self, subjects: &Subjects, add: bool) {
        let Some(everyone) = self.everyone() else { return };
        let listed = Rows::of((0..subjects.read_len()).map(|row| {
            let mut groups: Vec<usize> = self.listed.row(row).iter().map(number).collect();
            put(&mut groups, everyone.index(), add && subjects.is_of_everyone(SubjectKey::new(row)));
            groups.into_iter().map(cell).collect::<Vec<_>>()
        }));
        self.listed = if listed.count() == 0 { Rows::default() } else { listed };
        self.members = Lazy::default();
        for subject in subjects.keys() {
            if subject.index() >= subjects.read_len() || self.changed.get(&subject).is_some() {
                self.set_subject(everyone, subject, add && subjects.is_of_everyone(subject));
            }
        }
    }

    /// Adds a new or changed subject to the group of everyone, or removes it.
    pub(super) fn follow_everyone(&mut self, subjects: &Subjects, subject: SubjectKey) {
        if let Some(everyone) = self.everyone() {
            self.set_subject(everyone, subject, subjects.is_of_everyone(subject));
        }
    }

    /// Returns whether the group of everyone, if it exists, has exactly the members that it must have.
    fn has_everyone(&self, subjects: &Subjects) -> bool {
        let Some(everyone) = self.everyone() else { return true };
        let has = |groups: &[[u8; 4]]| groups.iter().any(|group| number(group) == everyone.index());
        !self.is_nested(everyone)
            && !has(self.unlisted_in.cells())
            && subjects.keys().all(|key| has(self.listing(key)) == subjects.is_of_everyone(key))
    }

    pub(super) fn name(&self, group: GroupId) -> &str {
        self.names.name(group.index())
    }

    pub(super) fn find(&self, name: &str) -> Option<GroupId> {
        self.names.find(name).map(GroupId::new)
    }

    /// Suggests a group for an unknown id.
    pub(super) fn like(&self, name: &str) -> Option<String> {
        let full = [GROUP, name].concat();
        let known = [&*full].into_iter().find(|full| self.names.find(full).is_some());
        known.map(|known| format!("did you mean `{known}`?")).or_else(|| suggest::did_you_mean(name, self.names.iter()))
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns whether rows do not overlap.
    pub(super) fn is_in_order(&self) -> bool {
        [&self.nesting.parents, &self.nesting.above, &self.listed, &self.unlisted_in]
            .iter()
            .all(|rows| rows.is_in_order())
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = GroupId> + use<> {
        (0..self.len()).map(GroupId::new)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter()
    }

    pub(super) fn of(&self, subject: SubjectKey) -> Vec<GroupId> {
        self.nesting.reached(self.listing(subject))
    }

    /// Returns a group and every group that contains it, directly or indirectly.
    pub(super) fn above(&self, group: GroupId) -> Vec<GroupId> {
        self.reached(&[group])
    }

    /// Returns some groups and every group that contains one of them, directly or indirectly, each once, sorted.
    pub(super) fn reached(&self, groups: &[GroupId]) -> Vec<GroupId> {
        let cells: Vec<[u8; 4]> = groups.iter().map(|group| cell(group.index())).collect();
        self.nesting.reached(&cells)
    }

    /// Returns the groups of a subject, including nested groups, without collecting them. `None` if more than `few`
    /// groups list the subject. A group may be returned up to `few` times.
    pub(super) fn reached_by_few(&self, subject: SubjectKey, few: usize) -> Option<impl Iterator<Item = GroupId>> {
        let direct = self.listing(subject);
        let above = direct.iter().flat_map(|group| self.nesting.above.row(number(group)));
        let most = few * self.nesting.above.count();
        (direct.len() <= few).then(|| above.take(most).map(|group| GroupId::new(number(group))))
    }

    /// Returns whether any group lists a subject.
    #[inline]
    pub(super) fn list_subjects(&self) -> bool {
        self.listed.len() > 0 || !self.changed.is_empty()
    }

    /// Returns the groups that list a subject.
    pub(super) fn listing(&self, subject: SubjectKey) -> &[[u8; 4]] {
        let changed = if self.changed.is_empty() { None } else { self.changed.get(&subject) };
        changed.map_or_else(|| self.listed.row(subject.index()), Column::cells)
    }

    /// Returns the groups to which an unlisted id would belong.
    pub(super) fn of_unlisted(&self, subject: &str) -> Vec<GroupId> {
        let mut groups = self.nesting.reached(self.unlisted_listing(subject));
        if let Some(everyone) = self.everyone().filter(|_| subject.starts_with(USER)) {
            put(&mut groups, everyone, true);
        }
        groups
    }

    fn unlisted_listing(&self, id: &str) -> &[[u8; 4]] {
        let read = || self.unlisted.find(id).map(|number| self.unlisted_in.row(number)).unwrap_or_default();
        self.unlisted_changed.get(id).map_or_else(read, Column::cells)
    }

    /// Moves the memberships of an unlisted id to the new subject.
    pub(super) fn list(&mut self, id: &str, subject: SubjectKey) {
        let groups: Vec<[u8; 4]> = self.unlisted_listing(id).to_vec();
        if !groups.is_empty() {
            self.changed.insert(subject, Column::new(groups));
            Arc::make_mut(&mut self.unlisted_changed).insert(id.into(), Column::default());
        }
    }

    /// Returns whether a group contains a group or is a member of one.
    pub(super) fn is_nested(&self, group: GroupId) -> bool {
        !self.nesting.parents.row(group.index()).is_empty()
            || self.nesting.parents.cells().iter().any(|parent| number(parent) == group.index())
    }

    /// Returns whether a group has a member that is not a group.
    pub(super) fn lists(&self, group: GroupId, mut subjects: impl Iterator<Item = SubjectKey>) -> bool {
        let holds = |groups: &[[u8; 4]]| groups.iter().any(|one| number(one) == group.index());
        let unlisted = self.unlisted.iter().chain(self.unlisted_changed.keys().map(|id| &**id));
        let mut unlisted = unlisted.map(|id| self.unlisted_listing(id));
        unlisted.any(holds) || subjects.any(|subject| holds(self.listing(subject)))
    }

    /// Adds or removes an unused group. Returns the groups, and the old number of each group in the new order.
    pub(super) fn with(&self, name: &str, is_there: bool) -> (Self, Vec<Option<GroupId>>) {
        let others = self.names.iter().enumerate().filter(|(_, other)| *other != name);
        let mut all: Vec<(&str, Option<GroupId>)> =
            others.map(|(before, other)| (other, Some(GroupId::new(before)))).collect();
        if is_there {
            all.push((name, None));
        }
        order::sort_by(&mut all, |(a, _), (b, _)| a.cmp(b));
        let mut after: Vec<usize> = alloc::vec![usize::MAX; self.len()];
        for (number, (_, before)) in all.iter().enumerate() {
            if let Some(slot) = before.and_then(|before| after.get_mut(before.index())) {
                *slot = number;
            }
        }
        let moved = |group: &[u8; 4]| cell(after.get(number(group)).copied().unwrap_or(usize::MAX));
        let rows = |rows: &Rows<4>| Rows::of((0..rows.len()).map(|row| rows.row(row).iter().map(moved)));
        let column = |column: &Column<4>| Column::new(column.cells().iter().map(moved).collect());
        let nested = |rows: &Rows<4>, own: bool| {
            Rows::of(all.iter().enumerate().map(|(number, (_, before))| -> Vec<[u8; 4]> {
                match before {
                    Some(before) => rows.row(before.index()).iter().map(moved).collect(),
                    None if own => [cell(number)].into(),
                    None => Vec::new(),
                }
            }))
        };
        let groups = Self {
            names: NameTable::new(all.iter().map(|(name, _)| *name)),
            nesting: Nesting {
                parents: nested(&self.nesting.parents, false),
                above: nested(&self.nesting.above, true),
            },
            listed: rows(&self.listed),
            changed: self.changed.iter().map(|(subject, groups)| (*subject, column(groups))).collect(),
            unlisted: self.unlisted.clone(),
            unlisted_in: rows(&self.unlisted_in),
            unlisted_changed: Arc::new(
                self.unlisted_changed.iter().map(|(id, groups)| (id.clone(), column(groups))).collect(),
            ),
            below: Lazy::default(),
            members: Lazy::default(),
        };
        (groups, all.into_iter().map(|(_, before)| before).collect())
    }

    /// Merges the changes into the loaded groups. `subjects` is the new order of the subjects.
    pub(super) fn settled(&self, subjects: &[SubjectKey]) -> Self {
        let rows = if self.list_subjects() { subjects } else { &[] };
        let mut unlisted: BTreeMap<&str, &[[u8; 4]]> = BTreeMap::new();
        for id in self.unlisted.iter().chain(self.unlisted_changed.keys().map(|id| &**id)) {
            unlisted.insert(id, self.unlisted_listing(id));
        }
        unlisted.retain(|_, groups| !groups.is_empty());
        let mut listed = Rows::of(rows.iter().map(|subject| self.listing(*subject).iter().copied()));
        if listed.count() == 0 {
            listed = Rows::default();
        }
        Self {
            names: self.names.clone(),
            nesting: self.nesting.clone(),
            listed,
            changed: HashMap::default(),
            unlisted: NameTable::new(unlisted.keys().copied()),
            unlisted_in: Rows::of(unlisted.values().map(|groups| groups.iter().copied())),
            unlisted_changed: Arc::default(),
            below: Lazy::default(),
            members: Lazy::default(),
        }
    }

    /// Returns whether a document with these subjects could define these groups.
    pub(super) fn is_whole(&self, subjects: &Subjects) -> bool {
        let is_sorted = |row: &[[u8; 4]]| {
            row.is_sorted_by(|a, b| number(a) < number(b)) && row.last().is_none_or(|last| number(last) < self.len())
        };
        let are_sorted = |rows: &Rows<4>| rows.is_whole() && (0..rows.len()).all(|row| is_sorted(rows.row(row)));
        let is_name = |name: &str| is_subject(name) && name.starts_with(GROUP);
        let is_unlisted = |id: &str| is_subject(id) && !id.starts_with(GROUP) && subjects.names().find(id).is_none();
        let names = || self.names.iter();
        let unlisted = || self.unlisted.iter();
        let mut reader = Reader::new(DocumentKind::Directory, &NoPositions);
        self.names.is_whole()
            && names().all(is_name)
            && names().zip(names().skip(1)).all(|(a, b)| a < b)
            && self.unlisted.is_whole()
            && unlisted().all(is_unlisted)
            && unlisted().zip(unlisted().skip(1)).all(|(a, b)| a < b)
            && are_sorted(&self.listed)
            && are_sorted(&self.unlisted_in)
            && are_sorted(&self.nesting.parents)
            && self.nesting == Nesting::new(&mut reader, &Path::ROOT, &self.names, self.nesting.all_parents())
            && reader.is_clean()
            && self.has_everyone(subjects)
    }

    pub(super) fn encode(&self, parts: &mut Parts) {
        self.names.encode(parts);
        self.nesting.parents.encode(parts);
        self.nesting.above.encode(parts);
        self.listed.encode(parts);
        self.unlisted.encode(parts);
        self.unlisted_in.encode(parts);
    }

    /// Decodes the groups of `subjects` subjects.
    pub(super) fn load(sections: &mut Sections<'_>, subjects: usize) -> Self {
        let names = NameTable::decode(sections);
        let nesting = Nesting { parents: Encode::decode(sections), above: Encode::decode(sections) };
        let groups = Self {
            nesting,
            names,
            listed: Encode::decode(sections),
            changed: HashMap::default(),
            unlisted: Encode::decode(sections),
            unlisted_in: Encode::decode(sections),
            unlisted_changed: Arc::default(),
            below: Lazy::default(),
            members: Lazy::default(),
        };
        let fits = [&groups.nesting.parents, &groups.nesting.above].iter().all(|rows| rows.len() == groups.len())
            && (groups.listed.len() == 0 || groups.listed.len() == subjects)
            && groups.unlisted_in.len() == groups.unlisted.len()
            && groups.len() <= limits::SUBJECTS
            && groups.nesting.above.count() <= limits::MEMBERSHIPS;
        sections.check(fits);
        groups
    }
}

/// Returns the changed groups of a member; `None` if nothing changes.
fn changed(groups: &[[u8; 4]], group: GroupId, listed: bool) -> Option<Column<4>> {
    let mut groups: Vec<usize> = groups.iter().map(number).collect();
    put(&mut groups, group.index(), listed).then(|| Column::<4>::of(groups))
}

/// Adds an item to a sorted list or removes it. Returns whether the list changed.
pub(super) fn put<T: Ord + Copy>(list: &mut Vec<T>, item: T, listed: bool) -> bool {
    match list.binary_search(&item) {
        Ok(place) if !listed => {
            list.remove(place);
            true
        }
        Err(place) if listed => {
            list.insert(place, item);
            true
        }
        _ => false,
    }
}
