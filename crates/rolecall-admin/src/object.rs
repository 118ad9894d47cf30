//! The objects of the state: a few kinds, each object with an id and a JSON value.

use crate::password::PasswordRules;
use crate::private::Private;
use rolecall::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The kinds of objects, in the order in which they form a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ObjectKind {
    /// The policy: one object that contains the document as text.
    Policy,
    /// A scope, by its path.
    Scope,
    /// A custom role, `SCOPE#NAME`.
    Role,
    /// The overlay of a role of the policy, `SCOPE#ROLE`.
    Overlay,
    /// A subject, by its id.
    Subject,
    /// A group, by its id.
    Group,
    /// An assignment, `SUBJECT ROLE SCOPE FROM UNTIL`, with `-` for a missing time.
    Assignment,
    /// The settings of a scope, by its path.
    Settings,
    /// The origin of a custom role that is a copy of a policy's role, `SCOPE#NAME`.
    Copy,
    /// A request for temporary access, `TENANT#NUMBER`.
    Request,
    /// The lock of an item, `SCOPE#ITEM`.
    Lock,
    /// The invitation of a subject to a scope, `SUBJECT SCOPE`.
    Invitation,
    /// An assignment that takes effect when its subject accepts an invitation, with the id of the assignment.
    Pending,
    /// The name and e-mail address of a user as a tenant knows them, `SUBJECT TENANT`.
    Person,
    /// The settings and secrets of an application, by the application's id.
    Application,
    /// The last reset of a user's password, by the user's id.
    PasswordReset,
    /// The identity provider of an identity domain, by the path of its scope.
    SignOn,
    /// The login of an identity provider that an account is bound to, `SUBJECT PROVIDER`.
    Login,
}

impl ObjectKind {
    /// Every kind, in order.
    pub const ALL: [Self; 18] = [
        Self::Policy,
        Self::Scope,
        Self::Role,
        Self::Overlay,
        Self::Subject,
        Self::Group,
        Self::Assignment,
        Self::Settings,
        Self::Copy,
        Self::Request,
        Self::Lock,
        Self::Invitation,
        Self::Pending,
        Self::Person,
        Self::Application,
        Self::PasswordReset,
        Self::SignOn,
        Self::Login,
    ];

    /// Returns the kind as documents write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Overlay => "overlay",
            Self::Subject => "subject",
            Self::Group => "group",
            Self::Assignment => "assignment",
            Self::Settings => "settings",
            Self::Copy => "copy",
            Self::Request => "request",
            Self::Lock => "lock",
            Self::Invitation => "invitation",
            Self::Pending => "pending",
            Self::Person => "person",
            Self::Application => "application",
            Self::PasswordReset => "password-reset",
            Self::SignOn => "sign-on",
            Self::Login => "login",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of the only object of kind [`ObjectKind::Policy`].
pub const POLICY: &str = "policy";

/// The key of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    /// The kind.
    pub kind: ObjectKind,
    /// The id, unique among objects of the kind.
    pub id: String,
}

impl ObjectKey {
    /// Returns the key of the object with a kind and an id.
    #[must_use]
    pub fn new(kind: ObjectKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Returns the key of a custom role.
    #[must_use]
    pub fn role(at: &str, role: &str) -> Self {
        Self::new(ObjectKind::Role, format!("{at}#{role}"))
    }

    /// Returns the key of the overlay of a role.
    #[must_use]
    pub fn overlay(at: &str, role: &str) -> Self {
        Self::new(ObjectKind::Overlay, format!("{at}#{role}"))
    }

    /// Returns the key of the lock of an item.
    #[must_use]
    pub fn lock(at: &str, item: &str) -> Self {
        Self::new(ObjectKind::Lock, format!("{at}#{item}"))
    }
}

/// Splits an id that consists of a scope and a name, such as that of a custom role.
pub(crate) fn place(id: &str) -> (&str, &str) {
    id.split_once('#').unwrap_or_default()
}

/// The status of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Status {
    /// The subject has access.
    #[default]
    Active,
    /// The subject has not accepted its invitation.
    Invited,
    /// The subject has no access until it is resumed.
    Suspended,
    /// The subject has no access any more; its id remains known.
    Removed,
}

