//! Commands and their context.

use crate::application::{ApplicationSettings, NewSecret};
use crate::object::{Assignment, Role, SignOn, SupportAccess, Values};
use crate::overlay::Overlay;
use crate::password::PasswordRules;
use crate::private::{Private, PrivateField, PrivateKind, Shape};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A role at a scope, for a new subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialRole {
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
}

/// A role that a group of an identity provider gives, and its scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedRole {
    /// The role.
    pub role: String,
    /// The scope, at or below that of the mapping.
    pub at: String,
    /// Whether the role holds below the scope too.
    #[serde(default = "crate::object::everywhere", skip_serializing_if = "Clone::clone")]
    pub below: bool,
    /// The only values for which the role counts, by boundary; empty for no limit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, BTreeSet<String>>,
}

/// A role with its start and end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTerm {
    /// The role.
    pub role: String,
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
}

/// A new subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSubject {
    /// The subject's id.
    pub subject: String,
    /// The roles, at least one.
    pub roles: Vec<InitialRole>,
    /// Marks the subject as external: it logs in by password or Google only, and password rules of the tenant do not
    /// apply to it. Only the vendor can undo it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
    /// Confirms `external`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm: bool,
    /// The identity domain. Default: the nearest scope with login settings, otherwise the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub native: Option<String>,
    /// The name, as the tenant knows it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub name: Option<Private>,
    /// The e-mail address, as the tenant knows it. An invitation with an address is accepted by a login that proves it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub email: Option<Private>,
    /// The secret of the link of an invitation. The store makes it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub token: Option<Private>,
}

/// A login of an identity provider, which an account is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundLogin {
    /// The id of the provider.
    pub provider: String,
    /// The provider's name of the user.
    pub name: Private,
}

