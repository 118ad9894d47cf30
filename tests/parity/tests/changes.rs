//! Single changes have the same result as the changed document, for random sequences in random worlds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Engine, IssueCode};
use rolecall_parity::random::Random;
use rolecall_parity::worlds::World;
use rolecall_parity::{native, worlds};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn keys(value: &Value) -> Vec<String> {
    value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

/// Returns a change that is often possible: of existing objects, or of objects made of existing names.
fn change(random: &mut Random, policy: &Value, directory: &Value) -> Value {
    let mut subjects = keys(&directory["subjects"]);
    let groups = keys(&directory["groups"]);
    let assignments = directory["assignments"].as_array().unwrap();
    match random.below(18) {
        10..18 => structural(random, policy, directory),
        0..3 if !assignments.is_empty() => json!({ "withdraw": random.pick(assignments) }),
        0..6 => {
            subjects.extend(groups);
            subjects.push("group:everyone".to_string());
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
            if random.chance(25) {
                one["below"] = json!(false);
            }
            let boundaries = keys(&policy["guards"]["boundaries"]);
            if !boundaries.is_empty() && random.chance(30) {
                one["boundaries"][random.pick(&boundaries)] = json!(["only-here"]);
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
                    subjects.extend(["user:unlisted", "group:everyone"].map(String::from));
                    json!(random.pick(&subjects))
                }
            };
            let key = if number < 8 { "leave" } else { "join" };
            json!({ key: { "group": group, "member": member } })
        }
    }
}

