//! Which permission each command of administration needs.

use super::PermissionId;
use crate::storage::codec;
use alloc::boxed::Box;
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
    pub(super) command: Box<str>,
    pub(super) by_kind: Vec<Vec<PermissionId>>,
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
