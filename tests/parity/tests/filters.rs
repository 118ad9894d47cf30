//! A filter allows exactly the rows that a check at their scope allows: random rows at every scope of random worlds, and
//! deep trees where access closes and opens again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Engine;
use rolecall_contract as contract;
use rolecall_parity::naive::Naive;
use rolecall_parity::questions::Question;
use rolecall_parity::random::Random;
use rolecall_parity::worlds;
use serde_json::{Value, json};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

/// Returns whether a scope is in a branch by `roots` and `without`: the innermost one on the path decides.
fn is_below(branch: &Value, scope: &str) -> bool {
    let listed = |key: &str, path: &str| texts(&branch[key]).contains(&path);
    let mut path = scope;
    loop {
        if listed("roots", path) || listed("without", path) {
            assert!(!(listed("roots", path) && listed("without", path)), "{path} is in and out");
            return listed("roots", path);
        }
        let Some((above, _)) = path.rsplit_once('/') else { return false };
        path = above;
    }
}

/// Returns whether a branch allows a row. Compares the three ways in which a branch names its scopes.
fn allows(branch: &Value, numbers: &[&str], row: &Row) -> bool {
    let number = numbers.iter().position(|scope| *scope == row.scope);
    let in_range = number.is_some_and(|number| {
        let ranges = branch["ranges"].as_array().unwrap().iter();
        ranges
            .map(|range| [0, 1].map(|end| range[end].as_u64().unwrap() as usize))
            .any(|[first, last]| (first..=last).contains(&number))
    });
    assert_eq!(in_range, texts(&branch["scopes"]).contains(&&*row.scope), "{branch} {}", row.scope);
    if number.is_some() {
        assert_eq!(in_range, is_below(branch, &row.scope), "{branch} {}", row.scope);
    }
    let labels = branch.get("labels").map(texts);
    let id = row.item["id"].as_str().unwrap();
    let is_locked = branch["locked"].as_array().into_iter().flatten().any(|locked| {
        let [first, last] = [0, 1].map(|end| locked["ranges"][0][end].as_u64().unwrap() as usize);
        let at = locked["at"].as_str().unwrap();
        let is_here = row.scope == at || row.scope.starts_with(&format!("{at}/"));
        if let Some(number) = number {
            assert_eq!((first..=last).contains(&number), is_here, "{branch} {}", row.scope);
        }
        assert_eq!(in_range && is_here, texts(&locked["scopes"]).contains(&&*row.scope), "{branch} {}", row.scope);
        is_here && texts(&locked["items"]).contains(&id)
    });
    in_range
        && !is_locked
        && texts(&row.item["labels"]).iter().all(|label| labels.as_ref().is_none_or(|known| known.contains(label)))
        && branch["boundaries"].as_object().unwrap().iter().all(|(name, needed)| {
            let (values, held) = (texts(&row.item["boundaries"][name]), texts(&needed["values"]));
            let mut hits = values.iter().map(|value| held.contains(value));
            let is_enough = if needed["match"] == json!("any") { hits.any(|hit| hit) } else { hits.all(|hit| hit) };
            let also = needed.get("also").map(texts);
            let has_another = also.is_none_or(|also| values.iter().any(|value| also.contains(value)));
            values.is_empty() || is_enough && has_another
        })
}

struct Row {
    scope: String,
    item: Value,
}

fn row(random: &mut Random, scope: &str, policy: &Value, values: &[String]) -> Row {
    let labels: Vec<String> = texts(&policy["labels"]).into_iter().map(String::from).collect();
    let id = *random.pick(&["item:1", "item:2", "item:3", "item:other"]);
    let mut item = json!({ "id": id, "labels": random.some(&labels, 30), "boundaries": {} });
    for name in policy["guards"]["boundaries"].as_object().into_iter().flat_map(|map| map.keys()) {
        if random.chance(60) {
            item["boundaries"][name] = json!(random.some(values, 30));
        }
    }
    Row { scope: scope.to_string(), item }
}

/// Every value that a subject holds in a boundary, every group, and a value that nobody holds.
fn values(directory: &Value) -> Vec<String> {
    let mut values: Vec<String> = vec!["nobody-holds-this".into()];
    for (_, subject) in directory["subjects"].as_object().into_iter().flatten() {
        for (_, held) in subject["boundaries"].as_object().into_iter().flatten() {
            values.extend(texts(held).into_iter().map(String::from));
        }
    }
    for assignment in directory["assignments"].as_array().into_iter().flatten() {
        for (_, limit) in assignment["boundaries"].as_object().into_iter().flatten() {
            values.extend(texts(limit).into_iter().map(String::from));
        }
    }
    values.extend(directory["groups"].as_object().into_iter().flat_map(|map| map.keys().cloned()));
    values.sort();
    values.dedup();
    values
}

/// What one run compared.
#[derive(Default, Debug)]
struct Compared {
    rows: usize,
    allowed: usize,
    branches: usize,
    without: usize,
    /// Branches for which locks decide.
    locks: usize,
    /// Scopes with locks that exclude items.
    locked: usize,
}

