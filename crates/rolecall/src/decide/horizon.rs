//! Computes until when an answer holds: its horizon.
//!
//! An answer can only change at a candidate: a time at which an assignment begins or ends, an invitation expires or a
//! session times out. The first candidate at which the answer differs is the exact horizon. A few candidates are
//! evaluated one by one. Many are swept once: a [`Tally`] counts the rights that active assignments give together, and
//! the answer is evaluated only where those counts differ from the counts at the beginning.

use crate::decide::grants::without_times;
use crate::decide::guard;
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation};
use crate::policy::{PermissionId, Role};
use crate::storage::arena::RoleId;
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::timestamp::Timestamp;
use alloc::vec;
use alloc::vec::Vec;

/// The number of candidates up to which each is evaluated on its own.
const FEW: usize = 8;
/// Operations of one sweep. When they are spent, the answer expires at the time reached, and the caller asks again
/// then.
const STEPS: usize = 1 << 26;
/// Assignments that may be read again to evaluate answers at later times.
const READ_AGAIN: usize = 1 << 22;

/// The parts of assignments that an answer reads. Where none of them differs, the answer is the same.
#[derive(Clone, Copy, Default)]
pub(crate) struct Interest {
    /// The labels, one bit each.
    pub(crate) reads: u64,
    /// The boundaries that may be lifted, one bit each.
    pub(crate) unbounded: u64,
    /// Whether a role that holds this permission is active, has ended or has not begun.
    pub(crate) granting: Option<PermissionId>,
    /// Which assignments are active: those of roles that hold the `granting` permission, or all if it is `None`.
    pub(crate) each: bool,
    /// All permissions that active roles hold.
    pub(crate) permissions: bool,
}

/// Returns the first later time at which the answer has changed, if everything but the time stays the same.
pub(crate) fn first_change(
    inputs: EvalInputs<'_>,
    now: Timestamp,
    interest: impl FnOnce() -> Interest,
    changed: impl Fn(Timestamp) -> bool,
) -> Option<Timestamp> {
    let times = candidates(inputs, now);
    if times.len() <= FEW {
        return times.into_iter().find(|time| changed(*time));
    }
    sweep(inputs, now, interest(), &times, &changed)
}

#[cold]
fn sweep(
    inputs: EvalInputs<'_>,
    now: Timestamp,
    interest: Interest,
    times: &[Timestamp],
    changed: &dyn Fn(Timestamp) -> bool,
) -> Option<Timestamp> {
    let mut tally = Tally::new(inputs, now, interest);
    let mut trials = READ_AGAIN;
    // The tally counts assignments only, so a passed candidate of another kind forces an evaluation.
    let (mut passed, mut tried) = (0, 0);
    let others = others(inputs);
    for time in times {
        tally.advance(*time);
        passed += others.iter().filter(|other| **other == Some(*time)).count();
        if tally.is_spent() {
            return Some(*time);
        }
        if !tally.differs() && tried == passed {
            continue;
        }
        if trials == 0 || changed(*time) {
            return Some(*time);
        }
        trials = trials.saturating_sub(64 + inputs.resolved.held.len());
        if !tally.differs() {
            tried = passed;
        }
    }
    None
}

/// Returns the operations that one evaluation of this many rights takes.
pub(crate) fn cost(rights: usize) -> usize {
    KEYS + rights
}

/// Returns the candidates that no assignment sets: the end of an invitation and the inactivity timeout.
pub(crate) fn others(inputs: EvalInputs<'_>) -> [Option<Timestamp>; 2] {
    [inputs.resolved.invited_until, guard::idle_at(inputs)]
}

/// Returns the earlier of two times that may be missing.
pub(crate) fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

/// Returns the first later time at which any answer may change.
pub(crate) fn next_candidate(inputs: EvalInputs<'_>, now: Timestamp) -> Option<Timestamp> {
    let mut first = None;
    each_candidate(inputs, now, &mut |time| first = sooner(first, Some(time)));
    first
}

fn each_candidate(inputs: EvalInputs<'_>, now: Timestamp, add: &mut dyn FnMut(Timestamp)) {
    let mut each =
        |times: [Option<Timestamp>; 2]| times.into_iter().flatten().filter(|time| *time > now).for_each(&mut *add);
    for held in &inputs.resolved.held {
        each([held.from, held.until]);
    }
    each(others(inputs));
}

