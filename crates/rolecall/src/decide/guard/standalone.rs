//! `no-standalone-role`: the policy requires an active standalone role that covers the scope.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::Moment;
use alloc::string::{String, ToString};

pub(super) const GATE: Gate = Gate {
    name: "standalone",
    of_connection: false,
    timeless: false,
    objects: |moment, reasons| {
        if moment.case.directory.policy.guards.standalone_required && !moment.standalone {
            reasons.push(Reason::NoStandaloneRole);
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    match (moment.case.directory.policy.guards.standalone_required, moment.standalone) {
        (false, _) => "the policy requires no standalone role",
        (true, true) => "an active standalone role covers the scope",
        (true, false) => "the policy requires a standalone role, and no active one covers the scope",
    }
    .to_string()
}
