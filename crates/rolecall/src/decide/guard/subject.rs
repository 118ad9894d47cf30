//! `unknown-subject`: the directory does not list the subject. Support staff need not be listed.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::Moment;
use alloc::format;
use alloc::string::String;

pub(super) const GATE: Gate = Gate {
    name: "subject",
    of_connection: false,
    timeless: true,
    objects: |moment, reasons| {
        if is_unknown(moment) {
            reasons.push(Reason::UnknownSubject);
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    let id = moment.case.subject_id;
    match (is_unknown(moment), moment.case.standing.is_listed()) {
        (true, _) => unlisted(moment.case.directory.unlisted_subject(id), id),
        (false, true) => format!("the directory lists `{id}`"),
        (false, false) => format!("`{id}` is support staff, which need not be listed"),
    }
}

fn unlisted(told: Option<String>, id: &str) -> String {
    told.unwrap_or_else(|| format!("the directory does not list `{id}`"))
}

fn is_unknown(moment: &Moment<'_>) -> bool {
    !moment.case.standing.is_listed() && !moment.case.standing.support
}
