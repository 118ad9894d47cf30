//! What the actor may know of the subjects of a list, found once for each.

use crate::object::{ObjectKey, ObjectKind, Status};
use crate::transaction::Transaction;
use serde::Deserialize;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;

pub(super) struct SeenSubjects<'t, 's> {
    transaction: &'t Transaction<'s>,
    known: RefCell<HashMap<&'s str, Option<Status>>>,
}

impl<'t, 's> SeenSubjects<'t, 's> {
    pub(super) fn new(transaction: &'t Transaction<'s>) -> Self {
        Self { transaction, known: RefCell::default() }
    }

    /// Returns the status of a subject as the actor sees it. `None` for a subject that was removed, is not listed or
    /// that the actor does not know.
    pub(super) fn status(&self, id: &'s str) -> Option<Status> {
        if let Some(known) = self.known.borrow().get(id) {
            return *known;
        }
        let subject = self.transaction.state.value(&ObjectKey::new(ObjectKind::Subject, id));
        let status = subject.and_then(|subject| self.status_of(id, subject));
        self.known.borrow_mut().insert(id, status);
        status
    }

    /// As [`status`](Self::status), for a subject that was found already.
    pub(super) fn status_of(&self, id: &str, subject: &Value) -> Option<Status> {
        let viewer = self.transaction.viewer();
        let is_own = subject.get("native").and_then(Value::as_str).is_some_and(|at| viewer.knows(at));
        let status = if is_own && subject.get("departed").is_none() {
            // The actor sees a subject of its own tenant as it is.
            subject.get("status").map_or(Some(Status::default()), |status| Status::deserialize(status).ok())
        } else {
            self.transaction.seen_subject(id).map(|subject| subject.status)
        };
        status.filter(|status| *status != Status::Removed)
    }
}
