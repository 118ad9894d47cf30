//! Who holds a role, and who is in a group.

use super::assignment::Wanted;
use super::{Assignment, Directory, Holder};
use crate::storage::arena::{GroupId, RoleId, ScopeId, SubjectKey};
use crate::storage::order;
use alloc::vec::Vec;

impl Directory {
    /// Passes each assignment of some roles to `found`, with its holder, in no particular order. `roles` is sorted.
    /// `scopes` has the scopes of the assignments, sorted; without it, those at all scopes count. With `of_groups`, only the
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

    /// Returns the roles that assignments at some scopes can have, sorted. `scopes` is sorted and contains, with each
    /// scope, the scopes above it.
    pub(crate) fn roles_at(&self, scopes: &[ScopeId]) -> impl Iterator<Item = RoleId> {
        let home = |role: &RoleId| self.variant_scope(*role).or(self.role(*role).scope);
        self.role_ids().filter(move |role| home(role).is_none_or(|home| scopes.binary_search(&home).is_ok()))
    }

    /// Returns the subjects that hold one of some roles at some scopes by assignments that `counts` accepts, themselves
    /// or through groups, each once. Roles that everyone has do not count. `roles` and `scopes` are sorted.
    pub(crate) fn subjects_with(
        &self,
        roles: &[RoleId],
        scopes: &[ScopeId],
        counts: &dyn Fn(&Assignment) -> bool,
    ) -> Vec<SubjectKey> {
        let (mut subjects, mut groups) = (Vec::new(), Vec::new());
        self.each_of_roles(roles, Some(scopes), false, &mut |holder, one| match holder {
            _ if !counts(&one) => {}
            Holder::Subject(key) => subjects.push(key),
            Holder::Group(_) if self.is_everyone(Some(holder)) => {}
            Holder::Group(group) => groups.push(group),
        });
        subjects.extend(self.members_of(&self.groups_below(&groups)));
        order::unique(subjects)
    }
}