/// Returns the later times at which an answer may change, in order.
pub(crate) fn candidates(inputs: EvalInputs<'_>, now: Timestamp) -> Vec<Timestamp> {
    let mut found: Vec<Timestamp> = Vec::new();
    each_candidate(inputs, now, &mut |time| found.push(time));
    order::sort(&mut found);
    found.dedup();
    found
}

/// Counts how many active assignments give each right, as time advances.
pub(crate) struct Tally<'a> {
    inputs: EvalInputs<'a>,
    interest: Interest,
    /// The later begins (`true`) and ends (`false`) of assignments, in order, with the index of each assignment.
    later: Vec<(Timestamp, usize, bool)>,
    next: usize,
    /// How many active assignments give each right, by the number of the right.
    counts: Vec<u32>,
    /// The rights that were given at the beginning.
    first: Bits,
    /// How many rights are given and were not at the beginning, or the other way round.
    different: usize,
    /// How often a right began or ceased to be given.
    turned: usize,
    /// For each assignment: its number among distinct assignments, and the number of its role.
    numbers: Vec<(usize, usize)>,
    /// How many active assignments each role has, by its number.
    roles: Vec<u32>,
    duties: Duties,
    spent: usize,
}

// The numbers of the rights: 64 labels, 64 boundaries, the single rights below, permissions, distinct assignments.
const BOUNDARIES: usize = 64;
const STANDALONE: usize = 128;
const BACKUP_LOGIN: usize = 129;
const SEPARATED: usize = 130;
const GRANTING: usize = 131;
const ENDED: usize = 132;
const NOT_BEGUN: usize = 133;
const KEYS: usize = 134;

/// Counts the active roles of each constraint on active roles.
#[derive(Default)]
struct Duties {
    /// Each role with each constraint that names it, sorted.
    roles: Vec<(RoleId, usize)>,
    /// How often each role is active, at its first index in `roles`.
    active: Vec<u32>,
    /// How many roles of each constraint are active together.
    together: Vec<usize>,
    /// How many roles of each constraint may be active together.
    at_most: Vec<usize>,
    /// How many constraints are broken.
    broken: usize,
}

impl<'a> Tally<'a> {
    /// Counts the rights that are given at a time.
    pub(crate) fn new(inputs: EvalInputs<'a>, now: Timestamp, interest: Interest) -> Self {
        let held = &inputs.resolved.held;
        let mut later = Vec::new();
        for (place, one) in held.iter().enumerate() {
            for (time, begins) in [(one.from, true), (one.until, false)] {
                if let Some(time) = time.filter(|time| *time > now) {
                    later.push((time, place, begins));
                }
            }
        }
        order::sort(&mut later);
        let (numbers, keys, roles) = numbers(held);
        let permissions = if interest.permissions { inputs.directory.policy.resources.count() } else { 0 };
        let rights = KEYS + permissions + keys;
        let mut tally = Self {
            inputs,
            interest,
            later,
            next: 0,
            counts: vec![0; rights],
            first: Bits::new(rights),
            different: 0,
            turned: 0,
            numbers,
            roles: vec![0; roles],
            duties: Duties::new(inputs),
            spent: 0,
        };
        for (place, one) in held.iter().enumerate() {
            tally.turn_grant(one, if one.has_ended(now) { ENDED } else { NOT_BEGUN }, !one.is_active(now));
            if one.is_active(now) {
                tally.turn(place, one, true);
            }
        }
        for (right, count) in tally.counts.iter().enumerate() {
            if *count > 0 {
                tally.first.insert(right);
            }
        }
        (tally.different, tally.turned) = (0, 0);
        tally
    }

    /// Advances to a later time.
    pub(crate) fn advance(&mut self, time: Timestamp) {
        let inputs = self.inputs;
        while let Some((_, place, begins)) = self.later.get(self.next).copied().filter(|(at, ..)| *at <= time) {
            self.next += 1;
            let Some(held) = inputs.resolved.held.get(place) else { continue };
            if begins {
                self.turn_grant(held, NOT_BEGUN, false);
            } else {
                self.turn_grant(held, ENDED, true);
            }
            self.turn(place, held, begins);
        }
    }

