//! Stored events stay whole and in order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use rolecall::Timestamp;
use rolecall_admin::{Command, Context, State};
use rolecall_store::{
    Administration, AuditFilter, ClockJumpPolicy, ExecuteError, Memory, Outcome, Sqlite, Store, StoreError,
};
use rusqlite::Connection;
use serde_json::json;
use std::path::{Path, PathBuf};
use world::{START, at, begin, command, timeout};

fn assign(until: &str) -> Command {
    command(json!({ "assign": { "subject": "user:eva", "role": "editor", "at": "main/acme/shop", "until": until } }))
}

/// Returns a store file with some events, and its administration.
fn filled(folder: &Path) -> (PathBuf, Administration<Sqlite>) {
    let path = folder.join("admin.rolecall");
    let mut administration = begin(Sqlite::create(&path).unwrap());
    for minutes in 30..60 {
        administration.execute(&timeout(minutes), &at(START, None), None).unwrap();
    }
    administration.execute(&assign("2026-12-01T00:00:00Z"), &at("2026-11-22T00:00:00Z", Some("first")), None).unwrap();
    (path, administration)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_reopened_store_has_the_same_state() {
    let folder = folder();
    let (path, administration) = filled(folder.path());
    let opened = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    assert_eq!(opened.state().to_json(), administration.state().to_json());
    let verified = opened.verify().unwrap();
    assert_eq!((verified.events, verified.head.len()), (32, 64));
    // The same events lead to the same state in another store.
    let mut memory = begin(Memory::default());
    for one in opened.audit(&AuditFilter::default()).unwrap().into_iter().skip(1) {
        let context = Context { time: one.date, ..at(START, None) };
        memory.execute(one.event.command.as_ref().unwrap(), &context, None).unwrap();
    }
    assert_eq!(memory.state().to_json(), opened.state().to_json());
}

#[test]
fn a_command_with_an_id_is_executed_once() {
    let folder = folder();
    let (_, mut administration) = filled(folder.path());
    let before = administration.state().to_json();
    let again = administration.execute(&assign("2026-12-01T00:00:00Z"), &at(START, Some("first")), None).unwrap();
    assert!(matches!(again, Outcome::Replayed(event) if event.seq == 32));
    let renamed = administration.execute(&assign("2026-12-02T00:00:00Z"), &at(START, Some("first")), None);
    assert!(matches!(renamed, Err(ExecuteError::IdempotencyConflict(id)) if id == "first"));
    // A command that changes nothing is recorded too, once.
    let objects = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["objects"].clone();
    for _ in 0..2 {
        let same = administration.execute(&timeout(59), &at("2026-11-22T00:00:00Z", Some("nothing")), None).unwrap();
        assert_eq!(same, Outcome::Unchanged);
        assert_eq!(administration.verify().unwrap().events, 33);
    }
    let renamed = administration.execute(&timeout(58), &at(START, Some("nothing")), None);
    assert!(matches!(renamed, Err(ExecuteError::IdempotencyConflict(_))));
    assert_eq!(objects(&administration.state().to_json()), objects(&before));
}

#[test]
fn a_command_for_another_state_is_a_conflict() {
    let folder = folder();
    let (path, mut first) = filled(folder.path());
    let mut second = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    let version = second.state().version();
    first.execute(&timeout(30), &at(START, None), Some(version)).unwrap();
    let late = second.execute(&timeout(31), &at(START, None), Some(version));
    assert!(
        matches!(late, Err(ExecuteError::Conflict { expected, found }) if expected == version && found == version + 1)
    );
    assert_eq!(second.state().to_json(), first.state().to_json());
}

#[test]
fn a_refusal_stores_nothing_and_a_clock_set_back_repeats_the_last_time() {
    let folder = folder();
    let (_, mut administration) = filled(folder.path());
    let before = administration.verify().unwrap();
    let refused = administration.execute(&timeout(29), &at(START, Some("short")), None);
    assert!(matches!(refused, Err(ExecuteError::Refused(_))));
    assert_eq!(administration.verify().unwrap(), before);
    let Outcome::Applied(event) = administration.execute(&timeout(30), &at(START, Some("short")), None).unwrap() else {
        panic!("nothing changed")
    };
    assert_eq!(event.time, "2026-11-22T00:00:00Z");
}

#[test]
fn the_state_at_any_time_can_be_read() {
    let folder = folder();
    let (_, administration) = filled(folder.path());
    let may = |state: &State, time: &str| {
        let engine = state.engine().unwrap();
        engine.can_by_names("user:eva", "campaigns:view", "main/acme/shop", Timestamp::parse(time).unwrap()).unwrap()
    };
    let state = |time: &str| administration.state_at(Timestamp::parse(time).unwrap()).unwrap();
    assert!(state("2026-11-21T09:59:59Z").engine().is_none());
    assert_eq!(state("2026-11-21T23:59:59Z").version(), 31);
    assert!(!may(&state("2026-11-21T23:59:59Z"), "2026-11-21T23:59:59Z"));
    assert!(may(&state("2026-11-22T00:00:00Z"), "2026-11-22T00:00:00Z"));
    assert!(!may(administration.state(), "2026-12-01T00:00:00Z"));
}

#[test]
fn the_audit_log_is_filtered_and_uses_audit_terms() {
    let folder = folder();
    let (_, administration) = filled(folder.path());
    let all = administration.audit(&AuditFilter::default()).unwrap();
    let filter = AuditFilter { object: Some("main/acme".into()), count: Some(2), ..AuditFilter::default() };
    let some = serde_json::to_value(administration.audit(&filter).unwrap()).unwrap();
    assert_eq!((all.len(), some.as_array().unwrap().len()), (32, 2));
    assert_eq!(
        [&some[1]["objectType"], &some[1]["operation"], &some[1]["username"], &some[1]["objects"][0]["id"]],
        ["PRIVACY_SETTING", "UPDATE", "user:owner", "settings:main/acme"]
    );
    let since = AuditFilter { from: Timestamp::parse("2026-11-22T00:00:00Z"), ..AuditFilter::default() };
    assert_eq!(administration.audit(&since).unwrap().len(), 1);
    let until = AuditFilter {
        until: Timestamp::parse("2026-11-22T00:00:00Z"),
        actor: Some("user:eva".into()),
        ..AuditFilter::default()
    };
    assert!(administration.audit(&until).unwrap().is_empty());
}

#[test]
fn a_single_changed_byte_of_the_audit_log_is_detected() {
    let folder = folder();
    let (path, _) = filled(folder.path());
    let connection = Connection::open(&path).unwrap();
    assert!(connection.execute("UPDATE events SET body = '' WHERE seq = 3", []).is_err());
    assert!(connection.execute("DELETE FROM events WHERE seq = 32", []).is_err());
    connection.execute_batch("DROP TRIGGER events_stay; DROP TRIGGER events_last;").unwrap();
    let row = |seq: i64| {
        let get = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?));
        connection.query_row("SELECT body, hash FROM events WHERE seq = ?1", [seq], get).unwrap()
    };
    let put = |seq: i64, body: &str, hash: &[u8]| {
        connection.execute("UPDATE events SET body = ?2, hash = ?3 WHERE seq = ?1", (seq, body, hash)).unwrap();
    };
    let verify = || Administration::open(Sqlite::open(&path).unwrap()).map(|_| ());
    verify().unwrap();
    for seq in [2, 17, 32] {
        let (body, hash) = row(seq);
        for place in 0..body.len() {
            let mut bytes = body.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            put(seq, &changed, &hash);
            assert!(matches!(verify(), Err(StoreError::Tampered { .. })), "{seq}, {place}");
        }
        for place in 0..hash.len() {
            let mut changed = hash.clone();
            changed[place] ^= 1;
            put(seq, &body, &changed);
            assert!(matches!(verify(), Err(StoreError::Tampered { .. })), "{seq}, hash {place}");
        }
        put(seq, &body, &hash);
        verify().unwrap();
    }
    // A removed last event is detected as well, because the state is ahead of the audit log.
    connection.execute_batch("BEGIN; DELETE FROM events WHERE seq = 32").unwrap();
    connection.execute_batch("COMMIT").unwrap();
    assert!(matches!(verify(), Err(StoreError::Tampered { .. })));
}

