//! The audit log, as an auditor reads it.

use crate::administration::Administration;
use crate::audit_filter::AuditFilter;
use crate::audit_index::Row;
use crate::chain;
use crate::error::StoreError;
use crate::store::Store;
use rolecall_admin::{Event, ObjectKind, ObjectType, Operation};
use serde::Serialize;
use std::sync::PoisonError;

/// An event as an auditor reads it, with the hashes that prove it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditEntry {
    /// The time.
    pub date: String,
    /// The actor.
    pub username: String,
    /// The kind of the changed objects.
    pub object_type: ObjectType,
    /// The changed objects.
    pub objects: Vec<Object>,
    /// The operation.
    pub operation: Operation,
    /// The address of the actor, as an application states it for its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The address of the request, as the server saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer_address: Option<String>,
    /// The application that made the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The whole event.
    pub event: Event,
    /// The hash of the event, as hexadecimal text. Absent if the event is shown in part only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A changed object.
#[derive(Clone, Debug, Serialize)]
pub struct Object {
    /// The kind and id of the object.
    pub id: String,
    /// The display name of the object, or its id if it has no name.
    pub name: String,
}

impl<S: Store> Administration<S> {
    /// Returns the events that match a filter, in order. The first read of a scope reads the whole log, later ones the
    /// events that they return and those that were added.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let mut indexes = self.audited.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = indexes.of(filter.at.as_deref(), self.store())?.rows(filter);
        let found = match (filter.count, filter.limit) {
            // The latest events, from the end.
            (Some(count), None) => self.matching(rows.rev(), filter, count).map(|mut found| {
                found.reverse();
                found
            }),
            (count, limit) => self.matching(rows, filter, limit.unwrap_or(usize::MAX)).map(|mut found| {
                let skipped = count.map_or(0, |count| found.len().saturating_sub(count));
                found.split_off(skipped)
            }),
        };
        indexes.shrink();
        found
    }

    /// Returns the first events that match a filter, at most `most`.
    fn matching<'i>(
        &self,
        rows: impl Iterator<Item = &'i Row>,
        filter: &AuditFilter,
        most: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let mut found = Vec::new();
        for row in rows {
            if found.len() >= most {
                break;
            }
            let (event, hash) = row.read(self.store())?;
            if filter.wants(&event) {
                found.push(audited(event, hash.as_ref().map(chain::hex)));
            }
        }
        Ok(found)
    }
}

pub(crate) fn audited(event: Event, hash: Option<String>) -> AuditEntry {
    let user = event.session.iter().filter_map(|session| session.subject.as_ref());
    let user = user.map(|user| Object { id: format!("{}:{user}", ObjectKind::Subject), name: user.clone() });
    let objects = event.changes.iter().map(|change| {
        let title = change.after.as_ref().or(change.before.as_ref()).and_then(|value| value.get("title"));
        let name = title.and_then(|title| title.as_str()).unwrap_or(&change.id);
        Object { id: format!("{}:{}", change.kind, change.id), name: name.to_string() }
    });
    AuditEntry {
        date: event.time.clone(),
        username: event.actor.clone(),
        object_type: event.object_type,
        objects: user.chain(objects).collect(),
        operation: event.operation,
        ip_address: event.ip.clone(),
        peer_address: event.peer.clone(),
        application: event.application.clone(),
        event,
        hash,
    }
}
