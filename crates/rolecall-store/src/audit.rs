//! The audit log, as an auditor reads it.

use crate::administration::Administration;
use crate::chain;
use crate::error::StoreError;
use crate::reading::{each_after, read};
use crate::store::Store;
use rolecall::Timestamp;
use rolecall_admin::{Event, ObjectKind, ObjectType, Operation, ScopedEvents};
use serde::Serialize;
use serde_json::Value;
use std::ops::ControlFlow;

/// A filter of events.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Events that concern this scope or one below it only, without the names, ids and existence of other tenants. All
    /// other filters apply to what is left.
    pub at: Option<String>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Events of this actor only.
    pub actor: Option<String>,
    /// Events of this kind of object only.
    pub object_type: Option<ObjectType>,
    /// Events of this operation only.
    pub operation: Option<Operation>,
    /// Events about the object with this id only.
    pub object: Option<String>,
    /// Events about this subject only: about itself, its roles, its requests and its membership in groups.
    pub subject: Option<String>,
    /// Events after the one with this number only.
    pub after: Option<u64>,
    /// The maximum number of events; the first are returned.
    pub limit: Option<usize>,
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

impl AuditFilter {
    fn wants(&self, event: &Event) -> bool {
        let time = Timestamp::parse(&event.time);
        self.from.is_none_or(|from| time.is_some_and(|time| time >= from))
            && self.until.is_none_or(|until| time.is_some_and(|time| time < until))
            && self.actor.as_ref().is_none_or(|actor| *actor == event.actor)
            && self.object_type.is_none_or(|kind| kind == event.object_type)
            && self.operation.is_none_or(|operation| operation == event.operation)
            && self.subject.as_ref().is_none_or(|subject| is_about(event, subject))
            && self.after.is_none_or(|after| event.seq > after)
            && self.object.as_ref().is_none_or(|id| {
                event.changes.iter().any(|change| change.id == *id)
                    || event.session.as_ref().is_some_and(|session| session.subject.as_ref() == Some(id))
            })
    }
}

impl<S: Store> Administration<S> {
    /// Returns the events that match a filter, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let mut found = Vec::new();
        let mut scoped = filter.at.as_ref().map(ScopedEvents::new);
        each_after(self.store(), 0, |record| {
            let event = read(&record)?;
            let seen = match &mut scoped {
                Some(scoped) => scoped.next(&event),
                None => Some(event),
            };
            let Some(event) = seen.filter(|event| filter.wants(event)) else {
                return Ok(ControlFlow::Continue(()));
            };
            let is_whole = scoped.as_ref().is_none_or(ScopedEvents::sees_everything);
            found.push(audited(event, is_whole.then(|| chain::hex(&record.hash))));
            let is_enough = filter.limit.is_some_and(|limit| found.len() >= limit);
            Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        let skipped = filter.count.map_or(0, |count| found.len().saturating_sub(count));
        Ok(found.split_off(skipped))
    }
}

/// Returns whether an event is about a subject.
fn is_about(event: &Event, subject: &str) -> bool {
    if let Some(session) = &event.session {
        return session.subject.as_deref() == Some(subject);
    }
    event.changes.iter().any(|change| {
        let of =
            |value: &Option<Value>| value.as_ref().and_then(|value| value.get("subject")?.as_str()) == Some(subject);
        let has = |value: &Option<Value>| {
            let members = value.as_ref().and_then(|value| value.get("members")?.as_array());
            members.is_some_and(|members| members.iter().any(|member| member == subject))
        };
        change.id == subject || of(&change.before) || of(&change.after) || has(&change.before) != has(&change.after)
    })
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
