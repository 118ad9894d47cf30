//! A pass answers exactly as the engine does for its scopes and times, and denies everything else, on random worlds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Coverage, Engine, Item, ScopePath, Session, Timestamp};
use rolecall_contract as contract;
use rolecall_parity::questions::{EngineCall, Question};
use rolecall_parity::random::Random;
use rolecall_parity::worlds;
use rolecall_pass::{Draft, Expected, KeySet, Keys, Secret};
use serde_json::{Value, json};

const WORLDS: u64 = 150;
const ISSUER: &str = "https://roles.example.com";

fn later(instant: Timestamp, minutes: i64) -> Timestamp {
    Timestamp::from_millis(instant.as_millis() + minutes * 60_000).unwrap()
}

/// Opens a session of the same subject and connection at another scope and time.
fn elsewhere(engine: &Engine, who: &Value, at: &str, time: Timestamp) -> Session {
    let mut who = who.clone();
    who["at"] = json!(at);
    who["context"]["time"] = json!(time.as_text());
    contract::session(engine, &who.to_string()).unwrap()
}

/// Returns an item with some of the policy's labels and some values.
fn item(engine: &Engine, policy: &Value, random: &mut Random) -> Item {
    let mut item = Item::default();
    for label in policy["labels"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if random.chance(30) {
            item.add_label(engine.policy(), label).unwrap();
        }
    }
    let boundaries = policy.pointer("/guards/boundaries").and_then(Value::as_object);
    for name in boundaries.into_iter().flatten().map(|(name, _)| name) {
        match random.below(4) {
            0 => item.add_unknown_value(engine.policy(), name).unwrap(),
            1 => {}
            _ => {
                let value = *random.pick(&["a", "b", "shop.example", "group:g0"]);
                item.add_value(engine.policy(), name, value).unwrap();
            }
        }
    }
    item
}

#[test]
fn a_pass_agrees_with_the_engine_or_denies() {
    let keys = Keys::new(vec![Secret::from_seed([5; 32])]);
    // Read the keys as other parties do.
    let public = KeySet::from_json(&keys.public().to_json()).unwrap();
    let expected = Expected { issuer: ISSUER, audience: None };
    let (mut passes, mut allowed, mut denied_beyond, mut items) = (0, 0, 0, 0);
    for seed in 1..=WORLDS {
        let world = worlds::make(seed);
        // Some worlds have issues, on purpose.
        let Ok(engine) = Engine::from_json(&world.policy, &world.directory) else { continue };
        let policy: Value = serde_json::from_str(&world.policy).unwrap();
        let mut random = Random::new(seed);
        let scopes: Vec<&str> = engine.directory().scopes().collect();
        for question in &world.questions {
            let Question::Engine(EngineCall::Permissions { who }) = question else { continue };
            let Ok(session) = contract::session(&engine, who) else { continue };
            let who: Value = serde_json::from_str(who).unwrap();
            let begun = session.context().time();
            let covered: Vec<&str> = random.some(&scopes, 50).into_iter().take(20).collect();
            let until = later(begun, 10 + random.below(300) as i64);
            let paths = covered.iter().map(|path| ScopePath::parse(path).unwrap()).collect();
            let coverage = Coverage { scopes: paths, menus: Vec::new(), until: Some(until) };
            let bytes = session.to_bytes(&coverage).unwrap();
            let pass = keys.sign(Draft { session: &bytes, issuer: ISSUER, audience: None, note: None }).unwrap();
            passes += 1;
            for minutes in [0, 1, 9, 45, 119, 121, 309] {
                let time = later(begun, minutes);
                let Ok(opened) = public.open(&pass, expected, time) else {
                    assert!(time.as_millis() / 1000 >= until.as_millis() / 1000, "world {seed}: it ends too early");
                    continue;
                };
                assert!(time < until, "world {seed}: it goes on for too long");
                let item = item(&engine, &policy, &mut random);
                for at in scopes.iter().copied().chain(["nowhere"]) {
                    let own = opened.session.at(at, time);
                    let allowed_now = own.permissions().permissions;
                    if at != session.context().at() && !covered.contains(&at) {
                        assert!(allowed_now.is_empty(), "world {seed}: {at} is not covered");
                        denied_beyond += 1;
                        continue;
                    }
                    let server = elsewhere(&engine, &who, at, time);
                    assert_eq!(
                        allowed_now,
                        server.permissions().permissions,
                        "world {seed}: {who} at {at}, {minutes} minutes later"
                    );
                    allowed += allowed_now.len();
                    for name in own.permission_names() {
                        let (here, there) =
                            (own.permission(&name).unwrap(), engine.policy().permission(&name).unwrap());
                        let may = own.can_item(here, &item);
                        assert_eq!(may, server.can_item(there, &item), "world {seed}: {who} {name} at {at}");
                        items += u32::from(may);
                    }
                }
            }
            for time in [later(begun, -1), until, later(until, 1_000_000)] {
                assert!(public.open(&pass, expected, time).is_err(), "world {seed}: it opens outside its time");
            }
        }
    }
    assert!(
        passes > 200 && allowed > 1000 && denied_beyond > 500 && items > 500,
        "{passes} {allowed} {denied_beyond} {items}"
    );
}
