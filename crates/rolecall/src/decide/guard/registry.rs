//! All guards in order, and what each of them is.

use super::kind::{AccessGuard, SessionGuard};
use super::{boundary, grant, idle, label, login, network, scope, separation, standalone, status, subject, support};
use crate::decide::reason::Target;
use crate::decide::resolved::Evaluation;
use alloc::string::String;
use alloc::vec::Vec;

/// All session guards in order.
pub(crate) const SESSION_GUARDS: [SessionGuard; 9] = [
    subject::GUARD,
    scope::GUARD,
    status::GUARD,
    support::GUARD,
    login::GUARD,
    network::GUARD,
    idle::GUARD,
    standalone::GUARD,
    separation::GUARD,
];

/// What each gate looked at, in sentences for people, in the same order. Apart, so that who explains nothing carries none of
/// it.
pub(crate) const SESSION_GUARD_DESCRIPTIONS: [fn(&Evaluation<'_>) -> String; SESSION_GUARDS.len()] = [
    subject::describe,
    scope::describe,
    status::describe,
    support::describe,
    login::describe,
    network::describe,
    idle::describe,
    standalone::describe,
    separation::describe,
];

/// Tells whether a subject is let in, of whose connection nothing is known.
pub(crate) fn admits(evaluation: &Evaluation<'_>) -> bool {
    let mut reasons = Vec::new();
    for gate in SESSION_GUARDS.iter().filter(|gate| !gate.needs_connection) {
        (gate.evaluate)(evaluation, &mut reasons);
    }
    reasons.is_empty()
}

/// Tells whether neither a boundary nor a label keeps the subject from the item.
pub(crate) fn item_allowed(evaluation: &Evaluation<'_>, target: &Target<'_>) -> bool {
    boundary::objecting(evaluation, target).is_empty() && label::unread(evaluation, target).next().is_none()
}

/// All checks in order; they come after the gates.
pub(crate) const ACCESS_GUARDS: [AccessGuard; 3] = [grant::GUARD, boundary::GUARD, label::GUARD];

/// What each check looked at, in sentences for people, in the same order.
pub(crate) const ACCESS_GUARD_DESCRIPTIONS: [fn(&Evaluation<'_>, &Target<'_>) -> String; ACCESS_GUARDS.len()] =
    [grant::describe, boundary::describe, label::describe];
