//! The built-in group of everyone who is listed.
//!
//! `group:everyone` has every listed `user:` as a member, except external ones, and no other member. It is never
//! defined: it has a number while roles are assigned to it, and its members are stored like those of other groups, so
//! decisions need no rule of their own. It is not a boundary value, because that would depend on assignments.

use super::{Directory, Holder};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::storage::arena::GroupId;
use crate::types::grammar::EVERYONE;
use alloc::string::ToString;

/// Reports the group of everyone where a document cannot name it.
pub(super) fn is_reserved(reader: &mut Reader<'_>, name: &str, at: &Path<'_>, help: &str) -> bool {
    let is_reserved = *name == *EVERYONE;
    if is_reserved {
        let message = ["`", EVERYONE, "` is built in: its members are all listed users"].concat();
        reader.issue(IssueCode::GroupReserved, at, message, Some(help.to_string()));
    }
    is_reserved
}

/// Reports the group of everyone as a member of a group.
pub(super) fn is_reserved_member(reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> bool {
    is_reserved(reader, name, at, "assign the roles of this group to it instead")
}

/// Returns whether an assignment is one to everyone.
pub(super) fn holds(assignment: &Value<'_>) -> bool {
    let Value::Map(entries) = assignment else { return false };
    entries.iter().any(|(key, value)| *key == *"subject" && matches!(value, Value::Text(id) if *id == *EVERYONE))
}

/// Returns whether some of the assignments of a document are to everyone.
pub(super) fn holds_any(assignments: &Value<'_>) -> bool {
    matches!(assignments, Value::List(all) if all.iter().any(holds))
}

impl Directory {
    /// Returns whether roles are assigned to a group.
    pub(super) fn holds_roles(&self, group: GroupId) -> bool {
        self.assignments.of(Holder::Group(group), 1).next().is_some()
    }

    /// Adds the group of everyone with its members, or removes it.
    pub(super) fn set_everyone(&mut self, add: bool) {
        if add == self.groups.everyone().is_some() {
            return;
        }
        if add {
            self.put_group(EVERYONE, true);
        }
        self.groups.fill_everyone(&self.subjects, add);
        if !add {
            self.put_group(EVERYONE, false);
        }
    }

    /// Removes the group of everyone if no roles are assigned to it.
    pub(super) fn drop_unused_everyone(&mut self) {
        if self.groups.everyone().is_some_and(|everyone| !self.holds_roles(everyone)) {
            self.set_everyone(false);
        }
    }
}
