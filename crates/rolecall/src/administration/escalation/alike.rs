//! Grantees whom a comparison treats alike. A group of thousands has few kinds of members, so each kind is compared once.

use super::check::EscalationCheck;
use super::person::is_holder;
use super::place::held;
use crate::decide::resolved::{AssignedRole, assignments};
use crate::directory::{Directory, Status, Values};
use crate::storage::arena::{GroupId, ScopeId, SubjectKey};
use crate::storage::order;
use crate::types::grammar::{GROUP, SUPPORT};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Everything about a grantee that the comparison of a new assignment at a scope reads, except for its id.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    /// A group is like no other grantee.
    group: Option<String>,
    is_holder: bool,
    is_removed: bool,
    is_support: bool,
    /// The groups, if they count as values of a boundary.
    groups: Vec<GroupId>,
    /// The values in each boundary: `None` if they are not set, and no list for all values.
    values: Vec<Option<Option<Vec<String>>>>,
    /// The assignments that cover the scope or a scope below it, without their holders.
    held: Vec<AssignedRole>,
    /// The scopes of assignments before the change that do not cover the scopes below.
    here: Vec<ScopeId>,
}

/// What subjects have that the same groups list.
struct Shared {
    /// All groups, also those of the groups.
    groups: Vec<GroupId>,
    /// The assignments of these groups near the scope.
    near: Vec<AssignedRole>,
}

/// The same by the groups that list a subject. Many members of a group are listed by the same groups.
type OfGroups = BTreeMap<Vec<GroupId>, Shared>;

impl EscalationCheck<'_> {
    /// Returns the first grantee of each kind, in order. A new assignment at the scope that gives too much to anyone
    /// gives the same rights to the others of their kind.
    pub fn each_kind<'i>(&self, grantees: impl IntoIterator<Item = &'i str>, at: &str) -> Vec<&'i str> {
        let (mut seen, mut of_groups) = (BTreeSet::new(), BTreeMap::new());
        let scope = self.after.scope(at);
        let is_new = |id: &&str| seen.insert(self.likeness(id, scope, &mut of_groups));
        grantees.into_iter().filter(is_new).collect()
    }

    fn likeness(&self, id: &str, at: Option<ScopeId>, of_groups: &mut OfGroups) -> Likeness {
        let (before, after) = (self.before, self.after);
        let key = after.subject(id);
        let is_same = core::ptr::eq(before, after);
        let here = if is_same { Vec::new() } else { held(before, id) };
        let boundaries = || after.policy.guards.boundaries.iter();
        let shared = key.map(|key| shared(after, key, at, of_groups));
        let groups = shared.as_ref().filter(|_| boundaries().any(|(_, rule)| rule.from_groups));
        let values = |boundary| key.and_then(|key| after.subjects.spelled_out(key, boundary)).map(owned);
        let status = key.map(|key| after.subjects.get(key).status);
        Likeness {
            group: id.starts_with(GROUP).then(|| id.to_string()),
            is_holder: status.map_or_else(|| is_holder(after, id), |status| status != Status::Removed),
            is_removed: status == Some(Status::Removed),
            is_support: id.starts_with(SUPPORT),
            groups: groups.map(|shared| shared.groups.clone()).unwrap_or_default(),
            values: boundaries().map(|(boundary, _)| values(boundary)).collect(),
            held: key.zip(shared).map_or_else(Vec::new, |(key, shared)| held_near(after, key, at, &shared.near)),
            here: order::unique(here.into_iter().filter(|held| held.here).map(|held| held.scope)),
        }
    }
}

/// Returns what the groups of a subject give it, which is collected once for all subjects that the same groups list.
fn shared<'s>(
    directory: &Directory,
    subject: SubjectKey,
    at: Option<ScopeId>,
    of_groups: &'s mut OfGroups,
) -> &'s Shared {
    of_groups.entry(directory.direct_groups_of(subject)).or_insert_with(|| {
        let groups = directory.groups_of(subject);
        let near = assignments(directory, None, &groups).filter(|held| is_near(directory, held, at)).map(anonymous);
        Shared { near: near.collect(), groups }
    })
}

/// Returns the assignments of a subject and of its groups that cover a scope or one below it, sorted.
fn held_near(
    directory: &Directory,
    subject: SubjectKey,
    at: Option<ScopeId>,
    of_groups: &[AssignedRole],
) -> Vec<AssignedRole> {
    let own = assignments(directory, Some(subject), &[]).filter(|held| is_near(directory, held, at)).map(anonymous);
    let mut near: Vec<AssignedRole> = own.collect();
    near.extend_from_slice(of_groups);
    order::sort(&mut near);
    near
}

/// Returns whether an assignment covers a scope or one below it.
fn is_near(directory: &Directory, held: &AssignedRole, at: Option<ScopeId>) -> bool {
    at.is_none_or(|at| directory.covers(held.scope, at) || directory.covers(at, held.scope))
}

fn anonymous(held: AssignedRole) -> AssignedRole {
    AssignedRole { holder: None, ..held }
}

fn owned(values: Values<'_>) -> Option<Vec<String>> {
    match values {
        Values::All => None,
        Values::Some(values) => Some(values.into_iter().map(String::from).collect()),
    }
}
