//! Permissions and roles.

use super::documents::{Naive, RoleKey, Worked};
use super::values::{keys, texts, upwards};
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

const STANDARD: [(&str, bool); 14] = [
    ("view", false),
    ("use", false),
    ("export", false),
    ("request", false),
    ("create", true),
    ("edit", true),
    ("delete", true),
    ("publish", true),
    ("execute", true),
    ("import", true),
    ("share", true),
    ("approve", true),
    ("configure", true),
    ("manage", true),
];

impl Naive {
    /// Returns every permission: resources in pre-order with siblings by name, standard actions first, then by name.
    pub fn numbered(&self) -> Vec<String> {
        self.permissions.get_or_init(|| self.number()).clone()
    }

    fn number(&self) -> Vec<String> {
        let mut custom = keys(&self.policy["actions"]);
        custom.sort();
        let order: Vec<String> = STANDARD.iter().map(|(name, _)| (*name).to_string()).chain(custom).collect();
        let mut all = Vec::new();
        walk(&self.policy["resources"], "", &mut |path, node| {
            let declared = texts(&node["actions"]);
            let mut actions: Vec<&String> = order.iter().filter(|action| declared.contains(action)).collect();
            actions.dedup();
            all.extend(actions.into_iter().map(|action| format!("{path}:{action}")));
        });
        all
    }

    pub(super) fn writes(&self, action: &str) -> bool {
        let standard = STANDARD.iter().find(|(name, _)| *name == action).map(|(_, writes)| *writes);
        standard.unwrap_or_else(|| self.policy["actions"][action]["writes"] == json!(true))
    }

    /// Returns whether a pattern matches a permission.
    pub fn matches(&self, pattern: &str, permission: &str) -> bool {
        let (wanted, actions) = pattern.split_once(':').unwrap();
        let (path, action) = permission.split_once(':').unwrap();
        let action_fits = match actions {
            "*" => true,
            "writes" => self.writes(action),
            list => list.trim_matches(['{', '}']).split(',').any(|one| one == action),
        };
        let wanted: Vec<&str> = wanted.split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        action_fits && path_matches(&wanted, &path)
    }

    pub(super) fn role(&self, key: &RoleKey) -> &Value {
        match &key.1 {
            None => &self.policy["roles"][&key.0],
            Some(scope) => &self.directory["roles"][scope][&key.0],
        }
    }

    /// Returns the role with a name that is visible at a scope.
    pub(super) fn find_role(&self, name: &str, at: &str) -> RoleKey {
        if self.policy["roles"].get(name).is_some() {
            return (name.to_string(), None);
        }
        let scope = upwards(at).into_iter().find(|scope| self.directory["roles"][scope].get(name).is_some());
        (name.to_string(), Some(scope.expect("documents are good")))
    }

    pub(super) fn juniors(&self, key: &RoleKey) -> Vec<RoleKey> {
        let names: BTreeSet<String> = texts(&self.role(key)["inherits"]).into_iter().collect();
        let at = key.1.as_deref().unwrap_or("");
        names.iter().map(|name| if key.1.is_some() { self.find_role(name, at) } else { (name.clone(), None) }).collect()
    }

    /// Returns the keys of custom roles that the policy does not allow, by scope and role.
    pub fn forbidden_parts(&self) -> BTreeSet<(String, String, &'static str)> {
        let mut forbidden = BTreeSet::new();
        for (scope, roles) in self.directory["roles"].as_object().into_iter().flatten() {
            for (name, role) in roles.as_object().unwrap() {
                let with_permissions = |junior: &String| {
                    let junior = self.find_role(junior, scope);
                    junior.1.is_some() || self.numbered().iter().any(|permission| self.in_policy(&junior, permission))
                };
                let key = match self.policy["limits"]["custom_roles_from"].as_str() {
                    Some("roles") if !texts(&role["grants"]).is_empty() => "grants",
                    Some("roles") if !texts(&role["except"]).is_empty() => "except",
                    Some("grants") if texts(&role["inherits"]).iter().any(with_permissions) => "inherits",
                    _ => continue,
                };
                forbidden.insert((scope.clone(), name.clone(), key));
            }
        }
        forbidden
    }

    /// Returns whether a role of the policy holds a permission, without overlays.
    fn in_policy(&self, key: &RoleKey, permission: &str) -> bool {
        let role = self.role(key);
        let listed = |list: &str| texts(&role[list]).iter().any(|pattern| self.matches(pattern, permission));
        (listed("grants") && !listed("except"))
            || self.juniors(key).iter().any(|junior| self.in_policy(junior, permission))
    }

    pub(super) fn is_overlaid(&self, role: &str, at: &str) -> bool {
        self.directory["overlays"][at].get(role).is_some()
    }

