//! The boolean for an item agrees with the whole decision, on random worlds. An item with an unknown value is closed to
//! every subject that is limited to values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, Item};
use rolecall_contract as contract;
use rolecall_parity::worlds;
use serde_json::Value;

const WORLDS: u64 = 300;

#[test]
fn the_boolean_for_an_item_agrees_with_the_decision() {
    let (mut checked, mut allowed, mut unknown) = (0, 0, 0);
    for seed in 1..=WORLDS {
        let world = worlds::make(seed);
        // Some worlds have issues, on purpose.
        let Ok(engine) = Engine::from_json(&world.policy, &world.directory) else { continue };
        for request in world.checks() {
            let Ok(question) = contract::question(&engine, request) else { continue };
            let Some(item) = &question.item else { continue };
            let decision = question.session.check(question.permission, Some(item));
            assert_eq!(question.session.can_item(question.permission, item), decision.allow, "world {seed}: {request}");
            checked += 1;
            allowed += u32::from(decision.allow);
            // A value that nobody holds, in every boundary: allowed only if any value is.
            let policy = serde_json::from_str::<Value>(&world.policy).unwrap();
            let boundaries = policy.pointer("/guards/boundaries").and_then(Value::as_object);
            for name in boundaries.into_iter().flatten().map(|(name, _)| name) {
                let (mut secret, mut other) = (Item::default(), Item::default());
                secret.add_unknown_value(engine.policy(), name).unwrap();
                other.add_value(engine.policy(), name, "a value that nobody holds").unwrap();
                let may = question.session.check(question.permission, Some(&secret));
                assert_eq!(may.allow, question.session.can_item(question.permission, &secret));
                assert_eq!(may.reasons, question.session.check(question.permission, Some(&other)).reasons);
                unknown += u32::from(may.allow);
            }
        }
    }
    assert!(checked > 1000 && allowed > 50 && allowed < checked && unknown > 50, "{checked} {allowed} {unknown}");
}
