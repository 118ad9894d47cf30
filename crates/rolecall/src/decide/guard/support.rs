//! `support-closed`: the tenant is not open to this member of support staff.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::Moment;
use crate::directory::SupportAccess;
use alloc::string::{String, ToString};

pub(super) const GATE: Gate = Gate {
    name: "support",
    of_connection: false,
    timeless: true,
    objects: |moment, reasons| {
        if moment.case.standing.support && is_closed(moment) {
            reasons.push(Reason::SupportClosed);
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    if !moment.case.standing.support {
        return "the subject is not support staff".to_string();
    }
    match moment.case.standing.support_access {
        SupportAccess::None => "the tenant is closed to support staff",
        SupportAccess::Named if !moment.case.standing.is_listed() => {
            "the tenant is open to support staff that it lists, and does not list this one"
        }
        SupportAccess::Named => "the tenant is open to support staff that it lists, this one included",
        SupportAccess::All => "the tenant is open to all support staff",
    }
    .to_string()
}

fn is_closed(moment: &Moment<'_>) -> bool {
    match moment.case.standing.support_access {
        SupportAccess::None => true,
        SupportAccess::Named => !moment.case.standing.is_listed(),
        SupportAccess::All => false,
    }
}