    /// Returns what a role lists itself under a key, for an assignment at a scope. The nearest overlay counts.
    fn listed_by(&self, key: &RoleKey, at: &str, list: &str) -> Vec<String> {
        let policy = key.1.is_none();
        let overlay = upwards(at).into_iter().find(|scope| policy && self.is_overlaid(&key.0, scope));
        let overlaid = overlay.and_then(|scope| self.directory["overlays"][scope][&key.0].get(list));
        texts(overlaid.unwrap_or_else(|| &self.role(key)[list]))
    }

    /// Returns a role and all roles that it inherits.
    pub(super) fn closure(&self, key: &RoleKey) -> BTreeSet<RoleKey> {
        self.worked(key, "").closure.clone()
    }

    pub(super) fn own(&self, key: &RoleKey, at: &str, permission: &str) -> bool {
        self.worked(key, at).own.contains(permission)
    }

    pub(super) fn holds(&self, key: &RoleKey, at: &str, permission: &str) -> bool {
        self.worked(key, at).holds.contains(permission)
    }

    /// Returns every permission of a role of the policy.
    pub fn of_role(&self, name: &str) -> BTreeSet<String> {
        self.worked(&(name.to_string(), None), "").holds.clone()
    }

    /// Returns what an assignment of a role at a scope gives.
    pub(super) fn worked(&self, key: &RoleKey, at: &str) -> Rc<Worked> {
        let known = (key.clone(), at.to_string());
        if let Some(known) = self.roles.borrow().get(&known) {
            return Rc::clone(known);
        }
        let [grants, except] = ["grants", "except"].map(|list| self.listed_by(key, at, list));
        let any = |list: &[String], permission: &str| list.iter().any(|pattern| self.matches(pattern, permission));
        let mut own: BTreeSet<String> = self.numbered().into_iter().collect();
        own.retain(|permission| any(&grants, permission) && !any(&except, permission));
        let mut worked = Worked { closure: BTreeSet::from([key.clone()]), holds: own.clone(), own };
        for junior in self.juniors(key) {
            let junior = self.worked(&junior, at);
            worked.closure.extend(junior.closure.iter().cloned());
            worked.holds.extend(junior.holds.iter().cloned());
        }
        let worked = Rc::new(worked);
        self.roles.borrow_mut().insert(known, Rc::clone(&worked));
        worked
    }

    pub(super) fn standalone(&self, key: &RoleKey) -> bool {
        let juniors = self.juniors(key);
        self.role(key)["standalone"]
            .as_bool()
            .unwrap_or_else(|| juniors.is_empty() || juniors.iter().any(|junior| self.standalone(junior)))
    }

    pub(super) fn lists(&self, key: &RoleKey, at: &str, list: &str, name: &str) -> bool {
        self.closure(key).iter().any(|role| self.listed_by(role, at, list).iter().any(|one| one == name))
    }

    pub(super) fn backup_login(&self, key: &RoleKey) -> bool {
        self.closure(key).iter().any(|role| self.role(role)["backup_login"] == json!(true))
    }

    /// Returns the shortest path between two roles; if there are several, the first by name.
    pub(super) fn path(&self, from: &RoleKey, to: &RoleKey) -> Vec<String> {
        let mut waiting = VecDeque::from([vec![from.clone()]]);
        let mut found: Vec<Vec<String>> = Vec::new();
        while let Some(path) = waiting.pop_front() {
            if found.first().is_some_and(|known| known.len() < path.len()) {
                break;
            }
            let last = path.last().unwrap();
            if last == to {
                found.push(path.iter().map(|(name, _)| name.clone()).collect());
                continue;
            }
            for junior in self.juniors(last) {
                waiting.push_back(path.iter().cloned().chain([junior]).collect());
            }
        }
        found.sort();
        found.into_iter().next().unwrap()
    }
}

/// Returns whether the segments of a pattern match those of a path: `**` any number of them, `*` one.
fn path_matches(wanted: &[&str], path: &[&str]) -> bool {
    match (wanted.split_first(), path.split_first()) {
        (None, _) => path.is_empty(),
        (Some((&"**", rest)), _) => (0..=path.len()).any(|skipped| path_matches(rest, &path[skipped..])),
        (Some((first, rest)), Some((given, more))) => (*first == "*" || first == given) && path_matches(rest, more),
        (Some(_), None) => false,
    }
}

fn walk(level: &Value, parent: &str, each: &mut dyn FnMut(&str, &Value)) {
    let mut names = keys(level);
    names.sort();
    for name in names {
        let path = if parent.is_empty() { name.clone() } else { format!("{parent}/{name}") };
        each(&path, &level[&name]);
        walk(&level[&name]["resources"], &path, each);
    }
}
