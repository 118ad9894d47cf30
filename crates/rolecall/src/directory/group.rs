//! Groups, which may hold groups.

use super::name_table::NameTable;
use crate::document::{DocumentKind, IssueCode, Names, NoPositions, Path, Reader, Value};
use crate::storage::arena::{GroupId, Id, SubjectKey};
use crate::storage::column::{Column, Rows, narrow, number};
use crate::storage::map::HashMap;
use crate::storage::order;
use crate::storage::snapshot::{Encode, Parts, Sections};
use crate::types::grammar::{GROUP, is_subject, shown};
use crate::types::limits;
use crate::types::suggest;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    names: NameTable,
    nesting: Nesting,
    /// The groups that list each subject, sorted; no rows where none lists any.
    listed: Rows<4>,
    /// The same of each subject of which that was changed since.
    changed: HashMap<SubjectKey, Column<4>>,
    /// Those who are listed in groups, though not as subjects: they hold nothing yet.
    unlisted: NameTable,
    /// The groups that list each of them, sorted.
    unlisted_in: Rows<4>,
    /// The same of each of whom that was changed since.
    unlisted_changed: Arc<BTreeMap<Box<str>, Column<4>>>,
}

/// Groups in groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Nesting {
    /// For each group those that list it, sorted.
    parents: Rows<4>,
    /// For each group itself and every group that holds it, however far.
    above: Rows<4>,
}

/// A member of a group.
pub(super) enum Member<'m> {
    Subject(SubjectKey),
    Group(GroupId),
    /// Someone who is not listed as a subject.
    Unlisted(&'m str),
}

/// The names of the groups, sorted, with what is wrong with them told.
pub(super) fn names(reader: &mut Reader<'_>, groups: &[(&str, &Value<'_>)], at: &Path<'_>) -> NameTable {
    let mut names: Vec<&str> = Vec::with_capacity(groups.len());
    for (name, _) in groups {
        check_name(reader, name, &at.key(name));
        names.push(name);
    }
    order::sort(&mut names);
    NameTable::new(names)
}

/// Tells what keeps an id from being that of a group.
pub(super) fn check_name(reader: &mut Reader<'_>, name: &str, at: &Path<'_>) {
    if super::subject::check_id(reader, name, at) && !name.starts_with(GROUP) {
        let help = Some(format!("call it `{GROUP}{}`", shown(name)));
        let message = format!("the group `{}` does not begin with `{GROUP}`", shown(name));
        reader.issue(IssueCode::GroupMalformed, at, message, help);
    }
}

