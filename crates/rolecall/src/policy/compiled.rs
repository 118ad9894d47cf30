//! The compiled policy and its queries.

use super::administration;
use super::guards::GuardRules;
use super::menu::MenuNode;
use super::resource::{PermissionId, Resources};
use super::role::{EVERY_INSTANCE, Role, RoleReport};
use crate::storage::arena::{Arena, Id, LabelId, RoleId};
use crate::storage::bits::Bits;
use crate::types::action::ActionTable;
use crate::types::context::Vocabulary;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::grammar::ScopePath;
use crate::types::suggest;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A compiled policy. It is immutable; share it behind an [`Arc`](alloc::sync::Arc).
#[derive(Debug)]
pub struct Policy {
    /// The document as JSON text. Snapshots include it.
    pub(crate) source: Box<str>,
    pub(crate) id: Box<str>,
    pub(crate) title: Box<str>,
    /// The kinds of scope, outermost first.
    pub(crate) kinds: Vec<Box<str>>,
    /// The types of instance, as the document lists them.
    pub(crate) instance_types: Vec<Box<str>>,
    pub(crate) labels: Arena<LabelId, Box<str>>,
    pub(crate) actions: ActionTable,
    pub(crate) resources: Resources,
    /// Sorted by name.
    pub(crate) roles: Arena<RoleId, Role>,
    pub(crate) guards: GuardRules,
    pub(crate) limits: PolicyLimits,
    /// What roles of the policy and custom roles need for the permissions that they grant.
    pub(super) requirements: Box<[u8]>,
    pub(super) administration: Vec<administration::Mapped>,
    /// Sorted by name.
    pub(crate) menus: Vec<(Box<str>, Vec<MenuNode>)>,
}

/// The limits that a policy sets.
#[derive(Debug, Default)]
pub(crate) struct PolicyLimits {
    pub(super) invitation_days: Option<usize>,
    pub(super) access_days: Option<usize>,
    pub(crate) users_per_project: Option<usize>,
    pub(crate) custom_roles: Option<usize>,
    pub(crate) inherits_per_custom_role: Option<usize>,
    /// `None`: custom roles combine roles and grant permissions.
    pub(crate) custom_roles_from: Option<CustomRoleParts>,
}

/// The only parts from which custom roles are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CustomRoleParts {
    /// They inherit roles.
    Roles,
    /// They grant permissions, and inherit roles of the policy that grant none, such as one that only reads a label.
    Grants,
}

