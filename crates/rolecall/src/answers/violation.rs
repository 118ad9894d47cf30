//! Finds violations of the policy's rules for administration: separation of assigned roles, and limits.
//!
//! A directory with violations still makes decisions. Administration rejects changes that break a rule; the functions
//! here report violations that came in without administration.

use crate::administration::gained::Gained;
use crate::decide::resolved::{AssignedRole, assignments};
use crate::directory::{Directory, Status};
use crate::policy::Separation;
use crate::storage::arena::{Id, RoleId, ScopeId, SubjectKey};
use crate::storage::order;
use crate::types::grammar::USER;
use crate::types::limits;
use crate::types::timestamp::Timestamp;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use serde::Serialize;

/// Every violation of the rules for administration in a directory at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violations {
    /// Subjects with more assigned roles of a constraint than it allows, sorted.
    pub separation: Vec<SeparationViolation>,
    /// Scopes that exceed a limit of the policy, sorted.
    pub limits: Vec<LimitViolation>,
    /// The first later time at which the violations may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A subject with too many assigned roles of a constraint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct SeparationViolation {
    /// The constraint's id.
    pub constraint: String,
    /// The subject that holds the roles, itself or through groups.
    pub subject: String,
    /// The outermost scope at which it holds them together.
    pub at: String,
    /// The roles of the constraint that it holds there, sorted.
    pub roles: Vec<String>,
    /// How many roles of the constraint may be assigned together.
    pub at_most: usize,
}

/// A scope that exceeds a limit of the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct LimitViolation {
    /// The name of the limit in the policy: `users_per_project`.
    pub limit: &'static str,
    /// The path of the scope.
    pub at: String,
    /// The number of users.
    pub count: usize,
    /// The limit.
    pub at_most: usize,
}

/// A rule for administration that a change breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breach {
    /// The first time at which it is broken. Without a violation, the first time that was not examined, because too
    /// many assignments of one subject begin and end.
    pub since: Timestamp,
    /// The subject that would hold too many roles of a constraint together.
    pub separation: Option<SeparationViolation>,
    /// The scope that would have more users than the policy allows.
    pub limit: Option<LimitViolation>,
}

/// Returns the first rule that a change breaks for the changed subjects, from `now` on. Rules that were broken before
/// are not reported.
pub(crate) fn breach(
    before: &Directory,
    after: &Directory,
    changed: &BTreeSet<String>,
    now: Timestamp,
) -> Option<Breach> {
    separation_breach(before, after, changed, now).or_else(|| limit_breach(before, after, changed, now))
}

/// Returns the assignments of a subject before and after a change, and the times from `now` on at which they differ.
///
/// Only assignments related to new ones are returned. `None` if nothing is new: a subject that only loses assignments
/// breaks no rule. A subject that `counts` rejects has no assignments.
fn gained(
    [before, after]: [&Directory; 2],
    id: &str,
    now: Timestamp,
    counts: fn(&Directory, &str) -> bool,
) -> Option<([Vec<AssignedRole>; 2], Vec<Timestamp>)> {
    let [mut had, mut has] = [before, after].map(|directory| {
        let subject = directory.subject(id).filter(|_| counts(directory, id));
        let mut held = subject.map(|key| assigned(directory, key)).unwrap_or_default();
        order::sort_by(&mut held, |a, b| a.scope.cmp(&b.scope));
        held
    });
    let gained = Gained::new(before, after, &had, &has);
    if gained.is_nothing() {
        return None;
    }
    gained.retain_related(before, &mut had);
    gained.retain_related(after, &mut has);
    let mut instants = order::set([now]);
    instants.extend([&had, &has].into_iter().flat_map(|held| bounds(held, now)));
    Some(([had, has], instants.into_iter().filter(|time| gained.spans(*time)).collect()))
}

