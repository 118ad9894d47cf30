//! The events of sessions for the audit log. They wait in memory for at most one check of the store, so no login waits
//! for the store. Failed logins are bounded, so nobody can flood the log with them.

use crate::proxies::Client;
use crate::revision::lock;
use rolecall::Timestamp;
use rolecall_admin::{Operation, SessionRecord};
use rolecall_store::SessionEvent;
use std::collections::HashMap;
use std::sync::Mutex;

/// Events that wait while the store is busy. Later ones are dropped and counted.
const MAX_WAITING: usize = 100_000;

/// The time during which equal failures are counted instead of recorded, in milliseconds.
const WINDOW: i64 = 60_000;

/// Kinds of failures in a window that are recorded one by one: of listed users, and of anyone else. The rest is counted
/// together.
const MAX_KNOWN: usize = 1_000;
const MAX_UNKNOWN: usize = 50;

/// Events that are counted as one: the same user, provider and reason from the same address, or the same application and
/// secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FailureKey {
    record: (Option<String>, Option<String>, Option<String>, Option<String>),
    address: String,
}

/// Failures since one that was recorded.
#[derive(Debug)]
struct Repeated {
    event: SessionEvent,
    until: i64,
    count: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    events: Vec<SessionEvent>,
    dropped: u64,
    repeated: HashMap<FailureKey, Repeated>,
    /// Failures of more kinds than a window has.
    rest: Option<Repeated>,
}

/// The events that wait to be stored.
#[derive(Debug)]
pub(crate) struct SessionLog {
    /// Whether there is a store for them.
    is_stored: bool,
    waiting: Mutex<Waiting>,
}

impl SessionLog {
    pub(crate) fn new(is_stored: bool) -> Self {
        Self { is_stored, waiting: Mutex::default() }
    }

    /// Records a login, a logout or a timeout.
    pub(crate) fn record(&self, operation: Operation, record: SessionRecord, client: Client, time: Timestamp) {
        if self.is_stored {
            lock(&self.waiting).push(SessionEvent { operation, record, ip: client.text(), time });
        }
    }

    /// Records that an application got an access token: the first of its secret and address in a minute at once, and
    /// the number of others at its end.
    pub(crate) fn issued(&self, record: SessionRecord, client: Client, time: Timestamp) {
        self.counted(Operation::Login, record, client, time);
    }

    /// Records a failed login: the first of its kind in a minute at once, and the number of others at its end.
    pub(crate) fn failed(&self, record: SessionRecord, client: Client, time: Timestamp) {
        self.counted(Operation::LoginFailed, record, client, time);
    }

    fn counted(&self, operation: Operation, record: SessionRecord, client: Client, time: Timestamp) {
        if !self.is_stored {
            return;
        }
        let mut waiting = lock(&self.waiting);
        let key = FailureKey {
            record: (
                record.subject.clone(),
                record.provider.clone(),
                record.reason.clone(),
                // Failures have no secret, so they and logins are counted apart.
                record.secret.clone(),
            ),
            address: client.counted(),
        };
        let is_known = record.subject.is_some();
        let event = SessionEvent { operation, record, ip: client.text(), time };
        let until = time.as_millis() + WINDOW;
        if let Some(repeated) = waiting.repeated.get_mut(&key) {
            repeated.count += 1;
            return;
        }
        let kinds = waiting.repeated.keys().filter(|other| other.record.0.is_some() == is_known).count();
        if operation == Operation::Login && kinds >= MAX_KNOWN {
            waiting.push(event);
        } else if kinds < if is_known { MAX_KNOWN } else { MAX_UNKNOWN } {
            waiting.repeated.insert(key, Repeated { event: event.clone(), until, count: 0 });
            waiting.push(event);
        } else {
            // Users, providers and addresses differ, so none is named.
            let record = SessionRecord::default();
            let rest = Repeated { event: SessionEvent { record, ip: None, ..event }, until, count: 0 };
            waiting.rest.get_or_insert(rest).count += 1;
        }
    }

    /// Records the number of failures whose minute is over.
    pub(crate) fn expire(&self, now: Timestamp) {
        let mut waiting = lock(&self.waiting);
        let is_over = |repeated: &Repeated| repeated.until <= now.as_millis();
        let mut over: Vec<Repeated> = waiting.repeated.extract_if(|_, one| is_over(one)).map(|(_, one)| one).collect();
        over.extend(waiting.rest.take_if(|rest| is_over(rest)));
        over.retain(|repeated| repeated.count > 0);
        // The order of a map differs from run to run.
        over.sort_by_key(|repeated| (repeated.until, repeated.event.ip.clone()));
        for Repeated { mut event, count, until } in over {
            event.record.count = Some(count);
            event.time = Timestamp::from_millis(until).unwrap_or(now).min(now);
            waiting.push(event);
        }
    }

