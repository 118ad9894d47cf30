//! Policies of any size.

use serde_json::{Map, Value as Json, json};

fn document(mut resources: Map<String, Json>, roles: &Json, more: &Json) -> String {
    if resources.is_empty() {
        resources.insert("r0000".into(), json!({ "actions": ["view", "edit"] }));
    }
    let mut all = json!({ "rolecall": 1, "scopes": ["instance", "account"], "labels": ["pii"], "resources": resources, "roles": roles });
    all.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    all.to_string()
}

pub(super) fn policy(resources: usize, roles: &Json) -> String {
    let tree = (0..resources).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    document(tree.collect(), roles, &json!({}))
}

pub(super) fn roles(count: usize, grants: impl Fn(usize) -> Vec<String>) -> Json {
    (0..count).map(|role| (format!("role{role:05}"), json!({ "grants": grants(role) }))).collect::<Map<_, _>>().into()
}

pub(super) fn with_viewer(mut roles: Json) -> Json {
    roles["viewer"] = json!({ "grants": ["r0000:view"] });
    roles
}

pub(super) fn inheriting(count: usize, junior: impl Fn(usize) -> usize) -> Json {
    let role = |role: usize| (format!("role{role:05}"), json!({ "inherits": [format!("role{:05}", junior(role))] }));
    (0..count).map(role).chain([(format!("role{count:05}"), json!({}))]).collect::<Map<_, _>>().into()
}

/// Returns a policy whose roles inherit one role.
pub(super) fn below_one(count: usize) -> String {
    policy(1, &inheriting(count, |_| count))
}

pub(super) fn small() -> String {
    let roles = json!({ "viewer": { "grants": ["r0000:view"] }, "editor": { "inherits": ["viewer"], "grants": ["r0000:edit"] } });
    let tree = (0..20).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    document(tree.collect(), &roles, &json!({ "limits": { "users_per_project": 3 } }))
}

/// Returns a policy with 400 resources at the third level, and roles of 40 patterns.
pub(super) fn deep_policy(pattern: impl Fn(usize) -> String, count: usize) -> String {
    let leaves = |_| (0..100).map(|k| (format!("k{k}"), json!({ "actions": ["view"] }))).collect::<Map<_, _>>();
    let inner = |_| (0..2).map(|n| (format!("r{n:04}"), json!({ "resources": leaves(n) }))).collect::<Map<_, _>>();
    let tree = (0..2).map(|n| (format!("r{n:04}"), json!({ "resources": inner(n) })));
    let roles = roles(count.div_ceil(40), |_| (0..40).map(|k| pattern(k % 100)).collect());
    document(tree.collect(), &roles, &json!({}))
}

pub(super) fn excepting(count: usize) -> String {
    let tree = (0..count).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    let except: Vec<String> = (0..count).map(|n| format!("r{n:04}/**:*")).collect();
    let roles = (0..20).map(|role| (format!("role{role}"), json!({ "grants": ["**:*"], "except": except })));
    document(tree.collect(), &roles.collect::<Map<_, _>>().into(), &json!({}))
}

pub(super) fn globbing(count: usize) -> String {
    let roles: Map<String, Json> =
        (0..count).map(|role| (format!("{}{role:04}", "a".repeat(100)), json!({}))).collect();
    let globs: Vec<Json> = (0..count)
        .map(|id| json!({ "id": format!("i{id}"), "roles": [format!("*{}b*", "a*".repeat(60))], "never": "**:edit" }))
        .collect();
    document(Map::new(), &roles.into(), &json!({ "invariants": globs }))
}

/// Returns a policy of 2,000 permissions with invariants over every role.
pub(super) fn forbidding(count: usize) -> String {
    let tree = (0..1000).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    let never: Vec<Json> =
        (0..1000).map(|id| json!({ "id": format!("i{id}"), "roles": ["*"], "never": "**:edit" })).collect();
    document(tree.collect(), &roles(count, |_| vec!["r0000:view".into()]), &json!({ "invariants": never }))
}

/// Returns a policy with the most invariants about what roles need, and roles that hold everything.
pub(super) fn requiring(count: usize) -> String {
    let tree = (0..count).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    let needs: Vec<Json> =
        (0..64).map(|id| json!({ "id": format!("i{id}"), "grants": "**:*", "without": "view" })).collect();
    document(tree.collect(), &roles(20, |_| vec!["**:*".into()]), &json!({ "invariants": needs }))
}

