//! The roles of a directory: custom roles, and variants of roles that overlays change.

use crate::policy::{Policy, Role};
use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::codec;
use crate::types::limits;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The roles of a directory.
#[derive(Clone, Default)]
pub(crate) struct Roles {
    /// The custom roles, sorted by scope and name, and then the variants.
    pub(super) all: Arc<[Role]>,
    /// The scope and the original of each variant, sorted.
    pub(super) variants: Arc<[(ScopeId, RoleId)]>,
}

impl Roles {
    pub(super) fn new(custom: Vec<Role>) -> Self {
        Self { all: custom.into(), variants: Arc::default() }
    }

    /// Returns the custom roles, sorted by scope and name.
    pub(super) fn custom(&self) -> &[Role] {
        let count = self.all.len().saturating_sub(self.variants.len());
        self.all.get(..count).unwrap_or_default()
    }

    pub(super) fn has_variants(&self) -> bool {
        !self.variants.is_empty()
    }

    /// Returns the roles with renumbered scopes that stay in order.
    pub(super) fn moved(&self, moved: impl Fn(ScopeId) -> ScopeId) -> Self {
        let roles = self.all.iter().map(|role| Role { scope: role.scope.map(&moved), ..role.clone() });
        let variants = self.variants.iter().map(|(scope, role)| (moved(*scope), *role));
        Self { all: roles.collect(), variants: variants.collect() }
    }

    pub(super) fn encode(&self, out: &mut codec::Encoder) {
        out.count(self.custom().len());
        out.count(self.variants.len());
        self.all.iter().for_each(|role| role.encode(out));
        for (scope, role) in &*self.variants {
            out.number(scope.index() as u64);
            out.number(role.index() as u64);
        }
    }

    /// Decodes the roles of a directory with `scopes` scopes.
    pub(super) fn decode(from: &mut codec::Decoder<'_>, policy: &Policy, scopes: usize) -> Self {
        let custom = from.below(limits::CUSTOM_ROLES + 1);
        let count = custom + from.below(limits::OVERLAID_ROLES + 1);
        let originals = policy.roles.len() + custom;
        let roles = policy.roles.len() + count;
        from.check(roles * policy.resources.count() <= limits::ROLES_BY_PERMISSIONS);
        let counts = policy.role_counts(roles, scopes);
        let mut all = Vec::new();
        while all.len() < count && !from.has_failed() {
            let role = Role::decode(from, &counts);
            // A policy role has no scope; a custom role must have one.
            from.check(role.scope.is_some() || all.len() >= custom);
            all.push(role);
        }
        let mut variants = Vec::new();
        while custom + variants.len() < count && !from.has_failed() {
            let variant = (ScopeId::new(from.below(scopes)), RoleId::new(from.below(originals)));
            from.check(variants.last().is_none_or(|last| *last < variant));
            variants.push(variant);
        }
        Self { all: all.into(), variants: variants.into() }
    }
}
