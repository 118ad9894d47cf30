//! Denies items outside the boundaries of the subject: the boundary limits the action, the item has values in it, and
//! the subject does not hold them all. With `match: any` it is enough to hold one of them. If every assignment that
//! grants the permission has values of its own, the item must fit those of one assignment in the same way.
//!
//! With `items: locks`, the groups of each lock of the item on the path of the scope are such values too. The subject
//! must pass every lock and the values that the request states, so a statement never opens a locked item. An item
//! with neither an id nor stated values could have any lock.
//!
//! - Reason code: `boundary:NAME` for each such boundary.
//! - Exempt: requests without an item, and boundaries in which the item has no values. For the values of the subject,
//!   also boundaries that an active role lifts or in which the subject holds all values.
//! - Ignores the connection.

use super::kind::AccessGuard;
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::Evaluation;
use crate::decide::values;
use crate::policy::Boundary;
use crate::storage::arena::{BoundaryId, Id, ScopeId};
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
    let Some(item) = target.item else { return "the request has no item".to_string() };
    let unfitting = values::unfitting(evaluation, target.permission, item);
    let sentences: Vec<String> = denying(evaluation, target)
        .into_iter()
        .map(|id| {
            let rule = &policy.guards.boundaries[id];
            let held = evaluation.values(id).unwrap_or_default();
            let needed = needed(evaluation, item, id, rule, &held);
            let held = if held.is_empty() { "none".to_string() } else { held.join(", ") };
            if unfitting >> id.index() & 1 == 1 {
                return format!(
                    "every assignment that grants the permission has values of its own, and none fits the item in `{}`",
                    rule.name
                );
            }
            format!("{needed}; the subject holds {held}")
        })
        .collect();
    if sentences.is_empty() { "no boundary denies the item".to_string() } else { sentences.join("; ") }
}

/// Describes the values of an item that a subject with some values lacks: those of the first lock that denies, or those
/// that the request states.
fn needed(evaluation: &Evaluation<'_>, item: &Item, id: BoundaryId, rule: &Boundary, held: &[&str]) -> String {
    let (name, quantity) = (&rule.name, if rule.match_all { "all" } else { "any" });
    if rule.locks && item.id.is_none() && stated(item, id).is_none() {
        return format!("the item has neither an id nor values in `{name}`, so it could be locked");
    }
    match locks(evaluation, item, rule).into_iter().find(|(_, groups)| !holds(held, groups, rule.match_all)) {
        Some((scope, groups)) => {
            let (scope, groups) = (evaluation.inputs.directory.scope_name(scope), groups.join(", "));
            format!("the item is locked at `{scope}`: {quantity} of {groups} in `{name}` are needed")
        }
        None => format!("{quantity} of the item's values in `{name}` are needed"),
    }
}

/// Returns the boundaries that deny, by name.
pub(crate) fn denying(evaluation: &Evaluation<'_>, target: &Target<'_>) -> Vec<BoundaryId> {
    let policy = &evaluation.inputs.directory.policy;
    let action = policy.resources.action(target.permission);
    let Some(item) = target.item else { return Vec::new() };
    let unfitting = values::unfitting(evaluation, target.permission, item);
    policy
        .guards
        .boundaries
        .iter()
        .filter(|(_, rule)| rule.limits.intersects(action))
        .filter(|(id, rule)| unfitting >> id.index() & 1 == 1 || denies(evaluation, item, *id, rule))
        .map(|(id, _)| id)
        .collect()
}

/// Returns whether the values of the subject in a boundary deny an item.
fn denies(evaluation: &Evaluation<'_>, item: &Item, id: BoundaryId, rule: &Boundary) -> bool {
    if stated(item, id).is_none() && !rule.locks {
        return false;
    }
    evaluation.values(id).is_some_and(|held| !fits(evaluation, item, (id, rule), &held))
}

/// Returns whether an item fits some sorted values in a boundary.
pub(crate) fn fits(
    evaluation: &Evaluation<'_>,
    item: &Item,
    (id, rule): (BoundaryId, &Boundary),
    held: &[&str],
) -> bool {
    let stated = stated(item, id);
    let is_unknown = rule.locks && item.id.is_none() && stated.is_none();
    !is_unknown
        && stated.is_none_or(|values| holds(held, values, rule.match_all))
        && locks(evaluation, item, rule).iter().all(|(_, groups)| holds(held, groups, rule.match_all))
}

/// Returns the known values of an item in a boundary that the subject lacks and needs: all of them, or with `match:
/// any` one of those that the request states and of each lock, without values that are not needed.
pub(crate) fn lacking<'i>(evaluation: &Evaluation<'i>, item: &'i Item, boundary: BoundaryId) -> Vec<&'i str> {
    let rule = &evaluation.inputs.directory.policy.guards.boundaries[boundary];
    let held = evaluation.values(boundary).unwrap_or_default();
    let stated = stated(item, boundary).map(|values| values.iter().map(|value| &**value).collect());
    let locks = locks(evaluation, item, rule).into_iter().map(|(_, groups)| groups);
    let mut needed: Vec<Vec<&str>> = stated.into_iter().chain(locks).collect();
    needed.retain(|values| !holds(&held, values, rule.match_all));
    let mut lacking: Vec<&str> = Vec::new();
    for values in &needed {
        let mut values = values.clone();
        values.retain(|value| *value != UNKNOWN_VALUE && held.binary_search(value).is_err());
        order::sort(&mut values);
        values.truncate(if rule.match_all { usize::MAX } else { 1 });
        lacking.append(&mut values);
    }
    order::sort(&mut lacking);
    lacking.dedup();
    // A value of one lock may also open another one.
    let mut place = 0;
    while place < lacking.len() {
        let mut fewer = lacking.clone();
        fewer.remove(place);
        let mut with = [&held[..], &fewer[..]].concat();
        order::sort(&mut with);
        if needed.iter().all(|values| holds(&with, values, rule.match_all)) {
            lacking = fewer;
        } else {
            place += 1;
        }
    }
    lacking
}

/// Returns the values that a request states for an item in a boundary.
fn stated(item: &Item, boundary: BoundaryId) -> Option<&[Box<str>]> {
    item.boundaries.iter().find(|(id, _)| *id == boundary).map(|(_, values)| values.as_slice())
}

/// Returns the locks of an item that a boundary reads, innermost first: their scopes and groups.
fn locks<'a>(evaluation: &Evaluation<'a>, item: &Item, rule: &Boundary) -> Vec<(ScopeId, Vec<&'a str>)> {
    let directory = evaluation.inputs.directory;
    let asked = item.id.as_deref().filter(|_| rule.locks).zip(evaluation.inputs.resolved.scope);
    asked.map_or_else(Vec::new, |(item, scope)| directory.locks_of(item, scope))
}

/// Returns whether held values include all of some values, or one of them.
fn holds(held: &[&str], values: &[impl AsRef<str>], all: bool) -> bool {
    let contains = |value: &_| held.binary_search(&AsRef::as_ref(value)).is_ok();
    if all { values.iter().all(contains) } else { values.iter().any(contains) }
}
