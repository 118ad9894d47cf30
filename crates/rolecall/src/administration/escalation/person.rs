//! What someone holds at a scope, in one directory.

use super::rights::{Rights, Values, within};
use crate::administration::gained::Gained;
use crate::decide::evaluate;
use crate::decide::guard;
use crate::decide::resolved::{AssignedRole, EvalInputs, Evaluation, ResolvedSubject, assignments};
use crate::directory::{Directory, Status};
use crate::policy::Role;
use crate::storage::arena::{BoundaryId, GroupId, Id, ScopeId};
use crate::storage::bits::Bits;
use crate::types::context::Context;
use crate::types::grammar::SUPPORT;
use crate::types::timestamp::Timestamp;
use alloc::vec::Vec;

/// Someone at a scope, in one directory.
pub(super) struct Person<'d> {
    directory: &'d Directory,
    context: Context,
    pub(super) resolved: ResolvedSubject,
}

/// Which guards keep someone's rights from counting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Guards {
    /// None.
    Ignored,
    /// A missing standalone role and closed support access.
    OfReceiver,
    /// All that do not look at a connection.
    OfGiver,
}

/// The guards that are compared for a receiver.
const OF_RECEIVER: [&str; 2] = ["support", "standalone"];

impl<'d> Person<'d> {
    /// Makes a subject or a group at a scope; no id for support staff who are not listed.
    pub(super) fn new(directory: &'d Directory, id: Option<&str>, at: &str, now: Timestamp) -> Self {
        let context = Context::at_known_scope(at, now);
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
        Self { directory, context, resolved }
    }

    /// Whether this person has nothing that the same one before a change did not have, at any instant: then none is compared,
    /// and nobody is kept from taking something away.
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

    /// The values in a boundary, where no role lifts it.
    fn own_values(&self, boundary: BoundaryId) -> Values<'_> {
        let Self { directory, context, resolved } = self;
        let inputs = EvalInputs { directory, subject_id: "", context, resolved };
        Evaluation { unbounded: 0, ..Evaluation::new(inputs, context.time) }.values(boundary)
    }

    /// The same as if every assignment that fits held at any time.
    pub(super) fn timeless(mut self, fits: impl Fn(&AssignedRole) -> bool) -> Self {
        self.resolved.held.retain(fits);
        for held in &mut self.resolved.held {
            (held.from, held.until) = (None, None);
        }
        self
    }

    pub(super) fn rights(&self, time: Timestamp, guards: Guards) -> Rights<'_> {
        let Self { directory, context, resolved } = self;
        let evaluation = Evaluation::new(EvalInputs { directory, subject_id: "", context, resolved }, time);
        let objects = match guards {
            Guards::Ignored => false,
            Guards::OfGiver => !guard::admits(&evaluation),
            Guards::OfReceiver => {
                let mut reasons = Vec::new();
                let gates = guard::SESSION_GUARDS.iter().filter(|gate| OF_RECEIVER.contains(&gate.name));
                gates.for_each(|gate| (gate.evaluate)(&evaluation, &mut reasons));
                !reasons.is_empty()
            }
        };
        let boundaries = &directory.policy.guards.boundaries;
        if objects || evaluation.active().next().is_none() {
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
        }
    }

    /// What a role gives this person at an instant: its rights, with the values and labels that they apply it to, and their
    /// other permissions, which they apply to the labels of the role.
    pub(super) fn applying(&self, role: &Role, time: Timestamp) -> Rights<'_> {
        let Self { directory, context, resolved } = self;
        let evaluation = Evaluation::new(EvalInputs { directory, subject_id: "", context, resolved }, time);
        let boundaries = directory.policy.guards.boundaries.iter();
        let lifted = |id: BoundaryId| role.unbounded & 1 << id.index() != 0;
        let values = boundaries.map(|(id, _)| if lifted(id) { None } else { evaluation.values(id) });
        let others = if role.reads == 0 { Bits::default() } else { evaluate::granted_permissions(&evaluation) };
        let reads = role.reads | resolved.support_reads;
        let labels = reads | evaluation.reads;
        Rights { reads, labels, others, values: values.collect(), ..Rights::of_role(role) }
    }

    pub(super) fn bounds(&self) -> impl Iterator<Item = Timestamp> {
        self.resolved.held.iter().flat_map(|held| [held.from, held.until]).flatten()
    }
}

/// Whether an id is a group, or a subject that is listed and was not removed.
pub(super) fn is_holder(directory: &Directory, id: &str) -> bool {
    let subject = directory.subject(id).map(|key| directory.subjects.get(key).status);
    directory.group(id).is_some() || subject.is_some_and(|status| status != Status::Removed)
}

/// The scopes at which a subject or a group holds something, itself or through groups.
pub(super) fn held_scopes<'d>(directory: &'d Directory, id: &str) -> impl Iterator<Item = ScopeId> + use<'d> {
    let subject = directory.subject(id);
    let groups: Vec<GroupId> = match (subject, directory.group(id)) {
        (Some(subject), _) => directory.groups_of(subject),
        (None, Some(group)) => directory.groups_above(group),
        (None, None) => Vec::new(),
    };
    let scopes: Vec<ScopeId> = assignments(directory, subject, &groups).map(|held| held.scope).collect();
    scopes.into_iter()
}
