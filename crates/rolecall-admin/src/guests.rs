//! Newcomers that other tenants list already. An actor sees no difference to a subject that nobody lists.
//!
//! Two rules keep the other tenant's account out of every answer:
//!
//! - The escalation check compares what the actor sees: the newcomer without the roles, groups and boundary values that
//!   it has elsewhere.
//! - So the newcomer could then do more than the actor, by its own values. If it could, the role is limited to values of
//!   the actor. The limit is part of the assignment when the newcomer has accepted, and is not shown before.

use crate::event::Change;
use crate::object::{Assignment, Group, Invitation, ObjectKey, ObjectKind, Status, Subject, Values, to_value};
use crate::refusal::{Refusal, RefusalCode};
use crate::sealed::OTHER;
use crate::state::follow;
use crate::touched::after;
use crate::transaction::{Transaction, holder_of};
use rolecall::Engine;
use rolecall::ffi::{EscalationCheck, Grantor};
use rolecall::{CompileError, SubjectId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The boundary values of an assignment, by boundary.
type Limits = BTreeMap<String, BTreeSet<String>>;

/// The most values of an actor to which the role of a newcomer is limited. An actor with more gives none.
const VALUES: usize = 64;

/// The engines before and after a command, as if no other tenant listed the newcomers.
pub(crate) struct SeenWorld {
    newcomers: BTreeSet<String>,
    before: Engine,
    after: Engine,
}

impl SeenWorld {
    /// Returns the world of a command that names newcomers which other tenants list; `None` if it names none.
    pub(crate) fn of(transaction: &Transaction<'_>) -> Result<Option<Self>, Refusal> {
        if transaction.shown() == transaction.changes() {
            return Ok(None);
        }
        let kinds = [ObjectKind::Subject, ObjectKind::Assignment, ObjectKind::Pending];
        let named = transaction.changes().iter().filter(|change| kinds.contains(&change.kind));
        Self::about(transaction, named.map(|change| holder_of(change).to_string()).collect())
    }

    /// Returns the world of those of some subjects that other tenants list; `None` if they list none.
    pub(crate) fn about(
        transaction: &Transaction<'_>,
        mut newcomers: BTreeSet<String>,
    ) -> Result<Option<Self>, Refusal> {
        let earlier = Transaction::new(transaction.state, transaction.context)?;
        newcomers.retain(|id| earlier.is_newcomer(id));
        if newcomers.is_empty() {
            return Ok(None);
        }
        let refused = |error: CompileError| Refusal::of_issues(RefusalCode::Document, error);
        let mut before = transaction.engine.clone();
        newcomers.iter().try_for_each(|id| disguise(&earlier, id, &mut before)).map_err(refused)?;
        let mut after = before.clone();
        let mut shown = transaction.shown().iter().map(without_other);
        shown.try_for_each(|change| follow(&mut after, &change)).map_err(refused)?;
        Ok(Some(Self { newcomers, before, after }))
    }

    /// Compares the grants of the command with the rights of the actor, in this world.
    pub(crate) fn giving(&self, transaction: &Transaction<'_>, any: &[&str]) -> Result<EscalationCheck<'_>, Refusal> {
        let subject = SubjectId::parse(&transaction.context.actor)?;
        Ok(self.before.giving(&self.after, Grantor { subject, any, now: transaction.now }))
    }

    /// Returns whether a subject is one of the newcomers.
    pub(crate) fn hides(&self, id: &str) -> bool {
        self.newcomers.contains(id)
    }
}

/// Returns a change without the identity domain of a subject of another tenant, which is shown as no scope. It gives no
/// right.
fn without_other(change: &Change) -> Change {
    let mut change = change.clone();
    if let Some(after) = change.after.as_mut().and_then(Value::as_object_mut)
        && after.get("native").is_some_and(|native| native == OTHER)
    {
        after.remove("native");
    }
    change
}

/// Changes a subject as the actor sees it. If other tenants list it, the changes are kept with its invitations.
pub(crate) fn put(
    transaction: &mut Transaction<'_>,
    id: &str,
    before: &Subject,
    subject: &Subject,
) -> Result<(), Refusal> {
    let key = ObjectKey::new(ObjectKind::Subject, id);
    let hides = transaction.is_newcomer(id);
    if before.status == Status::Invited {
        for invitation in transaction.known_invitations(id) {
            let Subject { native, external, boundaries, .. } = subject.clone();
            let invitation = Invitation { native, external, boundaries, ..invitation };
            transaction.put(invitation.key(), Some(&invitation))?;
        }
    }
    if hides {
        let listed = transaction.whole_subject(id);
        return transaction.put_as(key, &listed, [Some(before), Some(subject)]);
    }
    transaction.put(key, Some(subject))
}

/// Takes from a subject what other tenants gave it, and gives it what it holds when it accepts.
fn disguise(earlier: &Transaction<'_>, id: &str, engine: &mut Engine) -> Result<(), CompileError> {
    let knows = |one: &Assignment| earlier.viewer().knows(&one.at);
    let change = |key: ObjectKey, before, after| Change { kind: key.kind, id: key.id, before, after };
    for one in earlier.assignments_of(id).iter().filter(|one| !knows(one)) {
        follow(engine, &change(one.key(), Some(to_value(one)), None))?;
    }
    let seen = earlier.seen_subject(id).unwrap_or_else(|| Subject { status: Status::Removed, ..Subject::default() });
    follow(engine, &change(ObjectKey::new(ObjectKind::Subject, id), None, Some(to_value(&seen))))?;
    for one in earlier.pending_of(id).into_iter().filter(knows) {
        let one = Assignment { limits: Limits::new(), ..one };
        follow(engine, &change(one.key(), None, Some(to_value(&one))))?;
    }
    for group in earlier.groups_of(id) {
        let Some(listed) = earlier.get::<Group>(ObjectKind::Group, &group) else { continue };
        let is_known = || listed.at.as_ref().is_some_and(|at| earlier.viewer().knows(at));
        if listed.members.contains(id) && !is_known() {
            let mut left = listed.clone();
            left.members.remove(id);
            let key = ObjectKey::new(ObjectKind::Group, group);
            follow(engine, &change(key, Some(to_value(&listed)), Some(to_value(&left))))?;
        }
    }
    Ok(())
}

/// Returns the role of a newcomer with the widest limit that keeps it within what the actor holds.
pub(crate) fn limited(transaction: &Transaction<'_>, given: Assignment) -> Result<Assignment, Refusal> {
    let mut giving = transaction.giving(&["grant-any"])?;
    let narrowest = Assignment { limits: nothing(transaction), ..given.clone() };
    let wider = [Some(Limits::new()), values_of(transaction)].into_iter().flatten();
    let mut wider = wider.map(|limits| Assignment { limits, ..given.clone() });
    let is_within = |one: &Assignment| giving.assignment(&one.clone().accepted().to(&given.subject)).is_none();
    Ok(wider.find(is_within).unwrap_or(narrowest))
}

/// Refuses roles that even their limits do not keep within what the actor holds: a newcomer with roles at all tenants
/// can hold more by its other roles.
pub(crate) fn check(transaction: &Transaction<'_>, seen: &SeenWorld, any: &[&str]) -> Result<(), Refusal> {
    let mut giving = transaction.giving(any)?;
    let is_role = |kind| matches!(kind, ObjectKind::Assignment | ObjectKind::Pending);
    let changes = transaction.changes().iter().filter(|change| is_role(change.kind) && seen.hides(holder_of(change)));
    for one in changes.filter_map(after::<Assignment>) {
        let one = one.accepted();
        if giving.assignment(&one.to(&one.subject)).is_some() {
            let actor = &transaction.context.actor;
            let message = format!("the role `{}` gives `{}` more than `{actor}` holds", one.role, one.subject);
            return Err(Refusal::new(RefusalCode::Beyond, message).with_help("ask someone who may grant it"));
        }
    }
    Ok(())
}

/// Returns the listed values of the actor, in each boundary in which they are limited.
fn values_of(transaction: &Transaction<'_>) -> Option<Limits> {
    let actor = transaction.get::<Subject>(ObjectKind::Subject, &transaction.context.actor)?;
    let policy = transaction.engine.policy();
    let open: BTreeSet<&str> = policy.open_boundaries().collect();
    let mut limits = nothing(transaction);
    limits.retain(|boundary, values| match actor.boundaries.get(boundary) {
        Some(Values::Some(own)) => {
            values.clone_from(own);
            true
        }
        Some(Values::All(_)) => false,
        None => !open.contains(boundary.as_str()),
    });
    let count: usize = limits.values().map(BTreeSet::len).sum();
    (count <= VALUES).then_some(limits)
}

/// Returns a limit to no value of any boundary.
fn nothing(transaction: &Transaction<'_>) -> Limits {
    transaction.engine.policy().boundaries().map(|boundary| (boundary.to_string(), BTreeSet::new())).collect()
}
