//! Password resets for a hook, in the order of the audit log.

use crate::administration::Administration;
use crate::error::StoreError;
use crate::reading::{PAGE, read};
use crate::store::{EventRecord, Store};
use rolecall_admin::{ObjectKind, PasswordReset, Person, Private, is_below};
use serde::Serialize;

/// A password reset that an administrator started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StartedReset {
    /// The user.
    pub subject: String,
    /// The name, as the tenant of the user knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address, as the tenant of the user knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The scope that administers the user.
    pub at: String,
    /// The actor that started the reset.
    pub by: String,
    /// When it was started, in RFC 3339.
    pub asked: String,
}

impl<S: Store> Administration<S> {
    /// Returns the next password reset after an event, and the last event that was read. A reset that another one
    /// replaced is skipped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_reset(&self, after: u64) -> Result<(u64, Option<StartedReset>), StoreError> {
        let mut last = after;
        for record in self.store().records(after, PAGE)? {
            last = record.seq;
            if let Some(reset) = self.reset_of(&record)? {
                return Ok((last, Some(reset)));
            }
        }
        Ok((last, None))
    }

    fn reset_of(&self, record: &EventRecord) -> Result<Option<StartedReset>, StoreError> {
        let event = read(record)?;
        let changes = event.changes.iter().filter(|change| change.kind == ObjectKind::PasswordReset);
        for change in changes {
            // The reset as it is now, if the event started it.
            let Some(reset) = self.state().get::<PasswordReset>(&change.key()) else { continue };
            let asked = change.after.as_ref().and_then(|after| after.get("asked")?.as_str());
            if asked != Some(&reset.asked) {
                continue;
            }
            let people = self.state().all::<Person>(ObjectKind::Person).map(|(_, person)| person);
            let person = people.filter(|one| one.subject == reset.subject).find(|one| is_below(&reset.at, &one.at));
            let reveal = |value: Option<&Private>| value.map_or(Ok(None), |value| self.reveal(value));
            let name = reveal(person.as_ref().and_then(|one| one.name.as_ref()))?;
            let email = reveal(person.as_ref().and_then(|one| one.email.as_ref()))?;
            let PasswordReset { subject, at, asked, .. } = reset;
            return Ok(Some(StartedReset { subject, name, email, at, by: event.actor, asked }));
        }
        Ok(None)
    }
}
