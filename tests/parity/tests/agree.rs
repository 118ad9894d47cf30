//! The native core and the naive implementation agree, on as many worlds as a quick test has time for.
//! `cargo xtask parity` takes more of them, and every face.
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
            let mut told: Value = serde_json::from_str(answer).unwrap();
            // The bytes of a snapshot are the core's own; what they open to answers.
            if question.kind().call == "snapshot" && told["answer"].is_object() {
                told = told["answer"].take();
            }
            // Messages are the core's own, and so are explanations but for their decision.
            let told = match (&told["error"]["code"], &told["decision"]) {
                (Value::String(code), _) => json!({ "error": { "code": code } }),
                (_, Value::Object(_)) => json!({ "decision": told["decision"] }),
                _ => told,
            };
            let expected = match &expected["decision"]["error"] {
                Value::Null => expected,
                error => json!({ "error": error }),
            };
            assert_eq!(told, expected, "world {seed}, {question:?}");
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
    let asked: BTreeSet<&str> = worlds.flat_map(|world| world.questions).map(|question| question.kind().call).collect();
    // The test `changes` makes random changes instead.
    let elsewhere = ["apply"];
    let missing: Vec<&str> = Question::kinds()
        .map(|kind| kind.call)
        .filter(|call| !asked.contains(call) && !elsewhere.contains(call))
        .collect();
    assert!(missing.is_empty(), "`worlds/questions.rs` never asks {missing:?}");
}
