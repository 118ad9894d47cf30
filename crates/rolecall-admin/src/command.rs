//! Commands, and what is known of who gives them.

use crate::object::{Assignment, Role, SupportAccess, Values};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A role at a scope, for someone who is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialRole {
    /// The role.
    pub role: String,
    /// Where.
    pub at: String,
    /// Since when, included.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub from: Option<String>,
    /// Until when, excluded.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub until: Option<String>,
}

/// Someone who is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSubject {
    /// The id.
    pub subject: String,
    /// At least one role.
    pub roles: Vec<InitialRole>,
    /// Outside the identity domain: logs in by password or Google only. Cannot be undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
    /// The identity domain; without it the nearest scope that says how to log in.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub native: Option<String>,
}

/// A command, written as a map with one key. The permission that it needs is what the policy's `administration` maps its
/// name to, unless something else is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Invites a user, who can accept for as long as the policy says, or 7 days.
    Invite(NewSubject),
    /// Lets an invitation hold anew.
    ResendInvitation {
        /// Who is invited.
        subject: String,
    },
    /// Accepts one's own invitation; needs no permission.
    AcceptInvitation {
        /// Who is invited, and gives the command.
        subject: String,
    },
    /// Lists a user who need not accept anything.
    AddUser(NewSubject),
    /// Lists an application.
    AddApp(NewSubject),
    /// Lists a support account by name.
    AddSupport(NewSubject),
    /// Keeps someone out until further notice.
    SuspendSubject {
        /// Who.
        subject: String,
    },
    /// Lets someone in again who was suspended.
    ResumeSubject {
        /// Who.
        subject: String,
    },
    /// Takes everything from someone at a scope and below; who then holds nothing anywhere is removed.
    RemoveSubject {
        /// Who.
        subject: String,
        /// Where.
        at: String,
    },
    /// Takes a user out of the identity domain. Cannot be undone.
    MarkExternal {
        /// Who.
        subject: String,
    },
    /// Changes the identity domain.
    SetNative {
        /// Who.
        subject: String,
        /// The scope; nothing for none.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        native: Option<String>,
    },
    /// Sets what someone holds in a boundary.
    SetBoundary {
        /// Who.
        subject: String,
        /// The boundary.
        boundary: String,
        /// The values; nothing for the policy's default.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        values: Option<Values>,
    },
    /// Gives a role.
    Assign(Assignment),
    /// Takes a role, with the instants that it was given with.
    Withdraw(Assignment),
    /// Makes or changes a custom role.
    SetRole {
        /// Where it is defined.
        at: String,
        /// Its name.
        role: String,
        /// What it is.
        #[serde(flatten)]
        body: Role,
    },
    /// Takes a custom role away.
    DeleteRole {
        /// Where it is defined.
        at: String,
        /// Its name.
        role: String,
        /// Also from everyone who holds it; refused otherwise where anyone does.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cascade: bool,
    },
    /// Copies a role of the policy to a custom one, for changing it.
    CopyRole {
        /// The role of the policy.
        of: String,
        /// Where the copy is defined.
        at: String,
        /// The copy's name.
        role: String,
    },
    /// Makes a copy what the policy's role is.
    ResetRole {
        /// Where the copy is defined.
        at: String,
        /// The copy's name.
        role: String,
    },
    /// Makes a group.
    AddGroup {
        /// Its id, which carries its scope: `group:main/acme/writers`. Where there is one outermost scope, a group of it may
        /// be `group:writers`.
        group: String,
        /// The scope at which it is administered.
        at: String,
    },
    /// Takes a group away.
    DeleteGroup {
        /// Its id.
        group: String,
        /// With its members, roles and memberships; refused otherwise where there are any.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cascade: bool,
    },
    /// Adds a member to a group.
    JoinGroup {
        /// The group.
        group: String,
        /// A subject or a group.
        member: String,
    },
    /// Takes a member out of a group.
    LeaveGroup {
        /// The group.
        group: String,
        /// The member.
        member: String,
    },
    /// Says which groups may edit items. An item's owner may always.
    Lock {
        /// The items' ids.
        items: BTreeSet<String>,
        /// The scope that they are in.
        at: String,
        /// The groups; none to open the items again.
        groups: BTreeSet<String>,
    },
    /// Says who owns an item; needs the permission of `lock`, or to be the owner.
    SetOwner {
        /// The item's id.
        item: String,
        /// The scope that it is in.
        at: String,
        /// A subject.
        owner: String,
    },
    /// Asks for a role for a while.
    RequestAccess {
        /// The role.
        role: String,
        /// Where.
        at: String,
        /// Until when.
        until: String,
        /// Why.
        reason: String,
    },
    /// Opens access that someone else asked for.
    ApproveAccess {
        /// The request's number.
        request: String,
    },
    /// Refuses it; needs the permission of `approve-access`.
    DenyAccess {
        /// The request's number.
        request: String,
    },
    /// Takes one's own request back; needs no permission.
    WithdrawRequest {
        /// The request's number.
        request: String,
    },
    /// Ends access before its time: one's own, or with the permission of `approve-access`.
    EndAccess {
        /// The request's number.
        request: String,
    },
    /// Says who of the support staff may come in.
    SetSupport {
        /// Where, and below.
        at: String,
        /// Who.
        access: SupportAccess,
        /// The labels that they read beside those of their roles; as before where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        reads: Option<BTreeSet<String>>,
    },
    /// Says from which addresses one may come in.
    SetNetworks {
        /// Where, and below.
        at: String,
        /// Ranges as CIDR; none for anywhere.
        ranges: Vec<String>,
        /// Also where that locks out who gives the command.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
    /// Says after how long without activity a session ends.
    SetTimeout {
        /// Where, and below.
        at: String,
        /// Such as `45m`; nothing for the policy's default.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        timeout: Option<String>,
    },
    /// Says how one may log in.
    SetLogin {
        /// The identity domain.
        at: String,
        /// The methods, `sso` alone where it is required; none for any.
        methods: Vec<String>,
        /// Also where that locks out who gives the command.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
    /// Lists a scope; the permission is needed at the one above.
    AddScope {
        /// Its path.
        path: String,
    },
    /// Puts another policy in the place of the one there is; the permission is needed at every outermost scope.
    UpdatePolicy {
        /// The document as JSON text.
        policy: String,
        /// Roles that have another name in it: old to new, all renamed at once.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "renames")]
        roles: BTreeMap<String, String>,
        /// Resources that have another path in it: old to new, all renamed at once.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "renames")]
        resources: BTreeMap<String, String>,
        /// Also where two names become one; refused otherwise.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        merge: bool,
    },
}

/// Reads old names and new ones, each old name once.
fn renames<'de, D: Deserializer<'de>>(written: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Renames;
    impl<'de> Visitor<'de> for Renames {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of old names to new ones")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut renames = BTreeMap::new();
            while let Some((from, to)) = map.next_entry::<String, String>()? {
                let message = format!("`{from}` is renamed twice");
                if renames.insert(from, to).is_some() {
                    return Err(A::Error::custom(message));
                }
            }
            Ok(renames)
        }
    }
    written.deserialize_map(Renames)
}