/// Returns a policy with a role that has the maximum number of patterns, each of which matches every resource.
pub(super) fn reaching(count: usize) -> String {
    let leaves = (0..count).map(|n| (format!("r{n:04}"), json!({ "actions": ["view"] })));
    let mut tree: Map<String, Json> = leaves.collect();
    for _ in 0..12 {
        tree = [("a".to_string(), json!({ "resources": tree }))].into_iter().collect();
    }
    let path = |number: usize| {
        (0..12).map(|level| if number >> level & 1 == 1 { "a/" } else { "*/" }).collect::<String>() + "*:view"
    };
    document(tree, &roles(1, |_| (0..4096).map(path).collect()), &json!({}))
}

/// Returns a policy of many roles, the last of which inherit unknown roles.
pub(super) fn broken(count: usize) -> String {
    let mut all = roles(count, |_| vec!["r0000:view".into()]);
    for role in count - count.min(1000)..count {
        // Too long to be similar to any name.
        all[format!("role{role:05}")] = json!({ "inherits": ["nobody".repeat(10)] });
    }
    document(Map::new(), &all, &json!({}))
}

pub(super) fn misspelt(count: usize) -> String {
    let tree = (0..count).map(|n| (format!("{}{n:05}", "a".repeat(110)), json!({ "actions": ["view"] })));
    let roles = roles(count, |role| vec![format!("{}{role:05}:view", "a".repeat(111))]);
    document(tree.collect(), &roles, &json!({}))
}

pub(super) fn with_menu(count: usize) -> String {
    let tree = (0..count).map(|n| (format!("r{n:04}"), json!({ "actions": ["view"] })));
    let needs: Vec<String> = (0..20).map(|n| format!("r{:04}:view", n % count)).collect();
    let leaf = |n: usize| json!({ "id": format!("i{n}"), "href": "/", "needs": { "any": needs } });
    let mut items: Vec<Json> = (0..count).map(leaf).collect();
    for level in 0..6 {
        items = vec![json!({ "id": format!("l{level}"), "items": items })];
    }
    let roles = roles(count, |role| vec![format!("r{role:04}:view")]);
    document(tree.collect(), &roles, &json!({ "menus": { "main": items } }))
}

pub(super) fn separating(count: usize, when: &str) -> String {
    let names: Vec<String> = (0..count).map(|role| format!("role{role:05}")).collect();
    let constraints: Vec<Json> = (0..count)
        .map(|id| json!({ "id": format!("c{id}"), "roles": names, "at_most": count, "when": when }))
        .collect();
    let tree = (0..2).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    let mut all = roles(count, |_| vec!["r0000:view".into()]);
    for name in ["viewer", "editor"] {
        all[name] = json!({ "inherits": names, "grants": ["r0001:view"] });
    }
    document(tree.collect(), &all, &json!({ "guards": { "separation": constraints } }))
}

pub(super) fn inheriting_all(count: usize) -> String {
    let mut all = roles(count, |_| vec!["r0000:view".into()]);
    all["viewer"] =
        json!({ "inherits": (0..count.min(1024)).map(|role| format!("role{role:05}")).collect::<Vec<_>>() });
    document(Map::new(), &all, &json!({}))
}

/// Returns a policy whose roles each inherit all roles of the next level.
pub(super) fn layered(count: usize) -> String {
    let names = |level: usize| (0..count).map(|role| format!("role{level}{role:04}")).collect::<Vec<_>>();
    let mut all = Map::new();
    for level in 0..3 {
        let below = if level < 2 { names(level + 1) } else { Vec::new() };
        all.extend(names(level).into_iter().map(|name| (name, json!({ "inherits": below, "grants": ["r0000:view"] }))));
    }
    document(Map::new(), &all.into(), &json!({}))
}

pub(super) fn bounded_policy() -> String {
    let roles = json!({ "viewer": { "grants": ["r0000:*"] } });
    let more =
        json!({ "guards": { "boundaries": { "domain": { "limits": "writes", "match": "all", "default": "none" } } } });
    document(Map::new(), &roles, &more)
}
