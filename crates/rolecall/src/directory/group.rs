//! Groups, which may hold groups.

use super::names::NameTable;
use crate::arena::{GroupId, Id, SubjectKey};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::limits;
use crate::names::GROUP;
use crate::order;
use crate::suggest;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::HashMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    names: Arc<NameTable>,
    nesting: Arc<Nesting>,
    listed: Listed,
    /// The groups that list each subject of which that was changed since `listed` was read.
    changed: HashMap<SubjectKey, Arc<[GroupId]>>,
    /// The groups that list someone who is not listed as a subject, and holds nothing yet.
    unlisted: Arc<HashMap<Box<str>, Vec<GroupId>>>,
}

/// Groups in groups.
#[derive(Debug, Default)]
struct Nesting {
    /// For each group those that list it, sorted.
    parents: Vec<Vec<usize>>,
    /// For each group itself and every group that holds it, however far.
    above: Vec<Vec<GroupId>>,
}

/// The groups that list each subject, one after another.
#[derive(Clone, Debug, Default)]
struct Listed {
    /// Where those of each subject begin in `direct`, and the end of all; empty where no subject is listed.
    starts: Arc<[usize]>,
    direct: Arc<[GroupId]>,
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
        if super::subject::check_id(reader, name, &at.key(name)) && !name.starts_with(GROUP) {
            let help = Some(format!("call it `{GROUP}{name}`"));
            let message = format!("`{name}` does not begin with `{GROUP}`");
            reader.issue(IssueCode::GroupMalformed, &at.key(name), message, help);
        }
        names.push(name);
    }
    order::sort(&mut names);
    NameTable::new(names)
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
        let mut direct: Vec<(usize, GroupId)> = Vec::new();
        let mut unlisted: HashMap<Box<str>, Vec<GroupId>> = HashMap::new();
        for (name, value) in groups {
            let at = at.key(name);
            let Some(object) = reader.object(value, &at, &["title", "members"]) else { continue };
            if let Some(title) = object.get("title", &at) {
                reader.prose(title.value, &title.at);
            }
            let Some(members) = object.get("members", &at) else { continue };
            let Some(group) = names.find(name) else { continue };
            for (index, member) in reader.list(members.value, &members.at, limits::SUBJECTS).iter().enumerate() {
                let at = members.at.index(index);
                let Some(member) =
                    reader.text(member, &at).filter(|member| super::subject::check_id(reader, member, &at))
                else {
                    continue;
                };
                if !member.starts_with(GROUP) {
                    match subjects.find(member) {
                        Some(subject) => direct.push((subject, GroupId::new(group))),
                        None => {
                            put(unlisted.entry(member.into()).or_default(), GroupId::new(group), true);
                        }
                    }
                } else if let Some(junior) = names.find(member).and_then(|junior| parents.get_mut(junior)) {
                    junior.push(group);
                } else {
                    let help = suggest::did_you_mean(member, names.iter());
                    reader.issue(IssueCode::GroupUnknown, &at, format!("there is no group `{member}`"), help);
                }
            }
        }
        for parents in &mut parents {
            order::sort(parents);
            parents.dedup();
        }
        let above = close(reader, at, &names, &parents);
        order::sort(&mut direct);
        direct.dedup();
        let last = if direct.is_empty() { 0 } else { subjects.len() + 1 };
        let starts = (0..last).map(|subject| direct.partition_point(|(other, _)| *other < subject)).collect();
        let listed = Listed { starts, direct: direct.into_iter().map(|(_, group)| group).collect() };
        Self {
            names: Arc::new(names),
            nesting: Arc::new(Nesting { parents, above }),
            listed,
            changed: HashMap::new(),
            unlisted: Arc::new(unlisted),
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
                let mut groups = self.listing(*subject).to_vec();
                let changed = put(&mut groups, group, listed);
                if changed {
                    self.changed.insert(*subject, groups.into());
                }
                changed
            }
            Member::Unlisted(id) => {
                let known = self.unlisted.get(*id).is_some_and(|groups| groups.contains(&group));
                if known == listed {
                    return false;
                }
                let groups = Arc::make_mut(&mut self.unlisted).entry((*id).into()).or_default();
                put(groups, group, listed)
            }
            Member::Group(junior) => {
                let mut parents = self.nesting.parents.clone();
                let changed = parents.get_mut(junior.index()).is_some_and(|of| put(of, group.index(), listed));
                if changed {
                    let above = close(reader, at, &self.names, &parents);
                    if reader.is_clean() {
                        self.nesting = Arc::new(Nesting { parents, above });
                    }
                }
                changed
            }
        }
    }

    pub(super) fn name(&self, group: GroupId) -> &str {
        self.names.name(group.index())
    }

    pub(super) fn find(&self, name: &str) -> Option<GroupId> {
        self.names.find(name).map(GroupId::new)
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter()
    }

    pub(super) fn of(&self, subject: SubjectKey) -> BTreeSet<GroupId> {
        self.with_above(self.listing(subject))
    }

    /// Tells whether any group lists a subject.
    #[inline]
    pub(super) fn list_subjects(&self) -> bool {
        !self.listed.direct.is_empty() || !self.changed.is_empty()
    }

    /// The groups of a subject, those that are nested included; a group may come several times.
    pub(super) fn reached(&self, subject: SubjectKey) -> impl Iterator<Item = GroupId> {
        self.listing(subject).iter().filter_map(|group| self.nesting.above.get(group.index())).flatten().copied()
    }

    /// The groups that list a subject.
    fn listing(&self, subject: SubjectKey) -> &[GroupId] {
        let changed = if self.changed.is_empty() { None } else { self.changed.get(&subject) };
        match changed {
            Some(groups) => groups,
            None => self.listed.of(subject),
        }
    }

    /// The groups that someone would belong to if it were listed.
    pub(super) fn of_unlisted(&self, subject: &str) -> BTreeSet<GroupId> {
        self.with_above(self.unlisted.get(subject).map(Vec::as_slice).unwrap_or_default())
    }

    fn with_above(&self, direct: &[GroupId]) -> BTreeSet<GroupId> {
        order::set(direct.iter().filter_map(|group| self.nesting.above.get(group.index())).flatten().copied())
    }
}