impl Groups {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        groups: &[(&str, &Value<'_>)],
        at: &Path<'_>,
        names: NameTable,
        subjects: &NameTable,
    ) -> Self {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
        let mut direct: Vec<(usize, usize)> = Vec::new();
        let mut unlisted: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (name, value) in groups {
            let at = at.key(name);
            let Some(object) = reader.object(value, &at, &["title", "members"]) else { continue };
            if let Some(title) = object.get("title", &at) {
                reader.prose(title.value, &title.at);
            }
            let Some(members) = object.get("members", &at) else { continue };
            let Some(group) = names.find(name) else { continue };
            for (index, member) in
                reader.list(members.value, &members.at, (limits::SUBJECTS, "members")).iter().enumerate()
            {
                let at = members.at.index(index);
                let Some(member) =
                    reader.text(member, &at).filter(|member| super::subject::check_id(reader, member, &at))
                else {
                    continue;
                };
                if !member.starts_with(GROUP) {
                    match subjects.find(member) {
                        Some(subject) => direct.push((subject, group)),
                        None => {
                            put(unlisted.entry(member).or_default(), group, true);
                        }
                    }
                } else if let Some(junior) = names.find(member).and_then(|junior| parents.get_mut(junior)) {
                    junior.push(group);
                } else {
                    let message = format!("there is no group `{}`", shown(member));
                    let help = || suggest::did_you_mean(member, names.iter());
                    reader.unknown((Names::Groups, member), IssueCode::GroupUnknown, &at, message, help);
                }
            }
        }
        for parents in &mut parents {
            order::sort(parents);
            parents.dedup();
        }
        let nesting = Nesting::new(reader, at, &names, parents);
        order::sort(&mut direct);
        direct.dedup();
        let cells: Vec<(usize, [u8; 4])> = direct.into_iter().map(|(subject, group)| (subject, cell(group))).collect();
        let rows = if cells.is_empty() { 0 } else { subjects.len() };
        Self {
            names,
            nesting,
            listed: Rows::sorted(rows, &cells),
            changed: HashMap::default(),
            unlisted: NameTable::new(unlisted.keys().copied()),
            unlisted_in: Rows::of(unlisted.values().map(|groups| groups.iter().copied().map(cell))),
            unlisted_changed: Arc::default(),
        }
    }

    /// Lists a member in a group, or no longer; tells whether that changes anything. Groups in groups are worked out
    /// anew, with circles and what is nested too deep told, in which case nothing is changed.
    pub(super) fn set(
        &mut self,
        reader: &mut Reader<'_>,
        at: &Path<'_>,
        group: GroupId,
        member: &Member<'_>,
        listed: bool,
    ) -> bool {
        match member {
            Member::Subject(subject) => {
                let groups = changed(self.listing(*subject), group, listed);
                let changes = groups.is_some();
                self.changed.extend(groups.map(|groups| (*subject, groups)));
                changes
            }
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
                        self.nesting = nesting;
                    }
                }
                changes
            }
        }
    }

    pub(super) fn name(&self, group: GroupId) -> &str {
        self.names.name(group.index())
    }

    pub(super) fn find(&self, name: &str) -> Option<GroupId> {
        self.names.find(name).map(GroupId::new)
    }

    /// A way out for the id of a group that is not there.
    pub(super) fn like(&self, name: &str) -> Option<String> {
        let full = [GROUP, name].concat();
        let known = [&*full].into_iter().find(|full| self.names.find(full).is_some());
        known.map(|known| format!("did you mean `{known}`?")).or_else(|| suggest::did_you_mean(name, self.names.iter()))
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Tells whether no two share what only one of them may have.
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

    /// A group and every group that holds it, however far.
    pub(super) fn above(&self, group: GroupId) -> Vec<GroupId> {
        self.nesting.reached(&[cell(group.index())])
    }

    /// The groups of a subject that few groups list, those that are nested included, without collecting them: a group may
    /// come as often as there are few.
    pub(super) fn reached_by_few(&self, subject: SubjectKey, few: usize) -> Option<impl Iterator<Item = GroupId>> {
        let direct = self.listing(subject);
        let above = direct.iter().flat_map(|group| self.nesting.above.row(number(group)));
        let most = few * self.nesting.above.count();
        (direct.len() <= few).then(|| above.take(most).map(|group| GroupId::new(number(group))))
    }

    /// Tells whether any group lists a subject.
    #[inline]
    pub(super) fn list_subjects(&self) -> bool {
        self.listed.len() > 0 || !self.changed.is_empty()
    }

    /// The groups that list a subject.
    pub(super) fn listing(&self, subject: SubjectKey) -> &[[u8; 4]] {
        let changed = if self.changed.is_empty() { None } else { self.changed.get(&subject) };
        changed.map_or_else(|| self.listed.row(subject.index()), Column::cells)
    }

    /// The groups that someone would belong to if it were listed.
    pub(super) fn of_unlisted(&self, subject: &str) -> Vec<GroupId> {
        self.nesting.reached(self.unlisted_listing(subject))
    }

    fn unlisted_listing(&self, id: &str) -> &[[u8; 4]] {
        let read = || self.unlisted.find(id).map(|number| self.unlisted_in.row(number)).unwrap_or_default();
        self.unlisted_changed.get(id).map_or_else(read, Column::cells)
    }

    /// Takes someone who was not listed as a subject for the one that is now.
    pub(super) fn list(&mut self, id: &str, subject: SubjectKey) {
        let groups: Vec<[u8; 4]> = self.unlisted_listing(id).to_vec();
        if !groups.is_empty() {
            self.changed.insert(subject, Column::new(groups));
            Arc::make_mut(&mut self.unlisted_changed).insert(id.into(), Column::default());
        }
    }

    /// Tells whether a group holds a group, or is held by one.
    pub(super) fn is_nested(&self, group: GroupId) -> bool {
        !self.nesting.parents.row(group.index()).is_empty()
            || self.nesting.parents.cells().iter().any(|parent| number(parent) == group.index())
    }

    /// Tells whether a group lists anyone who is no group.
    pub(super) fn lists(&self, group: GroupId, mut subjects: impl Iterator<Item = SubjectKey>) -> bool {
        let holds = |groups: &[[u8; 4]]| groups.iter().any(|one| number(one) == group.index());
        let unlisted = self.unlisted.iter().chain(self.unlisted_changed.keys().map(|id| &**id));
        let mut unlisted = unlisted.map(|id| self.unlisted_listing(id));
        unlisted.any(holds) || subjects.any(|subject| holds(self.listing(subject)))
    }

    /// The same with one more group or one less, which nothing names; and the numbers from before, in their new order.
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
        };
        (groups, all.into_iter().map(|(_, before)| before).collect())
    }

    /// The same with the changes among what was read, of subjects that are numbered as they stand here.
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
        }
    }

    /// Tells whether these are groups that a directory with such subjects may have.
    pub(super) fn is_whole(&self, subjects: &NameTable) -> bool {
        let is_sorted = |row: &[[u8; 4]]| {
            row.is_sorted_by(|a, b| number(a) < number(b)) && row.last().is_none_or(|last| number(last) < self.len())
        };
        let are_sorted = |rows: &Rows<4>| rows.is_whole() && (0..rows.len()).all(|row| is_sorted(rows.row(row)));
        let is_name = |name: &str| is_subject(name) && name.starts_with(GROUP);
        let is_unlisted = |id: &str| is_subject(id) && !id.starts_with(GROUP) && subjects.find(id).is_none();
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
    }

    pub(super) fn encode(&self, parts: &mut Parts) {
        self.names.encode(parts);
        self.nesting.parents.encode(parts);
        self.nesting.above.encode(parts);
        self.listed.encode(parts);
        self.unlisted.encode(parts);
        self.unlisted_in.encode(parts);
    }

    /// Reads the groups of so many subjects.
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

