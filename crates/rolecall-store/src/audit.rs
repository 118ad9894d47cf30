//! The audit log, as an auditor reads it.

use crate::administration::{Administration, read};
use crate::chain;
use crate::error::StoreError;
use crate::store::Store;
use rolecall::Timestamp;
use rolecall_admin::{Event, ObjectType, Operation};
use serde::Serialize;

/// A filter of events.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Events of this actor only.
    pub actor: Option<String>,
    /// Events of this kind of object only.
    pub object_type: Option<ObjectType>,
    /// Events about the object with this id only.
    pub object: Option<String>,
    /// The maximum number of events; the latest are returned.
    pub count: Option<usize>,
}

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
    /// The hash of the event, as hexadecimal text.
    pub hash: String,
}

/// A changed object.
#[derive(Clone, Debug, Serialize)]
pub struct Object {
    /// The kind and id of the object.
    pub id: String,
    /// The display name of the object, or its id if it has no name.
    pub name: String,
}

impl AuditFilter {
    fn wants(&self, event: &Event) -> bool {
        let time = Timestamp::parse(&event.time);
        self.from.is_none_or(|from| time.is_some_and(|time| time >= from))
            && self.until.is_none_or(|until| time.is_some_and(|time| time < until))
            && self.actor.as_ref().is_none_or(|actor| *actor == event.actor)
            && self.object_type.is_none_or(|kind| kind == event.object_type)
            && self.object.as_ref().is_none_or(|id| event.changes.iter().any(|change| change.id == *id))
    }
}

impl<S: Store> Administration<S> {
    /// Returns the events that match a filter, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let mut found = Vec::new();
        for record in self.store().records(0)? {
            let event = read(&record)?;
            if filter.wants(&event) {
                found.push(audited(event, chain::hex(&record.hash)));
            }
        }
        let skipped = filter.count.map_or(0, |count| found.len().saturating_sub(count));
        Ok(found.split_off(skipped))
    }
}

fn audited(event: Event, hash: String) -> AuditEntry {
    let objects = event.changes.iter().map(|change| {
        let title = change.after.as_ref().or(change.before.as_ref()).and_then(|value| value.get("title"));
        let name = title.and_then(|title| title.as_str()).unwrap_or(&change.id);
        Object { id: format!("{}:{}", change.kind, change.id), name: name.to_string() }
    });
    AuditEntry {
        date: event.time.clone(),
        username: event.actor.clone(),
        object_type: event.object_type,
        objects: objects.collect(),
        operation: event.operation,
        ip_address: event.ip.clone(),
        peer_address: event.peer.clone(),
        application: event.application.clone(),
        event,
        hash,
    }
}
