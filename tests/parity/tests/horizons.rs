//! With many assignments that begin and end, every answer is valid exactly until the first time at which it differs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::{Context, Coverage, Engine, FieldLabels, Item, PortableSession, ScopePath, SubjectId, Timestamp};
use rolecall_contract::to_json;
use rolecall_parity::random::Random;
use serde_json::{Value, json};

const SECONDS: i64 = 40;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_795_255_200_000 + 1000 * seconds).unwrap()
}

/// Returns an engine with one user that has many roles directly and by two groups. The roles begin and end within some
/// seconds.
fn engine(random: &mut Random) -> Engine {
    let roles = json!({
        "view": { "grants": ["a:view"] }, "edit": { "inherits": ["view"], "grants": ["a:edit"] }, "other": { "grants": ["b:view"] },
        "pii": { "reads": ["pii"], "standalone": false }, "free": { "unbounded": ["domain"], "standalone": false },
        "mail": { "backup_login": true, "standalone": false }, "all": { "inherits": ["edit", "other", "pii"] },
        "nothing": {}, "part": { "grants": ["a:view"], "standalone": false }
    });
    let names: Vec<&String> = roles.as_object().unwrap().keys().collect();
    let policy = json!({
        "rolecall": 1, "scopes": ["instance", "account"], "labels": ["health", "pii"],
        "resources": { "a": { "actions": ["view", "edit"] }, "b": { "actions": ["view"] } }, "roles": roles,
        "guards": {
            "standalone_role": if random.chance(50) { "required" } else { "optional" },
            "idle_timeout": { "default": "20s" },
            "boundaries": { "domain": { "limits": "writes" } },
            "separation": [{ "id": "s", "roles": ["edit", "other"], "at_most": 1, "when": if random.chance(50) { "active" } else { "assigned" } }]
        },
        "limits": { "users_per_project": 0 },
        "menus": { "main": [{ "id": "x", "href": "/x", "needs": "a:edit" }, { "id": "y", "href": "/y", "needs": { "any": ["a:view", "b:view"] } }] }
    });
    let holders = ["user:u", "group:g", "group:h"];
    let few = random.between(1, names.len());
    let assignments: Vec<Value> = (0..random.between(5, 40))
        .map(|_| {
            let from = random.below(SECONDS as usize) as i64 - 10;
            let until = from + 1 + random.below(15) as i64;
            let mut one = json!({ "subject": random.pick(&holders), "role": random.pick(&names[..few]), "at": random.pick(&["m", "m/a"]) });
            if random.chance(80) {
                one["from"] = at(from).to_string().into();
            }
            if random.chance(80) {
                one["until"] = at(until).to_string().into();
            }
            one
        })
        .collect();
    let directory = json!({
        "rolecall": 1, "scopes": ["m", "m/a"], "assignments": assignments,
        "groups": { "group:g": { "members": ["user:u"] }, "group:h": { "members": ["group:g"] } },
        "subjects": { "user:u": { "native": "m", "boundaries": { "domain": ["d"] } } },
        "settings": { "m": { "login": { "methods": ["sso"] } } }
    });
    Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap()
}

/// Returns an answer without its horizon, and the horizon.
fn parted(answer: &str) -> (Value, Option<String>) {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    let until = answer.as_object_mut().unwrap().remove("valid_until");
    (answer, until.map(|until| until.as_str().unwrap().to_string()))
}

fn is_exact(what: &str, answer: impl Fn(Timestamp) -> String) -> bool {
    let (now, until) = parted(&answer(at(0)));
    let later = (1..=SECONDS + 20).map(at).find(|later| parted(&answer(*later)).0 != now);
    assert_eq!(until, later.map(|later| later.to_string()), "{what}: {now}");
    later.is_some()
}

#[test]
fn horizons_of_many_candidates_are_exact() {
    let mut random = Random::new(7);
    let mut changing = 0;
    for world in 0..150 {
        let engine = engine(&mut random);
        let engine = &engine;
        let (idle, login) = (random.chance(30), random.chance(30));
        let session = |time: Timestamp| {
            let mut context = Context::new("m/a", &time.to_string()).unwrap();
            if idle {
                context = context.with_last_activity(&at(-5).to_string()).unwrap();
            }
            if login {
                context = context.with_login("magic-link").unwrap();
            }
            engine.session(SubjectId::parse("user:u").unwrap(), context)
        };
        let labels = FieldLabels::new(engine.policy(), [("e", ["pii"])]).unwrap();
        let item = Item::new(engine.policy(), ["pii"], [("domain", ["x"])]).unwrap();
        for name in ["a:view", "a:edit", "b:view"] {
            let permission = engine.policy().permission(name).unwrap();
            let what = |what: &str| format!("{what} of {name} in world {world}");
            for item in [None, Some(&item)] {
                changing +=
                    usize::from(is_exact(&what("check"), |time| to_json(&session(time).check(permission, item))));
            }
            let m = ScopePath::parse("m/a").unwrap();
            is_exact(&what("who-can"), |time| to_json(&engine.who_can(permission, m, time)));
            let user = SubjectId::parse("user:u").unwrap();
            is_exact(&what("where-can"), |time| to_json(&engine.where_can(user, permission, time)));
        }
        let what = |what: &str| format!("{what} in world {world}");
        is_exact(&what("permissions"), |time| to_json(&session(time).permissions()));
        is_exact(&what("menu"), |time| to_json(&session(time).menu("main").unwrap()));
        is_exact(&what("objections"), |time| to_json(&session(time).objections()));
        is_exact(&what("effective"), |time| to_json(&session(time).effective()));
        is_exact(&what("violations"), |time| to_json(&engine.violations(time)));
        is_exact(&what("redact"), |time| {
            rolecall_contract::redacted_json(&session(time).redact(r#"{"e":1}"#, &labels, None).unwrap())
        });
        let empty = Engine::from_json(
            r#"{"rolecall":1,"scopes":["instance","account"],"resources":{},"roles":{}}"#,
            r#"{"rolecall":1,"scopes":["m","m/a"]}"#,
        );
        is_exact(&what("diff"), |time| to_json(&engine.diff(empty.as_ref().unwrap(), time)));
        // A portable session answers as the session of each time.
        let bytes = session(at(0)).to_bytes(&Coverage { menus: vec!["main"], ..Coverage::default() }).unwrap();
        let portable = |time| PortableSession::from_bytes(&bytes, time).unwrap();
        for seconds in 0..SECONDS + 20 {
            let time = at(seconds);
            assert_eq!(
                to_json(&portable(time).permissions()),
                to_json(&session(time).permissions()),
                "{world} {seconds}"
            );
            assert_eq!(
                to_json(&portable(time).menu("main").unwrap()),
                to_json(&session(time).menu("main").unwrap()),
                "{world}"
            );
        }
    }
    assert!(changing > 300, "{changing}");
}
