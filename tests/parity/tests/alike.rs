//! Grantees of one kind get the same rights from a new assignment: comparing one of each kind finds what comparing all of
//! them finds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::change::Assignment;
use rolecall::ffi::Grantor;
use rolecall::{Engine, SubjectId, Timestamp};
use rolecall_parity::worlds;
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

/// Lists each user a second time under another id, with the same values, assignments and groups.
fn add_twins(directory: &mut Value) {
    let twin = |id: &str| json!(format!("{id}-twin"));
    let users: Vec<String> = keys(&directory["subjects"]).into_iter().filter(|id| id.starts_with("user:")).collect();
    for id in &users {
        directory["subjects"][twin(id).as_str().unwrap()] = directory["subjects"][id].clone();
    }
    let is_user = |id: &Value| users.iter().any(|user| id == user);
    for (_, group) in directory["groups"].as_object_mut().into_iter().flatten() {
        let Some(members) = group["members"].as_array_mut() else { continue };
        let twins: Vec<Value> = members.iter().filter(|id| is_user(id)).map(|id| twin(id.as_str().unwrap())).collect();
        members.extend(twins);
    }
    let Some(assignments) = directory["assignments"].as_array_mut() else { return };
    let own = assignments.iter().filter(|one| is_user(&one["subject"]));
    let twins: Vec<Value> = own
        .map(|one| {
            let mut other = one.clone();
            other["subject"] = twin(one["subject"].as_str().unwrap());
            other
        })
        .collect();
    assignments.extend(twins);
}

#[test]
fn one_grantee_of_each_kind_is_enough() {
    let (mut compared, mut saved, mut excesses) = (0, 0, 0);
    for seed in 31_000..31_060 {
        let mut small = worlds::small(seed);
        add_twins(&mut small.directory);
        let engine = Engine::from_json(&small.policy.to_string(), &small.directory.to_string()).unwrap();
        let mut people = keys(&small.directory["subjects"]);
        people.extend(keys(&small.directory["groups"]));
        people.push("user:nobody".to_string());
        people.sort();
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        for actor in people.iter().filter(|id| !id.starts_with("group:")) {
            let giver = Grantor { subject: SubjectId::parse(actor).unwrap(), any: &[], now };
            for at in engine.directory().scopes() {
                let mut giving = engine.giving(&engine, giver);
                let kinds = giving.kinds(people.iter().map(String::as_str), at);
                for role in engine.policy().roles() {
                    let few = giving.each_kind(&kinds, role);
                    saved += people.len() - few.len();
                    let mut first = |all: &[&str]| {
                        let mut excess = all.iter().filter_map(|id| giving.assignment(&Assignment::new(id, role, at)));
                        excess.next()
                    };
                    let all: Vec<&str> = people.iter().map(String::as_str).collect();
                    let (of_all, of_kinds) = (first(&all), first(few));
                    assert_eq!(of_all, of_kinds, "world {seed}, {actor} gives {role} at {at}");
                    compared += 1;
                    excesses += usize::from(of_all.is_some());
                }
            }
        }
    }
    println!("{compared} compared, {excesses} give too much, {saved} grantees like another one");
    assert!(compared > 5000 && saved > 1000 && excesses > 500 && excesses < compared, "{compared} {saved} {excesses}");
}
