//! Makes worlds from seeds.

use super::model::Model;
use super::times::{NOON, instant, near};
use super::world::World;
use crate::questions::{EngineCall, Question};
use crate::random::Random;
use serde_json::{Value, json};

/// Makes a world. One of twenty worlds has documents with issues.
#[must_use]
pub fn make(seed: u64) -> World {
    let mut random = Random::new(seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1));
    let mut model = Model::new(&mut random);
    let policy = model.policy(&mut random);
    let directory = model.directory(&mut random);
    let mut questions = model.questions(&mut random, 240);
    let (policy_after, directory_after) = altered(&mut random, &policy, &directory);
    let time = if random.chance(95) { instant(&mut random, NOON) } else { "now".to_string() };
    let (policy_after, directory_after) = (policy_after.to_string(), directory_after.to_string());
    questions.push(Question::Engine(EngineCall::Diff { policy: policy_after, directory: directory_after, time }));
    let broken = random.chance(5);
    let (mut policy, mut directory) = (policy.to_string(), directory.to_string());
    if broken {
        let target = if random.chance(50) { &mut policy } else { &mut directory };
        *target = damage(&mut random, target);
    }
    World { policy, directory, questions }
}

/// Makes a small world, for which whole tables can be computed, and one that differs from it.
#[must_use]
pub fn small(seed: u64) -> Small {
    let mut random = Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(3));
    let mut model = Model { small: true, ..Model::new(&mut random) };
    let policy = model.policy(&mut random);
    let directory = model.directory(&mut random);
    let after = altered(&mut random, &policy, &directory);
    let contexts = (0..2).map(|_| model.who(&mut random)["context"].clone()).collect();
    let requests = (0..12).map(|_| model.request(&mut random)).collect();
    Small { policy, directory, after, contexts, requests }
}

/// A small world: its documents, two that differ from them, contexts of questions, and questions.
#[derive(Debug)]
pub struct Small {
    pub policy: Value,
    pub directory: Value,
    pub after: (Value, Value),
    pub contexts: Vec<Value>,
    pub requests: Vec<Value>,
}

/// Returns the documents with a few changes that cause no issues.
fn altered(random: &mut Random, policy: &Value, directory: &Value) -> (Value, Value) {
    let (mut policy, mut directory) = (policy.clone(), directory.clone());
    if random.chance(60) {
        for (_, role) in policy["roles"].as_object_mut().unwrap() {
            let role = role.as_object_mut().unwrap();
            for key in ["grants", "except", "reads", "standalone", "unbounded"] {
                if random.chance(15) {
                    role.remove(key);
                }
            }
        }
    }
    if random.chance(80) {
        directory["assignments"].as_array_mut().unwrap().retain(|_| random.chance(75));
        for assignment in directory["assignments"].as_array_mut().unwrap() {
            if random.chance(20) {
                assignment.as_object_mut().unwrap().remove("until");
            }
            if assignment["from"].is_null() && random.chance(25) {
                let until = near(random);
                assignment["until"] = json!(instant(random, until));
            }
        }
        for (_, subject) in directory["subjects"].as_object_mut().unwrap() {
            if random.chance(15) {
                subject["status"] = json!("suspended");
            }
        }
        if random.chance(30) {
            directory["settings"] = json!({});
        }
        if random.chance(60) {
            directory["overlays"].as_object_mut().unwrap().retain(|_, _| random.chance(60));
        }
    }
    (policy, directory)
}

/// Damages a document: a name in some places, sometimes the syntax.
fn damage(random: &mut Random, text: &str) -> String {
    let mut damaged = text.to_string();
    for _ in 0..random.between(1, 4) {
        let at = random.below(damaged.len());
        let Some(at) = (at..damaged.len()).find(|at| damaged.as_bytes()[*at].is_ascii_lowercase()) else { continue };
        let letter = *random.pick(&["x", "Q", "\"", "ä", "/"]);
        damaged.replace_range(at..=at, letter);
    }
    damaged
}
