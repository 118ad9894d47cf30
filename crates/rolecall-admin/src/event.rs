//! Events: records of executed commands, for audits and for replaying.

use crate::command::Command;
use crate::object::{ObjectKey, ObjectKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An executed command: its actor, time and origin, and every changed object before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The number of the event in the audit log, from 1.
    pub seq: u64,
    /// The time, in UTC.
    pub time: String,
    /// The subject that gave the command.
    pub actor: String,
    /// The address of the actor, as an application states it for its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The address of the connection, as the server saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The application that sent the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The command's id. Retrying with the same id has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The kind of change.
    pub operation: Operation,
    /// The kind of the changed object, in audit terms.
    pub object_type: ObjectType,
    /// The command. Absent in the first event, which creates the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// The changes as the actor may see them, if these differ: without the names, ids and existence of other tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Vec<Change>>,
    /// What happened to the session of a user. Such an event has no command and no changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionRecord>,
    /// The login that set the mapped groups of its user. Such an event has no command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapped: Option<MappedLogin>,
}

impl Event {
    /// Returns the event as its actor may see it. Answer with this one: the event itself can name other tenants.
    #[must_use]
    pub fn for_actor(mut self) -> Self {
        if let Some(seen) = self.seen.take() {
            self.changes = seen;
        }
        self
    }
}

/// The login method of applications, which get access tokens with their secrets.
pub const CLIENT_CREDENTIALS: &str = "client-credentials";

/// What happened to the session of a user or of an application, without secrets and tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionRecord {
    /// The user or application, if the directory lists it. An id that is not listed could be a mistyped password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The login method, such as `sso`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The id of the identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The identity domain of the provider, if it has one. For support staff: the tenant at which they log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Why the login failed or the session ended: a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of the secret with which an application logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The number of equal events that the event counts, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// A login whose groups at the identity provider give roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MappedLogin {
    /// The user.
    pub subject: String,
    /// The id of the identity provider.
    pub provider: String,
    /// The identity domain of the provider.
    pub domain: String,
    /// The groups that the provider states, and that the user could not join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omitted: Vec<OmittedGroup>,
}

/// A group that a login did not join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OmittedGroup {
    /// The id of the group.
    pub group: String,
    /// The code of the rule that its roles would break.
    pub reason: String,
}

impl SessionRecord {
    /// Returns a record of a user's session with a provider.
    #[must_use]
    pub fn new(subject: Option<String>, login: impl Into<String>, provider: impl Into<String>) -> Self {
        Self { subject, login: Some(login.into()), provider: Some(provider.into()), ..Self::default() }
    }
}

/// An object before and after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The kind of the object.
    pub kind: ObjectKind,
    /// The object's id.
    pub id: String,
    /// The object before. Absent if it did not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The object after. Absent if it no longer exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Change {
    /// Removes a key from the object before and after. The order of the other keys stays: it must not show that the key
    /// was there.
    pub(crate) fn hide(&mut self, hidden: &str) {
        for map in [&mut self.before, &mut self.after].into_iter().flatten().filter_map(Value::as_object_mut) {
            map.retain(|key, _| key != hidden);
        }
    }

    /// Returns the key of the object.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind, self.id.clone())
    }
}

