//! Events of sessions: logins, failed logins, logouts and timeouts. They are in the chain and change nothing. A login can
//! also change the members of mapped groups.

use crate::administration::{Administration, ExecuteError, body};
use crate::chain;
use crate::clock::{ClockJumpPolicy, ClockState};
use crate::error::StoreError;
use crate::store::{EventRecord, Store, Transaction};
use rolecall::Timestamp;
use rolecall_admin::{Event, Operation, SessionRecord, StatedGroups};

/// What happened to a session, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEvent {
    /// The operation, such as [`Operation::Login`].
    pub operation: Operation,
    /// The facts.
    pub record: SessionRecord,
    /// The address of the user.
    pub ip: Option<String>,
    /// When it happened.
    pub time: Timestamp,
}

impl<S: Store> Administration<S> {
    /// Stores events of sessions, in order and all at once. They are on the disk before this returns. As for commands,
    /// the time of an event is never before that of the previous event.
    ///
    /// # Errors
    /// [`ExecuteError::ClockJump`] and [`ExecuteError::Store`], in which case nothing was stored.
    pub fn record_sessions(&mut self, sessions: &[SessionEvent]) -> Result<Vec<Event>, ExecuteError> {
        let recorded = self.try_record(sessions);
        if recorded.is_err() && self.log.state.events() > 0 {
            // The transaction may have failed after the first event. If reloading fails too, the next catch-up reads
            // everything again.
            let _ = self.reload();
        }
        recorded
    }

    /// Makes a user a member of the mapped groups that an identity provider states, and stores the event. It is on the
    /// disk before this returns. Returns `None` if nothing changes. As for commands, the time of an event is never
    /// before that of the previous event.
    ///
    /// # Errors
    /// [`ExecuteError`], in which case nothing changed.
    pub fn map_groups(&mut self, stated: &StatedGroups, time: Timestamp) -> Result<Option<Event>, ExecuteError> {
        let Self { store, log, .. } = self;
        let mut transaction = store.begin()?;
        log.catch_up(&transaction)?;
        let clock = ClockState { last: log.last, seen: transaction.clock_seen()? };
        let time = clock.event(time, ClockJumpPolicy::Reject)?;
        let event = log.state.map_groups(stated, time).map_err(ExecuteError::Refused)?;
        let Some(event) = event else { return Ok(None) };
        let body = body(&event);
        let record = EventRecord { seq: event.seq, hash: chain::link(&log.head, &body), body };
        transaction.append(&record, &event)?;
        // Never store an event that the state cannot apply.
        log.apply(&event, record.hash, time)?;
        if let Err(error) = transaction.commit() {
            let _ = self.reload();
            return Err(error.into());
        }
        Ok(Some(event))
    }

    fn try_record(&mut self, sessions: &[SessionEvent]) -> Result<Vec<Event>, ExecuteError> {
        let Self { store, log, .. } = self;
        let mut transaction = store.begin()?;
        log.catch_up(&transaction)?;
        let seen = transaction.clock_seen()?;
        let mut events = Vec::new();
        for SessionEvent { operation, record, ip, time } in sessions {
            let time = ClockState { last: log.last, seen }.event(*time, ClockJumpPolicy::Reject)?;
            let event = log.state.event_of_session(*operation, record.clone(), ip.clone(), time);
            let body = body(&event);
            let record = EventRecord { seq: event.seq, hash: chain::link(&log.head, &body), body };
            transaction.append(&record, &event)?;
            if let Some(login) = log.state.login(&event) {
                transaction.put_login(&login)?;
            }
            log.state.apply(&event).map_err(StoreError::from)?;
            (log.head, log.last) = (record.hash, time);
            events.push(event);
        }
        transaction.commit()?;
        Ok(events)
    }
}