#[test]
fn a_state_that_was_changed_without_an_event_is_detected() {
    let folder = folder();
    let (path, _) = filled(folder.path());
    let connection = Connection::open(&path).unwrap();
    let changed = connection
        .execute("UPDATE objects SET value = replace(value, 'editor', 'viewer') WHERE id LIKE 'user:eva editor%'", []);
    assert_eq!(changed.unwrap(), 1);
    assert!(matches!(Administration::open(Sqlite::open(&path).unwrap()), Err(StoreError::Tampered { .. })));
}

#[test]
fn a_command_id_that_was_changed_without_an_event_is_detected() {
    let folder = folder();
    let (path, mut administration) = filled(folder.path());
    administration.execute(&timeout(59), &at("2026-11-22T00:00:00Z", Some("nothing")), None).unwrap();
    drop(administration);
    let whole = std::fs::read(&path).unwrap();
    for change in [
        "DELETE FROM commands WHERE id LIKE '% first'",
        "DELETE FROM commands WHERE id LIKE '% nothing'",
        "DELETE FROM commands",
        "UPDATE commands SET id = 'second' WHERE id LIKE '% first'",
        "UPDATE commands SET digest = zeroblob(32) WHERE id LIKE '% first'",
        "UPDATE commands SET seq = 31 WHERE id LIKE '% first'",
        "UPDATE commands SET seq = 0 WHERE id LIKE '% nothing'",
        "INSERT INTO commands (id, digest, seq) VALUES ('another', zeroblob(32), 5)",
        "INSERT INTO commands (id, digest, seq) VALUES ('another', zeroblob(32), 99)",
    ] {
        let connection = Connection::open(&path).unwrap();
        assert!(connection.execute(change, []).unwrap() > 0, "{change}");
        drop(connection);
        let found = Administration::open(Sqlite::open(&path).unwrap());
        assert!(matches!(found, Err(StoreError::Tampered { .. })), "{change}");
        std::fs::write(&path, &whole).unwrap();
    }
    // A change while the store is open is detected when the id is used.
    let mut opened = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    let verified = opened.verify().unwrap().events;
    assert_eq!(verified, 33);
    Connection::open(&path).unwrap().execute("UPDATE commands SET seq = 31 WHERE id LIKE '% first'", []).unwrap();
    let used = opened.execute(&assign("2026-12-01T00:00:00Z"), &at(START, Some("first")), None);
    assert!(matches!(used, Err(ExecuteError::Store(StoreError::Tampered { seq: 31, .. }))), "{used:?}");
    assert!(matches!(opened.verify(), Err(StoreError::Tampered { .. })));
}

