//! Roles: the permissions that each grants itself, and those that it inherits.

use crate::storage::arena::{Id, RoleId, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::codec;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::Serialize;

/// A role with all its permissions and settings, its own and inherited.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) name: Box<str>,
    pub(crate) deprecated: Option<Box<str>>,
    /// The scope at which a custom role is defined.
    pub(crate) scope: Option<ScopeId>,
    /// The permissions that the role grants itself.
    pub(crate) direct_permissions: Bits,
    /// The permissions that `except` of the role names, and those of them that its `grants` hold. Empty without
    /// `except`.
    pub(crate) except: Bits,
    pub(crate) excepted: Bits,
    /// The roles in `inherits`, sorted by name.
    pub(crate) inherits: Vec<RoleId>,
    /// The permissions that the role holds, inherited ones included.
    pub(crate) all_permissions: Bits,
    /// The role itself and every role that it inherits, directly or indirectly.
    pub(crate) inherited_roles: Vec<RoleId>,
    /// The roles of which `inherited_roles` are, or are variants of; empty if none of them is a variant.
    pub(crate) originals: Vec<RoleId>,
    /// The labels that the role reads itself, one bit each.
    pub(crate) direct_reads: u64,
    /// The labels that the role reads, one bit each.
    pub(crate) reads: u64,
    /// The boundaries that do not apply to holders of the role, one bit each.
    pub(crate) unbounded: u64,
    pub(crate) backup_login: bool,
    pub(crate) standalone: bool,
    /// The kinds of scope at which the role may be assigned, one bit each.
    pub(crate) assignable: u32,
    /// The types of instance that have the role, one bit each; [`EVERY_INSTANCE`] without a restriction.
    pub(crate) instance_types: u32,
    /// The length of the longest inheritance path.
    pub(crate) depth: usize,
}

/// A role that is not restricted to types of instance. It exists also where no type is stated.
pub(crate) const EVERY_INSTANCE: u32 = u32::MAX;

/// The counts that bound the ids in a stored role.
pub(crate) struct RoleCounts {
    pub(crate) permissions: usize,
    pub(crate) labels: usize,
    pub(crate) boundaries: usize,
    pub(crate) roles: usize,
    pub(crate) scopes: usize,
}

/// A role with everything that it inherits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoleReport {
    /// The name of the role.
    pub role: String,
    /// Whether a subject may hold the role alone, if the policy requires a standalone role.
    pub standalone: bool,
    /// The scope that defines a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The scope whose overlays change the role, directly or through a role that it inherits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<String>,
    /// The roles in `inherits`, sorted.
    pub inherits: Vec<String>,
    /// The permissions that the role grants itself, sorted. Roles that it inherits may hold them too.
    pub grants: Vec<String>,
    /// Every permission that the role holds, inherited ones included, sorted.
    pub permissions: Vec<String>,
    /// Every label that the role reads, inherited ones included, sorted.
    pub reads: Vec<String>,
    /// The kinds of scope at which the role may be assigned, outermost first.
    pub assignable: Vec<String>,
    /// The types of instance that have the role, in the order of the policy; `None` if it exists in every instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_types: Option<Vec<String>>,
    /// The replacement for a deprecated role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

impl Role {
    /// Returns the role itself and every role that it inherits, as the policy and the directory name them: a variant of
    /// a role counts as that role. Sorted.
    pub(crate) fn originals(&self) -> &[RoleId] {
        if self.originals.is_empty() { &self.inherited_roles } else { &self.originals }
    }

    pub(crate) fn encode(&self, out: &mut codec::Encoder) {
        out.text(&self.name);
        out.flags(&[self.backup_login, self.standalone, self.deprecated.is_some()]);
        if let Some(deprecated) = &self.deprecated {
            out.text(deprecated);
        }
        out.option(self.scope.map(|scope| scope.index() as u64));
        for set in [&self.direct_permissions, &self.except, &self.excepted, &self.all_permissions] {
            let words = set.words().len();
            out.bytes(&set.to_bytes(64 * words));
        }
        for roles in [&self.inherits, &self.inherited_roles, &self.originals] {
            out.ids(roles);
        }
        out.number(self.direct_reads);
        out.number(self.reads);
        out.number(self.unbounded);
        out.number(u64::from(self.assignable));
        // Most roles exist in every instance, which is the shortest number then.
        out.number(u64::from(!self.instance_types));
        out.count(self.depth);
    }

