//! The documents of the administration rules, in a store.

use rolecall::Timestamp;
use rolecall::document::DocumentKind;
use rolecall_admin::{Command, Context};
use rolecall_store::{Administration, Store};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

pub(crate) const START: &str = "2026-11-21T10:00:00Z";

fn documents() -> (String, String) {
    let yaml =
        YamlDocument::parse(DocumentKind::Policy, include_str!("../../../rolecall-admin/tests/rules.yaml")).unwrap();
    let all: Value = serde_json::to_value(yaml.value()).unwrap();
    (all["policy"].to_string(), all["directory"].to_string())
}

// Not every test begins with the directory of the rules.
#[allow(dead_code)]
pub(crate) fn begin<S: Store>(store: S) -> Administration<S> {
    begin_with(store, |_| {})
}

/// Begins with a directory that differs.
pub(crate) fn begin_with<S: Store>(store: S, change: impl FnOnce(&mut Value)) -> Administration<S> {
    let (policy, directory) = documents();
    let mut directory: Value = serde_json::from_str(&directory).unwrap();
    change(&mut directory);
    let start = Timestamp::parse(START).unwrap();
    Administration::begin(store, &policy, &directory.to_string(), "user:owner", start).unwrap()
}

pub(crate) fn at(time: &str, id: Option<&str>) -> Context {
    Context { actor: "user:owner".into(), time: time.into(), id: id.map(Into::into), ..Context::default() }
}

pub(crate) fn command(value: Value) -> Command {
    serde_json::from_value(value).unwrap()
}

// Not every test changes a timeout.
#[allow(dead_code)]
pub(crate) fn timeout(minutes: usize) -> Command {
    command(json!({ "set-timeout": { "at": "main/acme", "timeout": format!("{minutes}m") } }))
}