/// Returns the first new violation of separation. Every scope of a subject is compared, so that an old violation hides
/// neither a new one below it nor a further role.
fn separation_breach(
    before: &Directory,
    after: &Directory,
    changed: &BTreeSet<String>,
    now: Timestamp,
) -> Option<Breach> {
    let (mut rules_before, mut rules) = (Duties::new(before), Duties::new(after));
    if rules.constraints.is_empty() {
        return None;
    }
    for id in changed {
        let Some(([had, has], instants)) = gained([before, after], id, now, is_there) else { continue };
        let weight = rules_before.weight(&had) + rules.weight(&has);
        let mut left = STEPS_OF_ONE;
        for time in instants {
            left = left.saturating_sub(weight);
            if left == 0 {
                return Some(Breach { since: time, separation: None, limit: None });
            }
            let (were, are) = (rules_before.held_at(&had, time), rules.held_at(&has, time));
            for HeldAt { scope, .. } in &are {
                let broken = rules.broken_at(&are, *scope);
                if broken.is_empty() {
                    continue;
                }
                let same = before.scope(after.scope_name(*scope));
                let old: Vec<SeparationViolation> = same.map_or_else(Vec::new, |same| {
                    let old = rules_before.broken_at(&were, same).into_iter();
                    old.filter_map(|(number, roles)| rules_before.violation(id, (number, same, roles))).collect()
                });
                let found =
                    broken.into_iter().filter_map(|(number, roles)| rules.violation(id, (number, *scope, roles)));
                let is_old = |one: &SeparationViolation| {
                    let same = old.iter().find(|old| old.constraint == one.constraint);
                    same.is_some_and(|old| one.roles.iter().all(|role| old.roles.contains(role)))
                };
                if let Some(new) = found.into_iter().find(|one| !is_old(one)) {
                    return Some(Breach { since: time, separation: Some(new), limit: None });
                }
            }
        }
    }
    None
}

/// Returns whether a subject is listed and not removed. Only then its assignments count.
fn is_there(directory: &Directory, id: &str) -> bool {
    directory.subject(id).is_some_and(|key| directory.subjects.get(key).status != Status::Removed)
}

/// Returns the innermost scopes in which a subject counts as a user at a time, by name.
fn member_of<'d>(directory: &'d Directory, id: &str, held: &[AssignedRole], time: Timestamp) -> BTreeSet<&'d str> {
    let counts = is_user(directory, id);
    let innermost = directory.policy.kinds.len().saturating_sub(1);
    let counted = held.iter().filter(|held| counts && !directory.is_everyone(held.holder));
    let active = counted.filter(|held| held.is_active(time));
    let covered = active.flat_map(|held| held.range(directory)).map(ScopeId::new);
    let covered = covered.filter(|scope| directory.scopes.kind(*scope) == innermost);
    order::set(covered.map(|scope| directory.scope_name(scope)))
}

/// Returns whether a subject counts as a user. Applications and support staff do not.
fn is_user(directory: &Directory, id: &str) -> bool {
    let status = directory.subject(id).map(|key| directory.subjects.get(key).status);
    id.starts_with(USER) && matches!(status, Some(Status::Active | Status::Suspended))
}

/// Returns the earliest new violation of the limit of users.
fn limit_breach(before: &Directory, after: &Directory, changed: &BTreeSet<String>, now: Timestamp) -> Option<Breach> {
    let at_most = after.policy.limits.users_per_project?;
    // The scopes to compare: those that gain a user, those that are new, and all if the limit is lower now.
    let mut grown: BTreeSet<&str> = BTreeSet::new();
    let is_new = |path: &&str| before.scope(path).is_none();
    let another = before.policy.limits.users_per_project.is_none_or(|had| had > at_most);
    let innermost = after.policy.kinds.len().saturating_sub(1);
    let is_innermost = |path: &&str| after.scope(path).is_some_and(|scope| after.scopes.kind(scope) == innermost);
    if another || before.numbering != after.numbering {
        grown.extend(after.scopes().filter(|path| (another || is_new(path)) && is_innermost(path)));
    }
    for id in changed {
        let Some(([had, has], instants)) = gained([before, after], id, now, is_user) else { continue };
        let mut left = STEPS_OF_ONE;
        for time in instants {
            let (was, is) = (member_of(before, id, &had, time), member_of(after, id, &has, time));
            left = left.saturating_sub(had.len() + has.len() + was.len() + is.len());
            if left == 0 {
                return Some(Breach { since: time, separation: None, limit: None });
            }
            grown.extend(is.into_iter().filter(|path| !was.contains(path)));
        }
    }
    if grown.is_empty() {
        return None;
    }
    let [had, has] =
        [before, after].map(|directory| user_counts(directory, users_of(directory, &grown, now), &grown, now));
    let mut found: Option<Breach> = None;
    for path in grown {
        let sides = [&had, &has].map(|side| side.get(path));
        let instants = order::set(sides.iter().copied().flatten().flat_map(|counts| counts.keys().copied()));
        let breaks = |time: &Timestamp| {
            let [was, is] = sides.map(|counts| count_at(counts, *time));
            is > at_most && (is > was || another && is_within(before, was))
        };
        let first = instants.into_iter().find(breaks);
        if let Some(since) = first.filter(|first| found.as_ref().is_none_or(|found| *first < found.since)) {
            let count = count_at(has.get(path), since);
            let limit = LimitViolation { limit: "users_per_project", at: path.to_string(), count, at_most };
            found = Some(Breach { since, separation: None, limit: Some(limit) });
        }
    }
    found
}

