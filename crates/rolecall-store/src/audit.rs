//! The trail, as an auditor reads it.

use crate::administration::{Administration, read};
use crate::chain;
use crate::error::StoreError;
use crate::store::Store;
use rolecall::Timestamp;
use rolecall_admin::{Event, ObjectType, Operation};
use serde::Serialize;

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// By this subject.
    pub actor: Option<String>,
    /// Of this kind.
    pub object_type: Option<ObjectType>,
    /// About the object of this id.
    pub object: Option<String>,
    /// At most so many, the latest.
    pub count: Option<usize>,
}

/// An event as an auditor reads it, with the hashes that prove it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// When.
    pub date: String,
    /// Who.
    pub username: String,
    /// What kind of thing it was done to.
    pub object_type: ObjectType,
    /// The objects that it was done to.
    pub objects: Vec<Object>,
    /// What was done.
    pub operation: Operation,
    /// The address of the actor, which an application states for its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The address that the request came from, as the server saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer_address: Option<String>,
    /// By which application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The whole event.
    pub event: Event,
    /// Its hash, as hexadecimal text.
    pub hash: String,
}

/// An object that something was done to.
#[derive(Clone, Debug, Serialize)]
pub struct Object {
    /// Its kind and id.
    pub id: String,
    /// Its name for people; its id where it has none.
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
    /// The events that a filter wants, in order.
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
