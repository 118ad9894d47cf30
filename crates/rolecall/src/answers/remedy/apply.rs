//! Applies steps to a request.

use super::search::Search;
use super::step::{Step, Trial};
use crate::decide::resolved::{AssignedRole, is_activated};
use crate::directory::{Holder, Status, SupportAccess};
use crate::storage::arena::{RoleId, ScopeId};
use crate::storage::order;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

impl Search<'_> {
    /// Returns the request with some steps applied.
    pub(super) fn apply(&self, steps: &[Step]) -> Trial {
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
        trial.brought.extend(step.brings().map(|role| self.directory().original(role)));
        let Trial { resolved, context, covering, .. } = trial;
        match step {
            Step::Activate(role) => drop(trial.activated.insert(*role)),
            Step::Deactivate(role) => drop(trial.deactivated.insert(*role)),
            Step::UseLogin(login) => context.login = Some(login.clone()),
            Step::UseSecondFactor => context.second_factor = Some(true),
            Step::LogInAnew => context.last_activity = None,
            Step::UseAddress(address) => context.ip = Some(*address),
            Step::AllowAddress(scope, _) => resolved.assumed.admitting.push(*scope),
            Step::AddSubject => {
                *resolved = resolved.clone().into_listed(self.directory(), self.inputs.subject_id);
                // A listed subject does not hold the support role, which is for unlisted ones.
                *covering = resolved.covering(self.directory());
            }
            Step::MakeActive => resolved.status = Some(Status::Active),
            Step::OpenSupport(scope, access) => {
                trial.opened.push((*scope, *access));
                resolved.support_access = self.support_access(&trial.opened);
                *covering = resolved.covering(self.directory());
            }
            // An unlisted subject cannot hold anything.
            Step::AddValues(..) | Step::Assign(..) if !resolved.is_listed() => {}
            Step::AddValues(boundary, values) => {
                resolved.assumed.values.extend(values.iter().map(|value| (*boundary, value.clone())));
            }
            Step::Begin(held) => covering.iter_mut().filter(|known| *known == held).for_each(|held| held.from = None),
            Step::Extend(held) => covering.iter_mut().filter(|known| *known == held).for_each(|held| held.until = None),
            Step::Assign(role, scope) => {
                let holder = resolved.subject.map(Holder::Subject);
                covering.push(AssignedRole {
                    role: *role,
                    holder,
                    scope: *scope,
                    from: None,
                    until: None,
                    here: false,
                    limit: None,
                });
            }
        }
    }

    /// Updates `active_roles` of the trial, and its assignments that these roles include.
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

    /// Returns the strictest `support_access` on the path. Scopes in `opened` have the setting given there.
    fn support_access(&self, opened: &[(ScopeId, SupportAccess)]) -> SupportAccess {
        let directory = self.directory();
        let path = self.inputs.resolved.scope.into_iter().flat_map(|scope| directory.path(scope));
        let set = path.filter_map(|above| {
            let own = || directory.own_settings(above)?.support_access;
            opened.iter().rev().find(|(scope, _)| *scope == above).map(|(_, access)| *access).or_else(own)
        });
        set.min().unwrap_or(SupportAccess::None)
    }
}
