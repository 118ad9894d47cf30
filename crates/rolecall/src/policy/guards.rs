//! The rules that a policy sets for its guards.

use crate::storage::arena::{Arena, BoundaryId, Id, RoleId};
use crate::storage::codec;
use crate::types::action::{ActionTable, Actions};
use crate::types::limits;
use crate::types::timestamp::Duration;
use alloc::boxed::Box;
use alloc::vec::Vec;

#[derive(Debug)]
pub(crate) struct GuardRules {
    pub(crate) standalone_required: bool,
    pub(crate) idle: IdleRule,
    pub(crate) support_role: Option<RoleId>,
    /// Sorted by name.
    pub(crate) boundaries: Arena<BoundaryId, Boundary>,
    /// The limits on roles that a subject holds together.
    pub(crate) separation: Vec<Separation>,
    /// Whether a constraint applies to active roles. Such a constraint is a guard.
    pub(crate) separates_active: bool,
}

impl Default for GuardRules {
    fn default() -> Self {
        Self {
            standalone_required: false,
            idle: IdleRule::default(),
            support_role: None,
            boundaries: Arena::new(),
            separation: Vec::new(),
            separates_active: false,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct IdleRule {
    pub(crate) default: Option<Duration>,
    pub(crate) min: Option<Duration>,
    pub(crate) max: Option<Duration>,
}

impl IdleRule {
    /// Returns whether a timeout lies within the bounds, both included.
    pub(crate) fn allows(&self, timeout: Duration) -> bool {
        self.min.is_none_or(|min| min <= timeout) && self.max.is_none_or(|max| timeout <= max)
    }
}

/// A dimension that limits the items on which a subject may act.
#[derive(Debug)]
pub(crate) struct Boundary {
    pub(crate) name: Box<str>,
    /// The actions that it limits.
    pub(crate) limits: Actions,
    /// A subject needs all values of an item, instead of one.
    pub(crate) match_all: bool,
    /// Subjects without an entry hold all values, instead of none.
    pub(crate) default_all: bool,
    /// The groups of a subject count as values.
    pub(crate) from_groups: bool,
    /// The groups of the locks of an item count as its values.
    pub(crate) locks: bool,
}

/// A separation of duties: at most `at_most` of some roles may be held together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Separation {
    pub(crate) id: Box<str>,
    /// It applies to assigned roles and administration enforces it. Otherwise it applies to active roles and is a
    /// guard.
    pub(crate) assigned: bool,
    pub(crate) roles: Vec<RoleId>,
    pub(crate) at_most: usize,
}

impl GuardRules {
    /// Encodes the boundaries. Roles refer to them, so they come first.
    pub(super) fn encode_boundaries(&self, out: &mut codec::Encoder) {
        out.count(self.boundaries.len());
        for boundary in self.boundaries.values() {
            out.text(&boundary.name);
            out.number(boundary.limits.bits());
            out.flags(&[boundary.match_all, boundary.default_all, boundary.from_groups, boundary.locks]);
        }
    }

    pub(super) fn decode_boundaries(
        from: &mut codec::Decoder<'_>,
        actions: &ActionTable,
    ) -> Arena<BoundaryId, Boundary> {
        let mut boundaries = Vec::new();
        let actions = actions.names().count();
        from.each(&mut |from| {
            let (name, limits) = (from.text().into(), Actions::from_bits_retain(from.mask(actions)));
            let [match_all, default_all, from_groups, locks] = from.flags();
            boundaries.push(Boundary { name, limits, match_all, default_all, from_groups, locks });
        });
        from.check(boundaries.len() <= limits::BOUNDARIES);
        boundaries.into()
    }

    /// Encodes the other rules. They refer to roles.
    pub(super) fn encode(&self, out: &mut codec::Encoder) {
        out.flag(self.standalone_required);
        for duration in [self.idle.default, self.idle.min, self.idle.max] {
            out.duration(duration);
        }
        out.option(self.support_role.map(|role| role.index() as u64));
        out.count(self.separation.len());
        for constraint in &self.separation {
            out.text(&constraint.id);
            out.flag(constraint.assigned);
            out.ids(&constraint.roles);
            out.count(constraint.at_most);
        }
    }

    /// Decodes the rules of [`encode`](Self::encode) for a policy with `roles` roles.
    pub(super) fn read_stored(&mut self, from: &mut codec::Decoder<'_>, roles: usize) {
        self.standalone_required = from.flag();
        self.idle = IdleRule { default: from.duration(), min: from.duration(), max: from.duration() };
        self.support_role = from.option().map(|role| {
            from.check(role < roles as u64);
            RoleId::new(role as usize)
        });
        from.each(&mut |from| {
            let (id, assigned) = (from.text().into(), from.flag());
            let (roles, at_most) = (from.ids(roles), from.below(usize::MAX));
            self.separation.push(Separation { id, assigned, roles, at_most });
        });
        self.separates_active = self.separation.iter().any(|constraint| !constraint.assigned);
    }

    /// Returns whether a boundary takes the values of items from locks.
    pub(crate) fn reads_locks(&self) -> bool {
        self.boundaries.values().iter().any(|boundary| boundary.locks)
    }

    pub(crate) fn boundary(&self, name: &str) -> Option<BoundaryId> {
        let found = self.boundaries.values().binary_search_by(|boundary| (*boundary.name).cmp(name));
        found.ok().map(BoundaryId::new)
    }
}
