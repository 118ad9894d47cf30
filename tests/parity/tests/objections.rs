//! The reasons that deny a subject everything begin every decision, on random worlds, until their horizon.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Engine, Reason, ScopePath, SubjectId, Timestamp};
use rolecall_contract as contract;
use rolecall_parity::worlds;
use serde_json::Value;

const WORLDS: u64 = 300;

/// Returns whether a reason concerns the question rather than the subject.
fn is_of_the_question(reason: &Reason) -> bool {
    reason.guard().is_none_or(|guard| matches!(guard, "grant" | "boundary" | "label"))
}

fn of_the_decision(decision: &rolecall::Decision) -> Vec<Reason> {
    decision.reasons.iter().filter(|reason| !is_of_the_question(reason)).cloned().collect()
}

#[test]
fn every_decision_begins_with_the_objections() {
    let (mut checked, mut objected, mut changes) = (0, 0, 0);
    for seed in 1..=WORLDS {
        let world = worlds::make(seed);
        // Some worlds have issues, on purpose.
        let Ok(engine) = Engine::from_json(&world.policy, &world.directory) else { continue };
        for request in world.checks() {
            let Ok(question) = contract::question(&engine, request) else { continue };
            let session = &question.session;
            let answer = session.objections();
            assert_eq!(
                answer.reasons,
                of_the_decision(&session.check(question.permission, None)),
                "world {seed}: {request}"
            );
            checked += 1;
            objected += u32::from(!answer.reasons.is_empty());
            let Some(until) = answer.valid_until else { continue };
            changes += 1;
            // Just before the horizon, and at the horizon itself.
            let mut at_time: Value = serde_json::from_str(request).unwrap();
            let mut at = |millis: i64| {
                at_time["context"]["time"] = Timestamp::from_millis(millis).unwrap().as_text().into();
                contract::question(&engine, &at_time.to_string()).unwrap().session.objections().reasons
            };
            let now = session.context().time().as_millis();
            assert_eq!(at(until.as_millis() - 1), answer.reasons, "world {seed}: {request}");
            assert_eq!(at(now.midpoint(until.as_millis())), answer.reasons, "world {seed}: {request}");
            assert_ne!(at(until.as_millis()), answer.reasons, "world {seed}: {request}");
        }
    }
    assert!(checked > 1000 && objected > 300 && objected < checked && changes > 100, "{checked} {objected} {changes}");
}

#[test]
fn the_native_scope_is_that_of_the_directory() {
    let mut natives = 0;
    for seed in 1..=WORLDS {
        let world = worlds::make(seed);
        let Ok(engine) = Engine::from_json(&world.policy, &world.directory) else { continue };
        let directory: Value = serde_json::from_str(&world.directory).unwrap();
        for (id, subject) in directory["subjects"].as_object().into_iter().flatten() {
            let Ok(id) = SubjectId::parse(id) else { continue };
            assert_eq!(engine.directory().native_scope(id), subject["native"].as_str(), "world {seed}: {id:?}");
            natives += u32::from(subject["native"].is_string());
        }
        let nobody = SubjectId::parse("user:nobody at all").unwrap();
        assert_eq!(engine.directory().native_scope(nobody), None);
        let at = ScopePath::parse("nowhere").unwrap();
        let session = engine.session(nobody, Context::at_scope(at, Timestamp::from_millis(0).unwrap()));
        assert_eq!(session.objections().reasons[..2], ["unknown-subject", "unknown-scope"]);
    }
    assert!(natives > 100, "{natives}");
}
