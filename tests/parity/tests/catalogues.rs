//! Catalogues in the shape and size of those of large products: 900 roles over 10,000 permissions, with stars anywhere,
//! exceptions inside a role and capital letters. A matcher that shares nothing with the core decides every pair of a role
//! and a permission.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use rolecall::Policy;
use rolecall_parity::random::Random;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ROLES: usize = 900;
const PERMISSIONS: usize = 10_000;

/// A resource with its actions, by the names along its path.
type Tree = BTreeMap<Vec<String>, BTreeSet<String>>;

struct Catalogue {
    tree: Tree,
    /// The actions that are not standard, and whether they write.
    actions: BTreeMap<String, bool>,
    any_case: bool,
}

fn capital(random: &mut Random, words: &[&str]) -> String {
    let mut name = (*random.pick(words)).to_string();
    let second = *random.pick(words);
    name.push_str(&second[..1].to_ascii_uppercase());
    name.push_str(&second[1..]);
    name
}

/// Returns a catalogue of providers, nested types and operations, as a cloud has: `Net.Alpha7/virtualHosts/keyPairs:ListKeys`.
fn cloud(random: &mut Random) -> Catalogue {
    let words = ["disk", "host", "key", "link", "log", "network", "policy", "route", "server", "vault", "zone"];
    let operations = ["Read", "Write", "Remove", "ListKeys", "Restart", "Join", "Validate", "Export2", "MoveTo"];
    let mut tree = Tree::new();
    let mut count = 0;
    while count < PERMISSIONS {
        let mut path = vec![format!("Net.{}{}", capital(random, &words), random.below(4))];
        for _ in 0..random.between(1, 4) {
            path.push(if random.chance(70) { capital(random, &words) } else { (*random.pick(&words)).to_string() });
        }
        let actions: BTreeSet<String> = random.some(&operations, 50).iter().map(ToString::to_string).collect();
        if !tree.contains_key(&path) && !actions.is_empty() && differs(&tree, &path) {
            count += actions.len();
            tree.insert(path, actions);
        }
    }
    let reads = ["Read", "ListKeys", "Export2"];
    let actions = operations.iter().map(|name| ((*name).to_string(), !reads.contains(name))).collect();
    Catalogue { tree, actions, any_case: true }
}

/// Returns whether no known name along a path differs from it in case only.
fn differs(tree: &Tree, path: &[String]) -> bool {
    (1..=path.len()).all(|length| {
        let (name, above) = path[..length].split_last().unwrap();
        tree.keys()
            .filter(|known| known.len() >= length && known[..length - 1] == *above)
            .all(|known| known[length - 1] == *name || !known[length - 1].eq_ignore_ascii_case(name))
    })
}

/// Returns a catalogue of API groups, resources, subresources and verbs, as a cluster has: `apps.example/pods/log:watch`.
fn cluster(random: &mut Random) -> Catalogue {
    let verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "bind", "escalate", "impersonate"];
    let kinds = ["pods", "nodes", "jobs", "roles", "secrets", "events", "leases", "quotas", "volumes", "tokens"];
    let below = ["log", "status", "scale", "exec", "proxy", "finalizers"];
    let mut tree = Tree::new();
    let mut count = 0;
    while count < PERMISSIONS {
        let group = format!("{}{}.example", random.pick(&["apps", "batch", "core", "rbac", "net"]), random.below(40));
        let mut path = vec![group, (*random.pick(&kinds)).to_string()];
        if random.chance(50) {
            path.push((*random.pick(&below)).to_string());
        }
        let actions: BTreeSet<String> = random.some(&verbs, 60).iter().map(ToString::to_string).collect();
        if !tree.contains_key(&path) && !actions.is_empty() {
            count += actions.len();
            tree.insert(path, actions);
        }
    }
    let own = verbs.iter().filter(|verb| !matches!(**verb, "create" | "delete"));
    let actions = own.map(|verb| ((*verb).to_string(), !matches!(*verb, "get" | "list" | "watch"))).collect();
    Catalogue { tree, actions, any_case: false }
}

/// A permission, by the names along its path and its action.
type Permission<'t> = (&'t [String], &'t str);

/// Returns a pattern that matches a permission: stars in the place of some segments, and some actions.
fn pattern(random: &mut Random, (path, action): Permission<'_>, actions: &[&str]) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path {
        match random.below(10) {
            0 => segments.push("*"),
            1 => segments.extend(["**", segment.as_str()]),
            2 => segments.push("**"),
            _ => segments.push(segment),
        }
    }
    if random.chance(25) {
        segments.truncate(random.between(0, segments.len()));
        segments.push("**");
    }
    let actions = match random.below(4) {
        0 => "*".to_string(),
        1 => format!("{{{action},{}}}", random.pick(actions)),
        _ => action.to_string(),
    };
    format!("{}:{actions}", segments.join("/"))
}

