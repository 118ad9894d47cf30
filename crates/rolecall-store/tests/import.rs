//! Import of people from a table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use rolecall_admin::{Assignment, Context, ObjectKind, Person, RefusalCode, RowAction, State};
use rolecall_store::{Administration, ClockJumpPolicy, CommandsError, ExecuteError, Import, Imported, Memory};
use world::{START, at, begin, timeout};

fn import(csv: &str) -> Import {
    Import { csv: csv.to_string(), at: "main/acme/shop".to_string(), ..Import::default() }
}

fn previewed(administration: &Administration<Memory>, csv: &str) -> Imported {
    administration.preview_import(&import(csv), &at(START, None), ClockJumpPolicy::Reject).unwrap()
}

fn done(administration: &mut Administration<Memory>, table: &Import) -> Result<Imported, CommandsError> {
    administration.import(table, &at(START, None), None, ClockJumpPolicy::Reject)
}

fn refusal(error: &CommandsError) -> (RefusalCode, String) {
    match &error.error {
        ExecuteError::Refused(refusal) => (refusal.code, refusal.message.clone()),
        other => panic!("{other}"),
    }
}

/// Returns the line of each row, and what it does or why it is refused.
fn outcomes(imported: &Imported) -> Vec<(u64, String)> {
    let outcome = |row: &rolecall_store::ImportedRow| match (&row.action, &row.refused) {
        (Some(action), None) => format!("{action:?}"),
        (None, Some(refusal)) => refusal.code.as_str().to_string(),
        other => panic!("{other:?}"),
    };
    imported.rows.iter().map(|row| (row.line, outcome(row))).collect()
}

fn roles(state: &State, id: &str) -> Vec<(String, String, Option<String>)> {
    let here = state.all::<Assignment>(ObjectKind::Assignment).filter(|(_, one)| one.subject == id);
    here.map(|(_, one)| (one.role, one.at, one.until)).collect()
}

const PEOPLE: &str = "\u{feff}E-mail,Name,ID,Roles,Scope,Until\r\n\
    new@acme.example,\"One, New\",,viewer editor,,2027-01-01T00:00:00Z\r\n\
    ,Eva,user:eva,viewer;editor@main/acme/blog,,\r\n\
    \r\n\
    ,,user:rita,viewer,main/acme/blog,\r\n\
    lead@acme.example,,user:lead,,,\r\n";

#[test]
fn a_preview_says_what_each_row_does_and_an_import_does_it() {
    let mut administration = begin(Memory::default());
    let shown = previewed(&administration, PEOPLE);
    let expected = [(2, "Added"), (3, "Changed"), (5, "Unchanged"), (6, "Changed")];
    assert_eq!(outcomes(&shown), expected.map(|(line, what)| (line, what.to_string())));
    assert_eq!((shown.added, shown.changed, shown.unchanged, shown.refused), (1, 2, 1, 0));
    assert_eq!(administration.verify().unwrap().events, 1);
    assert_eq!(done(&mut administration, &import(PEOPLE)).unwrap(), shown);
    let state = administration.state();
    let until = Some("2027-01-01T00:00:00Z".to_string());
    let shop = "main/acme/shop".to_string();
    let new = [("editor".into(), shop.clone(), until.clone()), ("viewer".into(), shop.clone(), until)];
    assert_eq!(roles(state, "user:new@acme.example"), new);
    assert!(roles(state, "user:eva").contains(&("editor".into(), "main/acme/blog".into(), None)));
    let person: Person = state.get(&Person::key("user:new@acme.example", "main/acme")).unwrap();
    assert_eq!(administration.reveal(&person.name.unwrap()).unwrap().as_deref(), Some("One, New"));
    assert_eq!(administration.verify().unwrap().events, 5);
    // Again, nothing changes: addresses find the people, in any case of letters.
    let events = administration.verify().unwrap().events;
    let again =
        done(&mut administration, &import(&PEOPLE.replace("new@", "New@").replace("\"One, New\"", ""))).unwrap();
    assert_eq!((again.unchanged, administration.verify().unwrap().events), (3, events + 1), "{again:?}");
}

#[test]
fn an_end_is_replaced_and_a_role_that_is_not_named_stays() {
    let mut administration = begin(Memory::default());
    let table = import("id,roles,until\nuser:eva,viewer,2027-01-01T00:00:00+01:00\n");
    done(&mut administration, &table).unwrap();
    let shop = "main/acme/shop".to_string();
    assert_eq!(
        roles(administration.state(), "user:eva"),
        [("viewer".to_string(), shop, Some("2026-12-31T23:00:00Z".to_string()))]
    );
    assert_eq!(done(&mut administration, &table).unwrap().unchanged, 1);
}

