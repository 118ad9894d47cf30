//! The assignments of the holders in a list.

use super::texts::Texts;
use crate::logins::has_member;
use crate::object::{Assignment, ObjectKind, ProviderGroup};
use crate::scope::is_below;
use crate::transaction::Transaction;
use rolecall::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A role assignment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HeldRole {
    /// The role.
    pub role: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The scope.
    pub at: String,
    /// Whether the role holds below the scope too.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub below: bool,
    /// The only values for which the role counts, by boundary.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, BTreeSet<String>>,
    /// The start, inclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The end, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The mapped group that gives the role, if the subject does not hold it directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The group of an identity provider that the mapped group follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapped: Option<ProviderGroup>,
    /// Whether the assignment is in effect.
    pub state: HeldRoleState,
}

/// Whether an assignment is in effect at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HeldRoleState {
    /// In effect.
    Active,
    /// Not started yet.
    NotYet,
    /// Ended: listed, without effect.
    Expired,
}

impl HeldRoleState {
    /// Returns the state of an assignment with a start and an end.
    pub(crate) fn of(from: Option<&str>, until: Option<&str>, now: Timestamp) -> Self {
        if until.and_then(Timestamp::parse).is_some_and(|until| until <= now) {
            Self::Expired
        } else if from.and_then(Timestamp::parse).is_some_and(|from| from > now) {
            Self::NotYet
        } else {
            Self::Active
        }
    }

    /// Returns the name of the state.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotYet => "not-yet",
            Self::Expired => "expired",
        }
    }
}

/// A role with its scope and times, as one cell of a table has it.
impl fmt::Display for HeldRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.role, self.at)?;
        if !self.below {
            f.write_str(" only")?;
        }
        for (boundary, values) in &self.boundaries {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            write!(f, " for {boundary}={}", values.join(","))?;
        }
        for (word, time) in [("from", &self.from), ("until", &self.until)] {
            if let Some(time) = time {
                write!(f, " {word} {time}")?;
            }
        }
        Ok(())
    }
}

/// Returns the direct assignments of a subject or group at a scope and below, those of its invitations included.
pub(super) fn roles_of(transaction: &Transaction<'_>, texts: Texts<'_>, holder: &str, at: &str) -> Vec<HeldRole> {
    let mut held = transaction.assignments_of(holder);
    held.extend(transaction.pending_of(holder));
    let here = held.into_iter().filter(|one| is_below(&one.at, at));
    here.map(|one| held_role(one, texts, transaction.now)).collect()
}

fn held_role(one: Assignment, texts: Texts<'_>, now: Timestamp) -> HeldRole {
    let [title, description] = texts.role(&one.role, &one.at);
    let state = HeldRoleState::of(one.from.as_deref(), one.until.as_deref(), now);
    let Assignment { role, at, below, boundaries, from, until, .. } = one;
    HeldRole { role, title, description, at, below, boundaries, from, until, group: None, mapped: None, state }
}

/// Returns the roles at a scope and below that a subject holds as a member of mapped groups.
pub(super) fn mapped_roles_of(
    transaction: &Transaction<'_>,
    texts: Texts<'_>,
    subject: &str,
    at: &str,
) -> Vec<HeldRole> {
    let groups = transaction.state.values(ObjectKind::Group).filter(|(_, group)| has_member(group, subject));
    let roles = groups.flat_map(|(id, group)| {
        let mapped = group.get("mapped").and_then(|mapped| ProviderGroup::deserialize(mapped).ok());
        let roles = if mapped.is_some() { roles_of(transaction, texts, id, at) } else { Vec::new() };
        roles.into_iter().map(move |role| HeldRole { group: Some(id.to_string()), mapped: mapped.clone(), ..role })
    });
    roles.collect()
}