#[test]
fn a_time_far_from_the_last_event_is_rejected_and_the_clock_can_be_set() {
    let folder = folder();
    let (_, mut administration) = filled(folder.path());
    let before = administration.verify().unwrap();
    // The last event is at 2026-11-22T00:00:00Z.
    for time in ["2027-02-20T00:00:00.001Z", "2062-01-01T00:00:00Z", "2026-11-20T23:59:59.999Z", "1970-01-01T00:00:00Z"]
    {
        let far = administration.execute(&timeout(30), &at(time, None), None);
        assert!(matches!(far, Err(ExecuteError::ClockJump(_))), "{time}");
        let far = administration.preview(&timeout(30), &at(time, None));
        assert!(matches!(far, Err(ExecuteError::ClockJump(_))), "{time}");
    }
    assert_eq!(administration.verify().unwrap(), before);
    let far = administration.execute(&timeout(30), &at("2062-01-01T00:00:00Z", None), None).unwrap_err().to_string();
    assert!(far.starts_with("time.jump: the time 2062-01-01T00:00:00Z is 12824 days after the last event"), "{far}");
    administration.execute(&timeout(30), &at("2027-02-20T00:00:00Z", None), None).unwrap();
    let read = |text: &str| Timestamp::parse(text).unwrap();
    assert_eq!(administration.stands_still(read("2027-02-19T00:00:00Z")), Some(read("2027-02-20T00:00:00Z")));
    // After a wrong clock was accepted, `set_clock` turns time back with an event.
    administration.execute_at(&timeout(31), &at("2062-01-01T00:00:00Z", None), None, ClockJumpPolicy::Accept).unwrap();
    let now = "2026-11-23T00:00:00Z";
    assert!(matches!(administration.execute(&timeout(32), &at(now, None), None), Err(ExecuteError::ClockJump(_))));
    administration.set_clock("user:owner", read(now)).unwrap();
    let Outcome::Applied(event) = administration.execute(&timeout(32), &at(now, None), None).unwrap() else {
        panic!("nothing changed")
    };
    assert_eq!(event.time, now);
    // Reopening the store gives the same result. The state at that time includes the events before it.
    let path = administration.store().path().to_path_buf();
    let mut opened = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    assert_eq!(opened.stands_still(read("2026-11-22T12:00:00Z")), Some(read(now)));
    assert_eq!(opened.state_at(read(now)).unwrap().to_json(), opened.state().to_json());
    assert!(matches!(
        opened.execute(&timeout(33), &at("2026-11-24T00:00:00Z", None), None).unwrap(),
        Outcome::Applied(_)
    ));
}

