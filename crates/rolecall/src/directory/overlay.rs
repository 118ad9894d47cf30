//! Overlays: roles of the policy that a tenant edits for itself.
//!
//! An overlay changes a role for assignments at its scope and below. Every role that it changes, directly or through
//! what the role inherits, gets a variant for that scope. Assignments store the variant of the nearest scope at or
//! above their own, so decisions need no search. A variant has the name of its original, and rules about roles, such as
//! separation, count it as the original. A custom role is always assigned below the overlays above it, so these change
//! the custom role itself.

use super::Directory;
use super::roles::Roles;
use crate::document::{Path, Reader};
use crate::policy::{OverlaySpec, Role, report_unmet};
use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::limits;
use alloc::vec::Vec;
use core::mem;

/// An overlay of a role of the policy at a scope.
#[derive(Debug)]
pub(super) struct Overlay {
    pub(super) scope: ScopeId,
    pub(super) role: RoleId,
    pub(super) spec: OverlaySpec,
}

impl Directory {
    /// Returns the number of the first variant. Roles with smaller numbers are originals.
    fn first_variant(&self) -> usize {
        self.role_count().saturating_sub(self.roles.variants.len())
    }

    /// Returns the roles of the policy and the custom roles.
    pub(crate) fn originals(&self) -> impl Iterator<Item = RoleId> + use<> {
        (0..self.first_variant()).map(RoleId::new)
    }

    /// Returns the role of which a role is a variant, or the role itself.
    pub(crate) fn original(&self, role: RoleId) -> RoleId {
        let place = role.index().checked_sub(self.first_variant());
        place.and_then(|place| self.roles.variants.get(place)).map_or(role, |(_, original)| *original)
    }

    /// Returns the version of a role that an assignment at a scope gives: the variant of the nearest scope at or above
    /// it, or the role itself.
    pub(crate) fn effective(&self, role: RoleId, scope: ScopeId) -> RoleId {
        if self.roles.variants.is_empty() {
            return role;
        }
        nearest(self, &self.roles.variants, role, scope).map_or(role, |place| RoleId::new(self.first_variant() + place))
    }

    /// Returns the scopes with variants, each once, in order.
    pub(crate) fn overlaid(&self) -> impl Iterator<Item = ScopeId> {
        self.roles.variants.chunk_by(|one, other| one.0 == other.0).filter_map(|same| Some(same.first()?.0))
    }

    /// Returns every role that is visible at a scope with that scope, and the versions that scopes below it define: the
    /// role, and the scope that defines the version.
    pub(crate) fn versions(&self, top: ScopeId) -> impl Iterator<Item = (ScopeId, RoleId)> {
        let home = |role: RoleId| self.role(role).scope;
        let visible = move |role: &RoleId| home(*role).is_none_or(|home| self.covers(home, top));
        let here = self.originals().filter(visible).map(move |role| (top, role));
        let custom = self.originals().filter_map(move |role| Some((home(role)?, role)));
        let below = custom.chain(self.roles.variants.iter().copied());
        here.chain(below.filter(move |(scope, _)| *scope != top && self.covers(top, *scope)))
    }

    /// Returns the scope of a variant; `None` for other roles.
    pub(crate) fn variant_scope(&self, role: RoleId) -> Option<ScopeId> {
        let place = role.index().checked_sub(self.first_variant())?;
        self.roles.variants.get(place).map(|(scope, _)| *scope)
    }
}

/// Returns the index of the entry of a role at the nearest scope at or above a scope. `sorted` is in order.
fn nearest(directory: &Directory, sorted: &[(ScopeId, RoleId)], role: RoleId, scope: ScopeId) -> Option<usize> {
    directory.path(scope).find_map(|above| sorted.binary_search(&(above, role)).ok())
}

