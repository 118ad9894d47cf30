//! Encodes and decodes a compiled policy.

use super::compiled::{CustomRoleParts, PolicyLimits};
use super::guards::GuardRules;
use super::menu::{self, encode_nodes};
use super::resource::Resources;
use super::role::{Role, RoleCounts};
use super::{Policy, administration};
use crate::storage::codec;
use crate::storage::snapshot::Sections;
use crate::types::action::ActionTable;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::vec::Vec;

impl Policy {
    /// Encodes the compiled policy. [`decode`](Self::decode) reads the bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = codec::Encoder::default();
        out.text(&self.id);
        out.text(&self.title);
        for texts in [&self.kinds, &self.instance_types, self.labels.values()] {
            out.texts(texts.iter().map(|text| &**text));
        }
        self.actions.encode(&mut out);
        self.resources.encode(&mut out);
        self.guards.encode_boundaries(&mut out);
        out.count(self.roles.len());
        self.roles.values().iter().for_each(|role| role.encode(&mut out));
        self.guards.encode(&mut out);
        let PolicyLimits {
            invitation_days,
            access_days,
            users_per_project,
            custom_roles,
            inherits_per_custom_role,
            custom_roles_from,
        } = self.limits;
        let from = custom_roles_from.map(|parts| parts as usize);
        for limit in [invitation_days, access_days, users_per_project, custom_roles, inherits_per_custom_role, from] {
            out.option(limit.map(|limit| limit as u64));
        }
        out.bytes(&self.requirements);
        administration::encode(&self.administration, &mut out);
        out.count(self.menus.len());
        for (name, nodes) in &self.menus {
            out.text(name);
            encode_nodes(&mut out, nodes);
        }
        out.0
    }

    /// Decodes the bytes of [`encode`](Self::encode). Numbers are checked against their bounds, so malformed bytes
    /// cannot cause an access out of bounds. The caller must check that the bytes and `source` are the same policy.
    pub(crate) fn decode(bytes: &[u8], source: Box<str>, sections: &mut Sections<'_>) -> Self {
        let from = &mut codec::Decoder::new(bytes);
        let mut policy = Self { source, ..Self::default() };
        (policy.id, policy.title) = (from.text().into(), from.text().into());
        let [kinds, types, labels] = [0; 3].map(|_| from.texts().into_iter().map(Box::from).collect::<Vec<Box<str>>>());
        from.check(kinds.len() <= limits::SCOPE_KINDS && labels.len() <= limits::LABELS);
        from.check(types.len() <= limits::INSTANCE_TYPES);
        (policy.kinds, policy.instance_types, policy.labels) = (kinds, types, labels.into());
        policy.actions = ActionTable::decode(from);
        policy.resources = Resources::decode(from, &policy.actions);
        policy.guards.boundaries = GuardRules::decode_boundaries(from, &policy.actions);
        let roles = from.below(limits::ROLES + 1);
        from.check(roles * policy.resources.count() <= limits::ROLES_BY_PERMISSIONS);
        let counts = policy.role_counts(roles, 0);
        while policy.roles.len() < roles && !from.has_failed() {
            policy.roles.push(Role::decode(from, &counts));
        }
        policy.guards.read_stored(from, roles);
        let [invitation_days, access_days, users_per_project, custom_roles, inherits_per_custom_role, parts] =
            [0; 6].map(|_| from.option().and_then(|limit| usize::try_from(limit).ok()));
        let parts = parts.map(|parts| if parts == 0 { CustomRoleParts::Roles } else { CustomRoleParts::Grants });
        policy.limits = PolicyLimits {
            invitation_days,
            access_days,
            users_per_project,
            custom_roles,
            inherits_per_custom_role,
            custom_roles_from: parts,
        };
        policy.requirements = from.bytes().into();
        let permissions = policy.resources.count();
        policy.administration = administration::decode(from, permissions);
        from.each(&mut |from| {
            let name = from.text().into();
            policy.menus.push((name, menu::decode_nodes(from, permissions, 1)));
        });
        sections.check(from.is_done());
        policy
    }

    /// Returns the counts that bound the ids in a role of this policy or of a directory with `roles` roles and `scopes`
    /// scopes.
    pub(crate) fn role_counts(&self, roles: usize, scopes: usize) -> RoleCounts {
        let (permissions, labels) = (self.resources.count(), self.labels.len());
        RoleCounts { permissions, labels, boundaries: self.guards.boundaries.len(), roles, scopes }
    }
}
