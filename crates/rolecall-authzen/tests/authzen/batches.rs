//! Batches of questions.

use super::setup::{ask, plain, question};
use serde_json::{Value, json};

#[test]
fn batches_follow_their_semantic() {
    let batch = |semantic: Value, actions: &[&str]| {
        let mut request = question("bo", "view", "acme/shop");
        request["evaluations"] = actions.iter().map(|action| json!({ "action": { "name": action } })).collect();
        request["options"] = json!({ "evaluations_semantic": semantic, "another": 1 });
        ask(&plain(), "/access/v1/evaluations", &request.to_string())
            .map(|answer| answer["evaluations"].as_array().unwrap().iter().map(|one| one["decision"] == true).collect())
    };
    let questions = ["view", "edit", "view"];
    assert_eq!(batch(json!("execute_all"), &questions), Ok(vec![true, false, true]));
    assert_eq!(batch(json!("deny_on_first_deny"), &questions), Ok(vec![true, false]));
    assert_eq!(batch(json!("permit_on_first_permit"), &["edit", "view", "edit"]), Ok(vec![false, true]));
    assert!(batch(json!("any"), &questions).unwrap_err().contains("`any` is not a semantic"));
    assert!(batch(json!(null), &questions).unwrap_err().contains("must be a string, not null"));
    assert!(batch(json!("execute_all"), &["view"; 1001]).unwrap_err().contains("1001 are too many"));
    // Without questions, the request is a single question.
    let mut single = question("bo", "view", "acme/shop");
    single["evaluations"] = json!([]);
    assert_eq!(ask(&plain(), "/access/v1/evaluations", &single.to_string()), Ok(json!({ "decision": true })));
}

#[test]
fn a_question_of_a_batch_that_fails_denies_alone() {
    let request = json!({
        "subject": { "type": "user" }, "resource": { "type": "segments", "id": "acme/shop", "properties": { "at": "acme/none" } },
        "context": { "ip": "203.0.113.9" }, "options": { "reasons": true },
        "evaluations": [
            { "subject": { "id": "ada" }, "action": { "name": "view" }, "resource": { "id": "acme/shop" } },
            { "subject": { "id": "ada" } },
            7,
            { "subject": { "id": "ada" }, "action": { "name": "view" } },
        ],
    });
    let answer = ask(&plain(), "/access/v1/evaluations", &request.to_string()).unwrap();
    // A missing type comes from the defaults. Properties do so only if the whole resource is missing.
    assert_eq!(answer["evaluations"][0]["decision"], true);
    assert_eq!(
        answer["evaluations"][1],
        json!({ "decision": false, "context": { "error":
        { "code": "request.shape", "message": "action is missing", "path": "evaluations[1].action" } } })
    );
    assert_eq!(answer["evaluations"][2]["context"]["error"]["path"], "evaluations[2]");
    assert_eq!(answer["evaluations"][3]["context"]["permissions"][0]["reasons"][0], "unknown-scope");
}

/// The default values of a batch are validated, even if no question uses them.
#[test]
fn a_batch_that_is_malformed_as_a_whole_is_refused() {
    let good = json!({ "evaluations": [question("ada", "view", "acme")] });
    assert!(ask(&plain(), "/access/v1/evaluations", &good.to_string()).is_ok());
    for (key, value) in [
        ("subject", json!({ "type": 1 })),
        ("resource", json!({ "id": null })),
        ("action", json!({ "name": [] })),
        ("context", json!("then")),
        ("evaluations", json!({})),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(ask(&plain(), "/access/v1/evaluations", &bad.to_string()).is_err(), "{key}");
    }
}
