//! Which permission each command of administration needs.

use super::{PermissionId, Policy};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::storage::codec;
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

/// What a policy may map to permissions in `administration`: the commands of administration, what it shows, and
/// `grant-any`, which lets someone give what they do not hold. What is not mapped nobody may do.
pub const ADMINISTRATION: &[&str] = &[
    "add-app",
    "add-group",
    "add-scope",
    "add-support",
    "add-user",
    "approve-access",
    "assign",
    "copy-role",
    "delete-group",
    "delete-role",
    "grant-any",
    "invite",
    "join-group",
    "leave-group",
    "lock",
    "mark-external",
    "remove-subject",
    "request-access",
    "resend-invitation",
    "reset-role",
    "resume-subject",
    "set-boundary",
    "set-login",
    "set-native",
    "set-networks",
    "set-role",
    "set-support",
    "set-timeout",
    "suspend-subject",
    "update-policy",
    "view-access",
    "view-audit",
    "view-locks",
    "view-login",
    "view-networks",
    "view-roles",
    "view-support",
    "view-timeout",
    "withdraw",
];

/// Of a command the permissions of which one is needed, by the kind of the scope that it touches.
#[derive(Debug)]
pub(crate) struct Mapped {
    command: Box<str>,
    by_kind: Vec<Vec<PermissionId>>,
}

pub(super) fn encode(mapped: &[Mapped], out: &mut codec::Encoder) {
    out.count(mapped.len());
    for one in mapped {
        out.text(&one.command);
        out.count(one.by_kind.len());
        for permissions in &one.by_kind {
            PermissionId::encode(out, permissions);
        }
    }
}

/// Reads what was written, of so many permissions.
pub(super) fn decode(from: &mut codec::Decoder<'_>, permissions: usize) -> Vec<Mapped> {
    let mut mapped = Vec::new();
    from.each(&mut |from| {
        let (command, mut by_kind) = (from.text().into(), Vec::new());
        from.each(&mut |from| by_kind.push(PermissionId::decode(from, permissions)));
        mapped.push(Mapped { command, by_kind });
    });
    mapped
}

/// The permissions of which one is needed for a command at a scope of a kind.
pub(super) fn find<'m>(mapped: &'m [Mapped], command: &str, kind: usize) -> &'m [PermissionId] {
    let found = mapped.iter().find(|one| *one.command == *command);
    found.and_then(|one| one.by_kind.get(kind)).map_or(&[], Vec::as_slice)
}

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Vec<Mapped> {
    let mut mapped = Vec::new();
    for (command, value) in reader.map(value, at, (ADMINISTRATION.len(), "commands")) {
        let at = at.key(command);
        if !ADMINISTRATION.contains(&command) {
            let message = format!("administration has no command `{}`", shown(command));
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

/// Reads one permission, or several of which one is enough.
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
