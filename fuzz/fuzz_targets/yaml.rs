//! A policy as YAML. If it compiles, the JSON of the same tree must compile too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::document::DocumentKind;
use rolecall_yaml::YamlDocument;

fuzz_target!(|text: &str| {
    if let Ok(document) = YamlDocument::parse(DocumentKind::Policy, text) {
        let by_yaml = rolecall::Policy::compile(document.value(), &rolecall::document::NoPositions);
        if let Ok(json) = serde_json::to_string(document.value()) {
            assert_eq!(by_yaml.is_ok(), rolecall::Policy::from_json(&json).is_ok());
        }
    }
});
