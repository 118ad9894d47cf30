//! The public interoperability scenarios, and further requirements of the specification.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../../../tests/authzen/scenarios.rs"]
mod scenarios;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall::document::DocumentKind;
use rolecall::{Directory, Engine, Policy, Timestamp};
use rolecall_authzen::{Caller, Mapping, Search, evaluation, evaluations, metadata, search};
use rolecall_yaml::YamlDocument;
use serde_json::{Value, json};
use std::sync::Arc;

fn world(policy: &str, directory: &str, mapping: &str) -> (Engine, Mapping) {
    let yaml = YamlDocument::parse(DocumentKind::Policy, policy).unwrap();
    let policy = Arc::new(Policy::compile(yaml.value(), &yaml).unwrap());
    let mapping = if mapping.is_empty() { Mapping::default() } else { Mapping::parse(&policy, mapping).unwrap() };
    let yaml = YamlDocument::parse(DocumentKind::Directory, directory).unwrap();
    (Engine::new(Directory::compile(policy, yaml.value(), &yaml).unwrap()), mapping)
}

fn example(name: &str) -> (Engine, Mapping) {
    let read = |file: &str| {
        let path = format!("{}/../../examples/authzen/{name}/{file}.yaml", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    world(&read("policy"), &read("directory"), &read("authzen"))
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T10:00:00Z").unwrap()
}

/// Returns a caller that may state everything.
fn trusted() -> Caller {
    Caller { now: now(), states_connection: true, states_time: true }
}

fn ask(world: &(Engine, Mapping), path: &str, request: &str) -> Result<Value, String> {
    ask_as(trusted(), world, path, request)
}

fn ask_as(caller: Caller, world: &(Engine, Mapping), path: &str, request: &str) -> Result<Value, String> {
    let (engine, mapping) = world;
    let answer = match path {
        "/access/v1/evaluation" => evaluation(engine, mapping, request, caller),
        "/access/v1/evaluations" => evaluations(engine, mapping, request, caller),
        _ => {
            let what = Search::ALL.into_iter().find(|what| what.path() == path).unwrap();
            search(engine, mapping, what, request, caller)
        }
    };
    answer.map(|text| serde_json::from_str(&text).unwrap()).map_err(|fault| fault.to_string())
}

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

const POLICY: &str = "
rolecall: 1
scopes: [account, project]
labels: [pii]
resources: { segments: { actions: [view, edit] }, people: { actions: [view] } }
roles:
  viewer: { grants: ['**:view'] }
  editor: { inherits: [viewer], grants: ['segments:edit'] }
guards: { boundaries: { domain: { limits: writes, match: all, default: none } } }
";
const DIRECTORY: &str = "
rolecall: 1
scopes: [acme, acme/shop, acme/blog]
subjects:
  'user:ada': { boundaries: { domain: [shop.example] } }
  'user:bo': {}
  'user:zoe': { boundaries: { domain: '*' } }
  'app:crm': {}
assignments:
  - { subject: 'user:ada', role: editor, at: acme/shop }
  - { subject: 'user:bo', role: viewer, at: acme, until: 2026-11-21T12:00:00Z }
  - { subject: 'user:zoe', role: editor, at: acme }
  - { subject: 'app:crm', role: viewer, at: acme/blog }
settings: { acme/shop: { ip_allow: [203.0.113.0/24] } }
";

fn plain() -> (Engine, Mapping) {
    world(POLICY, DIRECTORY, "")
}

fn question(user: &str, action: &str, id: &str) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": "segments", "id": id }, "context": { "ip": "203.0.113.9" } })
}

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

/// A directory with every kind of rule about connections. Each rule has its own scope.
const RULES: &str = "
rolecall: 1
scopes: [acme, acme/net, acme/free, sso]
subjects:
  'user:ada': {}
  'user:sam': { native: sso }
assignments:
  - { subject: 'user:ada', role: viewer, at: acme }
  - { subject: 'user:ada', role: editor, at: acme/free, until: 2026-11-21T09:00:00Z }
  - { subject: 'user:sam', role: viewer, at: acme }
settings:
  acme/net: { ip_allow: [0.0.0.0/1, 128.0.0.0/1, '::/0'] }
  sso: { login: { methods: [sso] } }
";

fn rules() -> (Engine, Mapping) {
    let policy = POLICY.replace("guards: {", "guards: { idle_timeout: { default: 60m },");
    world(&policy, RULES, "")
}

/// Returns whether a question is allowed. Fails unless the four endpoints that answer it agree.
fn allowed(caller: Caller, user: &str, action: &str, at: &str, context: &Value) -> bool {
    let rules = rules();
    let mut request = question(user, action, at);
    request["context"] = context.clone();
    let single = ask_as(caller, &rules, "/access/v1/evaluation", &request.to_string()).unwrap()["decision"] == true;
    let mut batch = request.clone();
    batch["evaluations"] = json!([{}, { "context": context }]);
    let batch = ask_as(caller, &rules, "/access/v1/evaluations", &batch.to_string()).unwrap();
    for one in batch["evaluations"].as_array().unwrap() {
        assert_eq!(one["decision"], single, "{context}");
    }
    for (what, key, name) in [("subject", "id", user), ("resource", "id", at), ("action", "name", action)] {
        let path = format!("/access/v1/search/{what}");
        let found = ask_as(caller, &rules, &path, &request.to_string()).unwrap();
        let found = found["results"].as_array().unwrap().iter().any(|one| one[key] == name);
        assert_eq!(found, single, "{what} {context}");
    }
    single
}

/// Other products use the same keys with other values. An unreadable value denies only where a rule needs it.
#[test]
fn a_context_of_any_shape_is_answered() {
    let foreign = [
        json!({}),
        json!([]),
        json!(12),
        json!(1.5),
        json!(true),
        json!(null),
        json!(""),
        json!("10.0.0.1:4711"),
        json!("[2001:db8::9]:443"),
        json!("A B"),
        json!("\u{0}"),
        json!({ "method": "sso", "ip": ["203.0.113.9"] }),
        json!(["10.0.0.1"]),
    ];
    for value in &foreign {
        let with = |key: &str| json!({ key: value });
        assert!(allowed(trusted(), "ada", "view", "acme", &with("ip")), "{value}");
        assert!(!allowed(trusted(), "ada", "view", "acme/net", &with("ip")), "{value}");
        assert!(allowed(trusted(), "ada", "view", "acme", &with("login")), "{value}");
        assert!(!allowed(trusted(), "sam", "view", "acme", &with("login")), "{value}");
        assert!(!allowed(trusted(), "ada", "view", "acme", &with("last_activity")), "{value}");
        assert!(!allowed(trusted(), "ada", "view", "acme", &with("active_roles")), "{value}");
        assert!(!allowed(trusted(), "ada", "view", "acme", &with("time")), "{value}");
        for key in ["device", "IP", "user_agent", "environment"] {
            assert!(allowed(trusted(), "ada", "view", "acme", &with(key)), "{key} {value}");
        }
    }
    // Readable values are used.
    for (user, at, context) in [
        ("ada", "acme/net", json!({ "ip": "203.0.113.9" })),
        ("ada", "acme/net", json!({ "ip": "2001:db8::9" })),
        ("sam", "acme", json!({ "login": "sso" })),
        ("ada", "acme", json!({ "last_activity": "2026-11-21T09:30:00Z" })),
        ("ada", "acme", json!({ "active_roles": ["viewer", 7, "A B"] })),
        ("ada", "acme", json!({ "time": "2026-11-21T10:30Z" })),
        ("ada", "acme", json!(null)),
    ] {
        assert!(allowed(trusted(), user, "view", at, &context), "{user} {context}");
    }
}

/// A stated connection and a stated time are used if the caller may state them. The two rights are independent.
#[test]
fn a_caller_states_what_it_may() {
    let past = json!({ "time": "2026-11-21T08:03-00:00" });
    let (none, time) = (Caller::at(now()), Caller { states_time: true, ..Caller::at(now()) });
    let connection = Caller { states_connection: true, ..Caller::at(now()) };
    for (caller, expected) in [(none, false), (connection, false), (time, true), (trusted(), true)] {
        assert_eq!(allowed(caller, "ada", "edit", "acme/free", &past), expected, "{caller:?}");
        // The time of the caller is used instead.
        assert!(allowed(caller, "ada", "view", "acme/free", &past), "{caller:?}");
    }
    for (caller, expected) in [(none, false), (time, false), (connection, true), (trusted(), true)] {
        for (user, at, context) in [
            ("ada", "acme/net", json!({ "ip": "203.0.113.9" })),
            ("sam", "acme", json!({ "login": "sso" })),
            ("ada", "acme", json!({ "last_activity": "2026-11-21T09:30:00Z" })),
            ("ada", "acme", json!({ "active_roles": ["viewer"] })),
        ] {
            assert_eq!(allowed(caller, user, "view", at, &context), expected, "{caller:?} {context}");
        }
        assert!(allowed(caller, "ada", "view", "acme", &json!({ "ip": "203.0.113.9", "device": 1 })), "{caller:?}");
    }
    // A response with reasons lists the keys that were not used.
    let mut request = question("ada", "view", "acme");
    request["context"] = json!({ "ip": "203.0.113.9", "time": "2026-11-21T08:03Z", "device": 1 });
    request["options"] = json!({ "reasons": true });
    let answer = ask_as(none, &rules(), "/access/v1/evaluation", &request.to_string()).unwrap();
    assert_eq!(answer["context"]["unused"], json!(["context.time", "context.ip"]));
    let answer = ask(&rules(), "/access/v1/evaluation", &request.to_string()).unwrap();
    assert!(answer["context"].get("unused").is_none(), "{answer}");
    request["context"]["time"] = json!(12);
    let answer = ask(&rules(), "/access/v1/evaluation", &request.to_string()).unwrap();
    assert_eq!(answer["context"], json!({ "reasons": ["time.malformed"], "unused": ["context.time"] }));
}

#[test]
fn reasons_are_told_where_they_are_asked_for() {
    let mut request = question("bo", "view", "acme/shop");
    request["context"]["time"] = json!("2026-11-21T11:00:00Z");
    request["options"] = json!({ "reasons": true });
    let answer = ask(&plain(), "/access/v1/evaluation", &request.to_string()).unwrap();
    let granted = json!([{ "role": "viewer", "via": ["viewer"], "subject": "user:bo", "at": "acme" }]);
    let told = json!({ "permission": "segments:view", "allow": true, "reasons": ["granted"], "granted_by": granted,
        "withheld": ["pii"], "narrowed": {}, "valid_until": "2026-11-21T12:00:00Z" });
    let context = json!({ "permissions": [told], "valid_until": "2026-11-21T12:00:00Z" });
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
            let told = ask(&plain(), path, &request).unwrap_err();
            assert!(told.contains(expected), "{told}: {expected}");
        }
    }
}

