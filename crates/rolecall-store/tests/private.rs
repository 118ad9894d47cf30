//! Personal data is stored apart from the audit log, and leaves nothing behind when it is erased.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use rolecall_admin::{Command, Person, Private};
use rolecall_store::{Administration, AuditFilter, ExecuteError, Memory, Outcome, Sqlite, Store, StoreError};
use rusqlite::Connection;
use serde_json::json;
use std::path::{Path, PathBuf};
use world::{START, at, begin, command};

const NAME: &str = "Eva Example";
const EMAIL: &str = "eva@example.com";

fn set(name: &str, email: &str) -> Command {
    command(json!({ "set-person": { "subject": "user:eva", "at": "main/acme", "name": name, "email": email } }))
}

fn erase() -> Command {
    command(json!({ "erase-person": { "subject": "user:eva", "at": "main/acme" } }))
}

fn person<S: Store>(administration: &Administration<S>) -> Option<Person> {
    administration.state().get(&Person::key("user:eva", "main/acme"))
}

fn revealed<S: Store>(administration: &Administration<S>) -> Vec<Option<String>> {
    let person = person(administration).unwrap();
    [person.name, person.email].map(|value| administration.reveal(&value.unwrap()).unwrap()).into()
}

fn file(folder: &Path) -> (PathBuf, Administration<Sqlite>) {
    let path = folder.join("admin.rolecall");
    (path.clone(), begin(Sqlite::create(&path).unwrap()))
}

fn everything<S: Store + std::fmt::Debug>(administration: &Administration<S>) -> String {
    let log = serde_json::to_string(&administration.audit(&AuditFilter::default()).unwrap()).unwrap();
    [log, administration.state().to_json(), format!("{administration:?}")].concat()
}

fn keeps_values_out_of_the_log<S: Store + std::fmt::Debug>(mut administration: Administration<S>) {
    let outcome = administration.execute(&set(NAME, EMAIL), &at(START, Some("one")), None).unwrap();
    assert!(matches!(outcome, Outcome::Applied(_)));
    assert_eq!(revealed(&administration), [Some(NAME.to_string()), Some(EMAIL.to_string())]);
    let all = everything(&administration) + &format!("{outcome:?}");
    assert!(!all.contains("Eva Example") && !all.contains("example.com"), "{all}");
    assert!(all.contains(person(&administration).unwrap().name.unwrap().seal().unwrap()));
    administration.verify().unwrap();
}

#[test]
fn no_event_and_no_object_contains_personal_data() {
    let folder = tempfile::tempdir().unwrap();
    keeps_values_out_of_the_log(file(folder.path()).1);
    keeps_values_out_of_the_log(begin(Memory::default()));
}

#[test]
fn equal_values_have_different_seals() {
    let mut administration = begin(Memory::default());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let first = person(&administration).unwrap();
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    assert_ne!(first, person(&administration).unwrap());
    // The value that was replaced is gone.
    assert_eq!(administration.reveal(&first.name.unwrap()).unwrap(), None);
    assert_eq!(administration.store().contents().unwrap().private.len(), 2);
}

#[test]
fn an_erased_value_leaves_no_byte_in_the_file_and_the_chain_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut administration) = file(folder.path());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let contains = |what: &str| {
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(what.len()).any(|window| window == what.as_bytes())
    };
    assert!(contains(NAME) && contains(EMAIL));
    administration.execute(&erase(), &at(START, None), None).unwrap();
    assert!(!contains(NAME) && !contains(EMAIL));
    assert!(person(&administration).is_none());
    assert_eq!(administration.verify().unwrap().events, 3);
    assert!(administration.store().contents().unwrap().private.is_empty());
}

#[test]
fn removing_a_user_erases_what_the_tenant_knew() {
    let mut administration = begin(Memory::default());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let remove = command(json!({ "remove-subject": { "subject": "user:eva", "at": "main/acme" } }));
    administration.execute(&remove, &at(START, None), None).unwrap();
    assert!(person(&administration).is_none());
    assert!(administration.store().contents().unwrap().private.is_empty());
    administration.verify().unwrap();
}

