//! Which places a comparison examines.

use super::check::EscalationCheck;
use super::place::{Place, held};
use crate::decide::resolved::AssignedRole;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

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
