//! The rights of the grantor, and the scopes at which they may grant anything.

use super::check::{EscalationCheck, Own};
use super::parties::Grantee;
use super::person::{Guards, Person};
use super::place::{Place, held_scopes};
use super::rights::Rights;
use crate::decide::resolved::AssignedRole;
use crate::storage::arena::ScopeId;
use crate::types::grammar::ScopePath;
use crate::types::timestamp::Timestamp;
use alloc::vec::Vec;

impl<'e> EscalationCheck<'e> {
    /// Returns the scopes below a scope at which the grantor may hold less than above. Only separation of active roles
    /// can cause that.
    pub(super) fn where_separated(&self, scope: ScopeId) -> Vec<&'e str> {
        let before = self.before;
        if !before.policy.guards.separates_active {
            return Vec::new();
        }
        let Some(above) = before.scope(self.after.scope_name(scope)) else { return Vec::new() };
        let below = held_scopes(before, &self.grantor).filter(|below| before.covers(above, *below));
        below.map(|below| before.scope_name(below)).collect()
    }

    /// Returns the grantor at a place.
    pub(super) fn own(&mut self, place: Place<'_>) -> &Own<'e> {
        let key = place.key();
        if !self.at.contains_key(&*key) {
            let (before, now) = (self.before, self.now);
            let person = || Person::new(before, Some(&self.grantor), place, now);
            let lasts = |held: &AssignedRole| held.until.is_none() && held.has_begun(now);
            let lasting = (!before.policy.guards.separates_active).then(|| person().timeless(lasts));
            let gives_any = self.path(place).into_iter().any(|above| {
                let person = Person::new(before, Some(&self.grantor), above, now).timeless(lasts);
                lasting.is_some() && self.holds_any(&person, above.at, now)
            });
            let own = Own { person: person(), lasting, gives_any };
            self.at.insert((*key).into(), own);
        }
        #[expect(clippy::indexing_slicing, reason = "every place that is looked up was inserted above")]
        &self.at[&*key]
    }

    /// Returns whether a person holds a permission to grant anything at a scope.
    fn holds_any(&self, person: &Person<'_>, at: &str, time: Timestamp) -> bool {
        let Ok(path) = ScopePath::parse(at) else { return false };
        let rights = person.rights(time, Guards::OfGrantor);
        let mut mapped = self.any.iter().flat_map(|name| self.before.policy.administration(name, path));
        mapped.any(|permission| rights.permissions.contains(permission.bit()))
    }

    /// Returns whether the grantor may grant anything at a place, by a permission there or above.
    pub(super) fn gives_any(&mut self, place: Place<'_>, time: Timestamp) -> bool {
        if self.own(place).gives_any {
            return true;
        }
        self.path(place).into_iter().any(|above| {
            self.own(above);
            self.at.get(&*above.key()).is_some_and(|own| self.holds_any(&own.person, above.at, time))
        })
    }

    /// Returns whether the grantor holds these rights, or may grant anything, from now on without an end. Then no times
    /// need be compared.
    pub(super) fn lasts(&mut self, place: Place<'_>, grantee: Grantee<'_>, gives: &Rights<'_>) -> bool {
        if self.outlasts(grantee) {
            return gives.is_empty();
        }
        self.own(place);
        let Some(own) = self.at.get(&*place.key()) else { return false };
        let Some(lasting) = own.lasting.as_ref().filter(|_| !own.gives_any) else { return own.gives_any };
        let held = self.translated(lasting.rights(self.now, Guards::OfGrantor));
        self.beyond(gives, None, &held, grantee).is_empty()
    }

    /// Returns whether a grant would outlast the grantor's own access, which ends when the tenant closes to support
    /// staff.
    pub(super) fn outlasts(&self, grantee: Grantee<'_>) -> bool {
        self.is_support && (!grantee.is_support() || (self.is_unlisted && grantee.id().is_some()))
    }
}
