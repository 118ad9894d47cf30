//! Requirements: an invariant that holds for roles of the policy, for their overlays and for custom roles. A role that grants one of some
//! permissions also holds an action on the same resource, such as viewing.

use super::Policy;
use super::resource::{PermissionId, Resources};
use super::role::Role;
use crate::storage::arena::{Id, RoleId};
use crate::storage::bits::Bits;
use crate::storage::codec;
use crate::types::action::Actions;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A role that grants one of these permissions also holds the one that it needs.
#[derive(Debug)]
pub(crate) struct Requirement {
    pub(crate) id: Box<str>,
    /// The roles of the policy to which it does not apply, sorted.
    except: Vec<RoleId>,
    /// The permissions that need another one.
    grants: Bits,
    /// The one action of the needed permissions.
    action: Actions,
    /// The needed permission for each permission. It is on the same resource, or on the nearest one above that has the
    /// action. For a permission with the action itself it is on a resource above.
    needed: Vec<Option<PermissionId>>,
}

impl Requirement {
    pub(super) fn new(id: Box<str>, except: Vec<RoleId>, grants: Bits, action: Actions, resources: &Resources) -> Self {
        Self { id, except, grants, action, needed: needed(action, resources) }
    }

    /// Returns whether it applies to a role of the policy.
    pub(crate) fn applies(&self, role: RoleId) -> bool {
        self.except.binary_search(&role).is_err()
    }

    /// Returns a permission that a role grants itself, and the needed one that it does not hold. What a role inherits is
    /// examined for the inherited role.
    pub(crate) fn unmet(&self, role: &Role) -> Option<(PermissionId, PermissionId)> {
        let mut granted = role.direct_permissions.clone();
        granted.intersect(&self.grants);
        granted.iter().find_map(|bit| {
            let needed = self.needed.get(bit).copied().flatten()?;
            (!role.all_permissions.contains(needed.bit())).then_some((PermissionId::new(bit), needed))
        })
    }

    fn encode(&self, out: &mut codec::Encoder) {
        out.text(&self.id);
        out.ids(&self.except);
        out.bytes(&self.grants.to_bytes(64 * self.grants.words().len()));
        out.number(self.action.bits());
    }

    fn decode(from: &mut codec::Decoder<'_>, policy: &Policy) -> Self {
        let id = from.text().into();
        let except = from.ids(policy.roles.len());
        from.check(except.is_sorted_by(|a: &RoleId, b| a < b));
        let grants = Bits::from_bytes(from.bytes(), policy.resources.count());
        let action = Actions::from_bits_retain(from.mask(policy.actions.names().count()));
        Self::new(id, except, grants, action, &policy.resources)
    }
}

/// Encodes requirements. A policy keeps them so, because only changes of roles need them.
pub(super) fn encode(requirements: &[Requirement]) -> Box<[u8]> {
    let mut out = codec::Encoder::default();
    out.count(requirements.len());
    requirements.iter().for_each(|requirement| requirement.encode(&mut out));
    out.0.into()
}

impl Policy {
    /// Decodes what roles need for the permissions that they grant.
    pub(crate) fn requirements(&self) -> Vec<Requirement> {
        let mut requirements = Vec::new();
        if !self.requirements.is_empty() {
            let mut from = codec::Decoder::new(&self.requirements);
            let count = from.below(limits::REQUIREMENTS + 1);
            while requirements.len() < count && !from.has_failed() {
                requirements.push(Requirement::decode(&mut from, self));
            }
        }
        requirements
    }
}

fn needed(action: Actions, resources: &Resources) -> Vec<Option<PermissionId>> {
    let mut needed = vec![None; resources.count()];
    // The resources whose subtrees are not complete yet, each with the needed permission for what is below it.
    let mut open: Vec<(usize, Option<PermissionId>)> = Vec::new();
    for (id, node) in resources.nodes() {
        while open.pop_if(|(end, _)| *end <= id.index()).is_some() {}
        let above = open.last().and_then(|(_, needed)| *needed);
        let here = resources.permissions_of(id, action).next();
        for permission in resources.permissions_of(id, Actions::all()) {
            let found = if Some(permission) == here { above } else { here.or(above) };
            if let Some(slot) = needed.get_mut(permission.bit()) {
                *slot = found;
            }
        }
        open.push((node.end, here.or(above)));
    }
    needed
}
