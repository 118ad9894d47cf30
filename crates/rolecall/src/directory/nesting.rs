//! Groups in groups.

use super::name_table::NameTable;
use crate::document::{IssueCode, Path, Reader};
use crate::storage::arena::{GroupId, Id};
use crate::storage::column::{Rows, narrow, number};
use crate::storage::order;
use crate::types::limits;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// The nesting of groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// For each group, the groups that list it, sorted.
    pub(super) parents: Rows<4>,
    /// For each group, the group itself and every group that contains it, directly or indirectly.
    pub(super) above: Rows<4>,
}

impl Nesting {
    pub(super) fn new(reader: &mut Reader<'_>, at: &Path<'_>, names: &NameTable, parents: Vec<Vec<usize>>) -> Self {
        let above = close(reader, at, names, &parents);
        let rows = |rows: Vec<Vec<usize>>| Rows::of(rows.into_iter().map(|row| row.into_iter().map(cell)));
        Self { parents: rows(parents), above: rows(above) }
    }

    pub(super) fn all_parents(&self) -> Vec<Vec<usize>> {
        (0..self.parents.len()).map(|group| self.parents.row(group).iter().map(number).collect()).collect()
    }

    /// Returns the groups and every group that contains one of them, directly or indirectly, each once, sorted.
    pub(super) fn reached(&self, direct: &[[u8; 4]]) -> Vec<GroupId> {
        let mut above = Vec::new();
        // A snapshot that was not checked may give the same row to many groups. No result has more than all cells.
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

/// Returns the groups of some cells, each once, sorted.
pub(super) fn groups(cells: &[[u8; 4]]) -> Vec<GroupId> {
    let mut groups = Vec::with_capacity(cells.len());
    for cell in cells {
        groups.push(GroupId::new(number(cell)));
    }
    order::sort(&mut groups);
    groups.dedup();
    groups
}

pub(super) fn cell(number: usize) -> [u8; 4] {
    narrow(number).to_le_bytes()
}

/// Computes for each group the group itself and all groups above it, from the outermost groups inwards. Reports
/// circles, too deep nesting, and too many memberships.
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
        report_circle(reader, at, names, parents, &waiting, *first);
    }
    nesting.above
}

/// The progress of the computation.
struct Closing {
    /// The members of each group that are groups.
    members: Vec<Vec<usize>>,
    /// For each group, the number of groups that list it and are not complete.
    open: Vec<usize>,
    above: Vec<Vec<usize>>,
    depths: Vec<usize>,
    /// The last group for which each group was found.
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

    /// Collects all groups above a group; those that list it are complete. Returns whether the limits hold.
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
            for above in more {
                if let Some(found) = self.found.get_mut(*above).filter(|found| **found != group) {
                    *found = group;
                    all.push(*above);
                }
            }
            depth = depth.max(1 + self.depths.get(*parent).copied().unwrap_or(0));
        }
        if all.len() > self.found.len() / 16 {
            // For this many, scanning all groups is faster than sorting.
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

fn report_circle(
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
