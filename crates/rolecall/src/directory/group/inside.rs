//! The groups and subjects in a group: indexes that are made at the first question.

use super::{Groups, cell};
use crate::storage::arena::{GroupId, Id, SubjectKey};
use crate::storage::column::{Rows, number};
use crate::storage::order;
use alloc::vec::Vec;

/// For each group, the group itself and every group in it, directly or indirectly, sorted.
#[derive(Clone, Debug)]
pub(super) struct Below(Rows<4>);

/// For each group, the loaded subjects that it lists, sorted.
#[derive(Clone, Debug)]
pub(super) struct Members(Rows<4>);

impl Groups {
    /// Returns some groups and every group in them, each once, sorted.
    pub(in crate::directory) fn below(&self, groups: &[GroupId]) -> Vec<GroupId> {
        let rows = &self.below.get(|| Below(reversed(&self.nesting.above, self.len()))).0;
        let inside = groups.iter().flat_map(|group| rows.row(group.index()));
        order::unique(inside.map(|group| GroupId::new(number(group))))
    }

    /// Returns the subjects that some groups list, each once, sorted by number. `groups` is sorted.
    pub(in crate::directory) fn members(&self, groups: &[GroupId]) -> Vec<SubjectKey> {
        order::unique(self.each_member(groups))
    }

    /// Returns whether one of some groups lists a subject. `groups` is sorted.
    pub(in crate::directory) fn have_members(&self, groups: &[GroupId]) -> bool {
        self.each_member(groups).next().is_some()
    }

    fn each_member(&self, groups: &[GroupId]) -> impl Iterator<Item = SubjectKey> {
        let rows = &self.members.get(|| Members(reversed(&self.listed, self.len()))).0;
        let listed = groups.iter().flat_map(|group| rows.row(group.index()));
        let listed = listed.map(|subject| SubjectKey::new(number(subject)));
        let lists = |group: &[u8; 4]| groups.binary_search(&GroupId::new(number(group))).is_ok();
        let changed = self.changed.iter().filter(move |(_, of)| of.cells().iter().any(lists));
        listed.filter(|one| !self.changed.contains_key(one)).chain(changed.map(|(subject, _)| *subject))
    }
}

/// Returns for each of `count` groups the rows that contain it.
fn reversed(rows: &Rows<4>, count: usize) -> Rows<4> {
    // A snapshot that was not checked may give the same cells to many rows.
    if !rows.is_in_order() {
        return Rows::default();
    }
    let of = |row: usize| rows.row(row).iter().map(move |group| (number(group), cell(row)));
    let cells: Vec<(usize, [u8; 4])> = (0..rows.len()).flat_map(of).filter(|(group, _)| *group < count).collect();
    Rows::sorted(count, &cells)
}
