//! Every part of a preset that a person reads has its text, and every view permission has an entry in a menu.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Policy;
use serde_json::Value;
use std::collections::BTreeSet;

fn documents() -> impl Iterator<Item = (&'static str, Value)> {
    rolecall_presets::ALL.iter().map(|preset| (preset.name, serde_json::from_str(preset.policy).unwrap()))
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn every_role_has_a_title_and_a_description_of_its_own() {
    for (preset, document) in documents() {
        let mut descriptions = BTreeSet::new();
        for (name, role) in document["roles"].as_object().unwrap() {
            assert!(is_text(&role["title"]), "{preset}: `{name}` has no title");
            let description = role["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.'), "{preset}: `{name}` has no description");
            let sentences = description.matches(". ").count() + 1;
            assert!(sentences <= 3 && description.len() <= 200, "{preset}: the description of `{name}` is long");
            assert!(descriptions.insert(description.to_string()), "{preset}: `{name}` has the description of another");
        }
    }
}

#[test]
fn every_resource_has_a_title() {
    fn check(preset: &str, resources: &Value) {
        for (name, resource) in resources.as_object().into_iter().flatten() {
            assert!(is_text(&resource["title"]), "{preset}: `{name}` has no title");
            check(preset, &resource["resources"]);
        }
    }
    documents().for_each(|(preset, document)| check(preset, &document["resources"]));
}

/// Calls `visit` for every item of a list of items, those below included.
fn each<'v>(items: &'v Value, visit: &mut impl FnMut(&'v Value)) {
    for item in items.as_array().into_iter().flatten() {
        visit(item);
        each(&item["items"], visit);
    }
}

#[test]
fn every_view_permission_has_an_entry_in_a_menu() {
    // Those without an entry, and why.
    let without = [
        ("blueconic", "audit-events:view", "programs call the API; there is no page"),
        ("blueconic", "profiles/exact-statistics:view", "a figure on the page of profiles"),
    ];
    for (preset, document) in documents() {
        let mut needed = BTreeSet::new();
        for menu in document["menus"].as_object().unwrap().values() {
            each(menu, &mut |item| {
                assert!(is_text(&item["title"]), "{preset}: {item} has no title");
                let needs = &item["needs"];
                let one = needs.as_str().into_iter();
                let any = needs["any"].as_array().into_iter().flatten().filter_map(Value::as_str);
                needed.extend(one.chain(any).map(ToString::to_string));
            });
        }
        let policy = Policy::from_json(&document.to_string()).unwrap();
        let views = policy.permissions().filter(|name| name.ends_with(":view"));
        let missing: Vec<&str> = views.filter(|name| !needed.contains(*name)).collect();
        let excepted: Vec<&str> =
            without.iter().filter(|(one, ..)| *one == preset).map(|(_, permission, _)| *permission).collect();
        assert_eq!(missing, excepted, "{preset}");
    }
}
