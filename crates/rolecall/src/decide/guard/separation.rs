//! Denies subjects with more active roles of a constraint than it allows. Roles that an active role inherits count too.
//!
//! - Reason code: `separated`.
//! - Exempt: constraints on assigned roles, which administration enforces.
//! - Ignores the connection.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use crate::policy::GuardRules;
use crate::storage::arena::{Id, RoleId};
use crate::storage::bits::Bits;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "separation",
    needs_connection: false,
    timeless: false,
    evaluate: |evaluation, reasons| {
        if evaluation.separated.unwrap_or_else(|| broken(evaluation).is_some()) {
            reasons.push(RawReason::Separated);
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    match broken(evaluation) {
        None => "no constraint on active roles is broken".to_string(),
        Some((together, at_most)) => {
            let names = together.iter().map(|role| format!("`{}`", evaluation.inputs.directory.role(*role).name));
            format!("active together: {}; at most {at_most} may be", names.collect::<Vec<String>>().join(", "))
        }
    }
}

/// Returns the active roles of the first broken constraint, and how many of them may be active together.
pub(crate) fn broken(evaluation: &Evaluation<'_>) -> Option<(Vec<RoleId>, usize)> {
    let GuardRules { separation, .. } = &evaluation.inputs.directory.policy.guards;
    let mut constraints = separation.iter().filter(|constraint| !constraint.assigned).peekable();
    constraints.peek()?;
    let directory = evaluation.inputs.directory;
    let (mut visited, mut reached) = [0; 2].map(|_| Bits::new(directory.role_ids().len())).into();
    for assigned in evaluation.active() {
        if !visited.contains(assigned.role.index()) {
            visited.insert(assigned.role.index());
            directory.role(assigned.role).originals().iter().for_each(|role| reached.insert(role.index()));
        }
    }
    constraints.find_map(|constraint| {
        let is_active = |role: &&RoleId| reached.contains(role.index());
        let together: Vec<RoleId> = constraint.roles.iter().filter(is_active).copied().collect();
        (together.len() > constraint.at_most).then_some((together, constraint.at_most))
    })
}
