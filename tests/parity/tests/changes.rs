//! Single changes lead where the whole document would, on random sequences in random worlds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::document::{DocumentKind, NoPositions, parse_json};
use rolecall::{Engine, IssueCode};
use rolecall_parity::random::Random;
use rolecall_parity::worlds::World;
use rolecall_parity::{native, worlds};
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<String> {
    value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

/// A change that is often possible: of something that is there, or of something made up of what is there.
fn change(random: &mut Random, policy: &Value, directory: &Value) -> Value {
    let mut subjects = keys(&directory["subjects"]);
    let groups = keys(&directory["groups"]);
    let assignments = directory["assignments"].as_array().unwrap();
    match random.below(10) {
        0..3 if !assignments.is_empty() => json!({ "withdraw": random.pick(assignments) }),
        0..6 => {
            subjects.extend(groups);
            let mut roles = keys(&policy["roles"]);
            roles.extend(directory["roles"].as_object().into_iter().flatten().flat_map(|(_, roles)| keys(roles)));
            let scopes = directory["scopes"].as_array().unwrap();
            let mut one = json!({
                "subject": random.pick(&subjects), "role": random.pick(&roles), "at": random.pick(scopes)
            });
            if random.chance(30) {
                one["from"] = json!("2026-11-21T10:30:00Z");
            }
            if random.chance(30) {
                one["until"] = json!("2026-11-21T12:00:00Z");
            }
            json!({ "assign": one })
        }
        _ if groups.is_empty() => json!({ "join": { "group": "group:none", "member": "user:ada" } }),
        number => {
            let group = random.pick(&groups).clone();
            let listed = directory["groups"][&group]["members"].as_array().filter(|members| !members.is_empty());
            let member = match listed {
                Some(listed) if number < 8 => random.pick(listed).clone(),
                _ => {
                    subjects.extend(groups.iter().cloned());
                    subjects.push("user:unlisted".to_string());
                    json!(random.pick(&subjects))
                }
            };
            let key = if number < 8 { "leave" } else { "join" };
            json!({ key: { "group": group, "member": member } })
        }
    }
}

/// The document after a change, and whether that changes it.
fn applied(directory: &Value, change: &Value) -> (Value, bool) {
    let mut after = directory.clone();
    let (key, value) = change.as_object().unwrap().iter().next().unwrap();
    match key.as_str() {
        "assign" | "withdraw" => {
            let all = after["assignments"].as_array_mut().unwrap();
            let there = all.contains(value);
            if key == "assign" && !there {
                all.push(value.clone());
            } else if key == "withdraw" {
                all.retain(|other| other != value);
            }
            (after, there == (key == "withdraw"))
        }
        _ => {
            let group = &mut after["groups"][value["group"].as_str().unwrap()];
            if group["members"].is_null() {
                group["members"] = json!([]);
            }
            let members = group["members"].as_array_mut().unwrap();
            let there = members.contains(&value["member"]);
            if key == "join" && !there {
                members.push(value["member"].clone());
            } else if key == "leave" {
                members.retain(|other| other != &value["member"]);
            }
            (after, there == (key == "leave"))
        }
    }
}

#[test]
fn single_changes_are_those_of_the_document() {
    let (mut made, mut refused, mut idle, mut compared) = (0, 0, 0, 0);
    for seed in 20_000..20_060 {
        let mut random = Random::new(seed);
        let world = worlds::make(seed);
        let Ok(mut engine) = Engine::from_json(&world.policy, &world.directory) else { continue };
        let policy: Value = serde_json::from_str(&world.policy).unwrap();
        let mut directory: Value = serde_json::from_str(&world.directory).unwrap();
        if directory["assignments"].is_null() {
            directory["assignments"] = json!([]);
        }
        // Instants are written in several ways: what is the same would not be found by its text.
        for one in directory["assignments"].as_array_mut().unwrap() {
            for key in ["from", "until"] {
                if one.get(key).is_some() {
                    one[key] = json!(rolecall::Instant::parse(one[key].as_str().unwrap()).unwrap().to_string());
                }
            }
        }
        for step in 0..60 {
            let change = change(&mut random, &policy, &directory);
            let text = change.to_string();
            let tree = parse_json(DocumentKind::Directory, &text).unwrap();
            let before = engine.clone();
            match engine.apply(&tree, &NoPositions) {
                Ok(changed) => {
                    let (after, expected) = applied(&directory, &change);
                    assert_eq!(changed, expected, "world {seed}, {change}");
                    directory = after;
                    made += usize::from(changed);
                    idle += usize::from(!changed);
                }
                Err(error) => {
                    // The document would be refused for the same reasons.
                    let whole = (!change["join"].is_null()
                        && directory["groups"][change["join"]["group"].as_str().unwrap()].is_object())
                        || !change["assign"].is_null();
                    if whole {
                        let after = applied(&directory, &change).0.to_string();
                        let told = Engine::from_json(&world.policy, &after).unwrap_err();
                        let codes = |issues: &[rolecall::Issue]| {
                            issues.iter().map(|issue| issue.code).collect::<Vec<IssueCode>>()
                        };
                        assert_eq!(codes(&error.issues), codes(&told.issues), "world {seed}, {change}");
                    }
                    refused += 1;
                }
            }
            drop(before);
            if step % 20 == 19 {
                let now = World { directory: directory.to_string(), ..world.clone() };
                let expected = native::answer(&now);
                assert_eq!(expected[0], r#"{"issues":[]}"#, "world {seed}");
                assert_eq!(native::asked(&engine, &now), &expected[1..], "world {seed}, after {step} changes");
                compared += expected.len();
            }
        }
    }
    assert!(made > 800 && refused > 100 && idle > 50 && compared > 10_000, "{made} {refused} {idle} {compared}");
}
