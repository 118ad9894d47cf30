//! The places that are compared: a scope, or the scopes below it.

use super::check::EscalationCheck;
use crate::decide::resolved::{AssignedRole, assignments};
use crate::directory::Directory;
use crate::storage::arena::{GroupId, ScopeId};
use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// A scope, or every scope below it at which nothing is assigned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'p> {
    pub(super) at: &'p str,
    pub(super) below: bool,
}

impl<'p> Place<'p> {
    pub(super) fn at(at: &'p str) -> Self {
        Self { at, below: false }
    }

    /// Returns a text that no other place has.
    pub(super) fn key(self) -> Cow<'p, str> {
        if self.below { Cow::Owned([self.at, "/"].concat()) } else { Cow::Borrowed(self.at) }
    }
}

impl<'e> EscalationCheck<'e> {
    /// Returns the places to compare at some scopes: each scope, and the place below it if the grantor or the grantee
    /// has an assignment that does not cover the scopes below.
    pub(super) fn places<'s>(&self, grantee: Option<&str>, scopes: BTreeSet<&'s str>) -> Vec<Place<'s>> {
        let mut own: BTreeSet<&str> = BTreeSet::new();
        let sides = [(self.before, Some(&*self.grantor)), (self.before, grantee), (self.after, grantee)];
        for (directory, id) in sides {
            let held = id.map(|id| held(directory, id)).unwrap_or_default();
            own.extend(held.iter().filter(|held| held.here).map(|held| directory.scope_name(held.scope)));
        }
        let places = scopes.into_iter().flat_map(|at| {
            let below = own.contains(at).then_some(Place { at, below: true });
            [Place::at(at)].into_iter().chain(below)
        });
        places.collect()
    }

    /// Returns the place at a scope where the grantor holds least.
    pub(super) fn lowest<'s>(&self, at: &'s str) -> Place<'s> {
        let scope = self.before.scope(at);
        let here = |held: &AssignedRole| held.here && Some(held.scope) == scope;
        Place { at, below: held(self.before, &self.grantor).iter().any(here) }
    }

    /// Returns the places on the path of a place at which rights are rights at that place.
    pub(super) fn path(&self, place: Place<'_>) -> Vec<Place<'e>> {
        let before = self.before;
        let path = before.scope(place.at).into_iter().flat_map(|scope| before.path(scope));
        let above = path.map(|above| before.scope_name(above));
        above.map(|at| Place { at, below: place.below || at != place.at }).collect()
    }
}

/// Returns the assignments of a subject or a group, also those through groups.
fn held(directory: &Directory, id: &str) -> Vec<AssignedRole> {
    let subject = directory.subject(id);
    let groups: Vec<GroupId> = match (subject, directory.group(id)) {
        (Some(subject), _) => directory.groups_of(subject),
        (None, Some(group)) => directory.groups_above(group),
        (None, None) => Vec::new(),
    };
    assignments(directory, subject, &groups).collect()
}

/// Returns the scopes of the assignments of a subject or a group, also those through groups.
pub(super) fn held_scopes(directory: &Directory, id: &str) -> impl Iterator<Item = ScopeId> + use<> {
    held(directory, id).into_iter().map(|held| held.scope)
}
