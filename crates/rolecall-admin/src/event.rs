//! Events: what a command changed, told so that it can be audited and done again.

use crate::command::Command;
use crate::object::{ObjectKey, ObjectKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One command that was carried out: who, what, when, from where, and every object before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the trail, from 1.
    pub seq: u64,
    /// When, in UTC.
    pub time: String,
    /// Who: the subject that gave the command.
    pub actor: String,
    /// The address of the actor, which an application states for its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The address that the request came from, as the server saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The application it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// What the giver calls the command, so that giving it again does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was done.
    pub operation: Operation,
    /// What kind of thing it was done to, in the words of an audit.
    pub object_type: ObjectType,
    /// The command; nothing for the first event, which makes the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// What it changed, in order.
    pub changes: Vec<Change>,
}

/// An object before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The kind of the object.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// What it was; nothing where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it is now; nothing where it is not there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Change {
    /// What the object is known by.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind, self.id.clone())
    }
}

impl Command {
    /// What an audit calls it, where a custom role is told to be new or not.
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
            Self::ResendInvitation { subject }
            | Self::AcceptInvitation { subject }
            | Self::SuspendSubject { subject }
            | Self::ResumeSubject { subject }
            | Self::MarkExternal { subject }
            | Self::SetNative { subject, .. }
            | Self::SetBoundary { subject, .. } => (Update, of_subject(subject)),
            Self::Assign(_) => (Create, ObjectType::RoleAssignment),
            Self::Withdraw(_) => (Delete, ObjectType::RoleAssignment),
            Self::SetRole { .. } if !is_new => (Update, ObjectType::Role),
            Self::SetRole { .. } | Self::CopyRole { .. } => (Create, ObjectType::Role),
            Self::ResetRole { .. } => (Update, ObjectType::Role),
            Self::DeleteRole { .. } => (Delete, ObjectType::Role),
            Self::AddGroup { .. } => (Create, ObjectType::UserGroup),
            Self::JoinGroup { .. } | Self::LeaveGroup { .. } => (Update, ObjectType::UserGroup),
            Self::DeleteGroup { .. } => (Delete, ObjectType::UserGroup),
            Self::Lock { .. } | Self::SetOwner { .. } => (Update, ObjectType::AccessLock),
            Self::RequestAccess { .. } => (Create, ObjectType::TemporaryAccess),
            Self::ApproveAccess { .. }
            | Self::DenyAccess { .. }
            | Self::WithdrawRequest { .. }
            | Self::EndAccess { .. } => (Update, ObjectType::TemporaryAccess),
            Self::SetSupport { .. } => (Update, ObjectType::SupportAccessSetting),
            Self::SetNetworks { .. } => (Update, ObjectType::IpRange),
            Self::SetTimeout { .. } => (Update, ObjectType::PrivacySetting),
            Self::SetLogin { .. } => (Update, ObjectType::LoginSetting),
            Self::AddScope { .. } => (Create, ObjectType::Scope),
            Self::UpdatePolicy { .. } => (Update, ObjectType::Policy),
        }
    }
}

/// What was done, in the words of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    /// Something is new.
    Create,
    /// Something is different.
    Update,
    /// Something is gone.
    Delete,
}

/// What it was done to, in the words of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ObjectType {
    /// Everything: the first event.
    Tenant,
    /// A user, with roles that come or go with it.
    User,
    /// An application.
    Application,
    /// A named support account.
    SupportAccount,
    /// A role that someone holds.
    RoleAssignment,
    /// A custom role.
    Role,
    /// A group and its members.
    UserGroup,
    /// The groups that may edit an item.
    AccessLock,
    /// A request for temporary access.
    TemporaryAccess,
    /// Who of the support staff may come in.
    SupportAccessSetting,
    /// Addresses from which one may come in.
    IpRange,
    /// The idle timeout.
    PrivacySetting,
    /// How one may log in.
    LoginSetting,
    /// A scope.
    Scope,
    /// The policy.
    Policy,
}
