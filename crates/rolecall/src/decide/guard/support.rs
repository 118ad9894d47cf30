//! Denies support staff where the tenant is closed to them: `support_access` is `none`, or it is `named` and the
//! directory does not list the subject. The strictest setting on the path counts. Without a setting the tenant is
//! closed.
//!
//! - Reason code: `support-closed`.
//! - Exempt: all subjects that are not support staff.
//! - Ignores roles, time and connection.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use crate::directory::SupportAccess;
use alloc::string::{String, ToString};

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "support",
    needs_connection: false,
    timeless: true,
    evaluate: |evaluation, reasons| {
        if evaluation.inputs.resolved.support && is_closed(evaluation) {
            reasons.push(RawReason::SupportClosed);
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    if !evaluation.inputs.resolved.support {
        return "the subject is not support staff".to_string();
    }
    match evaluation.inputs.resolved.support_access {
        SupportAccess::None => "the tenant is closed to support staff",
        SupportAccess::Named if !evaluation.inputs.resolved.is_listed() => {
            "the tenant is open to support staff that it lists, and does not list this one"
        }
        SupportAccess::Named => "the tenant is open to support staff that it lists, this one included",
        SupportAccess::All => "the tenant is open to all support staff",
    }
    .to_string()
}

fn is_closed(evaluation: &Evaluation<'_>) -> bool {
    match evaluation.inputs.resolved.support_access {
        SupportAccess::None => true,
        SupportAccess::Named => !evaluation.inputs.resolved.is_listed(),
        SupportAccess::All => false,
    }
}