impl Command {
    /// Returns the change in audit terms. `is_new` states whether a custom role, a role mapping or a provider is a new one.
    pub(crate) fn audited(&self, is_new: bool) -> (Operation, ObjectType) {
        use Operation::{Create, Delete, Update};
        let of_subject = |id: &str| match id.split_once(':') {
            Some(("app", _)) => ObjectType::Application,
            Some(("support", _)) => ObjectType::SupportAccount,
            _ => ObjectType::User,
        };
        match self {
            Self::Invite(one) | Self::AddUser(one) | Self::AddApp(one) | Self::AddSupport(one) => {
                (Create, of_subject(&one.subject))
            }
            Self::RemoveSubject { subject, .. } => (Delete, of_subject(subject)),
            Self::SetApp(_) | Self::AddSecret(_) | Self::RemoveSecret { .. } => (Update, ObjectType::Application),
            Self::ResendInvitation { subject, .. }
            | Self::AcceptInvitation { subject, .. }
            | Self::SuspendSubject { subject }
            | Self::ResumeSubject { subject }
            | Self::MarkExternal { subject, .. }
            | Self::UnmarkExternal { subject }
            | Self::SetNative { subject, .. }
            | Self::ResetPassword { subject }
            | Self::SetPerson { subject, .. }
            | Self::ErasePerson { subject, .. }
            | Self::SetBoundary { subject, .. } => (Update, of_subject(subject)),
            Self::Assign(_) => (Create, ObjectType::RoleAssignment),
            Self::Withdraw(_) => (Delete, ObjectType::RoleAssignment),
            Self::SetRoles { .. } => (Update, ObjectType::RoleAssignment),
            Self::SetRole { .. } if !is_new => (Update, ObjectType::Role),
            Self::SetRole { .. } | Self::CopyRole { .. } => (Create, ObjectType::Role),
            Self::ResetRole { .. } | Self::SetOverlay { .. } | Self::ResetOverlay { .. } => (Update, ObjectType::Role),
            Self::DeleteRole { .. } => (Delete, ObjectType::Role),
            Self::AddGroup { .. } => (Create, ObjectType::UserGroup),
            Self::JoinGroup { .. } | Self::LeaveGroup { .. } => (Update, ObjectType::UserGroup),
            Self::DeleteGroup { .. } => (Delete, ObjectType::UserGroup),
            Self::SetRoleMapping { .. } if !is_new => (Update, ObjectType::RoleMapping),
            Self::SetRoleMapping { .. } => (Create, ObjectType::RoleMapping),
            Self::RemoveRoleMapping { .. } => (Delete, ObjectType::RoleMapping),
            Self::Lock { .. } | Self::SetOwner { .. } => (Update, ObjectType::AccessLock),
            Self::RequestAccess { .. } => (Create, ObjectType::TemporaryAccess),
            Self::ApproveAccess { .. }
            | Self::DenyAccess { .. }
            | Self::WithdrawRequest { .. }
            | Self::EndAccess { .. } => (Update, ObjectType::TemporaryAccess),
            Self::SetSupport { .. } => (Update, ObjectType::SupportAccessSetting),
            Self::SetNetworks { .. } => (Update, ObjectType::IpRange),
            Self::SetTimeout { .. } => (Update, ObjectType::PrivacySetting),
            Self::SetLogin { .. } | Self::SetSecondFactor { .. } | Self::SetPasswordRules { .. } => {
                (Update, ObjectType::LoginSetting)
            }
            Self::SetSignOn { .. } if !is_new => (Update, ObjectType::SingleSignOn),
            Self::SetSignOn { .. } => (Create, ObjectType::SingleSignOn),
            Self::RemoveSignOn { .. } => (Delete, ObjectType::SingleSignOn),
            Self::AddScope { .. } => (Create, ObjectType::Scope),
            Self::SetInstanceType { .. } => (Update, ObjectType::Scope),
            Self::UpdatePolicy { .. } => (Update, ObjectType::Policy),
        }
    }
}

/// The kind of a change, in audit terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Operation {
    /// The object is new.
    Create,
    /// The object has changed.
    Update,
    /// The object was deleted.
    Delete,
    /// A user logged in, or an application got an access token.
    Login,
    /// A user logged out, or the server ended their session.
    Logout,
    /// A login failed.
    LoginFailed,
    /// A session ended because its user was idle for too long.
    SessionTimeout,
}

/// The kind of a changed object, in audit terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ObjectType {
    /// Everything: the first event.
    Tenant,
    /// A user, with the roles that are assigned or withdrawn with it, and the user's sessions.
    User,
    /// An application, its settings, secrets and logins.
    Application,
    /// A named support account.
    SupportAccount,
    /// A role assignment.
    RoleAssignment,
    /// A custom role, or a role of the policy that a scope edits.
    Role,
    /// A group and its members.
    UserGroup,
    /// The roles that a group of an identity provider gives, and their holders.
    RoleMapping,
    /// The groups that may edit an item.
    AccessLock,
    /// A request for temporary access.
    TemporaryAccess,
    /// The support staff that have access.
    SupportAccessSetting,
    /// The addresses that have access.
    IpRange,
    /// The idle timeout, and sessions that it ends. Audits file it as a privacy setting.
    PrivacySetting,
    /// The allowed login methods.
    LoginSetting,
    /// The identity provider of an identity domain.
    SingleSignOn,
    /// A scope.
    Scope,
    /// The policy.
    Policy,
}
