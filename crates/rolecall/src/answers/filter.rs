//! Filters: the rows that a subject may see, as data that a database query can use.
//!
//! A filter is exact because the model is closed. Regions of scopes with the same answer become branches.

use super::region::{Class, DENIED, Regions, Run};
use crate::decide::evaluate;
use crate::decide::horizon::{self, Interest};
use crate::decide::resolved::{EvalInputs, Evaluation, RolesByScope};
use crate::decide::values;
use crate::directory::Directory;
use crate::policy::PermissionId;
use crate::storage::arena::{BoundaryId, Id};
use crate::storage::column::narrow;
use crate::types::context::Context;
use crate::types::grammar::{SUPPORT, ScopePath, SubjectId};
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// The rows that a subject may see. A row has a scope, and it may have values in boundaries and labels.
///
/// A row is allowed if one of the branches allows it. That is the case exactly if a check of the permission at the scope
/// of the row allows an item with the id, the values and the labels of the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Filter {
    /// Whether any rows are allowed.
    pub rows: Rows,
    /// The scope to which the question was limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The branches, ordered by their first scope. A scope is in several branches only if assignments limit the
    /// permission to different values.
    pub branches: Vec<Branch>,
    /// The version of the numbers in `ranges`; see [`Numbering`].
    pub numbering: String,
    /// The first later time at which the filter may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// Whether a filter allows rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rows {
    /// No row is allowed.
    Never,
    /// The branches decide.
    Some,
    /// Every row is allowed whose scope is listed and not outside of `at`.
    Always,
}

/// Scopes at which the same rows are allowed. A row is allowed if its scope is in the branch, and its values and labels
/// fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Branch {
    /// The paths of scopes that are in the branch with all scopes below them, except those of `without`. Parents first.
    pub roots: Vec<String>,
    /// The paths of scopes that are not in the branch, with all scopes below them, except those of `roots`. Of the scopes
    /// on a path that `roots` or `without` list, the innermost one decides.
    pub without: Vec<String>,
    /// The same scopes as numbers: the first and the last number of each range.
    #[serde(serialize_with = "pairs")]
    pub ranges: Vec<[u32; 2]>,
    /// The paths of the same scopes, if the question asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The values that rows need, by boundary. Other boundaries do not limit the rows.
    pub boundaries: BTreeMap<String, BoundaryFilter>,
    /// The labels that rows may have, sorted. `None` if they may have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// The items that are not allowed because of locks, by the scope of the locks. `None` if locks do not decide.
    /// Otherwise a row needs an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<Vec<LockedItems>>,
}

/// Serializes pairs as lists.
fn pairs<S: Serializer>(pairs: &[[u32; 2]], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pairs.iter().map(<[u32; 2]>::as_slice))
}

/// Items that are not allowed because of locks at a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LockedItems {
    /// The path of the scope of the locks. They hold there and below.
    pub at: String,
    /// These scopes as numbers: the first and the last number.
    #[serde(serialize_with = "pairs")]
    pub ranges: Vec<[u32; 2]>,
    /// The paths of those of them that are in the branch, if the question asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The ids of the items, sorted.
    pub items: Vec<String>,
}

/// The values that rows need in a boundary. A row without values in the boundary needs none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BoundaryFilter {
    /// How many values of a row have to be in `values`.
    #[serde(rename = "match")]
    pub matching: Match,
    /// The values of the subject and of its assignment, sorted.
    pub values: Vec<String>,
    /// Further values, of which rows need at least one too, sorted. Only with `any`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also: Option<Vec<String>>,
}

/// How many values of a row a subject has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Match {
    /// At least one.
    Any,
    /// All of them.
    All,
}

/// The numbers of the scopes, for a column of numbers. Parents come before their children, so the scopes below a scope
/// have consecutive numbers.
///
/// Adding, removing or renaming a scope changes the numbers and the version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Numbering<'d> {
    /// The version: the count of scopes and a digest of their paths.
    pub numbering: String,
    /// The paths of the scopes. The index of a path is its number.
    pub scopes: Vec<&'d str>,
}

/// The conditions of a branch.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Conditions {
    boundaries: Vec<(BoundaryId, Vec<String>, Option<Vec<String>>)>,
    /// The labels that may be read, one bit each.
    labels: u64,
}

/// A question for a filter.
struct Question<'d> {
    directory: &'d Directory,
    subject: SubjectId<'d>,
    permission: PermissionId,
    /// The boundaries that limit the action.
    limiting: Vec<BoundaryId>,
    labels: u64,
}