impl Status {
    /// Returns the name of the status.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

/// A subject, as a directory lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subject {
    /// The status.
    #[serde(default)]
    pub status: Status,
    /// The time until which the invitation can be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub invited_until: Option<String>,
    /// The identity domain: the scope whose login settings apply to the subject.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub native: Option<String>,
    /// Whether the subject is external: it logs in by password or Google only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external: bool,
    /// The values of the subject in boundaries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, Values>,
    /// Whether its own tenant removed the subject, which still holds roles of other tenants. Directories do not state it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub departed: bool,
}

/// An invitation to a scope. A subject that is listed elsewhere already holds the roles of an invitation only after it
/// accepts; until then they are objects of kind [`ObjectKind::Pending`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Invitation {
    /// The invited subject.
    pub subject: String,
    /// The scope.
    pub at: String,
    /// The time until which it can be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub until: Option<String>,
    /// The subject that invited.
    pub by: String,
    /// The identity domain of a subject that is not listed elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub native: Option<String>,
    /// Whether the subject is invited as external.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external: bool,
    /// The values in boundaries of a subject that is not listed elsewhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, Values>,
    /// Whether the subject was listed elsewhere when it was invited. No tenant sees this.
    #[serde(default, skip_serializing_if = "is_false")]
    pub guest: bool,
    /// Whether the invitation was withdrawn. It stays listed, so that all withdrawn invitations look the same.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// The invited e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub email: Option<Private>,
    /// The secret of the link.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub token: Option<Private>,
}

impl Invitation {
    /// Returns the key of the invitation.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(ObjectKind::Invitation, format!("{} {}", self.subject, self.at))
    }
}

/// The name and e-mail address of a user, as a tenant entered them. No other tenant knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Person {
    /// The user.
    pub subject: String,
    /// The tenant.
    pub at: String,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub name: Option<Private>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub email: Option<Private>,
}

impl Person {
    /// Returns the key of what a tenant knows of a user.
    #[must_use]
    pub fn key(subject: &str, tenant: &str) -> ObjectKey {
        ObjectKey::new(ObjectKind::Person, format!("{subject} {tenant}"))
    }
}

/// The login of an identity provider that an account is bound to. The provider names the user by another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountLogin {
    /// The user.
    pub subject: String,
    /// The id of the provider.
    pub provider: String,
    /// The provider's name of the user.
    pub name: Private,
}

impl AccountLogin {
    /// Returns the key of the login of an account with a provider.
    #[must_use]
    pub fn key(subject: &str, provider: &str) -> ObjectKey {
        ObjectKey::new(ObjectKind::Login, format!("{subject} {provider}"))
    }
}

/// Reads a value that is present. Rejects `null`, which could hide a lost end or limit.
pub(crate) fn present<'de, D, T>(written: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(written).map(Some)
}

/// The values of a subject in a boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Values {
    /// `"*"`: all values, including later ones.
    All(Wildcard),
    /// These values.
    Some(BTreeSet<String>),
}

impl Values {
    pub(crate) const ALL: Self = Self::All(Wildcard::All);
    pub(crate) const NONE: Self = Self::Some(BTreeSet::new());

    /// Returns the values that `others` lack, or `None` if `others` has all of them.
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

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(_) => f.write_str("*"),
            Self::Some(values) => {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                f.write_str(&values.join(", "))
            }
        }
    }
}

/// `"*"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wildcard {
    /// The wildcard.
    #[serde(rename = "*")]
    All,
}

/// Returns whether an assignment holds below its scope if it does not state that.
pub(crate) fn everywhere() -> bool {
    true
}

