//! Refusals: a code, a message and a way out.

use rolecall::{CompileError, Issue, RequestError, Timestamp};
use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $code:ident = $text:literal)*) => {
        /// The code of a refusal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum RefusalCode {
            $($(#[doc = $doc])* $code,)*
        }

        impl RefusalCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// Returns the code as documents write it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text),* }
            }
        }
    };
}

codes! {
    /// The actor lacks the required permission, or a guard denies.
    Denied = "denied"
    /// The policy does not map the command to a permission.
    Unmapped = "command.unmapped"
    /// The actor would grant rights that they do not hold.
    Beyond = "grant.beyond"
    /// The engine rejects the objects: unknown names, wrong places, limits of the policy.
    Document = "document"
    /// A name, an address or a time is malformed.
    Malformed = "malformed"
    /// A text of the command is too long.
    LimitText = "limit.text"
    /// A list of the command is too long.
    LimitList = "limit.list"
    /// A subject has too many later starts and ends of assignments to check every one.
    LimitWork = "limit.work"
    /// The scope does not exist below a scope that the actor sees.
    ScopeUnknown = "scope.unknown"
    /// The granted access would have ended already.
    UntilPast = "until.past"
    /// The subject is listed already.
    SubjectExists = "subject.exists"
    /// The subject is not listed.
    SubjectUnknown = "subject.unknown"
    /// The subject holds no role at the scope, and is administered elsewhere.
    SubjectElsewhere = "subject.elsewhere"
    /// The id is not of the kind that the command requires.
    SubjectKind = "subject.kind"
    /// The subject was removed.
    SubjectRemoved = "subject.removed"
    /// The subject's status is not the one that the command requires.
    SubjectStatus = "subject.status"
    /// The application has too many valid secrets.
    SecretLimit = "secret.limit"
    /// The application has no such secret.
    SecretUnknown = "secret.unknown"
    /// A user would become external, which must be confirmed.
    ExternalUnconfirmed = "external.unconfirmed"
    /// A new subject has no role.
    RolesEmpty = "roles.empty"
    /// The invitation expired before it was accepted.
    InvitationExpired = "invitation.expired"
    /// The invitation is for another subject.
    InvitationOther = "invitation.other"
    /// Nobody would be left who may assign roles, now or later.
    LastAdministrator = "administrator.last"
    /// A subject would be left without a standalone role.
    StandaloneMissing = "standalone.missing"
    /// A subject would hold too many roles of a separation constraint.
    Separated = "separation.assigned"
    /// There would be more users than the policy allows.
    UsersLimit = "limit.users"
    /// The assignment does not exist.
    AssignmentUnknown = "assignment.unknown"
    /// The role does not exist.
    RoleUnknown = "role.unknown"
    /// The role exists already.
    RoleExists = "role.exists"
    /// The role is held or inherited.
    RoleUsed = "role.used"
    /// The role is not a copy, so it cannot be reset.
    RoleOwn = "role.own"
    /// The scope does not edit the role.
    OverlayUnknown = "overlay.unknown"
    /// Roles are assigned that an instance of the type lacks.
    InstanceRoles = "instance.roles"
    /// The group does not exist.
    GroupUnknown = "group.unknown"
    /// The id of a new group does not include its scope.
    GroupScope = "group.scope"
    /// The group exists already.
    GroupExists = "group.exists"
    /// The group of everyone is built in: nobody changes it.
    GroupReserved = "group.reserved"
    /// The group has no such member.
    MemberUnknown = "member.unknown"
    /// The group has members, roles or memberships.
    GroupUsed = "group.used"
    /// A role mapping sets the members and roles of the group.
    GroupMapped = "group.mapped"
    /// The role mapping does not exist.
    MappingUnknown = "mapping.unknown"
    /// A role mapping would give a role at a scope that is not below its own.
    MappingScope = "mapping.scope"
    /// The item is not locked.
    LockUnknown = "lock.unknown"
    /// The actor neither owns nor administers the item.
    LockOwner = "lock.owner"
    /// The request does not exist.
    RequestUnknown = "request.unknown"
    /// The request is not in the state that the command requires.
    RequestState = "request.state"
    /// The actor cannot approve their own request.
    RequestOwn = "request.own"
    /// The request belongs to another subject.
    RequestOther = "request.other"
    /// The access would end in the past, or later than the policy allows.
    RequestUntil = "request.until"
    /// The actor's own address would be locked out.
    NetworksLockout = "networks.lockout"
    /// A subject would leave the login rules of its identity domain, which the actor may not change.
    LoginRules = "login.rules"
    /// The login method is unknown.
    LoginUnknown = "login.unknown"
    /// The actor's own login would be locked out, or everybody's might be.
    LoginLockout = "login.lockout"
    /// The actor would be locked out, because they proved no second factor.
    SecondFactorLockout = "second-factor.lockout"
    /// A password rule is out of bounds.
    PasswordRange = "password.range"
    /// The user logs in without a password.
    PasswordUnused = "password.unused"
    /// The identity domain has no provider of its own.
    SignOnUnknown = "sign-on.unknown"
    /// The new policy does not compile.
    PolicyInvalid = "policy.invalid"
    /// A rename is from a name that the current policy does not have, or to one that the new policy does not have.
    RenameUnknown = "rename.unknown"
    /// Two names would become one.
    RenameMerged = "rename.merged"
    /// The new policy lacks names that are still referred to.
    PolicyDangling = "policy.dangling"
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RefusalCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A refused command. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The reason, for programs.
    pub code: RefusalCode,
    /// The reason, for people: one sentence.
    pub message: String,
    /// A way out, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The guards that deny, if the actor lacks permission.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// All issues of the documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
}

