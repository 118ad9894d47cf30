//! The members of the group of everyone that a reader knows.

use super::seen::SeenSubjects;
use crate::everyone::EVERYONE;
use crate::object::ObjectKind;
use crate::transaction::{GROUP, Transaction, USER};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::LazyLock;

/// The group as lists show it, which no object states.
static GROUP_OF_EVERYONE: LazyLock<Value> = LazyLock::new(|| json!({ "title": "Everyone" }));

/// Returns the group as a row of a list.
pub(super) fn row<'s>() -> (&'s str, &'s Value) {
    (EVERYONE, &GROUP_OF_EVERYONE)
}

/// Returns the members that the reader knows, sorted. The others may be users of other tenants.
pub(super) fn known_members<'s>(transaction: &Transaction<'s>, seen: &SeenSubjects<'_, 's>) -> Vec<&'s str> {
    let tied = tied(transaction);
    let viewer = transaction.viewer();
    let knows_all = transaction.roots().iter().all(|root| viewer.knows(root));
    let members = transaction.state.values(ObjectKind::Subject).filter(|(id, subject)| {
        let native = subject.get("native").and_then(Value::as_str);
        let is_near = native.map_or(knows_all, |native| viewer.knows(native)) || tied.contains(id);
        id.starts_with(USER) && is_near && seen.status_of(id, subject).is_some() && !seen.is_external(id, subject)
    });
    members.map(|(id, _)| id).collect()
}

/// Returns the subjects that a tenant of the reader may know although they belong elsewhere: those with a role or an
/// invitation there, and the members of groups.
fn tied<'s>(transaction: &Transaction<'s>) -> HashSet<&'s str> {
    let state = transaction.state;
    let text = |value: &'s Value, key: &str| value.get(key).and_then(Value::as_str);
    let kinds = [ObjectKind::Assignment, ObjectKind::Pending, ObjectKind::Invitation];
    let all = kinds.into_iter().flat_map(|kind| state.values(kind)).map(|(_, one)| one);
    let here = all.filter(|one| text(one, "at").is_some_and(|at| transaction.viewer().knows(at)));
    let mut tied: HashSet<&str> = here.filter_map(|one| text(one, "subject")).collect();
    for (_, group) in state.values(ObjectKind::Group) {
        let members = group.get("members").and_then(Value::as_array).into_iter().flatten();
        tied.extend(members.filter_map(Value::as_str).filter(|member| !member.starts_with(GROUP)));
    }
    tied
}