/// A role assignment to a subject or a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The subject or group.
    pub subject: String,
    /// The role.
    pub role: String,
    /// The scope.
    pub at: String,
    /// Whether the role holds below the scope too.
    #[serde(default = "crate::object::everywhere", skip_serializing_if = "Clone::clone")]
    pub below: bool,
    /// The only values for which the role counts, by boundary; empty for no limit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, BTreeSet<String>>,
    /// The start, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub from: Option<String>,
    /// The end, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub until: Option<String>,
    /// The values to which the role of a guest is limited from the time when the guest accepts. Commands do not state
    /// it, and no tenant sees it.
    #[doc(hidden)]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, BTreeSet<String>>,
}

impl Assignment {
    /// Returns the assignment that the guest holds after it accepts: with the limits among its values.
    pub(crate) fn accepted(mut self) -> Self {
        for (boundary, limit) in std::mem::take(&mut self.limits) {
            let stated = self.boundaries.remove(&boundary);
            let values = stated.map_or_else(|| limit.clone(), |stated| stated.intersection(&limit).cloned().collect());
            self.boundaries.insert(boundary, values);
        }
        self
    }

    /// Returns the key of the assignment.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        let [from, until] = [&self.from, &self.until].map(|instant| instant.as_deref().unwrap_or("-"));
        let here = if self.below { "" } else { " here" };
        let mut id = format!("{} {} {} {from} {until}{here}", self.subject, self.role, self.at);
        if !self.boundaries.is_empty() {
            id.extend([" ".to_string(), json!(self.boundaries).to_string()]);
        }
        ObjectKey::new(ObjectKind::Assignment, id)
    }

    /// Returns the same assignment of the core, to another holder.
    pub(crate) fn to<'a>(&'a self, holder: &'a str) -> rolecall::change::Assignment<'a> {
        let mut one = rolecall::change::Assignment::new(holder, &self.role, &self.at).below(self.below);
        let instant = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
        (one.from, one.until) = (instant(&self.from), instant(&self.until));
        let boundaries = self.boundaries.iter();
        one.boundaries =
            boundaries.map(|(name, values)| (&**name, values.iter().map(|value| &**value).collect())).collect();
        one
    }

    /// Returns the key of the assignment while its subject has not accepted an invitation.
    pub(crate) fn pending_key(&self) -> ObjectKey {
        ObjectKey { kind: ObjectKind::Pending, ..self.key() }
    }
}

/// A custom role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub description: Option<String>,
    /// The inherited roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<String>,
    /// The role's own grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// What is removed from the role's own grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Group {
    /// The scope that administers the group. Default: every outermost scope.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub at: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// The members: subjects and groups.
    #[serde(default)]
    pub members: BTreeSet<String>,
    /// The group of an identity provider that this group follows. Logins set the members of such a group.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub mapped: Option<ProviderGroup>,
}

/// A group of an identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderGroup {
    /// The id of the provider.
    pub provider: String,
    /// The name by which the provider states the group at login.
    pub group: String,
}

impl fmt::Display for ProviderGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.group, self.provider)
    }
}

/// The settings of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Settings {
    /// The support staff that have access.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub support_access: Option<SupportAccess>,
    /// The labels that support staff may read in addition to those of their roles.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub support_reads: Option<BTreeSet<String>>,
    /// The address ranges that have access.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_allow: Vec<String>,
    /// The idle timeout of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub idle_timeout: Option<String>,
    /// The allowed login methods.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub login: Option<Login>,
    /// Whether users and support staff need a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub second_factor: Option<SecondFactor>,
    /// The password rules of the identity domain. Directories do not state them.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub passwords: Option<PasswordRules>,
}

/// Whether a second factor (two-step verification) is necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SecondFactor {
    /// Necessary for users and support staff.
    Required,
    /// Necessary only if a scope above requires it.
    Optional,
}

