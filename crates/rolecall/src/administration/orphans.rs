//! Finds scopes that a change leaves without an administrator, now or later.
//!
//! The rule for every scope and every time from now on: if someone may give a command before the change, someone may
//! give it after the change. The command is the one that assigns roles. Times are compared one by one:
//!
//! - A role counts from its beginning to its end. A subject whose role ends cannot replace one whose role has no end.
//! - Several subjects may follow each other without a gap: one until a time, and another one from that time on.
//! - If the scope already lacks an administrator at some later time, a change need not fill that gap.

use crate::decide::guard;
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, ResolvedSubject, assignments};
use crate::directory::{Assignment, Directory};
use crate::policy::PermissionId;
use crate::storage::arena::{RoleId, ScopeId, SubjectKey};
use crate::storage::order;
use crate::types::context::Context;
use crate::types::grammar::ScopePath;
use crate::types::timestamp::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A scope that would be left without an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrphanedScope {
    /// The path of the scope.
    pub at: String,
    /// The first time at which it would have no administrator.
    pub since: Timestamp,
    /// False if so many roles begin and end that the search stopped at `since`. Then there may be an administrator.
    pub is_certain: bool,
}

/// Assignments that one search may read, each once for every time that is compared. A search that would need more
/// stops, and the change is rejected.
const STEPS: usize = 1 << 22;

/// The assignments that are left of [`STEPS`].
struct Budget(usize);

impl Budget {
    /// Returns whether any of these people may give the command at a time; `None` if the budget is spent.
    fn any_may(&mut self, people: &[Person<'_>], time: Timestamp) -> Option<bool> {
        for person in people {
            self.0 = self.0.checked_sub(1 + person.resolved.held.len())?;
            if person.may(time) {
                return Some(true);
            }
        }
        Some(false)
    }
}

/// The directory before or after the change.
struct Side<'d> {
    directory: &'d Directory,
    command: &'d str,
    now: Timestamp,
    /// The permissions that allow the command at a scope of any kind.
    any: BTreeSet<usize>,
    /// The subjects with a role that holds such a permission, by the scope of the assignment.
    holders: BTreeMap<ScopeId, BTreeSet<SubjectKey>>,
}

/// A subject at a scope, and the permissions that allow the command there. One of them is enough.
struct Person<'d> {
    directory: &'d Directory,
    context: Context,
    resolved: ResolvedSubject,
    any: &'d [PermissionId],
}

impl Person<'_> {
    /// Returns whether this person may give the command at a time.
    fn may(&self, time: Timestamp) -> bool {
        let Self { directory, context, resolved, any } = self;
        let evaluation = Evaluation::new(EvalInputs { directory, subject_id: "", context, resolved }, time);
        // A scope that everyone administers still needs someone who is responsible for it.
        let holds = |held: &AssignedRole| {
            !directory.is_everyone(held.holder) && any.iter().any(|permission| directory.holds(held.role, *permission))
        };
        guard::admits(&evaluation) && evaluation.active().any(holds)
    }

    fn bounds(&self) -> impl Iterator<Item = Timestamp> {
        self.resolved.held.iter().flat_map(|held| [held.from, held.until]).flatten()
    }
}

impl<'d> Side<'d> {
    fn new(directory: &'d Directory, command: &'d str, now: Timestamp) -> Self {
        let mut any = BTreeSet::new();
        for kind in 0..directory.policy.kinds.len() {
            let path = ["a"].repeat(kind + 1).join("/");
            let mapped = ScopePath::parse(&path).map(|path| directory.policy.administration(command, path));
            any.extend(mapped.into_iter().flatten().map(|permission| permission.bit()));
        }
        Self { directory, command, now, any, holders: BTreeMap::new() }
    }

    /// Returns whether a role holds a permission that allows the command at a scope of any kind.
    fn counts(&self, held: &AssignedRole) -> bool {
        let closure = &self.directory.role(held.role).all_permissions;
        !self.directory.is_everyone(held.holder) && self.any.iter().any(|permission| closure.contains(*permission))
    }

    /// Returns the scopes at which a subject holds such a role, itself or through groups.
    fn held(&self, key: SubjectKey) -> Vec<ScopeId> {
        let groups = self.directory.groups_of(key);
        assignments(self.directory, Some(key), &groups)
            .filter(|held| held.until.is_none_or(|until| until > self.now) && self.counts(held))
            .map(|held| held.scope)
            .collect()
    }

    /// Collects the subjects that hold such a role at some scopes or above them and whose id begins with `prefix`.
    fn with_holders(self, prefix: &str, places: &BTreeSet<&str>) -> Self {
        let directory = self.directory;
        let scopes = places.iter().filter_map(|at| directory.scope(at));
        let scopes = order::unique(scopes.flat_map(|scope| directory.path(scope)));
        let allows = |role: &RoleId| self.any.iter().any(|bit| directory.role(*role).all_permissions.contains(*bit));
        let roles: Vec<RoleId> = directory.roles_at(&scopes).filter(allows).collect();
        let lasts = |one: &Assignment| one.until.is_none_or(|until| until > self.now);
        let keys = directory.subjects_with(&roles, &scopes, &lasts);
        self.with_holders_among(keys, prefix)
    }