pub(crate) fn filter(
    directory: &Directory,
    subject: SubjectId<'_>,
    permission: PermissionId,
    at: Option<ScopePath<'_>>,
    context: &Context,
) -> Filter {
    let (key, support) = (directory.subject(subject.as_str()), subject.as_str().starts_with(SUPPORT));
    let roles = RolesByScope::of(directory, key, support, context);
    let question = Question::new(directory, subject, permission);
    let heads = match at.map(|at| directory.scope(at.as_str())) {
        None => roles.heads(None),
        Some(None) => Vec::new(),
        Some(top) => roles.heads(top),
    };
    let (mut classes, mut conditions, mut valid_until) = (BTreeMap::new(), Vec::new(), None);
    let mut context = context.clone();
    let found = Regions::new(directory, &heads, &mut |scope| {
        context.at = directory.scope_name(scope).into();
        let Some(found) = question.conditions_at(&roles, &context, &mut valid_until) else { return DENIED };
        *classes.entry(found).or_insert_with_key(|found: &Vec<Conditions>| {
            conditions.push(found.clone());
            conditions.len()
        })
    });
    let branches = question.branches(&found, conditions);
    let at = at.map(|at| at.as_str().to_string());
    let (rows, numbering) = (rows(directory, at.as_deref(), &branches), version(directory));
    Filter { rows, at, branches, numbering, valid_until }
}

/// Adds the paths of the scopes to each branch.
pub(crate) fn list_scopes(directory: &Directory, filter: &mut Filter) {
    for branch in &mut filter.branches {
        branch.scopes = Some(paths(directory, &branch.ranges));
    }
}

/// Returns the paths of the scopes with some numbers.
pub(super) fn paths(directory: &Directory, ranges: &[[u32; 2]]) -> Vec<String> {
    let numbers = ranges.iter().flat_map(|[first, last]| *first..=*last);
    let scopes = numbers.filter_map(|number| directory.scope_at(number));
    scopes.map(|scope| directory.scope_name(scope).to_string()).collect()
}

pub(crate) fn numbering(directory: &Directory) -> Numbering<'_> {
    Numbering { numbering: version(directory), scopes: directory.scopes().collect() }
}

fn version(directory: &Directory) -> String {
    let digest = directory.scopes.digest();
    let digits = (0..16).rev().filter_map(|place| char::from_digit((digest >> (4 * place)) as u32 & 15, 16));
    let mut version = directory.scopes.len().to_string();
    version.push('-');
    version.extend(digits);
    version
}

fn rows(directory: &Directory, at: Option<&str>, branches: &[Branch]) -> Rows {
    let all = match at.map(|at| directory.scope(at)) {
        None => Some(0..directory.scopes.len()),
        Some(top) => top.map(|top| top.index()..directory.end(top).index()),
    };
    match branches {
        [] => Rows::Never,
        [only] if only.boundaries.is_empty() && only.labels.is_none() => match (&*only.ranges, all) {
            ([[first, last]], Some(all)) if (*first as usize..*last as usize + 1) == all => Rows::Always,
            _ => Rows::Some,
        },
        _ => Rows::Some,
    }
}

impl<'d> Question<'d> {
    fn new(directory: &'d Directory, subject: SubjectId<'d>, permission: PermissionId) -> Self {
        let policy = &directory.policy;
        let action = policy.resources.action(permission);
        let boundaries = policy.guards.boundaries.iter();
        let limiting = boundaries.filter(|(_, rule)| rule.limits.intersects(action)).map(|(id, _)| id).collect();
        let labels = policy.labels.iter().fold(0, |mask, (id, _)| mask | 1 << id.index());
        Self { directory, subject, permission, limiting, labels }
    }

    /// Returns the conditions at the scope of a context, of which a row has to fit one; `None` if no row is allowed there.
    /// Moves `valid_until` to the time at which they change.
    fn conditions_at(
        &self,
        roles: &RolesByScope<'_>,
        context: &Context,
        valid_until: &mut Option<Timestamp>,
    ) -> Option<Vec<Conditions>> {
        let resolved = roles.resolved(context);
        let (directory, subject_id) = (self.directory, self.subject.as_str());
        let inputs = EvalInputs { directory, subject_id, context, resolved: &resolved };
        let now = self.conditions(&Evaluation::new(inputs, context.time));
        let interest = || Interest {
            reads: self.labels,
            unbounded: self.limiting.iter().fold(0, |mask, id| mask | 1 << id.index()),
            granting: Some(self.permission),
            // Where assignments have values, it matters which of them are active.
            each: directory.has_limits(),
            ..Interest::default()
        };
        let changed = |time| self.conditions(&Evaluation::new(inputs, time)) != now;
        *valid_until = horizon::sooner(*valid_until, horizon::first_change(inputs, context.time, interest, changed));
        now
    }

