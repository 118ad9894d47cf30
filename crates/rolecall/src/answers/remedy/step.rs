//! The steps of a way, and a question to which they are applied.

use crate::decide::resolved::{AssignedRole, ResolvedSubject};
use crate::directory::SupportAccess;
use crate::storage::arena::{BoundaryId, RoleId, ScopeId};
use crate::types::context::Context;
use crate::types::network::Address;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// What a step does to a trial, and how it is told.
#[derive(Clone)]
pub(super) enum Step {
    Activate(RoleId),
    Deactivate(RoleId),
    UseLogin(Box<str>),
    LogInAnew,
    UseAddress(Address),
    AllowAddress(ScopeId, Address),
    AddSubject,
    MakeActive,
    OpenSupport(ScopeId, SupportAccess),
    AddValues(BoundaryId, Vec<Box<str>>),
    Begin(AssignedRole),
    Extend(AssignedRole),
    Assign(RoleId, ScopeId),
}

impl Step {
    /// How much there is to copy of a step.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::AddValues(_, values) => 1 + values.len(),
            _ => 1,
        }
    }

    /// The role that the step lets count.
    pub(super) fn brings(&self) -> Option<RoleId> {
        match self {
            Self::Activate(role) | Self::Assign(role, _) => Some(*role),
            Self::Begin(held) | Self::Extend(held) => Some(held.role),
            _ => None,
        }
    }
}

/// A question with changes applied.
pub(super) struct Trial {
    pub(super) context: Context,
    pub(super) resolved: ResolvedSubject,
    /// Every assignment that covers the scope, activated or not.
    pub(super) covering: Vec<AssignedRole>,
    pub(super) activated: BTreeSet<RoleId>,
    pub(super) deactivated: BTreeSet<RoleId>,
    /// The roles that the changes bring: to leave them out again would be pointless.
    pub(super) brought: BTreeSet<RoleId>,
    /// The scopes that were opened to support staff, and to whom of them.
    pub(super) opened: Vec<(ScopeId, SupportAccess)>,
}
