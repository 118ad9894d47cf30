//! What the actor may know of the subjects of a list, found once for each.

use crate::object::{ObjectKey, ObjectKind, Status, Subject};
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

    /// Returns a subject as the actor sees it.
    pub(super) fn subject(&self, id: &str) -> Option<Subject> {
        let listed = self.transaction.state.value(&ObjectKey::new(ObjectKind::Subject, id))?;
        // The actor sees a subject of its own tenant as it is.
        if self.is_own(listed) { Subject::deserialize(listed).ok() } else { self.transaction.seen_subject(id) }
    }

    /// Returns whether the actor sees a subject as it is: it is one of its own tenant.
    fn is_own(&self, subject: &Value) -> bool {
        let viewer = self.transaction.viewer();
        let is_own = subject.get("native").and_then(Value::as_str).is_some_and(|at| viewer.knows(at));
        is_own && subject.get("departed").is_none()
    }

    /// Returns whether a subject is external, as far as the actor knows.
    pub(super) fn is_external(&self, id: &str, subject: &Value) -> bool {
        if self.is_own(subject) {
            return subject.get("external").is_some();
        }
        self.transaction.seen_subject(id).is_some_and(|subject| subject.external)
    }

    /// As [`status`](Self::status), for a subject that was found already.
    pub(super) fn status_of(&self, id: &str, subject: &Value) -> Option<Status> {
        let status = if self.is_own(subject) {
            // The actor sees a subject of its own tenant as it is.
            subject.get("status").map_or(Some(Status::default()), |status| Status::deserialize(status).ok())
        } else {
            self.transaction.seen_subject(id).map(|subject| subject.status)
        };
        status.filter(|status| *status != Status::Removed)
    }
}