    /// Takes the events that wait. Give those that cannot be stored yet [back](Self::put_back).
    pub(crate) fn take(&self) -> Vec<SessionEvent> {
        let mut waiting = lock(&self.waiting);
        if waiting.dropped > 0 && waiting.events.len() < MAX_WAITING {
            tracing::error!(
                dropped = waiting.dropped,
                "events of sessions were dropped: the store was busy for too long"
            );
            waiting.dropped = 0;
        }
        std::mem::take(&mut waiting.events)
    }

    pub(crate) fn put_back(&self, mut events: Vec<SessionEvent>) {
        let mut waiting = lock(&self.waiting);
        events.append(&mut waiting.events);
        waiting.events = events;
    }
}

impl Waiting {
    fn push(&mut self, event: SessionEvent) {
        if self.events.len() < MAX_WAITING {
            self.events.push(event);
        } else {
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + millis).unwrap()
    }

    fn failure(subject: Option<&str>, reason: &str) -> SessionRecord {
        let mut record = SessionRecord::new(subject.map(str::to_string), "sso", "corp");
        record.reason = Some(reason.to_string());
        record
    }

    fn from(last: u8) -> Client {
        Client::at([203, 0, 113, last])
    }

    fn counts(events: &[SessionEvent]) -> Vec<(Option<&str>, Option<u64>)> {
        events.iter().map(|event| (event.record.reason.as_deref(), event.record.count)).collect()
    }

    #[test]
    fn equal_failures_are_counted_for_a_minute() {
        let log = SessionLog::new(true);
        for second in 0..30 {
            log.failed(failure(Some("user:ada"), "suspended"), from(1), at(second * 1_000));
        }
        log.failed(failure(Some("user:ada"), "suspended"), from(2), at(30_000));
        log.failed(failure(Some("user:ada"), "ip-denied"), from(1), at(30_000));
        assert_eq!(
            counts(&log.take()),
            [(Some("suspended"), None), (Some("suspended"), None), (Some("ip-denied"), None)]
        );
        log.expire(at(59_999));
        assert!(log.take().is_empty());
        log.expire(at(60_000));
        assert_eq!(counts(&log.take()), [(Some("suspended"), Some(29))]);
        // The other failures did not repeat. After the minute, the next one is recorded at once.
        log.expire(at(1_000_000));
        assert!(log.take().is_empty());
        log.failed(failure(Some("user:ada"), "suspended"), from(1), at(1_000_001));
        assert_eq!(counts(&log.take()), [(Some("suspended"), None)]);
    }

    #[test]
    fn a_flood_of_unknown_people_is_bounded_and_leaves_room_for_known_ones() {
        let log = SessionLog::new(true);
        for number in 0..10_000_u32 {
            let client = Client::at(std::net::Ipv4Addr::from(number));
            log.failed(failure(None, "unknown-subject"), client, at(i64::from(number)));
        }
        assert_eq!(log.take().len(), MAX_UNKNOWN);
        log.failed(failure(Some("user:ada"), "suspended"), from(1), at(10_000));
        assert_eq!(log.take().len(), 1);
        log.expire(at(100_000));
        let rest = log.take();
        assert_eq!(counts(&rest), [(None, Some(10_000 - MAX_UNKNOWN as u64))]);
        assert_eq!((&rest[0].ip, &rest[0].record.provider), (&None, &None));
    }

    #[test]
    fn what_cannot_be_stored_yet_comes_first() {
        let log = SessionLog::new(true);
        let record = |name: &str, time| log.record(Operation::Login, failure(Some(name), ""), from(1), at(time));
        record("user:ada", 0);
        let taken = log.take();
        record("user:bo", 1);
        log.put_back(taken);
        let names: Vec<_> = log.take().into_iter().filter_map(|event| event.record.subject).collect();
        assert_eq!(names, ["user:ada", "user:bo"]);
        // Without a store there is no audit log.
        let log = SessionLog::new(false);
        log.failed(failure(None, ""), from(1), at(0));
        log.record(Operation::Login, failure(None, ""), from(1), at(0));
        assert!(log.take().is_empty());
    }
}
