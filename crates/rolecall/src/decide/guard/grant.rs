//! `expired`, `not-yet`, `no-grant`: no active assignment that covers the scope holds the permission.

use super::Check;
use crate::decide::reason::{Ask, Reason};
use crate::decide::resolved::{Held, Moment};
use alloc::format;
use alloc::string::String;

pub(super) const CHECK: Check = Check {
    name: "grant",
    objects: |moment, ask, reasons| {
        if holding(moment, ask, |held, time| held.is_active(time)) {
            return;
        }
        if holding(moment, ask, Held::has_ended) {
            reasons.push(Reason::Expired);
        }
        if holding(moment, ask, |held, time| !held.has_begun(time)) {
            reasons.push(Reason::NotYet);
        }
        reasons.push(Reason::NoGrant);
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>, ask: &Ask<'_>) -> String {
    let name = moment.case.directory.policy.permission_name(ask.permission);
    if holding(moment, ask, |held, time| held.is_active(time)) {
        format!("an active role that covers the scope holds `{name}`")
    } else if holding(moment, ask, Held::has_ended) {
        format!("a role that holds `{name}` has ended")
    } else if holding(moment, ask, |held, time| !held.has_begun(time)) {
        format!("a role that holds `{name}` has not begun")
    } else {
        format!("no role that covers the scope holds `{name}`")
    }
}

fn holding(moment: &Moment<'_>, ask: &Ask<'_>, when: impl Fn(&Held, crate::types::timestamp::Instant) -> bool) -> bool {
    let holds = |held: &&Held| moment.case.directory.role(held.role).closure.contains(ask.permission.bit());
    moment.case.standing.held.iter().filter(holds).any(|held| when(held, moment.time))
}