/// Returns whether a count is within the limit of a directory's policy, if it has one.
fn is_within(directory: &Directory, count: usize) -> bool {
    directory.policy.limits.users_per_project.is_none_or(|at_most| count <= at_most)
}

/// Returns the subjects that may be users of some scopes from `now` on.
fn users_of(directory: &Directory, paths: &BTreeSet<&str>, now: Timestamp) -> Vec<SubjectKey> {
    let scopes = paths.iter().filter_map(|path| directory.scope(path));
    let scopes = order::unique(scopes.flat_map(|scope| directory.path(scope)));
    let roles: Vec<RoleId> = directory.roles_at(&scopes).collect();
    directory.subjects_with(&roles, &scopes, &|one| one.until.is_none_or(|until| until > now))
}

/// Returns the number of users of some scopes, from each time on at which it changes. The first time is `now`. `subjects`
/// contains all users of these scopes.
fn user_counts<'p>(
    directory: &Directory,
    subjects: impl IntoIterator<Item = SubjectKey>,
    paths: &BTreeSet<&'p str>,
    now: Timestamp,
) -> BTreeMap<&'p str, BTreeMap<Timestamp, usize>> {
    let mut names: BTreeMap<ScopeId, &'p str> = BTreeMap::new();
    for path in paths {
        if let Some(scope) = directory.scope(path) {
            names.insert(scope, path);
        }
    }
    let mut changes: BTreeMap<ScopeId, BTreeMap<Timestamp, (usize, usize)>> = BTreeMap::new();
    for key in subjects {
        if !is_user(directory, directory.subject_name(key)) {
            continue;
        }
        // How many assignments that cover a scope begin and end at each time.
        let mut edges: BTreeMap<ScopeId, BTreeMap<Timestamp, (usize, usize)>> = BTreeMap::new();
        for held in counting(directory, key) {
            let from = held.from.map_or(now, |from| from.max(now));
            if held.until.is_some_and(|until| until <= from) {
                continue;
            }
            let Range { start, end } = held.range(directory);
            for (scope, _) in names.range(ScopeId::new(start)..ScopeId::new(end)) {
                let edges = edges.entry(*scope).or_default();
                edges.entry(from).or_default().0 += 1;
                if let Some(until) = held.until {
                    edges.entry(until).or_default().1 += 1;
                }
            }
        }
        for (scope, edges) in edges {
            let mut covering = 0_usize;
            for (time, (begin, end)) in edges {
                let was = covering > 0;
                covering = (covering + begin).saturating_sub(end);
                if was != (covering > 0) {
                    let (more, less) = changes.entry(scope).or_default().entry(time).or_default();
                    *if was { less } else { more } += 1;
                }
            }
        }
    }
    let mut counts = BTreeMap::new();
    for (scope, path) in names {
        let mut count = 0_usize;
        let mut of: BTreeMap<Timestamp, usize> = BTreeMap::new();
        of.insert(now, 0);
        for (time, (more, less)) in changes.remove(&scope).unwrap_or_default() {
            count = (count + more).saturating_sub(less);
            of.insert(time, count);
        }
        counts.insert(path, of);
    }
    counts
}

/// Returns the count at a time; zero before the first time.
fn count_at(counts: Option<&BTreeMap<Timestamp, usize>>, time: Timestamp) -> usize {
    counts.and_then(|counts| counts.range(..=time).next_back()).map_or(0, |(_, count)| *count)
}

