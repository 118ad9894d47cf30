//! The example's route table and menu need the same permissions: a hidden item is denied as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::document::DocumentKind;
use rolecall_yaml::YamlDocument;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap();
    serde_json::to_value(YamlDocument::parse(DocumentKind::Policy, &text).unwrap().value()).unwrap()
}

/// Returns the permission that an item needs. Of several it is the one for the whole page. The others are for parts of
/// it, and an invariant of the policy gives their holders the one for the page.
fn needed(needs: &Value) -> Option<&str> {
    let resource = |permission: &str| permission.split(':').next().unwrap().to_string();
    let Some(any) = needs["any"].as_array() else { return needs.as_str() };
    let (page, parts) = any.split_first().unwrap();
    for part in parts {
        let inside = format!("{}/", resource(page.as_str().unwrap()));
        assert!(resource(part.as_str().unwrap()).starts_with(&inside), "{needs}");
    }
    page.as_str()
}

fn links(items: &Value, found: &mut BTreeMap<String, Option<String>>) {
    for item in items.as_array().unwrap() {
        if let Some(href) = item["href"].as_str() {
            found.insert(href.to_string(), needed(&item["needs"]).map(ToString::to_string));
        }
        if item["items"].is_array() {
            links(&item["items"], found);
        }
    }
}

#[test]
fn menu_links_and_routes_need_the_same_permissions() {
    let mut menu = BTreeMap::new();
    links(&yaml("crates/rolecall-presets/presets/blueconic.yaml")["menus"]["main"], &mut menu);
    let routes: BTreeMap<String, Option<String>> = yaml("examples/blueconic/routes.yaml")["routes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|route| route["path"] != "/demo/{*file}")
        .map(|route| {
            (route["path"].as_str().unwrap().to_string(), route["permission"].as_str().map(ToString::to_string))
        })
        .collect();
    assert_eq!(menu, routes);
}