#[test]
fn a_store_without_recent_events_accepts_commands_if_a_server_saw_the_clock() {
    let folder = folder();
    let (path, mut administration) = filled(folder.path());
    let read = |text: &str| Timestamp::parse(text).unwrap();
    let before = administration.verify().unwrap();
    // The last event is at 2026-11-22T00:00:00Z. A time of the same day adds nothing.
    assert!(!administration.see_clock(read("2026-11-22T23:59:59Z")).unwrap());
    // A clock that jumped is not stored, neither ahead nor behind.
    for far in ["2027-02-20T00:00:00.001Z", "2062-01-01T00:00:00Z", "2026-11-20T23:59:59.999Z"] {
        assert!(matches!(administration.see_clock(read(far)), Err(ExecuteError::ClockJump(_))), "{far}");
    }
    for month in ["2026-12", "2027-01", "2027-02", "2027-03", "2027-04"] {
        assert!(administration.see_clock(read(&format!("{month}-20T00:00:00Z"))).unwrap(), "{month}");
        assert!(!administration.see_clock(read(&format!("{month}-20T23:00:00Z"))).unwrap(), "{month}");
    }
    // It is not an event, and every program that opens the store reads it.
    assert_eq!(administration.verify().unwrap(), before);
    let mut opened = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    let far = opened.execute(&timeout(30), &at("2027-07-20T00:00:00Z", None), None).unwrap_err().to_string();
    assert!(far.contains("91 days after a server last saw the clock, at 2027-04-20T00:00:00Z"), "{far}");
    assert!(far.contains("`--allow-time-jump` executes this command"), "{far}");
    let quiet = at("2027-07-19T00:00:00Z", None);
    opened.preview(&timeout(30), &quiet).unwrap();
    assert!(matches!(opened.execute(&timeout(30), &quiet, None).unwrap(), Outcome::Applied(_)));
    // A clock that was ahead and was set back is accepted, down to the last event.
    assert!(opened.see_clock(read("2027-10-10T00:00:00Z")).unwrap());
    assert!(opened.see_clock(read("2027-07-20T00:00:00Z")).unwrap());
    assert!(matches!(opened.see_clock(read("2027-07-17T00:00:00Z")), Err(ExecuteError::ClockJump(_))));
    assert!(opened.execute(&timeout(31), &at("2027-10-19T00:00:00Z", None), None).is_err());
}

#[test]
fn a_corrected_clock_overwrites_the_wrong_time() {
    let read = |text: &str| Timestamp::parse(text).unwrap();
    let (now, wrong) = ("2026-11-23T00:00:00Z", "2062-01-01T00:00:00Z");
    for by_event in [true, false] {
        let folder = folder();
        let (_, mut administration) = filled(folder.path());
        // A wrong clock was accepted and stored.
        administration.execute_at(&timeout(30), &at(wrong, None), None, ClockJumpPolicy::Accept).unwrap();
        assert_eq!(administration.store().clock_seen().unwrap(), Some(read(wrong)));
        administration.see_clock(read("2062-02-01T00:00:00Z")).unwrap();
        if by_event {
            administration.set_clock("user:owner", read(now)).unwrap();
        } else {
            administration.execute_at(&timeout(31), &at(now, None), None, ClockJumpPolicy::Accept).unwrap();
        }
        assert_eq!(administration.store().clock_seen().unwrap(), Some(read(now)));
        let again = administration.execute(&timeout(32), &at(wrong, None), None);
        assert!(matches!(again, Err(ExecuteError::ClockJump(_))), "{again:?}");
        assert!(matches!(administration.see_clock(read(wrong)), Err(ExecuteError::ClockJump(_))));
    }
}

