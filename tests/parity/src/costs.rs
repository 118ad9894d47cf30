//! The worst known inputs of each entry point, at any size. `cargo xtask costs` counts their instructions.

use rolecall::document::DocumentKind;
use rolecall::ffi::Grantor;
use rolecall::{
    Context, Coverage, Directory, Engine, FieldLabels, Item, Policy, PortableSession, ScopePath, Session, SubjectId,
    Timestamp,
};
use rolecall_contract as request;
use rolecall_yaml::YamlDocument;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;

pub const TIME: &str = "2026-11-21T10:00:00Z";

/// An input: its work and its number of bytes.
pub struct Input {
    pub bytes: usize,
    pub work: Box<dyn Fn()>,
}

/// An input of variable size.
pub struct Case {
    /// The entry point.
    pub entry: &'static str,
    /// The content of the input; `typical` marks the input that others of the same entry point are compared with.
    pub name: &'static str,
    /// A size at which the input takes some millions of instructions.
    pub size: usize,
    pub make: fn(usize) -> Input,
    /// Whether `cargo xtask test` counts the input too.
    pub quick: bool,
}

macro_rules! cases {
    ($($entry:literal, $name:literal, $size:literal, $make:expr $(, $quick:ident)?;)*) => {
        pub const CASES: &[Case] = &[$(
            Case { entry: $entry, name: $name, size: $size, make: $make, quick: cases!(@ $($quick)?) },
        )*];
    };
    (@) => { false };
    (@ quick) => { true };
}

