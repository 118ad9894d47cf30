//! Events of sessions are in the chain and change nothing, and followers of the log lose no event.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use rolecall::Timestamp;
use rolecall_admin::{Operation, SessionRecord, State};
use rolecall_store::{
    Administration, AuditFilter, EventReader, ExecuteError, Memory, Outcome, SessionEvent, Sqlite, Store, StoreError,
};
use world::{START, at, begin, timeout};

fn session(operation: Operation, time: &str) -> SessionEvent {
    let record = SessionRecord::new(Some("user:eva".into()), "sso", "corp");
    SessionEvent { operation, record, ip: Some("203.0.113.7".into()), time: Timestamp::parse(time).unwrap() }
}

fn recorded<S: Store>(administration: &mut Administration<S>) {
    let before = administration.state().to_json();
    let (version, head) = (administration.state().version(), administration.state_head());
    let events = [
        session(Operation::Login, "2026-11-21T11:00:00Z"),
        // The clock was set back: time never goes back in the log.
        session(Operation::SessionTimeout, "2026-11-21T10:30:00Z"),
    ];
    let stored = administration.record_sessions(&events).unwrap();
    assert_eq!(stored.iter().map(|event| event.seq).collect::<Vec<_>>(), [version + 1, version + 2]);
    assert_eq!(stored[1].time, "2026-11-21T11:00:00Z");
    assert_eq!(administration.state().to_json(), before);
    assert_eq!((administration.state().version(), administration.state_head()), (version, head));
    assert_eq!(administration.verify().unwrap().events, version + 2);
}

#[test]
fn events_of_sessions_change_nothing_but_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.rolecall");
    let mut administration = begin(Sqlite::create(&path).unwrap());
    let mut second = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    recorded(&mut administration);
    recorded(&mut begin(Memory::default()));
    // Another program follows, and a command that expects the version of before does not conflict.
    assert_eq!(second.refresh().unwrap().len(), 2);
    let done = second.execute(&timeout(40), &at("2026-11-21T12:00:00Z", None), Some(1)).unwrap();
    assert!(matches!(done, Outcome::Applied(event) if event.seq == 4));
    assert_eq!((second.state().version(), second.state().events()), (4, 4));
    drop(second);
    let opened = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    assert_eq!(opened.head().events, 4);
    let filter = AuditFilter { subject: Some("user:eva".into()), after: Some(1), ..AuditFilter::default() };
    let found = serde_json::to_value(opened.audit(&filter).unwrap()).unwrap();
    assert_eq!([&found[0]["operation"], &found[0]["objectType"]], ["LOGIN", "USER"]);
    assert_eq!([&found[1]["operation"], &found[1]["objectType"]], ["SESSION_TIMEOUT", "PRIVACY_SETTING"]);
    assert_eq!(found[0]["objects"][0]["id"], "subject:user:eva");
    // A session that is changed later is detected.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("DROP TRIGGER events_stay;").unwrap();
    let changed =
        connection.execute("UPDATE events SET body = replace(body, 'user:eva', 'user:bob') WHERE seq = 2", []);
    assert_eq!(changed.unwrap(), 1);
    assert!(matches!(opened.verify(), Err(StoreError::Tampered { seq: 2, .. })));
}

#[test]
fn an_event_of_a_session_cannot_change_the_state() {
    let administration = begin(Memory::default());
    let mut state: State = administration.state().clone();
    let SessionEvent { operation, record, ip, time } = session(Operation::Login, START);
    let event = state.event_of_session(operation, record, ip, time);
    let mut forged = event.clone();
    forged.changes = administration.audit(&AuditFilter::default()).unwrap().remove(0).event.changes;
    assert!(state.apply(&forged).is_err());
    let mut commanded = event.clone();
    commanded.command = Some(timeout(40));
    assert!(state.apply(&commanded).is_err());
    assert!(State::new().apply(&rolecall_admin::Event::clone(&event)).is_err());
    state.apply(&event).unwrap();
    assert_eq!((state.version(), state.events()), (1, 2));
}

#[test]
fn a_session_at_a_time_that_jumped_is_not_recorded() {
    let mut administration = begin(Memory::default());
    let events = [session(Operation::Login, START), session(Operation::Logout, "2031-01-01T00:00:00Z")];
    let refused = administration.record_sessions(&events);
    assert!(matches!(refused, Err(ExecuteError::ClockJump(_))));
    assert_eq!(administration.verify().unwrap().events, 1);
    assert_eq!(administration.state().events(), 1);
    administration.record_sessions(&events[..1]).unwrap();
    assert_eq!(administration.verify().unwrap().events, 2);
}

/// Reads until there is nothing left.
fn rest<S: Store>(reader: &mut EventReader, administration: &Administration<S>, most: usize) -> Vec<u64> {
    let mut found = Vec::new();
    while reader.is_behind(administration) {
        let part = reader.read(administration, most).unwrap();
        assert!(part.len() <= most);
        found.extend(part.iter().map(|entry| entry.event.seq));
    }
    found
}

#[test]
fn a_follower_of_the_log_gets_every_event_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.rolecall");
    let mut administration = begin(Sqlite::create(&path).unwrap());
    let mut reader = EventReader::new(None, 0);
    assert_eq!(rest(&mut reader, &administration, 2), [1]);
    for minutes in 30..35 {
        administration.execute(&timeout(minutes), &at(START, None), None).unwrap();
    }
    assert_eq!(rest(&mut reader, &administration, 2), [2, 3, 4, 5, 6]);
    assert!(!reader.is_behind(&administration) && reader.read(&administration, 2).unwrap().is_empty());
    // The position is in the file.
    assert_eq!(administration.position("webhook").unwrap(), 0);
    administration.set_position("webhook", 4).unwrap();
    administration.set_position("other", 1).unwrap();
    let backup = folder.path().join("backup.rolecall");
    administration.store().backup(&backup).unwrap();
    drop(administration);
    let mut administration = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    let position = administration.position("webhook").unwrap();
    let mut later = EventReader::new(None, position);
    assert_eq!(rest(&mut later, &administration, 10), [5, 6]);
    // A scope reads the past for who belongs to it, and returns the events after the position only.
    let mut scoped = EventReader::new(Some("main/acme".into()), position);
    assert_eq!(rest(&mut scoped, &administration, 10), [5, 6]);
    let mut elsewhere = EventReader::new(Some("main/nowhere".into()), 1);
    assert_eq!(rest(&mut elsewhere, &administration, 10), [0; 0]);
    // After a backup is restored, the log is another one.
    administration.execute(&timeout(50), &at(START, None), None).unwrap();
    assert_eq!(rest(&mut later, &administration, 10), [7]);
    administration.restore(&backup).unwrap();
    assert_eq!(rest(&mut later, &administration, 10), [1, 2, 3, 4, 5, 6]);
    // A position after the end is that of a log that is gone.
    let mut ahead = EventReader::new(None, 100);
    assert_eq!(rest(&mut ahead, &administration, 10), [0; 0]);
    administration.execute(&timeout(51), &at(START, None), None).unwrap();
    assert_eq!(rest(&mut ahead, &administration, 10), [7]);
}
