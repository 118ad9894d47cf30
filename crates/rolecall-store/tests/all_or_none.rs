//! Several commands in one transaction.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use rolecall_admin::{Command, Event, limits};
use rolecall_store::{
    Administration, AuditFilter, ClockJumpPolicy, CommandsError, ExecuteError, Memory, Outcome, Sqlite, Store,
};
use serde_json::{Value, json};
use world::{START, at, begin, command, timeout};

fn commands(all: Value) -> Vec<Command> {
    all.as_array().unwrap().iter().cloned().map(command).collect()
}

/// Commands of which each needs the ones before.
fn dependent() -> Vec<Command> {
    commands(json!([
        { "set-role": { "at": "main/acme", "role": "desk", "inherits": ["viewer"] } },
        { "add-group": { "group": "group:main/acme/desk", "at": "main/acme" } },
        { "assign": { "subject": "group:main/acme/desk", "role": "desk", "at": "main/acme/shop" } },
        { "add-user": { "subject": "user:new", "name": "New One", "roles": [{ "role": "desk", "at": "main/acme/shop" }] } },
        { "join-group": { "group": "group:main/acme/desk", "member": "user:new" } },
    ]))
}

fn all<S: Store>(
    administration: &mut Administration<S>,
    commands: &[Command],
    id: Option<&str>,
) -> Result<Vec<Outcome>, CommandsError> {
    administration.execute_all(commands, &at(START, id), None, ClockJumpPolicy::Reject)
}

fn events(outcomes: Vec<Outcome>) -> Vec<Event> {
    let event = |outcome| match outcome {
        Outcome::Applied(event) | Outcome::Replayed(event) => *event,
        other => panic!("{other:?}"),
    };
    outcomes.into_iter().map(event).collect()
}

#[test]
fn each_command_sees_the_effect_of_those_before() {
    let mut administration = begin(Memory::default());
    let done = events(all(&mut administration, &dependent(), Some("desk")).unwrap());
    assert_eq!(done.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
    assert_eq!(done[4].id.as_deref(), Some("desk#5"));
    // The chain is whole, and its events lead to the state.
    assert_eq!(administration.verify().unwrap().events, 6);
    let log = administration.audit(&AuditFilter::default()).unwrap();
    assert_eq!(log.iter().filter(|entry| entry.date == START).count(), 6);
    // The same commands alone lead to the same objects.
    let mut single = begin(Memory::default());
    for one in dependent() {
        single.execute(&one, &at(START, None), None).unwrap();
    }
    assert_eq!(single.state().directory(), administration.state().directory());
}

#[test]
fn a_refused_command_undoes_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.rolecall");
    let mut administration = begin(Sqlite::create(&path).unwrap());
    let before = (administration.state().to_json(), administration.verify().unwrap());
    let mut list = dependent();
    list.push(timeout(29));
    list.push(timeout(31));
    let error = all(&mut administration, &list, Some("list")).unwrap_err();
    assert!(matches!((error.index, &error.error), (Some(5), ExecuteError::Refused(_))), "{error}");
    assert!(error.to_string().starts_with("command 5: "));
    assert_eq!((administration.state().to_json(), administration.verify().unwrap()), before);
    // The same id may be used again, because nothing was executed with it.
    list.remove(5);
    assert_eq!(all(&mut administration, &list, Some("list")).unwrap().len(), 6);
    // Someone else who has the store open follows, and another process finds it whole.
    let opened = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    assert_eq!(opened.state().to_json(), administration.state().to_json());
    let private = opened.state().all::<Value>(rolecall_admin::ObjectKind::Person).count();
    assert_eq!(private, 1);
}

#[test]
fn a_retry_returns_the_first_outcomes() {
    let mut administration = begin(Memory::default());
    let mut list = dependent();
    list.push(timeout(30));
    list.push(timeout(30));
    let first = all(&mut administration, &list, Some("list")).unwrap();
    assert_eq!(first[6], Outcome::Unchanged);
    let events_after = administration.verify().unwrap().events;
    let again = all(&mut administration, &list, Some("list")).unwrap();
    assert_eq!(again[6], Outcome::Unchanged);
    assert!(matches!(&again[0], Outcome::Replayed(event) if event.seq == 2));
    assert_eq!(administration.verify().unwrap().events, events_after);
    // Another list with the same id: a shorter one, a longer one, and one with another command.
    let mut longer = list.clone();
    longer.push(timeout(31));
    let mut other = list.clone();
    other[5] = timeout(32);
    for wrong in [list[..6].to_vec(), longer, other] {
        let error = all(&mut administration, &wrong, Some("list")).unwrap_err();
        assert!(matches!(&error.error, ExecuteError::IdempotencyConflict(id) if id == "list"), "{error}");
    }
    assert_eq!(administration.verify().unwrap().events, events_after);
}

#[test]
fn a_dry_run_shows_every_refusal_and_stores_nothing() {
    let administration = begin(Memory::default());
    let mut list = dependent();
    list.insert(1, timeout(29));
    list.insert(3, command(json!({ "assign": { "subject": "user:nobody", "role": "desk", "at": "main/acme" } })));
    let shown = administration.preview_all(&list, &at(START, None), ClockJumpPolicy::Reject).unwrap();
    let refused: Vec<usize> =
        shown.iter().enumerate().filter(|(_, one)| one.is_err()).map(|(index, _)| index).collect();
    assert_eq!(refused, [1, 3]);
    let gained = &shown[5].as_ref().unwrap().diff.gained;
    assert!(gained.iter().any(|one| one.subject.as_deref() == Some("user:new")), "{gained:?}");
    assert_eq!(administration.verify().unwrap().events, 1);
}

#[test]
fn lists_have_a_limit_and_an_expected_version() {
    let mut administration = begin(Memory::default());
    let many = vec![timeout(30); limits::COMMANDS + 1];
    for wrong in [&many[..], &[]] {
        let error = all(&mut administration, wrong, None).unwrap_err();
        assert!(matches!((error.index, &error.error), (None, ExecuteError::Refused(_))), "{error}");
    }
    let late = administration.execute_all(&dependent(), &at(START, None), Some(7), ClockJumpPolicy::Reject);
    assert!(matches!(late.unwrap_err().error, ExecuteError::Conflict { expected: 7, found: 1 }));
}
