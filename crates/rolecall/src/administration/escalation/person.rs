//! The rights of a person at a scope, in one directory.

use super::place::Place;
use super::rights::{Limits, Rights, Values, within};
use crate::administration::gained::Gained;
use crate::decide::evaluate;
use crate::decide::guard;
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, ResolvedSubject};
use crate::decide::values;
use crate::directory::{Directory, Status};
use crate::policy::{PermissionId, Role};
use crate::storage::arena::{BoundaryId, Id};
use crate::storage::bits::Bits;
use crate::types::context::Context;
use crate::types::grammar::{EVERYONE, SUPPORT};
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A subject or a group at a scope, in one directory.
pub(super) struct Person<'d> {
    directory: &'d Directory,
    context: Context,
    pub(super) resolved: ResolvedSubject,
}

/// The guards that are evaluated. If one denies, a person has no rights.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Guards {
    /// No guard.
    Ignored,
    /// The guards in [`OF_GRANTEE`].
    OfGrantee,
    /// All guards that need no connection details.
    OfGrantor,
}

/// The guards that are evaluated for a grantee.
const OF_GRANTEE: [&str; 2] = ["support", "standalone"];

impl<'d> Person<'d> {
    /// Resolves a subject or a group at a place. `None` for `id` means support staff who are not listed.
    pub(super) fn new(directory: &'d Directory, id: Option<&str>, place: Place<'_>, now: Timestamp) -> Self {
        let context = Context::at_known_scope(place.at, now);
        let key = id.and_then(|id| directory.subject(id));
        let support = id.is_none_or(|id| id.starts_with(SUPPORT));
        let mut resolved = ResolvedSubject::of(directory, key, support, &context);
        if resolved.status == Some(Status::Removed) {
            resolved.held.clear();
        }
        if let Some(group) = id.and_then(|id| directory.group(id)) {
            resolved.groups = directory.groups_above(group).into();
            resolved.held = resolved.covering(directory);
        }
        if place.below {
            resolved.held.retain(|held| !held.here);
        }
        Self { directory, context, resolved }
    }

    /// Returns this person without the roles that everyone has, unless it is the group of everyone.
    pub(super) fn without_everyone(mut self, id: Option<&str>) -> Self {
        if id != Some(EVERYONE) {
            self.resolved.held.retain(|held| !self.directory.is_everyone(held.holder));
        }
        self
    }

    /// Returns whether this person has no right that it lacked before a change, at any time. Then nothing is compared,
    /// so a change that only takes rights away is always possible.
    pub(super) fn gains_nothing(&self, before: &Self) -> bool {
        let (had, has) = (&before.resolved, &self.resolved);
        if has.held.is_empty() {
            return true;
        }
        let boundaries = || self.directory.policy.guards.boundaries.iter();
        Gained::new(before.directory, self.directory, &had.held, &has.held).is_nothing()
            && has.is_listed() == had.is_listed()
            && has.support_access == had.support_access
            && has.support_reads & !had.support_reads == 0
            && boundaries().all(|(id, _)| within(&self.own_values(id), &before.own_values(id)))
    }