impl Policy {
    /// Returns the id from the document.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the title from the document, or the id if it has no title.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.title.is_empty() { &self.id } else { &self.title }
    }

    /// Finds a permission by name. Use the handle for repeated checks.
    ///
    /// ```
    /// # let engine = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/acme.rs"));
    /// let policy = engine.policy();
    /// let edit = policy.permission("segments:edit")?;
    /// assert_eq!(policy.permission_name(edit), "segments:edit");
    ///
    /// let error = policy.permission("segments:edti").unwrap_err();
    /// assert_eq!(error.code.as_str(), "permission.unknown");
    /// assert_eq!(error.help.as_deref(), Some("did you mean `segments:edit`?"));
    /// # Ok::<(), rolecall::RequestError>(())
    /// ```
    ///
    /// # Errors
    /// `permission.malformed` and `permission.unknown`.
    pub fn permission(&self, name: &str) -> Result<PermissionId, RequestError> {
        self.resources.permission(name).ok_or_else(|| PermissionId::unknown_among(name, &self.resources.all_names()))
    }

    /// Returns the permissions that allow a command of administration at a scope. One of them is enough. Empty if
    /// the policy maps no permission to the command there; then nobody may use it.
    #[must_use]
    pub fn administration(&self, command: &str, at: ScopePath<'_>) -> &[PermissionId] {
        let kind = at.as_str().bytes().filter(|byte| *byte == b'/').count();
        administration::find(&self.administration, command, kind)
    }

    /// Returns whether subjects without a standalone role are denied everything.
    #[must_use]
    pub fn requires_standalone_role(&self) -> bool {
        self.guards.standalone_required
    }

    /// Returns the names of the boundaries, sorted.
    pub fn boundaries(&self) -> impl Iterator<Item = &str> {
        self.guards.boundaries.values().iter().map(|boundary| &*boundary.name)
    }

    /// Returns the boundaries that default to `all`, sorted.
    pub fn open_boundaries(&self) -> impl Iterator<Item = &str> {
        let open = self.guards.boundaries.values().iter().filter(|boundary| boundary.default_all);
        open.map(|boundary| &*boundary.name)
    }

    /// Returns whether a boundary takes the values of items from the locks of a directory.
    #[must_use]
    pub fn reads_locks(&self) -> bool {
        self.guards.reads_locks()
    }

    /// Returns the most users of a project, if the policy limits them.
    #[doc(hidden)]
    #[must_use]
    pub fn users_per_project(&self) -> Option<usize> {
        self.limits.users_per_project
    }

    /// Returns the days until an invitation expires, if the policy limits them.
    #[must_use]
    pub fn invitation_days(&self) -> Option<usize> {
        self.limits.invitation_days
    }

    /// Returns the most days for which access may be requested, if the policy limits them.
    #[must_use]
    pub fn access_days(&self) -> Option<usize> {
        self.limits.access_days
    }

    /// Returns the permission with a number from [`PermissionId::index`] of this policy.
    #[doc(hidden)]
    #[must_use]
    pub fn permission_at(&self, index: u32) -> Option<PermissionId> {
        self.resources.permission_at(index)
    }

    /// Returns the name of a permission of this policy.
    #[must_use]
    pub fn permission_name(&self, permission: PermissionId) -> &str {
        self.resources.permission_name(permission)
    }

    /// Returns the names of the permissions in the order of their numbers. That is by resource (parents first, siblings
    /// by name), then by action.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.resources.names()
    }

    /// Returns the names of the roles, sorted.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.values().iter().map(|role| &*role.name)
    }

    /// Returns the names of the sensitivity labels, sorted.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.labels.values().iter().map(|label| &**label)
    }

    /// Reports the permissions and settings of every role, sorted by name.
    #[must_use]
    pub fn role_reports(&self) -> Vec<RoleReport> {
        self.roles.values().iter().map(|role| self.role_report(role, &|id| &self.roles[id])).collect()
    }

    /// Reports a role. `find` returns the roles that it inherits.
    pub(crate) fn role_report<'r>(&self, role: &Role, find: &dyn Fn(RoleId) -> &'r Role) -> RoleReport {
        let names = |set: &Bits| {
            let held = self.resources.sorted().iter().filter(|id| set.contains(id.bit()));
            held.map(|id| self.permission_name(*id).to_string()).collect()
        };
        let kinds = self.kinds.iter().enumerate().filter(|(kind, _)| role.assignable >> kind & 1 == 1);
        RoleReport {
            role: role.name.to_string(),
            standalone: role.standalone,
            at: None,
            overlay: None,
            grants: names(&role.direct_permissions),
            inherits: role.inherits.iter().map(|id| find(*id).name.to_string()).collect(),
            permissions: names(&role.all_permissions),
            reads: self.labels_in(role.reads),
            assignable: kinds.map(|(_, kind)| kind.to_string()).collect(),
            instance_types: self.types_with(role).map(|types| types.map(Into::into).collect()),
            deprecated: role.deprecated.as_deref().map(Into::into),
        }
    }

    /// Returns the types of instance that have a role; `None` if it exists in every instance.
    pub(crate) fn types_with(&self, role: &Role) -> Option<impl Iterator<Item = &str>> {
        let mask = role.instance_types;
        let types = self.instance_types.iter().enumerate();
        let had = types.filter(move |(number, _)| mask >> number & 1 == 1).map(|(_, name)| &**name);
        (mask != EVERY_INSTANCE).then_some(had)
    }

    /// Returns the types of instance, in the order of the document.
    pub fn instance_types(&self) -> impl Iterator<Item = &str> {
        self.instance_types.iter().map(|name| &**name)
    }

    /// Finds a menu by name.
    pub(crate) fn menu(&self, name: &str) -> Result<&[MenuNode], RequestError> {
        let found = self.menus.binary_search_by(|(known, _)| (**known).cmp(name)).ok();
        found.and_then(|place| self.menus.get(place)).map(|(_, nodes)| nodes.as_slice()).ok_or_else(|| {
            let message = ["the policy has no menu `", name, "`"].concat();
            let error = RequestError::new(RequestErrorCode::MenuUnknown, "menu", message);
            suggest::did_you_mean(name, self.menus()).into_iter().fold(error, RequestError::with_help)
        })
    }

    /// Returns the names of the menus, sorted.
    pub fn menus(&self) -> impl Iterator<Item = &str> {
        self.menus.iter().map(|(name, _)| &**name)
    }

    /// Returns the replacement that a deprecated role names.
    #[must_use]
    pub fn deprecated(&self, role: &str) -> Option<&str> {
        self.role(role).and_then(|id| self.roles[id].deprecated.as_deref())
    }

    pub(crate) fn role(&self, name: &str) -> Option<RoleId> {
        self.roles.values().binary_search_by(|role| (*role.name).cmp(name)).ok().map(RoleId::new)
    }

    /// Returns the names of the labels in a mask, sorted.
    pub(crate) fn labels_in(&self, mask: u64) -> Vec<String> {
        let set = self.labels.iter().filter(|(id, _)| mask & 1 << id.index() != 0);
        set.map(|(_, label)| String::from(&**label)).collect()
    }

    pub(crate) fn label(&self, name: &str) -> Option<LabelId> {
        self.labels.values().binary_search_by(|label| (**label).cmp(name)).ok().map(LabelId::new)
    }
}

impl Vocabulary for Policy {
    fn label(&self, name: &str) -> Option<usize> {
        self.label(name).map(Id::index)
    }

    fn boundary(&self, name: &str) -> Option<usize> {
        self.guards.boundary(name).map(Id::index)
    }

    fn label_help(&self, name: &str) -> Option<String> {
        suggest::did_you_mean(name, self.labels.values().iter().map(|label| &**label))
    }

    fn boundary_help(&self, name: &str) -> Option<String> {
        suggest::did_you_mean(name, self.guards.boundaries.values().iter().map(|boundary| &*boundary.name))
    }
}

impl Default for Policy {
    /// Returns a policy without permissions and roles.
    fn default() -> Self {
        Self {
            source: Box::default(),
            id: Box::default(),
            title: Box::default(),
            kinds: Vec::new(),
            instance_types: Vec::new(),
            labels: Arena::new(),
            actions: ActionTable::new([]),
            resources: Resources::default(),
            roles: Arena::new(),
            guards: GuardRules::default(),
            limits: PolicyLimits::default(),
            requirements: Box::default(),
            administration: Vec::new(),
            menus: Vec::new(),
        }
    }
}
