//! Single questions.

use super::setup::{ask, plain, question};
use serde_json::{Value, json};

fn decision(request: &Value) -> bool {
    let answer = ask(&plain(), "/access/v1/evaluation", &request.to_string()).unwrap();
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    answer["decision"].as_bool().unwrap()
}

#[test]
fn without_a_mapping_names_are_those_of_the_policy() {
    assert!(decision(&question("ada", "edit", "acme/shop")));
    assert!(!decision(&question("ada", "edit", "acme/blog")));
    assert!(!decision(&question("ada", "delete", "acme/shop")));
    assert!(!decision(&question("ada", "edit", "acme/none")));
    assert!(!decision(&question("ada", "edit", "no path!")));
    assert!(!decision(&question("", "edit", "acme/shop")));
    assert!(!decision(&question("a\u{1}", "edit", "acme/shop")));
    let mut unknown_type = question("ada", "edit", "acme/shop");
    unknown_type["subject"]["type"] = json!("group");
    assert!(!decision(&unknown_type));
    let mut item = question("ada", "edit", "item-7");
    item["resource"]["properties"] =
        json!({ "at": "acme/shop", "boundaries": { "domain": ["shop.example"] }, "owner": null });
    assert!(decision(&item));
    item["resource"]["properties"]["boundaries"]["domain"] = json!("other.example");
    assert!(!decision(&item));
    item["action"]["name"] = json!("view");
    assert!(decision(&item));
    item["resource"]["properties"]["labels"] = json!(["pii"]);
    assert!(!decision(&item));
}

#[test]
fn the_context_counts() {
    let mut away = question("ada", "edit", "acme/shop");
    away["context"] = json!({ "ip": "198.51.100.1", "user_agent": { "any": [1, 2.5, null] } });
    assert!(!decision(&away));
    let mut bo = question("bo", "view", "acme/shop");
    assert!(decision(&bo));
    bo["context"]["time"] = json!("2026-11-21T12:00:00Z");
    assert!(!decision(&bo));
    // Examples of the specification omit the seconds.
    bo["context"]["time"] = json!("2026-11-21T13:59+02:00");
    assert!(decision(&bo));
    let mut none = question("ada", "edit", "acme/shop");
    none["context"]["active_roles"] = json!([]);
    assert!(!decision(&none));
}

#[test]
fn reasons_are_returned_on_request() {
    let mut request = question("bo", "view", "acme/shop");
    request["context"]["time"] = json!("2026-11-21T11:00:00Z");
    request["options"] = json!({ "reasons": true });
    let answer = ask(&plain(), "/access/v1/evaluation", &request.to_string()).unwrap();
    let granted = json!([{ "role": "viewer", "via": ["viewer"], "subject": "user:bo", "at": "acme" }]);
    let decision = json!({ "permission": "segments:view", "allow": true, "reasons": ["granted"], "granted_by": granted,
        "withheld": ["pii"], "narrowed": {}, "valid_until": "2026-11-21T12:00:00Z" });
    let context = json!({ "permissions": [decision], "valid_until": "2026-11-21T12:00:00Z" });
    assert_eq!(answer, json!({ "decision": true, "context": context }));
    request["action"]["name"] = json!("fly");
    let answer = ask(&plain(), "/access/v1/evaluation", &request.to_string()).unwrap();
    assert_eq!(answer, json!({ "decision": false, "context": { "reasons": ["permission.unknown"] } }));
}

#[test]
fn malformed_requests_name_the_place() {
    let good = question("ada", "edit", "acme/shop");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut request = good.clone();
        change(&mut request);
        request.to_string()
    };
    let cases: Vec<(String, &str)> = vec![
        (String::new(), "request.json: the body is empty"),
        ("{".to_string(), "request.json"),
        ("[]".to_string(), "request.shape: the request must be an object, not a list"),
        ("[".repeat(100_000), "request.json: recursion limit exceeded"),
        (
            changed(&|one| {
                one.as_object_mut().unwrap().remove("subject");
            }),
            "subject is missing",
        ),
        (
            changed(&|one| {
                one["subject"].as_object_mut().unwrap().remove("id");
            }),
            "subject.id is missing",
        ),
        (changed(&|one| one["subject"]["type"] = json!(7)), "subject.type must be a string, not a number"),
        (changed(&|one| one["subject"]["properties"] = json!(null)), "subject.properties must be an object, not null"),
        (
            changed(&|one| {
                one["action"] = json!("edit");
            }),
            "action must be an object, not a text",
        ),
        (
            changed(&|one| {
                one["action"] = json!({});
            }),
            "action.name is missing",
        ),
        (changed(&|one| one["action"]["properties"] = json!([])), "action.properties must be an object"),
        (
            changed(&|one| {
                one["resource"].as_object_mut().unwrap().remove("type");
            }),
            "resource.type is missing",
        ),
        (changed(&|one| one["context"] = json!([])), "context must be an object, not a list"),
        (
            changed(&|one| one["resource"]["properties"] = json!({ "at": "acme/shop", "labels": ["pi"] })),
            "label.unknown",
        ),
        (changed(&|one| one["resource"]["properties"] = json!({ "at": 1 })), "resource.properties.at must be a string"),
        (changed(&|one| one["options"] = json!({ "reasons": 1 })), "options.reasons must be true or false"),
        (good.to_string().replacen("{", r#"{"action":{"name":"view"},"#, 1), "`action` occurs twice"),
    ];
    for (request, expected) in cases {
        for path in ["/access/v1/evaluation", "/access/v1/evaluations"] {
            let error = ask(&plain(), path, &request).unwrap_err();
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }
}