impl Refusal {
    /// Returns a refusal without a way out.
    #[must_use]
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, reasons: Vec::new(), issues: Vec::new() }
    }

    /// Returns this refusal with a way out.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the known name that is nearest to a wrong one, if one is near enough.
    pub(crate) fn with_suggestion<'n>(self, wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        match rolecall::ffi::did_you_mean(wrong, known) {
            Some(help) => self.with_help(help),
            None => self,
        }
    }

    pub(crate) fn of_issues(code: RefusalCode, error: CompileError) -> Self {
        let first = error.issues.first().map(|issue| issue.message.clone()).unwrap_or_default();
        let more = error.issues.len().saturating_sub(1);
        let message = if more == 0 { first } else { format!("{first}, and {more} more") };
        let help = error.issues.first().and_then(|issue| issue.help.clone());
        // Malformed input has the code `malformed`, whichever check detects it.
        let malformed = |issue: &Issue| issue.code.as_str().ends_with(".malformed");
        let code = if code == RefusalCode::Document && error.issues.iter().any(malformed) {
            RefusalCode::Malformed
        } else {
            code
        };
        Self { code, message, help, reasons: Vec::new(), issues: error.issues }
    }
}

impl RefusalCode {
    /// Returns whether the command itself is malformed, as opposed to refused for its effect.
    #[must_use]
    pub fn is_malformed(self) -> bool {
        matches!(self, Self::Malformed | Self::LimitText | Self::LimitList | Self::PolicyInvalid)
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        Self { help: error.help, ..Self::new(RefusalCode::Malformed, error.message) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if !self.reasons.is_empty() {
            write!(f, " ({})", self.reasons.join(", "))?;
        }
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// Refuses a command that cannot be judged at every time from now on. `since` reveals when a role starts or ends, so
/// pass it only if the actor sees all the scopes concerned.
pub(crate) fn not_examined(since: Option<Timestamp>) -> Refusal {
    let first = since.map(|since| format!("; {since} is the first that was not examined")).unwrap_or_default();
    let message = format!("too many assignments begin and end later to judge the command at every time{first}");
    Refusal::new(RefusalCode::LimitWork, message)
        .with_help("withdraw assignments that begin or end later, or give one without an end in their place")
}
