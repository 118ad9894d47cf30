//! The documentation describes exactly the reason codes that only the gate has.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use rolecall_edge::GateCode;
use serde_json::Value;

#[test]
fn every_code_of_the_gate_is_described_and_nothing_else() {
    let texts: Value = serde_json::from_str(include_str!("../../rolecall-cli/src/codes.json")).unwrap();
    let section = texts.as_array().unwrap().iter().find(|section| section["name"] == "gate").unwrap();
    let described: Vec<&str> =
        section["codes"].as_array().unwrap().iter().map(|code| code["code"].as_str().unwrap()).collect();
    assert_eq!(described, GateCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
}
