//! The places that are compared: a scope, or the scopes below it.

use crate::decide::resolved::{AssignedRole, assignments};
use crate::directory::Directory;
use crate::storage::arena::{GroupId, ScopeId};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// A scope, or every scope below it at which nothing is assigned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'p> {
    pub(super) at: &'p str,
    pub(super) below: bool,
}

impl<'p> Place<'p> {
    pub(super) fn at(at: &'p str) -> Self {
        Self { at, below: false }
    }

    /// Returns a text that no other place has.
    pub(super) fn key(self) -> Cow<'p, str> {
        if self.below { Cow::Owned([self.at, "/"].concat()) } else { Cow::Borrowed(self.at) }
    }
}

/// Returns the assignments of a subject or a group, also those through groups.
pub(super) fn held(directory: &Directory, id: &str) -> Vec<AssignedRole> {
    let subject = directory.subject(id);
    let groups: Vec<GroupId> = match (subject, directory.group(id)) {
        (Some(subject), _) => directory.groups_of(subject),
        (None, Some(group)) => directory.groups_above(group),
        (None, None) => Vec::new(),
    };
    assignments(directory, subject, &groups).collect()
}

/// Returns the users who belong to everyone and hold other roles at, above or below a scope.
pub(super) fn members_near(directory: &Directory, scope: ScopeId) -> Vec<&str> {
    let is_near = |held: AssignedRole| {
        let near = directory.covers(held.scope, scope) || directory.covers(scope, held.scope);
        near && !directory.is_everyone(held.holder)
    };
    let members = directory.subjects.keys().filter(|key| directory.subjects.is_of_everyone(*key));
    let near = members.filter(|key| assignments(directory, Some(*key), &directory.groups_of(*key)).any(is_near));
    near.map(|key| directory.subject_name(key)).collect()
}

/// Returns the scopes of the assignments of a subject or a group, also those through groups.
pub(super) fn held_scopes(directory: &Directory, id: &str) -> impl Iterator<Item = ScopeId> + use<> {
    held(directory, id).into_iter().map(|held| held.scope)
}
