//! The presets' roles are what the rows say of them: marks, inheritance, permissions, labels; and none is left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Policy, RoleReport};
use rolecall_parity::products;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn reports(preset: &str) -> BTreeMap<String, RoleReport> {
    let policy = Policy::from_json(rolecall_presets::find(preset).unwrap().policy).unwrap();
    policy.role_reports().into_iter().map(|report| (report.role.clone(), report)).collect()
}

#[test]
fn every_role_is_said_to_be_what_it_is() {
    let said = products::roles().unwrap();
    for (preset, count) in [("blueconic", 8 + 1 + 1), ("bloomreach", 35 + 8 + 31)] {
        let reports = reports(preset);
        assert_eq!(reports.len(), count, "{preset}");
        let rows: BTreeMap<&String, &Value> =
            said.iter().filter(|(file, ..)| *file == preset).map(|(_, name, said)| (name, said)).collect();
        assert_eq!(rows.keys().copied().collect::<Vec<_>>(), reports.keys().collect::<Vec<_>>(), "{preset}");
        for (name, said) in rows {
            let told = &reports[name];
            let list = |key: &str| if said[key].is_null() { json!([]) } else { said[key].clone() };
            assert_eq!(said["standalone"], json!(told.standalone), "{name}");
            assert_eq!(list("inherits"), json!(told.inherits), "{name}");
            assert_eq!(list("reads"), json!(told.reads), "{name}");
            assert_eq!(said["deprecated"].as_str(), told.deprecated.as_deref(), "{name}");
        }
    }
}

#[test]
fn every_row_shows_what_is_allowed_and_what_is_refused() {
    let mut one_sided = Vec::new();
    let mut rows = 0;
    for world in products::load().unwrap() {
        rows += 1;
        // Documents that are refused are the other side of a row whose documents are not.
        if !world["issues"].is_null() {
            continue;
        }
        let (mut allowed, mut refused) = (false, false);
        for case in world["cases"].as_array().unwrap() {
            match case["expect"]["allow"].as_bool() {
                Some(true) => allowed = true,
                Some(false) => refused = true,
                // A list of everything tells what is not in it as well.
                None => (allowed, refused) = (true, true),
            }
        }
        if !(allowed && refused) {
            one_sided.push(world["name"].as_str().unwrap().to_string());
        }
    }
    assert!(one_sided.is_empty(), "{one_sided:#?}");
    assert!(rows > 100, "{rows}");
}
