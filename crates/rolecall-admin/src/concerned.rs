//! The subjects whose answers events may change. Listeners of others need not be woken.

use crate::event::{Change, Event};
use crate::everyone::EVERYONE;
use crate::object::{Group, ObjectKey, ObjectKind};
use crate::state::State;
use crate::touched::{add_people, members};
use crate::transaction::holder_of;
use std::collections::BTreeSet;

/// The most subjects that are named one by one.
const MOST: usize = 10_000;

/// The subjects whose decisions and sessions events may change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Concerned {
    /// At most these subjects and groups.
    Only(BTreeSet<String>),
    /// Any subject.
    Everyone,
}

impl Default for Concerned {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

impl Concerned {
    /// Adds the subjects that an event concerns, with the groups and all their members. `state` is the state after the
    /// event.
    pub fn add(&mut self, event: &Event, state: &State) {
        for change in &event.changes {
            let Self::Only(all) = self else { return };
            let is_known = named(change).map(|named| {
                for id in named {
                    // A change of a group names the members that it gains or loses, so groups that were added before
                    // have all their members already.
                    add_people(&id, all, |id| {
                        Some(state.get::<Group>(&ObjectKey::new(ObjectKind::Group, id))?.members)
                    });
                }
            });
            if is_known.is_none() || all.contains(EVERYONE) || all.len() > MOST {
                *self = Self::Everyone;
            }
        }
    }
}

/// Returns the subjects and groups that a change names; `None` if it may concern any subject.
fn named(change: &Change) -> Option<BTreeSet<String>> {
    Some(match change.kind {
        ObjectKind::Group => {
            let [before, after] = members(change);
            let mut named = &before ^ &after;
            // Sessions may state a group that has no members.
            if change.before.is_none() || change.after.is_none() {
                named.insert(change.id.clone());
            }
            named
        }
        ObjectKind::Assignment
        | ObjectKind::Pending
        | ObjectKind::Subject
        | ObjectKind::Invitation
        | ObjectKind::Person
        | ObjectKind::PasswordReset
        | ObjectKind::Login => [holder_of(change).to_string()].into(),
        ObjectKind::Copy | ObjectKind::Request => BTreeSet::new(),
        ObjectKind::Policy
        | ObjectKind::Scope
        | ObjectKind::Role
        | ObjectKind::Overlay
        | ObjectKind::Settings
        | ObjectKind::Lock
        | ObjectKind::Application
        | ObjectKind::SignOn => return None,
    })
}