/// A command, written as a map with one key. Unless documented otherwise, it requires the permission that the policy's
/// `administration` maps its name to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Command {
    /// Invites a user. The invitation is valid for the time that the policy sets, or 7 days.
    Invite(NewSubject),
    /// Renews an invitation.
    ResendInvitation {
        /// The invited subject.
        subject: String,
        /// The secret of the new link. The store makes it, and the link before no longer counts.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        token: Option<Private>,
    },
    /// Accepts an invitation. Requires no permission; only the invited subject can do this.
    AcceptInvitation {
        /// The invited subject, which must be the actor.
        subject: String,
        /// The login that accepts, if its provider names the user by another id. Only a server states it.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        login: Option<BoundLogin>,
    },
    /// Adds a user without an invitation.
    AddUser(NewSubject),
    /// Adds an application.
    AddApp(NewSubject),
    /// Adds a named support account.
    AddSupport(NewSubject),
    /// Replaces the settings of an application. An omitted setting gets its default.
    SetApp(ApplicationSettings),
    /// Adds a secret to an application, which has at most two valid ones.
    AddSecret(NewSecret),
    /// Removes a secret of an application. Tokens that were issued for it end.
    RemoveSecret {
        /// The application.
        subject: String,
        /// The id of the secret.
        secret: String,
    },
    /// Suspends a subject until it is resumed. The permission of `set-app` is enough for an application.
    SuspendSubject {
        /// The subject.
        subject: String,
    },
    /// Resumes a suspended subject. The permission of `set-app` is enough for an application.
    ResumeSubject {
        /// The subject.
        subject: String,
    },
    /// Withdraws all roles and invitations of a subject at a scope and below. Roles of other tenants stay. The permission
    /// of `set-app` is enough for an application.
    RemoveSubject {
        /// The subject.
        subject: String,
        /// The scope.
        at: String,
    },
    /// Takes a user out of the identity domain. Only the vendor can undo it.
    MarkExternal {
        /// The user.
        subject: String,
        /// Confirms that the password rules of the tenant will not apply, and that only the vendor can undo it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        confirm: bool,
    },
    /// Returns an external user to the identity domain. The permission counts at the nearest scope, at or above the
    /// identity domain, of a kind for which the policy maps it.
    UnmarkExternal {
        /// The user.
        subject: String,
    },
    /// Changes the identity domain of a subject. The permission counts at the nearest scope, at or above the old domain
    /// and the new one, of a kind for which the policy maps it.
    SetNative {
        /// The subject.
        subject: String,
        /// The identity domain, or none.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        native: Option<String>,
    },
    /// Sets the name and e-mail address of a user, as a tenant knows them. Users may set their own name.
    SetPerson {
        /// The user.
        subject: String,
        /// A scope of the tenant.
        at: String,
        /// The name. Default: unchanged.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        name: Option<Private>,
        /// The e-mail address. Default: unchanged.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        email: Option<Private>,
    },
    /// Erases the name and e-mail address of a user. The user stays listed.
    ErasePerson {
        /// The user.
        subject: String,
        /// The scope. What other tenants know of the user stays.
        at: String,
    },
    /// Sets the values of a subject in a boundary.
    SetBoundary {
        /// The subject.
        subject: String,
        /// The boundary.
        boundary: String,
        /// The values. Default: the policy's default.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        values: Option<Values>,
    },
    /// Assigns a role.
    Assign(Assignment),
    /// Withdraws a role assignment, which must match exactly, including its start and end.
    Withdraw(Assignment),
    /// Replaces the direct roles of a subject or group at a scope. Requires the permissions of `assign` and `withdraw` as
    /// far as roles are added and removed.
    SetRoles {
        /// The subject or group.
        subject: String,
        /// The scope. Roles above and below it stay.
        at: String,
        /// The roles. An empty list withdraws all of them.
        roles: Vec<RoleTerm>,
    },
    /// Creates or changes a custom role.
    SetRole {
        /// The scope that defines the role.
        at: String,
        /// The role's name.
        role: String,
        /// The role's definition.
        #[serde(flatten)]
        body: Role,
    },
    /// Deletes a custom role.
    DeleteRole {
        /// The scope that defines the role.
        at: String,
        /// The role's name.
        role: String,
        /// Withdraws the role from its holders too. Otherwise the command is refused if anyone holds the role.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cascade: bool,
    },
    /// Copies a role of the policy to a custom role that can be changed.
    CopyRole {
        /// The role of the policy.
        of: String,
        /// The scope that defines the copy.
        at: String,
        /// The copy's name.
        role: String,
    },
    /// Resets a copy to the definition of the policy's role.
    ResetRole {
        /// The scope that defines the copy.
        at: String,
        /// The copy's name.
        role: String,
    },
    /// Edits a role of the policy for assignments at a scope and below. Replaces earlier edits there.
    SetOverlay {
        /// The scope.
        at: String,
        /// The role of the policy.
        role: String,
        /// The edits. Absent keys keep the values of the policy.
        #[serde(flatten)]
        body: Overlay,
    },
    /// Removes the edits of a role of the policy at a scope.
    ResetOverlay {
        /// The scope.
        at: String,
        /// The role of the policy.
        role: String,
    },
    /// Creates a group.
    AddGroup {
        /// The group's id, which includes its scope: `group:main/acme/writers`. If there is only one outermost scope,
        /// its groups may omit it: `group:writers`.
        group: String,
        /// The scope that administers the group.
        at: String,
    },
    /// Deletes a group.
    DeleteGroup {
        /// The group's id.
        group: String,
        /// Deletes its members, roles and memberships too. Otherwise the command is refused if there are any.
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
    /// Sets the roles that a group of an identity provider gives. A login adds its user to the groups that the provider
    /// states, and takes the user out of the others.
    SetRoleMapping {
        /// The scope that administers the mapping, at or below the identity domain of the provider.
        at: String,
        /// The id of the provider.
        provider: String,
        /// The name by which the provider states the group at login.
        group: String,
        /// The roles, at least one.
        roles: BTreeSet<MappedRole>,
    },
    /// Removes a role mapping. Its roles end at once. Requires the permission of `set-role-mapping`.
    RemoveRoleMapping {
        /// The scope that administers the mapping.
        at: String,
        /// The id of the provider.
        provider: String,
        /// The name by which the provider states the group at login.
        group: String,
    },
    /// Sets the groups that may edit items. An item's owner may always edit it.
    Lock {
        /// The items' ids.
        items: BTreeSet<String>,
        /// The scope of the items.
        at: String,
        /// The groups. An empty list unlocks the items.
        groups: BTreeSet<String>,
    },
    /// Sets the owner of an item. Requires the permission of `lock`, or that the actor is the owner.
    SetOwner {
        /// The item's id.
        item: String,
        /// The scope of the item.
        at: String,
        /// The new owner, a subject.
        owner: String,
    },
    /// Requests a role for a limited time.
    RequestAccess {
        /// The role.
        role: String,
        /// The scope.
        at: String,
        /// Whether the role holds below the scope too.
        #[serde(default = "crate::object::everywhere", skip_serializing_if = "Clone::clone")]
        below: bool,
        /// The only values for which the role counts, by boundary; empty for no limit.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        boundaries: BTreeMap<String, BTreeSet<String>>,
        /// The end of the access, exclusive.
        until: String,
        /// The reason.
        reason: String,
    },
    /// Approves an access request of another subject.
    ApproveAccess {
        /// The request's number.
        request: String,
    },
    /// Denies an access request. Requires the permission of `approve-access`.
    DenyAccess {
        /// The request's number.
        request: String,
    },
    /// Withdraws the actor's own request. Requires no permission.
    WithdrawRequest {
        /// The request's number.
        request: String,
    },
    /// Ends approved access early: the actor's own, or with the permission of `approve-access` that of others.
    EndAccess {
        /// The request's number.
        request: String,
    },
    /// Sets which support staff have access.
    SetSupport {
        /// The scope; applies below it too.
        at: String,
        /// The staff that have access.
        access: SupportAccess,
        /// The labels that support staff may read in addition to those of their roles. Default: unchanged.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        reads: Option<BTreeSet<String>>,
    },
    /// Sets the addresses that have access.
    SetNetworks {
        /// The scope; applies below it too.
        at: String,
        /// The ranges in CIDR notation. An empty list allows any address.
        ranges: Vec<String>,
        /// Executes the command even if it locks out the actor.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
    /// Sets the idle timeout of sessions.
    SetTimeout {
        /// The scope; applies below it too.
        at: String,
        /// A duration such as `45m`. Default: the policy's default.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
        timeout: Option<String>,
    },
    /// Sets the allowed login methods.
    SetLogin {
        /// The identity domain.
        at: String,
        /// The methods: `sso` alone requires single sign-on; an empty list allows any method.
        methods: Vec<String>,
        /// Executes the command even if it locks out the actor.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
    /// Sets whether users and support staff need a second factor (two-step verification).
    SetSecondFactor {
        /// The scope; applies below it too.
        at: String,
        /// Whether it is required. A scope above that requires it applies in any case.
        required: bool,
        /// Executes the command even if it locks out the actor.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
    /// Sets the password rules of an identity domain. They replace the previous ones.
    SetPasswordRules {
        /// The identity domain.
        at: String,
        /// The rules. Default: none.
        #[serde(default)]
        rules: PasswordRules,
    },
    /// Starts the reset of a user's password, which the receiver of the event carries out.
    ResetPassword {
        /// The user.
        subject: String,
    },
    /// Sets the identity provider of an identity domain.
    SetSignOn {
        /// The identity domain.
        at: String,
        /// The provider.
        #[serde(flatten)]
        provider: SignOn,
    },
    /// Removes the identity provider of an identity domain, with its role mappings. Requires the permission of
    /// `set-sign-on`.
    RemoveSignOn {
        /// The identity domain.
        at: String,
        /// Executes the command even if it locks out everybody.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
    /// Adds a scope. The permission is required at its parent scope.
    AddScope {
        /// Its path.
        path: String,
    },
    /// States the type of instance of an outermost scope. Refused while roles are assigned that the type lacks.
    SetInstanceType {
        /// The outermost scope.
        at: String,
        /// The type, one of those of the policy; `None` removes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance_type: Option<String>,
    },
    /// Replaces the policy. The permission is required at every outermost scope.
    UpdatePolicy {
        /// The policy document as JSON text.
        policy: String,
        /// Renamed roles: old names to new names, all renamed at once.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "renames")]
        roles: BTreeMap<String, String>,
        /// Renamed resources: old paths to new paths, all renamed at once.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "renames")]
        resources: BTreeMap<String, String>,
        /// Allows two names to become one, which is refused otherwise.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        merge: bool,
    },
}

/// Reads a map of old names to new names. Rejects duplicate keys.
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
    /// Returns the new subject of a command that lists one.
    pub(crate) fn new_subject(&self) -> Option<&NewSubject> {
        match self {
            Self::Invite(new) | Self::AddUser(new) | Self::AddApp(new) | Self::AddSupport(new) => Some(new),
            _ => None,
        }
    }

    /// Returns the same command for another new subject.
    pub(crate) fn with_new_subject(&self, new: NewSubject) -> Option<Self> {
        Some(match self {
            Self::Invite(_) => Self::Invite(new),
            Self::AddUser(_) => Self::AddUser(new),
            Self::AddApp(_) => Self::AddApp(new),
            Self::AddSupport(_) => Self::AddSupport(new),
            _ => return None,
        })
    }

    /// Returns every private value of the command, in order. A value that is missing here is never decided: it cannot be
    /// serialised before it is sealed.
    pub(crate) fn private_fields(&mut self) -> Vec<PrivateField<'_>> {
        let personal = |key, shape, value| PrivateField::new(key, PrivateKind::Personal, shape, value);
        let (name, email) = match self {
            Self::SetPerson { name, email, .. } => (name, email),
            Self::Invite(new) | Self::AddUser(new) | Self::AddApp(new) | Self::AddSupport(new) => {
                (&mut new.name, &mut new.email)
            }
            Self::SetSignOn { provider, .. } => {
                let secret = provider.client_secret.iter_mut();
                return secret
                    .map(|value| PrivateField::new("client_secret", PrivateKind::Secret, Shape::Line, value))
                    .collect();
            }
            Self::AcceptInvitation { login: Some(login), .. } => {
                return vec![personal("login.name", Shape::Line, &mut login.name)];
            }
            _ => return Vec::new(),
        };
        let name = name.iter_mut().map(|value| personal("name", Shape::Line, value));
        name.chain(email.iter_mut().map(|value| personal("email", Shape::Email, value))).collect()
    }

    /// Returns the place of the secret of a link, in a command that has one.
    pub(crate) fn token(&mut self) -> Option<&mut Option<Private>> {
        match self {
            Self::Invite(new) => Some(&mut new.token),
            Self::ResendInvitation { token, .. } => Some(token),
            _ => None,
        }
    }

    /// Returns the new secret of a command that adds one.
    #[must_use]
    pub fn new_secret(&self) -> Option<&NewSecret> {
        match self {
            Self::AddSecret(new) => Some(new),
            _ => None,
        }
    }

    /// Returns the same command with the hash of its new secret, or without it. A command that adds no secret stays as
    /// it is.
    #[must_use]
    pub fn with_secret_hash(&self, sha256: Option<String>) -> Self {
        match self {
            Self::AddSecret(new) => Self::AddSecret(NewSecret { sha256, ..new.clone() }),
            other => other.clone(),
        }
    }

    /// Returns whether the command binds an account to the login of an identity provider. Only a server that has
    /// verified the login gives such a command.
    #[must_use]
    pub fn binds_login(&self) -> bool {
        matches!(self, Self::AcceptInvitation { login: Some(_), .. })
    }

    /// Returns the command's name, as documents write and map it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invite(_) => "invite",
            Self::ResendInvitation { .. } => "resend-invitation",
            Self::AcceptInvitation { .. } => "accept-invitation",
            Self::AddUser(_) => "add-user",
            Self::AddApp(_) => "add-app",
            Self::AddSupport(_) => "add-support",
            Self::SetApp(_) => "set-app",
            Self::AddSecret(_) => "add-secret",
            Self::RemoveSecret { .. } => "remove-secret",
            Self::SuspendSubject { .. } => "suspend-subject",
            Self::ResumeSubject { .. } => "resume-subject",
            Self::RemoveSubject { .. } => "remove-subject",
            Self::MarkExternal { .. } => "mark-external",
            Self::UnmarkExternal { .. } => "unmark-external",
            Self::SetNative { .. } => "set-native",
            Self::SetPerson { .. } => "set-person",
            Self::ErasePerson { .. } => "erase-person",
            Self::SetBoundary { .. } => "set-boundary",
            Self::Assign(_) => "assign",
            Self::Withdraw(_) => "withdraw",
            Self::SetRoles { .. } => "set-roles",
            Self::SetRole { .. } => "set-role",
            Self::DeleteRole { .. } => "delete-role",
            Self::CopyRole { .. } => "copy-role",
            Self::ResetRole { .. } => "reset-role",
            Self::SetOverlay { .. } => "set-overlay",
            Self::ResetOverlay { .. } => "reset-overlay",
            Self::AddGroup { .. } => "add-group",
            Self::DeleteGroup { .. } => "delete-group",
            Self::JoinGroup { .. } => "join-group",
            Self::LeaveGroup { .. } => "leave-group",
            Self::SetRoleMapping { .. } => "set-role-mapping",
            Self::RemoveRoleMapping { .. } => "remove-role-mapping",
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
            Self::SetSecondFactor { .. } => "set-second-factor",
            Self::SetPasswordRules { .. } => "set-password-rules",
            Self::ResetPassword { .. } => "reset-password",
            Self::SetSignOn { .. } => "set-sign-on",
            Self::RemoveSignOn { .. } => "remove-sign-on",
            Self::AddScope { .. } => "add-scope",
            Self::SetInstanceType { .. } => "set-instance-type",
            Self::UpdatePolicy { .. } => "update-policy",
        }
    }
}

/// The context of a command: its actor, time and origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The subject that gives the command.
    pub actor: String,
    /// The time, in RFC 3339.
    pub time: String,
    /// The address of the actor.
    pub ip: Option<String>,
    /// The address of the connection, as a server saw it. An application states the address of its user in `ip`.
    pub peer: Option<String>,
    /// The login method of the actor.
    pub login: Option<String>,
    /// Whether the actor proved a second factor at login.
    pub second_factor: Option<bool>,
    /// The time of the actor's last activity, in RFC 3339.
    pub last_activity: Option<String>,
    /// The application that sends the command.
    pub application: Option<String>,
    /// The command's id, for safe retries.
    pub id: Option<String>,
    /// Login methods that are known in addition to the usual ones, such as those of a server's identity providers.
    pub login_methods: BTreeSet<String>,
}