/// Operations of one search for the time at which an answer changes. When they are spent, the answer expires at the
/// first time that was not examined.
const STEPS: usize = 1 << 24;

/// Operations to examine a change for one subject. When they are spent, the change counts as a breach.
const STEPS_OF_ONE: usize = 1 << 21;

pub(crate) fn violations(directory: &Directory, time: Timestamp) -> Violations {
    if !directory.is_in_order() {
        return Violations { separation: Vec::new(), limits: Vec::new(), valid_until: None };
    }
    let (separation, first) = separation(directory, time);
    let (limits, second) = users(directory, time);
    Violations { separation, limits, valid_until: [first, second].into_iter().flatten().min() }
}

/// Returns the assignments of a subject and of its groups.
fn assigned(directory: &Directory, subject: SubjectKey) -> Vec<AssignedRole> {
    let groups = directory.groups_of(subject);
    assignments(directory, Some(subject), &groups).collect()
}

/// Returns the assignments that make a subject a user of a scope. Roles that everyone has make nobody one.
fn counting(directory: &Directory, subject: SubjectKey) -> Vec<AssignedRole> {
    let mut held = assigned(directory, subject);
    held.retain(|held| !directory.is_everyone(held.holder));
    held
}

/// Returns the times after `time` at which assignments begin or end, in order.
fn bounds(held: &[AssignedRole], time: Timestamp) -> Vec<Timestamp> {
    order::unique(held.iter().flat_map(|held| [held.from, held.until]).flatten().filter(|bound| *bound > time))
}

fn separation(directory: &Directory, time: Timestamp) -> (Vec<SeparationViolation>, Option<Timestamp>) {
    let (mut found, mut horizon) = (Vec::new(), None);
    let mut duties = Duties::new(directory);
    if duties.constraints.is_empty() {
        return (found, horizon);
    }
    let mut left = STEPS;
    for subject in directory.subjects.keys() {
        if directory.subjects.get(subject).status == Status::Removed {
            continue;
        }
        let mut held = assigned(directory, subject);
        held.retain(|held| !duties.of(held.role).is_empty());
        order::sort_by(&mut held, |a, b| a.scope.cmp(&b.scope));
        let now = duties.broken(&held, time);
        let weight = duties.weight(&held);
        let change = bounds(&held, time).into_iter().find(|later| {
            left = left.saturating_sub(limits::SCOPE_KINDS * weight);
            left == 0 || duties.broken(&held, *later) != now
        });
        horizon = [horizon, change].into_iter().flatten().min();
        let id = directory.subject_name(subject);
        found.extend(now.into_iter().filter_map(|found| duties.violation(id, found)));
    }
    order::sort(&mut found);
    (found, horizon)
}

/// The named roles that a subject holds by assignments at one scope.
struct HeldAt {
    scope: ScopeId,
    roles: BTreeSet<RoleId>,
    /// Those of assignments that do not cover the scopes below.
    here: BTreeSet<RoleId>,
}

/// The constraints on assigned roles.
struct Duties<'d> {
    directory: &'d Directory,
    constraints: Vec<&'d Separation>,
    /// The roles that constraints name, each with the numbers of these constraints.
    named: BTreeMap<RoleId, Vec<usize>>,
    /// A cache: for each role the named roles that it brings.
    known: BTreeMap<RoleId, Rc<[RoleId]>>,
}

impl<'d> Duties<'d> {
    fn new(directory: &'d Directory) -> Self {
        let separation = directory.policy.guards.separation.iter();
        let constraints: Vec<&Separation> = separation.filter(|constraint| constraint.assigned).collect();
        let mut named: BTreeMap<RoleId, Vec<usize>> = BTreeMap::new();
        for (number, constraint) in constraints.iter().enumerate() {
            for role in &constraint.roles {
                named.entry(*role).or_default().push(number);
            }
        }
        Self { directory, constraints, named, known: BTreeMap::new() }
    }

    /// Returns the named roles that a role brings, itself included.
    fn of(&mut self, role: RoleId) -> Rc<[RoleId]> {
        let Self { directory, named, known, .. } = self;
        let find = || directory.role(role).originals().iter().filter(|id| named.contains_key(id)).copied().collect();
        Rc::clone(known.entry(role).or_insert_with(find))
    }