#[test]
fn refused_rows_refuse_all_unless_good_rows_are_wanted() {
    let mut administration = begin(Memory::default());
    let csv = "id;name;roles;until\n\
        user:one;One;viewer;\n\
        user:two;Two;nonsense;\n\
        user:one;Again;viewer;\n\
        user:three;Three;viewer;2020-01-01T00:00:00Z\n\
        user:four;Four;viewer\n\
        user:five;Five;;\n\
        user:six;Six;viewer;soon\n\
        user:eva;Eva;editor@main/acme/blog nonsense@main/acme/shop;\n\
        ;Nobody;viewer;\n";
    let expected = [
        (2, "Added"),
        (3, "role.unknown"),
        (4, "malformed"),
        (5, "until.past"),
        (6, "malformed"),
        (7, "roles.empty"),
        (8, "malformed"),
        (9, "role.unknown"),
        (10, "malformed"),
    ];
    let shown = previewed(&administration, csv);
    let found = outcomes(&shown);
    for (found, expected) in found.iter().zip(expected) {
        // Timestamps have a code of their own.
        let is_time = expected.0 == 8 && found.1.contains("time");
        assert!(is_time || *found == (expected.0, expected.1.to_string()), "{found:?} {expected:?}");
    }
    assert_eq!(found.len(), expected.len());
    assert!(shown.rows[2].refused.as_ref().unwrap().message.contains("line 2"));
    let error = done(&mut administration, &import(csv)).unwrap_err();
    assert_eq!(refusal(&error).0, RefusalCode::RoleUnknown);
    assert!(refusal(&error).1.starts_with("line 3: "), "{error}");
    assert_eq!(administration.verify().unwrap().events, 1);
    let good = Import { good_rows: true, active: true, ..import(csv) };
    assert_eq!(done(&mut administration, &good).unwrap().added, 1);
    // The refused row left nothing behind, although its first role was possible.
    assert!(!roles(administration.state(), "user:eva").iter().any(|(role, ..)| role == "editor"));
    let subject: rolecall_admin::Subject =
        administration.state().get(&rolecall_admin::ObjectKey::new(ObjectKind::Subject, "user:one")).unwrap();
    assert_eq!(subject.status, rolecall_admin::Status::Active);
}

#[test]
fn broken_tables_are_refused_as_a_whole() {
    let administration = begin(Memory::default());
    for (csv, says) in [
        ("", "neither `email` nor `id`"),
        ("name,roles\nA,viewer\n", "neither `email` nor `id`"),
        ("email,role,roles\n", "occurs twice"),
        ("email,password\n", "unknown column `password`"),
    ] {
        let error = administration.preview_import(&import(csv), &at(START, None), ClockJumpPolicy::Reject).unwrap_err();
        assert!(refusal(&error).1.contains(says), "{csv}: {error}");
    }
    let many: String = (0..1001).map(|number| format!("user:u{number},viewer\n")).collect();
    let many = import(&format!("id,roles\n{many}"));
    let error = administration.preview_import(&many, &at(START, None), ClockJumpPolicy::Reject).unwrap_err();
    assert_eq!(refusal(&error).0, RefusalCode::LimitList);
    // A quote that is not closed takes in the lines after it.
    let open = previewed(&administration, "id,name,roles\nuser:a,\"A,viewer\nuser:b,B,viewer\n");
    assert_eq!(outcomes(&open), [(2, "malformed".to_string())]);
    // Rolecall puts `'` before texts that spreadsheets evaluate; an import takes it away.
    let formula = "id,name,roles\nuser:a,'=1+1,viewer\n";
    let mut administration = administration;
    done(&mut administration, &import(formula)).unwrap();
    let person: Person = administration.state().get(&Person::key("user:a", "main/acme")).unwrap();
    assert_eq!(administration.reveal(&person.name.unwrap()).unwrap().as_deref(), Some("=1+1"));
}

#[test]
fn an_actor_learns_nothing_of_addresses_that_it_may_not_see() {
    let mut administration = begin(Memory::default());
    let person = "email,id\neva@acme.example,user:eva\n";
    done(&mut administration, &import(person)).unwrap();
    let by = |actor: &str| Context { actor: actor.into(), ..at(START, None) };
    let shown = |actor: &str| {
        let table = import("email,roles\neva@acme.example,viewer\n");
        administration.preview_import(&table, &by(actor), ClockJumpPolicy::Reject).unwrap()
    };
    assert_eq!(shown("user:owner").rows[0].subject.as_deref(), Some("user:eva"));
    let rita = shown("user:rita");
    assert_eq!(rita.rows[0].subject.as_deref(), Some("user:eva@acme.example"));
    assert_eq!(rita.rows[0].refused.as_ref().unwrap().code, RefusalCode::Denied);
    assert_eq!(rita.rows[0].action, None::<RowAction>);
    assert!(administration.execute(&timeout(30), &at(START, None), None).is_ok());
}
