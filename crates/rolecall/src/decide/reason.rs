//! A question to the guards, and the objections that they raise.

use crate::policy::{PermissionId, Policy};
use crate::storage::arena::{BoundaryId, LabelId};
use crate::types::context::Item;
use alloc::string::{String, ToString};

/// The permission that a question is about, and its item if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) permission: PermissionId,
    pub(crate) item: Option<&'a Item>,
}

/// An objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    UnknownSubject,
    UnknownScope,
    Invited,
    InvitationExpired,
    Suspended,
    Removed,
    SupportClosed,
    LoginMethod,
    IpDenied,
    IpMissing,
    Idle,
    NoStandaloneRole,
    Separated,
    Expired,
    NotYet,
    NoGrant,
    Boundary(BoundaryId),
    Label(LabelId),
}

impl Reason {
    /// The code as it is told.
    pub(crate) fn code(self, policy: &Policy) -> String {
        let fixed = match self {
            Self::UnknownSubject => "unknown-subject",
            Self::UnknownScope => "unknown-scope",
            Self::Invited => "invited",
            Self::InvitationExpired => "invitation-expired",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
            Self::SupportClosed => "support-closed",
            Self::LoginMethod => "login-method",
            Self::IpDenied => "ip-denied",
            Self::IpMissing => "ip-missing",
            Self::Idle => "idle",
            Self::NoStandaloneRole => "no-standalone-role",
            Self::Separated => "separated",
            Self::Expired => "expired",
            Self::NotYet => "not-yet",
            Self::NoGrant => "no-grant",
            Self::Boundary(id) => return ["boundary:", &policy.guards.boundaries[id].name].concat(),
            Self::Label(id) => return ["label:", &policy.labels[id]].concat(),
        };
        fixed.to_string()
    }
}
