//! A policy and a directory as JSON. Compiling must return, with or without issues.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str)| {
    let _ = rolecall::Engine::from_json(texts.0, texts.1);
});
