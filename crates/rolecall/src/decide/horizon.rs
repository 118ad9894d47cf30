//! Until when an answer holds.
//!
//! Between two candidates nothing that a decision reads changes, so that the first candidate at which the answer
//! differs is the exact horizon. Where there are many candidates, they are swept once: a [`Tally`] counts what the
//! assignments that are active give together, and the answer is only worked out where that differs from what it is now.

use crate::decide::guard;
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation};
use crate::policy::{PermissionId, Role};
use crate::storage::arena::RoleId;
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::timestamp::Timestamp;
use alloc::vec;
use alloc::vec::Vec;

/// Candidates that are tried one by one.
const FEW: usize = 8;
/// Operations of one sweep. An answer is told to hold until the instant at which they are spent, and is asked again then.
const STEPS: usize = 1 << 26;
/// Assignments that are read again where answers are worked out at later instants.
const READ_AGAIN: usize = 1 << 22;

/// What an answer reads of assignments: where nothing of it differs the answer does not.
#[derive(Clone, Copy, Default)]
pub(crate) struct Interest {
    /// The labels.
    pub(crate) reads: u64,
    /// The boundaries that may be lifted.
    pub(crate) unbounded: u64,
    /// Whether a role with this permission is active, has ended or has not begun.
    pub(crate) granting: Option<PermissionId>,
    /// Which assignments there are, of roles that hold the permission that is granted, or any at all.
    pub(crate) each: bool,
    /// All permissions that are held.
    pub(crate) permissions: bool,
}

/// The first later instant at which the answer has changed, all else in the question held fixed.
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
    // Those that are no assignment's differ from now on, whatever is held.
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

/// Operations that it takes to work out what is held of so many things.
pub(crate) fn cost(things: usize) -> usize {
    KEYS + things
}

/// The instants that no assignment sets.
pub(crate) fn others(inputs: EvalInputs<'_>) -> [Option<Timestamp>; 2] {
    [inputs.resolved.invited_until, guard::idle_at(inputs)]
}

/// The first of two instants, of which either may be none.
pub(crate) fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

/// The later instants at which any answer of the case may change, in order.
pub(crate) fn candidates(inputs: EvalInputs<'_>, now: Timestamp) -> Vec<Timestamp> {
    let mut found: Vec<Timestamp> = Vec::new();
    let mut add = |times: [Option<Timestamp>; 2]| {
        for time in times {
            if let Some(time) = time.filter(|time| *time > now) {
                found.push(time);
            }
        }
    };
    for held in &inputs.resolved.held {
        add([held.from, held.until]);
    }
    add(others(inputs));
    order::sort(&mut found);
    found.dedup();
    found
}

/// What the assignments that are active give together, from instant to instant: each thing is counted by how many of
/// them give it.
pub(crate) struct Tally<'a> {
    inputs: EvalInputs<'a>,
    interest: Interest,
    /// What begins and what ends later, in order, by its place among what is held.
    later: Vec<(Timestamp, usize, bool)>,
    next: usize,
    /// How many active assignments give each thing; the things are numbered, permissions last.
    counts: Vec<u32>,
    /// The things that were given at first.
    first: Bits,
    /// How many things are given and were not at first, or the other way round.
    different: usize,
    /// How often anything began to be given, or ceased to.
    turned: usize,
    /// The numbers of each assignment: among those that are told apart, and of its role among the roles.
    numbers: Vec<(usize, usize)>,
    /// How often each role is held, by its number.
    roles: Vec<u32>,
    duties: Duties,
    spent: usize,
}

/// Things that are counted. Labels and boundaries come first.
const BOUNDARIES: usize = 64;
const STANDALONE: usize = 128;
const BACKUP_LOGIN: usize = 129;
const SEPARATED: usize = 130;
const GRANTING: usize = 131;
const ENDED: usize = 132;
const NOT_BEGUN: usize = 133;
const KEYS: usize = 134;

/// The roles that constraints on active roles name, and how many of each are active together.
#[derive(Default)]
struct Duties {
    /// Each role with each constraint that names it, sorted.
    roles: Vec<(RoleId, usize)>,
    /// How often each role is active, at the first place where it stands among these.
    active: Vec<u32>,
    together: Vec<usize>,
    at_most: Vec<usize>,
    broken: usize,
}

