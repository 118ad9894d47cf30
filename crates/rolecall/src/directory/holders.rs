//! Who holds a role, and who is in a group.

use super::assignment::Wanted;
use super::{Assignment, Directory, Holder};
use crate::storage::arena::{GroupId, RoleId, ScopeId, SubjectKey};
use alloc::vec::Vec;

impl Directory {
    /// Passes each assignment of some roles to `found`, with its holder, in no particular order. `roles` is sorted.
    /// `scopes` has the scopes of the assignments; without it, those at all scopes count. With `of_groups`, only the
    /// assignments of groups count.
    pub(crate) fn each_of_roles(
        &self,
        roles: &[RoleId],
        scopes: Option<&[ScopeId]>,
        of_groups: bool,
        found: &mut dyn FnMut(Holder, Assignment),
    ) {
        let wanted = Wanted { roles, scopes, of_groups };
        self.assignments.each_wanted(wanted, (self.role_count(), self.scopes.len()), found);
    }

    /// Returns some groups and every group in them, directly or indirectly, each once, sorted.
    pub(crate) fn groups_below(&self, groups: &[GroupId]) -> Vec<GroupId> {
        self.groups.below(groups)
    }

    /// Returns whether one of some groups lists a listed subject. `groups` is sorted.
    pub(crate) fn have_members(&self, groups: &[GroupId]) -> bool {
        self.groups.have_members(groups)
    }

    /// Returns the listed subjects that some groups list, each once. `groups` is sorted.
    pub(crate) fn members_of(&self, groups: &[GroupId]) -> Vec<SubjectKey> {
        self.groups.members(groups)
    }
}
