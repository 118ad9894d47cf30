//! The roles of the presets match the rows of `tests/products`: one trial for each role and each row. `cargo test -p
//! rolecall-parity --test products -- "part of a name"` runs those whose names contain the part.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use libtest_mimic::{Arguments, Failed, Trial};
use rolecall::{Policy, RoleReport};
use rolecall_parity::vectors::Vector;
use rolecall_parity::{products, rules};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Done = Result<(), Failed>;

fn main() {
    let (expected, rows) = (products::roles().unwrap(), products::load().unwrap());
    let count = rows.len();
    let mut trials = Vec::new();
    // The number of roles, custom roles and flags of each preset.
    for (preset, count) in [("blueconic", 8 + 1 + 1), ("bloomreach", 35 + 8 + 31)] {
        let reports = reports(preset);
        let expected: Vec<(String, Value)> = expected
            .iter()
            .filter(|(file, ..)| *file == preset)
            .map(|(_, name, expected)| (name.clone(), expected.clone()))
            .collect();
        for (name, expected) in expected.clone() {
            let report = reports.get(&name).cloned();
            let of = name.clone();
            trials.push(Trial::test(format!("{preset}: the role {name}"), move || {
                matches_row(&of, report.as_ref(), &expected)
            }));
        }
        let (has, named): (BTreeSet<String>, BTreeSet<String>) =
            (reports.into_keys().collect(), expected.into_iter().map(|(name, _)| name).collect());
        trials.push(Trial::test(format!("{preset}: every role has a row"), move || {
            let missing: Vec<&String> = has.difference(&named).collect();
            if !missing.is_empty() || has.len() != count {
                return Err(format!("{} of {count} roles; no row for {missing:?}", has.len()).into());
            }
            Ok(())
        }));
    }
    for row in rows {
        trials.push(Trial::test(format!("{}: allows and denies", row.name), move || shows_both_sides(&row)));
    }
    trials.extend(of_rules());
    trials.push(Trial::test("there are more than 100 rows", move || {
        if count > 100 { Ok(()) } else { Err(format!("{count} rows").into()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Returns a trial for each rule of the texts, and one for their numbers.
fn of_rules() -> Vec<Trial> {
    let (rules, names) = (rules::load().unwrap(), Arc::new(rules::names().unwrap()));
    let numbers: Vec<u64> = rules.iter().map(|rule| rule.number).collect();
    let mut trials = vec![Trial::test("the rules of the texts have all numbers, in order", move || {
        let complete = numbers.len() >= 282 && numbers.iter().copied().eq(1..=numbers.len() as u64);
        if complete { Ok(()) } else { Err(format!("{} rules", numbers.len()).into()) }
    })];
    for rule in rules {
        let names = Arc::clone(&names);
        trials.push(Trial::test(format!("rule {}: {}", rule.number, rule.says), move || Ok(rule.verify(&names)?)));
    }
    trials
}

fn reports(preset: &str) -> BTreeMap<String, RoleReport> {
    let policy = Policy::from_json(rolecall_presets::find(preset).unwrap().policy).unwrap();
    policy.role_reports().into_iter().map(|report| (report.role.clone(), report)).collect()
}

fn matches_row(name: &str, report: Option<&RoleReport>, expected: &Value) -> Done {
    let Some(report) = report else { return Err(format!("the preset has no role `{name}`").into()) };
    let list = |key: &str| if expected[key].is_null() { json!([]) } else { expected[key].clone() };
    let found = [
        ("standalone", expected["standalone"].clone(), json!(report.standalone)),
        ("inherits", list("inherits"), json!(report.inherits)),
        ("reads", list("reads"), json!(report.reads)),
        ("deprecated", expected["deprecated"].clone(), json!(report.deprecated)),
    ];
    let wrong = found.iter().find(|(_, expected, is)| expected != is);
    wrong.map_or(Ok(()), |(key, expected, is)| Err(format!("`{key}` should be {expected} and is {is}").into()))
}

/// Checks that a row shows both an allowed and a denied case.
fn shows_both_sides(row: &Vector) -> Done {
    // Rejected documents are the denied case of a row.
    if row.issues.is_some() {
        return Ok(());
    }
    let (mut allowed, mut refused) = (false, false);
    for case in &row.cases {
        match case.expect.as_ref().and_then(|expect| expect["allow"].as_bool()) {
            Some(true) => allowed = true,
            Some(false) => refused = true,
            // A complete list also shows what it does not contain.
            None => (allowed, refused) = (true, true),
        }
    }
    if allowed && refused { Ok(()) } else { Err("the row has only allowed or only denied cases".into()) }
}
