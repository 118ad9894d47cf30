//! The errors of malformed requests and their codes.

use crate::types::code::codes;
use alloc::string::String;
use core::fmt;
use serde::Serialize;

codes! {
    /// The stable code of an error.
    RequestErrorCode, such as "permission.unknown";

    /// The text is not JSON.
    RequestJson = "request.json"
    /// The request or the record is too large.
    RequestTooLarge = "request.too-large"
    /// A key is missing, unknown, repeated, `null` or of the wrong type.
    RequestShape = "request.shape"
    /// The subject is not a subject id, or is a group.
    SubjectMalformed = "subject.malformed"
    /// The permission does not have the form `resource:action`.
    PermissionMalformed = "permission.malformed"
    /// The policy does not define the permission.
    PermissionUnknown = "permission.unknown"
    /// The scope is not a path of names.
    ScopeMalformed = "scope.malformed"
    /// The policy does not define the label.
    LabelUnknown = "label.unknown"
    /// The policy does not define the boundary.
    BoundaryUnknown = "boundary.unknown"
    /// A timestamp is not RFC 3339 with a zone.
    TimeMalformed = "time.malformed"
    /// The address is neither IPv4 nor IPv6.
    IpMalformed = "ip.malformed"
    /// The login method is not a name.
    LoginMalformed = "login.malformed"
    /// An active role is not a name.
    RoleMalformed = "role.malformed"
    /// A stated group is not the id of a group.
    GroupMalformed = "group.malformed"
    /// The policy does not define the menu.
    MenuUnknown = "menu.unknown"
    /// Locks decide about the rows, which a filter cannot express.
    FilterLocks = "filter.locks"
    /// A text is not the path of a field.
    FieldMalformed = "field.malformed"
    /// The bytes are not a portable session, or are damaged.
    SessionMalformed = "session.malformed"
    /// The bytes are not a snapshot, or are damaged.
    SnapshotMalformed = "snapshot.malformed"
    /// A defect of Rolecall, never of the request.
    InternalPanic = "internal.panic"
}

/// The error of a malformed timestamp, duration, network, address or reason, with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError(pub(crate) &'static str);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for ParseError {}

/// The error of a malformed request. Such a request has no decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestError {
    /// The code, for programs.
    pub code: RequestErrorCode,
    /// A message for people: one sentence.
    pub message: String,
    /// The path in the request, such as `context.time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A way to fix the request, if one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl RequestError {
    /// Creates an error at a path in the request.
    #[must_use]
    pub fn new(code: RequestErrorCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        let path = path.into();
        Self { code, message: message.into(), path: (!path.is_empty()).then_some(path), help: None }
    }

    /// Adds a help text.
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
