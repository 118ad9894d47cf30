//! What administration keeps: objects of a few kinds, each with an id, as JSON.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The kinds of objects, in the order in which a directory is put together from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// The policy: one object, its document as text.
    Policy,
    /// A scope, by its path.
    Scope,
    /// A custom role, `SCOPE#NAME`.
    Role,
    /// A subject, by its id.
    Subject,
    /// A group, by its id.
    Group,
    /// An assignment, `SUBJECT ROLE SCOPE FROM UNTIL`, with `-` for no instant.
    Assignment,
    /// What is set at a scope, by its path.
    Settings,
    /// Of which role of the policy a custom role is a copy, `SCOPE#NAME`.
    Copy,
    /// A request for temporary access, by its number.
    Request,
    /// Who may edit an item, `SCOPE#ITEM`.
    Lock,
}

impl ObjectKind {
    /// Every kind, in order.
    pub const ALL: [Self; 10] = [
        Self::Policy,
        Self::Scope,
        Self::Role,
        Self::Subject,
        Self::Group,
        Self::Assignment,
        Self::Settings,
        Self::Copy,
        Self::Request,
        Self::Lock,
    ];

    /// The kind as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Subject => "subject",
            Self::Group => "group",
            Self::Assignment => "assignment",
            Self::Settings => "settings",
            Self::Copy => "copy",
            Self::Request => "request",
            Self::Lock => "lock",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The one object of the kind [`Kind::Policy`].
pub const POLICY: &str = "policy";

/// What an object is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    /// The kind.
    pub kind: ObjectKind,
    /// The id among those of the kind.
    pub id: String,
}

impl ObjectKey {
    /// The object of a kind with an id.
    #[must_use]
    pub fn new(kind: ObjectKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// A custom role.
    #[must_use]
    pub fn role(at: &str, role: &str) -> Self {
        Self::new(ObjectKind::Role, format!("{at}#{role}"))
    }

    /// The lock of an item of a scope.
    #[must_use]
    pub fn lock(at: &str, item: &str) -> Self {
        Self::new(ObjectKind::Lock, format!("{at}#{item}"))
    }
}

/// Of an id that is made of a scope and a name, such as a custom role's, both.
pub(crate) fn place(id: &str) -> (&str, &str) {
    id.split_once('#').unwrap_or_default()
}

/// Whether a subject may come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// It has not accepted its invitation.
    Invited,
    /// It may not for now.
    Suspended,
    /// It may no more; its id stays known.
    Removed,
}

/// A subject, as a directory lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Whether it may come in.
    #[serde(default)]
    pub status: Status,
    /// Until when an invitation can be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub invited_until: Option<String>,
    /// The scope whose login settings apply to it: its identity domain.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub native: Option<String>,
    /// Logs in by password or Google only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external: bool,
    /// Its values in boundaries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, Values>,
}

/// What is written is there: where an end or a bound got lost, `null` must not stand for none.
pub(crate) fn present<'de, D, T>(written: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(written).map(Some)
}

/// What a subject holds in a boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// `"*"`: everything, also what comes later.
    All(Wildcard),
    /// These.
    Some(BTreeSet<String>),
}

impl Values {
    pub(crate) const ALL: Self = Self::All(Wildcard::All);
    pub(crate) const NONE: Self = Self::Some(BTreeSet::new());

    /// What is among these and not among others; nothing where that is none.
    pub(crate) fn missing_from(&self, others: &Self) -> Option<Self> {
        match (self, others) {
            (_, Self::All(_)) => None,
            (Self::All(_), Self::Some(_)) => Some(Self::ALL),
            (Self::Some(these), Self::Some(others)) => {
                let beyond: BTreeSet<String> = these.difference(others).cloned().collect();
                (!beyond.is_empty()).then_some(Self::Some(beyond))
            }
        }
    }
}

/// `"*"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wildcard {
    /// Everything.
    #[serde(rename = "*")]
    All,
}

/// A subject or a group holds a role at a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Who.
    pub subject: String,
    /// Which role.
    pub role: String,
    /// Where, and below.
    pub at: String,
    /// Since when, included.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub from: Option<String>,
    /// Until when, excluded.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub until: Option<String>,
}

impl Assignment {
    /// What the assignment is known by.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        let [from, until] = [&self.from, &self.until].map(|instant| instant.as_deref().unwrap_or("-"));
        ObjectKey::new(ObjectKind::Assignment, format!("{} {} {} {from} {until}", self.subject, self.role, self.at))
    }
}

/// A custom role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub description: Option<String>,
    /// The roles that it combines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<String>,
    /// What it grants itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The scope at which it is administered; without one, every outermost scope.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub at: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// Subjects and groups.
    #[serde(default)]
    pub members: BTreeSet<String>,
}

/// What is set at a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Who of the support staff may come in.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub support_access: Option<SupportAccess>,
    /// The labels that support staff read beside those of their roles.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub support_reads: Option<BTreeSet<String>>,
    /// The ranges of addresses from which one may come in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_allow: Vec<String>,
    /// After how long without activity a session ends.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub idle_timeout: Option<String>,
    /// How one may log in.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub login: Option<Login>,
}

/// Who of the support staff may come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SupportAccess {
    /// Nobody.
    #[default]
    None,
    /// Those who are listed.
    Named,
    /// All of them.
    All,
}

/// How one may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The methods; `sso` alone where single sign-on is required.
    pub methods: Vec<String>,
}

/// Of which role of the policy a custom role is a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleOrigin {
    /// The role of the policy.
    pub of: String,
}

/// A request for temporary access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequest {
    /// Who asks, for themselves.
    pub subject: String,
    /// For which role.
    pub role: String,
    /// Where.
    pub at: String,
    /// Until when.
    pub until: String,
    /// Why.
    pub reason: String,
    /// When it was asked.
    pub asked: String,
    /// What became of it.
    pub state: RequestState,
    /// Who decided it or ended it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub decided_by: Option<String>,
    /// Since when the access is open.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub since: Option<String>,
}

impl AccessRequest {
    /// The assignment that an approved request made.
    #[must_use]
    pub fn assignment(&self) -> Assignment {
        Assignment {
            subject: self.subject.clone(),
            role: self.role.clone(),
            at: self.at.clone(),
            from: self.since.clone(),
            until: Some(self.until.clone()),
        }
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestState {
    /// Nobody decided it yet.
    Pending,
    /// The access is open until its end.
    Approved,
    /// It was refused.
    Denied,
    /// Who asked took it back.
    Withdrawn,
    /// The access was ended before its time.
    Ended,
}

/// Who may edit an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLock {
    /// Who owns it, and may always change its groups.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub owner: Option<String>,
    /// Members of any of these may edit it; everyone who otherwise may, where there are none.
    #[serde(default)]
    pub groups: BTreeSet<String>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The JSON of an object. Keys are sorted, so that equal objects are equal bytes.
pub(crate) fn to_value(object: &impl Serialize) -> Value {
    // Objects hold texts, flags, lists and maps with text keys: nothing that JSON has not.
    serde_json::to_value(object).unwrap_or_default()
}
