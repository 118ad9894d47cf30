//! Mappings of types, items and labels.

use super::setup::{DIRECTORY, POLICY, ask, example, question, trusted, world};
use rolecall::Policy;
use rolecall::document::DocumentKind;
use rolecall_authzen::{Mapping, evaluation};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};

#[test]
fn a_missing_property_denies() {
    let (engine, mapping) = example("todo");
    let update = |properties: Value| {
        let request = json!({
            "subject": { "type": "user", "id": "CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs" },
            "action": { "name": "can_update_todo" }, "resource": { "type": "todo", "id": "1", "properties": properties } });
        evaluation(&engine, &mapping, &request.to_string(), trusted()).unwrap()
    };
    assert_eq!(update(json!({ "ownerID": "morty@the-citadel.com" })), r#"{"decision":true}"#);
    assert_eq!(update(json!({})), r#"{"decision":false}"#);
    assert_eq!(update(json!({ "ownerID": [] })), r#"{"decision":false}"#);
}

/// If a value is unknown, only subjects that hold every value are allowed.
#[test]
fn an_unknown_value_is_open_to_who_holds_all() {
    let mapping = "rolecall: 1\nat: acme\ntypes: { part: { actions: { edit: 'segments:edit' }, boundaries: { domain: site } } }\n";
    let mapped = world(POLICY, DIRECTORY, mapping);
    for (user, properties, expected) in
        [("zoe", json!({}), true), ("zoe", json!({ "site": "b" }), true), ("ada", json!({ "at": "acme/shop" }), false)]
    {
        let mut request = question(user, "edit", "7");
        request["resource"] = json!({ "type": "part", "id": "7", "properties": properties });
        let answer = ask(&mapped, "/access/v1/evaluation", &request.to_string()).unwrap();
        assert_eq!(answer["decision"], expected, "{user} {properties}");
    }
}

/// If the labels are missing, only subjects that read every label are allowed.
#[test]
fn unknown_labels_are_open_to_who_reads_all() {
    let policy = POLICY
        .replace("labels: [pii]", "labels: [pii, secret]")
        .replace("viewer: {", "viewer: { reads: [pii],")
        .replace("inherits: [viewer],", "inherits: [viewer], reads: [secret],");
    let mapping = "rolecall: 1\nat: acme/shop\ntypes: { part: { actions: { see: 'segments:view' }, labels: class } }\n";
    let mapped = world(&policy, DIRECTORY, mapping);
    for (user, properties, expected) in [
        ("bo", json!({ "class": [] }), true),
        ("bo", json!({ "class": "pii" }), true),
        ("bo", json!({ "class": ["pii", "secret"] }), false),
        ("bo", json!({}), false),
        ("bo", json!({ "labels": [] }), false),
        ("zoe", json!({}), true),
    ] {
        let mut request = question(user, "see", "7");
        request["context"]["time"] = json!("2026-11-21T11:00:00Z");
        request["resource"] = json!({ "type": "part", "id": "7", "properties": properties });
        let answer = ask(&mapped, "/access/v1/evaluation", &request.to_string()).unwrap();
        assert_eq!(answer["decision"], expected, "{user} {properties}");
    }
}

#[test]
fn a_mapping_is_refused_with_its_place() {
    let policy = YamlDocument::parse(DocumentKind::Policy, POLICY).unwrap();
    let policy = Policy::compile(policy.value(), &policy).unwrap();
    for (text, expected) in [
        ("rolecall: 2\n", "1:1: rolecall: this version reads format 1"),
        ("rolecall: 1\ntpyes: {}\n", "2:1: tpyes: unknown field `tpyes`"),
        (
            "rolecall: 1\ntypes:\n  a: { actions: { see: 'segments:veiw' } }\n",
            "3:19: types.a.actions.see: the policy has no permission `segments:veiw`; did you mean `segments:view`?",
        ),
        (
            "rolecall: 1\ntypes: { a: { actions: { see: { any: [] } } } }\n",
            "types.a.actions.see: at least one permission",
        ),
        (
            "rolecall: 1\ntypes: { a: { boundaries: { owner: o } } }\n",
            "types.a.boundaries.owner: the policy has no boundary `owner`",
        ),
        (
            "rolecall: 1\ntypes: { a: { items: { x: { labels: [pi] } } } }\n",
            "types.a.items.x.labels: the policy has no label `pi`",
        ),
        ("rolecall: 1\nat: A B\n", "2:1: at: "),
        ("rolecall: 1\nsubjects: { robot: group }\n", "subjects.robot: ids begin with"),
        ("rolecall: 1\ntypes: { a: {}, a: {} }\n", "types"),
        ("rolecall: 1\n  x", "1:"),
    ] {
        let error = Mapping::parse(&policy, text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}: {expected}");
    }
}

/// A property of the action determines what is required; a value that is not listed requires what `otherwise` says.
#[test]
fn properties_of_an_action_determine_what_it_requires() {
    let by = "property: mode, values: { draft: 'segments:view', 'true': { all: ['segments:view', 'segments:edit'] }, '7': 'segments:edit' }";
    for (otherwise, rest) in [("", false), (", otherwise: 'segments:view'", true)] {
        let mapping = format!(
            "rolecall: 1\nat: acme/shop\ntypes: {{ part: {{ actions: {{ save: {{ {by}{otherwise} }} }} }} }}\n"
        );
        let mapped = world(POLICY, DIRECTORY, &mapping);
        for (properties, expected) in [
            (json!({ "mode": "draft" }), true),
            (json!({ "mode": true }), false),
            (json!({ "mode": "true" }), false),
            (json!({ "mode": 7 }), false),
            (json!({ "mode": "other" }), rest),
            (json!({ "mode": false }), rest),
            (json!({ "mode": 7.5 }), rest),
            (json!({ "mode": null }), rest),
            (json!({ "mode": ["draft"] }), rest),
            (json!({}), rest),
        ] {
            let mut request = question("bo", "save", "7");
            request["action"]["properties"] = properties.clone();
            request["resource"] = json!({ "type": "part", "id": "7" });
            let answer = ask(&mapped, "/access/v1/evaluation", &request.to_string()).unwrap();
            assert_eq!(answer["decision"], expected, "{properties} {otherwise}");
            // In a batch, an action of a question replaces the default one with its properties.
            let own = json!({ "action": { "properties": properties } });
            let mut batch = request.clone();
            batch["evaluations"] = json!([{}, own, { "action": { "name": "save" } }]);
            let answer = ask(&mapped, "/access/v1/evaluations", &batch.to_string()).unwrap();
            let decisions = json!([{ "decision": expected }, { "decision": expected }, { "decision": rest }]);
            assert_eq!(answer["evaluations"], decisions, "{properties} {otherwise}");
        }
        // A search for actions states no property.
        let mut request = question("bo", "save", "7");
        request["resource"] = json!({ "type": "part", "id": "7" });
        request.as_object_mut().unwrap().remove("action");
        let found = ask(&mapped, "/access/v1/search/action", &request.to_string()).unwrap();
        assert_eq!(found["results"].as_array().unwrap().len(), usize::from(rest));
    }
}

#[test]
fn mistakes_in_properties_of_actions_name_their_place() {
    let yaml = YamlDocument::parse(DocumentKind::Policy, POLICY).unwrap();
    let policy = Policy::compile(yaml.value(), &yaml).unwrap();
    for (need, place, expected) in [
        ("{ property: mode, values: {} }", "types.part.actions.save.values", "at least one value is needed"),
        ("{ property: mode, values: { a: 'segments:fly' } }", "types.part.actions.save.values.a", "segments:fly"),
        (
            "{ property: mode, values: { a: { any: [] } } }",
            "types.part.actions.save.values.a",
            "at least one permission is needed",
        ),
        (
            "{ property: mode, values: { a: 'segments:view' }, otherwise: 'segments:fly' }",
            "types.part.actions.save.otherwise",
            "segments:fly",
        ),
    ] {
        let text = format!("rolecall: 1\ntypes: {{ part: {{ actions: {{ save: {need} }} }} }}\n");
        let error = Mapping::parse(&policy, &text).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(expected), "{need}: {error}");
    }
}