impl Nesting {
    fn new(reader: &mut Reader<'_>, at: &Path<'_>, names: &NameTable, parents: Vec<Vec<usize>>) -> Self {
        let above = close(reader, at, names, &parents);
        let rows = |rows: Vec<Vec<usize>>| Rows::of(rows.into_iter().map(|row| row.into_iter().map(cell)));
        Self { parents: rows(parents), above: rows(above) }
    }

    fn all_parents(&self) -> Vec<Vec<usize>> {
        (0..self.parents.len()).map(|group| self.parents.row(group).iter().map(number).collect()).collect()
    }

    /// Some groups and every group that holds one of them, however far; each once, in order.
    fn reached(&self, direct: &[[u8; 4]]) -> Vec<GroupId> {
        let mut above = Vec::new();
        // A snapshot that was not checked may give many the same row: all of them together hold what there is.
        let mut left = self.above.count();
        for group in groups(direct) {
            let row = self.above.row(group.index());
            let row = row.get(..left).unwrap_or(row);
            left -= row.len();
            above.extend_from_slice(row);
        }
        groups(&above)
    }
}

/// The groups of some cells, each once, in order.
pub(super) fn groups(cells: &[[u8; 4]]) -> Vec<GroupId> {
    let mut groups = Vec::with_capacity(cells.len());
    for cell in cells {
        groups.push(GroupId::new(number(cell)));
    }
    order::sort(&mut groups);
    groups.dedup();
    groups
}

fn cell(number: usize) -> [u8; 4] {
    narrow(number).to_le_bytes()
}

/// The groups of someone once a group lists it or no longer does; nothing where that is so already.
fn changed(groups: &[[u8; 4]], group: GroupId, listed: bool) -> Option<Column<4>> {
    let mut groups: Vec<usize> = groups.iter().map(number).collect();
    put(&mut groups, group.index(), listed).then(|| Column::<4>::of(groups))
}

/// Puts a thing into a sorted list or takes it out; tells whether that changes it.
fn put<T: Ord + Copy>(list: &mut Vec<T>, thing: T, listed: bool) -> bool {
    match list.binary_search(&thing) {
        Ok(place) if !listed => {
            list.remove(place);
            true
        }
        Err(place) if listed => {
            list.insert(place, thing);
            true
        }
        _ => false,
    }
}

/// Finds for each group itself and all above it, from the outermost groups inwards. Reports circles, what is nested too deep,
/// and more memberships than there may be.
fn close(reader: &mut Reader<'_>, at: &Path<'_>, names: &NameTable, parents: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut nesting = Closing::new(parents);
    let mut ready: Vec<usize> = (0..parents.len()).filter(|group| nesting.open(*group) == 0).collect();
    while let Some(group) = ready.pop() {
        if !nesting.complete(group, parents) {
            break;
        }
        for member in nesting.members.get(group).into_iter().flatten() {
            if let Some(open) = nesting.open.get_mut(*member) {
                *open -= 1;
                ready.extend((*open == 0).then_some(*member));
            }
        }
    }
    let most = (limits::MEMBERSHIPS, "memberships, counted at every level of nesting,");
    let is_within = reader.within(nesting.memberships, most, at)
        && reader.within(
            nesting.steps,
            (limits::NESTING_STEPS, "groups that hold groups, counted at every level,"),
            at,
        );
    let waiting: Vec<usize> = (0..parents.len()).filter(|group| nesting.open(*group) > 0).collect();
    if let Some(deep) = nesting.depths.iter().position(|depth| *depth > limits::GROUP_DEPTH) {
        let message = format!("groups are nested over more than {} levels", limits::GROUP_DEPTH);
        reader.issue(IssueCode::LimitExceeded, &at.key(names.name(deep)), message, None);
    } else if let Some(first) = waiting.first().filter(|_| is_within) {
        tell_circle(reader, at, names, parents, &waiting, *first);
    }
    nesting.above
}

