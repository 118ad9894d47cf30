//! Records logins, and finds the last one of a subject that a scope may see.

use crate::event::{Event, Operation};
use crate::object::{ObjectKey, ObjectKind};
use crate::state::State;
use crate::transaction::SUPPORT;
use rolecall::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A login of a subject, and the scopes that it concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLogin {
    /// The subject.
    pub subject: String,
    /// Its identity domain, and the scopes at which it held roles.
    pub scopes: BTreeSet<String>,
    /// When.
    pub time: Timestamp,
}

impl State {
    /// Returns the last login of a subject that the audit log of a scope shows.
    pub(crate) fn last_login(&self, subject: &str, at: &str) -> Option<Timestamp> {
        self.logins.last(subject, at)
    }

    /// Records a login.
    pub(crate) fn follow_login(&mut self, event: &Event) {
        if let Some(LastLogin { subject, scopes, time }) = self.login(event) {
            Arc::make_mut(&mut self.logins).record(&subject, scopes, time);
        }
    }

    /// Returns the login that an event records, with the scopes that it concerns in this state.
    #[must_use]
    pub fn login(&self, event: &Event) -> Option<LastLogin> {
        let session = event.session.as_ref().filter(|_| event.operation == Operation::Login)?;
        let (subject, time) = (session.subject.clone()?, Timestamp::parse(&event.time)?);
        let mut scopes = self.scopes_of(&subject);
        // Support staff log in at a tenant.
        scopes.extend(session.domain.clone().filter(|_| subject.starts_with(SUPPORT)));
        Some(LastLogin { subject, scopes, time })
    }

    /// Returns the last login of each subject at each scope that it concerned.
    pub fn logins(&self) -> impl Iterator<Item = (&str, &str, Timestamp)> {
        self.logins.all()
    }

    /// Continues a state from [`from_objects`](Self::from_objects) after event number `events`, with logins as
    /// [`logins`](Self::logins) returns them.
    #[must_use]
    pub fn after(mut self, events: u64, logins: impl IntoIterator<Item = LastLogin>) -> Self {
        self.set_events(events);
        for LastLogin { subject, scopes, time } in logins {
            Arc::make_mut(&mut self.logins).record(&subject, scopes, time);
        }
        self
    }

    /// Returns the identity domain of a subject, and the scopes at which it holds roles, by groups too.
    fn scopes_of(&self, subject: &str) -> BTreeSet<String> {
        let listed = self.value(&ObjectKey::new(ObjectKind::Subject, subject));
        let native = listed.and_then(|listed| listed.get("native")?.as_str()).map(str::to_string);
        let mut holders = self.engine().map(|engine| engine.groups_with(subject)).unwrap_or_default();
        holders.insert(subject.to_string());
        let held = holders.iter().flat_map(|holder| self.assignments_of(holder)).map(|one| one.at);
        native.into_iter().chain(held).collect()
    }
}
