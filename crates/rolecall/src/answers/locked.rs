//! The items that locks exclude from the rows of a filter.
//!
//! A lock is about the id of an item at a scope and below. The values of the subject are the same everywhere in a branch,
//! so each lock excludes its item in the whole part of the branch that it covers, or nowhere.

use super::filter::{BoundaryFilter, Branch, Filter, LockedItems, Match, paths};
use crate::directory::Directory;
use crate::storage::arena::{Id, ScopeId};
use crate::storage::column::narrow;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The values that a row has to match in a boundary with locks.
struct Key<'b> {
    held: Vec<&'b [String]>,
    all: bool,
}

impl Key<'_> {
    /// Returns whether these values pass a lock with some groups.
    fn opens(&self, groups: &[&str]) -> bool {
        self.held.iter().all(|held| {
            let mut hits = groups.iter().map(|group| held.binary_search_by(|value| (**value).cmp(group)).is_ok());
            if self.all { hits.all(|hit| hit) } else { hits.any(|hit| hit) }
        })
    }
}

/// Adds the items that locks exclude to each branch for which locks decide.
///
/// # Errors
/// `filter.locks`, if they are too many.
pub(crate) fn excluded(directory: &Directory, mut filter: Filter) -> Result<Filter, RequestError> {
    let mut left = limits::FILTER_LOCKS;
    let is_limited = filter.at.is_some();
    for branch in &mut filter.branches {
        let keys = keys(directory, branch);
        if keys.is_empty() {
            continue;
        }
        let mut found: BTreeMap<ScopeId, Vec<String>> = BTreeMap::new();
        for scope in scopes(directory, branch) {
            for (item, groups) in directory.locks_at(scope) {
                if keys.iter().any(|key| !key.opens(&groups)) {
                    left = left.checked_sub(1).ok_or_else(|| too_many(is_limited))?;
                    found.entry(scope).or_default().push(item.to_string());
                }
            }
        }
        branch.locked = Some(found.into_iter().map(|(scope, items)| locked(directory, scope, items)).collect());
    }
    Ok(filter)
}

fn too_many(is_limited: bool) -> RequestError {
    let most = limits::FILTER_LOCKS.to_string();
    let message = ["locks exclude more than ", &most, " items from the rows"].concat();
    let narrower = "limit the rows to a scope with `at`, or ";
    let help = [if is_limited { "" } else { narrower }, "check each row with its `id` instead"].concat();
    RequestError::new(RequestErrorCode::FilterLocks, "permission", message).with_help(help)
}

/// Returns the values that pass locks, by boundary. Empty if locks do not decide.
fn keys<'b>(directory: &Directory, branch: &'b Branch) -> Vec<Key<'b>> {
    let guards = &directory.policy.guards;
    let with_locks = |name: &str| guards.boundary(name).is_some_and(|id| guards.boundaries[id].locks);
    let limiting = branch.boundaries.iter().filter(|(name, _)| with_locks(name));
    let key = |needed: &'b BoundaryFilter| Key {
        held: [&*needed.values].into_iter().chain(needed.also.as_deref()).collect(),
        all: needed.matching == Match::All,
    };
    limiting.map(|(_, needed)| key(needed)).collect()
}

/// Returns the scopes with locks that hold somewhere in a branch: those in it, and those above its roots.
fn scopes(directory: &Directory, branch: &Branch) -> BTreeSet<ScopeId> {
    let mut scopes = BTreeSet::new();
    for [first, last] in &branch.ranges {
        scopes.extend(directory.lock_scopes(*first as usize..*last as usize + 1));
    }
    for root in &branch.roots {
        scopes.extend(directory.scope(root).into_iter().flat_map(|root| directory.path(root)));
    }
    scopes
}

fn locked(directory: &Directory, scope: ScopeId, items: Vec<String>) -> LockedItems {
    let last = directory.end(scope).index().min(directory.scopes.len()).saturating_sub(1);
    let ranges = [[narrow(scope.index()), narrow(last)]].into();
    LockedItems { at: directory.scope_name(scope).to_string(), ranges, scopes: None, items }
}

/// Adds the paths of the scopes of each branch at which its locks hold.
pub(crate) fn list_scopes(directory: &Directory, filter: &mut Filter) {
    for Branch { locked, ranges, .. } in &mut filter.branches {
        for locked in locked.iter_mut().flatten() {
            let mut shared = Vec::new();
            for [first, last] in &locked.ranges {
                shared.extend(ranges.iter().map(|[begin, end]| [*begin.max(first), *end.min(last)]));
            }
            // A range that ends before it begins has no numbers.
            locked.scopes = Some(paths(directory, &shared));
        }
    }
}
