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
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    /// A group is like no other grantee.
    group: Option<String>,
    is_holder: bool,
    is_removed: bool,
    is_support: bool,
    /// The values in each boundary: `None` if they are not set, and no list for all values.
    values: Vec<Option<Option<Vec<String>>>>,
    /// The number of the `Shared` of its groups.
    shared: usize,
    /// The subject's own assignments that cover the scope or a scope below it, without their holder.
    own: Vec<AssignedRole>,
    /// The scopes of assignments before the change that do not cover the scopes below.
    here: Vec<ScopeId>,
}

/// The assignments and values that a subject has through its groups.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Shared {
    /// All groups, also those of the groups, if they count as values of a boundary.
    groups: Vec<GroupId>,
    /// The assignments of these groups near the scope.
    near: Vec<AssignedRole>,
}

/// Every `Shared` once. Many members of a group are listed by the same groups, and most groups give nothing.
#[derive(Default)]
struct OfGroups {
    /// The numbers, by the groups that list a subject.
    listed: BTreeMap<Vec<GroupId>, usize>,
    /// The numbers, by what the groups give.
    given: BTreeMap<Shared, usize>,
    all: Vec<Shared>,
}

/// The first grantee of each kind. A new assignment at the scope that gives too much to anyone gives the same rights to
/// the others of their kind.
pub struct Kinds<'i> {
    scope: Option<ScopeId>,
    /// Those to compare for a role that reads labels: it lets their other roles apply to items with these labels.
    of_all: Vec<&'i str>,
    /// Those to compare for every other role.
    of_few: Vec<&'i str>,
}

impl EscalationCheck<'_> {
    /// Sorts grantees into the kinds that a new assignment at a scope treats alike.
    pub fn kinds<'i>(&self, grantees: impl IntoIterator<Item = &'i str>, at: &str) -> Kinds<'i> {
        let scope = self.after.scope(at);
        let (mut seen, mut reduced, mut of_groups) = (BTreeSet::new(), BTreeSet::new(), OfGroups::default());
        let (mut of_all, mut of_few) = (Vec::new(), Vec::new());
        for id in grantees {
            let likeness = self.likeness(id, scope, &mut of_groups);
            if seen.contains(&likeness) {
                continue;
            }
            of_all.push(id);
            let shared = of_groups.all.get(likeness.shared).cloned().unwrap_or_default();
            if reduced.insert(self.reduced(likeness.clone(), shared)) {
                of_few.push(id);
            }
            seen.insert(likeness);
        }
        Kinds { scope, of_all, of_few }
    }

    /// Returns the grantees to compare for a role.
    pub fn each_kind<'k, 'i>(&self, kinds: &'k Kinds<'i>, role: &str) -> &'k [&'i str] {
        let after = self.after;
        let role = kinds.scope.and_then(|at| Some(after.role(after.effective(after.visible_role(role, at)?, at))));
        if role.is_none_or(|role| role.reads != 0) { &kinds.of_all } else { &kinds.of_few }
    }

    fn likeness(&self, id: &str, at: Option<ScopeId>, of_groups: &mut OfGroups) -> Likeness {
        let (before, after) = (self.before, self.after);
        let key = after.subject(id);
        let is_same = core::ptr::eq(before, after);
        let here = if is_same { Vec::new() } else { held(before, id) };
        let boundaries = after.policy.guards.boundaries.iter();
        let values = |boundary| key.and_then(|key| after.subjects.spelled_out(key, boundary)).map(owned);
        let status = key.map(|key| after.subjects.get(key).status);
        Likeness {
            group: id.starts_with(GROUP).then(|| id.to_string()),
            is_holder: status.map_or_else(|| is_holder(after, id), |status| status != Status::Removed),
            is_removed: status == Some(Status::Removed),
            is_support: id.starts_with(SUPPORT),
            values: boundaries.map(|(boundary, _)| values(boundary)).collect(),
            shared: key.map_or(usize::MAX, |key| of_groups.number(after, key, at)),
            own: key.map_or_else(Vec::new, |key| near(after, Some(key), &[], at)),
            here: order::unique(here.into_iter().filter(|held| held.here).map(|held| held.scope)),
        }
    }

    /// Returns what the comparison of a role that reads no labels reads: of the assignments, only those that extend
    /// labels and values.
    fn reduced(&self, likeness: Likeness, shared: Shared) -> (Likeness, Shared) {
        let counts = |held: &AssignedRole| {
            let role = self.after.role(held.role);
            likeness.is_support || role.reads != 0 || role.unbounded != 0
        };
        let counting = |all: Vec<AssignedRole>| all.into_iter().filter(counts).collect();
        let shared = Shared { near: counting(shared.near), ..shared };
        let own = counting(likeness.own.clone());
        (Likeness { own, shared: 0, ..likeness }, shared)
    }
}

impl OfGroups {
    /// Returns the number of what the groups of a subject give it.
    fn number(&mut self, directory: &Directory, subject: SubjectKey, at: Option<ScopeId>) -> usize {
        let listing = directory.direct_groups_of(subject);
        if let Some(number) = self.listed.get(&listing) {
            return *number;
        }
        let all = directory.groups_of(subject);
        let near = near(directory, None, &all, at);
        let counts = directory.policy.guards.boundaries.iter().any(|(_, rule)| rule.from_groups);
        let shared = Shared { groups: if counts { all } else { Vec::new() }, near };
        let next = self.all.len();
        let number = *self.given.entry(shared.clone()).or_insert(next);
        if number == next {
            self.all.push(shared);
        }
        self.listed.insert(listing, number);
        number
    }
}

/// Returns the assignments of a subject and of groups that cover a scope or one below it, sorted and without holders.
fn near(
    directory: &Directory,
    subject: Option<SubjectKey>,
    groups: &[GroupId],
    at: Option<ScopeId>,
) -> Vec<AssignedRole> {
    let near =
        |held: &AssignedRole| at.is_none_or(|at| directory.covers(held.scope, at) || directory.covers(at, held.scope));
    let anonymous = |held: AssignedRole| AssignedRole { holder: None, ..held };
    let mut found: Vec<AssignedRole> = assignments(directory, subject, groups).filter(near).map(anonymous).collect();
    order::sort(&mut found);
    found
}

fn owned(values: Values<'_>) -> Option<Vec<String>> {
    match values {
        Values::All => None,
        Values::Some(values) => Some(values.into_iter().map(String::from).collect()),
    }
}
