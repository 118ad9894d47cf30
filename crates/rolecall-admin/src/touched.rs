//! Finds the subjects and groups whose rights a command may change.

use crate::event::Change;
use crate::everyone::{self, EVERYONE};
use crate::object::{Assignment, Group, Invitation, ObjectKey, ObjectKind, Settings, Subject, place};
use crate::transaction::{GROUP, SUPPORT, Transaction};
use rolecall::ScopePath;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The subjects and groups whose rights a command may change.
pub(crate) struct Touched {
    /// The ids of subjects and groups.
    pub(crate) ids: BTreeSet<String>,
    /// Whether unlisted support staff are affected.
    pub(crate) support: bool,
}

/// Returns the object before a change.
pub(crate) fn before<'c, T: Deserialize<'c>>(change: &'c Change) -> Option<T> {
    change.before.as_ref().and_then(|value| T::deserialize(value).ok())
}

/// Returns the object after a change.
pub(crate) fn after<'c, T: Deserialize<'c>>(change: &'c Change) -> Option<T> {
    change.after.as_ref().and_then(|value| T::deserialize(value).ok())
}

/// Returns the members of a group before and after a change.
pub(crate) fn members(change: &Change) -> [BTreeSet<String>; 2] {
    [before::<Group>(change), after(change)].map(|group| group.unwrap_or_default().members)
}

/// Returns a subject or group and, for a group, all its direct and indirect members, after a command. Reads no other
/// group.
pub(crate) fn people_of(transaction: &Transaction<'_>, holder: &str) -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    add_people(holder, &mut people, |id| Some(transaction.get::<Group>(ObjectKind::Group, id)?.members));
    people
}

/// Adds a subject or group and, for a group, all its direct and indirect members.
pub(crate) fn add_people(
    holder: &str,
    people: &mut BTreeSet<String>,
    members: impl Fn(&str) -> Option<BTreeSet<String>>,
) {
    let mut ahead = vec![holder.to_string()];
    while let Some(holder) = ahead.pop() {
        if !people.contains(&holder) {
            // Most members are users, which are not looked up.
            let listed = if holder.starts_with(GROUP) { members(&holder) } else { None };
            ahead.extend(listed.into_iter().flatten());
            people.insert(holder);
        }
    }
}

impl Touched {
    pub(crate) fn of(transaction: &Transaction<'_>) -> Self {
        let (mut holders, mut support) = (BTreeSet::new(), false);
        for change in transaction.changes() {
            match change.kind {
                ObjectKind::Assignment | ObjectKind::Pending => {
                    let both = [before::<Assignment>(change), after(change)];
                    holders.extend(both.into_iter().flatten().map(|one| one.subject));
                }
                ObjectKind::Subject => _ = holders.insert(change.id.clone()),
                ObjectKind::Group => {
                    let [before, after] = members(change);
                    holders.extend(before.symmetric_difference(&after).cloned());
                }
                ObjectKind::Role => {
                    let (at, role) = place(&change.id);
                    let engines = [transaction.engine, &transaction.trial];
                    let held = ScopePath::parse(at).map(|at| engines.map(|engine| engine.holders(role, at)));
                    holders.extend(held.into_iter().flatten().flatten());
                }
                ObjectKind::Overlay => {
                    let (at, role) = place(&change.id);
                    let engines = [transaction.engine, &transaction.trial];
                    let held = ScopePath::parse(at).map(|at| engines.map(|engine| engine.holders(role, at)));
                    holders.extend(held.into_iter().flatten().flatten());
                    // It may be the support role, or a role that the support role inherits.
                    support = true;
                }
                ObjectKind::Settings => {
                    let [before, after] = [before::<Settings>(change), after(change)].map(Option::unwrap_or_default);
                    let of = |settings: Settings| (settings.support_access, settings.support_reads);
                    if of(before) != of(after) {
                        holders.extend(
                            transaction
                                .beginning::<Subject>(ObjectKind::Subject, SUPPORT)
                                .into_iter()
                                .map(|(id, _)| id),
                        );
                        support = true;
                    }
                }
                ObjectKind::Policy => {
                    holders.extend(transaction.all::<Subject>(ObjectKind::Subject).into_iter().map(|(id, _)| id));
                    holders.extend(transaction.all::<Group>(ObjectKind::Group).into_iter().map(|(id, _)| id));
                    support = true;
                }
                ObjectKind::Invitation => {
                    let both = [before::<Invitation>(change), after(change)];
                    holders.extend(both.into_iter().flatten().map(|one| one.subject));
                }
                // The instance of an outermost scope may now have the support role.
                ObjectKind::Scope => support |= change.before.is_some(),
                ObjectKind::Copy
                | ObjectKind::Request
                | ObjectKind::Lock
                | ObjectKind::Person
                | ObjectKind::Application
                | ObjectKind::PasswordReset
                | ObjectKind::SignOn
                | ObjectKind::Login => {}
            }
        }
        if !holders.iter().any(|holder| holder.starts_with(GROUP)) {
            return Self { ids: holders, support };
        }
        let mut ids = if holders.contains(EVERYONE) { everyone::members(transaction) } else { BTreeSet::new() };
        let (mut were, mut are) = (BTreeSet::new(), BTreeSet::new());
        let before = |id: &str| transaction.state.get::<Group>(&ObjectKey::new(ObjectKind::Group, id));
        for holder in &holders {
            add_people(holder, &mut were, |id| Some(before(id)?.members));
            add_people(holder, &mut are, |id| Some(transaction.get::<Group>(ObjectKind::Group, id)?.members));
        }
        ids.append(&mut were);
        ids.append(&mut are);
        Self { ids, support }
    }
}
