//! A store with a long log opens without its old events, and notices what was changed in the part that it reads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use rolecall::Timestamp;
use rolecall_admin::{Operation, SessionRecord, State};
use rolecall_store::{Administration, AuditFilter, ClockJumpPolicy, SessionEvent, Sqlite, Store, StoreError};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use world::{START, at, begin, timeout};

/// Returns a store with 1,602 events, the last two of which are of sessions.
fn long(folder: &Path) -> (PathBuf, Administration<Sqlite>) {
    let path = folder.join("admin.rolecall");
    let mut administration = begin(Sqlite::create(&path).unwrap());
    for part in 0..2 {
        let commands: Vec<_> = (0..800).map(|number| timeout(30 + (number + part) % 30)).collect();
        administration.execute_all(&commands, &at(START, None), None, ClockJumpPolicy::Reject).unwrap();
    }
    let record = |time: &str| SessionEvent {
        operation: Operation::Login,
        record: SessionRecord::new(Some("user:eva".into()), "sso", "corp"),
        ip: None,
        time: Timestamp::parse(time).unwrap(),
    };
    administration.record_sessions(&[record("2026-11-21T11:00:00Z"), record("2026-11-21T12:00:00Z")]).unwrap();
    (path, administration)
}

fn open(path: &Path) -> Result<Administration<Sqlite>, StoreError> {
    Sqlite::open(path).and_then(Administration::open)
}

/// Changes the file by hand. Events can then be changed too.
fn change(path: &Path, statement: &str) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_last;").unwrap();
    assert!(connection.execute(statement, []).unwrap() > 0, "{statement}");
}

fn logins(state: &State) -> Vec<(String, String, Timestamp)> {
    let mut logins: Vec<_> = state.logins().map(|(who, at, time)| (who.to_string(), at.to_string(), time)).collect();
    logins.sort();
    logins
}

#[test]
fn a_long_log_opens_in_the_same_state_without_its_old_events() {
    let folder = tempfile::tempdir().unwrap();
    let (path, administration) = long(folder.path());
    // Opening cannot have read this event; verifying does.
    change(&path, "UPDATE events SET body = replace(body, 'set-timeout', 'set-timeoat') WHERE seq = 300");
    let mut opened = open(&path).unwrap();
    assert_eq!(opened.state().to_json(), administration.state().to_json());
    assert_eq!(opened.head(), administration.head());
    assert_eq!(opened.state_head(), administration.state_head());
    assert_eq!((opened.state().version(), opened.state().events()), (1_601, 1_603));
    assert_eq!(logins(opened.state()), logins(administration.state()));
    assert!(!logins(opened.state()).is_empty());
    assert!(matches!(opened.verify(), Err(StoreError::Tampered { seq: 300, .. })));
    // Both go on, and follow each other.
    opened.execute(&timeout(59), &at("2026-11-21T13:00:00Z", None), Some(1_601)).unwrap();
    let mut other = administration;
    assert_eq!(other.refresh().unwrap().len(), 1);
    assert_eq!(other.head(), opened.head());
}

#[test]
fn a_whole_long_store_verifies_and_an_older_one_gets_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let (path, administration) = long(folder.path());
    administration.verify().unwrap();
    let before = administration.store().opening().unwrap().unwrap();
    change(&path, "DELETE FROM head");
    change(&path, "DELETE FROM logins");
    let opened = open(&path).unwrap();
    let after = opened.store().opening().unwrap().unwrap();
    assert_eq!((after.head, after.digest), (before.head, before.digest));
    assert_eq!(logins(opened.state()), logins(administration.state()));
    assert_eq!(logins(open(&path).unwrap().state()), logins(administration.state()));
    opened.verify().unwrap();
}

#[test]
fn what_was_changed_by_hand_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, administration) = long(folder.path());
    drop(administration);
    let original = std::fs::read(&path).unwrap();
    let fails = |statement: &str| {
        std::fs::write(&path, &original).unwrap();
        change(&path, statement);
        assert!(matches!(open(&path), Err(StoreError::Tampered { .. })), "{statement}");
    };
    fails("UPDATE objects SET value = replace(value, 'm', 'n') WHERE kind = 'settings'");
    fails("DELETE FROM objects WHERE kind = 'assignment'");
    fails("UPDATE objects SET id = id || 'x' WHERE kind = 'subject'");
    fails("UPDATE events SET body = replace(body, 'user:eva', 'user:bob') WHERE seq = 1602");
    fails("UPDATE events SET hash = randomblob(32) WHERE seq = 1000");
    fails("UPDATE events SET hash = randomblob(32) WHERE seq = 1603");
    fails("DELETE FROM events WHERE seq = 1603");
    fails("DELETE FROM events WHERE seq = 1100");
    fails("UPDATE head SET seq = 1602");
    fails("UPDATE head SET hash = randomblob(32)");
    fails("UPDATE head SET state_seq = 1600");
    fails("UPDATE head SET state_seq = 1600, state_hash = (SELECT hash FROM events WHERE seq = 1600)");
    fails("UPDATE head SET state_seq = 1602, state_hash = (SELECT hash FROM events WHERE seq = 1602)");
    fails("INSERT INTO events VALUES (1604, '{}', randomblob(32))");
    fails("UPDATE head SET objects = randomblob(32)");
    // The last logins are no part of the state; verifying compares them.
    std::fs::write(&path, &original).unwrap();
    change(&path, "UPDATE logins SET time = time + 1");
    assert!(matches!(open(&path).unwrap().verify(), Err(StoreError::Tampered { .. })));
}

#[test]
fn a_program_that_knows_no_head_leaves_a_store_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut administration) = long(folder.path());
    let head = |path: &Path| -> (i64, Vec<u8>) {
        let connection = Connection::open(path).unwrap();
        connection.query_row("SELECT seq, objects FROM head", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let before = head(&path);
    administration.execute(&timeout(59), &at("2026-11-21T13:00:00Z", None), None).unwrap();
    let after = head(&path);
    assert_ne!(before, after);
    // The earlier program stored the event and its objects, and not the head.
    let connection = Connection::open(&path).unwrap();
    connection
        .execute("UPDATE head SET seq = ?1, hash = (SELECT hash FROM events WHERE seq = ?1), objects = ?2", before)
        .unwrap();
    drop(connection);
    // It goes on, and a program that knows heads takes over.
    administration.execute(&timeout(58), &at("2026-11-21T13:00:00Z", None), None).unwrap();
    assert_eq!(head(&path).0, 1_603);
    let opened = open(&path).unwrap();
    assert_eq!(opened.state().to_json(), administration.state().to_json());
    assert_eq!(head(&path).0, 1_605);
    open(&path).unwrap().verify().unwrap();
}

#[test]
fn pages_of_another_log_are_not_shown_as_those_of_the_scope() {
    let folder = tempfile::tempdir().unwrap();
    let (path, administration) = long(folder.path());
    let filter = AuditFilter { at: Some("main/acme".into()), after: Some(1_500), ..AuditFilter::default() };
    let before = administration.audit(&filter).unwrap().len();
    assert!(before > 0);
    // The last event is the same, and one before it is not.
    change(&path, "UPDATE events SET hash = randomblob(32) WHERE seq = 1550");
    assert!(matches!(administration.audit(&filter), Err(StoreError::Tampered { seq: 1_550, .. })));
}
