//! Decisions and other answers. Fields serialize in the order of declaration.

use crate::types::reason::Reason;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Serialize;

/// The result of a permission check, with reasons and a time limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// Whether the permission is allowed.
    pub allow: bool,
    /// The reasons of all guards that deny, in the order of the guards. If allowed, only [`Reason::Granted`].
    pub reasons: Vec<Reason>,
    /// The grants of the permission, even if a guard denies. Sorted by role, path, subject and scope. At most 4,096: if
    /// there are more, those of the first assignments by role, holder and scope.
    pub granted_by: Vec<Grant>,
    /// The labels that the subject may not read, sorted.
    pub withheld: Vec<String>,
    /// For a request without an item: for each boundary that limits the action, the values of the subject, sorted.
    pub narrowed: BTreeMap<String, Vec<String>>,
    /// The first later time at which any of this may differ, with all else unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A grant of a permission through a role assignment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Grant {
    /// The role that grants the permission itself.
    pub role: String,
    /// The inheritance path from the assigned role to that role, both ends included.
    pub via: Vec<String>,
    /// The holder of the assignment: the subject or one of its groups.
    pub subject: String,
    /// The scope of the assignment.
    pub at: String,
}

/// The error of [`Session::require`](crate::Session::require): the subject, the permission, the scope, and the decision
/// that denies it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForbiddenError {
    /// The id of the subject.
    pub subject: String,
    /// The name of the permission.
    pub permission: String,
    /// The path of the scope.
    pub at: String,
    /// The decision, which denies.
    pub decision: Box<Decision>,
}

impl fmt::Display for ForbiddenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, permission, at, decision } = self;
        write!(f, "forbidden: `{subject}` may not `{permission}` at `{at}`: ")?;
        decision.reasons.iter().enumerate().try_for_each(|(place, reason)| {
            f.write_str(if place == 0 { "" } else { ", " })?;
            reason.fmt(f)
        })
    }
}

impl core::error::Error for ForbiddenError {}

/// The permissions of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Permissions {
    /// The names of the permissions, sorted.
    pub permissions: Vec<String>,
    /// The first later time at which the list may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// The reasons that deny every permission of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Objections {
    /// The reasons, in the order of the guards. Empty if no guard denies.
    pub reasons: Vec<Reason>,
    /// The first later time at which they may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// The visible part of a menu. Its texts come from the policy or the portable session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Menu<'m> {
    /// The visible items, and items that the policy shows as disabled.
    pub items: Vec<MenuItem<'m>>,
    /// The first visible link, depth first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<&'m str>,
    /// The first later time at which the menu may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// An item of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MenuItem<'m> {
    /// The id of the item in the policy.
    pub id: &'m str,
    /// The title of the item, or of its only visible tab.
    pub title: &'m str,
    /// The link of the item, or the first visible link below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<&'m str>,
    /// The visible items below it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<MenuItem<'m>>,
    /// Shown, but cannot be used.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub disabled: bool,
}
