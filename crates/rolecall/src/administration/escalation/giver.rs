//! What the giver holds, and where they may give anything.

use super::check::{EscalationCheck, Own};
use super::parties::Grantee;
use super::person::{Guards, Person, held_scopes};
use super::rights::Rights;
use crate::decide::resolved::AssignedRole;
use crate::storage::arena::ScopeId;
use crate::types::grammar::ScopePath;
use crate::types::timestamp::Timestamp;
use alloc::vec::Vec;

impl<'e> EscalationCheck<'e> {
    /// The scopes below one at which the giver may hold less than there: where active roles are separated.
    pub(super) fn where_separated(&self, scope: ScopeId) -> Vec<&'e str> {
        let before = self.before;
        if !before.policy.guards.separates_active {
            return Vec::new();
        }
        let Some(above) = before.scope(self.after.scope_name(scope)) else { return Vec::new() };
        let below = held_scopes(before, &self.giver).filter(|below| before.covers(above, *below));
        below.map(|below| before.scope_name(below)).collect()
    }

    pub(super) fn own(&mut self, at: &str) -> &Own<'e> {
        if !self.at.contains_key(at) {
            let (before, now) = (self.before, self.now);
            let person = || Person::new(before, Some(&self.giver), at, now);
            let lasts = |held: &AssignedRole| held.until.is_none() && held.has_begun(now);
            let lasting = (!before.policy.guards.separates_active).then(|| person().timeless(lasts));
            let gives_any = before.scope(at).is_some_and(|scope| {
                let mut path = before.path(scope).map(|above| before.scope_name(above));
                path.any(|above| {
                    let person = Person::new(before, Some(&self.giver), above, now).timeless(lasts);
                    lasting.is_some() && self.holds_any(&person, above, now)
                })
            });
            let own = Own { person: person(), lasting, gives_any };
            self.at.insert(at.into(), own);
        }
        // It was just put there.
        #[expect(clippy::indexing_slicing, reason = "every scope that is looked up was inserted above")]
        &self.at[at]
    }

    /// Whether a person at a scope holds a permission by which anything may be given.
    fn holds_any(&self, person: &Person<'_>, at: &str, time: Timestamp) -> bool {
        let Ok(path) = ScopePath::parse(at) else { return false };
        let rights = person.rights(time, Guards::OfGiver);
        let mut mapped = self.any.iter().flat_map(|name| self.before.policy.administration(name, path));
        mapped.any(|permission| rights.permissions.contains(permission.bit()))
    }

    /// Whether the giver may give anything at a scope, there or above it.
    pub(super) fn gives_any(&mut self, at: &str, time: Timestamp) -> bool {
        if self.own(at).gives_any {
            return true;
        }
        let Some(scope) = self.before.scope(at) else { return false };
        let path: Vec<&str> = self.before.path(scope).map(|above| self.before.scope_name(above)).collect();
        path.into_iter().any(|above| {
            self.own(above);
            self.at.get(above).is_some_and(|own| self.holds_any(&own.person, above, time))
        })
    }

    /// Whether the giver holds rights, or may give anything, without an end from now on: then no instant need be compared.
    pub(super) fn lasts(&mut self, at: &str, receiver: Grantee<'_>, gives: &Rights<'_>) -> bool {
        if self.outlasts(receiver) {
            return gives.is_empty();
        }
        self.own(at);
        let Some(own) = self.at.get(at) else { return false };
        let Some(lasting) = own.lasting.as_ref().filter(|_| !own.gives_any) else { return own.gives_any };
        let held = self.translated(lasting.rights(self.now, Guards::OfGiver));
        self.beyond(gives, None, &held, receiver).is_empty()
    }

    /// Whether a gift would outlast what lets the giver in.
    pub(super) fn outlasts(&self, receiver: Grantee<'_>) -> bool {
        self.is_support && (!receiver.is_support() || (self.is_unlisted && receiver.id().is_some()))
    }
}
