//! The grantor, the grantee, and the rights that exceed those of the grantor.

use crate::types::grammar::{GROUP, SUPPORT, SubjectId};
use crate::types::timestamp::Timestamp;
use alloc::string::String;
use alloc::vec::Vec;

/// The author of a change, its time, and the names of the permissions to grant anything.
#[derive(Clone, Copy, Debug)]
pub struct Grantor<'a> {
    /// The id of the subject.
    pub subject: SubjectId<'a>,
    /// The names in `administration` of the permissions to grant rights that the grantor lacks, such as `grant-any`.
    pub any: &'a [&'a str],
    /// The time of the change.
    pub now: Timestamp,
}

/// Rights that a change grants and that its grantor does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Escalation {
    /// The id of the grantee; `None` for a changed role, which anyone may hold, and for unlisted support staff.
    pub subject: Option<String>,
    /// The path of the scope.
    pub at: String,
    /// The first time at which the grantor does not hold them.
    pub since: Timestamp,
    /// Permissions, with the boundary value or the label if only that is missing, `reads:LABEL`, `unbounded:BOUNDARY`
    /// and `backup_login`. Empty if the comparison stopped because of too many assignments.
    pub rights: Vec<String>,
    /// Whether the grantor lacks them because it is support staff and the grantee is not.
    pub of_support: bool,
}

/// The receiver of a grant.
#[derive(Clone, Copy)]
pub(super) enum Grantee<'r> {
    /// A subject or a group.
    One(&'r str),
    /// Support staff who are not listed.
    Support,
    /// Anyone, for a role that has no particular holder.
    Anyone,
}

impl<'r> Grantee<'r> {
    pub(super) fn id(self) -> Option<&'r str> {
        match self {
            Self::One(id) => Some(id),
            Self::Support | Self::Anyone => None,
        }
    }

    pub(super) fn is_group(self) -> bool {
        self.id().is_some_and(|id| id.starts_with(GROUP))
    }

    pub(super) fn is_support(self) -> bool {
        match self {
            Self::One(id) => id.starts_with(SUPPORT),
            Self::Support => true,
            Self::Anyone => false,
        }
    }
}
