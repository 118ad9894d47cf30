//! The public interoperability scenarios.

use super::setup::{ask, example};
use crate::{certification, scenarios};
use rolecall_authzen::metadata;
use serde_json::{Value, json};

#[test]
fn every_public_decision_is_right() {
    let worlds = ["todo", "search"].map(|name| (name, example(name)));
    let rows = scenarios::all();
    assert_eq!(rows.len(), 266);
    for row in rows {
        let world = &worlds.iter().find(|(name, _)| *name == row.scenario).unwrap().1;
        assert_eq!(ask(world, row.path, &row.request.to_string()), Ok(row.response), "{} {}", row.path, row.request);
    }
}

/// A search returns exactly the results that single questions allow.
#[test]
fn searches_find_what_questions_allow() {
    let world = example("search");
    let users = ["alice", "bob", "carol", "dan", "erin", "felix"];
    let allowed = |user: &str, action: &str, record: &str| {
        let request = json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
            "resource": { "type": "record", "id": record } });
        ask(&world, "/access/v1/evaluation", &request.to_string()).unwrap()["decision"] == true
    };
    for action in ["view", "edit", "delete", "burn"] {
        for user in users {
            let request = json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
                "resource": { "type": "record" } });
            let found = ask(&world, "/access/v1/search/resource", &request.to_string()).unwrap();
            let found: Vec<&str> =
                found["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
            for record in (100..=121).map(|number| number.to_string()) {
                assert_eq!(found.contains(&&*record), allowed(user, action, &record), "{user} {action} {record}");
            }
        }
    }
}

#[test]
fn metadata_names_every_endpoint() {
    let answer: Value = serde_json::from_str(&metadata("https://pdp.example.com/a")).unwrap();
    assert_eq!(answer["policy_decision_point"], "https://pdp.example.com/a");
    assert_eq!(answer["access_evaluation_endpoint"], "https://pdp.example.com/a/access/v1/evaluation");
    assert_eq!(answer["search_action_endpoint"], "https://pdp.example.com/a/access/v1/search/action");
    assert_eq!(answer.as_object().unwrap().len(), 6);
}

#[test]
fn the_certification_scenario_passes_whole() {
    let world = example("certification");
    for row in certification::all() {
        let answer = ask(&world, &row.path, &row.request.to_string());
        let (status, answer) = answer.map_or((400, Value::Null), |answer| (200, answer));
        assert!(row.is_met(status, &answer), "{}: {status} {answer} for {}", row.test, row.request);
    }
}