/// Adds the variants that overlays require to the custom roles of a directory. `overlays` is sorted by scope and role.
pub(super) fn link(
    reader: &mut Reader<'_>,
    at: &Path<'_>,
    directory: &Directory,
    custom: Vec<Role>,
    overlays: &[Overlay],
) -> Roles {
    if overlays.is_empty() {
        return Roles::new(custom);
    }
    let mut linker =
        Linker { directory, overlays, keys: Vec::new(), custom: custom.len(), roles: custom, variants: Vec::new() };
    linker.keys = overlays.iter().map(|overlay| (overlay.scope, overlay.role)).collect();
    let changed = linker.find_changed();
    let steps = linker.add_variants();
    let roles = directory.policy.roles.len() + linker.roles.len();
    let permissions = directory.policy.resources.count();
    if !reader.within(linker.variants.len(), (limits::OVERLAID_ROLES, "roles that overlays change"), at)
        || !reader.within(roles * permissions, (limits::ROLES_BY_PERMISSIONS, "roles times permissions"), at)
        || !reader.within(steps, (limits::OVERLAID_INHERITANCE, "roles that these inherit"), at)
    {
        linker.roles.truncate(linker.custom);
        return Roles::new(linker.roles);
    }
    let waiting = linker.complete(&changed);
    linker.report_unmet(reader, at, &waiting);
    Roles { all: linker.roles.into(), variants: linker.variants.into() }
}

/// Completes the roles that overlays change.
struct Linker<'d> {
    directory: &'d Directory,
    overlays: &'d [Overlay],
    /// The scope and the role of each overlay, sorted.
    keys: Vec<(ScopeId, RoleId)>,
    /// The number of custom roles.
    custom: usize,
    /// The custom roles, and then the variants.
    roles: Vec<Role>,
    variants: Vec<(ScopeId, RoleId)>,
}

