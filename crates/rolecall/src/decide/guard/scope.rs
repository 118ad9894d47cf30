//! `unknown-scope`: the directory does not list the scope. Nothing that holds above would reach it.

use super::Gate;
use crate::decide::reason::Reason;
use crate::decide::resolved::Moment;
use alloc::format;
use alloc::string::String;

pub(super) const GATE: Gate = Gate {
    name: "scope",
    of_connection: false,
    timeless: true,
    objects: |moment, reasons| {
        if moment.case.standing.scope.is_none() {
            reasons.push(Reason::UnknownScope);
        }
    },
};

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>) -> String {
    let at = &*moment.case.context.at;
    moment.case.directory.unlisted_scope(at).unwrap_or_else(|| format!("the directory lists `{at}`"))
}
