//! What would turn a denial: the smallest changes, each set of them tried before it is told.
//!
//! A way is found objection by objection: the first one names the changes that could lift it, each is tried, and the
//! question asked again, until nothing objects. Ways are tried in the order of what they give beyond what is held
//! already, so that the first to be found gives the least.

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

/// Ways told of one denial.
const WAYS: usize = 5;
/// Sets of changes tried for one denial, so that a hostile policy cannot make an explanation expensive.
const TRIALS: usize = 600;
/// Operations of one search: where it would take more, fewer ways are told.
const STEPS: usize = 1 << 24;
/// Changes in one way.
const CHANGES: usize = 12;

/// A way that allows.
struct Way {
    changes: Vec<Change>,
    gain: Gain,
}

impl Way {
    /// Tells whether another way differs in the roles that are assigned alone, and gives no less.
    fn beats(&self, other: &Self) -> bool {
        let others = |way: &Self| {
            let kept = way.changes.iter().filter(|change| !matches!(change, Change::Assign { .. }));
            kept.cloned().collect::<Vec<Change>>()
        };
        others(self) == others(other) && self.gain.is_within(&other.gain)
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
    /// The roles that could be assigned, those that give least first; deprecated ones last.
    pub(super) offered: OnceCell<Vec<RoleId>>,
    /// Operations that a trial takes.
    pub(super) weight: usize,
    /// Operations that are left.
    left: Cell<usize>,
}

/// The smallest changes that would turn a denial, at most [`WAYS`] sets of them: what gives least comes first. Nothing
/// turns it where the scope is not listed.
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
    let mut weight = 64 + covering.len() + inputs.resolved.groups.len() + policy.resources.count() / 64;
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
            let Some(first) = self.objections(&trial).into_iter().next() else {
                if !steps.is_empty() {
                    self.keep(&mut found, steps);
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
        // What was taken out of a way may have put it before one that was found earlier.
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

    /// In which order sets of changes are tried: what gives less first, then fewer changes, then by what they are.
    fn rank(&self, steps: &[Step]) -> (usize, usize, Vec<Change>) {
        self.spend(64 + steps.iter().map(Step::size).sum::<usize>());
        (self.gain(steps).size(), steps.len(), self.changes(steps))
    }

    /// The steps as changes, sorted.
    fn changes(&self, steps: &[Step]) -> Vec<Change> {
        let mut changes: Vec<Change> = steps.iter().map(|step| self.told(step)).collect();
        order::sort(&mut changes);
        changes
    }

    fn gain(&self, steps: &[Step]) -> Gain {
        let mut gain = Gain::none(&self.directory().policy);
        for role in steps.iter().filter_map(Step::brings) {
            gain.add(self.directory().role(role));
        }
        gain.less(&self.held)
    }

    /// Keeps a way that allows, without the changes that it can do without.
    fn keep(&self, found: &mut Vec<Way>, mut steps: Vec<Step>) {
        let mut index = 0;
        while index < steps.len() && !self.is_spent() {
            let mut fewer = steps.clone();
            fewer.remove(index);
            if self.objections(&self.apply(&fewer)).is_empty() {
                // What was needed before may not be needed any more.
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

    fn objections(&self, trial: &Trial) -> Vec<RawReason> {
        let inputs = EvalInputs { context: &trial.context, resolved: &trial.resolved, ..self.inputs };
        evaluate::objections(&Evaluation::new(inputs, inputs.context.time), self.target)
    }
}