    /// Returns the values in a boundary as if no role lifted it.
    fn own_values(&self, boundary: BoundaryId) -> Values<'_> {
        let Self { directory, context, resolved } = self;
        let inputs = EvalInputs { directory, subject_id: "", context, resolved };
        Evaluation { unbounded: 0, ..Evaluation::new(inputs, context.time) }.values(boundary)
    }

    /// Returns this person with the assignments that `fits` accepts, as if these had no beginning and no end.
    pub(super) fn timeless(mut self, fits: impl Fn(&AssignedRole) -> bool) -> Self {
        self.resolved.held.retain(fits);
        for held in &mut self.resolved.held {
            (held.from, held.until) = (None, None);
        }
        self
    }

    /// Returns the rights at a time; none if one of the guards denies.
    pub(super) fn rights(&self, time: Timestamp, guards: Guards) -> Rights<'_> {
        let Self { directory, context, resolved } = self;
        let evaluation = Evaluation::new(EvalInputs { directory, subject_id: "", context, resolved }, time);
        let is_denied = match guards {
            Guards::Ignored => false,
            Guards::OfGrantor => !guard::admits(&evaluation),
            Guards::OfGrantee => {
                let mut reasons = Vec::new();
                let guards = guard::SESSION_GUARDS.iter().filter(|guard| OF_GRANTEE.contains(&guard.name));
                guards.for_each(|guard| (guard.evaluate)(&evaluation, &mut reasons));
                !reasons.is_empty()
            }
        };
        let boundaries = &directory.policy.guards.boundaries;
        if is_denied || evaluation.active().next().is_none() {
            let values = boundaries.iter().map(|_| Some(Vec::new())).collect();
            let permissions = Bits::new(directory.policy.resources.count());
            return Rights { permissions, values, ..Rights::default() };
        }
        Rights {
            permissions: evaluate::granted_permissions(&evaluation),
            reads: evaluation.reads,
            unbounded: evaluation.unbounded,
            backup_login: evaluation.backup_login,
            labels: evaluation.reads,
            others: Bits::default(),
            values: boundaries.iter().map(|(boundary, _)| evaluation.values(boundary)).collect(),
            limits: limits_of(&evaluation),
        }
    }

    /// Returns the rights that a role would give this person at a time: the role's rights for the values and labels of
    /// the person, within a limit, and the person's other permissions for the labels of the role.
    pub(super) fn applying<'r>(
        &'r self,
        role: &Role,
        limit: &[(BoundaryId, Values<'r>)],
        time: Timestamp,
    ) -> Rights<'r> {
        let Self { directory, context, resolved } = self;
        let evaluation = Evaluation::new(EvalInputs { directory, subject_id: "", context, resolved }, time);
        let boundaries = directory.policy.guards.boundaries.iter();
        let lifted = |id: BoundaryId| role.unbounded & 1 << id.index() != 0;
        let values = boundaries.map(|(id, _)| if lifted(id) { None } else { evaluation.values(id) });
        let others = if role.reads == 0 { Bits::default() } else { evaluate::granted_permissions(&evaluation) };
        let reads = role.reads | resolved.support_reads;
        let labels = reads | evaluation.reads;
        let mut limits = limits_of(&evaluation);
        for bit in role.all_permissions.iter() {
            let action = directory.policy.resources.action(PermissionId::new(bit));
            let limiting = |id: BoundaryId| directory.policy.guards.boundaries[id].limits.intersects(action);
            let limit: Vec<_> = limit.iter().filter(|(id, _)| limiting(*id)).cloned().collect();
            if limit.is_empty() {
                limits.remove(&bit);
            } else {
                limits.insert(bit, [limit].into());
            }
        }
        Rights { reads, labels, others, limits, values: values.collect(), ..Rights::of_role(role) }
    }

    pub(super) fn bounds(&self) -> impl Iterator<Item = Timestamp> {
        self.resolved.held.iter().flat_map(|held| [held.from, held.until]).flatten()
    }
}

/// Returns the values to which assignments limit permissions, by the number of the permission.
fn limits_of<'d>(evaluation: &Evaluation<'d>) -> BTreeMap<usize, Limits<'d>> {
    let mut all = BTreeMap::new();
    for permission in values::limited(evaluation, &evaluate::granted_permissions(evaluation)) {
        let named = |limit: values::Limit<'d>| {
            let named = limit.into_iter().map(|(id, values)| (id, Some(values.iter().map(|value| &**value).collect())));
            named.collect()
        };
        if let Some(limits) = values::limits(evaluation, permission) {
            all.insert(permission.bit(), limits.into_iter().map(named).collect());
        }
    }
    all
}

/// Returns whether an id is a group, or a subject that is listed and not removed.
pub(super) fn is_holder(directory: &Directory, id: &str) -> bool {
    let subject = directory.subject(id).map(|key| directory.subjects.get(key).status);
    *id == *EVERYONE || directory.group(id).is_some() || subject.is_some_and(|status| status != Status::Removed)
}
