//! `separated`: more roles of a constraint are active together than it allows.

use super::Gate;
use crate::arena::RoleId;
use crate::decide::Reason;
use crate::policy::GuardRules;
use crate::standing::Moment;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) const GATE: Gate = Gate {
    name: "separation",
    of_connection: false,
    objects: |moment, reasons| {
        if broken(moment).is_some() {
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
    separation.iter().filter(|constraint| !constraint.assigned).find_map(|constraint| {
        let is_active =
            |role: &&RoleId| moment.active().any(|held| moment.case.directory.role(held.role).reach.contains(*role));
        let together: Vec<RoleId> = constraint.roles.iter().filter(is_active).copied().collect();
        (together.len() > constraint.at_most).then_some((together, constraint.at_most))
    })
}