    /// Returns the operations that it takes to find the broken constraints of some assignments.
    fn weight(&mut self, held: &[AssignedRole]) -> usize {
        let mut weight = 0;
        for held in held {
            let roles = self.of(held.role);
            weight += 1 + roles.iter().map(|role| 1 + self.named.get(role).map_or(0, Vec::len)).sum::<usize>();
        }
        weight
    }

    fn violation(&self, subject: &str, found: (usize, ScopeId, Vec<RoleId>)) -> Option<SeparationViolation> {
        let (number, scope, roles) = found;
        let constraint = self.constraints.get(number)?;
        Some(SeparationViolation {
            constraint: constraint.id.to_string(),
            subject: subject.to_string(),
            at: self.directory.scope_name(scope).to_string(),
            roles: roles.iter().map(|role| self.directory.role(*role).name.to_string()).collect(),
            at_most: constraint.at_most,
        })
    }

    /// Returns the named roles that are held at a time, by the scope of their assignments. `held` must be sorted by
    /// scope.
    fn held_at(&mut self, held: &[AssignedRole], time: Timestamp) -> Vec<HeldAt> {
        let mut by_scope: Vec<HeldAt> = Vec::new();
        for held in held.iter().filter(|held| held.is_active(time)) {
            if by_scope.last().is_none_or(|last| last.scope != held.scope) {
                by_scope.push(HeldAt { scope: held.scope, roles: BTreeSet::new(), here: BTreeSet::new() });
            }
            if let Some(last) = by_scope.last_mut() {
                let roles = if held.here { &mut last.here } else { &mut last.roles };
                roles.extend(self.of(held.role).iter());
            }
        }
        by_scope
    }

    /// Returns the scopes that cover a scope, itself included.
    fn covering(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + use<'d> {
        let directory = self.directory;
        directory.path(scope).filter(move |above| directory.covers(*above, scope))
    }

    /// Returns each constraint that is broken at a scope, with its roles that are held there.
    fn broken_at(&self, by_scope: &[HeldAt], scope: ScopeId) -> Vec<(usize, Vec<RoleId>)> {
        let mut together: BTreeMap<usize, BTreeSet<RoleId>> = BTreeMap::new();
        for above in self.covering(scope) {
            let place = by_scope.binary_search_by(|known| known.scope.cmp(&above));
            let held = place.ok().and_then(|place| by_scope.get(place));
            let here = held.filter(|_| above == scope).map(|held| &held.here);
            for role in held.map(|held| &held.roles).into_iter().chain(here).flatten() {
                for number in self.named.get(role).into_iter().flatten() {
                    together.entry(*number).or_default().insert(*role);
                }
            }
        }
        let at_most = |number: usize| self.constraints.get(number).map_or(usize::MAX, |constraint| constraint.at_most);
        let broken = together.into_iter().filter(|(number, roles)| roles.len() > at_most(*number));
        broken.map(|(number, roles)| (number, roles.into_iter().collect())).collect()
    }

    /// Returns each broken constraint with the outermost scopes at which it is broken, and its roles that are held
    /// there. `held` must be sorted by scope.
    fn broken(&mut self, held: &[AssignedRole], time: Timestamp) -> Vec<(usize, ScopeId, Vec<RoleId>)> {
        let by_scope = self.held_at(held, time);
        let mut found: Vec<(usize, ScopeId, Vec<RoleId>)> = Vec::new();
        let mut outermost: BTreeSet<(ScopeId, usize)> = BTreeSet::new();
        // Scopes above come first, because they have smaller numbers.
        for HeldAt { scope, .. } in &by_scope {
            for (number, roles) in self.broken_at(&by_scope, *scope) {
                if !self.covering(*scope).any(|above| outermost.contains(&(above, number))) {
                    outermost.insert((*scope, number));
                    found.push((number, *scope, roles));
                }
            }
        }
        found
    }
}