/// Returns whether a pattern's segments match a path. Remembers the last `**`, and lets it take one more segment whenever
/// what follows does not fit.
fn fits(pattern: &[&str], path: &[String]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    while place < path.len() {
        match pattern.get(at) {
            Some(&"**") => {
                last = Some((at + 1, place));
                at += 1;
            }
            Some(segment) if *segment == "*" || *segment == path[place] => (at, place) = (at + 1, place + 1),
            _ => match last {
                Some((after, taken)) => {
                    last = Some((after, taken + 1));
                    (at, place) = (after, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|segment| *segment == "**")
}

/// A pattern, split once.
struct Split<'p> {
    path: Vec<&'p str>,
    actions: Option<Vec<&'p str>>,
}

impl<'p> Split<'p> {
    fn new(text: &'p str) -> Self {
        let (path, actions) = text.split_once(':').unwrap();
        let actions = (actions != "*").then(|| actions.trim_matches(['{', '}']).split(',').collect());
        Self { path: path.split('/').collect(), actions }
    }

    fn matches(&self, (path, action): Permission<'_>) -> bool {
        self.actions.as_ref().is_none_or(|actions| actions.contains(&action)) && fits(&self.path, path)
    }
}

impl Catalogue {
    fn permissions(&self) -> Vec<Permission<'_>> {
        let each = self.tree.iter();
        each.flat_map(|(path, actions)| actions.iter().map(move |action| (path.as_slice(), action.as_str()))).collect()
    }

    fn resources(&self) -> Value {
        let mut resources = json!({});
        for (path, actions) in &self.tree {
            let (last, above) = path.split_last().unwrap();
            let mut level = &mut resources;
            for name in above {
                level = &mut level[name]["resources"];
            }
            level[last]["actions"] = json!(actions);
        }
        resources
    }

    /// Returns the grants and the exceptions of each role.
    fn roles(&self, random: &mut Random) -> BTreeMap<String, [Vec<String>; 2]> {
        let permissions = self.permissions();
        let actions: BTreeSet<&str> = permissions.iter().map(|(_, action)| *action).collect();
        let actions: Vec<&str> = actions.into_iter().collect();
        let list = |random: &mut Random, most: usize| {
            let mut patterns = Vec::new();
            for _ in 0..random.between(0, most) {
                let permission = *random.pick(&permissions);
                patterns.push(pattern(random, permission, &actions));
            }
            patterns
        };
        (0..ROLES).map(|number| (format!("role-{number}"), [list(random, 8), list(random, 4)])).collect()
    }
}

/// Compares every pair of a role and a permission. Returns the number of pairs and how many of them are granted.
fn compare(catalogue: &Catalogue, random: &mut Random) -> (usize, usize) {
    let roles = catalogue.roles(random);
    let bodies: Map<String, Value> = roles
        .iter()
        .map(|(name, [grants, except])| (name.clone(), json!({ "grants": grants, "except": except })))
        .collect();
    let actions: Map<String, Value> =
        catalogue.actions.iter().map(|(name, writes)| (name.clone(), json!({ "writes": writes }))).collect();
    let case = if catalogue.any_case { "any-case" } else { "lower-case" };
    let policy = json!({ "rolecall": 1, "names": case, "scopes": ["account"], "actions": actions,
        "resources": catalogue.resources(), "roles": bodies });
    let policy = Policy::from_json(&policy.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let permissions = catalogue.permissions();
    let names: Vec<String> = permissions.iter().map(|(path, action)| format!("{}:{action}", path.join("/"))).collect();
    assert_eq!(policy.permissions().count(), permissions.len());
    let (mut pairs, mut granted) = (0, 0);
    for report in policy.role_reports() {
        let held: BTreeSet<&str> = report.permissions.iter().map(String::as_str).collect();
        let [grants, except] = &roles[&report.role];
        let [grants, except] =
            [grants, except].map(|list| list.iter().map(|text| Split::new(text)).collect::<Vec<_>>());
        let any = |list: &[Split<'_>], permission| list.iter().any(|one| one.matches(permission));
        for (permission, name) in permissions.iter().zip(&names) {
            let expected = any(&grants, *permission) && !any(&except, *permission);
            assert_eq!(held.contains(name.as_str()), expected, "{}: {name}: {:?}", report.role, roles[&report.role]);
            pairs += 1;
            granted += usize::from(expected);
        }
    }
    (pairs, granted)
}

#[test]
fn a_cloud_and_a_cluster_are_granted_as_an_independent_matcher_says() {
    let mut random = Random::new(887);
    for (name, catalogue) in [("cloud", cloud(&mut random)), ("cluster", cluster(&mut random))] {
        let (pairs, granted) = compare(&catalogue, &mut random);
        println!("{name}: {} resources, {pairs} pairs compared, {granted} granted", catalogue.tree.len());
        assert!(pairs >= ROLES * PERMISSIONS * 9 / 10, "{pairs}");
        assert!(granted > pairs / 100 && granted < pairs, "{granted} of {pairs}");
    }
}
