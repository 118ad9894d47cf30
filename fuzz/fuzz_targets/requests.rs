//! A request as JSON text against a fixed engine. An answer or an error must come back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::Engine;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let policy = r#"{"rolecall":1,"id":"p","scopes":["account"],"resources":{"a":{"actions":["view","edit"]}},"roles":{"r":{"grants":["a:*"]}}}"#;
    let directory = r#"{"rolecall":1,"scopes":{"acme":"account"},"assignments":[{"subject":"user:ada","role":"r","scope":"acme"}]}"#;
    Engine::from_json(policy, directory).expect("the fixed documents compile")
});

fuzz_target!(|text: &str| {
    let _ = rolecall_contract::question(&ENGINE, text);
    let _ = rolecall_contract::session(&ENGINE, text);
});
