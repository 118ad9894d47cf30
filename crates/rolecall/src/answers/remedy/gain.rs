//! Measures how much a set of changes gives.

use crate::policy::{Policy, Role};
use crate::storage::bits::Bits;

/// Permissions, labels and lifted boundaries that roles give.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Gain {
    permissions: Bits,
    reads: u64,
    unbounded: u64,
}

impl Gain {
    pub(super) fn none(policy: &Policy) -> Self {
        Self { permissions: Bits::new(policy.resources.count()), reads: 0, unbounded: 0 }
    }

    /// Returns how much a role gives.
    pub(super) fn size_of(role: &Role) -> usize {
        role.all_permissions.count() + (role.reads.count_ones() + role.unbounded.count_ones()) as usize
    }

    pub(super) fn add(&mut self, role: &Role) {
        self.permissions.add(&role.all_permissions);
        self.reads |= role.reads;
        self.unbounded |= role.unbounded;
    }

    pub(super) fn less(&self, held: &Self) -> Self {
        let mut rest = self.clone();
        rest.permissions.subtract(&held.permissions);
        rest.reads &= !held.reads;
        rest.unbounded &= !held.unbounded;
        rest
    }

    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.permissions.is_subset(&other.permissions)
            && self.reads & !other.reads == 0
            && self.unbounded & !other.unbounded == 0
    }

    pub(super) fn size(&self) -> usize {
        self.permissions.count() + (self.reads.count_ones() + self.unbounded.count_ones()) as usize
    }
}