    fn conditions(&self, evaluation: &Evaluation<'_>) -> Option<Vec<Conditions>> {
        let holds = |role| self.directory.role(role).all_permissions.contains(self.permission.bit());
        let is_granted = evaluation.active().any(|held| holds(held.role));
        if !is_granted || !evaluate::session_denials(evaluation).is_empty() {
            return None;
        }
        let own: Vec<Option<Vec<&str>>> = self.limiting.iter().map(|id| evaluation.values(*id)).collect();
        let limits = values::limits(evaluation, self.permission).unwrap_or_else(|| [Vec::new()].into());
        let mut conditions: Vec<Conditions> = Vec::with_capacity(limits.len());
        for limit in limits {
            let of =
                limit.into_iter().map(|(id, values)| (id, values.iter().map(|value| &**value).collect())).collect();
            let one = Conditions { boundaries: self.needed(&own, &of), labels: evaluation.reads & self.labels };
            if !conditions.contains(&one) {
                conditions.push(one);
            }
        }
        Some(conditions)
    }

    /// Returns the values that rows need: those of the subject and those of an assignment.
    fn needed(
        &self,
        own: &[Option<Vec<&str>>],
        limit: &BTreeMap<BoundaryId, Vec<&str>>,
    ) -> Vec<(BoundaryId, Vec<String>, Option<Vec<String>>)> {
        let owned = |values: &[&str]| values.iter().copied().map(String::from).collect::<Vec<String>>();
        let mut needed = Vec::new();
        for (id, own) in self.limiting.iter().zip(own) {
            match (own, limit.get(id)) {
                (None, None) => {}
                (Some(values), None) | (None, Some(values)) => needed.push((*id, owned(values), None)),
                (Some(own), Some(limit)) if self.directory.policy.guards.boundaries[*id].match_all => {
                    let both: Vec<&str> = own.iter().copied().filter(|one| limit.binary_search(one).is_ok()).collect();
                    needed.push((*id, owned(&both), None));
                }
                (Some(own), Some(limit)) => needed.push((*id, owned(own), Some(owned(limit)))),
            }
        }
        needed
    }

    /// Returns the branches of each class, with its scopes.
    fn branches(&self, found: &Regions, classes: Vec<Vec<Conditions>>) -> Vec<Branch> {
        let branches = classes.into_iter().map(|all| all.into_iter().map(|one| self.branch(one)).collect());
        let mut branches: Vec<Vec<Branch>> = branches.collect();
        let mut of = |class: Class, add: &mut dyn FnMut(&mut Branch)| {
            class.checked_sub(1).and_then(|place| branches.get_mut(place)).into_iter().flatten().for_each(add);
        };
        for region in found.regions.iter().filter(|region| region.class != region.around) {
            let name = || self.directory.scope_name(region.scope).to_string();
            of(region.class, &mut |branch| branch.roots.push(name()));
            of(region.around, &mut |branch| branch.without.push(name()));
        }
        for Run { scopes, class } in &found.runs {
            of(*class, &mut |branch| branch.ranges.push([narrow(scopes.start), narrow(scopes.end - 1)]));
        }
        branches.into_iter().flatten().collect()
    }

    /// Returns a branch without scopes.
    fn branch(&self, conditions: Conditions) -> Branch {
        let policy = &self.directory.policy;
        let boundaries = conditions.boundaries.into_iter().map(|(id, values, also)| {
            let rule = &policy.guards.boundaries[id];
            let matching = if rule.match_all { Match::All } else { Match::Any };
            (rule.name.to_string(), BoundaryFilter { matching, values, also })
        });
        Branch {
            roots: Vec::new(),
            without: Vec::new(),
            ranges: Vec::new(),
            scopes: None,
            boundaries: boundaries.collect(),
            labels: (conditions.labels != self.labels).then(|| policy.labels_in(conditions.labels)),
            locked: None,
        }
    }
}