#[test]
fn a_store_is_not_restored_from_itself_and_waiting_ends() {
    let folder = folder();
    let (path, mut administration) = filled(folder.path());
    let hard = folder.path().join("hard");
    std::fs::hard_link(&path, &hard).unwrap();
    let mut same = vec![path.clone(), folder.path().join(".").join("admin.rolecall"), hard];
    #[cfg(unix)]
    {
        let soft = folder.path().join("soft");
        std::os::unix::fs::symlink(&path, &soft).unwrap();
        same.push(soft);
    }
    for file in same {
        assert!(matches!(administration.restore(&file), Err(StoreError::Same(_))), "{file:?}");
        assert!(matches!(administration.store().backup(&file), Err(StoreError::Same(_))), "{file:?}");
    }
    let backup = folder.path().join("backup");
    administration.store().backup(&backup).unwrap();
    // Another program locks the file for longer than the maximum wait.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let busy = |error: StoreError| {
        assert!(matches!(error, StoreError::Busy), "{error:?}");
        let message = error.to_string();
        assert!(message.contains("the store is busy") && !message.contains("backup"), "{message}");
    };
    let open = path.clone();
    let opened = std::thread::spawn(move || Sqlite::open(&open).map(drop));
    busy(administration.restore(&backup).unwrap_err());
    busy(opened.join().unwrap().unwrap_err());
    other.execute_batch("ROLLBACK").unwrap();
    administration.restore(&backup).unwrap();
}

#[test]
fn damaged_files_are_rejected_or_read_correctly_and_never_changed() {
    let folder = folder();
    let (path, administration) = filled(folder.path());
    let (whole, state) = (std::fs::read(&path).unwrap(), administration.state().to_json());
    drop(administration);
    let open = || Sqlite::open(&path).and_then(Administration::open);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut refused, mut used) = (0, 0);
    for _ in 0..400 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut bytes = whole.clone();
        let place = (random >> 11) as usize % bytes.len();
        bytes[place] ^= 1 << (random & 7);
        // Space that holds nothing is zero, and nobody reads it.
        used += usize::from(whole[place] != 0);
        std::fs::write(&path, &bytes).unwrap();
        match open() {
            Ok(opened) => assert_eq!(opened.state().to_json(), state, "byte {place}"),
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
        assert!(std::fs::read(&path).unwrap() == bytes, "byte {place} : the file was changed");
    }
    assert!(used > 100 && refused > used / 2, "{refused} of {used}");
    for length in (0..whole.len()).step_by(997) {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(open(), Err(StoreError::Unusable { .. })), "{length} bytes");
        assert_eq!(std::fs::read(&path).unwrap().len(), length);
    }
}