/// What is known so far of groups in groups.
struct Closing {
    /// The groups that each group lists.
    members: Vec<Vec<usize>>,
    /// How many of those that list each group are not complete.
    open: Vec<usize>,
    above: Vec<Vec<usize>>,
    depths: Vec<usize>,
    /// The last group that each was found above.
    found: Vec<usize>,
    memberships: usize,
    steps: usize,
}

impl Closing {
    fn new(parents: &[Vec<usize>]) -> Self {
        let mut members = vec![Vec::new(); parents.len()];
        for (group, parents) in parents.iter().enumerate() {
            for parent in parents {
                if let Some(members) = members.get_mut(*parent) {
                    members.push(group);
                }
            }
        }
        let count = parents.len();
        let (above, depths, found) = (vec![Vec::new(); count], vec![0; count], vec![usize::MAX; count]);
        let open = parents.iter().map(Vec::len).collect();
        Self { members, open, above, depths, found, memberships: 0, steps: 0 }
    }

    fn open(&self, group: usize) -> usize {
        self.open.get(group).copied().unwrap_or(0)
    }

    /// Finds everything above a group, of which those that list it are complete; returns whether that is within the limits.
    fn complete(&mut self, group: usize, parents: &[Vec<usize>]) -> bool {
        let mut all = vec![group];
        if let Some(found) = self.found.get_mut(group) {
            *found = group;
        }
        let mut depth = 1;
        for parent in parents.get(group).into_iter().flatten() {
            let more = self.above.get(*parent).map(Vec::as_slice).unwrap_or_default();
            self.steps += more.len();
            if self.steps > limits::NESTING_STEPS || self.memberships + all.len() > limits::MEMBERSHIPS {
                self.memberships += all.len();
                return false;
            }
            for one in more {
                if let Some(found) = self.found.get_mut(*one).filter(|found| **found != group) {
                    *found = group;
                    all.push(*one);
                }
            }
            depth = depth.max(1 + self.depths.get(*parent).copied().unwrap_or(0));
        }
        if all.len() > self.found.len() / 16 {
            // So many are put in order faster by looking at every group.
            all = (0..).zip(&self.found).filter(|(_, found)| **found == group).map(|(one, _)| one).collect();
        } else {
            order::sort(&mut all);
        }
        self.memberships += all.len();
        if let (Some(above), Some(known)) = (self.above.get_mut(group), self.depths.get_mut(group)) {
            (*above, *known) = (all, depth);
        }
        depth <= limits::GROUP_DEPTH && self.memberships <= limits::MEMBERSHIPS
    }
}

fn tell_circle(
    reader: &mut Reader<'_>,
    at: &Path<'_>,
    names: &NameTable,
    parents: &[Vec<usize>],
    waiting: &[usize],
    first: usize,
) {
    let open = order::set(waiting.iter().copied());
    let mut walk = vec![first];
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    places.insert(first, 0);
    while let Some(last) = walk.last().copied() {
        let Some(next) = parents.get(last).into_iter().flatten().copied().find(|parent| open.contains(parent)) else {
            let message = format!("groups are nested over more than {} levels", limits::GROUP_DEPTH);
            return reader.issue(IssueCode::LimitExceeded, &at.key(names.name(first)), message, None);
        };
        if let Some(entry) = places.insert(next, walk.len()) {
            let circle: Vec<String> =
                walk.iter().skip(entry).chain([&next]).rev().map(|group| format!("`{}`", names.name(*group))).collect();
            let message = format!("groups hold each other in a circle: {}", circle.join(" > "));
            return reader.issue(IssueCode::GroupCycle, &at.key(names.name(next)), message, None);
        }
        walk.push(next);
    }
    reader.issue(IssueCode::GroupCycle, at, "groups hold each other in a circle".to_string(), None);
}
