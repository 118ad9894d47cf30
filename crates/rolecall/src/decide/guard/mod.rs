//! The guards: checks that can only deny, one file each, in the order in which objections are told.

pub(crate) mod boundary;
mod grant;
mod idle;
mod label;
pub(crate) mod login;
pub(crate) mod network;
mod scope;
pub(crate) mod separation;
mod standalone;
mod status;
mod subject;
mod support;

pub(crate) use idle::idle_at;

use crate::decide::reason::{Ask, Reason};
use crate::decide::resolved::Moment;
use alloc::string::String;
use alloc::vec::Vec;

/// A guard that looks at who asks, from where and when, whatever is asked.
pub(crate) struct Gate {
    pub(crate) name: &'static str,
    /// It looks at how the question comes in, which nobody knows of someone who is not asking.
    pub(crate) of_connection: bool,
    /// It objects at every instant or at none.
    pub(crate) timeless: bool,
    pub(crate) objects: fn(&Moment<'_>, &mut Vec<Reason>),
}

/// A guard that looks at what is asked as well.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) objects: fn(&Moment<'_>, &Ask<'_>, &mut Vec<Reason>),
}

/// All gates in order.
pub(crate) const GATES: [Gate; 9] = [
    subject::GATE,
    scope::GATE,
    status::GATE,
    support::GATE,
    login::GATE,
    network::GATE,
    idle::GATE,
    standalone::GATE,
    separation::GATE,
];

/// What each gate looked at, in sentences for people, in the same order. Apart, so that who explains nothing carries none of
/// it.
pub(crate) const GATES_IN_WORDS: [fn(&Moment<'_>) -> String; GATES.len()] = [
    subject::because,
    scope::because,
    status::because,
    support::because,
    login::because,
    network::because,
    idle::because,
    standalone::because,
    separation::because,
];

/// Tells whether a subject is let in, of whose connection nothing is known.
pub(crate) fn let_in(moment: &Moment<'_>) -> bool {
    let mut reasons = Vec::new();
    for gate in GATES.iter().filter(|gate| !gate.of_connection) {
        (gate.objects)(moment, &mut reasons);
    }
    reasons.is_empty()
}

/// Tells whether neither a boundary nor a label keeps the subject from the item.
pub(crate) fn is_open(moment: &Moment<'_>, ask: &Ask<'_>) -> bool {
    boundary::objecting(moment, ask).is_empty() && label::unread(moment, ask).next().is_none()
}

/// All checks in order; they come after the gates.
pub(crate) const CHECKS: [Check; 3] = [grant::CHECK, boundary::CHECK, label::CHECK];

/// What each check looked at, in sentences for people, in the same order.
pub(crate) const CHECKS_IN_WORDS: [fn(&Moment<'_>, &Ask<'_>) -> String; CHECKS.len()] =
    [grant::because, boundary::because, label::because];
