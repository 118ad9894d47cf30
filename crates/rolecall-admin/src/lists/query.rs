//! The filters, the order and the page of a list.

use crate::object::{RequestState, Status};
use crate::refusal::{Refusal, RefusalCode};
use crate::transaction::{APP, GROUP, SUPPORT};
use rolecall::Duration;
use serde::{Deserialize, Serialize};

/// A kind of holders of roles. Each kind has a list of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HolderKind {
    /// Users.
    Users,
    /// Applications.
    Applications,
    /// Support staff.
    Support,
    /// Groups.
    Groups,
}

impl HolderKind {
    /// Every kind, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Users, Self::Applications, Self::Support, Self::Groups];

    /// Returns the kind of a subject or group.
    pub(crate) fn of(id: &str) -> Self {
        let kinds = [(APP, Self::Applications), (SUPPORT, Self::Support), (GROUP, Self::Groups)];
        kinds.into_iter().find(|(prefix, _)| id.starts_with(prefix)).map_or(Self::Users, |(_, kind)| kind)
    }

    /// Returns the name of the kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Applications => "applications",
            Self::Support => "support",
            Self::Groups => "groups",
        }
    }
}

/// Whether the policy or a scope defines a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RoleSource {
    /// A role of the policy.
    Policy,
    /// A custom role.
    Custom,
}

impl RoleSource {
    /// Returns the name of the source.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Custom => "custom",
        }
    }
}

/// A kind of what ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EndingKind {
    /// A role of a user, an application or a group.
    Role,
    /// A role of support staff.
    SupportAccess,
    /// A role that an approved request gave.
    TemporaryAccess,
    /// An invitation that is not accepted.
    Invitation,
    /// A secret of an application.
    Secret,
}

impl EndingKind {
    /// Returns the name of the kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::SupportAccess => "support-access",
            Self::TemporaryAccess => "temporary-access",
            Self::Invitation => "invitation",
            Self::Secret => "secret",
        }
    }
}

/// What a list shows: filters, which all apply, the order, and the page. A filter that a list does not have matches
/// every row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ListQuery {
    /// The kind of holders. Default: all kinds, each with its first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<HolderKind>,
    /// The status of subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// A role that is held directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether the policy or a scope defines the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<RoleSource>,
    /// The kind of what ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<EndingKind>,
    /// How soon something ends, such as `30d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// How long an account was not used, such as `90d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<String>,
    /// A label that a role reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The state of requests for access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<RequestState>,
    /// A part of the id or title, in any case of letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The column that orders the rows; `-` before it reverses the order. Default: `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// The maximum number of rows, from 1 to [`LARGEST_PAGE`](super::LARGEST_PAGE). Default: [`PAGE`](super::PAGE).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The cursor of the page before. Default: the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Returns a duration of a query in milliseconds.
pub(crate) fn millis(text: Option<&String>, key: &str, usual: i64) -> Result<i64, Refusal> {
    let Some(text) = text else { return Ok(usual) };
    Duration::parse(text).map(Duration::as_millis).ok_or_else(|| {
        let refusal = Refusal::new(RefusalCode::Malformed, format!("`{text}` in `{key}` is not a duration"));
        refusal.with_help("write one number and one unit, such as `30d` or `12h`")
    })
}

/// A text that is searched, prepared once.
pub(crate) struct Search(Option<String>);

impl Search {
    pub(crate) fn new(query: &ListQuery) -> Self {
        Self(query.search.as_ref().map(|text| text.to_lowercase()))
    }

    /// Returns whether any of the texts contains the text that is searched.
    pub(crate) fn finds<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> bool {
        let Some(searched) = &self.0 else { return true };
        texts.into_iter().any(|text| text.to_lowercase().contains(searched))
    }
}
