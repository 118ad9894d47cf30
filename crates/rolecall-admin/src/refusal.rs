//! Refusals: a code, a sentence, and a way out.

use rolecall::{CompileError, Issue, RequestError, Timestamp};
use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $code:ident = $text:literal)*) => {
        /// Why a command is refused, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RefusalCode {
            $($(#[doc = $doc])* $code,)*
        }

        impl RefusalCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The code as it is written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text),* }
            }
        }
    };
}

codes! {
    /// The actor lacks the permission that the command needs, or a guard objects.
    Denied = "denied"
    /// The policy maps no permission to the command.
    Unmapped = "command.unmapped"
    /// The actor would give what they do not hold.
    Beyond = "grant.beyond"
    /// What the engine says of the objects: unknown names, wrong places, limits of the policy.
    Document = "document"
    /// A name, an address or an instant that cannot be read.
    Malformed = "malformed"
    /// A text of the command is too long.
    LimitText = "limit.text"
    /// A list of the command is too long.
    LimitList = "limit.list"
    /// So many assignments of someone begin and end that the command cannot be judged at every instant.
    LimitWork = "limit.work"
    /// There is no such scope below one that the actor sees.
    ScopeUnknown = "scope.unknown"
    /// What is given would have ended already.
    UntilPast = "until.past"
    /// Someone is listed already.
    SubjectExists = "subject.exists"
    /// Nobody of that id is listed.
    SubjectUnknown = "subject.unknown"
    /// Someone holds nothing at a scope, and is administered elsewhere.
    SubjectElsewhere = "subject.elsewhere"
    /// The id is not of the kind that the command is about.
    SubjectKind = "subject.kind"
    /// The subject was removed.
    SubjectRemoved = "subject.removed"
    /// The subject's status is not the one that the command is about.
    SubjectStatus = "subject.status"
    /// Someone new gets no role.
    RolesEmpty = "roles.empty"
    /// The invitation ended before it was accepted.
    InvitationExpired = "invitation.expired"
    /// An invitation is accepted by someone else.
    InvitationOther = "invitation.other"
    /// Nobody would be left who may assign roles, now or at a later instant.
    LastAdministrator = "administrator.last"
    /// Someone would be left with roles that do not let them in on their own.
    StandaloneMissing = "standalone.missing"
    /// Someone would hold too many roles of a constraint.
    Separated = "separation.assigned"
    /// There would be more users than the policy allows.
    UsersLimit = "limit.users"
    /// There is no such assignment.
    AssignmentUnknown = "assignment.unknown"
    /// There is no such role.
    RoleUnknown = "role.unknown"
    /// There is a role of that name already.
    RoleExists = "role.exists"
    /// The role is held or inherited.
    RoleUsed = "role.used"
    /// The role is no copy, and there is nothing to make it again from.
    RoleOwn = "role.own"
    /// There is no such group.
    GroupUnknown = "group.unknown"
    /// The id of a new group does not carry its scope.
    GroupScope = "group.scope"
    /// There is such a group already.
    GroupExists = "group.exists"
    /// The group has no such member.
    MemberUnknown = "member.unknown"
    /// The group has members, roles or memberships.
    GroupUsed = "group.used"
    /// The item is not locked.
    LockUnknown = "lock.unknown"
    /// Nobody owns or administers the item that the actor is.
    LockOwner = "lock.owner"
    /// There is no such request.
    RequestUnknown = "request.unknown"
    /// The request is not in the state that the command is about.
    RequestState = "request.state"
    /// One's own request cannot be approved.
    RequestOwn = "request.own"
    /// The request is someone else's.
    RequestOther = "request.other"
    /// The access would end in the past, or later than the policy allows.
    RequestUntil = "request.until"
    /// The actor's own address would be kept out.
    NetworksLockout = "networks.lockout"
    /// Someone would leave the login rules of their identity domain, which the actor may not change.
    LoginRules = "login.rules"
    /// No login method of that name is known.
    LoginUnknown = "login.unknown"
    /// The actor's own login would be kept out, or everybody's may be.
    LoginLockout = "login.lockout"
    /// The new policy does not compile.
    PolicyInvalid = "policy.invalid"
    /// A rename is from a name that the present policy does not have, or to one that the new one does not have.
    RenameUnknown = "rename.unknown"
    /// Two names would become one.
    RenameMerged = "rename.merged"
    /// The new policy leaves references to what it does not have.
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

/// A command that is not carried out. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Why, for programs.
    pub code: RefusalCode,
    /// Why, for people: one sentence.
    pub message: String,
    /// A way out, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The objections of the guards, where the actor may not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Everything that is wrong with the documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
}

impl Refusal {
    pub(crate) fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, reasons: Vec::new(), issues: Vec::new() }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the known name that is nearest to a wrong one, if one is near enough to be meant.
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
        // What cannot be read is malformed, whoever finds it.
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
    /// Tells whether the command itself cannot be read, rather than being refused for what it would do.
    #[must_use]
    pub fn is_malformed(self) -> bool {
        matches!(self, Self::Malformed | Self::LimitText | Self::LimitList | Self::PolicyInvalid)
    }
}

impl From<RequestError> for Refusal {
    fn from(fault: RequestError) -> Self {
        Self { help: fault.help, ..Self::new(RefusalCode::Malformed, fault.message) }
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

/// Refuses a command that cannot be judged at every instant from now on. `since` reveals when a role begins or ends, so pass it
/// only if the actor sees all the scopes concerned.
pub(crate) fn not_examined(since: Option<Timestamp>) -> Refusal {
    let first = since.map(|since| format!("; {since} is the first that was not examined")).unwrap_or_default();
    let message = format!("too many assignments begin and end later to judge the command at every instant{first}");
    Refusal::new(RefusalCode::LimitWork, message)
        .with_help("withdraw assignments that begin or end later, or give one without an end in their place")
}