/// Compares filters of a world with the second implementation, and random rows with checks.
fn compare(random: &mut Random, policy: &Value, directory: &Value, contexts: &[Value], compared: &mut Compared) {
    let engine = Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap();
    let naive = Naive::new(&policy.to_string(), &directory.to_string());
    let numbering = parsed(&contract::numbering(&engine));
    let (numbers, values) = (texts(&numbering["scopes"]), values(directory));
    let (mut subjects, mut scopes) = naive.listed();
    subjects.extend(["user:nobody".to_string(), "support:kim".to_string()]);
    scopes.insert("main/nowhere".to_string());
    let permissions = naive.numbered();
    for subject in subjects.iter().flat_map(|subject| [subject; 3]) {
        let context = random.pick(contexts).clone();
        let permission = random.pick(&permissions).clone();
        let mut request =
            json!({ "subject": subject, "permission": permission, "list_scopes": true, "context": context });
        let top = random.chance(30).then(|| random.pick(&scopes.iter().cloned().collect::<Vec<_>>()).clone());
        if let Some(top) = &top {
            request["at"] = json!(top);
        }
        let text = contract::filter(&engine, &request.to_string());
        let filter = parsed(&text);
        let expected = naive.answer(&Question::written("filter", &request).unwrap()).unwrap();
        assert_eq!(filter, expected, "{request}\n{directory}\n{policy}");
        compared.branches += filter["branches"].as_array().unwrap().len();
        let locked = filter["branches"].as_array().unwrap().iter().filter_map(|branch| branch["locked"].as_array());
        locked.for_each(|locked| {
            compared.locks += 1;
            compared.locked += locked.len();
        });
        for scope in &scopes {
            let is_within = top.as_ref().is_none_or(|top| scope == top || scope.starts_with(&format!("{top}/")));
            for _ in 0..3 {
                let row = row(random, scope, policy, &values);
                let check = json!({
                    "subject": subject, "permission": permission, "at": scope, "resource": row.item, "context": context
                });
                let decision = parsed(&contract::check(&engine, &check.to_string()));
                let expected = is_within && decision["allow"].as_bool().unwrap();
                let branches = filter["branches"].as_array().unwrap();
                let by: Vec<&Value> = branches.iter().filter(|branch| allows(branch, &numbers, &row)).collect();
                assert_eq!(!by.is_empty(), expected, "{check}\n{filter}\n{directory}");
                // A scope is in several branches only if assignments have different values.
                let is_limited = directory.to_string().contains("boundaries");
                assert!(is_limited || by.len() <= 1, "{filter}");
                compared.rows += 1;
                compared.allowed += usize::from(expected);
                let all = filter["rows"] == json!("always") && is_within && numbers.contains(&&**scope);
                assert!(!all || expected, "{filter}");
                assert!(filter["rows"] != json!("never") || !expected, "{filter}");
            }
        }
        compared.without +=
            filter["branches"].as_array().unwrap().iter().map(|one| texts(&one["without"]).len()).sum::<usize>();
    }
}

#[test]
fn small_worlds_have_no_differences() {
    let mut compared = Compared::default();
    let mut random = Random::new(7);
    for seed in 0..150 {
        let small = worlds::small(seed);
        compare(&mut random, &small.policy, &small.directory, &small.contexts, &mut compared);
    }
    assert!(
        compared.rows > 20_000 && compared.allowed > 300 && compared.locks > 0 && compared.locked > 0,
        "{compared:?}"
    );
}

