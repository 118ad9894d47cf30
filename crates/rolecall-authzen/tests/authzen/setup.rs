//! Documents and requests of the tests.

use rolecall::document::DocumentKind;
use rolecall::{Directory, Engine, Policy, Timestamp};
use rolecall_authzen::{Caller, Mapping, Search, evaluation, evaluations, search};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn world(policy: &str, directory: &str, mapping: &str) -> (Engine, Mapping) {
    let yaml = YamlDocument::parse(DocumentKind::Policy, policy).unwrap();
    let policy = Arc::new(Policy::compile(yaml.value(), &yaml).unwrap());
    let mapping = if mapping.is_empty() { Mapping::default() } else { Mapping::parse(&policy, mapping).unwrap() };
    let yaml = YamlDocument::parse(DocumentKind::Directory, directory).unwrap();
    (Engine::new(Directory::compile(policy, yaml.value(), &yaml).unwrap()), mapping)
}

pub(super) fn example(name: &str) -> (Engine, Mapping) {
    let read = |file: &str| {
        let path = format!("{}/../../examples/authzen/{name}/{file}.yaml", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    world(&read("policy"), &read("directory"), &read("authzen"))
}

pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T10:00:00Z").unwrap()
}

/// Returns a caller that may state everything.
pub(super) fn trusted() -> Caller<'static> {
    Caller { states_connection: true, states_time: true, ..Caller::at(now()) }
}

pub(super) fn ask(world: &(Engine, Mapping), path: &str, request: &str) -> Result<Value, String> {
    ask_as(trusted(), world, path, request)
}

pub(super) fn ask_as(caller: Caller, world: &(Engine, Mapping), path: &str, request: &str) -> Result<Value, String> {
    let (engine, mapping) = world;
    let answer = match path {
        "/access/v1/evaluation" => evaluation(engine, mapping, request, caller),
        "/access/v1/evaluations" => evaluations(engine, mapping, request, caller),
        _ => {
            let what = Search::ALL.into_iter().find(|what| what.path() == path).unwrap();
            search(engine, mapping, what, request, caller)
        }
    };
    answer.map(|text| serde_json::from_str(&text).unwrap()).map_err(|fault| fault.to_string())
}

pub(super) const POLICY: &str = "
rolecall: 1
scopes: [account, project]
labels: [pii]
resources: { segments: { actions: [view, edit] }, people: { actions: [view] } }
roles:
  viewer: { grants: ['**:view'] }
  editor: { inherits: [viewer], grants: ['segments:edit'] }
guards: { boundaries: { domain: { limits: writes, match: all, default: none } } }
";
pub(super) const DIRECTORY: &str = "
rolecall: 1
scopes: [acme, acme/shop, acme/blog]
subjects:
  'user:ada': { boundaries: { domain: [shop.example] } }
  'user:bo': {}
  'user:zoe': { boundaries: { domain: '*' } }
  'app:crm': {}
assignments:
  - { subject: 'user:ada', role: editor, at: acme/shop }
  - { subject: 'user:bo', role: viewer, at: acme, until: 2026-11-21T12:00:00Z }
  - { subject: 'user:zoe', role: editor, at: acme }
  - { subject: 'app:crm', role: viewer, at: acme/blog }
settings: { acme/shop: { ip_allow: [203.0.113.0/24] } }
";

pub(super) fn plain() -> (Engine, Mapping) {
    world(POLICY, DIRECTORY, "")
}

pub(super) fn question(user: &str, action: &str, id: &str) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": "segments", "id": id }, "context": { "ip": "203.0.113.9" } })
}
