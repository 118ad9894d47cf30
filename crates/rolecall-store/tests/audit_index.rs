//! Reads of the audit log, of one scope and of all, equal those that follow the whole log each time, and take the time of
//! their page. The time is measured in a release build:
//! `cargo test --release -p rolecall-store --test audit_index -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use rolecall::Timestamp;
use rolecall_admin::{Event, ObjectType, Operation, ScopedEvents, SessionRecord};
use rolecall_store::{Administration, AuditFilter, Memory, SessionEvent, Sqlite, Store};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use world::{at, begin_with, command};

const SCOPES: [Option<&str>; 5] = [None, Some("main"), Some("main/acme"), Some("main/acme/shop"), Some("main/other")];

/// Returns the numbers and the shown text of the events that a reader sees, the slow and obvious way.
fn slow<S: Store>(administration: &Administration<S>, filter: &AuditFilter) -> Vec<(u64, Value)> {
    let mut scoped = filter.at.as_ref().map(ScopedEvents::new);
    let all = administration.store().records(0, usize::MAX >> 1).unwrap().into_iter().filter_map(|record| {
        let event: Event = serde_json::from_str(&record.body).unwrap();
        scoped.as_mut().map_or(Some(event.clone()), |scoped| scoped.next(&event))
    });
    let names = |event: &Event| {
        let texts = event.changes.iter().flat_map(|change| {
            let values = [&change.before, &change.after].into_iter().flatten();
            values.filter_map(|value| value["subject"].as_str().map(str::to_string)).chain([change.id.clone()])
        });
        texts.collect::<Vec<_>>()
    };
    let wanted = all.filter(|event| {
        let time = Timestamp::parse(&event.time).unwrap();
        filter.from.is_none_or(|from| time >= from)
            && filter.until.is_none_or(|until| time < until)
            && filter.actor.as_ref().is_none_or(|actor| event.actor == *actor)
            && filter.object_type.is_none_or(|kind| kind == event.object_type)
            && filter.operation.is_none_or(|operation| operation == event.operation)
            && filter.after.is_none_or(|after| event.seq > after)
            && filter.subject.as_ref().is_none_or(|subject| names(event).contains(subject))
            && filter.object.as_ref().is_none_or(|object| event.changes.iter().any(|change| change.id == *object))
    });
    let mut found: Vec<(u64, Value)> = wanted.map(|event| (event.seq, serde_json::to_value(&event).unwrap())).collect();
    found.truncate(filter.limit.unwrap_or(usize::MAX));
    found.split_off(filter.count.map_or(0, |count| found.len().saturating_sub(count)))
}

fn filters() -> Vec<AuditFilter> {
    let all = AuditFilter::default;
    let time = |text: &str| Timestamp::parse(text);
    vec![
        all(),
        AuditFilter { after: Some(2), limit: Some(3), ..all() },
        AuditFilter { after: Some(1_000), limit: Some(3), ..all() },
        AuditFilter { count: Some(3), ..all() },
        AuditFilter { count: Some(2), limit: Some(4), ..all() },
        AuditFilter { actor: Some("user:owner".into()), count: Some(2), ..all() },
        AuditFilter { actor: Some("other".into()), ..all() },
        AuditFilter { subject: Some("user:eva".into()), limit: Some(2), ..all() },
        AuditFilter { object: Some("main/acme".into()), ..all() },
        AuditFilter { object_type: Some(ObjectType::RoleAssignment), ..all() },
        AuditFilter { operation: Some(Operation::Update), count: Some(1), ..all() },
        AuditFilter { from: time("2026-11-21T10:05:00Z"), until: time("2026-11-21T10:09:00Z"), ..all() },
    ]
}

/// Compares every filter at every scope; returns the number of events that were compared.
fn compare<S: Store>(administration: &Administration<S>) -> usize {
    let mut compared = 0;
    for (scope, filter) in SCOPES.into_iter().flat_map(|scope| filters().into_iter().map(move |one| (scope, one))) {
        let filter = AuditFilter { at: scope.map(str::to_string), ..filter };
        let found = administration.audit(&filter).unwrap().into_iter();
        let found: Vec<(u64, Value)> =
            found.map(|entry| (entry.event.seq, serde_json::to_value(&entry.event).unwrap())).collect();
        assert_eq!(found, slow(administration, &filter), "{filter:?}");
        compared += found.len();
    }
    compared
}

