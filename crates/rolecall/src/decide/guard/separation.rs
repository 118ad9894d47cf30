//! `separated`: more roles of a constraint are active together than it allows.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::Moment;
use crate::policy::GuardRules;
use crate::storage::arena::{Id, RoleId};
use crate::storage::bits::Bits;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) const GATE: Gate = Gate {
    name: "separation",
    of_connection: false,
    timeless: false,
    objects: |moment, reasons| {
        if moment.separated.unwrap_or_else(|| broken(moment).is_some()) {
            reasons.push(Reason::Separated);
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    match broken(moment) {
        None => "no constraint on active roles is broken".to_string(),
        Some((together, at_most)) => {
            let names = together.iter().map(|role| format!("`{}`", moment.case.directory.role(*role).name));
            format!("active together: {}; at most {at_most} may be", names.collect::<Vec<String>>().join(", "))
        }
    }
}

/// The roles of the first broken constraint that are active, and how many may be.
pub(crate) fn broken(moment: &Moment<'_>) -> Option<(Vec<RoleId>, usize)> {
    let GuardRules { separation, .. } = &moment.case.directory.policy.guards;
    let mut constraints = separation.iter().filter(|constraint| !constraint.assigned).peekable();
    constraints.peek()?;
    let directory = moment.case.directory;
    let (mut assigned, mut reached) = [0; 2].map(|_| Bits::new(directory.role_ids().len())).into();
    for held in moment.active() {
        if !assigned.contains(held.role.index()) {
            assigned.insert(held.role.index());
            directory.role(held.role).reach.iter().for_each(|role| reached.insert(role.index()));
        }
    }
    constraints.find_map(|constraint| {
        let is_active = |role: &&RoleId| reached.contains(role.index());
        let together: Vec<RoleId> = constraint.roles.iter().filter(is_active).copied().collect();
        (together.len() > constraint.at_most).then_some((together, constraint.at_most))
    })
}