impl Listed {
    fn of(&self, subject: SubjectKey) -> &[GroupId] {
        let bounds = self.starts.get(subject.index()).zip(self.starts.get(subject.index() + 1));
        bounds.and_then(|(start, end)| self.direct.get(*start..*end)).unwrap_or_default()
    }
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

/// For each group itself and all above it; tells circles and what is nested too deep.
fn close(reader: &mut Reader<'_>, at: &Path<'_>, names: &NameTable, parents: &[Vec<usize>]) -> Vec<Vec<GroupId>> {
    let mut above: Vec<Option<BTreeSet<usize>>> = vec![None; parents.len()];
    let mut depths: Vec<usize> = vec![0; parents.len()];
    let mut waiting: Vec<usize> = (0..parents.len()).collect();
    let mut memberships = 0;
    // Every round completes a level at least.
    for _ in 0..=limits::GROUP_DEPTH {
        if memberships > limits::MEMBERSHIPS {
            break;
        }
        let before = waiting.len();
        waiting.retain(|group| {
            let mut all = order::set([*group]);
            let mut depth = 1;
            for parent in parents.get(*group).into_iter().flatten() {
                match above.get(*parent).and_then(Option::as_ref) {
                    Some(more) => {
                        all.extend(more);
                        depth = depth.max(1 + depths.get(*parent).copied().unwrap_or(0));
                    }
                    None => return true,
                }
            }
            memberships += all.len();
            if let Some(known) = depths.get_mut(*group) {
                *known = depth;
            }
            if let Some(slot) = above.get_mut(*group) {
                *slot = Some(all);
            }
            false
        });
        if waiting.len() == before {
            break;
        }
    }
    reader.within(memberships, limits::MEMBERSHIPS, at);
    if let Some(first) = waiting.first() {
        tell_circle(reader, at, names, parents, &waiting, *first);
    } else if let Some(deep) = depths.iter().position(|depth| *depth > limits::GROUP_DEPTH) {
        let message = format!("groups are nested over more than {} levels", limits::GROUP_DEPTH);
        reader.issue(IssueCode::LimitExceeded, &at.key(names.name(deep)), message, None);
    }
    let numbers = |set: Option<BTreeSet<usize>>| set.into_iter().flatten().map(GroupId::new).collect();
    above.into_iter().map(numbers).collect()
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
    while let Some(last) = walk.last().copied() {
        let Some(next) = parents.get(last).into_iter().flatten().copied().find(|parent| open.contains(parent)) else {
            let message = format!("groups are nested over more than {} levels", limits::GROUP_DEPTH);
            return reader.issue(IssueCode::LimitExceeded, &at.key(names.name(first)), message, None);
        };
        if let Some(entry) = walk.iter().position(|seen| *seen == next) {
            let circle: Vec<String> =
                walk.iter().skip(entry).chain([&next]).rev().map(|group| format!("`{}`", names.name(*group))).collect();
            let message = format!("groups hold each other in a circle: {}", circle.join(" > "));
            return reader.issue(IssueCode::GroupCycle, &at.key(names.name(next)), message, None);
        }
        walk.push(next);
    }
    reader.issue(IssueCode::GroupCycle, at, "groups hold each other in a circle".to_string(), None);
}
