//! Reads the permissions that each administration command requires.

use crate::document::{IssueCode, Path, Reader, Value};
use crate::policy::administration::{ADMINISTRATION, Mapped};
use crate::policy::{PermissionId, Policy};
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use alloc::format;
use alloc::vec::Vec;

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Vec<Mapped> {
    let mut mapped = Vec::new();
    for (command, value) in reader.map(value, at, (ADMINISTRATION.len(), "commands")) {
        let at = at.key(command);
        if !ADMINISTRATION.contains(&command) {
            let message = format!("`{}` is not an administration command", shown(command));
            let help = suggest::did_you_mean(command, ADMINISTRATION.iter().copied());
            reader.issue(IssueCode::KeyUnknown, &at, message, help);
        }
        let mut by_kind = Vec::new();
        if let Value::Map(_) = value {
            by_kind.resize(policy.kinds.len(), Vec::new());
            for (name, value) in reader.map(value, &at, (limits::SCOPE_KINDS, "kinds of scope")) {
                let at = at.key(name);
                let permissions = read_any(reader, value, &at, policy);
                if let Some(kind) = policy.find_kind(reader, name, &at).and_then(|kind| by_kind.get_mut(kind)) {
                    *kind = permissions;
                }
            }
        } else {
            let permissions = read_any(reader, value, &at, policy);
            by_kind.resize(policy.kinds.len(), permissions);
        }
        mapped.push(Mapped { command: command.into(), by_kind });
    }
    mapped
}

/// Reads one permission, or a list of permissions of which one is enough.
fn read_any(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Vec<PermissionId> {
    if !matches!(value, Value::List(_)) {
        return policy.resources.read_permission(reader, value, at).into_iter().collect();
    }
    let mut any = Vec::new();
    for (index, value) in reader.list(value, at, (limits::PERMISSIONS, "permissions")).iter().enumerate() {
        any.extend(policy.resources.read_permission(reader, value, &at.index(index)));
    }
    any
}