    /// Returns whether the given rights differ from those at the beginning.
    pub(crate) fn differs(&self) -> bool {
        self.different > 0
    }

    /// Returns how often a right began or ceased to be given. While the number stays the same, so do the rights.
    pub(crate) fn turned(&self) -> usize {
        self.turned
    }

    /// Returns how many operations were spent.
    pub(crate) fn spent(&self) -> usize {
        self.spent
    }

    /// Returns whether more operations were spent than one sweep may take.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent > STEPS
    }

    /// Returns the evaluation with the rights that are given now.
    pub(crate) fn evaluation(&self, time: Timestamp) -> Evaluation<'a> {
        let given = |right: usize| self.counts.get(right).is_some_and(|count| *count > 0);
        let mask = |first: usize| (0..64).filter(|bit| given(first + bit)).fold(0, |mask, bit| mask | 1 << bit);
        Evaluation {
            inputs: self.inputs,
            time,
            reads: mask(0),
            unbounded: mask(BOUNDARIES),
            standalone: given(STANDALONE),
            backup_login: given(BACKUP_LOGIN),
            separated: Some(self.duties.broken > 0),
        }
    }

    /// Returns the permissions that active roles hold now.
    pub(crate) fn permissions(&self) -> Bits {
        let count = self.inputs.directory.policy.resources.count();
        let mut held = Bits::new(count);
        for (permission, count) in self.counts.iter().skip(KEYS).take(count).enumerate() {
            if *count > 0 {
                held.insert(permission);
            }
        }
        held
    }

    fn turn_grant(&mut self, held: &AssignedRole, right: usize, on: bool) {
        if self.interest.granting.is_some_and(|permission| self.holds(held.role, permission)) {
            // Only counts that were added are taken off: an active assignment was never counted as not begun.
            if on || self.counts.get(right).is_some_and(|count| *count > 0) {
                self.count(right, on);
            }
        }
    }

    fn spend(&mut self, operations: usize) {
        self.spent = self.spent.saturating_add(operations);
    }

    fn holds(&self, role: RoleId, permission: PermissionId) -> bool {
        self.inputs.directory.role(role).all_permissions.contains(permission.bit())
    }

    /// Counts the rights of an assignment that begins or ends.
    fn turn(&mut self, place: usize, held: &AssignedRole, on: bool) {
        let role = self.inputs.directory.role(held.role);
        self.spend(1);
        let granting = self.interest.granting.map(|permission| role.all_permissions.contains(permission.bit()));
        if granting == Some(true) {
            self.count(GRANTING, on);
        }
        let Some((key, number)) = self.numbers.get(place).copied() else { return };
        if self.interest.each && granting.unwrap_or(!role.all_permissions.is_empty()) {
            let permissions =
                if self.interest.permissions { self.inputs.directory.policy.resources.count() } else { 0 };
            self.count(KEYS + permissions + key, on);
        }
        let Some(count) = self.roles.get_mut(number) else { return };
        let was = *count > 0;
        *count = if on { *count + 1 } else { count.saturating_sub(1) };
        if was != (*count > 0) {
            self.turn_role(held.role, role, on);
        }
    }

    /// Counts the rights of a role with its first active assignment, or without its last one.
    fn turn_role(&mut self, id: RoleId, role: &Role, on: bool) {
        let inputs = self.inputs;
        let masks = [(0, (role.reads | inputs.resolved.support_reads)), (BOUNDARIES, role.unbounded)];
        for (first, mask) in masks {
            let mut rest = mask;
            while rest != 0 {
                self.count(first + rest.trailing_zeros() as usize, on);
                rest &= rest - 1;
            }
        }
        for (right, is_given) in [(STANDALONE, role.standalone), (BACKUP_LOGIN, role.backup_login)] {
            if is_given {
                self.count(right, on);
            }
        }
        if self.interest.permissions {
            self.spend(role.all_permissions.words().len());
            for permission in role.all_permissions.iter() {
                self.spend(1);
                self.count(KEYS + permission, on);
            }
        }
        if !self.duties.roles.is_empty() {
            let was = self.duties.broken > 0;
            let spent = self.duties.turn(inputs.directory.role(id).originals(), on);
            self.spend(spent);
            if was != (self.duties.broken > 0) {
                self.count(SEPARATED, !was);
            }
        }
    }

    fn count(&mut self, right: usize, on: bool) {
        let Some(count) = self.counts.get_mut(right) else { return };
        let was = *count > 0;
        *count = if on { *count + 1 } else { count.saturating_sub(1) };
        let is = *count > 0;
        self.turned += usize::from(was != is);
        if was == is || !self.matters(right) {
            return;
        }
        if is == self.first.contains(right) {
            self.different = self.different.saturating_sub(1);
        } else {
            self.different += 1;
        }
    }

    /// Returns whether the answer may differ where a right does.
    fn matters(&self, right: usize) -> bool {
        match right {
            0..BOUNDARIES => self.interest.reads >> right & 1 == 1,
            BOUNDARIES..STANDALONE => self.interest.unbounded >> (right - BOUNDARIES) & 1 == 1,
            STANDALONE => self.inputs.directory.policy.guards.standalone_required,
            BACKUP_LOGIN => self.inputs.context.login.as_deref().is_some_and(guard::login::is_backup),
            // A decision lists `expired` and `not-yet` only while nothing grants the permission.
            ENDED | NOT_BEGUN => !self.first.contains(GRANTING),
            _ => true,
        }
    }
}

