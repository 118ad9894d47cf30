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

/// The assignments near a scope of subjects that the same groups list.
type OfGroups = BTreeMap<Vec<GroupId>, Vec<AssignedRole>>;

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
        let groups = key.filter(|_| boundaries().any(|(_, rule)| rule.from_groups));
        let values = |boundary| key.and_then(|key| after.subjects.spelled_out(key, boundary)).map(owned);
        let status = key.map(|key| after.subjects.get(key).status);
        Likeness {
            group: id.starts_with(GROUP).then(|| id.to_string()),
            is_holder: status.map_or_else(|| is_holder(after, id), |status| status != Status::Removed),
            is_removed: status == Some(Status::Removed),
            is_support: id.starts_with(SUPPORT),
            groups: groups.map(|key| after.groups_of(key)).unwrap_or_default(),
            values: boundaries().map(|(boundary, _)| values(boundary)).collect(),
            held: key.map_or_else(Vec::new, |key| held_near(after, key, at, of_groups)),
            here: order::unique(here.into_iter().filter(|held| held.here).map(|held| held.scope)),
        }
    }
}

/// Returns the assignments of a subject and of its groups that cover a scope or one below it, sorted. Those of groups are
/// collected once for all subjects that the same groups list.
fn held_near(
    directory: &Directory,
    subject: SubjectKey,
    at: Option<ScopeId>,
    of_groups: &mut OfGroups,
) -> Vec<AssignedRole> {
    let is_near =
        |held: &AssignedRole| at.is_none_or(|at| directory.covers(held.scope, at) || directory.covers(at, held.scope));
    let anonymous = |held: AssignedRole| AssignedRole { holder: None, ..held };
    let mut near: Vec<AssignedRole> =
        assignments(directory, Some(subject), &[]).filter(is_near).map(anonymous).collect();
    let shared = of_groups.entry(directory.direct_groups_of(subject)).or_insert_with(|| {
        let groups = directory.groups_of(subject);
        assignments(directory, None, &groups).filter(is_near).map(anonymous).collect()
    });
    near.extend_from_slice(shared);
    order::sort(&mut near);
    near
}

fn owned(values: Values<'_>) -> Option<Vec<String>> {
    match values {
        Values::All => None,
        Values::Some(values) => Some(values.into_iter().map(String::from).collect()),
    }
}
