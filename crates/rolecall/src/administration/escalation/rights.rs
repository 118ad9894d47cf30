//! Rights, and the values and labels that they apply to.

use crate::policy::{PermissionId, Role};
use crate::storage::arena::{BoundaryId, Id};
use crate::storage::bits::Bits;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Values in a boundary, sorted; `None` for all values.
pub(super) type Values<'d> = Option<Vec<&'d str>>;

/// The values to which assignments limit a permission: for each assignment, its boundaries with their values.
pub(super) type Limits<'d> = Vec<Vec<(BoundaryId, Values<'d>)>>;

/// The rights of a person at a scope and a time.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Rights<'d> {
    pub(super) permissions: Bits,
    /// The labels that are read, one bit each.
    pub(super) reads: u64,
    /// The boundaries that are lifted, one bit each.
    pub(super) unbounded: u64,
    /// Whether login by a mailed link is allowed.
    pub(super) backup_login: bool,
    /// The labels of the items to which the permissions apply, one bit each.
    pub(super) labels: u64,
    /// Further permissions, which apply to items with a label in `reads`.
    pub(super) others: Bits,
    /// The values in each boundary, by its number.
    pub(super) values: Vec<Values<'d>>,
    /// The permissions that every assignment limits, by their number.
    pub(super) limits: BTreeMap<usize, Limits<'d>>,
}

impl Rights<'_> {
    /// Returns the rights of a role. They have no values, because values belong to its holder.
    pub(super) fn of_role(role: &Role) -> Self {
        Self {
            permissions: role.all_permissions.clone(),
            reads: role.reads,
            unbounded: role.unbounded,
            backup_login: role.backup_login,
            labels: role.reads,
            others: Bits::default(),
            values: Vec::new(),
            limits: BTreeMap::new(),
        }
    }

    /// Returns the labels to which a permission applies; `None` if it is not among the rights.
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

/// Returns the values of rights in a boundary.
pub(super) fn value<'r, 'd>(rights: &'r Rights<'d>, boundary: BoundaryId) -> &'r Values<'d> {
    rights.values.get(boundary.index()).unwrap_or(&NO_VALUES)
}

/// Returns whether all values are among others.
pub(super) fn within(values: &Values<'_>, others: &Values<'_>) -> bool {
    match (values, others) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(values), Some(others)) => values.iter().all(|value| others.binary_search(value).is_ok()),
    }
}

/// Returns the values of a limit in a boundary.
fn value_in<'l, 'd>(limit: &'l [(BoundaryId, Values<'d>)], boundary: BoundaryId) -> &'l Values<'d> {
    limit.iter().find(|(id, _)| *id == boundary).map_or(&ALL_VALUES, |(_, values)| values)
}

/// The values of rights to a permission in each boundary that limits it, and those of other rights.
pub(super) type Limiting<'r, 'd> = [(BoundaryId, [&'r Values<'d>; 2])];

/// Returns the first boundary and value for which an assignment gives a permission and no other assignment does. `None`
/// limits mean one assignment without values.
///
/// An item that fits an assignment has values that its holder and the assignment have. So it is enough that the values
/// of either are within those of the other holder, and within those of one other assignment.
pub(super) fn uncovered<'d>(
    limiting: &Limiting<'_, 'd>,
    gets: Option<&Limits<'d>>,
    other: Option<&Limits<'d>>,
) -> Option<(BoundaryId, Option<&'d str>)> {
    let free: Limits<'d> = [Vec::new()].into();
    let (gets, other) = (gets.unwrap_or(&free), other.unwrap_or(&free));
    let lacking = |one: &[(BoundaryId, Values<'d>)], wider: &[(BoundaryId, Values<'d>)]| {
        limiting.iter().find_map(|(id, [values, held])| {
            let (limit, wide) = (value_in(one, *id), value_in(wider, *id));
            let narrow = if limit.is_some() { limit } else { values };
            let missing = [*held, wide].into_iter().find(|held| !within(values, held) && !within(limit, held))?;
            let value = match (narrow, missing) {
                (Some(narrow), Some(held)) => narrow.iter().find(|value| held.binary_search(value).is_err()).copied(),
                _ => None,
            };
            Some((*id, value))
        })
    };
    gets.iter().find_map(|one| {
        let mut wider = other.iter().map(|wider| lacking(one, wider));
        let first = wider.next()?;
        if first.is_none() || wider.any(|lacking| lacking.is_none()) { None } else { first }
    })
}

/// Translates numbers between policies: for each number of the new policy, the number in the old one.
pub(super) struct Numbers {
    pub(super) permissions: Vec<Option<usize>>,
    pub(super) labels: Vec<Option<usize>>,
    pub(super) boundaries: Vec<Option<usize>>,
}
