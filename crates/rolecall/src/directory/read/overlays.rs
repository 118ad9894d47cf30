//! Reads overlays, and the roles of a directory with them.

use super::roles;
use super::scope::find_scope;
use crate::directory::Directory;
use crate::directory::overlay::{Overlay, link};
use crate::directory::roles::Roles;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::policy::{Role, read_overlay};
use crate::storage::arena::RoleId;
use crate::storage::order;
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Reads the values of `roles` and `overlays`. The scopes of the directory must have been read.
pub(in crate::directory) fn read_roles(
    reader: &mut Reader<'_>,
    roles: Option<&Value<'_>>,
    overlays: Option<&Value<'_>>,
    directory: &Directory,
) -> Roles {
    let custom = roles.map_or_else(Vec::new, |value| roles::read(reader, value, &Path::ROOT.key("roles"), directory));
    let Some(value) = overlays else { return Roles::new(custom) };
    let root = Path::ROOT;
    let at = root.key("overlays");
    let overlays = read(reader, value, &at, directory, &custom);
    link(reader, &at, directory, custom, &overlays)
}

/// Returns the overlays, sorted by scope and role.
fn read(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &Directory,
    custom: &[Role],
) -> Vec<Overlay> {
    let policy = &*directory.policy;
    let mut found = Vec::new();
    for (path, value) in reader.map(value, at, (limits::SCOPES, "scopes")) {
        let at = at.key(path);
        let overlays = reader.map(value, &at, (limits::ROLES, "overlays"));
        let Some(scope) = find_scope(reader, path, &at, directory) else { continue };
        for (name, value) in overlays {
            let at = at.key(name);
            if let Some(role) = find_role(reader, name, &at, directory, custom) {
                let spec = read_overlay(reader, value, &at, &policy.roles[role], policy);
                found.push(Overlay { scope, role, spec });
            }
        }
    }
    if !reader.within(found.len(), (limits::OVERLAYS, "overlays"), at) {
        found.clear();
    }
    order::sort_by(&mut found, |a, b| (a.scope, a.role).cmp(&(b.scope, b.role)));
    found
}

/// Finds the role of the policy that an overlay names, or reports why there is none.
pub(in crate::directory) fn find_role(
    reader: &mut Reader<'_>,
    name: &str,
    at: &Path<'_>,
    directory: &Directory,
    custom: &[Role],
) -> Option<RoleId> {
    let found = directory.policy.role(name);
    if found.is_none() && custom.iter().any(|role| *role.name == *name) {
        let message = format!("`{name}` is a custom role; an overlay changes a role of the policy");
        reader.issue(IssueCode::RoleCustom, at, message, Some("change the custom role itself".to_string()));
    } else if found.is_none() {
        let help = || suggest::did_you_mean(name, directory.policy.roles());
        let message = format!("the policy has no role `{}`", shown(name));
        reader.unknown((Names::Roles, name), IssueCode::RoleUnknown, at, message, help);
    }
    found
}