    /// Decodes a role whose ids are bounded by `counts`.
    pub(crate) fn decode(from: &mut codec::Decoder<'_>, counts: &RoleCounts) -> Self {
        let name = from.text().into();
        let [backup_login, standalone, is_deprecated] = from.flags();
        let deprecated = is_deprecated.then(|| from.text().into());
        let scope = from.option().map(|scope| {
            from.check(scope < counts.scopes as u64);
            ScopeId::new(scope as usize)
        });
        let [own, except, excepted, closure] = [0; 4].map(|_| match from.bytes() {
            [] => Bits::default(),
            bytes => Bits::from_bytes(bytes, counts.permissions),
        });
        let [inherits, reach, originals] = [0; 3].map(|_| from.ids(counts.roles));
        from.check(inherits.len() <= limits::INHERITS);
        from.check([&reach, &originals].iter().all(|roles| roles.is_sorted_by(|a, b| a < b)));
        Self {
            name,
            deprecated,
            scope,
            direct_permissions: own,
            except,
            excepted,
            inherits,
            all_permissions: closure,
            inherited_roles: reach,
            originals,
            direct_reads: from.mask(counts.labels),
            reads: from.mask(counts.labels),
            unbounded: from.mask(counts.boundaries),
            backup_login,
            standalone,
            assignable: from.mask(32) as u32,
            instance_types: !(from.mask(32) as u32),
            depth: from.below(limits::INHERITANCE_DEPTH + 1),
        }
    }
}

/// Returns the shortest inheritance path from a role to one that meets a condition, both ends included. Among paths of
/// equal length, the first by role names wins. Empty if no role meets the condition.
pub(crate) fn shortest_path<'r>(
    roles: usize,
    role: impl Fn(RoleId) -> &'r Role,
    from: RoleId,
    has: impl Fn(&Role) -> bool,
) -> Vec<RoleId> {
    let mut found = Vec::new();
    shortest_paths(roles, role, from, &mut |_, here, path| {
        let ends = has(here);
        if ends {
            found = path();
        }
        ends
    });
    found
}

/// A callback that receives a reached role and a function that builds the path to it. Returns `true` to stop.
pub(crate) type Reached<'r> = dyn FnMut(RoleId, &Role, &dyn Fn() -> Vec<RoleId>) -> bool + 'r;

/// Visits a role and the roles that it inherits, each once, nearest first, until the callback returns `true`.
pub(crate) fn shortest_paths<'r>(
    roles: usize,
    role: impl Fn(RoleId) -> &'r Role,
    from: RoleId,
    is_enough: &mut Reached<'_>,
) {
    // Breadth first, juniors by name: the first path that reaches a role is the first of the shortest ones by name.
    // Each entry has the role, the index of its predecessor and its distance.
    let mut reached = vec![(from, 0, 1)];
    let mut seen = Bits::new(roles);
    seen.insert(from.index());
    let reach = &role(from).inherited_roles;
    let mut next = 0;
    while let Some((id, _, far)) = reached.get(next).copied() {
        let here = role(id);
        let path = || {
            let mut place = next;
            let mut path = Vec::new();
            while let Some((id, before, _)) = reached.get(place) {
                path.push(*id);
                if place == 0 {
                    break;
                }
                place = *before;
            }
            path.reverse();
            path
        };
        if is_enough(id, here, &path) {
            return;
        }
        for junior in &here.inherits {
            // A snapshot that was not checked may contain other roles or longer paths.
            if !seen.contains(junior.index()) && far < limits::INHERITANCE_DEPTH && reach.binary_search(junior).is_ok()
            {
                seen.insert(junior.index());
                reached.push((*junior, next, far + 1));
            }
        }
        next += 1;
    }
}
