//! What a directory holds against the policy's rules for administration: separation of assigned roles, and limits.
//!
//! Neither keeps a directory from deciding: administration refuses what would break them, and this tells what was not
//! refused.

use crate::arena::{Id, RoleId, ScopeId, SubjectKey};
use crate::directory::{Directory, Status};
use crate::instant::Instant;
use crate::order;
use crate::policy::Separation;
use crate::standing::{Held, assignments};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use serde::Serialize;

/// What people's ids begin with. Applications and support staff are not counted as users.
const USER: &str = "user:";

/// Every rule for administration that a directory breaks at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violations {
    /// Subjects that hold more roles of a constraint together than it lets be assigned, sorted.
    pub separation: Vec<SeparationViolation>,
    /// Scopes with more of something than a limit of the policy allows, sorted.
    pub limits: Vec<LimitViolation>,
    /// The first later instant at which any of this may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Instant>,
}

/// A subject that holds too many roles of a constraint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SeparationViolation {
    /// The constraint's id.
    pub constraint: String,
    /// Who holds the roles, itself or through groups.
    pub subject: String,
    /// The outermost scope at which they come together.
    pub at: String,
    /// The constraint's roles that are held there, sorted.
    pub roles: Vec<String>,
    /// How many of them may be assigned.
    pub at_most: usize,
}

/// More of something than a limit of the policy allows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LimitViolation {
    /// The limit as the policy calls it: `users_per_project`.
    pub limit: &'static str,
    /// The scope.
    pub at: String,
    /// How many there are.
    pub count: usize,
    /// How many there may be.
    pub at_most: usize,
}

/// A rule for administration that a change breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The first instant at which it is broken.
    pub since: Instant,
    /// Who would hold too many roles of a constraint together.
    pub separation: Option<SeparationViolation>,
    /// Where there would be more users than the policy allows.
    pub limit: Option<LimitViolation>,
}

/// The first rule that a change breaks for some changed subjects and did not find broken, from an instant on.
pub(crate) fn breach(
    before: &Directory,
    after: &Directory,
    changed: &BTreeSet<String>,
    now: Instant,
) -> Option<Breach> {
    separation_breach(before, after, changed, now).or_else(|| limit_breach(before, after, changed, now))
}

/// Everything that is assigned to someone, and the instants from `now` on at which that changes.
fn assigned_from(directory: &Directory, id: &str, now: Instant) -> (Vec<Held>, BTreeSet<Instant>) {
    let held = directory.subject(id).map(|key| assigned(directory, key)).unwrap_or_default();
    let bounds = bounds(&held, now);
    (held, bounds)
}

fn separation_breach(
    before: &Directory,
    after: &Directory,
    changed: &BTreeSet<String>,
    now: Instant,
) -> Option<Breach> {
    let of = |directory: &'_ Directory| -> Vec<usize> {
        let all = directory.policy.guards.separation.iter().enumerate();
        all.filter(|(_, one)| one.assigned).map(|(number, _)| number).collect()
    };
    if of(after).is_empty() {
        return None;
    }
    let named = |directory: &Directory, held: &[Held], id: &str, time: Instant| -> Vec<SeparationViolation> {
        let numbers = of(directory);
        let constraints: Vec<&Separation> =
            numbers.iter().filter_map(|number| directory.policy.guards.separation.get(*number)).collect();
        let broken = broken(directory, &constraints, held, time).into_iter();
        broken.map(|found| SeparationViolation::new(directory, id, found)).collect()
    };
    for id in changed {
        let Some(key) = after.subject(id) else { continue };
        if after.subjects.get(key).status == Status::Removed {
            continue;
        }
        let (had, mut instants) = assigned_from(before, id, now);
        let (has, more) = assigned_from(after, id, now);
        instants.insert(now);
        instants.extend(more);
        for time in instants {
            let broken = named(after, &has, id, time);
            if broken.is_empty() {
                continue;
            }
            let were = named(before, &had, id, time);
            let is_old = |one: &SeparationViolation| {
                were.iter().any(|old| {
                    let covers =
                        one.at.strip_prefix(&*old.at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                    covers && old.constraint == one.constraint && one.roles.iter().all(|role| old.roles.contains(role))
                })
            };
            if let Some(new) = broken.into_iter().find(|one| !is_old(one)) {
                return Some(Breach { since: time, separation: Some(new), limit: None });
            }
        }
    }
    None
}

/// The innermost scopes in which someone counts as a user at an instant, by name.
fn member_of<'d>(directory: &'d Directory, id: &str, held: &[Held], time: Instant) -> BTreeSet<&'d str> {
    let counts = is_user(directory, id);
    let innermost = directory.policy.kinds.len().saturating_sub(1);
    let covered =
        held.iter().filter(|held| counts && held.is_active(time)).flat_map(|held| directory.below(held.scope));
    let covered = covered.filter(|scope| directory.scopes.kind(*scope) == innermost);
    order::set(covered.map(|scope| directory.scope_name(scope)))
}

