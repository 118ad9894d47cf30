//! Finds the assignments that a subject gains by a change to a directory. A change that only takes assignments away is
//! not examined further.

use crate::decide::resolved::AssignedRole;
use crate::directory::Directory;
use crate::storage::arena::{Id, LimitId, RoleId, ScopeId};
use crate::storage::order;
use crate::types::timestamp::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The end of an assignment, ordered so that no end comes last.
type End = (bool, Option<Timestamp>);

fn end(until: Option<Timestamp>) -> End {
    (until.is_none(), until)
}

/// Assignments after a change that no assignment before it covers: none gave as much for as long.
pub(crate) struct Gained {
    /// Their scopes; `None` if the directories cannot be compared, and every assignment counts as gained.
    scopes: Option<BTreeSet<ScopeId>>,
    /// When the first of them begins and the last one ends; `None` if nothing is gained.
    span: Option<(Option<Timestamp>, End)>,
}

impl Gained {
    /// Compares the assignments of a subject before and after a change. Their holders are ignored, because an
    /// assignment gives the same through a group.
    pub(crate) fn new(before: &Directory, after: &Directory, had: &[AssignedRole], has: &[AssignedRole]) -> Self {
        let span = |held: &[AssignedRole]| {
            let first = held.iter().map(|held| held.from).min()?;
            Some((first, held.iter().map(|held| end(held.until)).max()?))
        };
        if !Arc::ptr_eq(&before.policy, &after.policy) || before.numbering != after.numbering {
            return Self { scopes: None, span: span(has) };
        }
        let had = Had::new(had);
        let mut wider: BTreeMap<(RoleId, RoleId), bool> = BTreeMap::new();
        let mut is_new = |held: &&AssignedRole| {
            let Some(old) = was(before, after, after.original(held.role)) else { return true };
            let old = before.effective(old, held.scope);
            let is_wider = wider.entry((old, held.role)).or_insert_with(|| is_wider(before, after, old, held.role));
            let limit = held.limit.and_then(|limit| before.find_limit(after.limit(limit)?));
            !*is_wider || !had.covers(old, held, limit)
        };
        let new: Vec<AssignedRole> = has.iter().filter(&mut is_new).copied().collect();
        Self { scopes: Some(order::set(new.iter().map(|held| held.scope))), span: span(&new) }
    }

    /// Returns whether nothing is gained.
    pub(crate) fn is_nothing(&self) -> bool {
        self.span.is_none()
    }

    /// Removes the assignments from `held` that are neither at, above nor below a scope at which something is gained.
    pub(crate) fn retain_related(&self, directory: &Directory, held: &mut Vec<AssignedRole>) {
        let Some(scopes) = &self.scopes else { return };
        held.retain(|held| {
            directory.path(held.scope).any(|above| scopes.contains(&above))
                || scopes.range(held.scope..directory.end(held.scope)).next().is_some()
        });
    }

    /// Returns whether a gained assignment may be active at a time.
    pub(crate) fn spans(&self, time: Timestamp) -> bool {
        self.span.is_some_and(|(first, last)| first.is_none_or(|first| first <= time) && end(Some(time)) < last)
    }
}

/// For each role, scope, extent and beginning: the last end of the assignments that begin then or earlier.
struct Had(BTreeMap<(Kind, Option<Timestamp>), End>);

/// The role and the scope of an assignment, whether it does not cover the scopes below, and its boundary values.
type Kind = (RoleId, ScopeId, bool, Option<LimitId>);

impl Had {
    fn new(held: &[AssignedRole]) -> Self {
        let mut ends: BTreeMap<(Kind, Option<Timestamp>), End> = BTreeMap::new();
        for held in held {
            let kind = (held.role, held.scope, held.here, held.limit);
            let last = ends.entry((kind, held.from)).or_insert_with(|| end(held.until));
            *last = end(held.until).max(*last);
        }
        let mut before = None;
        for ((kind, _), last) in &mut ends {
            if let Some((_, longer)) = before.filter(|(known, _)| known == kind) {
                *last = (*last).max(longer);
            }
            before = Some((*kind, *last));
        }
        Self(ends)
    }

    /// Returns whether a role was held at the scope of an assignment for at least as long.
    /// `limit` is the number of its boundary values before the change; `None` if no assignment had them.
    fn covers(&self, role: RoleId, held: &AssignedRole, limit: Option<LimitId>) -> bool {
        let kinds = [(false, None), (held.here, None), (false, limit), (held.here, limit)];
        kinds.into_iter().any(|(here, limit)| {
            let kind = (role, held.scope, here, limit);
            let earlier = self.0.range((kind, None)..=(kind, held.from)).next_back();
            earlier.is_some_and(|(_, last)| end(held.until) <= *last)
        })
    }
}

/// Returns whether a role before a change gave at least as much as a role after it.
fn is_wider(before: &Directory, after: &Directory, old: RoleId, new: RoleId) -> bool {
    let (old, new) = (before.role(old), after.role(new));
    let brought = |id: &RoleId| was(before, after, *id).is_some_and(|id| old.originals().binary_search(&id).is_ok());
    core::ptr::eq(old, new)
        || (new.all_permissions.is_subset(&old.all_permissions)
            && new.originals().iter().all(brought)
            && new.reads & !old.reads == 0
            && new.unbounded & !old.unbounded == 0
            && new.backup_login <= old.backup_login
            && new.standalone <= old.standalone)
}

/// Returns the number that a role had before a change, if it is not a variant. Both directories must have the same
/// policy.
fn was(before: &Directory, after: &Directory, role: RoleId) -> Option<RoleId> {
    if role.index() < after.policy.roles.len() {
        return Some(role);
    }
    let scope = after.role(role).scope?;
    before.visible_role(&after.role(role).name, scope).filter(|old| before.role(*old).scope == Some(scope))
}