#[test]
fn foreign_files_are_rejected_and_not_changed() {
    let folder = folder();
    let path = folder.path().join("foreign");
    assert!(matches!(Sqlite::open(&path), Err(StoreError::Missing(_))));
    std::fs::write(&path, "rolecall: 1\n").unwrap();
    assert!(Sqlite::open(&path).unwrap_err().to_string().contains("not an SQLite file"));
    assert!(matches!(Sqlite::create(&path), Err(StoreError::Exists(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"rolecall: 1\n");
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(Sqlite::open(&path).unwrap_err().to_string().contains("not a Rolecall file"));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let later = folder.path().join("later");
    drop(Sqlite::create(&later).unwrap());
    Connection::open(&later).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(Sqlite::open(&later).unwrap_err().to_string().contains("a later version"));
}

#[test]
fn a_file_of_an_older_schema_is_migrated() {
    let folder = folder();
    let path = folder.path().join("older");
    // Before the first schema, a file had only the application id.
    Connection::open(&path).unwrap().pragma_update(None, "application_id", 0x524c_434c).unwrap();
    let mut administration = begin(Sqlite::open(&path).unwrap());
    administration.execute(&timeout(30), &at(START, None), None).unwrap();
    assert_eq!(Administration::open(Sqlite::open(&path).unwrap()).unwrap().verify().unwrap().events, 2);
    let schema = |path: &Path| -> u32 {
        Connection::open(path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let (other, _) = filled(folder.path());
    assert_eq!(schema(&path), schema(&other));
}

/// Returns the names and bytes of all files in a folder.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    all.sort();
    all
}

#[test]
fn a_copy_has_the_same_content_and_does_not_change_the_file() {
    let folder = folder();
    let (path, mut administration) = filled(folder.path());
    let state = administration.state().to_json();
    let before = contents(folder.path());
    let copy = Administration::open(Sqlite::open_copy(&path).unwrap()).unwrap();
    assert_eq!((copy.state().to_json(), copy.verify().unwrap().events), (state, 32));
    assert_eq!(contents(folder.path()), before);
    // An open copy does not lock the file.
    administration.execute(&timeout(30), &at("2026-11-23T00:00:00Z", None), None).unwrap();
    assert_eq!((administration.head().events, copy.verify().unwrap().events), (33, 32));
    // An unfinished transaction of another program is not in the copy.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM objects").unwrap();
    assert_eq!(Administration::open(Sqlite::open_copy(&path).unwrap()).unwrap().verify().unwrap().events, 33);
    // What cannot be opened is refused as it is there.
    assert!(matches!(Sqlite::open_copy(&folder.path().join("none")), Err(StoreError::Missing(_))));
    let foreign = folder.path().join("foreign");
    std::fs::write(&foreign, "rolecall: 1\n").unwrap();
    assert!(Sqlite::open_copy(&foreign).unwrap_err().to_string().contains("not an SQLite file"));
}

#[test]
fn a_copy_of_an_older_schema_is_migrated_and_the_file_is_not() {
    let folder = folder();
    let (path, administration) = filled(folder.path());
    drop(administration);
    let file = Connection::open(&path).unwrap();
    file.execute_batch("INSERT INTO commands VALUES ('nothing', x'00', 0); DROP TABLE clock; DROP TABLE positions; DROP TABLE private; DROP TABLE secret_uses; DROP TABLE head; DROP TABLE logins; PRAGMA user_version = 1")
        .unwrap();
    drop(file);
    let before = contents(folder.path());
    assert_eq!(Administration::open(Sqlite::open_copy(&path).unwrap()).unwrap().verify().unwrap().events, 32);
    assert_eq!(contents(folder.path()), before);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(Sqlite::open_copy(&path).unwrap_err().to_string().contains("a later version"));
}

#[test]
fn a_copy_rolls_back_an_interrupted_transaction_and_the_file_keeps_its_journal() {
    let folder = folder();
    let (path, administration) = filled(folder.path());
    let state = administration.state().to_json();
    drop(administration);
    // Pages that do not fit into the cache are written before the transaction ends, with a journal.
    let writing = Connection::open(&path).unwrap();
    writing.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
    for number in 0..2_000 {
        let id = format!("{number:0>200}");
        writing.execute("INSERT INTO objects VALUES ('group', ?1, '{}')", [id]).unwrap();
    }
    let left = folder.path().join("left");
    std::fs::create_dir(&left).unwrap();
    let crashed = left.join("admin.rolecall");
    std::fs::copy(&path, &crashed).unwrap();
    std::fs::copy(folder.path().join("admin.rolecall-journal"), left.join("admin.rolecall-journal")).unwrap();
    drop(writing);
    let before = contents(&left);
    assert_ne!(std::fs::metadata(&crashed).unwrap().len(), std::fs::metadata(&path).unwrap().len());
    let copy = Administration::open(Sqlite::open_copy(&crashed).unwrap()).unwrap();
    assert_eq!(copy.state().to_json(), state);
    assert_eq!(contents(&left), before);
}

#[test]
fn a_backup_is_taken_and_restored_while_running() {
    let folder = folder();
    let (path, mut administration) = filled(folder.path());
    let mut other = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    let backup = folder.path().join("backup");
    administration.store().backup(&backup).unwrap();
    assert!(matches!(administration.store().backup(&backup), Err(StoreError::Exists(_))));
    let saved = administration.state().to_json();
    administration.execute(&timeout(30), &at("2026-11-23T00:00:00Z", None), None).unwrap();
    other.refresh().unwrap();
    assert_ne!(other.state().to_json(), saved);
    administration.restore(&backup).unwrap();
    assert_eq!(administration.state().to_json(), saved);
    // The other program follows and continues from there.
    let Outcome::Applied(event) = other.execute(&timeout(31), &at("2026-11-23T00:00:00Z", None), None).unwrap() else {
        panic!("nothing changed")
    };
    assert_eq!(event.seq, 33);
    administration.refresh().unwrap();
    assert_eq!(administration.state().to_json(), other.state().to_json());
    administration.verify().unwrap();
    std::fs::write(&backup, "no backup").unwrap();
    assert!(administration.restore(&backup).is_err());
    assert_eq!(administration.verify().unwrap().events, 33);
}

#[test]
fn two_programs_work_on_one_file() {
    let folder = folder();
    let (path, first) = filled(folder.path());
    drop(first);
    let work = |offset: usize| {
        let path = path.clone();
        std::thread::spawn(move || {
            let mut administration = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
            for step in 0..20 {
                let minutes = 30 + (2 * step + offset) % 30;
                administration.execute(&timeout(minutes), &at(START, None), None).unwrap();
            }
        })
    };
    for thread in [work(0), work(1)] {
        thread.join().unwrap();
    }
    let verified = Administration::open(Sqlite::open(&path).unwrap()).unwrap().verify().unwrap();
    assert!(verified.events > 50, "{verified:?}");
}
