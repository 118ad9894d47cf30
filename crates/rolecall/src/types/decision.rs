//! The answers, in the shape and order in which they are written.

use crate::types::reason::Reason;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Serialize;

/// Whether someone may do something, why, and until when the answer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// Allow or deny.
    pub allow: bool,
    /// Every objection, in the order of the guards; on allow [`Reason::Granted`] alone.
    pub reasons: Vec<Reason>,
    /// Who granted it, also where a guard denies. Sorted by role, path, subject and scope. At most 4,096: where there are more,
    /// those of the first assignments in the order of role, holder and scope.
    pub granted_by: Vec<Grant>,
    /// The labels that the subject may not read, sorted.
    pub withheld: Vec<String>,
    /// Where the question names no item: for each boundary that limits the action, the subject's values, sorted.
    pub narrowed: BTreeMap<String, Vec<String>>,
    /// The first later instant at which any of this may differ, all else held fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// One way in which a permission is held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Grant {
    /// The role whose own grants hold the permission.
    pub role: String,
    /// The inheritance path from the assigned role to that role, both ends included.
    pub via: Vec<String>,
    /// Who holds the assigned role: the subject, or one of its groups.
    pub subject: String,
    /// The scope of the assignment.
    pub at: String,
}

/// The error of [`Session::require`](crate::Session::require): who may not do what, where, and the decision that denies it.
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

/// Everything that a session may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Permissions {
    /// The names of the permissions, sorted.
    pub permissions: Vec<String>,
    /// The first later instant at which the list may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// What objects to a subject whatever it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Objections {
    /// The reasons, in the order of the guards; none means let in.
    pub reasons: Vec<Reason>,
    /// The first later instant at which they may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// The part of a menu that a session sees. Its texts are those of the policy or of the portable session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Menu<'m> {
    /// The visible items, and those that ask to be told as disabled.
    pub items: Vec<MenuItem<'m>>,
    /// The first visible link, depth first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<&'m str>,
    /// The first later instant at which the menu may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// An item of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MenuItem<'m> {
    /// The item's id in the policy.
    pub id: &'m str,
    /// The title: the item's own, or that of its only visible tab.
    pub title: &'m str,
    /// The link: the item's own, or the first one visible below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<&'m str>,
    /// The visible items below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<MenuItem<'m>>,
    /// Told, but not to be used.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub disabled: bool,
}
