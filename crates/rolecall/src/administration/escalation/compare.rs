//! Compares the rights that a grantee gets with those of the grantor.

use super::check::{EscalationCheck, STEPS};
use super::parties::{Escalation, Grantee};
use super::person::Guards;
use super::place::Place;
use super::rights::{ALL_VALUES, Limits, NO_VALUES, Numbers, Rights, Values, uncovered, value, within};
use crate::policy::PermissionId;
use crate::storage::arena::{BoundaryId, Id, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::grammar::{EVERYONE, GROUP};
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

impl EscalationCheck<'_> {
    /// Compares rights that anyone may get at a scope, from now on without an end.
    pub(super) fn compare_lasting(
        &mut self,
        scope: ScopeId,
        gives: &Rights<'_>,
        gave: Option<&Rights<'_>>,
    ) -> Option<Escalation> {
        let (after, now) = (self.after, self.now);
        let mut scopes = order::set([after.scope_name(scope)]);
        scopes.extend(self.where_separated(scope));
        self.left = STEPS;
        for place in self.places(None, scopes) {
            let mut instants = order::set([now]);
            instants.extend(self.own(place).person.bounds().filter(|time| *time > now));
            let found = instants.into_iter().find_map(|time| {
                let spent = self.spend(Grantee::Anyone, place, time, 0);
                spent.or_else(|| self.compare(Grantee::Anyone, place, time, gives, gave))
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Counts the assignments that a comparison at one time reads: `held` ones of the grantee, and those of the
    /// grantor. Returns an escalation without rights if they are too many, because rights that are not compared cannot
    /// be granted.
    pub(super) fn spend(
        &mut self,
        grantee: Grantee<'_>,
        place: Place<'_>,
        time: Timestamp,
        held: usize,
    ) -> Option<Escalation> {
        let own = self.own(place).person.resolved.held.len();
        let left = self.left.checked_sub(1 + held + own);
        self.left = left.unwrap_or(0);
        left.is_none().then(|| Escalation {
            subject: grantee.id().map(ToString::to_string),
            at: place.at.to_string(),
            since: time,
            rights: Vec::new(),
            of_support: false,
        })
    }

    /// Compares at one time the rights that the grantee gets, beyond those that it had, with those of the grantor.
    pub(super) fn compare(
        &mut self,
        grantee: Grantee<'_>,
        place: Place<'_>,
        time: Timestamp,
        gets: &Rights<'_>,
        had: Option<&Rights<'_>>,
    ) -> Option<Escalation> {
        let nothing = Rights::default();
        let of_support = self.outlasts(grantee);
        if self.beyond(gets, had, &nothing, grantee).is_empty() || (!of_support && self.gives_any(place, time)) {
            return None;
        }
        self.own(place);
        let own = self.at.get(&*place.key())?;
        let own = if of_support { nothing } else { self.translated(own.person.rights(time, Guards::OfGrantor)) };
        let rights = self.beyond(gets, had, &own, grantee);
        (!rights.is_empty()).then(|| Escalation {
            subject: grantee.id().map(ToString::to_string),
            at: place.at.to_string(),
            since: time,
            rights,
            of_support,
        })
    }

    /// Returns the rights in `gets` that are neither in `had` nor in `own`, by name. `own` are the grantor's.
    pub(super) fn beyond(
        &self,
        gets: &Rights<'_>,
        had: Option<&Rights<'_>>,
        own: &Rights<'_>,
        grantee: Grantee<'_>,
    ) -> Vec<String> {
        let policy = &self.after.policy;
        let mut beyond = Vec::new();
        // A group has no values of its own. Its members are compared with their values.
        let boundaries: Vec<(BoundaryId, [&Values<'_>; 3])> = match grantee {
            // Any user may be listed later, with any values.
            Grantee::One(id) if *id == *EVERYONE => {
                let had = if had.is_some() { &ALL_VALUES } else { &NO_VALUES };
                let all = policy.guards.boundaries.iter();
                all.map(|(id, _)| (id, [&ALL_VALUES, had, value(own, id)])).collect()
            }
            Grantee::One(id) if id.starts_with(GROUP) => Vec::new(),
            Grantee::Anyone => Vec::new(),
            Grantee::One(_) | Grantee::Support => {
                let had = |id| had.map_or(&NO_VALUES, |had| value(had, id));
                let all = policy.guards.boundaries.iter();
                all.map(|(id, _)| (id, [value(gets, id), had(id), value(own, id)])).collect()
            }
        };
        for id in policy.resources.sorted() {
            let Some(labels) = gets.labels_of(*id) else { continue };
            let action = policy.resources.action(*id);
            let limits =
                [Some(gets), had, Some(own)].map(|rights| rights.and_then(|rights| rights.limits.get(&id.bit())));
            let mut limiting: Vec<(BoundaryId, [&Values<'_>; 3])> = Vec::new();
            // The values of assignments count for groups too.
            let all = policy.guards.boundaries.iter().map(|(id, _)| (id, [&ALL_VALUES; 3]));
            let is_limited = limits.iter().any(Option::is_some);
            let all = all.filter(|_| is_limited && boundaries.is_empty());
            for (boundary, [gets, had, own]) in boundaries.iter().copied().chain(all) {
                // A change of the policy may add the action to the limits of a boundary, or remove it.
                let limits = policy.guards.boundaries[boundary].limits.intersects(action);
                let limited = self.limited_before(boundary, *id, limits);
                if limits || limited {
                    let of = |values, limits| if limits { values } else { &ALL_VALUES };
                    limiting.push((boundary, [of(gets, limits), of(had, limited), of(own, limited)]));
                }
            }
            let had_labels = had.and_then(|had| had.labels_of(*id));
            let [of_gets, of_had, of_own] = limits;
            let had_values = uncovered(&pairs(&limiting, 1), of_gets, of_had).is_none();
            let new_labels = labels & !had_labels.unwrap_or(0);
            if had_labels.is_some() && had_values && new_labels == 0 {
                continue;
            }
            let name = policy.permission_name(*id);
            let with_labels =
                |labels| policy.labels_in(labels).into_iter().map(|label| [name, " with label ", &label].concat());
            let Some(own_labels) = own.labels_of(*id) else {
                // Only labels are new if the permission was held, or comes from another role.
                if new_labels != 0 && (had_labels.is_some() && had_values || !gets.permissions.contains(id.bit())) {
                    beyond.extend(with_labels(new_labels));
                } else {
                    beyond.push(name.to_string());
                }
                continue;
            };
            if is_limited {
                if let Some((boundary, value)) = uncovered(&pairs(&limiting, 2), of_gets, of_own) {
                    let boundary = &policy.guards.boundaries[boundary].name;
                    beyond.push([name, " with ", boundary, "=", value.unwrap_or("*")].concat());
                }
                limiting.clear();
            }
            for (boundary, [gets, _, own]) in limiting.iter().filter(|(_, [gets, _, own])| !within(gets, own)) {
                let lacking = match (gets, own) {
                    (Some(gets), Some(own)) => gets.iter().find(|value| own.binary_search(value).is_err()).copied(),
                    _ => None,
                };
                let boundary = &policy.guards.boundaries[*boundary].name;
                beyond.push([name, " with ", boundary, "=", lacking.unwrap_or("*")].concat());
            }
            beyond.extend(with_labels(labels & !own_labels));
        }
        let missing = |gets: u64, had: u64, own: u64| gets & !had & !own;
        let (read, lifted, login) = had.map_or((0, 0, false), |had| (had.reads, had.unbounded, had.backup_login));
        let labels = policy.labels_in(missing(gets.reads, read, own.reads));
        beyond.extend(labels.iter().map(|label| ["reads:", label].concat()));
        let lifted = missing(gets.unbounded, lifted, own.unbounded);
        let lifted = policy.guards.boundaries.iter().filter(|(id, _)| lifted >> id.index() & 1 == 1);
        beyond.extend(lifted.map(|(_, rule)| ["unbounded:", &rule.name].concat()));
        beyond.extend((gets.backup_login && !login && !own.backup_login).then(|| "backup_login".to_string()));
        beyond
    }

    /// Returns whether a boundary limited a permission before the change. `limits` is whether it does after the change.
    fn limited_before(&self, boundary: BoundaryId, permission: PermissionId, limits: bool) -> bool {
        let Some(numbers) = &self.numbers else { return limits };
        let old = &self.before.policy;
        let number = |numbers: &[Option<usize>], number: usize| numbers.get(number).copied().flatten();
        let boundary = number(&numbers.boundaries, boundary.index()).map(BoundaryId::new);
        let permission = number(&numbers.permissions, permission.bit()).map(PermissionId::new);
        boundary.zip(permission).is_some_and(|(boundary, permission)| {
            old.guards.boundaries[boundary].limits.intersects(old.resources.action(permission))
        })
    }

    /// Translates rights from before the change to the numbers of the policy after it.
    pub(super) fn translated<'r>(&self, rights: Rights<'r>) -> Rights<'r> {
        let Some(numbers) = &self.numbers else { return rights };
        let mask = |numbers: &[Option<usize>], mask: u64| {
            let set = numbers.iter().enumerate().filter(|(_, old)| old.is_some_and(|old| mask >> old & 1 == 1));
            set.fold(0, |mask, (new, _)| mask | 1 << new)
        };
        let mut permissions = Bits::new(self.after.policy.resources.count());
        for (new, old) in numbers.permissions.iter().enumerate() {
            if old.is_some_and(|old| rights.permissions.contains(old)) {
                permissions.insert(new);
            }
        }
        Rights {
            permissions,
            reads: mask(&numbers.labels, rights.reads),
            labels: mask(&numbers.labels, rights.labels),
            others: Bits::default(),
            unbounded: mask(&numbers.boundaries, rights.unbounded),
            backup_login: rights.backup_login,
            limits: translated_limits(&rights, numbers),
            values: numbers
                .boundaries
                .iter()
                .map(|old| old.map_or(None, |old| rights.values.get(old).cloned().unwrap_or(Some(Vec::new()))))
                .collect(),
        }
    }
}

/// Returns the values that a grantee gets in each boundary, and those of the side with a number.
fn pairs<'r, 'd>(
    limiting: &[(BoundaryId, [&'r Values<'d>; 3])],
    side: usize,
) -> Vec<(BoundaryId, [&'r Values<'d>; 2])> {
    let other = |[gets, had, own]: [&'r Values<'d>; 3]| [gets, if side == 1 { had } else { own }];
    limiting.iter().map(|(id, values)| (*id, other(*values))).collect()
}

/// Translates limits from before a change. Without one of its boundaries, an assignment counts for nothing.
fn translated_limits<'r>(rights: &Rights<'r>, numbers: &Numbers) -> BTreeMap<usize, Limits<'r>> {
    let boundary = |old: BoundaryId| numbers.boundaries.iter().position(|known| *known == Some(old.index()));
    let one = |limit: &Vec<(BoundaryId, Values<'r>)>| {
        let limit = limit.iter().map(|(id, values)| Some((BoundaryId::new(boundary(*id)?), values.clone())));
        limit.collect::<Option<Vec<_>>>()
    };
    let mut limits = BTreeMap::new();
    for (new, old) in numbers.permissions.iter().enumerate() {
        if let Some(of) = old.and_then(|old| rights.limits.get(&old)) {
            limits.insert(new, of.iter().filter_map(one).collect());
        }
    }
    limits
}