impl Command {
    /// The name, as it is written and mapped.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invite(_) => "invite",
            Self::ResendInvitation { .. } => "resend-invitation",
            Self::AcceptInvitation { .. } => "accept-invitation",
            Self::AddUser(_) => "add-user",
            Self::AddApp(_) => "add-app",
            Self::AddSupport(_) => "add-support",
            Self::SuspendSubject { .. } => "suspend-subject",
            Self::ResumeSubject { .. } => "resume-subject",
            Self::RemoveSubject { .. } => "remove-subject",
            Self::MarkExternal { .. } => "mark-external",
            Self::SetNative { .. } => "set-native",
            Self::SetBoundary { .. } => "set-boundary",
            Self::Assign(_) => "assign",
            Self::Withdraw(_) => "withdraw",
            Self::SetRole { .. } => "set-role",
            Self::DeleteRole { .. } => "delete-role",
            Self::CopyRole { .. } => "copy-role",
            Self::ResetRole { .. } => "reset-role",
            Self::AddGroup { .. } => "add-group",
            Self::DeleteGroup { .. } => "delete-group",
            Self::JoinGroup { .. } => "join-group",
            Self::LeaveGroup { .. } => "leave-group",
            Self::Lock { .. } => "lock",
            Self::SetOwner { .. } => "set-owner",
            Self::RequestAccess { .. } => "request-access",
            Self::ApproveAccess { .. } => "approve-access",
            Self::DenyAccess { .. } => "deny-access",
            Self::WithdrawRequest { .. } => "withdraw-request",
            Self::EndAccess { .. } => "end-access",
            Self::SetSupport { .. } => "set-support",
            Self::SetNetworks { .. } => "set-networks",
            Self::SetTimeout { .. } => "set-timeout",
            Self::SetLogin { .. } => "set-login",
            Self::AddScope { .. } => "add-scope",
            Self::UpdatePolicy { .. } => "update-policy",
        }
    }
}

/// Who gives a command, when, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The subject that gives it.
    pub actor: String,
    /// When, in RFC 3339.
    pub time: String,
    /// The address of the actor.
    pub ip: Option<String>,
    /// The address that the request came from, as a server saw it. An application states the address of its user in `ip`.
    pub peer: Option<String>,
    /// How the actor logged in.
    pub login: Option<String>,
    /// When the actor was last active, in RFC 3339.
    pub last_activity: Option<String>,
    /// The application it comes by.
    pub application: Option<String>,
    /// What the actor calls the command.
    pub id: Option<String>,
    /// Login methods that are known in addition to the usual ones, such as those of a server's providers.
    pub login_methods: BTreeSet<String>,
}
