//! One user with everything that an administrator may know: the row of the list, groups and invitations.

use super::access::{AccessList, Holder, PendingInvitation, open_invitations};
use super::people::Reveal;
use super::query::ListQuery;
use crate::command::Context;
use crate::object::{Group, ObjectKind};
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use rolecall::Timestamp;
use serde::Serialize;

/// The details of one user, application or member of support staff at a scope and below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UserDetails {
    /// The row of the list.
    #[serde(flatten)]
    pub holder: Holder,
    /// The groups of the tenant that it belongs to directly, with their display names.
    pub groups: Vec<UserGroup>,
    /// The invitations that are not accepted.
    pub invitations: Vec<PendingInvitation>,
    /// The time of the last login that the audit log of the scope shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login: Option<String>,
}

/// A group of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UserGroup {
    /// The group.
    pub group: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl State {
    /// Returns the details of one subject at a scope and below. `reveal` returns the text of a private value; the actor
    /// gets it with the permission of `view-people` only.
    ///
    /// # Errors
    /// [`Refusal`]. A subject that the actor does not know is refused as one that does not exist.
    pub fn view_user(&self, id: &str, at: &str, context: &Context, reveal: Reveal<'_>) -> Result<UserDetails, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let query = ListQuery::default();
        let list = AccessList::new(&transaction, at, &query, reveal)?;
        if !list.has(id) {
            return Err(Refusal::new(RefusalCode::SubjectUnknown, format!("`{id}` is not listed at `{at}`")));
        }
        let mut invitations = open_invitations(&transaction, at, &list.people);
        invitations.retain(|one| one.subject == id);
        let groups = self.all::<Group>(ObjectKind::Group).filter(|(_, group)| {
            group.members.contains(id) && group.at.as_deref().is_some_and(|home| is_below(home, at))
        });
        let groups = groups.map(|(group, Group { title, .. })| UserGroup { group: group.to_string(), title });
        let last_login = self.last_login(id, at).map(Timestamp::as_text);
        Ok(UserDetails { holder: list.subject(id), groups: groups.collect(), invitations, last_login })
    }
}
