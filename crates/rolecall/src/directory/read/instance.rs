//! Reads the types of instance that outermost scopes state, and reports roles that an instance does not have.

use super::scope::find_scope;
use crate::directory::Directory;
use crate::document::{IssueCode, Path, Reader, Value};
use crate::storage::arena::{RoleId, ScopeId};
use crate::storage::order;
use crate::types::limits;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Returns the outermost scopes with the number of the type that each states, sorted.
pub(super) fn read(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &Directory,
) -> Vec<(ScopeId, u8)> {
    let mut found = Vec::new();
    for (path, value) in reader.map(value, at, (limits::SCOPES, "scopes")) {
        let at = at.key(path);
        let scope = find_scope(reader, path, &at, directory);
        if let Some(scope) = scope {
            check_outermost(reader, &at, directory, scope);
        }
        let number = reader.name(value, &at).and_then(|name| directory.policy.find_instance_type(reader, name, &at));
        found.extend(scope.zip(number).map(|(scope, number)| (scope, number as u8)));
    }
    order::sort(&mut found);
    found
}

/// Reports a scope that cannot state a type, because it is part of an instance.
pub(in crate::directory) fn check_outermost(
    reader: &mut Reader<'_>,
    at: &Path<'_>,
    directory: &Directory,
    scope: ScopeId,
) {
    if directory.scopes.parent(scope).is_some() {
        let path = directory.scope_name(scope);
        let root = path.split('/').next().unwrap_or_default();
        let message = format!("`{path}` is not an outermost scope, so it has the type of `{root}`");
        reader.issue(IssueCode::InstanceScope, at, message, Some(format!("state the type for `{root}`")));
    }
}

/// Reports a role that does not exist in the instance of a scope.
pub(super) fn report_unavailable(
    reader: &mut Reader<'_>,
    at: &Path<'_>,
    directory: &Directory,
    role: RoleId,
    scope: ScopeId,
) {
    let root = directory.scope_name(scope).split('/').next().unwrap_or_default();
    let message = format!("the role `{}` does not exist in the instance `{root}`, {}", name(directory, role), {
        directory
            .instance_type_of(scope)
            .and_then(|number| directory.policy.instance_types.get(number))
            .map_or_else(|| "which states no type".to_string(), |stated| format!("whose type is `{stated}`"))
    });
    reader.issue(IssueCode::RoleUnavailable, at, message, Some(elsewhere(directory, role)));
}

/// Reports an assignment whose role would no longer exist in its instance.
pub(in crate::directory) fn report_assigned(
    reader: &mut Reader<'_>,
    at: &Path<'_>,
    directory: &Directory,
    role: RoleId,
    scope: ScopeId,
) {
    let (role_name, scope) = (name(directory, role), directory.scope_name(scope));
    let message = format!("the role `{role_name}` is assigned at `{scope}`, and an instance of this type lacks it");
    let help = format!("withdraw the assignment first; {}", elsewhere(directory, role));
    reader.issue(IssueCode::RoleUnavailable, at, message, Some(help));
}

fn name(directory: &Directory, role: RoleId) -> &str {
    &directory.role(role).name
}

/// Returns where a restricted role could be assigned.
fn elsewhere(directory: &Directory, role: RoleId) -> String {
    let types = directory.policy.types_with(directory.role(role));
    let types: Vec<&str> = types.into_iter().flatten().collect();
    if types.is_empty() {
        return "no type of instance has it".to_string();
    }
    format!("it exists in instances of the type: {}", types.join(", "))
}