/// A tree of five levels with roles, closed networks, timeouts, two-step verification and support access anywhere.
fn deep(random: &mut Random) -> (Value, Value, Vec<Value>) {
    let policy = json!({
        "rolecall": 1, "scopes": ["a", "b", "c", "d", "e"], "labels": ["health", "pii"],
        "resources": { "rows": { "actions": ["view", "edit"] } },
        "roles": {
            "viewer": { "grants": ["rows:view"] }, "editor": { "inherits": ["viewer"], "grants": ["rows:edit"] },
            "pii": { "reads": ["pii"], "standalone": false }, "free": { "unbounded": ["any"], "standalone": false },
            "support": { "grants": ["rows:view"], "reads": ["health"] }
        },
        "guards": {
            "standalone_role": if random.chance(50) { "required" } else { "optional" }, "support_role": "support",
            "idle_timeout": { "default": "60m" },
            "boundaries": {
                "any": { "limits": ["view", "edit"], "match": "any" },
                "groups": { "limits": ["view"], "match": "all", "from": "groups" },
                "writes": { "limits": "writes" }
            },
            "separation": [{ "id": "s", "roles": ["pii", "free"], "at_most": 1, "when": "active" }]
        }
    });
    let mut scopes: Vec<String> = vec!["m".into(), "n".into()];
    let mut below = 0;
    while scopes.len() < 30 {
        let above = random.pick(&scopes).clone();
        below += 1;
        if above.split('/').count() < 5 {
            scopes.push(format!("{above}/s{below}"));
        }
    }
    let times = ["2026-11-21T10:10:00Z", "2026-11-21T10:20:00Z", "2026-11-21T10:30:00Z", "2026-11-21T09:50:00Z"];
    let holders = ["user:u", "user:v", "group:g", "support:jo"];
    let roles = ["viewer", "editor", "pii", "free"];
    let assignments: Vec<Value> = (0..random.between(6, 24))
        .map(|_| {
            let mut one =
                json!({ "subject": random.pick(&holders), "role": random.pick(&roles), "at": random.pick(&scopes) });
            if random.chance(30) {
                one["from"] = json!(random.pick(&times[..2]));
            }
            if random.chance(30) {
                one["until"] = json!(times[2]);
            }
            one
        })
        .collect();
    let mut settings = json!({});
    for scope in random.some(&scopes, 20) {
        settings[scope] = match random.below(5) {
            0 => json!({ "ip_allow": [random.pick(&["203.0.113.0/24", "198.51.100.0/24"])] }),
            1 => json!({ "idle_timeout": random.pick(&["5m", "30m"]) }),
            2 => json!({ "second_factor": "required" }),
            3 => json!({ "support_access": random.pick(&["all", "named", "none"]) }),
            _ => json!({ "support_access": "all", "support_reads": random.some(&["health", "pii"], 50) }),
        };
    }
    let overlays =
        json!({ random.pick(&scopes).clone(): { "support": { "grants": ["rows:edit"] }, "viewer": { "grants": [] } } });
    let directory = json!({
        "rolecall": 1, "scopes": scopes, "settings": settings, "overlays": overlays,
        "groups": { "group:g": { "members": ["user:u", "user:w"] } },
        "subjects": {
            "user:u": { "boundaries": { "any": ["x"], "groups": ["y"] } }, "user:v": { "boundaries": { "any": "*" } },
            "user:w": { "boundaries": { "any": [] } }, "support:jo": {},
            "user:out": { "status": "suspended" }
        },
        "assignments": assignments
    });
    let contexts = [
        json!({ "time": "2026-11-21T10:00:00Z", "ip": "203.0.113.9", "second_factor": true }),
        json!({ "time": "2026-11-21T10:00:00Z", "ip": "198.51.100.1", "last_activity": "2026-11-21T09:50:00Z" }),
        json!({ "time": "2026-11-21T10:00:00Z", "ip": "203.0.113.9", "last_activity": "2026-11-21T09:40:00Z", "second_factor": true }),
        json!({ "time": "2026-11-21T10:15:00Z", "second_factor": true, "active_roles": ["viewer", "editor"] }),
        json!({ "time": "2026-11-21T10:15:00Z", "ip": "203.0.113.9", "second_factor": true }),
    ];
    (policy, directory, contexts.to_vec())
}

#[test]
fn deep_trees_that_close_and_open_again_have_no_differences() {
    let mut compared = Compared::default();
    let mut random = Random::new(11);
    for _ in 0..40 {
        let (policy, directory, contexts) = deep(&mut random);
        compare(&mut random, &policy, &directory, &contexts, &mut compared);
    }
    assert!(compared.rows > 60_000 && compared.allowed > 500 && compared.without > 30, "{compared:?}");
}

#[test]
fn a_filter_grows_with_grants_and_not_with_scopes() {
    let policy = json!({
        "rolecall": 1, "scopes": ["root", "leaf"], "resources": { "rows": { "actions": ["view"] } },
        "roles": { "viewer": { "grants": ["rows:view"] } }
    });
    let scopes: Vec<String> =
        ["m".to_string()].into_iter().chain((0..100_000).map(|leaf| format!("m/s{leaf}"))).collect();
    let directory = json!({
        "rolecall": 1, "scopes": scopes, "subjects": { "user:u": {} },
        "assignments": [{ "subject": "user:u", "role": "viewer", "at": "m" }]
    });
    let engine = Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap();
    let request =
        json!({ "subject": "user:u", "permission": "rows:view", "context": { "time": "2026-11-21T10:00:00Z" } });
    let filter = contract::filter(&engine, &request.to_string());
    let expected = json!({
        "rows": "always", "branches": [{ "roots": ["m"], "without": [], "ranges": [[0, 100_000]], "boundaries": {} }],
        "numbering": parsed(&contract::numbering(&engine))["numbering"]
    });
    assert_eq!(parsed(&filter), expected);
    assert!(filter.len() < 1_000, "{}", filter.len());
}

#[test]
fn the_numbering_changes_with_every_scope() {
    let policy = json!({ "rolecall": 1, "scopes": ["root", "leaf"], "resources": {}, "roles": {} });
    let directory = json!({ "rolecall": 1, "scopes": ["m", "m/b"] });
    let mut engine = Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap();
    let before = engine.numbering().numbering;
    assert_eq!(engine.numbering().scopes, ["m", "m/b"]);
    engine.apply_json(r#"{ "add_scope": "m/a" }"#).unwrap();
    assert_eq!(engine.numbering().scopes, ["m", "m/a", "m/b"]);
    assert_ne!(engine.numbering().numbering, before);
    engine.apply_json(r#"{ "set_subject": { "subject": "user:a" } }"#).unwrap();
    let opened = Engine::from_snapshot(engine.to_snapshot()).unwrap();
    assert_eq!(opened.numbering(), engine.numbering());
}