/// Returns a change of subjects, custom roles, settings, groups or scopes.
fn structural(random: &mut Random, policy: &Value, directory: &Value) -> Value {
    let scopes: Vec<&str> = directory["scopes"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let at = *random.pick(&scopes);
    let custom = || keys(&directory["roles"][at]);
    match random.below(14) {
        0..3 => {
            let mut subjects = keys(&directory["subjects"]);
            subjects.extend(["user:new-1", "user:unlisted", "user:later", "support:new"].map(String::from));
            let id = random.pick(&subjects).clone();
            let mut one =
                directory["subjects"].get(&id).filter(|_| random.chance(50)).cloned().unwrap_or_else(|| json!({}));
            one["subject"] = json!(id);
            if random.chance(50) {
                one["status"] = json!(*random.pick(&["active", "invited", "suspended", "removed"]));
            }
            if random.chance(30) {
                one["native"] = json!(at);
                one["invited_until"] = json!("2026-11-21T12:00:00.000Z");
            }
            json!({ "set_subject": one })
        }
        3 => {
            let mut roles = keys(&policy["roles"]);
            roles.extend(custom());
            let permissions = ["**:view", "**:*"];
            let mut names = custom();
            names.extend(["added-a", "added-b"].map(String::from));
            let mut one = json!({ "at": at, "role": random.pick(&names), "grants": [random.pick(&permissions)] });
            if random.chance(30) {
                one["except"] = json!(["**:writes"]);
            }
            if random.chance(70) {
                one["inherits"] = json!([random.pick(&roles)]);
            }
            json!({ "set_role": one })
        }
        4 => {
            let mut names = custom();
            names.push("added-a".to_string());
            json!({ "remove_role": { "at": at, "role": random.pick(&names) } })
        }
        5 => {
            let mut one = json!({ "at": at });
            if random.chance(50) {
                one["support_access"] = json!(*random.pick(&["none", "named", "all"]));
            }
            if random.chance(50) {
                one["ip_allow"] = json!(["203.0.113.0/24"]);
            }
            json!({ "set_settings": one })
        }
        12.. => {
            let mut one = json!({ "at": at, "item": *random.pick(&["item:1", "item:2", "item:3"]) });
            if random.chance(70) {
                let mut groups = random.some(&keys(&directory["groups"]), 50);
                groups.sort();
                one["groups"] = json!(groups);
            }
            json!({ "set_lock": one })
        }
        6 => {
            let mut groups = keys(&directory["groups"]);
            groups.extend(["group:added-a", "group:zed", "group:everyone"].map(String::from));
            let key = if random.chance(60) { "add_group" } else { "remove_group" };
            json!({ key: random.pick(&groups) })
        }
        7..9 => {
            let mut one = json!({ "at": at, "role": random.pick(&keys(&policy["roles"])) });
            for (key, values) in [("grants", ["**:view", "**:*"]), ("except", ["**:view", "**:writes"])] {
                if random.chance(50) {
                    one[key] = json!(random.some(&values, 60));
                }
            }
            if random.chance(30) {
                one["reads"] = json!([]);
            }
            json!({ "set_overlay": one })
        }
        9 => {
            let mut roles = keys(&policy["roles"]);
            roles.extend(custom());
            json!({ "remove_overlay": { "at": at, "role": random.pick(&roles) } })
        }
        10 => {
            let outermost = if random.chance(85) { at.split('/').next().unwrap() } else { at };
            let mut one = json!({ "at": outermost });
            let types: Vec<&str> =
                policy["instance_types"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if random.chance(70) && !types.is_empty() {
                one["instance_type"] = json!(random.pick(&types));
            }
            json!({ "set_instance_type": one })
        }
        _ => json!({ "add_scope": format!("{at}/{}", random.pick(&["aa", "mm", "zz"])) }),
    }
}

/// Sets or removes a key of a map in a document.
fn put(map: &mut Value, key: &str, value: Option<Value>) {
    if map.is_null() {
        *map = json!({});
    }
    let map = map.as_object_mut().unwrap();
    match value {
        Some(value) => drop(map.insert(key.to_string(), value)),
        None => drop(map.shift_remove(key)),
    }
}

fn without(value: &Value, keys: &[&str]) -> Value {
    let mut value = value.clone();
    value.as_object_mut().unwrap().retain(|key, _| !keys.contains(&key.as_str()));
    value
}

/// Returns the document after a change of subjects, custom roles, settings, groups or scopes.
fn restructured(before: &Value, key: &str, value: &Value) -> Value {
    let mut after = before.clone();
    let at = value["at"].as_str().unwrap_or_default();
    match key {
        "set_subject" => {
            put(&mut after["subjects"], value["subject"].as_str().unwrap(), Some(without(value, &["subject"])));
        }
        "set_role" | "remove_role" => {
            let role = (key == "set_role").then(|| without(value, &["at", "role"]));
            let mut here = after["roles"][at].take();
            put(&mut here, value["role"].as_str().unwrap(), role);
            let here = Some(here).filter(|here| !here.as_object().unwrap().is_empty());
            put(&mut after["roles"], at, here);
        }
        "set_overlay" | "remove_overlay" => {
            let overlay = (key == "set_overlay").then(|| without(value, &["at", "role"]));
            let mut here = after["overlays"][at].take();
            put(&mut here, value["role"].as_str().unwrap(), overlay);
            let here = Some(here).filter(|here| !here.as_object().unwrap().is_empty());
            put(&mut after["overlays"], at, here);
        }
        "set_settings" => {
            let own = Some(without(value, &["at"])).filter(|own| !own.as_object().unwrap().is_empty());
            put(&mut after["settings"], at, own);
        }
        "set_instance_type" => {
            put(&mut after["instance_types"], at, value.get("instance_type").cloned());
        }
        "set_lock" => {
            let groups = value["groups"].as_array().filter(|groups| !groups.is_empty());
            let mut here = after["locks"][at].take();
            put(&mut here, value["item"].as_str().unwrap(), groups.map(|groups| json!({ "groups": groups })));
            let here = Some(here).filter(|here| !here.as_object().unwrap().is_empty());
            put(&mut after["locks"], at, here);
        }
        "add_group" => {
            let id = value.as_str().unwrap();
            if after["groups"][id].is_null() {
                put(&mut after["groups"], id, Some(json!({})));
            }
        }
        "remove_group" => put(&mut after["groups"], value.as_str().unwrap(), None),
        _ => {
            let scopes = after["scopes"].as_array_mut().unwrap();
            if !scopes.contains(value) {
                scopes.push(value.clone());
            }
        }
    }
    for key in ["instance_types", "roles", "overlays", "settings", "groups", "locks"] {
        if before.get(key).is_none() && after[key].as_object().is_none_or(serde_json::Map::is_empty) {
            after.as_object_mut().unwrap().shift_remove(key);
        }
    }
    after
}

/// Returns the document after a change, and whether it differs.
fn applied(directory: &Value, change: &Value) -> (Value, bool) {
    let mut after = directory.clone();
    let (key, value) = change.as_object().unwrap().iter().next().unwrap();
    match key.as_str() {
        "set_subject" | "set_role" | "remove_role" | "set_overlay" | "remove_overlay" | "set_settings" | "set_lock"
        | "add_group" | "remove_group" | "add_scope" | "set_instance_type" => {
            let after = restructured(directory, key, value);
            let changed = after != *directory;
            (after, changed)
        }
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
fn single_changes_equal_a_changed_document() {
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
        // Owners have no part in decisions, and an item without groups is not locked.
        for (_, here) in directory["locks"].as_object_mut().into_iter().flatten() {
            for (_, lock) in here.as_object_mut().unwrap() {
                lock.as_object_mut().unwrap().shift_remove("owner");
            }
            here.as_object_mut().unwrap().retain(|_, lock| lock["groups"] != json!([]));
        }
        if let Some(locks) = directory.get_mut("locks").and_then(Value::as_object_mut) {
            locks.retain(|_, here| !here.as_object().unwrap().is_empty());
        }
        // Write all times in one form. Otherwise equal times would differ as texts.
        for one in directory["assignments"].as_array_mut().unwrap() {
            if one["below"] == true {
                one.as_object_mut().unwrap().remove("below");
            }
            match one["boundaries"].as_object_mut() {
                Some(boundaries) if boundaries.is_empty() => drop(one.as_object_mut().unwrap().remove("boundaries")),
                Some(boundaries) => boundaries.values_mut().for_each(sort),
                None => drop(one.as_object_mut().unwrap().remove("boundaries")),
            }
            for key in ["from", "until"] {
                if one.get(key).is_some() {
                    one[key] = json!(rolecall::Timestamp::parse(one[key].as_str().unwrap()).unwrap().to_string());
                }
            }
        }
        for step in 0..60 {
            let change = change(&mut random, &policy, &directory);
            let text = change.to_string();
            let before = engine.clone();
            match engine.apply_json(&text) {
                Ok(changed) => {
                    let (after, expected) = applied(&directory, &change);
                    // The same value may be written in several ways.
                    if change["set_subject"].is_null() {
                        assert_eq!(changed, expected, "world {seed}, {change}");
                    }
                    directory = after;
                    let rebuilt = Engine::from_json(&world.policy, &directory.to_string()).unwrap();
                    assert!(engine.to_snapshot() == rebuilt.to_snapshot(), "world {seed}, {change}, {directory}");
                    made += usize::from(changed);
                    idle += usize::from(!changed);
                }
                Err(error) => {
                    // The document must be rejected for the same reasons.
                    let whole = (!change["join"].is_null()
                        && directory["groups"][change["join"]["group"].as_str().unwrap()].is_object())
                        // A document without a type for a scope never has an issue for it.
                        || !change["set_instance_type"]["instance_type"].is_null()
                        || [
                            "assign",
                            "set_subject",
                            "set_role",
                            "set_overlay",
                            "set_settings",
                            "set_lock",
                            "add_group",
                            "add_scope",
                        ]
                        .iter()
                        .any(|key| !change[key].is_null());
                    if whole {
                        let after = applied(&directory, &change).0.to_string();
                        let whole = Engine::from_json(&world.policy, &after).unwrap_err();
                        let codes = |issues: &[rolecall::Issue]| {
                            issues.iter().map(|issue| issue.code).collect::<Vec<IssueCode>>()
                        };
                        let (mut here, mut there) = (codes(&error.issues), codes(&whole.issues));
                        // Of the assigned roles that a type lacks, only the first is reported.
                        if !change["set_instance_type"].is_null() {
                            there.dedup();
                        }
                        // For an invalid custom role, consequences for assignments are not reported, or only once.
                        if !change["set_role"].is_null() {
                            there.retain(|code| here.contains(code));
                            there.dedup();
                            here.dedup();
                        }
                        assert_eq!(here, there, "world {seed}, {change}");
                    }
                    refused += 1;
                }
            }
            drop(before);
            if step % 20 == 19 {
                let now = World { directory: directory.to_string(), ..world.clone() };
                let expected = native::answer(&now);
                assert_eq!(expected[0], r#"{"issues":[]}"#, "world {seed}");
                assert_eq!(native::answers(&engine, &now), &expected[1..], "world {seed}, after {step} changes");
                compared += expected.len();
            }
        }
    }
    assert!(made > 800 && refused > 100 && idle > 50 && compared > 10_000, "{made} {refused} {idle} {compared}");
}

/// Sorts a list of texts, without repetitions.
fn sort(list: &mut Value) {
    let all: BTreeSet<String> = list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_string()).collect();
    *list = json!(all);
}
