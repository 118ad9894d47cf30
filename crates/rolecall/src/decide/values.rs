//! The boundary values to which assignments limit a permission.
//!
//! An assignment with values grants, for actions that the boundary limits, only for items whose values fit. If another
//! active assignment grants the permission without values, nothing is limited.

use crate::decide::guard;
use crate::decide::resolved::{AssignedRole, Evaluation};
use crate::policy::PermissionId;
use crate::storage::arena::{BoundaryId, Id};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::action::Actions;
use crate::types::context::Item;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The values of one assignment in each boundary that limits an action.
pub(crate) type Limit<'a> = Vec<(BoundaryId, &'a [Box<str>])>;

/// Returns the values of each active assignment that grants a permission, in boundaries that limit its action. `None` if
/// nothing grants it, or an assignment grants it without such values.
pub(crate) fn limits<'a>(evaluation: &Evaluation<'a>, permission: PermissionId) -> Option<Vec<Limit<'a>>> {
    let directory = evaluation.inputs.directory;
    if !directory.has_limits() {
        return None;
    }
    let action = directory.policy.resources.action(permission);
    let mut found = Vec::new();
    for assigned in evaluation.active() {
        if directory.role(assigned.role).all_permissions.contains(permission.bit()) {
            found.push(limit(evaluation, assigned, action).filter(|limit| !limit.is_empty())?);
        }
    }
    (!found.is_empty()).then(|| order::unique(found))
}

/// Returns which of the granted permissions an assignment may limit.
pub(crate) fn limited(evaluation: &Evaluation<'_>, granted: &Bits) -> Vec<PermissionId> {
    if !evaluation.inputs.resolved.held.iter().any(|held| held.limit.is_some()) {
        return Vec::new();
    }
    let directory = evaluation.inputs.directory;
    let mut limited = granted.clone();
    for assigned in evaluation.active().filter(|assigned| assigned.limit.is_none()) {
        limited.subtract(&directory.role(assigned.role).all_permissions);
    }
    limited.iter().map(PermissionId::new).collect()
}

/// Returns the values of an assignment in the boundaries that limit an action; `None` if it has no values.
fn limit<'a>(evaluation: &Evaluation<'a>, assigned: &AssignedRole, action: Actions) -> Option<Limit<'a>> {
    let directory = evaluation.inputs.directory;
    let number = assigned.limit?;
    let boundaries = directory.policy.guards.boundaries.iter();
    let limiting = boundaries.filter(|(_, rule)| rule.limits.intersects(action)).map(|(id, _)| id);
    // A snapshot that was not checked may lack the values. Then no item fits.
    let Some(values) = directory.limit(number) else { return Some(limiting.map(|id| (id, &[][..])).collect()) };
    let own = |id: BoundaryId| values.iter().find(|(known, _)| *known == id).map(|(_, values)| (id, &**values));
    Some(limiting.filter_map(own).collect())
}

/// Returns the boundaries that deny an item because no assignment that grants the permission fits it, one bit each.
pub(crate) fn unfitting(evaluation: &Evaluation<'_>, permission: PermissionId, item: &Item) -> u64 {
    let boundaries = &evaluation.inputs.directory.policy.guards.boundaries;
    let mut denying = 0;
    for limit in limits(evaluation, permission).unwrap_or_default() {
        let failing = limit.iter().filter(|(id, values)| {
            let values: Vec<&str> = values.iter().map(|value| &**value).collect();
            !guard::boundary::fits(evaluation, item, (*id, &boundaries[*id]), &values)
        });
        let failing = failing.fold(0, |mask, (id, _)| mask | 1 << id.index());
        if failing == 0 {
            return 0;
        }
        denying |= failing;
    }
    denying
}

/// Returns each boundary that narrows a permission, with the values that remain. The values of the subject count, and
/// those of its assignments if all of them have values.
///
/// With `match: all` an item needs values that both contain. With `match: any` the values of the assignments are
/// returned.
pub(crate) fn narrowed<'a>(evaluation: &Evaluation<'a>, permission: PermissionId) -> Vec<(BoundaryId, Vec<&'a str>)> {
    let policy = &evaluation.inputs.directory.policy;
    let action = policy.resources.action(permission);
    let limits = limits(evaluation, permission).unwrap_or_default();
    let mut narrowed = Vec::new();
    for (id, rule) in policy.guards.boundaries.iter().filter(|(_, rule)| rule.limits.intersects(action)) {
        let own = evaluation.values(id);
        let granted = union(&limits, id);
        let values = match (own, granted) {
            (Some(own), Some(mut granted)) => {
                granted.retain(|value| !rule.match_all || own.binary_search(value).is_ok());
                Some(granted)
            }
            (own, granted) => own.or(granted),
        };
        narrowed.extend(values.map(|values| (id, values)));
    }
    narrowed
}

/// Returns the values of all limits in a boundary, sorted; `None` if there are no limits or one has no values in it.
fn union<'a>(limits: &[Limit<'a>], boundary: BoundaryId) -> Option<Vec<&'a str>> {
    let mut all = Vec::new();
    for limit in limits {
        let (_, values) = limit.iter().find(|(id, _)| *id == boundary)?;
        all.extend(values.iter().map(|value| &**value));
    }
    (!limits.is_empty()).then(|| order::unique(all))
}