cases! {
    "policy", "typical", 400, |n| compile(policy(n, &roles(n, |role| vec![format!("r{:04}:view", role % 400)])), "{}"), quick;
    "policy", "patterns with `*` in the middle", 400, |n| compile(deep_policy(|k| format!("*/*/k{k}:view"), n), "{}"), quick;
    "policy", "`except` of many patterns", 400, |n| compile(excepting(n), "{}"), quick;
    "policy", "`**` many times", 400, |n| compile(deep_policy(|_| "**:view".into(), n), "{}");
    "policy", "invariants with `*a*a*`", 300, |n| compile(globbing(n), "{}"), quick;
    "policy", "invariants over all roles and permissions", 1000, |n| compile(forbidding(n), "{}");
    "policy", "4,096 patterns that all match each resource", 400, |n| compile(reaching(n), "{}");
    "policy", "issues at the end of a long text", 1500, |n| compile(broken(n), "{}"), quick;
    "policy", "a circle of roles", 2000, |n| compile(policy(1, &inheriting(n, |role| (role + 1) % n)), "{}");
    "policy", "a chain of roles", 2000, |n| compile(policy(1, &inheriting(n, |role| (role + 1).min(n))), "{}");
    "policy", "unknown names near to known ones", 300, |n| compile(misspelt(n), "{}"), quick;
    "policy", "a wide menu with many needs", 200, |n| compile(with_menu(n), "{}");
    "policy", "many constraints on many roles", 100, |n| compile(separating(n, "assigned"), "{}");

    "directory", "typical", 2000, |n| compile(small(), &directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "directory", "subjects that are listed nowhere", 1000,
        |n| compile(small(), &directory(n, |user| assign(user + n, "viewer", "m"), json!({}))), quick;
    "directory", "roles that are defined elsewhere", 2000, elsewhere;
    "directory", "scopes that are not listed", 2000,
        |n| compile(small(), &directory(n, |user| assign(user, "viewer", "m/xxx"), json!({})));
    "directory", "groups in groups", 300, |n| compile(small(), &json!({ "groups": nested(n) }));
    "directory", "many groups in each of many groups", 2500, |n| compile(small(), &json!({ "groups": middle(n) }));
    "directory", "groups in a circle", 2000, |n| compile(small(), &json!({ "groups": circular(n) }));
    "directory", "values of a boundary", 10_000, |n| compile(bounded_policy(), &bounded_directory(n));
    "directory", "settings that restrict networks", 1000, |n| compile(small(), &restricting(n));
    "directory", "custom roles with patterns", 100, |n| compile(deep_policy(|k| format!("r0000/r0001/k{k}:view"), 1), &custom(n)), quick;

    "yaml", "typical", 2000, |n| yaml(&directory(n, |user| assign(user, "viewer", "m"), json!({})).to_string().replace("\"assignments", "\n\"assignments"));
    "yaml", "numbers for texts in one line", 4000, |n| yaml(&json!({ "scopes": (0..n).collect::<Vec<_>>() }).to_string()), quick;
    "yaml", "numbers for texts in many lines", 4000, |n| yaml(&format!("scopes:\n{}", "  - 12\n".repeat(n))), quick;

    "check", "typical", 1000, |n| check(small(), one_user(n, |role| (role, None, None)), None), quick;
    "check", "assignments that begin later", 4000, |n| check(small(), one_user(n, |role| (role, Some(role), None)), None), quick;
    "check", "roles that begin later and end", 2000,
        |n| check(policy(1, &roles(n, |_| vec!["r0000:view".into()])), later(n), None), quick;
    "check", "roles that grant nothing and begin later", 2000,
        |n| check(policy(2, &roles(n, |_| vec!["r0001:view".into()])), later(n), None);
    "check", "constraints on active roles", 60, |n| check(separating(n, "active"), later(n), None);
    "check", "a role that inherits many", 1000, |n| check(inheriting_all(n), one_user(1, |_| (0, None, None)), None), quick;
    "check", "many roles that inherit each other", 60, |n| check(layered(n), held_roles(n), None);
    "check", "active roles", 5000, |n| check(small(), one_user(1, |_| (0, None, None)), Some(active_roles(n))), quick;
    "check", "values of a boundary", 10_000, |n| check(bounded_policy(), bounded_directory(n), Some(values(n)));
    "check", "groups in groups", 200, |n| check(small(), grouped(n), None);
    "request", "typical", 1000, |n| item(values(n), small), quick;
    "request", "duplicate keys", 2000, |n| item(doubled(n), small), quick;

    "explain", "typical", 200, |n| explain(small(), one_user(n, |role| (role, None, None)), "r0001:view"), quick;
    "explain", "constraints on active roles", 40, |n| explain(separating(n, "active"), later(n), "r0001:view"), quick;
    "explain", "many roles that would do", 1000,
        |n| explain(policy(2, &with_viewer(roles(n, |_| vec!["r0001:view".into()]))), one_user(1, |_| (0, None, None)), "r0001:view"), quick;
    "explain", "values of a boundary", 5000, |n| explain(bounded_policy(), bounded_directory(n), "r0000:edit");
    "explain", "assignments that have ended", 2000, |n| explain(small(), one_user(n, |role| (role, None, Some(role))), "r0000:view");

    "who-can", "typical", 1000, |n| who_can(small(), directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "who-can", "groups in groups", 100, |n| who_can(small(), crowded(n)), quick;
    "who-can", "assignments that begin later", 2000, |n| who_can(small(), one_user(n, |role| (role, Some(role), None)));
    "where-can", "typical", 1000, |n| where_can(small(), scattered_by(n, 10)), quick;
    "where-can", "assignments at many scopes", 1000, |n| where_can(small(), scattered(n)), quick;
    "diff", "typical", 300, |n| diff(small(), directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "diff", "assignments at many scopes", 500, |n| diff(small(), scattered(n)), quick;
    "diff", "assignments that begin later", 1000, |n| diff(small(), one_user(n, |role| (role, Some(role), None)));
    "violations", "typical", 500, |n| violations(separating(20, "assigned"), directory(n, |user| assign(user, "role00000", "m"), json!({}))), quick;
    "violations", "users without constraints", 500, |n| violations(small(), directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "violations", "constraints on assigned roles", 60, |n| violations(separating(n, "assigned"), later(n)), quick;
    "violations", "assignments at many scopes", 500, |n| violations(separating(20, "assigned"), scattered(n)), quick;
    "violations", "users everywhere", 300, |n| violations(small(), everywhere(n)), quick;
    "breach", "typical", 500, |n| breach(directory(n, |user| assign(user, "role00000", "m"), json!({}))), quick;
    "breach", "roles that begin later and end", 500, |n| breach(for_a_while(n)), quick;
    "succession", "typical", 500, |n| succession(directory(n, |user| assign(user, if user % 10 < 2 { "editor" } else { "viewer" }, "m"), json!({}))), quick;
    "succession", "administrators for a while", 150, |n| succession(administered_for_a_while(n)), quick;
    "grant", "typical", 500, |n| gift(with_receiver(one_user(n, |role| (role, None, None)))), quick;
    "grant", "an actor whose roles begin later and end", 500, |n| gift(held_for_a_while(n)), quick;
    "holders", "typical", 1000, |n| holders(directory(n, |user| assign(user, "viewer", "m"), json!({}))), quick;
    "holders", "groups in groups", 200, |n| holders(crowded(n)), quick;
    "effective", "typical", 300, |n| effective(small(), one_user(n, |role| (role, None, None)));
    "effective", "a role that inherits many", 500, |n| effective(inheriting_all(n), one_user(1, |_| (0, None, None)));

    "menu", "typical", 200, |n| menu(with_menu(n), json!({ "subjects": { "user:0": {} } })), quick;
    "menu", "roles that begin later", 300, |n| menu(with_menu(n), later(n)), quick;
    "portable", "typical", 300, |n| portable(small(), one_user(n, |role| (role, None, None)), 1), quick;
    "portable", "roles that begin later", 300, |n| portable(policy(600, &roles(n, |role| vec![format!("r{:04}:view", role % 600)])), later(n), 1);
    "portable", "many scopes", 500, |n| portable(small(), scattered(n), n), quick;
    "open", "typical", 300, |n| open(small(), one_user(n, |role| (role, None, None)), 1);
    "open", "many scopes", 1000, |n| open(small(), scattered(n), n);

    "redact", "typical", 1000, |n| redact(&["email", "address.street", "orders[*].note"], wide_record(n)), quick;
    "redact", "`*` over lists in lists", 1000, |n| redact(&["*.*.*.*.*.*.*.*.zz"], nested_record(n)), quick;
    "redact", "`**` several times", 1000, |n| redact(&["**.a.**.a.**.a.**.zz"], nested_record(n)), quick;
    "redact", "1,000 fields of any depth", 1000, |n| redact_many(wide_record(n)), quick;
    "unmatched", "1,000 fields of any depth", 1000, |n| unmatched(wide_record(n));

    "snapshot", "typical", 1000, |n| snapshot(small(), directory(n, |user| assign(user, "viewer", "m"), json!({})));
    "snapshot", "groups in groups", 200, |n| snapshot(small(), crowded(n));
    "apply", "typical", 400, |n| {
        let grants: Vec<String> = (0..n).map(|k| format!("r0000/r0001/k{}:view", k % 100)).collect();
        apply(deep_policy(|k| format!("r0000/r0001/k{k}:view"), 1), json!({}), json!({ "set_role": { "at": "m", "role": "x", "grants": grants } }))
    }, quick;
    "apply", "one assignment", 1000, |n| apply(small(), directory(n, |user| assign(user, "viewer", "m"), json!({})), json!({ "assign": assign(0, "editor", "m") }));
    "apply", "a custom role of many patterns", 400, |n| {
        let grants: Vec<String> = (0..n).map(|k| format!("*/*/k{}:view", k % 100)).collect();
        apply(deep_policy(|k| format!("r0000/r0001/k{k}:view"), 1), json!({}), json!({ "set_role": { "at": "m", "role": "x", "grants": grants } }))
    }, quick;
}

fn time() -> Timestamp {
    Timestamp::parse(TIME).expect("a timestamp")
}

fn later_by(seconds: usize) -> String {
    Timestamp::from_millis(time().as_millis() + 1000 * (1 + seconds as i64)).expect("a timestamp").to_string()
}

fn before_by(seconds: usize) -> String {
    Timestamp::from_millis(time().as_millis() - 1000 * (1 + seconds as i64)).expect("a timestamp").to_string()
}

// Policies.

fn document(mut resources: Map<String, Json>, roles: &Json, more: &Json) -> String {
    if resources.is_empty() {
        resources.insert("r0000".into(), json!({ "actions": ["view", "edit"] }));
    }
    let mut all = json!({ "rolecall": 1, "scopes": ["instance", "account"], "labels": ["pii"], "resources": resources, "roles": roles });
    all.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    all.to_string()
}

fn policy(resources: usize, roles: &Json) -> String {
    let tree = (0..resources).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    document(tree.collect(), roles, &json!({}))
}

fn roles(count: usize, grants: impl Fn(usize) -> Vec<String>) -> Json {
    (0..count).map(|role| (format!("role{role:05}"), json!({ "grants": grants(role) }))).collect::<Map<_, _>>().into()
}

fn with_viewer(mut roles: Json) -> Json {
    roles["viewer"] = json!({ "grants": ["r0000:view"] });
    roles
}

fn inheriting(count: usize, junior: impl Fn(usize) -> usize) -> Json {
    let role = |role: usize| (format!("role{role:05}"), json!({ "inherits": [format!("role{:05}", junior(role))] }));
    (0..count).map(role).chain([(format!("role{count:05}"), json!({}))]).collect::<Map<_, _>>().into()
}

fn small() -> String {
    let roles = json!({ "viewer": { "grants": ["r0000:view"] }, "editor": { "inherits": ["viewer"], "grants": ["r0000:edit"] } });
    let tree = (0..20).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    document(tree.collect(), &roles, &json!({ "limits": { "users_per_project": 3 } }))
}

/// Returns a policy with 400 resources at the third level, and roles of 40 patterns.
fn deep_policy(pattern: impl Fn(usize) -> String, count: usize) -> String {
    let leaves = |_| (0..100).map(|k| (format!("k{k}"), json!({ "actions": ["view"] }))).collect::<Map<_, _>>();
    let inner = |_| (0..2).map(|n| (format!("r{n:04}"), json!({ "resources": leaves(n) }))).collect::<Map<_, _>>();
    let tree = (0..2).map(|n| (format!("r{n:04}"), json!({ "resources": inner(n) })));
    let roles = roles(count.div_ceil(40), |_| (0..40).map(|k| pattern(k % 100)).collect());
    document(tree.collect(), &roles, &json!({}))
}

fn excepting(count: usize) -> String {
    let tree = (0..count).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    let except: Vec<String> = (0..count).map(|n| format!("r{n:04}/**:*")).collect();
    let roles = (0..20).map(|role| (format!("role{role}"), json!({ "grants": ["**:*"], "except": except })));
    document(tree.collect(), &roles.collect::<Map<_, _>>().into(), &json!({}))
}

fn globbing(count: usize) -> String {
    let roles: Map<String, Json> =
        (0..count).map(|role| (format!("{}{role:04}", "a".repeat(100)), json!({}))).collect();
    let globs: Vec<Json> = (0..count)
        .map(|id| json!({ "id": format!("i{id}"), "roles": [format!("*{}b*", "a*".repeat(60))], "never": "**:edit" }))
        .collect();
    document(Map::new(), &roles.into(), &json!({ "invariants": globs }))
}

/// Returns a policy of 2,000 permissions with invariants over every role.
fn forbidding(count: usize) -> String {
    let tree = (0..1000).map(|n| (format!("r{n:04}"), json!({ "actions": ["view", "edit"] })));
    let never: Vec<Json> =
        (0..1000).map(|id| json!({ "id": format!("i{id}"), "roles": ["*"], "never": "**:edit" })).collect();
    document(tree.collect(), &roles(count, |_| vec!["r0000:view".into()]), &json!({ "invariants": never }))
}

/// Returns a policy with a role that has the maximum number of patterns, each of which matches every resource.
fn reaching(count: usize) -> String {
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
fn broken(count: usize) -> String {
    let mut all = roles(count, |_| vec!["r0000:view".into()]);
    for role in count - count.min(1000)..count {
        // Too long to be similar to any name.
        all[format!("role{role:05}")] = json!({ "inherits": ["nobody".repeat(10)] });
    }
    document(Map::new(), &all, &json!({}))
}

fn misspelt(count: usize) -> String {
    let tree = (0..count).map(|n| (format!("{}{n:05}", "a".repeat(110)), json!({ "actions": ["view"] })));
    let roles = roles(count, |role| vec![format!("{}{role:05}:view", "a".repeat(111))]);
    document(tree.collect(), &roles, &json!({}))
}

fn with_menu(count: usize) -> String {
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

fn separating(count: usize, when: &str) -> String {
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

fn inheriting_all(count: usize) -> String {
    let mut all = roles(count, |_| vec!["r0000:view".into()]);
    all["viewer"] =
        json!({ "inherits": (0..count.min(1024)).map(|role| format!("role{role:05}")).collect::<Vec<_>>() });
    document(Map::new(), &all, &json!({}))
}

/// Returns a policy whose roles each inherit all roles of the next level.
fn layered(count: usize) -> String {
    let names = |level: usize| (0..count).map(|role| format!("role{level}{role:04}")).collect::<Vec<_>>();
    let mut all = Map::new();
    for level in 0..3 {
        let below = if level < 2 { names(level + 1) } else { Vec::new() };
        all.extend(names(level).into_iter().map(|name| (name, json!({ "inherits": below, "grants": ["r0000:view"] }))));
    }
    document(Map::new(), &all.into(), &json!({}))
}

fn bounded_policy() -> String {
    let roles = json!({ "viewer": { "grants": ["r0000:*"] } });
    let more =
        json!({ "guards": { "boundaries": { "domain": { "limits": "writes", "match": "all", "default": "none" } } } });
    document(Map::new(), &roles, &more)
}

// Directories.

fn assign(user: usize, role: &str, at: &str) -> Json {
    json!({ "subject": format!("user:{user}"), "role": role, "at": at })
}

fn directory(users: usize, assignment: impl Fn(usize) -> Json, more: Json) -> Json {
    let subjects: Map<String, Json> = (0..users).map(|user| (format!("user:{user}"), json!({}))).collect();
    let assignments: Vec<Json> = (0..users).map(assignment).collect();
    let mut all = json!({ "subjects": subjects, "assignments": assignments });
    all.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    all
}

/// Returns assignments of one user. For each, `held` gives the number of its role, and in how many seconds it begins
/// and how many seconds ago it ended. Others have begun at different times, because equal assignments count once.
fn one_user(count: usize, held: impl Fn(usize) -> (usize, Option<usize>, Option<usize>)) -> Json {
    let assignments: Vec<Json> = (0..count)
        .map(|number| {
            let (_, begins, ended) = held(number);
            let mut one = assign(0, "viewer", "m");
            match begins {
                Some(begins) => one["from"] = later_by(begins).into(),
                None => one["from"] = before_by(1_000_000 + number).into(),
            }
            if let Some(ended) = ended {
                one["until"] = before_by(ended).into();
            }
            one
        })
        .collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

/// Returns a user that will hold each role for some time, from another time on.
fn later(count: usize) -> Json {
    let assignments: Vec<Json> = (0..count)
        .map(|role| {
            let mut one = assign(0, &format!("role{role:05}"), "m");
            one["from"] = later_by(2 * role).into();
            one["until"] = later_by(2 * role + 1_000_001).into();
            one
        })
        .collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

/// Returns an assignment that begins later and ends.
fn timed(user: usize, role: &str, number: usize) -> Json {
    let mut one = assign(user, role, "m");
    one["from"] = later_by(2 * number).into();
    one["until"] = later_by(2 * number + 1_000_001).into();
    one
}

/// Returns a user that holds a few roles repeatedly.
fn for_a_while(count: usize) -> Json {
    let assignments: Vec<Json> =
        (0..count).map(|number| timed(0, &format!("role{:05}", number % 19), number)).collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

/// Returns users that are administrators one after the other.
fn administered_for_a_while(count: usize) -> Json {
    let mut first = assign(0, "editor", "m");
    first["until"] = later_by(3_000_000).into();
    let later = (1..count).map(|user| timed(user, "editor", user));
    let subjects: Map<String, Json> = (0..count).map(|user| (format!("user:{user}"), json!({}))).collect();
    let assignments: Vec<Json> = [first].into_iter().chain(later).collect();
    json!({ "subjects": subjects, "assignments": assignments })
}

/// Returns a user that holds a role repeatedly without a gap, and another that holds nothing.
fn held_for_a_while(count: usize) -> Json {
    let assignments: Vec<Json> = (0..count)
        .map(|number| {
            let mut one = assign(0, "viewer", "m");
            if number > 0 {
                one["from"] = later_by(number).into();
            }
            if number + 1 < count {
                one["until"] = later_by(number + 1).into();
            }
            one
        })
        .collect();
    json!({ "subjects": { "user:0": {}, "user:1": {} }, "assignments": assignments })
}

fn held_roles(count: usize) -> Json {
    let assignments: Vec<Json> = (0..count).map(|role| assign(0, &format!("role0{role:04}"), "m")).collect();
    json!({ "subjects": { "user:0": {} }, "assignments": assignments })
}

fn scattered(count: usize) -> Json {
    scattered_by(count, 1)
}

/// Returns many scopes, and a user with a role at `each` of them.
fn scattered_by(count: usize, each: usize) -> Json {
    let scopes: Vec<String> = ["m".to_string()].into_iter().chain((0..count).map(|n| format!("m/a{n}"))).collect();
    let assignments: Vec<Json> = scopes.iter().step_by(each).map(|scope| assign(0, "viewer", scope)).collect();
    json!({ "scopes": scopes, "subjects": { "user:0": {} }, "assignments": assignments })
}

fn everywhere(count: usize) -> Json {
    let scopes: Vec<String> = ["m".to_string()].into_iter().chain((0..count).map(|n| format!("m/a{n}"))).collect();
    directory(count, |user| assign(user, "viewer", "m"), json!({ "scopes": scopes }))
}

fn elsewhere(count: usize) -> Input {
    let custom: Map<String, Json> =
        (0..count).map(|role| (format!("x{role}"), json!({ "inherits": ["viewer"] }))).collect();
    let more = json!({ "scopes": ["m", "m/a", "m/b"], "roles": { "m/a": custom } });
    let directory = directory(count, |user| assign(user, &format!("x{user}"), "m/b"), more);
    compile(small(), &directory)
}

fn nested(count: usize) -> Json {
    let id = |group: usize| format!("group:{group}");
    let members = |group: usize| (group + 1..count.min(group + 40)).map(id).collect::<Vec<_>>();
    (0..count).map(|group| (id(group), json!({ "members": members(group) }))).collect::<Map<_, _>>().into()
}

/// Returns many groups with a common member group, which in turn has as many members.
fn middle(count: usize) -> Json {
    let outer = (0..count).map(|n| (format!("group:o{n}"), json!({ "members": ["group:middle"] })));
    let inner = (0..count).map(|n| (format!("group:i{n}"), json!({})));
    let members: Vec<String> = (0..count).map(|n| format!("group:i{n}")).collect();
    outer
        .chain(inner)
        .chain([("group:middle".to_string(), json!({ "members": members }))])
        .collect::<Map<_, _>>()
        .into()
}

fn circular(count: usize) -> Json {
    let id = |group: usize| format!("group:{}", group % count);
    (0..count).map(|group| (id(group), json!({ "members": [id(group + 1)] }))).collect::<Map<_, _>>().into()
}

/// Returns a user in a group that belongs to many groups with roles.
fn grouped(count: usize) -> Json {
    crowd(count, 1)
}

/// Returns many users in a group that belongs to many groups with roles.
fn crowded(count: usize) -> Json {
    crowd(count, count)
}

fn crowd(groups: usize, users: usize) -> Json {
    let members: Vec<String> = (0..users).map(|user| format!("user:{user}")).collect();
    let mut all: Map<String, Json> =
        (0..groups).map(|group| (format!("group:{group}"), json!({ "members": ["group:all"] }))).collect();
    all.insert("group:all".into(), json!({ "members": members }));
    let subjects: Map<String, Json> = members.iter().map(|user| (user.clone(), json!({}))).collect();
    let of_groups =
        (0..groups).map(|group| json!({ "subject": format!("group:{group}"), "role": "viewer", "at": "m" }));
    let assignments: Vec<Json> = of_groups.chain((0..users).map(|user| assign(user, "editor", "m"))).collect();
    json!({ "groups": all, "subjects": subjects, "assignments": assignments })
}

fn bounded_directory(count: usize) -> Json {
    let values: Vec<String> = (0..count).map(|value| format!("v{value}")).collect();
    json!({ "subjects": { "user:0": { "boundaries": { "domain": values } } }, "assignments": [assign(0, "viewer", "m")] })
}

fn restricting(count: usize) -> Json {
    let scopes: Vec<String> = ["m".to_string()].into_iter().chain((0..count).map(|n| format!("m/a{n}"))).collect();
    let settings: Map<String, Json> =
        scopes.iter().map(|scope| (scope.clone(), json!({ "ip_allow": ["10.0.0.0/8"] }))).collect();
    json!({ "scopes": scopes, "settings": settings })
}

fn custom(count: usize) -> Json {
    let grants: Vec<String> = (0..40).map(|k| format!("*/*/k{k}:view")).collect();
    let roles: Map<String, Json> = (0..count).map(|role| (format!("x{role}"), json!({ "grants": grants }))).collect();
    json!({ "roles": { "m": roles } })
}

fn complete(directory: &Json) -> String {
    let mut all = json!({ "rolecall": 1, "scopes": ["m"] });
    all.as_object_mut().expect("a map").extend(directory.as_object().expect("a map").clone());
    all.to_string()
}

// The entry points.

trait IntoDirectory {
    fn into_text(self) -> String;
}

impl IntoDirectory for &str {
    fn into_text(self) -> String {
        complete(&serde_json::from_str(self).expect("JSON"))
    }
}

impl IntoDirectory for &Json {
    fn into_text(self) -> String {
        complete(self)
    }
}

fn compile(policy: String, directory: impl IntoDirectory) -> Input {
    let directory = directory.into_text();
    let bytes = policy.len() + directory.len();
    // Compile the policy in advance if most bytes are those of the directory.
    let compiled = Policy::from_json(&policy).ok().map(Arc::new).filter(|_| directory.len() > policy.len() / 4);
    let work = move || match &compiled {
        Some(policy) => drop(black_box(Directory::from_json(Arc::clone(policy), &directory))),
        None => drop(black_box(Policy::from_json(&policy))),
    };
    Input { bytes, work: Box::new(work) }
}

/// Returns the work of reading a directory as YAML.
fn yaml(directory: &str) -> Input {
    let text = directory.replacen('{', "{\"rolecall\": 1, ", 1);
    let text = if text.starts_with('{') { text } else { format!("rolecall: 1\n{text}") };
    let policy = Arc::new(Policy::from_json(&small()).expect("a policy"));
    let bytes = text.len();
    let work = move || {
        let document = YamlDocument::parse(DocumentKind::Directory, &text).expect("YAML");
        drop(black_box(Directory::compile(Arc::clone(&policy), document.value(), &document)));
    };
    Input { bytes, work: Box::new(work) }
}

fn engine(policy: &str, directory: &Json) -> (Engine, usize) {
    let directory = complete(directory);
    (Engine::from_json(policy, &directory).expect("documents that compile"), policy.len() + directory.len())
}

fn session(engine: &Engine) -> Session {
    engine.session(SubjectId::parse("user:0").expect("a subject"), Context::new("m", TIME).expect("a context"))
}

/// Returns the work of checking a request, with `more` in its context or its item.
fn check(policy: String, directory: Json, more: Option<Json>) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let mut request =
        json!({ "subject": "user:0", "permission": "r0000:view", "at": "m", "context": { "time": TIME } });
    if let Some(more) = more {
        request["permission"] = "r0000:edit".into();
        for (key, value) in more.as_object().expect("a map") {
            match value {
                Json::Object(inner) => inner.iter().for_each(|(name, value)| request[key][name] = value.clone()),
                value => request[key] = value.clone(),
            }
        }
    }
    let request = request.to_string();
    let bytes = bytes + request.len();
    let work = move || {
        let question = request::question(&engine, &request).expect("a question");
        black_box(question.session.check(question.permission, question.item.as_ref()));
    };
    Input { bytes, work: Box::new(work) }
}

fn active_roles(count: usize) -> Json {
    json!({ "context": { "active_roles": (0..count).map(|role| format!("x{role}")).collect::<Vec<_>>() } })
}

fn values(count: usize) -> Json {
    json!({ "resource": { "boundaries": { "domain": (0..count).map(|value| format!("w{value}")).collect::<Vec<_>>() } } })
}

fn doubled(count: usize) -> Json {
    let all: Map<String, Json> = (0..count).map(|n| (format!("b{n}"), json!([]))).collect();
    json!({ "resource": { "boundaries": all } })
}

fn item(resource: Json, policy: fn() -> String) -> Input {
    let policy = Policy::from_json(&policy()).expect("a policy");
    let text = resource["resource"].to_string();
    Input { bytes: text.len(), work: Box::new(move || drop(black_box(request::item(&policy, &text)))) }
}

fn explain(policy: String, directory: Json, permission: &'static str) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let permission = engine.policy().permission(permission).expect("a permission");
    let values: Vec<String> =
        if policy.contains("domain") { (0..1000).map(|n| format!("w{n}")).collect() } else { Vec::new() };
    let boundaries = (!values.is_empty()).then(|| ("domain", values.iter().map(String::as_str)));
    let item = Item::new(engine.policy(), [], boundaries).expect("an item");
    Input { bytes, work: Box::new(move || drop(black_box(session(&engine).explain(permission, Some(&item))))) }
}

fn who_can(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let permission = engine.policy().permission("r0000:view").expect("a permission");
    let at = ScopePath::parse("m").expect("a scope");
    Input { bytes, work: Box::new(move || drop(black_box(engine.who_can(permission, at, time())))) }
}

fn where_can(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let permission = engine.policy().permission("r0000:view").expect("a permission");
    let subject = SubjectId::parse("user:0").expect("a subject");
    Input { bytes, work: Box::new(move || drop(black_box(engine.where_can(subject, permission, time())))) }
}

fn diff(policy: String, directory: Json) -> Input {
    let (before, bytes) = engine(&policy, &directory);
    let (after, _) = engine(&policy, &json!({}));
    Input { bytes, work: Box::new(move || drop(black_box(before.diff(&after, time())))) }
}

fn violations(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    Input { bytes, work: Box::new(move || drop(black_box(engine.violations(time())))) }
}

/// Returns the same engine with a change.
fn changed(engine: &Engine, change: &Json) -> Engine {
    let (mut after, text) = (engine.clone(), change.to_string());
    after.apply_json(&text).expect("a change that can be made");
    after
}

fn only_user() -> BTreeSet<String> {
    ["user:0".to_string()].into_iter().collect()
}

/// Returns the work of assigning a role to a user, in a policy that separates twenty roles.
fn breach(directory: Json) -> Input {
    let (before, bytes) = engine(&separating(20, "assigned"), &directory);
    let after = changed(&before, &json!({ "assign": assign(0, "role00019", "m") }));
    Input { bytes, work: Box::new(move || drop(black_box(before.breach(&after, &only_user(), time())))) }
}

/// Returns the work of checking administrators after a user loses the role that assigns roles.
fn succession(directory: Json) -> Input {
    let policy = small().replacen('{', r#"{"administration":{"assign":"r0000:edit"},"#, 1);
    let (before, bytes) = engine(&policy, &directory);
    let after = changed(&before, &json!({ "withdraw": directory["assignments"][0] }));
    let work = move || drop(black_box(before.orphaned(&after, &only_user(), "assign", "user:", time())));
    Input { bytes, work: Box::new(work) }
}

fn with_receiver(mut directory: Json) -> Json {
    directory["subjects"]["user:1"] = json!({});
    directory
}

/// Returns the work of checking a grant without an end from one user to another.
fn gift(directory: Json) -> Input {
    let (before, bytes) = engine(&small(), &directory);
    let after = changed(&before, &json!({ "assign": assign(1, "viewer", "m") }));
    let giver = Grantor { subject: SubjectId::parse("user:0").expect("a subject"), any: &["grant-any"], now: time() };
    let work = move || {
        let mut giving = before.giving(&after, giver);
        black_box((giving.assignment("user:1", "viewer", "m", None, None), giving.subject(Some("user:1"))));
    };
    Input { bytes, work: Box::new(work) }
}

fn holders(directory: Json) -> Input {
    let (engine, bytes) = engine(&small(), &directory);
    let at = ScopePath::parse("m").expect("a scope");
    Input { bytes, work: Box::new(move || drop(black_box(engine.holders("viewer", at)))) }
}

fn effective(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    Input { bytes, work: Box::new(move || drop(black_box(session(&engine).effective()))) }
}

fn menu(policy: String, directory: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let session = session(&engine);
    Input { bytes, work: Box::new(move || drop(black_box(session.menu("main")))) }
}

fn portable_bytes(engine: &Engine, scopes: usize) -> Vec<u8> {
    let names: Vec<String> = (0..scopes).map(|n| format!("m/a{n}")).collect();
    let scopes = names.iter().map(|name| ScopePath::parse(name).expect("a scope")).collect();
    session(engine).to_bytes(&Coverage { scopes, ..Coverage::default() }).expect("a portable session")
}

fn portable(policy: String, directory: Json, scopes: usize) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    Input { bytes, work: Box::new(move || drop(black_box(portable_bytes(&engine, scopes)))) }
}

fn open(policy: String, directory: Json, scopes: usize) -> Input {
    let bytes = portable_bytes(&engine(&policy, &directory).0, scopes);
    let work = move || {
        let session = PortableSession::from_bytes(&bytes, time()).expect("a portable session");
        black_box(session.permissions());
    };
    Input { bytes: portable_bytes(&engine(&policy, &directory).0, scopes).len(), work: Box::new(work) }
}

fn wide_record(count: usize) -> String {
    let orders: Vec<Json> =
        (0..count).map(|no| json!({ "no": no, "note": "n", format!("key{no}"): { "a": [1, 2] } })).collect();
    json!({ "email": "a@b.c", "address": { "street": "S" }, "orders": orders }).to_string()
}

fn nested_record(count: usize) -> String {
    let tree = "[".repeat(60) + r#"{"a":{"a":{"a":{"zz":1}}}}"# + &"]".repeat(60);
    format!("[{}]", vec![tree; count.div_ceil(10)].join(","))
}

fn redacting(paths: &[String], record: String) -> Input {
    let (engine, _) = engine(&small(), &one_user(1, |_| (0, None, None)));
    let labels = FieldLabels::new(engine.policy(), paths.iter().map(|path| (path.as_str(), ["pii"]))).expect("labels");
    let session = session(&engine);
    Input { bytes: record.len(), work: Box::new(move || drop(black_box(session.redact(&record, &labels, None)))) }
}

fn redact(paths: &[&str], record: String) -> Input {
    redacting(&paths.iter().map(ToString::to_string).collect::<Vec<_>>(), record)
}

fn many_paths() -> Vec<String> {
    (0..1000).map(|field| format!("**.x{field}.**.note")).collect()
}

fn redact_many(record: String) -> Input {
    redacting(&many_paths(), record)
}

fn unmatched(record: String) -> Input {
    let policy = Policy::from_json(&small()).expect("a policy");
    let paths = many_paths();
    let labels = FieldLabels::new(&policy, paths.iter().map(|path| (path.as_str(), ["pii"]))).expect("labels");
    Input { bytes: record.len(), work: Box::new(move || drop(black_box(labels.unmatched(&record)))) }
}

fn snapshot(policy: String, directory: Json) -> Input {
    let bytes = engine(&policy, &directory).0.to_snapshot();
    Input { bytes: bytes.len(), work: Box::new(move || drop(black_box(Engine::from_snapshot(bytes.clone())))) }
}

fn apply(policy: String, directory: Json, change: Json) -> Input {
    let (engine, bytes) = engine(&policy, &directory);
    let text = change.to_string();
    let bytes = bytes + text.len();
    let work = move || {
        black_box(engine.clone().apply_json(&text)).expect("a change that can be made");
    };
    Input { bytes, work: Box::new(work) }
}
