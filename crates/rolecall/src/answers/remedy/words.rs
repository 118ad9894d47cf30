//! Turns steps into changes.

use super::Change;
use super::search::Search;
use super::step::Step;
use crate::decide::resolved::AssignedRole;
use crate::directory::SupportAccess;
use crate::storage::arena::{RoleId, ScopeId};
use alloc::string::ToString;

impl Search<'_> {
    /// Returns the change that a step makes, with the names of the directory.
    pub(super) fn change(&self, step: &Step) -> Change {
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
            Step::UseSecondFactor => Change::UseSecondFactor,
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
                below: !held.here,
                boundaries: directory.limit_names(held.limit),
                from: held.from.unwrap_or(self.inputs.context.time),
            },
            Step::Extend(held) => Change::Extend {
                subject: holder(held),
                role: role(&held.role),
                at: scope(&held.scope),
                below: !held.here,
                boundaries: directory.limit_names(held.limit),
                until: held.until.unwrap_or(self.inputs.context.time),
            },
            Step::Assign(id, at) => Change::Assign { subject: subject(), role: role(id), at: scope(at) },
        }
    }
}
