//! Checks the chain of hashes for a reader of one scope.

use crate::administration::Administration;
use crate::chain::{self, ROOT};
use crate::error::StoreError;
use crate::reading::{each_after, read};
use crate::store::Store;
use rolecall_admin::{ScopedEvents, is_below};
use serde::Serialize;
use std::ops::ControlFlow;

/// What a check of the chain of hashes found. It covers the whole audit log, of which the reader may see a part only.
///
/// The check computes the hash of every event again from the event and the hash before. It finds events that were changed,
/// removed or inserted without new hashes for all later events. A log whose later hashes were all computed again looks
/// intact, unless the reader compares `head` with one that was noted elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChainCheck {
    /// Whether every hash is right.
    pub intact: bool,
    /// The number of events whose hash was checked. Absent if the reader does not see every event, as are the next number
    /// and the last hash: they would show what happens elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<u64>,
    /// The number of the first event that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<u64>,
    /// How many of the events concern the scope.
    pub at_scope: u64,
    /// The time of the last checked event that concerns the scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Whether the reader sees every event with its hash, and can repeat the check.
    pub whole: bool,
    /// The last hash, as hexadecimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
}

impl<S: Store> Administration<S> {
    /// Checks the chain of hashes of the whole audit log, for a reader of one scope. Does not check who may read it.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read. A broken chain is an answer.
    pub fn check_chain(&self, at: &str) -> Result<ChainCheck, StoreError> {
        let mut scoped = ScopedEvents::new(at);
        let (mut head, mut checked, mut at_scope, mut last, mut broken_at) = (ROOT, 0, 0, None, None);
        let (known, known_head) = (self.state().events(), self.log.head);
        each_after(self.store(), 0, |record| {
            head = chain::link(&head, &record.body);
            let differs = record.seq == known && head != known_head;
            if record.seq != checked + 1 || head != record.hash || differs {
                broken_at = Some(checked + 1);
                return Ok(ControlFlow::Break(()));
            }
            checked += 1;
            let event = read(&record)?;
            if scoped.next(&event).is_some() {
                at_scope += 1;
                last = Some(event.time);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if broken_at.is_none() && checked < known {
            // Events that this process has read are missing at the end.
            broken_at = Some(checked + 1);
        }
        let intact = broken_at.is_none();
        // A broken log says nothing about the scopes that exist.
        let scopes = || self.state().engine().into_iter().flat_map(|engine| engine.directory().scopes());
        let whole = scopes().next().is_some() && scopes().all(|scope| is_below(scope, at));
        let head = (whole && intact).then(|| chain::hex(&head));
        let [checked, broken_at] = [Some(checked), broken_at].map(|number| number.filter(|_| whole));
        Ok(ChainCheck { intact, checked, broken_at, at_scope, last, whole, head })
    }
}
