//! Denies items outside the boundaries of the subject: the boundary limits the action, the item has values in it, and
//! the subject does not hold them all. With `match: any` it is enough to hold one of them.
//!
//! - Reason code: `boundary:NAME` for each such boundary.
//! - Exempt: requests without an item, boundaries in which the item has no values, and boundaries that an active role
//!   lifts or in which the subject holds all values.
//! - Ignores the connection.

use super::kind::AccessGuard;
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::Evaluation;
use crate::storage::arena::BoundaryId;
use crate::storage::order;
use crate::types::context::{Item, UNKNOWN_VALUE};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) const GUARD: AccessGuard = AccessGuard {
    name: "boundary",
    evaluate: |evaluation, target, reasons| {
        reasons.extend(denying(evaluation, target).into_iter().map(RawReason::Boundary));
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>, target: &Target<'_>) -> String {
    let policy = &evaluation.inputs.directory.policy;
    let sentences: Vec<String> = denying(evaluation, target)
        .into_iter()
        .map(|id| {
            let rule = &policy.guards.boundaries[id];
            let needed = if rule.match_all { "all" } else { "any" };
            let held = evaluation.values(id).unwrap_or_default();
            let held = if held.is_empty() { "none".to_string() } else { held.join(", ") };
            format!("{needed} of the item's values in `{}` are needed; the subject holds {held}", rule.name)
        })
        .collect();
    if sentences.is_empty() { "no boundary denies the item".to_string() } else { sentences.join("; ") }
}

/// Returns the boundaries that deny, by name.
pub(crate) fn denying(evaluation: &Evaluation<'_>, target: &Target<'_>) -> Vec<BoundaryId> {
    let policy = &evaluation.inputs.directory.policy;
    let action = policy.resources.action(target.permission);
    let Some(item) = target.item else { return Vec::new() };
    policy
        .guards
        .boundaries
        .iter()
        .filter(|(_, rule)| rule.limits.intersects(action))
        .filter(|(id, rule)| {
            let named = item.boundaries.iter().find(|(named, _)| named == id).map(|(_, values)| values);
            named.is_some_and(|named| !holds(evaluation, *id, named, rule.match_all))
        })
        .map(|(id, _)| id)
        .collect()
}

/// Returns the known values of an item in a boundary that the subject lacks and needs: all of them, or with `match:
/// any` the first one.
pub(crate) fn lacking<'i>(evaluation: &Evaluation<'_>, item: &'i Item, boundary: BoundaryId) -> Vec<&'i str> {
    let held = evaluation.values(boundary).unwrap_or_default();
    let named = item.boundaries.iter().filter(|(id, _)| *id == boundary).flat_map(|(_, values)| values);
    let named = named.map(|value| &**value).filter(|value| *value != UNKNOWN_VALUE);
    let mut lacking: Vec<&str> = named.filter(|value| held.binary_search(value).is_err()).collect();
    order::sort(&mut lacking);
    lacking.dedup();
    if !evaluation.inputs.directory.policy.guards.boundaries[boundary].match_all {
        lacking.truncate(1);
    }
    lacking
}

/// Returns whether the subject holds all the values that an item has in a boundary, or with `match: any` one of them.
fn holds(evaluation: &Evaluation<'_>, boundary: BoundaryId, named: &[Box<str>], all: bool) -> bool {
    let Some(held) = evaluation.values(boundary) else { return true };
    let contains = |value: &str| held.binary_search(&value).is_ok();
    if all { named.iter().all(|value| contains(value)) } else { named.iter().any(|value| contains(value)) }
}
