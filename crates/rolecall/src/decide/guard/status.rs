//! `invited`, `invitation-expired`, `suspended`, `removed`: the subject is not active at the time.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::Moment;
use crate::directory::Status;
use alloc::format;
use alloc::string::{String, ToString};

pub(super) const GATE: Gate = Gate {
    name: "status",
    of_connection: false,
    timeless: false,
    objects: |moment, reasons| reasons.extend(objection(moment)),
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    match (objection(moment), moment.case.standing) {
        (Some(Reason::Invited), standing) => standing.invited_until.map_or_else(
            || "the invitation is not accepted yet".to_string(),
            |until| format!("the invitation is not accepted yet; it can be until {until}"),
        ),
        (Some(Reason::InvitationExpired), standing) => standing.invited_until.map_or_else(
            || "the invitation has expired".to_string(),
            |until| format!("the invitation was not accepted and expired at {until}"),
        ),
        (Some(Reason::Suspended), _) => "the subject is suspended".to_string(),
        (Some(Reason::Removed), _) => "the subject is removed".to_string(),
        (_, standing) if standing.is_listed() => "the subject is active".to_string(),
        _ => "the subject is not listed and has no status".to_string(),
    }
}

fn objection(moment: &Moment<'_>) -> Option<Reason> {
    let standing = moment.case.standing;
    match standing.status? {
        Status::Active => None,
        Status::Suspended => Some(Reason::Suspended),
        Status::Removed => Some(Reason::Removed),
        Status::Invited if standing.invited_until.is_some_and(|until| until <= moment.time) => {
            Some(Reason::InvitationExpired)
        }
        Status::Invited => Some(Reason::Invited),
    }
}
