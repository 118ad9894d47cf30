//! `label:NAME`: the item carries a label that no active role reads.

use super::Check;
use crate::decide::reason::{Ask, Reason};
use crate::decide::resolved::Moment;
use crate::storage::arena::{Id, LabelId};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) const CHECK: Check =
    Check { name: "label", objects: |moment, ask, reasons| reasons.extend(unread(moment, ask).map(Reason::Label)) };

/// What the guard looked at, in a sentence for people.
pub(super) fn because(moment: &Moment<'_>, ask: &Ask<'_>) -> String {
    let policy = &moment.case.directory.policy;
    let names: Vec<String> = unread(moment, ask).map(|label| format!("`{}`", policy.labels[label])).collect();
    match (ask.item, names.is_empty()) {
        (None, _) => "the question names no item".to_string(),
        (Some(_), true) => "every label of the item may be read".to_string(),
        (Some(_), false) => format!("no active role reads {}", names.join(", ")),
    }
}

/// The item's labels that no active role reads, in the order of their names.
pub(super) fn unread<'a>(moment: &Moment<'a>, ask: &Ask<'_>) -> impl Iterator<Item = LabelId> + use<'a> {
    let unread = ask.item.map_or(0, |item| item.labels) & !moment.reads;
    let labels = &moment.case.directory.policy.labels;
    labels.iter().map(|(id, _)| id).filter(move |id| unread & 1 << id.index() != 0)
}
