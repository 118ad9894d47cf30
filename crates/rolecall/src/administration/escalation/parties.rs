//! Who gives, who receives, and the rights that are given beyond what the giver holds.

use crate::types::grammar::{GROUP, SUPPORT, SubjectId};
use crate::types::timestamp::Timestamp;
use alloc::string::String;
use alloc::vec::Vec;

/// Who gives, when, and by which permissions anything may be given.
#[derive(Clone, Copy, Debug)]
pub struct Grantor<'a> {
    /// The subject.
    pub subject: SubjectId<'a>,
    /// The names in `administration` whose permissions let someone give what they do not hold, such as `grant-any`.
    pub any: &'a [&'a str],
    /// The instant of the change.
    pub now: Timestamp,
}

/// Rights that a change gives and that its giver does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Escalation {
    /// Who receives them; nobody for a role that nobody need hold, and for support staff who are not listed.
    pub subject: Option<String>,
    /// The scope.
    pub at: String,
    /// The first instant at which the giver does not hold them.
    pub since: Timestamp,
    /// The permissions, with the boundary value or the label where that is missing, `reads:LABEL`, `unbounded:BOUNDARY` and
    /// `backup_login`.
    pub rights: Vec<String>,
    /// Whether they are missing because the giver is support staff and the receiver is not.
    pub of_support: bool,
}

/// Who receives a gift.
#[derive(Clone, Copy)]
pub(super) enum Grantee<'r> {
    /// A subject or a group.
    One(&'r str),
    /// Support staff who are not listed.
    Support,
    /// Anyone who may come to hold a role.
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