#[test]
fn a_retry_is_recognised_and_another_value_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut administration) = file(folder.path());
    administration.execute(&set(NAME, EMAIL), &at(START, Some("one")), None).unwrap();
    let mut retry = |name: &str, email: &str| administration.execute(&set(name, email), &at(START, Some("one")), None);
    assert!(matches!(retry(NAME, EMAIL), Ok(Outcome::Replayed(event)) if event.seq == 2));
    for (name, email) in [("Eva", EMAIL), (NAME, "other@example.com"), (EMAIL, NAME)] {
        assert!(matches!(retry(name, email), Err(ExecuteError::IdempotencyConflict(_))), "{name} {email}");
    }
    let only_name = command(json!({ "set-person": { "subject": "user:eva", "at": "main/acme", "name": NAME } }));
    let conflict = administration.execute(&only_name, &at(START, Some("one")), None);
    assert!(matches!(conflict, Err(ExecuteError::IdempotencyConflict(_))));
    // After the values are gone, a retry still changes nothing.
    administration.execute(&erase(), &at(START, None), None).unwrap();
    let mut opened = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    let again = opened.execute(&set(NAME, EMAIL), &at(START, Some("one")), None).unwrap();
    assert!(matches!(again, Outcome::Replayed(event) if event.seq == 2));
    assert!(person(&opened).is_none());
}

#[test]
fn a_caller_cannot_refer_to_the_value_of_someone_else() {
    let mut administration = begin(Memory::default());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let name = serde_json::to_value(person(&administration).unwrap().name.unwrap()).unwrap();
    let stolen =
        command(json!({ "set-person": { "subject": "user:rita", "at": "main/acme", "name": name, "email": EMAIL } }));
    let Err(ExecuteError::Refused(refusal)) = administration.execute(&stolen, &at(START, None), None) else {
        panic!("the command is executed")
    };
    assert!(refusal.message.contains("`name` is sealed already"), "{refusal}");
    assert!(matches!(administration.preview(&stolen, &at(START, None)), Err(ExecuteError::Refused(_))));
}

#[test]
fn a_dry_run_stores_no_value() {
    let administration = begin(Memory::default());
    let preview = administration.preview(&set(NAME, EMAIL), &at(START, None)).unwrap();
    let event = serde_json::to_string(&preview.event.unwrap()).unwrap();
    assert!(event.contains("sealed") && !event.contains(NAME) && !event.contains(EMAIL), "{event}");
    assert!(administration.store().contents().unwrap().private.is_empty());
}

#[test]
fn verification_compares_values_with_their_seals() {
    for (change, what) in [
        ("UPDATE private SET value = 'someone'", "differs from its seal"),
        ("UPDATE private SET salt = zeroblob(16)", "differs from its seal"),
        ("UPDATE private SET seal = zeroblob(32) WHERE value = 'Eva Example'", "differs from its seal"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut administration) = file(folder.path());
        administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
        Connection::open(&path).unwrap().execute(change, []).unwrap();
        match administration.verify() {
            Err(StoreError::Tampered { what: found, .. }) => assert!(found.contains(what), "{found}"),
            other => panic!("{change}: {other:?}"),
        }
    }
    // A value without an object was not erased.
    let folder = tempfile::tempdir().unwrap();
    let (path, mut administration) = file(folder.path());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let rows = "CREATE TEMP TABLE kept AS SELECT * FROM private";
    let connection = Connection::open(&path).unwrap();
    connection.execute(rows, []).unwrap();
    administration.execute(&erase(), &at(START, None), None).unwrap();
    connection.execute("INSERT INTO private SELECT * FROM kept", []).unwrap();
    assert!(matches!(administration.verify(), Err(StoreError::Tampered { what, .. }) if what.contains("no object")));
}

#[test]
fn a_backup_contains_private_values() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut administration) = file(folder.path());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let backup = folder.path().join("backup.rolecall");
    administration.store().backup(&backup).unwrap();
    administration.execute(&erase(), &at(START, None), None).unwrap();
    administration.restore(&backup).unwrap();
    assert_eq!(revealed(&administration)[0].as_deref(), Some(NAME));
}

#[test]
fn personal_data_is_no_secret_and_text_is_no_seal() {
    let mut administration = begin(Memory::default());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let name = person(&administration).unwrap().name.unwrap();
    assert_eq!(administration.secret(&name).unwrap(), None);
    assert_eq!(administration.reveal(&Private::new(NAME)).unwrap(), None);
}

#[test]
fn a_file_of_the_schema_before_gets_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let (path, administration) = file(folder.path());
    drop(administration);
    // Later schemas have tables of their own, which are made again too.
    let before =
        "DROP TABLE private; DROP TABLE secret_uses; DROP TABLE head; DROP TABLE logins; PRAGMA user_version = 4";
    Connection::open(&path).unwrap().execute_batch(before).unwrap();
    let mut administration = Administration::open(Sqlite::open(&path).unwrap()).unwrap();
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    assert_eq!(revealed(&administration)[1].as_deref(), Some(EMAIL));
}

