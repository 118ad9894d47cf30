//! Searches for the smallest sets of changes that would allow a denied request. Every set is tried before it is
//! returned.
//!
//! The search lifts one reason after another: each change that could lift the first reason is applied, and the request
//! is evaluated again, until no reason is left. Sets of changes are tried in the order of the rights that they give
//! beyond those that are held, so the first set that is found gives the least.

use super::Change;
use super::gain::Gain;
use super::step::{Step, Trial};
use crate::decide::evaluate;
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation};
use crate::directory::Directory;
use crate::storage::arena::RoleId;
use crate::storage::order;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cell::{Cell, OnceCell};

/// The most sets of changes to return for one denial.
const WAYS: usize = 5;
/// The most sets of changes to try, so that a hostile policy cannot make an explanation expensive.
const TRIALS: usize = 600;
/// Operations of one search. A search that would take more returns fewer sets.
const STEPS: usize = 1 << 24;
/// The most changes in one set.
const CHANGES: usize = 12;

/// A set of changes that allows the request.
struct Way {
    changes: Vec<Change>,
    gain: Gain,
}

impl Way {
    /// Returns whether another way differs only in the roles that it assigns, and gives no less.
    fn beats(&self, other: &Self) -> bool {
        let except_roles = |way: &Self| {
            let rest = way.changes.iter().filter(|change| !matches!(change, Change::Assign { .. }));
            rest.cloned().collect::<Vec<Change>>()
        };
        except_roles(self) == except_roles(other) && self.gain.is_within(&other.gain)
    }
}

pub(super) struct Search<'a> {
    pub(super) inputs: EvalInputs<'a>,
    pub(super) target: &'a Target<'a>,
    held: Gain,
    /// Every assignment that covers the scope, activated or not.
    pub(super) covering: Vec<AssignedRole>,
    /// The roles that constraints on active roles name, in order.
    pub(super) duties: Vec<RoleId>,
    /// The roles that could be assigned: those that give least first, deprecated ones last.
    pub(super) offered: OnceCell<Vec<RoleId>>,
    /// Operations that a trial takes.
    pub(super) weight: usize,
    /// Operations that are left.
    left: Cell<usize>,
}

/// Returns the smallest sets of changes that would allow a denied request: at most [`WAYS`], those that give least
/// first. No changes can allow a request at an unlisted scope.
pub(crate) fn would_allow(inputs: EvalInputs<'_>, target: &Target<'_>) -> Vec<Vec<Change>> {
    let evaluation = Evaluation::new(inputs, inputs.context.time);
    let mut held = Gain::none(&inputs.directory.policy);
    for active in evaluation.active() {
        held.add(inputs.directory.role(active.role));
    }
    let covering = inputs.resolved.covering(inputs.directory);
    let policy = &inputs.directory.policy;
    let constraints = || policy.guards.separation.iter().filter(|constraint| !constraint.assigned);
    let duties = order::unique(constraints().flat_map(|constraint| constraint.roles.iter().copied()));
    let mut weight = 64
        + covering.len()
        + inputs.resolved.groups.len()
        + inputs.resolved.stated.len()
        + policy.resources.count() / 64;
    weight += inputs.context.active_roles.as_ref().map_or(0, Vec::len);
    weight += target.item.map_or(0, |item| item.boundaries.iter().map(|(_, values)| values.len()).sum());
    if !duties.is_empty() {
        let assigned = order::unique(covering.iter().map(|held| held.role));
        weight += constraints().map(|constraint| constraint.roles.len()).sum::<usize>();
        weight += assigned.iter().map(|role| inputs.directory.role(*role).inherited_roles.len()).sum::<usize>();
    }
    Search { inputs, target, held, covering, duties, offered: OnceCell::new(), weight, left: Cell::new(STEPS) }.ways()
}

impl<'a> Search<'a> {
    pub(super) fn directory(&self) -> &'a Directory {
        self.inputs.directory
    }

    /// Takes operations off those that are left.
    pub(super) fn spend(&self, steps: usize) {
        self.left.set(self.left.get().saturating_sub(steps));
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    fn ways(&self) -> Vec<Vec<Change>> {
        let mut found: Vec<Way> = Vec::new();
        let mut open = BTreeMap::new();
        open.insert(self.rank(&[]), Vec::<Step>::new());
        let mut seen: BTreeSet<Vec<Change>> = BTreeSet::new();
        for _ in 0..TRIALS {
            let Some((_, steps)) = open.pop_first().filter(|_| !self.is_spent()) else { break };
            let trial = self.apply(&steps);
            let Some(first) = self.denials(&trial).into_iter().next() else {
                if !steps.is_empty() {
                    self.add(&mut found, steps);
                }
                if found.len() > 2 * WAYS {
                    break;
                }
                continue;
            };
            for more in self.lifting(&trial, first) {
                let steps: Vec<Step> = steps.iter().cloned().chain(more).collect();
                let rank = self.rank(&steps);
                if self.is_spent() {
                    break;
                }
                if steps.len() <= CHANGES && seen.insert(rank.2.clone()) {
                    open.insert(rank, steps);
                }
            }
        }
        // A way that became smaller may now come before one that was found earlier.
        order::sort_by(&mut found, |a, b| {
            let key = |way: &Way| (way.gain.size(), way.changes.len());
            key(a).cmp(&key(b)).then_with(|| a.changes.cmp(&b.changes))
        });
        let mut least: Vec<Way> = Vec::new();
        for way in found {
            if least.len() < WAYS && !least.iter().any(|other| other.beats(&way)) {
                least.push(way);
            }
        }
        least.into_iter().map(|way| way.changes).collect()
    }

    /// Returns the key by which sets of changes are tried in order: how much they give, their number, the changes.
    fn rank(&self, steps: &[Step]) -> (usize, usize, Vec<Change>) {
        self.spend(64 + steps.iter().map(Step::size).sum::<usize>());
        (self.gain(steps).size(), steps.len(), self.changes(steps))
    }

    /// Returns the steps as changes, sorted.
    fn changes(&self, steps: &[Step]) -> Vec<Change> {
        let mut changes: Vec<Change> = steps.iter().map(|step| self.change(step)).collect();
        order::sort(&mut changes);
        changes
    }

    /// Returns what the roles of some steps give beyond what is held.
    fn gain(&self, steps: &[Step]) -> Gain {
        let mut gain = Gain::none(&self.directory().policy);
        for role in steps.iter().filter_map(Step::brings) {
            gain.add(self.directory().role(role));
        }
        gain.less(&self.held)
    }

    /// Adds a way that allows, without the changes that it does not need.
    fn add(&self, found: &mut Vec<Way>, mut steps: Vec<Step>) {
        let mut index = 0;
        while index < steps.len() && !self.is_spent() {
            let mut fewer = steps.clone();
            fewer.remove(index);
            if self.denials(&self.apply(&fewer)).is_empty() {
                // Without this change, an earlier one may have become unnecessary.
                (steps, index) = (fewer, 0);
            } else {
                index += 1;
            }
        }
        let changes = self.changes(&steps);
        if !found.iter().any(|way| way.changes == changes) {
            found.push(Way { changes, gain: self.gain(&steps) });
        }
    }

    fn denials(&self, trial: &Trial) -> Vec<RawReason> {
        let inputs = EvalInputs { context: &trial.context, resolved: &trial.resolved, ..self.inputs };
        evaluate::denials(&Evaluation::new(inputs, inputs.context.time), self.target)
    }
}
