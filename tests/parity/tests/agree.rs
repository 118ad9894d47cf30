//! The native core and the naive implementation agree on random worlds. `cargo xtask parity` compares more worlds, on
//! every binding.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall_parity::naive::Naive;
use rolecall_parity::questions::Question;
use rolecall_parity::{native, worlds};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_core_and_the_naive_implementation_agree() {
    let mut compared = 0;
    for seed in 10_000..10_012 {
        let world = worlds::make(seed);
        let answers = native::answer(&world);
        if answers[0] != r#"{"issues":[]}"# {
            continue;
        }
        let naive = Naive::new(&world.policy, &world.directory);
        for (question, answer) in world.questions.iter().zip(&answers[1..]) {
            let Some(expected) = naive.answer(question) else { continue };
            let mut actual: Value = serde_json::from_str(answer).unwrap();
            // Only the core defines the bytes of a snapshot. Compare the answers of the opened snapshot.
            if question.kind().call == "snapshot" && actual["answer"].is_object() {
                actual = actual["answer"].take();
            }
            // Only the core defines messages and explanations. Compare codes, and the decision of an explanation.
            let actual = match (&actual["error"]["code"], &actual["decision"]) {
                (Value::String(code), _) => json!({ "error": { "code": code } }),
                (_, Value::Object(_)) => json!({ "decision": actual["decision"] }),
                _ => actual,
            };
            let expected = match &expected["decision"]["error"] {
                Value::Null => expected,
                error => json!({ "error": error }),
            };
            assert_eq!(actual, expected, "world {seed}, {question:?}");
            compared += 1;
        }
    }
    assert!(compared > 2000, "{compared}");
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let [one, other] = [worlds::make(7), worlds::make(7)];
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
}

#[test]
fn every_kind_of_question_is_in_the_worlds() {
    let worlds = (1..=10).map(worlds::make);
    let calls: BTreeSet<&str> = worlds.flat_map(|world| world.questions).map(|question| question.kind().call).collect();
    // The test `changes` makes random changes instead.
    let elsewhere = ["apply"];
    let missing: Vec<&str> = Question::kinds()
        .map(|kind| kind.call)
        .filter(|call| !calls.contains(call) && !elsewhere.contains(call))
        .collect();
    assert!(missing.is_empty(), "`worlds/questions.rs` never makes {missing:?}");
}