/// Numbers assignments and their roles. Assignments that give the same at other times share a number.
///
/// Returns the two numbers of each assignment, the count of distinct assignments and the count of roles.
fn numbers(held: &[AssignedRole]) -> (Vec<(usize, usize)>, usize, usize) {
    let untimed = |place: &usize| held.get(*place).map(without_times);
    let mut places: Vec<usize> = (0..held.len()).collect();
    order::sort_by(&mut places, |a, b| untimed(a).cmp(&untimed(b)));
    let mut numbers = vec![(0, 0); held.len()];
    let (mut keys, mut roles, mut before) = (0, 0, None);
    for place in places {
        let Some(one) = untimed(&place) else { continue };
        // The assignments of one role are adjacent.
        keys += usize::from(before != Some(one));
        roles += usize::from(before.is_none_or(|before| before.role != one.role));
        before = Some(one);
        if let Some(slot) = numbers.get_mut(place) {
            *slot = (keys - 1, roles - 1);
        }
    }
    (numbers, keys, roles)
}

impl Duties {
    fn new(inputs: EvalInputs<'_>) -> Self {
        let mut duties = Self::default();
        let constraints = inputs.directory.policy.guards.separation.iter().filter(|constraint| !constraint.assigned);
        for (number, constraint) in constraints.enumerate() {
            for role in &constraint.roles {
                duties.roles.push((*role, number));
            }
            duties.at_most.push(constraint.at_most);
            duties.together.push(0);
        }
        order::sort(&mut duties.roles);
        duties.active.resize(duties.roles.len(), 0);
        duties
    }

    /// Counts the roles that an assigned role brings, itself included. Returns the operations spent.
    fn turn(&mut self, reach: &[RoleId], on: bool) -> usize {
        let mut spent = reach.len();
        for role in reach {
            let place = self.roles.partition_point(|(known, _)| known < role);
            let Some(active) = self.active.get_mut(place) else { continue };
            if self.roles.get(place).is_none_or(|(known, _)| known != role) {
                continue;
            }
            let was = *active > 0;
            *active = if on { *active + 1 } else { active.saturating_sub(1) };
            if was == (*active > 0) {
                continue;
            }
            for (_, number) in self.roles.iter().skip(place).take_while(|(known, _)| known == role) {
                spent += 1;
                let (Some(together), Some(at_most)) = (self.together.get_mut(*number), self.at_most.get(*number))
                else {
                    continue;
                };
                let was = *together > *at_most;
                *together = if on { *together + 1 } else { together.saturating_sub(1) };
                match (was, *together > *at_most) {
                    (false, true) => self.broken += 1,
                    (true, false) => self.broken = self.broken.saturating_sub(1),
                    _ => {}
                }
            }
        }
        spent
    }
}
