//! Filters of the audit log.

use rolecall::Timestamp;
use rolecall_admin::{Event, ObjectType, Operation};
use serde_json::Value;

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

impl AuditFilter {
    /// Returns whether an event matches, as the reader sees it.
    pub(crate) fn wants(&self, event: &Event) -> bool {
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
