//! The input and the output of guards: the target of a request, and reasons to deny it.

use crate::policy::{PermissionId, Policy};
use crate::storage::arena::{BoundaryId, LabelId};
use crate::types::context::Item;
use crate::types::reason::Reason;
use alloc::string::String;

/// The permission that a request asks for, and the item if it has one.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) permission: PermissionId,
    pub(crate) item: Option<&'a Item>,
}

/// A reason to deny. Boundaries and labels are numbers of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawReason {
    UnknownSubject,
    UnknownScope,
    Invited,
    InvitationExpired,
    Suspended,
    Removed,
    SupportClosed,
    LoginMethod,
    SecondFactor,
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

impl RawReason {
    /// Returns the reason with the names of the policy.
    pub(crate) fn named(self, policy: &Policy) -> Reason {
        match self {
            Self::UnknownSubject => Reason::UnknownSubject,
            Self::UnknownScope => Reason::UnknownScope,
            Self::Invited => Reason::Invited,
            Self::InvitationExpired => Reason::InvitationExpired,
            Self::Suspended => Reason::Suspended,
            Self::Removed => Reason::Removed,
            Self::SupportClosed => Reason::SupportClosed,
            Self::LoginMethod => Reason::LoginMethod,
            Self::SecondFactor => Reason::SecondFactor,
            Self::IpDenied => Reason::IpDenied,
            Self::IpMissing => Reason::IpMissing,
            Self::Idle => Reason::Idle,
            Self::NoStandaloneRole => Reason::NoStandaloneRole,
            Self::Separated => Reason::Separated,
            Self::Expired => Reason::Expired,
            Self::NotYet => Reason::NotYet,
            Self::NoGrant => Reason::NoGrant,
            Self::Boundary(id) => Reason::Boundary(String::from(&*policy.guards.boundaries[id].name)),
            Self::Label(id) => Reason::Label(String::from(&*policy.labels[id])),
        }
    }
}
