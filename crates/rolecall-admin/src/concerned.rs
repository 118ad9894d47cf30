//! The subjects whose answers events may change. Listeners of others need not be woken.

use crate::event::{Change, Event};
use crate::everyone::EVERYONE;
use crate::object::{Assignment, Group, ObjectKey, ObjectKind};
use crate::state::State;
use crate::touched::{add_people, after, before, members};
use crate::transaction::{GROUP, holder_of};
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
    /// Adds the subjects that an event concerns, with all members of groups. `state` is the state after the event.
    pub fn add(&mut self, event: &Event, state: &State) {
        for change in &event.changes {
            let Self::Only(all) = self else { return };
            let is_known = named(change).map(|named| {
                for id in named {
                    // A change of a group names the members that it gains or loses, so groups that were added before
                    // have all their members already.
                    add_people(&id, all, |id| members_of(state, id));
                }
            });
            if is_known.is_none() || all.contains(EVERYONE) || all.len() > MOST {
                *self = Self::Everyone;
            }
        }
    }
}

fn members_of(state: &State, id: &str) -> Option<BTreeSet<String>> {
    let group = id.starts_with(GROUP).then(|| state.get::<Group>(&ObjectKey::new(ObjectKind::Group, id)));
    group.flatten().map(|group| group.members)
}

/// Returns the subjects and groups that a change names; `None` if it may concern any subject.
fn named(change: &Change) -> Option<BTreeSet<String>> {
    Some(match change.kind {
        ObjectKind::Assignment | ObjectKind::Pending => {
            let both = [before::<Assignment>(change), after(change)];
            both.into_iter().flatten().map(|one| one.subject).collect()
        }
        ObjectKind::Group => {
            let [before, after] = members(change);
            let mut named = &before | &after;
            named.insert(change.id.clone());
            named
        }
        ObjectKind::Subject
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
