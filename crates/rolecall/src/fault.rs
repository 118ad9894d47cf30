//! What is wrong with a malformed question.

use crate::code::codes;
use alloc::string::String;
use core::fmt;
use serde::Serialize;

codes! {
    /// The stable code of a malformed question.
    FaultCode, such as "permission.unknown";

    /// The text is not JSON.
    RequestJson = "request.json"
    /// The request, or the record, has more bytes than it may have.
    RequestTooLarge = "request.too-large"
    /// A key is missing, unknown, given twice, `null` or of another type.
    RequestShape = "request.shape"
    /// The subject is not a subject id, or is a group.
    SubjectMalformed = "subject.malformed"
    /// The permission is not written `resource:action`.
    PermissionMalformed = "permission.malformed"
    /// The policy has no such permission.
    PermissionUnknown = "permission.unknown"
    /// The scope is not a path of names.
    ScopeMalformed = "scope.malformed"
    /// The policy has no such label.
    LabelUnknown = "label.unknown"
    /// The policy has no such boundary.
    BoundaryUnknown = "boundary.unknown"
    /// An instant is not RFC 3339 with a zone.
    TimeMalformed = "time.malformed"
    /// The address is neither IPv4 nor IPv6.
    IpMalformed = "ip.malformed"
    /// The login method is not a name.
    LoginMalformed = "login.malformed"
    /// An active role is not a name.
    RoleMalformed = "role.malformed"
    /// The policy has no such menu.
    MenuUnknown = "menu.unknown"
    /// The path of a field of a record is not written as one.
    FieldMalformed = "field.malformed"
    /// The bytes are no portable session, or are damaged.
    SessionMalformed = "session.malformed"
    /// The bytes are no snapshot, or are damaged.
    SnapshotMalformed = "snapshot.malformed"
    /// The core failed; a defect of Rolecall, never of the question.
    InternalPanic = "internal.panic"
}

/// A malformed question: it has no answer, neither allow nor deny.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What is wrong, for programs.
    pub code: FaultCode,
    /// What is wrong, for people: one sentence.
    pub message: String,
    /// The place in the question, such as `context.time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A way out, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Fault {
    /// Makes a fault at a place in the question.
    #[must_use]
    pub fn new(code: FaultCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        let path = path.into();
        Self { code, message: message.into(), path: (!path.is_empty()).then_some(path), help: None }
    }

    /// Adds a way out.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Puts the fault at another place, for a caller that knows it better.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if let Some(path) = &self.path {
            write!(f, " (at `{path}`)")?;
        }
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Fault {}
