//! What would turn a denial: the smallest changes, each set of them tried before it is told.
//!
//! A way is found objection by objection: the first one names the changes that could lift it, each is tried, and the
//! question asked again, until nothing objects. Ways are tried in the order of what they give beyond what is held
//! already, so that the first to be found gives the least.

use super::Change;
use crate::decide::evaluate;
use crate::decide::guard;
use crate::decide::reason::{Reason, Target};
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, ResolvedSubject, is_activated};
use crate::directory::{Directory, Holder, Status, SupportAccess};
use crate::policy::{Policy, Role};
use crate::storage::arena::{BoundaryId, Id, RoleId, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::context::Context;
use crate::types::network::Address;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::{Cell, OnceCell};

/// Ways told of one denial.
const WAYS: usize = 5;
/// Sets of changes tried for one denial, so that a hostile policy cannot make an explanation expensive.
const TRIALS: usize = 600;
/// Operations of one search: where it would take more, fewer ways are told.
const STEPS: usize = 1 << 24;
/// Assignments that are offered to begin, to go on or to be activated for one objection.
const HELD: usize = 64;
/// Roles offered for one objection.
const ROLES: usize = 4;
/// Changes in one way.
const CHANGES: usize = 12;

/// What a step does to a trial, and how it is told.
#[derive(Clone)]
enum Step {
    Activate(RoleId),
    Deactivate(RoleId),
    UseLogin(Box<str>),
    LogInAnew,
    UseAddress(Address),
    AllowAddress(ScopeId, Address),
    AddSubject,
    MakeActive,
    OpenSupport(ScopeId, SupportAccess),
    AddValues(BoundaryId, Vec<Box<str>>),
    Begin(AssignedRole),
    Extend(AssignedRole),
    Assign(RoleId, ScopeId),
}

impl Step {
    /// How much there is to copy of a step.
    fn size(&self) -> usize {
        match self {
            Self::AddValues(_, values) => 1 + values.len(),
            _ => 1,
        }
    }

    /// The role that the step lets count.
    fn brings(&self) -> Option<RoleId> {
        match self {
            Self::Activate(role) | Self::Assign(role, _) => Some(*role),
            Self::Begin(held) | Self::Extend(held) => Some(held.role),
            _ => None,
        }
    }
}

/// What the roles of a way give beyond what is held already.
#[derive(Clone, PartialEq, Eq)]
struct Gain {
    permissions: Bits,
    reads: u64,
    unbounded: u64,
}

impl Gain {
    fn none(policy: &Policy) -> Self {
        Self { permissions: Bits::new(policy.resources.count()), reads: 0, unbounded: 0 }
    }

    /// The size of what a role gives.
    fn size_of(role: &Role) -> usize {
        role.all_permissions.count() + (role.reads.count_ones() + role.unbounded.count_ones()) as usize
    }

    fn add(&mut self, role: &Role) {
        self.permissions.add(&role.all_permissions);
        self.reads |= role.reads;
        self.unbounded |= role.unbounded;
    }

    fn less(&self, held: &Self) -> Self {
        let mut rest = self.clone();
        rest.permissions.subtract(&held.permissions);
        rest.reads &= !held.reads;
        rest.unbounded &= !held.unbounded;
        rest
    }

    fn is_within(&self, other: &Self) -> bool {
        self.permissions.is_subset(&other.permissions)
            && self.reads & !other.reads == 0
            && self.unbounded & !other.unbounded == 0
    }

    fn size(&self) -> usize {
        self.permissions.count() + (self.reads.count_ones() + self.unbounded.count_ones()) as usize
    }
}

/// A question with changes applied.
struct Trial {
    context: Context,
    resolved: ResolvedSubject,
    /// Every assignment that covers the scope, activated or not.
    covering: Vec<AssignedRole>,
    activated: BTreeSet<RoleId>,
    deactivated: BTreeSet<RoleId>,
    /// The roles that the changes bring: to leave them out again would be pointless.
    brought: BTreeSet<RoleId>,
    /// The scopes that were opened to support staff, and to whom of them.
    opened: Vec<(ScopeId, SupportAccess)>,
}

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

struct Search<'a> {
    inputs: EvalInputs<'a>,
    target: &'a Target<'a>,
    held: Gain,
    /// Every assignment that covers the scope, activated or not.
    covering: Vec<AssignedRole>,
    /// The roles that constraints on active roles name, in order.
    duties: Vec<RoleId>,
    /// The roles that could be assigned, those that give least first; deprecated ones last.
    offered: OnceCell<Vec<RoleId>>,
    /// Operations that a trial takes.
    weight: usize,
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
    fn directory(&self) -> &'a Directory {
        self.inputs.directory
    }

    /// Takes operations off those that are left.
    fn spend(&self, steps: usize) {
        self.left.set(self.left.get().saturating_sub(steps));
    }

    fn is_spent(&self) -> bool {
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

    fn objections(&self, trial: &Trial) -> Vec<Reason> {
        let inputs = EvalInputs { context: &trial.context, resolved: &trial.resolved, ..self.inputs };
        evaluate::objections(&Evaluation::new(inputs, inputs.context.time), self.target)
    }

    fn apply(&self, steps: &[Step]) -> Trial {
        self.spend(self.weight + steps.iter().map(Step::size).sum::<usize>());
        let mut trial = Trial {
            context: self.inputs.context.clone(),
            resolved: self.inputs.resolved.clone(),
            covering: self.covering.clone(),
            activated: BTreeSet::new(),
            deactivated: BTreeSet::new(),
            brought: BTreeSet::new(),
            opened: Vec::new(),
        };
        for step in steps {
            self.take(&mut trial, step);
        }
        self.activate(&mut trial);
        trial
    }

    fn take(&self, trial: &mut Trial, step: &Step) {
        trial.brought.extend(step.brings());
        let Trial { resolved, context, covering, .. } = trial;
        match step {
            Step::Activate(role) => drop(trial.activated.insert(*role)),
            Step::Deactivate(role) => drop(trial.deactivated.insert(*role)),
            Step::UseLogin(login) => context.login = Some(login.clone()),
            Step::LogInAnew => context.last_activity = None,
            Step::UseAddress(address) => context.ip = Some(*address),
            Step::AllowAddress(scope, _) => resolved.assumed.admitting.push(*scope),
            Step::AddSubject => {
                *resolved = resolved.clone().into_listed(self.directory(), self.inputs.subject_id);
                // What was held by being open to all is held no longer.
                *covering = resolved.covering(self.directory());
            }
            Step::MakeActive => resolved.status = Some(Status::Active),
            Step::OpenSupport(scope, access) => {
                trial.opened.push((*scope, *access));
                resolved.support_access = self.support_access(&trial.opened);
                *covering = resolved.covering(self.directory());
            }
            // Who is not listed holds nothing.
            Step::AddValues(..) | Step::Assign(..) if !resolved.is_listed() => {}
            Step::AddValues(boundary, values) => {
                resolved.assumed.values.extend(values.iter().map(|value| (*boundary, value.clone())));
            }
            Step::Begin(held) => covering.iter_mut().filter(|known| *known == held).for_each(|held| held.from = None),
            Step::Extend(held) => covering.iter_mut().filter(|known| *known == held).for_each(|held| held.until = None),
            Step::Assign(role, scope) => {
                let holder = resolved.subject.map(Holder::Subject);
                covering.push(AssignedRole { role: *role, holder, scope: *scope, from: None, until: None });
            }
        }
    }

    /// Lets those assignments count that the context of the trial activates.
    fn activate(&self, trial: &mut Trial) {
        let directory = self.directory();
        let name = |role: &RoleId| directory.role(*role).name.clone();
        let without = order::set(trial.deactivated.iter().map(name));
        let mut active = trial.context.active_roles.take();
        if let Some(active) = &mut active {
            active.extend(trial.activated.iter().map(name));
        } else if !without.is_empty() {
            active = Some(trial.covering.iter().map(|held| name(&held.role)).collect());
        }
        if let Some(active) = &mut active {
            active.retain(|role| !without.contains(role));
            order::sort(active);
        }
        trial.context.active_roles = active;
        let counts = |held: &&AssignedRole| is_activated(&trial.context, directory.role(held.role));
        trial.resolved.held = trial.covering.iter().filter(counts).copied().collect();
    }

    /// What could lift an objection: each entry is a set of steps that belong together.
    fn lifting(&self, trial: &Trial, objection: Reason) -> Vec<Vec<Step>> {
        let inputs = EvalInputs { context: &trial.context, resolved: &trial.resolved, ..self.inputs };
        let evaluation = &Evaluation::new(inputs, inputs.context.time);
        let listed = trial.resolved.is_listed();
        match objection {
            Reason::UnknownScope => Vec::new(),
            Reason::UnknownSubject => vec![vec![Step::AddSubject]],
            Reason::Invited | Reason::InvitationExpired | Reason::Suspended | Reason::Removed => {
                vec![vec![Step::MakeActive]]
            }
            Reason::SupportClosed if listed => vec![self.open_support(SupportAccess::Named)],
            Reason::SupportClosed => vec![self.open_support(SupportAccess::All), vec![Step::AddSubject]],
            Reason::LoginMethod => {
                let other = guard::login::usable(evaluation).map(|login| vec![Step::UseLogin(login.into())]);
                let backup = trial.context.login.as_deref().is_some_and(guard::login::is_backup);
                let roles = if backup { self.roles(trial, evaluation, objection) } else { Vec::new() };
                other.into_iter().chain(roles).collect()
            }
            Reason::IpDenied | Reason::IpMissing => {
                let allow = trial.context.ip.map(|ip| {
                    guard::network::denying(evaluation, ip)
                        .map(|scope| Step::AllowAddress(scope, ip))
                        .collect::<Vec<_>>()
                });
                let other = guard::network::admitted(evaluation).map(|address| vec![Step::UseAddress(address)]);
                other.into_iter().chain(allow).collect()
            }
            Reason::Idle => vec![vec![Step::LogInAnew]],
            Reason::Separated => {
                let broken = guard::separation::broken(evaluation).map(|(roles, _)| roles).unwrap_or_default();
                let brings = |held: &&AssignedRole| {
                    let reach = &self.directory().role(held.role).inherited_roles;
                    self.spend(broken.len());
                    broken.iter().any(|role| reach.binary_search(role).is_ok())
                };
                let assigned = order::set(evaluation.active().filter(brings).map(|held| held.role));
                let assigned = assigned.difference(&trial.brought).copied();
                assigned.map(|role| vec![Step::Deactivate(role)]).collect()
            }
            // These are told beside `no-grant`.
            Reason::Expired | Reason::NotYet => self.lifting(trial, Reason::NoGrant),
            Reason::NoStandaloneRole | Reason::NoGrant | Reason::Label(_) if listed => {
                self.roles(trial, evaluation, objection)
            }
            Reason::Boundary(boundary) if listed => {
                let item = self.target.item;
                let lacking = item.map(|item| guard::boundary::lacking(evaluation, item, boundary)).unwrap_or_default();
                let values = vec![Step::AddValues(boundary, lacking.into_iter().map(Box::from).collect())];
                [values].into_iter().chain(self.roles(trial, evaluation, objection)).collect()
            }
            // Support staff who are not listed hold one role, where a tenant opens to all of them; to open it and to
            // list them is more than is needed.
            Reason::NoStandaloneRole | Reason::NoGrant | Reason::Boundary(_) | Reason::Label(_) => {
                if trial.opened.iter().any(|(_, access)| *access == SupportAccess::All) {
                    Vec::new()
                } else {
                    vec![vec![Step::AddSubject]]
                }
            }
        }
    }

    /// Opens every scope on the path that is stricter than is needed; the scope asked, where none sets anything.
    fn open_support(&self, needed: SupportAccess) -> Vec<Step> {
        let Some(scope) = self.inputs.resolved.scope else { return Vec::new() };
        let directory = self.directory();
        let own = |scope: &ScopeId| directory.own_settings(*scope)?.support_access;
        let stricter = directory.path(scope).filter(|scope| own(scope).is_some_and(|access| access < needed));
        let mut steps: Vec<Step> = stricter.map(|scope| Step::OpenSupport(scope, needed)).collect();
        if steps.is_empty() {
            steps.push(Step::OpenSupport(scope, needed));
        }
        steps
    }

    /// The strictest setting on the path, with those in place of the directory's that were opened.
    fn support_access(&self, opened: &[(ScopeId, SupportAccess)]) -> SupportAccess {
        let directory = self.directory();
        let path = self.inputs.resolved.scope.into_iter().flat_map(|scope| directory.path(scope));
        let set = path.filter_map(|above| {
            let own = || directory.own_settings(above)?.support_access;
            opened.iter().rev().find(|(scope, _)| *scope == above).map(|(_, access)| *access).or_else(own)
        });
        set.min().unwrap_or(SupportAccess::None)
    }

    /// The roles that lift an objection: those held but not counting, and those that could be assigned. A role that
    /// lifts other objections with it is offered for that as well.
    fn roles(&self, trial: &Trial, evaluation: &Evaluation<'_>, objection: Reason) -> Vec<Vec<Step>> {
        let directory = self.directory();
        let time = trial.context.time;
        let mut ways: Vec<Vec<Step>> = Vec::new();
        let mut known: BTreeSet<RoleId> = BTreeSet::new();
        for held in &trial.covering {
            let role = directory.role(held.role);
            if !self.lifts(role, objection) || held.holder.is_none() {
                continue;
            }
            let counts = is_activated(&trial.context, role);
            if (counts && held.is_active(time)) || ways.len() == HELD {
                continue;
            }
            known.insert(held.role);
            let mut steps = Vec::new();
            if held.has_ended(time) {
                steps.push(Step::Extend(*held));
            } else if !held.has_begun(time) {
                steps.push(Step::Begin(*held));
            }
            // What is left out on purpose stays out.
            if !counts && !trial.deactivated.contains(&held.role) {
                steps.push(Step::Activate(held.role));
            }
            if !steps.is_empty() {
                ways.push(steps);
            }
        }
        let Some(scope) = trial.resolved.scope else { return ways };
        let others: Vec<Reason> = evaluate::objections(evaluation, self.target)
            .into_iter()
            .filter(|other| *other != objection && self.offered(scope).iter().any(|role| self.may_lift(*role, *other)))
            .take(3)
            .collect();
        let mut offered: BTreeSet<RoleId> = BTreeSet::new();
        for subset in 0..1_usize << others.len() {
            let also: Vec<Reason> =
                others.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1).map(|(_, other)| *other).collect();
            let lifts = |role: &Role| self.lifts(role, objection) && also.iter().all(|other| self.lifts(role, *other));
            offered.extend(self.least(scope, &known, lifts));
        }
        for role in offered {
            let Some(at) = self.place(role, scope) else { continue };
            let mut steps = vec![Step::Assign(role, at)];
            if self.inputs.context.active_roles.is_some() {
                steps.push(Step::Activate(role));
            }
            ways.push(steps);
        }
        ways
    }

    /// Tells whether holding a role would lift an objection.
    fn lifts(&self, role: &Role, objection: Reason) -> bool {
        match objection {
            Reason::NoGrant | Reason::Expired | Reason::NotYet => {
                role.all_permissions.contains(self.target.permission.bit())
            }
            Reason::NoStandaloneRole => role.standalone,
            Reason::LoginMethod => role.backup_login,
            Reason::Boundary(boundary) => role.unbounded & 1 << boundary.index() != 0,
            Reason::Label(label) => role.reads & 1 << label.index() != 0,
            _ => false,
        }
    }

    fn may_lift(&self, role: RoleId, objection: Reason) -> bool {
        self.spend(1);
        self.lifts(self.directory().role(role), objection)
    }

    /// The roles that could be assigned, those that give least first; deprecated ones last.
    fn offered(&self, scope: ScopeId) -> &[RoleId] {
        self.offered.get_or_init(|| {
            let directory = self.directory();
            let mut offered: Vec<(bool, usize, &str, RoleId)> = Vec::new();
            for id in directory.role_ids().filter(|id| self.place(*id, scope).is_some()) {
                let role = directory.role(id);
                offered.push((role.deprecated.is_some(), Gain::size_of(role), &role.name, id));
            }
            self.spend(offered.len());
            order::sort(&mut offered);
            offered.into_iter().map(|(.., id)| id).collect()
        })
    }

    /// Of the roles that could be assigned and lift something, those that give no more and separate no more than another
    /// of them; deprecated ones only where there are no others.
    fn least(&self, scope: ScopeId, known: &BTreeSet<RoleId>, lifts: impl Fn(&Role) -> bool) -> Vec<RoleId> {
        let directory = self.directory();
        let mut least: Vec<(RoleId, &Role)> = Vec::new();
        for id in self.offered(scope) {
            self.spend(1);
            if least.len() == ROLES || self.is_spent() {
                break;
            }
            let role = directory.role(*id);
            if known.contains(id) || !lifts(role) {
                continue;
            }
            self.spend(role.all_permissions.words().len() + role.inherited_roles.len().min(self.duties.len()));
            let beaten = least.iter().any(|(_, other)| {
                let newer = role.deprecated.is_some() && other.deprecated.is_none();
                let is_within = other.all_permissions.is_subset(&role.all_permissions)
                    && other.reads & !role.reads == 0
                    && other.unbounded & !role.unbounded == 0;
                newer || (is_within && self.duties(other).is_subset(&self.duties(role)))
            });
            if !beaten {
                least.push((*id, role));
            }
        }
        least.into_iter().map(|(id, _)| id).collect()
    }

    /// The roles that a role brings and that a constraint on active roles names.
    fn duties(&self, role: &Role) -> BTreeSet<RoleId> {
        order::set(self.duties.iter().filter(|id| role.inherited_roles.binary_search(id).is_ok()).copied())
    }

    /// Where a role may be assigned so that it covers the scope, as far in as may be.
    fn place(&self, role: RoleId, scope: ScopeId) -> Option<ScopeId> {
        let directory = self.directory();
        let spec = directory.role(role);
        directory.path(scope).find(|at| {
            let kind = directory.scopes.kind(*at);
            spec.assignable >> kind & 1 == 1 && spec.scope.is_none_or(|home| directory.covers(home, *at))
        })
    }

    fn told(&self, step: &Step) -> Change {
        let directory = self.directory();
        let subject = || self.inputs.subject_id.to_string();
        let role = |role: &RoleId| directory.role(*role).name.to_string();
        let scope = |scope: &ScopeId| directory.scope_name(*scope).to_string();
        let holder =
            |held: &AssignedRole| held.holder.map_or_else(subject, |holder| directory.holder_name(holder).to_string());
        match step {
            Step::Activate(id) => Change::Activate { role: role(id) },
            Step::Deactivate(id) => Change::Deactivate { role: role(id) },
            Step::UseLogin(login) => Change::UseLogin { login: login.to_string() },
            Step::LogInAnew => Change::LogInAnew,
            Step::UseAddress(address) => Change::UseAddress { ip: address.to_string() },
            Step::AllowAddress(at, address) => Change::AllowAddress { at: scope(at), ip: address.to_string() },
            Step::AddSubject => Change::AddSubject { subject: subject() },
            Step::MakeActive => Change::MakeActive { subject: subject() },
            Step::OpenSupport(at, access) => Change::OpenSupport {
                at: scope(at),
                support_access: if *access == SupportAccess::All { "all" } else { "named" },
            },
            Step::AddValues(boundary, values) => Change::AddValues {
                subject: subject(),
                boundary: directory.policy.guards.boundaries[*boundary].name.to_string(),
                values: values.iter().map(ToString::to_string).collect(),
            },
            Step::Begin(held) => Change::Begin {
                subject: holder(held),
                role: role(&held.role),
                at: scope(&held.scope),
                from: held.from.unwrap_or(self.inputs.context.time),
            },
            Step::Extend(held) => Change::Extend {
                subject: holder(held),
                role: role(&held.role),
                at: scope(&held.scope),
                until: held.until.unwrap_or(self.inputs.context.time),
            },
            Step::Assign(id, at) => Change::Assign { subject: subject(), role: role(id), at: scope(at) },
        }
    }
}