#[test]
fn batches_follow_their_semantic() {
    let batch = |semantic: Value, actions: &[&str]| {
        let mut request = question("bo", "view", "acme/shop");
        request["evaluations"] = actions.iter().map(|action| json!({ "action": { "name": action } })).collect();
        request["options"] = json!({ "evaluations_semantic": semantic, "another": 1 });
        ask(&plain(), "/access/v1/evaluations", &request.to_string())
            .map(|answer| answer["evaluations"].as_array().unwrap().iter().map(|one| one["decision"] == true).collect())
    };
    let asked = ["view", "edit", "view"];
    assert_eq!(batch(json!("execute_all"), &asked), Ok(vec![true, false, true]));
    assert_eq!(batch(json!("deny_on_first_deny"), &asked), Ok(vec![true, false]));
    assert_eq!(batch(json!("permit_on_first_permit"), &["edit", "view", "edit"]), Ok(vec![false, true]));
    assert!(batch(json!("any"), &asked).unwrap_err().contains("`any` is not a semantic"));
    assert!(batch(json!(null), &asked).unwrap_err().contains("must be a string, not null"));
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

#[test]
fn searches_without_a_mapping_go_over_scopes() {
    let mut who = question("", "view", "acme/blog");
    who["subject"] = json!({ "type": "user", "id": 7 });
    assert!(ask(&plain(), "/access/v1/search/subject", &who.to_string()).unwrap_err().contains("subject.id must be"));
    who["subject"] = json!({ "type": "user", "id": "ignored" });
    let found = |path: &str, request: &Value| ask(&plain(), path, &request.to_string()).unwrap()["results"].clone();
    let ids = |kind: &str, ids: &[&str]| ids.iter().map(|id| json!({ "type": kind, "id": id })).collect::<Value>();
    assert_eq!(found("/access/v1/search/subject", &who), ids("user", &["bo", "zoe"]));
    who["subject"]["type"] = json!("app");
    assert_eq!(found("/access/v1/search/subject", &who), ids("app", &["crm"]));
    who["subject"]["type"] = json!("robot");
    assert_eq!(found("/access/v1/search/subject", &who), json!([]));
    let mut what = question("bo", "view", "");
    assert_eq!(found("/access/v1/search/resource", &what), ids("segments", &["acme", "acme/blog", "acme/shop"]));
    what["context"] = json!({});
    // Searches check the network as well.
    assert_eq!(found("/access/v1/search/resource", &what), ids("segments", &["acme", "acme/blog"]));
    what["resource"]["type"] = json!("nothing");
    assert_eq!(found("/access/v1/search/resource", &what), json!([]));
    let may = question("ada", "", "acme/shop");
    assert_eq!(found("/access/v1/search/action", &may), json!([{ "name": "view" }, { "name": "edit" }]));
}

#[test]
fn pages_lead_from_one_to_the_next() {
    let world = example("search");
    let path = "/access/v1/search/resource";
    let mut request = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "view" },
        "resource": { "type": "record" }, "page": { "limit": 8 } });
    let (mut found, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let answer = ask(&world, path, &request.to_string()).unwrap();
        let page = &answer["page"];
        assert_eq!(
            (page["total"].as_u64(), page["count"].as_u64()),
            (Some(20), Some(answer["results"].as_array().unwrap().len() as u64))
        );
        sizes.push(answer["results"].as_array().unwrap().len());
        found.extend(answer["results"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        if page["next_token"] == "" {
            break;
        }
        // The limit is optional, as in the example of the specification.
        request["page"] = json!({ "token": page["next_token"] });
    }
    assert_eq!(sizes, [8, 8, 4]);
    assert_eq!(found, (101..=120).map(|number| json!(number.to_string())).collect::<Vec<Value>>());
    let with = |key: &str, value: &Value| {
        let mut changed = request.clone();
        changed["page"][key] = value.clone();
        ask(&world, path, &changed.to_string())
    };
    let token = |start: i64, limit: i64| {
        let text = request["page"]["token"].as_str().unwrap();
        let mut token: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
        (token["start"], token["limit"]) = (json!(start), json!(limit));
        json!(URL_SAFE_NO_PAD.encode(token.to_string()))
    };
    for (key, value) in [
        ("token", json!("###")),
        ("token", json!("e30")),
        ("token", token(8, 0)),
        ("token", token(-8, 8)),
        ("limit", json!(9)),
    ] {
        assert!(with(key, &value).is_err(), "{key} {value}");
    }
    for (value, given) in [
        (json!(0), "`0`"),
        (json!(-1), "`-1`"),
        (json!(0.0), "`0`"),
        (json!(0.5), "`0.5`"),
        (json!(1.5), "`1.5`"),
        (json!(-1e300), "`-1000"),
        (json!("8"), "a text"),
        (json!(null), "null"),
        (json!([8]), "a list"),
    ] {
        let told = with("limit", &value).unwrap_err();
        let expected = format!("request.shape: page.limit must be a whole number of 1 or more, not {given}");
        assert!(told.contains(&expected), "{told}: {value}");
    }
    // `8.0` and `8` are the same number.
    assert_eq!(with("limit", &json!(8.0)), with("limit", &json!(8)));
    // A page that begins after the last result is empty, and is the last page.
    let beyond = with("token", &token(1000, 8)).unwrap();
    assert_eq!((&beyond["results"], &beyond["page"]["next_token"]), (&json!([]), &json!("")));
    // A token is valid for its own request only.
    request["action"]["name"] = json!("edit");
    assert!(ask(&world, path, &request.to_string()).unwrap_err().contains("does not match the page token"));
}

/// Paging ends with every limit, after the expected number of pages.
#[test]
fn pages_of_any_size_come_to_an_end() {
    let world = example("search");
    for (limit, pages) in
        [(json!(1), 20), (json!(7), 3), (json!(1e300), 1), (json!(u64::MAX), 1), (json!(1_000_000), 1)]
    {
        let mut request = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "view" },
            "resource": { "type": "record" }, "page": { "limit": limit } });
        let mut count = 0;
        loop {
            let answer = ask(&world, "/access/v1/search/resource", &request.to_string()).unwrap();
            count += 1;
            assert!(count <= pages, "{limit}");
            if answer["page"]["next_token"] == "" {
                break;
            }
            request["page"] = json!({ "token": answer["page"]["next_token"] });
        }
        assert_eq!(count, pages, "{limit}");
    }
}

#[test]
fn what_the_mapping_says_is_missing_denies() {
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
        let told = Mapping::parse(&policy, text).unwrap_err().to_string();
        assert!(told.contains(expected), "{told}: {expected}");
    }
}

#[test]
fn metadata_names_every_endpoint() {
    let told: Value = serde_json::from_str(&metadata("https://pdp.example.com/a")).unwrap();
    assert_eq!(told["policy_decision_point"], "https://pdp.example.com/a");
    assert_eq!(told["access_evaluation_endpoint"], "https://pdp.example.com/a/access/v1/evaluation");
    assert_eq!(told["search_action_endpoint"], "https://pdp.example.com/a/access/v1/search/action");
    assert_eq!(told.as_object().unwrap().len(), 6);
}