/// The support staff that have access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SupportAccess {
    /// None.
    #[default]
    None,
    /// Listed accounts only.
    Named,
    /// All support staff.
    All,
}

/// The allowed login methods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Login {
    /// The methods. `sso` alone requires single sign-on.
    pub methods: Vec<String>,
}

/// The identity provider of an identity domain: its users log in by OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOn {
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub title: Option<String>,
    /// The issuer: the part of its address before `/.well-known/openid-configuration`.
    pub issuer: String,
    /// The client id of the server at the provider.
    pub client_id: String,
    /// The client secret of the server at the provider. A public client has none. Default: unchanged, if the issuer and
    /// the client are.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub client_secret: Option<Private>,
    /// The login method of its users, as `set-login` names it.
    #[serde(default = "method")]
    pub method: String,
    /// The claim that identifies a user: `user:` and its value is the user's id.
    #[serde(default = "claim")]
    pub claim: String,
    /// The claim of the ID token that states the groups of a user, for role mappings.
    #[serde(default = "group_claim")]
    pub group_claim: String,
    /// The scopes to request in addition to `openid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_scopes: Vec<String>,
}

fn method() -> String {
    "sso".to_string()
}

fn claim() -> String {
    "sub".to_string()
}

fn group_claim() -> String {
    "groups".to_string()
}

impl SignOn {
    /// Returns the id of the provider of a scope. It differs from all ids that a server configures, and contains no
    /// `/`, so it can be a part of an address.
    #[must_use]
    pub fn provider_id(at: &str) -> String {
        format!("sso~{}", at.replace('/', "~"))
    }
}

/// The origin of a custom role that is a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RoleOrigin {
    /// The role of the policy.
    pub of: String,
}

/// A request for temporary access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccessRequest {
    /// The subject that requests access for itself.
    pub subject: String,
    /// The requested role.
    pub role: String,
    /// The scope.
    pub at: String,
    /// Whether the role holds below the scope too.
    #[serde(default = "crate::object::everywhere", skip_serializing_if = "Clone::clone")]
    pub below: bool,
    /// The only values for which the role counts, by boundary; empty for no limit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, BTreeSet<String>>,
    /// The end of the access, exclusive.
    pub until: String,
    /// The reason.
    pub reason: String,
    /// The time of the request.
    pub asked: String,
    /// The state of the request.
    pub state: RequestState,
    /// Who decided or ended the request, and when.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub decided_by: Option<String>,
    /// The start of the access.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub since: Option<String>,
}

impl RequestState {
    /// Returns the name of the state.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Ended => "ended",
        }
    }
}

impl AccessRequest {
    /// Returns the assignment that an approved request creates.
    #[must_use]
    pub fn assignment(&self) -> Assignment {
        Assignment {
            subject: self.subject.clone(),
            role: self.role.clone(),
            at: self.at.clone(),
            below: self.below,
            boundaries: self.boundaries.clone(),
            from: self.since.clone(),
            until: Some(self.until.clone()),
            limits: BTreeMap::new(),
        }
    }
}

/// The state of an access request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RequestState {
    /// The request is not decided yet.
    Pending,
    /// The access is open until its end.
    Approved,
    /// The request was denied.
    Denied,
    /// The requester withdrew the request.
    Withdrawn,
    /// The access was ended early.
    Ended,
}

/// The lock of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountLock {
    /// The owner, who may always change the groups.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub owner: Option<String>,
    /// The groups whose members may edit the item. If empty, everyone with the permission may.
    #[serde(default)]
    pub groups: BTreeSet<String>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Returns the JSON value of an object. Its keys are sorted, so equal objects are equal bytes.
pub(crate) fn to_value(object: &impl Serialize) -> Value {
    // Objects contain texts, flags, lists and maps with text keys only, so this cannot fail.
    serde_json::to_value(object).unwrap_or_default()
}