fn by(actor: &str) -> rolecall_admin::Context {
    rolecall_admin::Context { actor: actor.into(), ..at(START, None) }
}

/// Returns the row of a user, as JSON.
fn row<S: Store>(administration: &Administration<S>, actor: &str, scope: &str, id: &str) -> serde_json::Value {
    let user = administration.user(id, scope, &by(actor)).unwrap();
    user.map_or_else(|refusal| json!(refusal.code.as_str()), |user| json!(user))
}

#[test]
fn names_are_shown_to_readers_of_the_same_tenant_who_may_see_people() {
    let mut administration = begin(Memory::default());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let role =
        json!({ "set-role": { "at": "main/acme", "role": "reader", "grants": ["admin/users:view", "segments:view"] } });
    administration.execute(&command(role), &at(START, None), None).unwrap();
    let assign = json!({ "assign": { "subject": "user:rita", "role": "reader", "at": "main/acme" } });
    administration.execute(&command(assign), &at(START, None), None).unwrap();
    let eva = row(&administration, "user:owner", "main/acme", "user:eva");
    assert_eq!((&eva["name"], &eva["email"]), (&json!(NAME), &json!(EMAIL)));
    assert_eq!(eva["groups"], json!([]));
    assert_eq!(eva["roles"][0]["role"], "viewer");
    // A reader of users without the permission of `view-people` sees that something is hidden.
    let hidden = row(&administration, "user:rita", "main/acme", "user:eva");
    assert_eq!(hidden["hidden"], json!(["email", "name"]));
    assert!(!hidden.to_string().contains("sealed") && hidden.get("name").is_none(), "{hidden}");
    // A project reader sees what their tenant entered; who has no such permission is refused.
    assert_eq!(row(&administration, "user:lead", "main/acme/shop", "user:eva")["name"], NAME);
    assert_eq!(row(&administration, "user:anna", "main/acme/blog", "user:eva"), "denied");
    assert_eq!(row(&administration, "user:owner", "main/acme", "user:nobody"), "subject.unknown");
    assert_eq!(row(&administration, "user:lead", "main/acme/shop", "user:anna"), "subject.unknown");
    // The list has and finds the same.
    let query = |search: &str| serde_json::from_value(json!({ "kind": "users", "search": search })).unwrap();
    let listed = |actor: &str, search: &str| {
        let access = administration.access("main/acme", &query(search), &by(actor)).unwrap().unwrap();
        access.users.unwrap().rows.into_iter().map(|row| row.subject).collect::<Vec<_>>()
    };
    assert_eq!(listed("user:owner", "EXAMPLE.com"), ["user:eva"]);
    assert_eq!(listed("user:owner", "eva ex"), ["user:eva"]);
    assert!(listed("user:rita", "example.com").is_empty(), "a search finds nothing that is hidden");
    let csv = administration.access("main/acme", &query("eva"), &by("user:owner")).unwrap().unwrap().to_csv();
    assert!(csv.contains(&format!("{NAME},{EMAIL}")), "{csv}");
}

#[test]
fn invitations_show_their_address_and_hide_it_from_others() {
    let mut administration = begin(Memory::default());
    let new = json!({ "subject": "user:new", "name": NAME, "email": EMAIL, "roles": [{ "role": "viewer", "at": "main/acme/shop" }] });
    administration.execute(&command(json!({ "invite": new })), &at(START, None), None).unwrap();
    let listed = administration.access("main/acme", &rolecall_admin::ListQuery::default(), &by("user:owner"));
    let invitations = listed.unwrap().unwrap().invitations.unwrap();
    assert_eq!(invitations[0].email.as_deref(), Some(EMAIL));
    let user = row(&administration, "user:owner", "main/acme", "user:new");
    assert_eq!((&user["name"], &user["invitations"][0]["email"]), (&json!(NAME), &json!(EMAIL)));
    assert_eq!(administration.store().contents().unwrap().private.len(), 3, "name, address and token");
}

/// A private value can decide who logs in, so a changed one is not used, also before the whole store is verified.
#[test]
fn a_changed_private_value_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut administration) = file(folder.path());
    administration.execute(&set(NAME, EMAIL), &at(START, None), None).unwrap();
    let name = person(&administration).unwrap().name.unwrap();
    assert_eq!(administration.reveal(&name).unwrap().as_deref(), Some(NAME));
    let changed = Connection::open(&path).unwrap().execute("UPDATE private SET value = 'Mallory'", []).unwrap();
    assert!(changed > 0);
    assert!(matches!(administration.reveal(&name), Err(StoreError::Tampered { .. })));
}
