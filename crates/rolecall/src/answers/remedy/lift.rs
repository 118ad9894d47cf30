//! Finds the steps that could lift a reason to deny.

use super::gain::Gain;
use super::search::Search;
use super::step::{Step, Trial};
use crate::decide::evaluate;
use crate::decide::guard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, is_activated};
use crate::decide::values;
use crate::directory::SupportAccess;
use crate::policy::Role;
use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::order;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// The most assignments to begin, to extend or to activate for one reason.
const HELD: usize = 64;
/// The most roles to assign for one reason.
const ROLES: usize = 4;

impl Search<'_> {
    /// Returns the steps that could lift a reason. Each entry is a set of steps that belong together.
    pub(super) fn lifting(&self, trial: &Trial, objection: RawReason) -> Vec<Vec<Step>> {
        let inputs = EvalInputs { context: &trial.context, resolved: &trial.resolved, ..self.inputs };
        let evaluation = &Evaluation::new(inputs, inputs.context.time);
        let listed = trial.resolved.is_listed();
        match objection {
            RawReason::UnknownScope => Vec::new(),
            RawReason::UnknownSubject => vec![vec![Step::AddSubject]],
            RawReason::Invited | RawReason::InvitationExpired | RawReason::Suspended | RawReason::Removed => {
                vec![vec![Step::MakeActive]]
            }
            RawReason::SupportClosed if listed => vec![self.open_support(SupportAccess::Named)],
            RawReason::SupportClosed => vec![self.open_support(SupportAccess::All), vec![Step::AddSubject]],
            RawReason::LoginMethod => {
                let other = guard::login::usable(evaluation).map(|login| vec![Step::UseLogin(login.into())]);
                let backup = trial.context.login.as_deref().is_some_and(guard::login::is_backup);
                let roles = if backup { self.roles(trial, evaluation, objection) } else { Vec::new() };
                other.into_iter().chain(roles).collect()
            }
            RawReason::IpDenied | RawReason::IpMissing => {
                let allow = trial.context.ip.map(|ip| {
                    guard::network::denying(evaluation, ip)
                        .map(|scope| Step::AllowAddress(scope, ip))
                        .collect::<Vec<_>>()
                });
                let other = guard::network::admitted(evaluation).map(|address| vec![Step::UseAddress(address)]);
                other.into_iter().chain(allow).collect()
            }
            RawReason::SecondFactor => vec![vec![Step::UseSecondFactor]],
            RawReason::Idle => vec![vec![Step::LogInAnew]],
            RawReason::Separated => {
                let broken = guard::separation::broken(evaluation).map(|(roles, _)| roles).unwrap_or_default();
                let brings = |held: &&AssignedRole| {
                    let reach = self.directory().role(held.role).originals();
                    self.spend(broken.len());
                    broken.iter().any(|role| reach.binary_search(role).is_ok())
                };
                let original = |held: &AssignedRole| self.directory().original(held.role);
                let assigned = order::set(evaluation.active().filter(brings).map(original));
                let assigned = assigned.difference(&trial.brought).copied();
                assigned.map(|role| vec![Step::Deactivate(role)]).collect()
            }
            // These come with `no-grant`.
            RawReason::Expired | RawReason::NotYet => self.lifting(trial, RawReason::NoGrant),
            RawReason::NoStandaloneRole | RawReason::NoGrant | RawReason::Label(_) if listed => {
                self.roles(trial, evaluation, objection)
            }
            RawReason::Boundary(boundary) if listed => {
                let item = self.target.item;
                let lacking = item.map(|item| guard::boundary::lacking(evaluation, item, boundary)).unwrap_or_default();
                // No value opens an item whose values are unknown, or lifts the limits of assignments. Another assignment may.
                let is_limited = values::limits(evaluation, self.target.permission).is_some();
                let granting = if is_limited { self.roles(trial, evaluation, RawReason::NoGrant) } else { Vec::new() };
                let values = (!lacking.is_empty())
                    .then(|| vec![Step::AddValues(boundary, lacking.into_iter().map(Box::from).collect())]);
                values.into_iter().chain(self.roles(trial, evaluation, objection)).chain(granting).collect()
            }
            // Unlisted support staff hold one role where the tenant is open to all of them. If it was just opened, to
            // list the subject as well would be more than is needed.
            RawReason::NoStandaloneRole | RawReason::NoGrant | RawReason::Boundary(_) | RawReason::Label(_) => {
                if trial.opened.iter().any(|(_, access)| *access == SupportAccess::All) {
                    Vec::new()
                } else {
                    vec![vec![Step::AddSubject]]
                }
            }
        }
    }

    /// Returns the steps that open every scope on the path with a stricter setting than needed. Opens the scope of the
    /// request if the path has no such setting.
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

    /// Returns steps with roles that lift a reason: roles that are held but not active, and roles to assign. Roles that
    /// also lift other reasons are offered too.
    fn roles(&self, trial: &Trial, evaluation: &Evaluation<'_>, objection: RawReason) -> Vec<Vec<Step>> {
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
            let original = directory.original(held.role);
            known.insert(held.role);
            let mut steps = Vec::new();
            if held.has_ended(time) {
                steps.push(Step::Extend(*held));
            } else if !held.has_begun(time) {
                steps.push(Step::Begin(*held));
            }
            // A role that an earlier step deactivated stays so.
            if !counts && !trial.deactivated.contains(&original) {
                steps.push(Step::Activate(held.role));
            }
            if !steps.is_empty() {
                ways.push(steps);
            }
        }
        let Some(scope) = trial.resolved.scope else { return ways };
        let others: Vec<RawReason> = evaluate::denials(evaluation, self.target)
            .into_iter()
            .filter(|other| *other != objection && self.offered(scope).iter().any(|role| self.may_lift(*role, *other)))
            .take(3)
            .collect();
        let mut offered: BTreeSet<RoleId> = BTreeSet::new();
        for subset in 0..1_usize << others.len() {
            let also: Vec<RawReason> =
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

    /// Returns whether an active role would lift a reason.
    fn lifts(&self, role: &Role, objection: RawReason) -> bool {
        match objection {
            RawReason::NoGrant | RawReason::Expired | RawReason::NotYet => {
                role.all_permissions.contains(self.target.permission.bit())
            }
            RawReason::NoStandaloneRole => role.standalone,
            RawReason::LoginMethod => role.backup_login,
            RawReason::Boundary(boundary) => role.unbounded & 1 << boundary.index() != 0,
            RawReason::Label(label) => role.reads & 1 << label.index() != 0,
            _ => false,
        }
    }

    fn may_lift(&self, role: RoleId, objection: RawReason) -> bool {
        self.spend(1);
        self.lifts(self.directory().role(role), objection)
    }

    /// Returns the versions of roles that could be assigned: those that give least first, deprecated ones last.
    fn offered(&self, scope: ScopeId) -> &[RoleId] {
        self.offered.get_or_init(|| {
            let directory = self.directory();
            let mut offered: Vec<(bool, usize, &str, RoleId)> = Vec::new();
            for original in directory.originals() {
                // An overlay may take away what the role gives above it, so each version of a role is offered.
                let places = directory.path(scope).filter(|at| directory.is_assignable(original, *at));
                let mut versions: Vec<RoleId> = places.map(|at| directory.effective(original, at)).collect();
                versions.dedup();
                for id in versions {
                    let role = directory.role(id);
                    offered.push((role.deprecated.is_some(), Gain::size_of(role), &role.name, id));
                }
            }
            self.spend(offered.len());
            order::sort(&mut offered);
            offered.into_iter().map(|(.., id)| id).collect()
        })
    }

    /// Returns the roles to assign that `lifts` accepts, without those that another one beats: it gives no more and
    /// brings no more roles of constraints. Deprecated roles are beaten by all others.
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

    /// Returns the roles that a role brings and that a constraint on active roles names.
    fn duties(&self, role: &Role) -> BTreeSet<RoleId> {
        order::set(self.duties.iter().filter(|id| role.originals().binary_search(id).is_ok()).copied())
    }

    /// Returns the innermost scope at which this version of a role may be assigned so that it covers the given scope.
    fn place(&self, role: RoleId, scope: ScopeId) -> Option<ScopeId> {
        let directory = self.directory();
        let original = directory.original(role);
        directory
            .path(scope)
            .find(|at| directory.is_assignable(original, *at) && directory.effective(original, *at) == role)
    }
}
