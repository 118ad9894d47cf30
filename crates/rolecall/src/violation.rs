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
        found.extend(now.into_iter().map(|(constraint, scope, roles)| SeparationViolation {
            constraint: constraint.id.to_string(),
            subject: directory.subject_name(subject).to_string(),
            at: directory.scope_name(scope).to_string(),
            roles: roles.iter().map(|role| directory.role(*role).name.to_string()).collect(),
            at_most: constraint.at_most,
        }));
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
