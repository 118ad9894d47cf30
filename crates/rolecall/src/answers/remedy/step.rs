//! The steps of a way, and a request with steps applied.

use crate::decide::resolved::{AssignedRole, ResolvedSubject};
use crate::directory::SupportAccess;
use crate::storage::arena::{BoundaryId, RoleId, ScopeId};
use crate::types::context::Context;
use crate::types::network::Address;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// One step of a way. Each becomes the [`Change`](super::Change) of the same name.
#[derive(Clone)]
pub(super) enum Step {
    Activate(RoleId),
    Deactivate(RoleId),
    UseLogin(Box<str>),
    UseSecondFactor,
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
    /// Returns the operations that it takes to copy the step.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::AddValues(_, values) => 1 + values.len(),
            _ => 1,
        }
    }

    /// Returns the role that the step makes active.
    pub(super) fn brings(&self) -> Option<RoleId> {
        match self {
            Self::Activate(role) | Self::Assign(role, _) => Some(*role),
            Self::Begin(held) | Self::Extend(held) => Some(held.role),
            _ => None,
        }
    }
}

/// A request with steps applied.
pub(super) struct Trial {
    pub(super) context: Context,
    pub(super) resolved: ResolvedSubject,
    /// Every assignment that covers the scope, activated or not.
    pub(super) covering: Vec<AssignedRole>,
    pub(super) activated: BTreeSet<RoleId>,
    pub(super) deactivated: BTreeSet<RoleId>,
    /// The roles that the steps make active. To deactivate them again would be pointless.
    pub(super) brought: BTreeSet<RoleId>,
    /// The scopes that were opened to support staff, with their new setting.
    pub(super) opened: Vec<(ScopeId, SupportAccess)>,
}
