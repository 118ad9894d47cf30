//! The faults of malformed requests, and their codes.

use crate::types::code::codes;
use alloc::string::String;
use core::fmt;
use serde::Serialize;

codes! {
    /// The stable code of a fault.
    RequestErrorCode, such as "permission.unknown";

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
    /// A text is not the path of a field.
    FieldMalformed = "field.malformed"
    /// The bytes are not a portable session, or are damaged.
    SessionMalformed = "session.malformed"
    /// The bytes are not a snapshot, or are damaged.
    SnapshotMalformed = "snapshot.malformed"
    /// A defect of Rolecall, never of the request.
    InternalPanic = "internal.panic"
}

/// The error of a text that is not a timestamp, a duration, a network, an address or a reason; its message says what is
/// wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError(pub(crate) &'static str);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for ParseError {}

/// The fault of a malformed request, which has no decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestError {
    /// The code, for programs.
    pub code: RequestErrorCode,
    /// The message, for people: one sentence.
    pub message: String,
    /// The path in the request, such as `context.time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What to do, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl RequestError {
    /// Creates a fault at a path in the request.
    #[must_use]
    pub fn new(code: RequestErrorCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        let path = path.into();
        Self { code, message: message.into(), path: (!path.is_empty()).then_some(path), help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Replaces the path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl fmt::Display for RequestError {
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

impl core::error::Error for RequestError {}