/// Returns commands of two tenants and of the instance.
fn commands() -> Vec<Value> {
    let assign =
        |subject: &str, role: &str, at: &str| json!({ "assign": { "subject": subject, "role": role, "at": at } });
    vec![
        assign("user:eva", "editor", "main/acme/shop"),
        json!({ "set-timeout": { "at": "main/acme", "timeout": "45m" } }),
        assign("user:rita", "viewer", "main/other"),
        json!({ "add-group": { "group": "group:main/acme/desk", "at": "main/acme" } }),
        json!({ "join-group": { "group": "group:main/acme/desk", "member": "user:eva" } }),
        assign("group:main/acme/desk", "viewer", "main/acme/blog"),
        json!({ "withdraw": { "subject": "user:rita", "role": "viewer", "at": "main/other" } }),
        json!({ "leave-group": { "group": "group:main/acme/desk", "member": "user:eva" } }),
        json!({ "set-role": { "at": "main/acme", "role": "one", "inherits": ["viewer"] } }),
        json!({ "set-timeout": { "at": "main/other", "timeout": "40m" } }),
    ]
}

fn give<S: Store>(administration: &mut Administration<S>, minute: usize, one: Value) {
    let mut context = at(&format!("2026-11-21T10:{minute:02}:00Z"), None);
    // The commands are about both tenants.
    context.actor = "user:root".into();
    administration.execute(&command(one), &context, None).unwrap_or_else(|error| panic!("{error}"));
}

/// Returns administration with a user who administers the instance.
fn instance<S: Store>(store: S) -> Administration<S> {
    begin_with(store, |directory| {
        directory["subjects"]["user:root"] = json!({});
        let root = json!({ "subject": "user:root", "role": "iam", "at": "main" });
        directory["assignments"].as_array_mut().unwrap().push(root);
    })
}

#[test]
fn reads_equal_those_that_follow_the_whole_log() {
    let mut administration = instance(Memory::default());
    let mut compared = compare(&administration);
    for (minute, one) in commands().into_iter().enumerate() {
        give(&mut administration, minute + 1, one);
        compared += compare(&administration);
    }
    assert!(compared > 900, "{compared}");
}

#[test]
fn reads_follow_a_restored_backup() {
    let folder = tempfile::tempdir().unwrap();
    let mut administration = instance(Sqlite::create(&folder.path().join("admin.rolecall")).unwrap());
    let backup = folder.path().join("backup.rolecall");
    administration.store().backup(&backup).unwrap();
    for (minute, one) in commands().into_iter().enumerate() {
        give(&mut administration, minute + 1, one);
    }
    let before = compare(&administration);
    administration.restore(&backup).unwrap();
    assert!(compare(&administration) < before);
    give(&mut administration, 20, json!({ "set-timeout": { "at": "main/acme", "timeout": "50m" } }));
    compare(&administration);
}

/// The number of events of a log in use for a long time, nearly all of them logins.
const EVENTS: usize = 100_000;
/// The time that a page may take.
const BOUND: Duration = Duration::from_millis(50);

#[test]
#[ignore = "measures a release build"]
fn a_page_of_100_000_events_takes_at_most_50_ms() {
    let folder = tempfile::tempdir().unwrap();
    let mut administration = instance(Sqlite::create(&folder.path().join("admin.rolecall")).unwrap());
    give(&mut administration, 1, json!({ "assign": { "subject": "user:rita", "role": "viewer", "at": "main/other" } }));
    let logins = (0..EVENTS).map(|number| {
        let users = ["user:eva", "user:lead", "user:anna", "user:root"];
        let record = SessionRecord::new(Some(users[number % users.len()].to_string()), "sso", "corp");
        let time = Timestamp::parse("2026-11-21T11:00:00Z").unwrap();
        SessionEvent { operation: Operation::Login, record, ip: Some("203.0.113.9".into()), time }
    });
    administration.record_sessions(&logins.collect::<Vec<_>>()).unwrap();
    let mut slow = Vec::new();
    for scope in SCOPES {
        let filter = |change: &dyn Fn(&mut AuditFilter)| {
            let mut filter = AuditFilter { at: scope.map(str::to_string), limit: Some(100), ..AuditFilter::default() };
            change(&mut filter);
            filter
        };
        let begin = Instant::now();
        administration.audit(&filter(&|_| {})).unwrap();
        println!("{scope:?}, first read: {:.0} ms", begin.elapsed().as_secs_f64() * 1000.0);
        for (name, filter) in [
            ("first page", filter(&|_| {})),
            ("a page in the middle", filter(&|one| one.after = Some(EVENTS as u64 / 2))),
            ("the latest events", filter(&|one| (one.limit, one.count) = (None, Some(100)))),
            ("of one subject", filter(&|one| one.subject = Some("user:rita".into()))),
            ("of one actor", filter(&|one| one.actor = Some("user:owner".into()))),
            ("updates", filter(&|one| one.operation = Some(Operation::Update))),
        ] {
            let mut times: Vec<Duration> = (0..11)
                .map(|_| {
                    let begin = Instant::now();
                    std::hint::black_box(administration.audit(&filter).unwrap());
                    begin.elapsed()
                })
                .collect();
            times.sort_unstable();
            println!("{scope:?}, {name}: {:.1} ms", times[5].as_secs_f64() * 1000.0);
            if times[5] > BOUND {
                slow.push(format!("{scope:?}, {name}"));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
