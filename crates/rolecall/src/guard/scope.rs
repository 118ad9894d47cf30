//! `unknown-scope`: the directory does not list the scope. Nothing that holds above would reach it.

use super::Gate;
use crate::decide::Reason;
use alloc::format;

pub(super) const GATE: Gate = Gate {
    name: "scope",
    of_connection: false,
    objects: |moment, reasons| {
        if moment.case.standing.scope.is_none() {
            reasons.push(Reason::UnknownScope);
        }
    },
    because: |moment| match moment.case.standing.scope {
        Some(_) => format!("the directory lists `{}`", moment.case.context.at),
        None => format!("the directory does not list `{}`, so that nothing holds there", moment.case.context.at),
    },
};
