//! Maps each administration command to the permissions that it requires.

use super::PermissionId;
use crate::storage::codec;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The names that `administration` of a policy may map to permissions: commands, views, and `grant-any`. `grant-any`
/// allows a user to grant permissions that they do not hold. Unmapped commands are denied to everyone.
pub const ADMINISTRATION: &[&str] = &[
    "add-app",
    "add-group",
    "add-scope",
    "add-secret",
    "add-support",
    "add-user",
    "approve-access",
    "assign",
    "copy-role",
    "delete-group",
    "delete-role",
    "erase-person",
    "grant-any",
    "invite",
    "join-group",
    "leave-group",
    "lock",
    "mark-external",
    "remove-secret",
    "remove-subject",
    "request-access",
    "resend-invitation",
    "reset-overlay",
    "reset-password",
    "reset-role",
    "resume-subject",
    "set-app",
    "set-boundary",
    "set-instance-type",
    "set-login",
    "set-native",
    "set-networks",
    "set-overlay",
    "set-password-rules",
    "set-person",
    "set-role",
    "set-role-mapping",
    "set-second-factor",
    "set-sign-on",
    "set-support",
    "set-timeout",
    "suspend-subject",
    "unmark-external",
    "update-policy",
    "view-access",
    "view-applications",
    "view-audit",
    "view-locks",
    "view-login",
    "view-networks",
    "view-password-rules",
    "view-people",
    "view-role-mapping",
    "view-roles",
    "view-second-factor",
    "view-sign-on",
    "view-support",
    "view-timeout",
    "withdraw",
];

/// A command with the permissions that allow it, for each kind of scope. One of the permissions is enough.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(super) command: Box<str>,
    pub(super) by_kind: Vec<Vec<PermissionId>>,
}

pub(super) fn encode(mapped: &[Mapped], out: &mut codec::Encoder) {
    out.count(mapped.len());
    for entry in mapped {
        out.text(&entry.command);
        out.count(entry.by_kind.len());
        for permissions in &entry.by_kind {
            PermissionId::encode(out, permissions);
        }
    }
}

/// Decodes the mapping of a policy that has `permissions` permissions.
pub(super) fn decode(from: &mut codec::Decoder<'_>, permissions: usize) -> Vec<Mapped> {
    let mut mapped = Vec::new();
    from.each(&mut |from| {
        let (command, mut by_kind) = (from.text().into(), Vec::new());
        from.each(&mut |from| by_kind.push(PermissionId::decode(from, permissions)));
        mapped.push(Mapped { command, by_kind });
    });
    mapped
}

/// Returns the permissions that allow a command at a scope of a kind. One of them is enough.
pub(super) fn find<'m>(mapped: &'m [Mapped], command: &str, kind: usize) -> &'m [PermissionId] {
    let entry = mapped.iter().find(|entry| *entry.command == *command);
    entry.and_then(|entry| entry.by_kind.get(kind)).map_or(&[], Vec::as_slice)
}
