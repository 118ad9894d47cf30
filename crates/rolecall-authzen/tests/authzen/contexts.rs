//! Contexts: the time and the connection that a caller states.

use super::setup::{POLICY, ask, ask_as, now, question, trusted, world};
use rolecall::Engine;
use rolecall_authzen::{Caller, Mapping, OwnSubject};
use serde_json::{Value, json};

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

/// A caller that asks about itself gets the same answer about anyone else, listed or not, and its own address counts.
#[test]
fn an_application_asks_about_itself_only() {
    let own = |ip| Caller { own: Some(OwnSubject { subject: "user:ada", ip }), ..Caller::at(now()) };
    let near = own(Some("203.0.113.9"));
    let nothing = json!({});
    assert!(allowed(near, "ada", "view", "acme", &nothing));
    assert!(allowed(near, "ada", "view", "acme/net", &nothing));
    // Without an address of its own, the request cannot state one.
    assert!(!allowed(own(None), "ada", "view", "acme/net", &nothing));
    assert!(!allowed(own(None), "ada", "view", "acme/net", &json!({ "ip": "203.0.113.9" })));
    let reasons = |user: &str| {
        let mut request = question(user, "view", "acme");
        request["options"] = json!({ "reasons": true });
        ask_as(near, &rules(), "/access/v1/evaluation", &request.to_string()).unwrap()
    };
    assert_eq!(reasons("sam")["decision"], false);
    assert_eq!(reasons("sam")["context"]["reasons"], json!(["subject.forbidden"]));
    assert_eq!(reasons("sam"), reasons("nobody"));
    // Of a search for subjects only the caller is left, and other searches find nothing for others.
    let search = |what: &str, subject: Value| {
        let mut request = json!({ "subject": subject, "resource": { "type": "segments", "id": "acme" } });
        if what == "subject" {
            request["action"] = json!({ "name": "view" });
        }
        let path = format!("/access/v1/search/{what}");
        ask_as(near, &rules(), &path, &request.to_string()).unwrap()["results"].clone()
    };
    assert_eq!(search("subject", json!({ "type": "user" })), json!([{ "type": "user", "id": "ada" }]));
    assert!(search("action", json!({ "type": "user", "id": "ada" })).as_array().is_some_and(|all| !all.is_empty()));
    assert_eq!(search("action", json!({ "type": "user", "id": "sam" })), json!([]));
}
