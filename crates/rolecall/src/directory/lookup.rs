//! Queries of the index: the roles of a subject, without collecting them.

use super::Directory;
use super::assignment::Holder;
use super::index::{Index, MaskBlock};
use super::settings::Governing;
use crate::policy::PermissionId;
use crate::storage::arena::{Id, RoleId, ScopeId, SubjectKey};
use crate::storage::bits::Bits;
use crate::types::grammar::APPLICATION;
use crate::types::timestamp::Timestamp;
use alloc::vec::Vec;

/// The number of groups of a subject up to which each is checked without collecting.
const FEW: usize = 8;

/// Returns whether a bit is set.
fn bit(words: &[u64], number: usize) -> bool {
    words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
}

impl Directory {
    pub(super) fn indexed(&self) -> Index {
        let blocks = self.policy.resources.count().div_ceil(64).div_ceil(MaskBlock::default().len());
        let mut masks = Vec::new();
        let mut standalone = Bits::new(self.role_ids().count());
        for (number, role) in self.all_roles().enumerate() {
            masks.resize((number + 1) * blocks, MaskBlock::default());
            let words = masks.iter_mut().skip(number * blocks).flatten();
            words.zip(role.all_permissions.words()).for_each(|(word, held)| *word = *held);
            if role.standalone {
                standalone.insert(number);
            }
        }
        let mut open = Bits::full(self.scopes.len());
        let restricts = |one: &&Governing| one.networks.is_some() || one.second_factor;
        let restricted = self.governing.iter().filter(restricts).map(|one| one.scope);
        self.all_below(restricted).for_each(|scope| open.remove(scope.index()));
        Index { masks: masks.into(), blocks, standalone: standalone.words().into(), open: open.words().into() }
    }

    /// Returns whether a role holds a permission, directly or by inheritance.
    pub(crate) fn holds(&self, role: RoleId, permission: PermissionId) -> bool {
        let word = self.index.blocks * MaskBlock::default().len() * role.index() + permission.bit() / 64;
        self.index.masks.as_flattened().get(word).is_some_and(|mask| mask >> (permission.bit() % 64) & 1 == 1)
    }

    /// Returns the permissions of a role, one bit each.
    pub(crate) fn mask(&self, role: RoleId) -> &[MaskBlock] {
        let start = role.index() * self.index.blocks;
        self.index.masks.get(start..start + self.index.blocks).unwrap_or_default()
    }

    /// Returns the first block of the permissions of a role.
    #[inline]
    pub(crate) fn first_mask(&self, role: RoleId) -> &MaskBlock {
        self.index.masks.get(role.index() * self.index.blocks).unwrap_or(&[0; 4])
    }

    pub(crate) fn is_standalone(&self, role: RoleId) -> bool {
        bit(&self.index.standalone, role.index())
    }

    /// Returns whether a subject is active and not support staff, so no guard on its status can deny it.
    #[inline]
    pub(crate) fn is_plain(&self, subject: SubjectKey) -> bool {
        self.subjects.is_plain(subject)
    }

    /// Returns whether a subject is an application.
    pub(crate) fn is_application(&self, subject: SubjectKey) -> bool {
        self.subject_name(subject).starts_with(APPLICATION)
    }

    /// Returns the groups of each lock of an item that applies at a scope: those at the scope and above it, innermost
    /// first.
    pub(crate) fn locks_of(&self, item: &str, scope: ScopeId) -> Vec<(ScopeId, Vec<&str>)> {
        let mut locks = Vec::new();
        for at in self.path(scope) {
            let groups = self.locks.groups(at, item);
            if !groups.is_empty() {
                locks.push((at, groups));
            }
        }
        locks
    }

    /// Returns the locks at a scope, by item: the id and the groups.
    pub(crate) fn locks_at(&self, scope: ScopeId) -> Vec<(&str, Vec<&str>)> {
        self.locks.at(scope)
    }

    /// Returns the scopes with locks in a range of numbers, in order.
    pub(crate) fn lock_scopes(&self, range: core::ops::Range<usize>) -> Vec<ScopeId> {
        self.locks.scopes(range)
    }

    /// Returns whether no scope on the path restricts addresses or requires two-step verification.
    pub(crate) fn is_open(&self, scope: ScopeId) -> bool {
        bit(&self.index.open, scope.index())
    }

    /// Returns the loaded, active roles of a subject that cover a scope. [`any_other_role`](Self::any_other_role)
    /// checks all others.
    #[inline]
    pub(crate) fn own_roles(
        &self,
        subject: SubjectKey,
        scope: ScopeId,
        time: Timestamp,
    ) -> impl Iterator<Item = RoleId> {
        self.assignments.read_roles(subject, scope, time, move |above| self.covers(above, scope))
    }

    /// Returns whether `fits` accepts another active role that covers a scope: a role of a group of the subject, or of
    /// an assignment after a single change. Nothing is collected.
    #[inline]
    pub(crate) fn any_other_role(
        &self,
        subject: SubjectKey,
        scope: ScopeId,
        time: Timestamp,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        (self.assignments.have_changed() || self.groups.list_subjects())
            && self.any_role_since(subject, scope, time, fits)
    }

    #[inline(never)]
    fn any_role_since(
        &self,
        subject: SubjectKey,
        scope: ScopeId,
        time: Timestamp,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        let covers = |above| self.covers(above, scope);
        self.assignments.any_since(Holder::Subject(subject), scope, time, &covers, fits)
            || self.any_role_of_groups(subject, scope, time, &covers, fits)
    }

    /// Checks the roles of the groups of a subject.
    fn any_role_of_groups(
        &self,
        subject: SubjectKey,
        at: ScopeId,
        time: Timestamp,
        covers: &dyn Fn(ScopeId) -> bool,
        fits: &mut dyn FnMut(RoleId) -> bool,
    ) -> bool {
        // A snapshot that was not checked may give the same assignments to many groups.
        let (mut left, mut more) = (FEW * self.assignments_read(), true);
        let mut any = |group| {
            let holder = Holder::Group(group);
            let is_possible = more;
            let read = self.assignments_read_of(holder);
            (left, more) = (left.saturating_sub(read), left >= read);
            is_possible && self.assignments.any(holder, at, time, covers, fits)
        };
        match self.groups.reached_by_few(subject, FEW) {
            Some(mut groups) => groups.any(any),
            // Collect each group once: many groups may be in one with many assignments.
            None => self.groups.of(subject).into_iter().any(&mut any),
        }
    }
}
