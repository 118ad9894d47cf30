//! The roles of the presets are what the rows of `tests/products` say: one trial for each role and each row.
//! `cargo test -p rolecall-parity --test products -- "part of a name"` runs those with that part in their names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use libtest_mimic::{Arguments, Failed, Trial};
use rolecall::{Policy, RoleReport};
use rolecall_parity::products;
use rolecall_parity::vectors::Vector;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Done = Result<(), Failed>;

fn main() {
    let (said, rows) = (products::roles().unwrap(), products::load().unwrap());
    let count = rows.len();
    let mut trials = Vec::new();
    // Roles, custom ones and flags of each preset.
    for (preset, count) in [("blueconic", 8 + 1 + 1), ("bloomreach", 35 + 8 + 31)] {
        let reports = reports(preset);
        let said: Vec<(String, Value)> = said
            .iter()
            .filter(|(file, ..)| *file == preset)
            .map(|(_, name, said)| (name.clone(), said.clone()))
            .collect();
        for (name, said) in said.clone() {
            let report = reports.get(&name).cloned();
            let of = name.clone();
            trials.push(Trial::test(format!("{preset}: the role {name}"), move || {
                is_as_said(&of, report.as_ref(), &said)
            }));
        }
        let (has, named): (BTreeSet<String>, BTreeSet<String>) =
            (reports.into_keys().collect(), said.into_iter().map(|(name, _)| name).collect());
        trials.push(Trial::test(format!("{preset}: every role has a row"), move || {
            let missing: Vec<&String> = has.difference(&named).collect();
            if !missing.is_empty() || has.len() != count {
                return Err(format!("{} of {count} roles; no row for {missing:?}", has.len()).into());
            }
            Ok(())
        }));
    }
    for row in rows {
        trials.push(Trial::test(format!("{}: allows and refuses", row.name), move || shows_both_sides(&row)));
    }
    trials.push(Trial::test("there are more than 100 rows", move || {
        if count > 100 { Ok(()) } else { Err(format!("{count} rows").into()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn reports(preset: &str) -> BTreeMap<String, RoleReport> {
    let policy = Policy::from_json(rolecall_presets::find(preset).unwrap().policy).unwrap();
    policy.role_reports().into_iter().map(|report| (report.role.clone(), report)).collect()
}

fn is_as_said(name: &str, report: Option<&RoleReport>, said: &Value) -> Done {
    let Some(report) = report else { return Err(format!("the preset has no role `{name}`").into()) };
    let list = |key: &str| if said[key].is_null() { json!([]) } else { said[key].clone() };
    let found = [
        ("standalone", said["standalone"].clone(), json!(report.standalone)),
        ("inherits", list("inherits"), json!(report.inherits)),
        ("reads", list("reads"), json!(report.reads)),
        ("deprecated", said["deprecated"].clone(), json!(report.deprecated)),
    ];
    let wrong = found.iter().find(|(_, said, is)| said != is);
    wrong.map_or(Ok(()), |(key, said, is)| Err(format!("`{key}` should be {said} and is {is}").into()))
}

/// A row shows what is allowed and what is refused.
fn shows_both_sides(row: &Vector) -> Done {
    // Documents that are refused are the other side of a row whose documents are not.
    if row.issues.is_some() {
        return Ok(());
    }
    let (mut allowed, mut refused) = (false, false);
    for case in &row.cases {
        match case.expect.as_ref().and_then(|expect| expect["allow"].as_bool()) {
            Some(true) => allowed = true,
            Some(false) => refused = true,
            // A list of everything tells what is not in it as well.
            None => (allowed, refused) = (true, true),
        }
    }
    if allowed && refused { Ok(()) } else { Err("the row shows one side only".into()) }
}
