//! Denies sessions without a second factor where a scope on the path sets `second_factor: required`.
//!
//! - Reason code: `second-factor`, for contexts that state `false` or nothing.
//! - Exempt: applications, which prove their identity with a secret. External users and support staff are not exempt.
//! - Ignores the login method: a provider of single sign-on has to state the second factor too.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use crate::types::grammar::APPLICATION;
use alloc::string::{String, ToString};

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "second-factor",
    needs_connection: true,
    timeless: true,
    evaluate: |evaluation, reasons| {
        let proven = evaluation.inputs.context.second_factor == Some(true);
        if !proven && is_required(evaluation) && !is_application(evaluation) {
            reasons.push(RawReason::SecondFactor);
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    if !is_required(evaluation) {
        return "no scope on the path requires two-step verification".to_string();
    }
    let text = match evaluation.inputs.context.second_factor {
        _ if is_application(evaluation) => "two-step verification does not apply to applications",
        Some(true) => "two-step verification is required, and a second factor is stated",
        Some(false) => "two-step verification is required, and the login had one factor",
        None => "two-step verification is required, and no second factor is stated",
    };
    text.to_string()
}

fn is_required(evaluation: &Evaluation<'_>) -> bool {
    let directory = evaluation.inputs.directory;
    let governing = evaluation.inputs.resolved.scope.and_then(|scope| directory.governing(scope));
    governing.is_some_and(|governing| governing.second_factor)
}

/// Returns whether the subject is an application. Answers by handle have a listed subject and no id.
fn is_application(evaluation: &Evaluation<'_>) -> bool {
    let inputs = evaluation.inputs;
    match inputs.resolved.subject {
        Some(subject) => inputs.directory.is_application(subject),
        None => inputs.subject_id.starts_with(APPLICATION),
    }
}
