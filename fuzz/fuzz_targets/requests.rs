//! A request as JSON text to a fixed engine, which must return an answer or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::Engine;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let policy = r#"{"rolecall":1,"id":"p","scopes":["account"],"resources":{"a":{"actions":["view","edit"]}},"roles":{"r":{"grants":["a:*"]}}}"#;
    let directory = r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}},"assignments":[{"subject":"user:ada","role":"r","at":"acme"}]}"#;
    Engine::from_json(policy, directory).expect("the fixed documents compile")
});

fuzz_target!(|text: &str| {
    let _ = rolecall_contract::question(&ENGINE, text);
    let _ = rolecall_contract::session(&ENGINE, text);
});