impl<'a> Tally<'a> {
    /// What is given at an instant.
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
        let things = KEYS + permissions + keys;
        let mut tally = Self {
            inputs,
            interest,
            later,
            next: 0,
            counts: vec![0; things],
            first: Bits::new(things),
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
        for (thing, count) in tally.counts.iter().enumerate() {
            if *count > 0 {
                tally.first.insert(thing);
            }
        }
        (tally.different, tally.turned) = (0, 0);
        tally
    }

    /// Goes on to an instant.
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

    /// Tells whether anything is given that was not at first, or no longer.
    pub(crate) fn differs(&self) -> bool {
        self.different > 0
    }

    /// Returns how often anything began to be given, or ceased to: where the number is the same, so is what is held.
    pub(crate) fn turned(&self) -> usize {
        self.turned
    }

    /// Returns how many operations were needed so far.
    pub(crate) fn spent(&self) -> usize {
        self.spent
    }

    /// Tells whether more operations were needed than may be.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent > STEPS
    }

    /// What is held now.
    pub(crate) fn evaluation(&self, time: Timestamp) -> Evaluation<'a> {
        let given = |thing: usize| self.counts.get(thing).is_some_and(|count| *count > 0);
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

    /// The permissions that are held now.
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

    fn turn_grant(&mut self, held: &AssignedRole, thing: usize, on: bool) {
        if self.interest.granting.is_some_and(|permission| self.holds(held.role, permission)) {
            // Nothing is counted off that was not counted.
            if on || self.counts.get(thing).is_some_and(|count| *count > 0) {
                self.count(thing, on);
            }
        }
    }

    fn spend(&mut self, operations: usize) {
        self.spent = self.spent.saturating_add(operations);
    }

    fn holds(&self, role: RoleId, permission: PermissionId) -> bool {
        self.inputs.directory.role(role).all_permissions.contains(permission.bit())
    }

    /// Counts what an assignment gives.
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

    /// Counts what a role gives that is held for the first time, or no longer.
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
        for (thing, is_given) in [(STANDALONE, role.standalone), (BACKUP_LOGIN, role.backup_login)] {
            if is_given {
                self.count(thing, on);
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
            let spent = self.duties.turn(&inputs.directory.role(id).inherited_roles, on);
            self.spend(spent);
            if was != (self.duties.broken > 0) {
                self.count(SEPARATED, !was);
            }
        }
    }

    fn count(&mut self, thing: usize, on: bool) {
        let Some(count) = self.counts.get_mut(thing) else { return };
        let was = *count > 0;
        *count = if on { *count + 1 } else { count.saturating_sub(1) };
        let is = *count > 0;
        self.turned += usize::from(was != is);
        if was == is || !self.matters(thing) {
            return;
        }
        if is == self.first.contains(thing) {
            self.different = self.different.saturating_sub(1);
        } else {
            self.different += 1;
        }
    }

    /// Tells whether an answer may differ where a thing does.
    fn matters(&self, thing: usize) -> bool {
        match thing {
            0..BOUNDARIES => self.interest.reads >> thing & 1 == 1,
            BOUNDARIES..STANDALONE => self.interest.unbounded >> (thing - BOUNDARIES) & 1 == 1,
            STANDALONE => self.inputs.directory.policy.guards.standalone_required,
            BACKUP_LOGIN => self.inputs.context.login.as_deref().is_some_and(guard::login::is_backup),
            // What was granted at first is told of those that ended or have not begun only once nothing grants it.
            ENDED | NOT_BEGUN => !self.first.contains(GRANTING),
            _ => true,
        }
    }
}

/// Numbers for assignments, the same for those that differ only in when they hold, and for their roles; and how many of
/// each there are.
fn numbers(held: &[AssignedRole]) -> (Vec<(usize, usize)>, usize, usize) {
    let untimed = |place: &usize| held.get(*place).map(|held| AssignedRole { from: None, until: None, ..*held });
    let mut places: Vec<usize> = (0..held.len()).collect();
    order::sort_by(&mut places, |a, b| untimed(a).cmp(&untimed(b)));
    let mut numbers = vec![(0, 0); held.len()];
    let (mut keys, mut roles, mut before) = (0, 0, None);
    for place in places {
        let Some(one) = untimed(&place) else { continue };
        // Those of one role follow each other.
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

    /// Counts the duties among roles that are in order; returns how many operations it took.
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
