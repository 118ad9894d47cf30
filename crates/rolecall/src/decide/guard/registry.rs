//! All guards, in the order in which decisions list their reasons.

use super::kind::{AccessGuard, SessionGuard};
use super::{
    boundary, grant, idle, label, login, network, scope, second_factor, separation, standalone, status, subject,
    support,
};
use crate::decide::reason::Target;
use crate::decide::resolved::Evaluation;
use alloc::string::String;
use alloc::vec::Vec;

/// The session guards, which come first.
pub(crate) const SESSION_GUARDS: [SessionGuard; 10] = [
    subject::GUARD,
    scope::GUARD,
    status::GUARD,
    support::GUARD,
    login::GUARD,
    second_factor::GUARD,
    network::GUARD,
    idle::GUARD,
    standalone::GUARD,
    separation::GUARD,
];

/// Explains each session guard, in the same order. Separate from the guards, so that modules without explanations do
/// not contain these texts.
pub(crate) const SESSION_GUARD_DESCRIPTIONS: [fn(&Evaluation<'_>) -> String; SESSION_GUARDS.len()] = [
    subject::describe,
    scope::describe,
    status::describe,
    support::describe,
    login::describe,
    second_factor::describe,
    network::describe,
    idle::describe,
    standalone::describe,
    separation::describe,
];

/// Returns whether the session guards that need no connection details let a subject in.
pub(crate) fn admits(evaluation: &Evaluation<'_>) -> bool {
    let mut reasons = Vec::new();
    for guard in SESSION_GUARDS.iter().filter(|guard| !guard.needs_connection) {
        (guard.evaluate)(evaluation, &mut reasons);
    }
    reasons.is_empty()
}

/// Returns whether neither a boundary nor a label denies the item.
pub(crate) fn item_allowed(evaluation: &Evaluation<'_>, target: &Target<'_>) -> bool {
    boundary::denying(evaluation, target).is_empty() && label::unread(evaluation, target).next().is_none()
}

/// The access guards, which come after the session guards.
pub(crate) const ACCESS_GUARDS: [AccessGuard; 3] = [grant::GUARD, boundary::GUARD, label::GUARD];

/// Explains each access guard, in the same order.
pub(crate) const ACCESS_GUARD_DESCRIPTIONS: [fn(&Evaluation<'_>, &Target<'_>) -> String; ACCESS_GUARDS.len()] =
    [grant::describe, boundary::describe, label::describe];
