//! Reads roles: the permissions that each grants itself, and the roles that it inherits.

use super::find::unknown_role;
use super::link::{RoleSpec, link};
use super::pattern;
use crate::document::{IssueCode, Names, Object, Path, Reader, Value};
use crate::policy::compiled::CustomRoleParts;
use crate::policy::{EVERY_INSTANCE, Policy, Role};
use crate::storage::arena::{Arena, Id, RoleId};
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::limits;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use hashbrown::HashMap;

const KEYS: &[&str] = &[
    "title",
    "description",
    "inherits",
    "grants",
    "except",
    "reads",
    "unbounded",
    "backup_login",
    "standalone",
    "assignable",
    "instance_types",
    "suggest_end",
    "deprecated",
];
const CUSTOM_KEYS: &[&str] = &["title", "description", "inherits", "grants", "except"];
const OVERLAY_KEYS: &[&str] = &["title", "description", "grants", "except", "reads"];

/// Reads the roles of a policy. Resources, labels and boundaries must have been read.
pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Arena<RoleId, Role> {
    let mut entries = reader.defining(Names::Roles, |reader| reader.map(value, at, (limits::ROLES, "roles")));
    order::sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
    let ids: HashMap<&str, RoleId> =
        entries.iter().enumerate().map(|(index, (name, _))| (*name, RoleId::new(index))).collect();
    if !reader.within(
        entries.len() * policy.resources.count(),
        (limits::ROLES_BY_PERMISSIONS, "roles times permissions"),
        at,
    ) {
        reader.doubt(Names::Roles);
        entries.clear();
    }
    let mut specs = Vec::with_capacity(entries.len());
    for (name, value) in &entries {
        let at = at.key(name);
        reader.is_name(name, &at);
        let mut spec = RoleSpec::new(name, policy);
        if let Some(object) = reader.object(value, &at, KEYS) {
            spec.read_shared(reader, &object, &at, policy, |reader, name, at| {
                let found = ids.get(name).copied();
                if found.is_none() {
                    unknown_role(reader, name, at, entries.iter().map(|(name, _)| *name));
                }
                found
            });
            spec.read_policy_only(reader, &object, &at, policy);
        }
        specs.push(spec);
    }
    let mut roles = Arena::new();
    for role in link(reader, &Arena::new(), specs, |role, step| step(&at.key(&role.name))) {
        roles.push(role);
    }
    roles
}

/// Reads a custom role: title, description, inherits, grants and except.
pub(crate) fn read_custom(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    name: &str,
    policy: &Policy,
    find: impl Fn(&mut Reader<'_>, &str, &Path<'_>) -> Option<RoleId>,
) -> RoleSpec {
    let mut spec = RoleSpec::new(name, policy);
    if let Some(object) = reader.object(value, at, CUSTOM_KEYS) {
        spec.read_shared(reader, &object, at, policy, find);
        let most = policy.limits.inherits_per_custom_role.unwrap_or(usize::MAX);
        if spec.inherits.len() > most {
            let count = spec.inherits.len();
            let message = format!("the custom role `{name}` inherits {count} roles; the policy allows {most}");
            let help = Some("see `limits.inherits_per_custom_role` of the policy".to_string());
            reader.issue(IssueCode::LimitPolicy, &at.key("inherits"), message, help);
        }
        report_forbidden(reader, &spec, at, policy);
    }
    spec
}

/// Reports a part of a custom role that the policy does not allow.
fn report_forbidden(reader: &mut Reader<'_>, spec: &RoleSpec, at: &Path<'_>, policy: &Policy) {
    let roles = policy.roles.values();
    let is_flag = |role: &RoleId| roles.get(role.index()).is_some_and(|role| role.all_permissions.is_empty());
    let (key, does, allowed) = match policy.limits.custom_roles_from {
        Some(CustomRoleParts::Roles) if !(spec.direct_permissions.is_empty() && spec.excepted.is_empty()) => {
            ("grants", "grants permissions itself", "custom roles only combine roles")
        }
        Some(CustomRoleParts::Roles) if !spec.except.is_empty() => {
            ("except", "removes permissions", "custom roles only combine roles")
        }
        Some(CustomRoleParts::Grants) if !spec.inherits.iter().all(is_flag) => {
            ("inherits", "inherits a role with permissions", "custom roles only grant permissions themselves")
        }
        _ => return,
    };
    let message = format!("the custom role `{}` {does}; in this policy {allowed}", spec.name);
    let help = Some("see `limits.custom_roles_from` of the policy".to_string());
    reader.issue(IssueCode::RoleForbidden, &at.key(key), message, help);
}

/// The permissions that a role grants itself, and the labels that it reads itself, as an overlay sets them.
#[derive(Debug)]
pub(crate) struct OverlaySpec {
    pub(crate) direct_permissions: Bits,
    pub(crate) direct_reads: u64,
}

