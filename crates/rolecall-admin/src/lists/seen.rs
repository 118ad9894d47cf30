//! What the actor may know of the subjects of a list, found once for each.

use crate::object::{ObjectKey, ObjectKind, Status};
use crate::transaction::Transaction;
use serde::Deserialize;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;

pub(super) struct SeenSubjects<'t, 's> {
    transaction: &'t Transaction<'s>,
    known: RefCell<HashMap<String, Option<Status>>>,
}

impl<'t, 's> SeenSubjects<'t, 's> {
    pub(super) fn new(transaction: &'t Transaction<'s>) -> Self {
        Self { transaction, known: RefCell::default() }
    }

    /// Returns the status of a subject as the actor sees it. `None` for a subject that was removed, is not listed or
    /// that the actor does not know.
    pub(super) fn status(&self, id: &str) -> Option<Status> {
        if let Some(known) = self.known.borrow().get(id) {
            return *known;
        }
        let status = self.find(id).filter(|status| *status != Status::Removed);
        self.known.borrow_mut().insert(id.to_string(), status);
        status
    }

    fn find(&self, id: &str) -> Option<Status> {
        let subject = self.transaction.state.value(&ObjectKey::new(ObjectKind::Subject, id))?;
        let is_own =
            subject.get("native").and_then(Value::as_str).is_some_and(|at| self.transaction.viewer().knows(at));
        if is_own && subject.get("departed").is_none() {
            // The actor sees a subject of its own tenant as it is.
            return subject.get("status").map_or(Some(Status::default()), |status| Status::deserialize(status).ok());
        }
        self.transaction.seen_subject(id).map(|subject| subject.status)
    }
}