/// Whether someone is counted as a user.
fn is_user(directory: &Directory, id: &str) -> bool {
    let status = directory.subject(id).map(|key| directory.subjects.get(key).status);
    id.starts_with(USER) && matches!(status, Some(Status::Active | Status::Suspended))
}

fn limit_breach(before: &Directory, after: &Directory, changed: &BTreeSet<String>, now: Instant) -> Option<Breach> {
    let at_most = after.policy.limits.users_per_project?;
    // Where someone comes to count who did not, a scope that is new, and every scope where the limit is another.
    let mut grown: BTreeSet<&str> = BTreeSet::new();
    let is_new = |path: &&str| before.scope(path).is_none();
    let another = before.policy.limits.users_per_project.is_none_or(|had| had > at_most);
    let innermost = after.policy.kinds.len().saturating_sub(1);
    let is_innermost = |path: &&str| after.scope(path).is_some_and(|scope| after.scopes.kind(scope) == innermost);
    if another || before.numbering != after.numbering {
        grown.extend(after.scopes().filter(|path| (another || is_new(path)) && is_innermost(path)));
    }
    for id in changed {
        let (had, mut instants) = assigned_from(before, id, now);
        let (has, more) = assigned_from(after, id, now);
        instants.insert(now);
        instants.extend(more);
        for time in instants {
            let was = member_of(before, id, &had, time);
            grown.extend(member_of(after, id, &has, time).into_iter().filter(|path| !was.contains(path)));
        }
    }
    if grown.is_empty() {
        return None;
    }
    let [had, has] = [before, after].map(|directory| user_counts(directory, &grown, now));
    let mut found: Option<Breach> = None;
    for path in grown {
        let sides = [&had, &has].map(|side| side.get(path));
        let instants = order::set(sides.iter().copied().flatten().flat_map(|counts| counts.keys().copied()));
        let breaks = |time: &Instant| {
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

/// Whether a count is within the limit there is, if any.
fn is_within(directory: &Directory, count: usize) -> bool {
    directory.policy.limits.users_per_project.is_none_or(|at_most| count <= at_most)
}

/// How many users some scopes have from each instant on at which the count changes, `now` first.
fn user_counts<'p>(
    directory: &Directory,
    paths: &BTreeSet<&'p str>,
    now: Instant,
) -> BTreeMap<&'p str, BTreeMap<Instant, usize>> {
    let mut names: BTreeMap<ScopeId, &'p str> = BTreeMap::new();
    for path in paths {
        if let Some(scope) = directory.scope(path) {
            names.insert(scope, path);
        }
    }
    let mut changes: BTreeMap<ScopeId, BTreeMap<Instant, (usize, usize)>> = BTreeMap::new();
    for key in directory.subjects.keys() {
        if !is_user(directory, directory.subject_name(key)) {
            continue;
        }
        let held = assigned(directory, key);
        let covered = |time: Instant| -> BTreeSet<ScopeId> {
            let active = held.iter().filter(|held| held.is_active(time));
            let below = active.flat_map(|held| names.range(held.scope..directory.end(held.scope)));
            order::set(below.map(|(scope, _)| *scope))
        };
        let mut was = BTreeSet::new();
        for time in core::iter::once(now).chain(bounds(&held, now)) {
            let is = covered(time);
            for scope in is.difference(&was) {
                changes.entry(*scope).or_default().entry(time).or_default().0 += 1;
            }
            for scope in was.difference(&is) {
                changes.entry(*scope).or_default().entry(time).or_default().1 += 1;
            }
            was = is;
        }
    }
    let mut counts = BTreeMap::new();
    for (scope, path) in names {
        let mut count = 0_usize;
        let mut of: BTreeMap<Instant, usize> = BTreeMap::new();
        of.insert(now, 0);
        for (time, (more, less)) in changes.remove(&scope).unwrap_or_default() {
            count = (count + more).saturating_sub(less);
            of.insert(time, count);
        }
        counts.insert(path, of);
    }
    counts
}

/// The count at an instant; none before the first.
fn count_at(counts: Option<&BTreeMap<Instant, usize>>, time: Instant) -> usize {
    counts.and_then(|counts| counts.range(..=time).next_back()).map_or(0, |(_, count)| *count)
}

impl SeparationViolation {
    fn new(directory: &Directory, subject: &str, found: (&Separation, ScopeId, Vec<RoleId>)) -> Self {
        let (constraint, scope, roles) = found;
        Self {
            constraint: constraint.id.to_string(),
            subject: subject.to_string(),
            at: directory.scope_name(scope).to_string(),
            roles: roles.iter().map(|role| directory.role(*role).name.to_string()).collect(),
            at_most: constraint.at_most,
        }
    }
}

pub(crate) fn violations(directory: &Directory, time: Instant) -> Violations {
    let (separation, first) = separation(directory, time);
    let (limits, second) = users(directory, time);
    Violations { separation, limits, valid_until: [first, second].into_iter().flatten().min() }
}

/// Everything that is assigned to a subject, itself and through groups.
fn assigned(directory: &Directory, subject: SubjectKey) -> Vec<Held> {
    let groups = directory.groups_of(subject);
    assignments(directory, Some(subject), &groups).collect()
}

/// The instants behind `time` at which assignments begin or end, in order.
fn bounds(held: &[Held], time: Instant) -> BTreeSet<Instant> {
    order::set(held.iter().flat_map(|held| [held.from, held.until]).flatten().filter(|bound| *bound > time))
}

fn separation(directory: &Directory, time: Instant) -> (Vec<SeparationViolation>, Option<Instant>) {
    let constraints: Vec<&Separation> = directory.policy.guards.separation.iter().filter(|one| one.assigned).collect();
    let (mut found, mut horizon) = (Vec::new(), None);
    if constraints.is_empty() {
        return (found, horizon);
    }
    for subject in directory.subjects.keys() {
        let entry = directory.subjects.get(subject);
        if entry.status == Status::Removed {
            continue;
        }
        let held = assigned(directory, subject);
        let at = |time| broken(directory, &constraints, &held, time);
        let now = at(time);
        let change = bounds(&held, time).into_iter().find(|later| at(*later) != now);
        horizon = [horizon, change].into_iter().flatten().min();
        let id = directory.subject_name(subject);
        found.extend(now.into_iter().map(|found| SeparationViolation::new(directory, id, found)));
    }
    order::sort(&mut found);
    (found, horizon)
}

/// Each broken constraint with the outermost scopes at which it is broken, and the roles held there.
fn broken<'c>(
    directory: &Directory,
    constraints: &[&'c Separation],
    held: &[Held],
    time: Instant,
) -> Vec<(&'c Separation, ScopeId, Vec<RoleId>)> {
    let active: Vec<&Held> = held.iter().filter(|held| held.is_active(time)).collect();
    // Parents have smaller numbers than what is below them.
    let scopes = order::set(active.iter().map(|held| held.scope));
    let mut found: Vec<(&Separation, ScopeId, Vec<RoleId>)> = Vec::new();
    for constraint in constraints {
        let mut outermost: Vec<ScopeId> = Vec::new();
        for scope in &scopes {
            if outermost.iter().any(|above| directory.covers(*above, *scope)) {
                continue;
            }
            let covering = active.iter().filter(|held| directory.covers(held.scope, *scope));
            let reach = order::set(covering.flat_map(|held| &directory.role(held.role).reach).copied());
            let together: Vec<RoleId> = constraint.roles.iter().filter(|role| reach.contains(role)).copied().collect();
            if together.len() > constraint.at_most {
                outermost.push(*scope);
                found.push((constraint, *scope, together));
            }
        }
    }
    found
}

/// The innermost scopes at which more users hold a role than the policy allows.
fn users(directory: &Directory, time: Instant) -> (Vec<LimitViolation>, Option<Instant>) {
    let Some(at_most) = directory.policy.limits.users_per_project else { return (Vec::new(), None) };
    let innermost = directory.policy.kinds.len().saturating_sub(1);
    let mut counts: Vec<usize> = vec![0; directory.scopes.len()];
    // What changes later, and for whom.
    let mut later: BTreeMap<Instant, Vec<SubjectKey>> = BTreeMap::new();
    let member = |held: &[Held], time: Instant| -> BTreeSet<ScopeId> {
        let covered = held.iter().filter(|held| held.is_active(time)).flat_map(|held| directory.below(held.scope));
        order::set(covered.filter(|scope| directory.scopes.kind(*scope) == innermost))
    };
    for subject in directory.subjects.keys() {
        let entry = directory.subjects.get(subject);
        let counted = matches!(entry.status, Status::Active | Status::Suspended);
        if !counted || !directory.subject_name(subject).starts_with(USER) {
            continue;
        }
        let held = assigned(directory, subject);
        for bound in bounds(&held, time) {
            later.entry(bound).or_default().push(subject);
        }
        for scope in member(&held, time) {
            if let Some(count) = counts.get_mut(scope.index()) {
                *count += 1;
            }
        }
    }
    let told = |counts: &[usize]| -> Vec<(usize, usize)> {
        counts.iter().copied().enumerate().filter(|(_, count)| *count > at_most).collect()
    };
    let now = told(&counts);
    let mut since = time;
    let mut horizon = None;
    for (instant, subjects) in later {
        for subject in subjects {
            let held = assigned(directory, subject);
            // Between the instant before and this one nothing of the subject changed.
            for scope in member(&held, since) {
                if let Some(count) = counts.get_mut(scope.index()) {
                    *count = count.saturating_sub(1);
                }
            }
            for scope in member(&held, instant) {
                if let Some(count) = counts.get_mut(scope.index()) {
                    *count += 1;
                }
            }
        }
        since = instant;
        if told(&counts) != now {
            horizon = Some(instant);
            break;
        }
    }
    let mut found: Vec<LimitViolation> = now
        .into_iter()
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