/// Reads an overlay of a role of the policy. Each key replaces that of the role; absent keys remain.
pub(crate) fn read_overlay(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    role: &Role,
    policy: &Policy,
) -> OverlaySpec {
    let mut direct_permissions = role.direct_permissions.clone();
    direct_permissions.add(&role.excepted);
    let mut overlay = OverlaySpec { direct_permissions, direct_reads: role.direct_reads };
    let Some(object) = reader.object(value, at, OVERLAY_KEYS) else { return overlay };
    read_prose(reader, &object, at);
    let mut permissions = |key| {
        let entry = object.get(key, at)?;
        Some(pattern::read_list(reader, entry.value, &entry.at, &policy.resources, &policy.actions))
    };
    if let Some(grants) = permissions("grants") {
        overlay.direct_permissions = grants;
    }
    overlay.direct_permissions.subtract(permissions("except").as_ref().unwrap_or(&role.except));
    if let Some(entry) = object.get("reads", at) {
        overlay.direct_reads = policy.read_labels(reader, entry.value, &entry.at);
    }
    overlay
}

/// Reads the texts of a role that are for people. They only need to be valid.
fn read_prose(reader: &mut Reader<'_>, object: &Object<'_>, at: &Path<'_>) {
    for key in ["title", "description"] {
        if let Some(text) = object.get(key, at) {
            reader.prose(text.value, &text.at);
        }
    }
}

impl RoleSpec {
    fn new(name: &str, policy: &Policy) -> Self {
        Self {
            name: name.into(),
            scope: None,
            direct_permissions: Bits::new(policy.resources.count()),
            except: Bits::default(),
            excepted: Bits::default(),
            inherits: Vec::new(),
            deprecated: None,
            reads: 0,
            unbounded: 0,
            backup_login: false,
            standalone: None,
            assignable: u32::MAX,
            instance_types: EVERY_INSTANCE,
        }
    }

    /// Reads the keys that policy roles and custom roles share.
    fn read_shared(
        &mut self,
        reader: &mut Reader<'_>,
        object: &Object<'_>,
        at: &Path<'_>,
        policy: &Policy,
        find: impl Fn(&mut Reader<'_>, &str, &Path<'_>) -> Option<RoleId>,
    ) {
        read_prose(reader, object, at);
        if let Some(entry) = object.get("inherits", at) {
            self.inherits = reader.names(entry.value, &entry.at, (limits::INHERITS, "inherited roles"), &find);
            // Ids of policy roles are sorted by name, ids of custom roles by scope and name. So this sorts each kind by
            // name; `link` sorts the whole list.
            order::sort(&mut self.inherits);
            self.inherits.dedup();
        }
        if let Some(entry) = object.get("grants", at) {
            self.direct_permissions =
                pattern::read_list(reader, entry.value, &entry.at, &policy.resources, &policy.actions);
        }
        if let Some(entry) = object.get("except", at) {
            self.except = pattern::read_list(reader, entry.value, &entry.at, &policy.resources, &policy.actions);
            let granted = self.direct_permissions.clone();
            self.direct_permissions.subtract(&self.except);
            self.excepted = granted;
            self.excepted.subtract(&self.direct_permissions);
        }
    }

    fn read_policy_only(&mut self, reader: &mut Reader<'_>, object: &Object<'_>, at: &Path<'_>, policy: &Policy) {
        if let Some(entry) = object.get("reads", at) {
            self.reads = policy.read_labels(reader, entry.value, &entry.at);
        }
        if let Some(entry) = object.get("unbounded", at) {
            let boundaries =
                reader.names(entry.value, &entry.at, (limits::BOUNDARIES, "boundaries"), |reader, name, at| {
                    policy.guards.find_boundary(reader, name, at)
                });
            self.unbounded = boundaries.into_iter().fold(0, |mask, boundary| mask | 1 << boundary.index());
        }
        if let Some(entry) = object.get("assignable", at) {
            let kinds =
                reader.names(entry.value, &entry.at, (limits::SCOPE_KINDS, "kinds of scope"), |reader, name, at| {
                    policy.find_kind(reader, name, at)
                });
            self.assignable = kinds.into_iter().fold(0, |mask, kind| mask | 1 << kind);
        }
        if let Some(entry) = object.get("instance_types", at) {
            let most = (limits::INSTANCE_TYPES, "types of instance");
            let types = reader
                .names(entry.value, &entry.at, most, |reader, name, at| policy.find_instance_type(reader, name, at));
            self.instance_types = types.into_iter().fold(0, |mask, one| mask | 1 << one);
        }
        if let Some(entry) = object.get("backup_login", at) {
            self.backup_login = reader.flag(entry.value, &entry.at).unwrap_or(false);
        }
        if let Some(entry) = object.get("standalone", at) {
            self.standalone = reader.flag(entry.value, &entry.at);
        }
        // Only administration reads it, from the document.
        if let Some(entry) = object.get("suggest_end", at) {
            reader.flag(entry.value, &entry.at);
        }
        if let Some(entry) = object.get("deprecated", at) {
            self.deprecated = reader.prose(entry.value, &entry.at).map(Into::into);
        }
    }
}
