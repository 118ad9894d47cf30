//! Until when an answer holds.
//!
//! Between two candidates nothing that a decision looks at changes, so that the first candidate at which the answer
//! differs is the exact horizon.

use crate::guard;
use crate::instant::Instant;
use crate::order;
use crate::standing::Case;
use alloc::vec::Vec;

/// The first later instant at which the answer has changed, all else in the question held fixed.
pub(crate) fn first_change(case: Case<'_>, now: Instant, changed: impl Fn(Instant) -> bool) -> Option<Instant> {
    candidates(case, now).into_iter().find(|time| changed(*time))
}

/// The later instants at which any answer of the case may change, in order.
pub(crate) fn candidates(case: Case<'_>, now: Instant) -> Vec<Instant> {
    let bounds = case.standing.held.iter().flat_map(|held| [held.from, held.until]);
    let invited = case.standing.invited_until;
    let mut found: Vec<Instant> =
        bounds.chain([invited, guard::idle_at(case)]).flatten().filter(|time| *time > now).collect();
    order::sort(&mut found);
    found.dedup();
    found
}