impl Linker<'_> {
    /// Finds the variants that the overlays require. Returns the custom roles that overlays at their own scope or above
    /// it change in place, by their index. Stops when a limit is exceeded.
    fn find_changed(&mut self) -> Vec<bool> {
        let directory = self.directory;
        let by_role = order::unique(self.keys.iter().map(|(scope, role)| (*role, *scope)));
        let after = |role: RoleId, scope: ScopeId| by_role.partition_point(|key| *key < (role, scope));
        let mut changed = Vec::with_capacity(self.custom);
        for (number, role) in directory.policy.roles.values().iter().chain(&self.roles).enumerate() {
            let first = role.scope.map_or(0, |home| home.index() + 1);
            let end = role.scope.map_or_else(|| ScopeId::new(directory.scopes.len()), |home| directory.end(home));
            let (mut scopes, mut is_changed) = (Vec::new(), false);
            for junior in &role.inherited_roles {
                let below = after(*junior, ScopeId::new(first))..after(*junior, end);
                let below = by_role.get(below).unwrap_or_default();
                scopes.extend(below.iter().map(|(_, scope)| (*scope, RoleId::new(number))));
                let mut path = role.scope.into_iter().flat_map(|home| directory.path(home));
                is_changed |= path.any(|above| by_role.binary_search(&(*junior, above)).is_ok());
            }
            order::sort(&mut scopes);
            scopes.dedup();
            self.variants.extend(scopes);
            if role.scope.is_some() {
                changed.push(is_changed);
            }
            if self.variants.len() > limits::OVERLAID_ROLES {
                break;
            }
        }
        order::sort(&mut self.variants);
        changed
    }

    /// Adds a copy of its original for each variant. Returns the number of roles that they inherit together. Stops when
    /// a limit is exceeded.
    fn add_variants(&mut self) -> usize {
        let mut steps = 0;
        for place in 0..self.variants.len() {
            let Some((_, original)) = self.variants.get(place) else { break };
            let copy = self.role(*original).clone();
            steps += copy.inherited_roles.len();
            self.roles.push(copy);
            if steps > limits::OVERLAID_INHERITANCE {
                break;
            }
        }
        steps
    }

    #[expect(clippy::indexing_slicing, reason = "a role's number is only made by the policy or by this directory")]
    fn role(&self, id: RoleId) -> &Role {
        let policy = &self.directory.policy.roles;
        match id.index().checked_sub(policy.len()) {
            None => &policy[id],
            Some(own) => &self.roles[own],
        }
    }

    /// Returns the version of a role for assignments at a scope.
    fn effective(&self, role: RoleId, scope: ScopeId) -> RoleId {
        let first = self.directory.policy.roles.len() + self.custom;
        nearest(self.directory, &self.variants, role, scope).map_or(role, |place| RoleId::new(first + place))
    }

    /// Completes the variants and the changed custom roles, those that inherit least deeply first.
    /// Returns the depth of each, its index and the scope at which overlays change it.
    fn complete(&mut self, changed: &[bool]) -> Vec<(usize, usize, ScopeId)> {
        let mut waiting: Vec<(usize, usize, ScopeId)> = Vec::new();
        for (place, role) in self.roles.iter().enumerate() {
            let variant = place.checked_sub(self.custom).and_then(|place| self.variants.get(place));
            let home = role.scope.filter(|_| changed.get(place) == Some(&true));
            if let Some(scope) = variant.map(|(scope, _)| *scope).or(home) {
                waiting.push((role.depth, place, scope));
            }
        }
        order::sort(&mut waiting);
        for (_, place, scope) in waiting.iter().copied() {
            let Some(role) = self.roles.get(place) else { continue };
            let original = self.original(place);
            let overlay = original.and_then(|original| nearest(self.directory, &self.keys, original, scope));
            let completed = self.completed(role, scope, overlay.and_then(|place| self.overlays.get(place)));
            if let Some(role) = self.roles.get_mut(place) {
                completed.put_into(role);
            }
        }
        waiting
    }

    fn has_overlays(&self, scope: ScopeId) -> bool {
        let first = self.keys.partition_point(|(known, _)| *known < scope);
        self.keys.get(first).is_some_and(|(known, _)| *known == scope)
    }

    /// Returns the role of which the role at an index is a variant.
    fn original(&self, place: usize) -> Option<RoleId> {
        place.checked_sub(self.custom).and_then(|place| self.variants.get(place)).map(|(_, original)| *original)
    }

    /// Reports the invariants that completed roles break, at the overlay that makes them do so or at its scope.
    fn report_unmet(&self, reader: &mut Reader<'_>, at: &Path<'_>, completed: &[(usize, usize, ScopeId)]) {
        // With other issues a role may lack only what they concern.
        if !reader.is_clean() {
            return;
        }
        let policy = &self.directory.policy;
        let requirements = policy.requirements();
        for (_, place, scope) in completed {
            let Some(role) = self.roles.get(*place).filter(|_| !reader.is_full()) else { break };
            let original = self.original(*place);
            // Overlays at a scope above may change a custom role.
            let above = self.directory.path(*scope).find(|above| self.has_overlays(*above)).unwrap_or(*scope);
            let at = at.key(self.directory.scope_name(above));
            let is_overlaid = original.is_some_and(|original| self.keys.binary_search(&(above, original)).is_ok());
            let original = original.filter(|original| original.index() < policy.roles.len());
            if is_overlaid {
                report_unmet(reader, &at.key(&role.name), policy, &requirements, role, original);
            } else {
                report_unmet(reader, &at, policy, &requirements, role, original);
            }
        }
    }

    /// Returns what a role grants and inherits at a scope. Its juniors must be complete.
    fn completed(&self, role: &Role, scope: ScopeId, overlay: Option<&Overlay>) -> Completed {
        let effective = |role: &RoleId| self.effective(*role, scope);
        let direct = overlay.map_or(&role.direct_permissions, |overlay| &overlay.spec.direct_permissions);
        let direct_reads = overlay.map_or(role.direct_reads, |overlay| overlay.spec.direct_reads);
        let mut completed = Completed {
            direct_permissions: direct.clone(),
            direct_reads,
            inherits: role.inherits.iter().map(effective).collect(),
            inherited_roles: order::unique(role.inherited_roles.iter().map(effective)),
            all_permissions: direct.clone(),
            reads: direct_reads,
        };
        for junior in &completed.inherits {
            let junior = self.role(*junior);
            completed.all_permissions.add(&junior.all_permissions);
            completed.reads |= junior.reads;
        }
        completed
    }
}

/// What a role grants and inherits where overlays change it.
struct Completed {
    direct_permissions: Bits,
    direct_reads: u64,
    inherits: Vec<RoleId>,
    inherited_roles: Vec<RoleId>,
    all_permissions: Bits,
    reads: u64,
}

impl Completed {
    /// Replaces the parts of a role that was not completed before.
    fn put_into(self, role: &mut Role) {
        let Self { direct_permissions, direct_reads, inherits, inherited_roles, all_permissions, reads } = self;
        role.originals = mem::replace(&mut role.inherited_roles, inherited_roles);
        (role.direct_permissions, role.direct_reads, role.inherits) = (direct_permissions, direct_reads, inherits);
        (role.all_permissions, role.reads) = (all_permissions, reads);
    }
}
