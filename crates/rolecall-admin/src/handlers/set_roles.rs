//! Several roles of a subject or group at once.

use super::roles::{canonical, give, listed};
use crate::command::RoleTerm;
use crate::object::Assignment;
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use std::collections::{BTreeMap, BTreeSet};

/// Replaces the direct roles at a scope: withdraws those that are not in the list, and assigns those that are missing.
pub(crate) fn set(
    transaction: &mut Transaction<'_>,
    subject: &str,
    at: &str,
    roles: &[RoleTerm],
) -> Result<(), Refusal> {
    // The first refusal depends on the command alone. An actor without either permission learns nothing of the roles.
    let [first, other] = if roles.is_empty() { ["withdraw", "assign"] } else { ["assign", "withdraw"] };
    if let Err(refusal) = transaction.require(first, at)
        && transaction.require(other, at).is_err()
    {
        return Err(refusal);
    }
    listed(transaction, subject, at)?;
    let wanted = roles.iter().map(|term| {
        let RoleTerm { role, below, boundaries, from, until } = term.clone();
        canonical(&Assignment {
            subject: subject.to_string(),
            role,
            at: at.to_string(),
            below,
            boundaries,
            from,
            until,
            limits: BTreeMap::new(),
        })
    });
    let wanted: BTreeSet<Assignment> = wanted.collect::<Result<_, _>>()?;
    let here = |all: Vec<Assignment>| all.into_iter().filter(|one| one.at == at).collect::<BTreeSet<_>>();
    let mut pending = transaction.pending_of(subject);
    pending.iter_mut().for_each(|one| one.limits.clear());
    let (held, pending) = (here(transaction.assignments_of(subject)), here(pending));
    let gone = held.difference(&wanted).map(Assignment::key);
    let gone: Vec<_> = gone.chain(pending.difference(&wanted).map(Assignment::pending_key)).collect();
    if !gone.is_empty() {
        transaction.require("withdraw", at)?;
        gone.into_iter().try_for_each(|key| transaction.remove(key))?;
    }
    let new: Vec<&Assignment> = wanted.iter().filter(|one| !held.contains(one) && !pending.contains(one)).collect();
    if !new.is_empty() {
        transaction.require("assign", at)?;
        new.into_iter().try_for_each(|one| give(transaction, one))?;
    }
    Ok(())
}