/// Returns the innermost scopes with more users than the policy allows, and the time until which this is valid.
fn users(directory: &Directory, time: Timestamp) -> (Vec<LimitViolation>, Option<Timestamp>) {
    let Some(at_most) = directory.policy.limits.users_per_project else { return (Vec::new(), None) };
    let innermost = directory.policy.kinds.len().saturating_sub(1);
    // The difference in users between each scope and the one before it.
    let mut steps: Vec<isize> = vec![0; directory.scopes.len() + 1];
    // The subjects whose assignments begin or end at each later time.
    let mut later: BTreeMap<Timestamp, Vec<SubjectKey>> = BTreeMap::new();
    let covered = |held: &[AssignedRole], time: Timestamp| -> Vec<Range<usize>> {
        let active = held.iter().filter(|held| held.is_active(time)).map(|held| held.range(directory));
        let mut behind = 0;
        let ranges = order::unique(active.map(|range| (range.start, range.end))).into_iter().map(|(start, end)| {
            // Skip the part that an earlier assignment covered.
            let range = start.max(behind)..end;
            behind = behind.max(end);
            range
        });
        ranges.filter(|range| !range.is_empty()).collect()
    };
    for subject in directory.subjects.keys() {
        let entry = directory.subjects.get(subject);
        let counted = matches!(entry.status, Status::Active | Status::Suspended);
        if !counted || !directory.subject_name(subject).starts_with(USER) {
            continue;
        }
        let held = counting(directory, subject);
        for bound in bounds(&held, time) {
            later.entry(bound).or_default().push(subject);
        }
        for range in covered(&held, time) {
            for (place, step) in [(range.start, 1), (range.end, -1)] {
                steps.get_mut(place).into_iter().for_each(|known| *known += step);
            }
        }
    }
    let mut sum = 0;
    let mut counts: Vec<usize> = Vec::with_capacity(directory.scopes.len());
    for (scope, step) in steps.iter().take(directory.scopes.len()).enumerate() {
        sum += step;
        let counts_here = directory.scopes.kind(ScopeId::new(scope)) == innermost;
        counts.push(if counts_here { sum.unsigned_abs() } else { 0 });
    }
    let reported = |count: usize| Some(count).filter(|count| *count > at_most);
    let first = counts.clone();
    let mut different = 0_usize;
    let (mut since, mut horizon, mut left) = (time, None, STEPS);
    for (instant, subjects) in later {
        for subject in subjects {
            let held = counting(directory, subject);
            left = left.saturating_sub(held.len());
            // Nothing changed for the subject between the time before and this one.
            let changes = [(covered(&held, since), false), (covered(&held, instant), true)];
            for (scope, joins) in changes
                .into_iter()
                .flat_map(|(ranges, joins)| ranges.into_iter().flatten().map(move |scope| (scope, joins)))
            {
                left = left.saturating_sub(1);
                if directory.scopes.kind(ScopeId::new(scope)) != innermost {
                    continue;
                }
                let (Some(count), Some(first)) = (counts.get_mut(scope), first.get(scope)) else { continue };
                let was = reported(*count) == reported(*first);
                *count = if joins { *count + 1 } else { count.saturating_sub(1) };
                match (was, reported(*count) == reported(*first)) {
                    (true, false) => different += 1,
                    (false, true) => different = different.saturating_sub(1),
                    _ => {}
                }
            }
        }
        since = instant;
        if different > 0 || left == 0 {
            horizon = Some(instant);
            break;
        }
    }
    let above = first.into_iter().enumerate().filter(|(_, count)| *count > at_most);
    let mut found: Vec<LimitViolation> = above
        .map(|(scope, count)| LimitViolation {
            limit: "users_per_project",
            at: directory.scope_name(ScopeId::new(scope)).to_string(),
            count,
            at_most,
        })
        .collect();
    order::sort(&mut found);
    (found, horizon)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::directory::random::{SCOPES, directories, now};

    #[test]
    fn users_are_counted_as_if_everyone_was_looked_at() {
        let mut counted = 0;
        for directory in directories() {
            for paths in [&SCOPES[..], &SCOPES[2..4], &SCOPES[5..6]] {
                let paths = order::set(paths.iter().copied());
                let narrow = user_counts(&directory, users_of(&directory, &paths, now()), &paths, now());
                assert_eq!(narrow, user_counts(&directory, directory.subjects.keys(), &paths, now()));
                counted += narrow.values().flat_map(BTreeMap::values).sum::<usize>();
            }
        }
        assert!(counted > 1000, "{counted}");
    }
}
