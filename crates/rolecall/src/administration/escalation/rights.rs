//! The rights that someone holds, and the values that they apply them to.

use crate::policy::{PermissionId, Role};
use crate::storage::arena::{BoundaryId, Id};
use crate::storage::bits::Bits;
use alloc::vec::Vec;

/// Values in a boundary, sorted; nothing for all values.
pub(super) type Values<'d> = Option<Vec<&'d str>>;

/// Everything that someone holds at a scope and an instant.
#[derive(Clone, Default)]
pub(super) struct Rights<'d> {
    pub(super) permissions: Bits,
    pub(super) reads: u64,
    pub(super) unbounded: u64,
    pub(super) backup_login: bool,
    /// The labels of the items to which the permissions apply.
    pub(super) labels: u64,
    /// Further permissions, which apply to items with a label in `reads`.
    pub(super) others: Bits,
    /// The values in each boundary, by its number.
    pub(super) values: Vec<Values<'d>>,
}

impl Rights<'_> {
    /// The rights of a role, without values: those are its holder's.
    pub(super) fn of_role(role: &Role) -> Self {
        Self {
            permissions: role.all_permissions.clone(),
            reads: role.reads,
            unbounded: role.unbounded,
            backup_login: role.backup_login,
            labels: role.reads,
            others: Bits::default(),
            values: Vec::new(),
        }
    }

    /// The labels to which a permission applies; nothing where it applies to none and is not among the rights.
    pub(super) fn labels_of(&self, permission: PermissionId) -> Option<u64> {
        if self.permissions.contains(permission.bit()) {
            return Some(self.labels);
        }
        Some(self.reads).filter(|reads| *reads != 0 && self.others.contains(permission.bit()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.permissions.is_empty() && self.reads == 0 && self.unbounded == 0 && !self.backup_login
    }
}

pub(super) static NO_VALUES: Values<'static> = Some(Vec::new());
pub(super) static ALL_VALUES: Values<'static> = None;

/// The values of rights in a boundary.
pub(super) fn value<'r, 'd>(rights: &'r Rights<'d>, boundary: BoundaryId) -> &'r Values<'d> {
    rights.values.get(boundary.index()).unwrap_or(&NO_VALUES)
}

/// Tells whether values are among others.
pub(super) fn within(values: &Values<'_>, others: &Values<'_>) -> bool {
    match (values, others) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(values), Some(others)) => values.iter().all(|value| others.binary_search(value).is_ok()),
    }
}

/// How the numbers of one policy are those of another: for each number there the number here.
pub(super) struct Numbers {
    pub(super) permissions: Vec<Option<usize>>,
    pub(super) labels: Vec<Option<usize>>,
    pub(super) boundaries: Vec<Option<usize>>,
}
