//! Denies items with a label that no active role reads.
//!
//! - Reason code: `label:NAME` for each such label.
//! - Exempt: requests without an item.
//! - Ignores the permission and the connection.

use super::kind::AccessGuard;
use crate::decide::reason::{RawReason, Target};
use crate::decide::resolved::Evaluation;
use crate::storage::arena::{Id, LabelId};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) const GUARD: AccessGuard = AccessGuard {
    name: "label",
    evaluate: |evaluation, target, reasons| reasons.extend(unread(evaluation, target).map(RawReason::Label)),
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>, target: &Target<'_>) -> String {
    let policy = &evaluation.inputs.directory.policy;
    let names: Vec<String> = unread(evaluation, target).map(|label| format!("`{}`", policy.labels[label])).collect();
    match (target.item, names.is_empty()) {
        (None, _) => "the request has no item".to_string(),
        (Some(_), true) => "every label of the item may be read".to_string(),
        (Some(_), false) => format!("no active role reads {}", names.join(", ")),
    }
}

/// Returns the item's labels that no active role reads, by name.
pub(super) fn unread<'a>(evaluation: &Evaluation<'a>, target: &Target<'_>) -> impl Iterator<Item = LabelId> + use<'a> {
    let unread = target.item.map_or(0, |item| item.labels) & !evaluation.reads;
    let labels = &evaluation.inputs.directory.policy.labels;
    labels.iter().map(|(id, _)| id).filter(move |id| unread & 1 << id.index() != 0)
}