    /// Collects those of some subjects that hold such a role and whose id begins with `prefix`.
    fn with_holders_among(mut self, keys: impl IntoIterator<Item = SubjectKey>, prefix: &str) -> Self {
        for key in keys {
            if self.directory.subject_name(key).starts_with(prefix) {
                for scope in self.held(key) {
                    self.holders.entry(scope).or_default().insert(key);
                }
            }
        }
        self
    }

    fn person(&self, key: Option<SubjectKey>, at: &str) -> Person<'d> {
        let context = Context::at_known_scope(at, self.now);
        let resolved = ResolvedSubject::of(self.directory, key, false, &context);
        let path = ScopePath::parse(at);
        let any = path.map_or(&[][..], |path| self.directory.policy.administration(self.command, path));
        Person { directory: self.directory, context, resolved, any }
    }

    /// Returns the people who may give the command at a scope at some time.
    fn candidates(&self, at: &str) -> Vec<Person<'d>> {
        let Some(scope) = self.directory.scope(at) else { return Vec::new() };
        let above = self.directory.path(scope).filter_map(|above| self.holders.get(&above));
        let keys = order::set(above.flatten().copied());
        let mut people: Vec<Person<'d>> = keys.into_iter().map(|key| self.person(Some(key), at)).collect();
        // People with few assignments come first: they are quick to examine, and one of them is usually enough.
        order::sort_by(&mut people, |a, b| a.resolved.held.len().cmp(&b.resolved.held.len()));
        people
    }
}

/// Returns the first scope that a change leaves without anyone who may give a command of administration.
///
/// Only subjects whose id begins with `prefix` count as administrators. `changed` are the subjects whose rights
/// changed.
pub(crate) fn orphaned(
    before: &Directory,
    after: &Directory,
    changed: &BTreeSet<String>,
    command: &str,
    prefix: &str,
    now: Timestamp,
) -> Option<OrphanedScope> {
    let [had, has] = [before, after].map(|directory| Side::new(directory, command, now));
    let mut budget = Budget(STEPS);
    let mut places: BTreeSet<&str> = BTreeSet::new();
    for id in changed.iter().filter(|id| id.starts_with(prefix)) {
        let Some(key) = before.subject(id) else { continue };
        let held = had.held(key);
        if held.is_empty() {
            continue;
        }
        // The subject has the same rights at a scope as above it, unless something is assigned to it in between. So the
        // innermost scope with an assignment decides, together with the kind of the scope. An assignment that does not
        // cover the scopes below counts at its own scope only.
        let groups = before.groups_of(key);
        let mut edges = order::set(assignments(before, Some(key), &groups).map(|held| before.scope_name(held.scope)));
        if let Some(key) = after.subject(id) {
            let groups = after.groups_of(key);
            edges.extend(assignments(after, Some(key), &groups).map(|held| after.scope_name(held.scope)));
        }
        let mut known: BTreeMap<(Option<&str>, usize, bool), bool> = BTreeMap::new();
        for scope in order::set(held.iter().flat_map(|scope| before.below(*scope))) {
            let at = before.scope_name(scope);
            let edge = before.path(scope).map(|above| before.scope_name(above)).find(|above| edges.contains(above));
            let loses = known.entry((edge, before.scopes.kind(scope), edge == Some(at))).or_insert_with(|| {
                let [had, has] = [[had.person(Some(key), at)], [has.person(after.subject(id), at)]];
                let mut instants = order::set([now]);
                instants.extend(had.iter().chain(&has).flat_map(Person::bounds).filter(|time| *time > now));
                // If this spends the budget, the search below does so too.
                instants
                    .into_iter()
                    .any(|time| budget.any_may(&had, time) != Some(false) && budget.any_may(&has, time) != Some(true))
            });
            if *loses {
                places.insert(at);
            }
        }
    }
    if places.is_empty() {
        return None;
    }
    let (had, has) = (had.with_holders(prefix, &places), has.with_holders(prefix, &places));
    budget = Budget(STEPS);
    places.into_iter().find_map(|at| {
        let (before, after) = (had.candidates(at), has.candidates(at));
        let mut instants = order::set([now]);
        instants.extend(before.iter().chain(&after).flat_map(Person::bounds).filter(|time| *time > now));
        for time in instants {
            match (budget.any_may(&before, time), budget.any_may(&after, time)) {
                (Some(true), Some(false)) => {
                    return Some(OrphanedScope { at: at.to_string(), since: time, is_certain: true });
                }
                (None, _) | (_, None) => {
                    return Some(OrphanedScope { at: at.to_string(), since: time, is_certain: false });
                }
                _ => {}
            }
        }
        None
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::directory::random::{SCOPES, directories, now};

    #[test]
    fn administrators_are_found_as_if_everyone_was_looked_at() {
        let mut found = 0;
        for directory in directories() {
            for at in SCOPES {
                let side = || Side::new(&directory, "assign", now());
                let scope = directory.scope(at).unwrap();
                let holders = |side: Side<'_>| {
                    let above = directory.path(scope).filter_map(|above| side.holders.get(&above));
                    order::set(above.flatten().map(|key| directory.subject_name(*key).to_string()))
                };
                let narrow = holders(side().with_holders("user:", &order::set([at])));
                assert_eq!(narrow, holders(side().with_holders_among(directory.subjects.keys(), "user:")));
                found += narrow.len();
            }
        }
        assert!(found > 1000, "{found}");
    }
}
