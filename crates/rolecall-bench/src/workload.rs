//! The data: one role system in three sizes, with requests and expected answers.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub const FEATURES: usize = 30;
pub const ACTIONS: [&str; 8] = ["view", "create", "edit", "delete", "publish", "export", "approve", "configure"];
pub const ROLES: usize = 40;
pub const ACCOUNTS: usize = 10;
pub const PROJECTS: usize = 100;
pub const REQUESTS: usize = 10_000;
/// The time of every request. No answer depends on it.
pub const TIME: &str = "2026-11-21T10:00:00Z";

/// A size, with its number of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    S,
    M,
    L,
}

impl Size {
    pub fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::M => "M",
            Self::L => "L",
        }
    }

    pub fn users(self) -> usize {
        match self {
            Self::S => 100,
            Self::M => 10_000,
            Self::L => 100_000,
        }
    }
}

/// A role: the permissions of its own grants, and the roles that it inherits.
pub struct Role {
    pub name: String,
    pub own: BTreeSet<usize>,
    pub inherits: Vec<usize>,
}

/// An assignment: user, role and scope by number. Scopes are the instance, then the accounts, then the projects.
#[derive(Clone, Copy)]
pub struct Assignment {
    pub user: usize,
    pub role: usize,
    pub scope: usize,
}

/// A request: does a user have a permission in a project?
#[derive(Clone, Copy)]
pub struct Request {
    pub user: usize,
    pub permission: usize,
    pub project: usize,
}

pub struct Workload {
    pub permissions: Vec<String>,
    pub roles: Vec<Role>,
    pub scopes: Vec<String>,
    pub users: Vec<String>,
    pub assignments: Vec<Assignment>,
    pub requests: Vec<Request>,
    pub answers: Vec<bool>,
}

/// SplitMix64, which returns the same numbers on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

impl Workload {
    pub fn make(size: Size) -> Self {
        Self::of(size.users())
    }

    /// Returns the data for a number of users.
    pub fn of(count: usize) -> Self {
        let mut random = Random::new(7);
        let permissions: Vec<String> = (0..FEATURES)
            .flat_map(|feature| ACTIONS.iter().map(move |action| format!("feature-{feature:02}:{action}")))
            .collect();
        // Three levels: ten roles of twelve permissions, fifteen above them, fifteen above those.
        let mut roles = Vec::new();
        for number in 0..ROLES {
            let (below, own) = match number {
                0..10 => (0..0, 12),
                10..25 => (0..10, 8),
                _ => (10..25, 6),
            };
            let inherits: BTreeSet<usize> = if below.is_empty() {
                BTreeSet::new()
            } else {
                (0..1 + random.below(2)).map(|_| below.start + random.below(below.len())).collect()
            };
            let own = (0..own).map(|_| random.below(permissions.len())).collect();
            roles.push(Role { name: format!("role-{number:02}"), own, inherits: inherits.into_iter().collect() });
        }
        let mut scopes = vec!["main".to_string()];
        scopes.extend((0..ACCOUNTS).map(|account| format!("main/account-{account}")));
        scopes.extend((0..PROJECTS).map(|project| format!("main/account-{}/project-{project:02}", project / 10)));
        let users: Vec<String> = (0..count).map(|user| format!("user:person-{user}")).collect();
        let mut assignments = Vec::new();
        for user in 0..users.len() {
            for _ in 0..=random.below(4) {
                let scope = match random.below(100) {
                    0..2 => 0,
                    2..30 => 1 + random.below(ACCOUNTS),
                    _ => 1 + ACCOUNTS + random.below(PROJECTS),
                };
                assignments.push(Assignment { user, role: random.below(ROLES), scope });
            }
        }
        let mut workload =
            Self { permissions, roles, scopes, users, assignments, requests: Vec::new(), answers: Vec::new() };
        // Half of the requests are about a scope at which the user has a role.
        for _ in 0..REQUESTS {
            let assignment = workload.assignments[random.below(workload.assignments.len())];
            let project = match assignment.scope {
                scope if scope > ACCOUNTS && random.below(2) == 0 => scope - 1 - ACCOUNTS,
                scope if (1..=ACCOUNTS).contains(&scope) && random.below(2) == 0 => (scope - 1) * 10 + random.below(10),
                _ => random.below(PROJECTS),
            };
            let permission = if random.below(2) == 0 {
                let held: Vec<usize> = workload.closure(assignment.role).into_iter().collect();
                held[random.below(held.len())]
            } else {
                random.below(workload.permissions.len())
            };
            workload.requests.push(Request { user: assignment.user, permission, project });
        }
        workload.answers = workload.reference();
        workload
    }

    /// Returns every permission of a role, including inherited ones.
    pub fn closure(&self, role: usize) -> BTreeSet<usize> {
        let mut all = self.roles[role].own.clone();
        for junior in &self.roles[role].inherits {
            all.extend(self.closure(*junior));
        }
        all
    }

    /// Returns whether a scope includes a project.
    pub fn covers(scope: usize, project: usize) -> bool {
        scope == 0 || scope == 1 + project / 10 || scope == 1 + ACCOUNTS + project
    }

    pub fn project(&self, project: usize) -> &str {
        &self.scopes[1 + ACCOUNTS + project]
    }

    /// Returns the answers of a simple reference.
    fn reference(&self) -> Vec<bool> {
        let closures: Vec<BTreeSet<usize>> = (0..ROLES).map(|role| self.closure(role)).collect();
        let mut held: BTreeMap<usize, Vec<Assignment>> = BTreeMap::new();
        for assignment in &self.assignments {
            held.entry(assignment.user).or_default().push(*assignment);
        }
        let allowed = |request: &Request| {
            held[&request.user].iter().any(|assignment| {
                Self::covers(assignment.scope, request.project)
                    && closures[assignment.role].contains(&request.permission)
            })
        };
        self.requests.iter().map(allowed).collect()
    }

    /// Returns the policy for Rolecall.
    pub fn policy(&self) -> Value {
        let features = (0..FEATURES).map(|feature| (format!("feature-{feature:02}"), json!({ "actions": ACTIONS })));
        let roles = self.roles.iter().map(|role| {
            let grants: Vec<&String> = role.own.iter().map(|permission| &self.permissions[*permission]).collect();
            let inherits: Vec<&String> = role.inherits.iter().map(|junior| &self.roles[*junior].name).collect();
            (role.name.clone(), json!({ "grants": grants, "inherits": inherits }))
        });
        // 60 entries, six of which open a part of the menu.
        let parts: Vec<Value> = (0..6)
            .map(|part| {
                let items: Vec<Value> = (0..9)
                    .map(|item| {
                        let permission = &self.permissions[(part * 9 + item) * 4];
                        let id = format!("item-{part}-{item}");
                        json!({ "id": id, "title": format!("Item {item}"), "href": format!("/{id}"), "needs": permission })
                    })
                    .collect();
                json!({ "id": format!("part-{part}"), "title": format!("Part {part}"), "items": items })
            })
            .collect();
        json!({
            "rolecall": 1, "scopes": ["instance", "account", "project"], "menus": { "main": parts },
            "resources": features.collect::<Map<_, _>>(), "roles": roles.collect::<Map<_, _>>()
        })
    }

    /// Returns the data for programs in other languages: names, closures, covered projects, requests and answers.
    pub fn export(&self, size: Size) -> Value {
        let roles = (0..ROLES).map(|role| json!({ "name": self.roles[role].name, "closure": self.closure(role) }));
        let covered = (0..self.scopes.len()).map(|scope| {
            let first = (0..PROJECTS).position(|project| Self::covers(scope, project)).unwrap_or(0);
            let count = (0..PROJECTS).filter(|project| Self::covers(scope, *project)).count();
            json!({ "first": first, "end": first + count })
        });
        let assignments = self.assignments.iter().map(|one| [one.user, one.role, one.scope]);
        let requests = self.requests.iter().map(|one| [one.user, one.permission, one.project]);
        let millis = rolecall::Timestamp::parse(TIME).map(rolecall::Timestamp::as_millis);
        json!({
            "size": size.name(), "time": TIME, "millis": millis,
            "policy": self.policy().to_string(), "directory": self.directory().to_string(),
            "users": self.users, "permissions": self.permissions, "scopes": self.scopes,
            "projects": &self.scopes[1 + ACCOUNTS..], "roles": roles.collect::<Vec<Value>>(),
            "covered": covered.collect::<Vec<Value>>(), "assignments": assignments.collect::<Vec<_>>(),
            "requests": requests.collect::<Vec<_>>(), "answers": self.answers
        })
    }

    /// Returns the directory as a tree, without a JSON text.
    pub fn tree(&self, assignments: usize) -> rolecall::Value<'_> {
        use rolecall::Value as Tree;
        let text = |text| Tree::Text(std::borrow::Cow::Borrowed(text));
        let key = std::borrow::Cow::Borrowed;
        let subjects = self.users.iter().map(|user| (key(user.as_str()), Tree::Map(Vec::new())));
        let held = self.assignments.iter().take(assignments).map(|one| {
            Tree::Map(vec![
                (key("subject"), text(self.users[one.user].as_str())),
                (key("role"), text(self.roles[one.role].name.as_str())),
                (key("at"), text(self.scopes[one.scope].as_str())),
            ])
        });
        Tree::Map(vec![
            (key("rolecall"), Tree::Int(1)),
            (key("scopes"), Tree::List(self.scopes.iter().map(|scope| text(scope.as_str())).collect())),
            (key("subjects"), Tree::Map(subjects.collect())),
            (key("assignments"), Tree::List(held.collect())),
        ])
    }

    /// The directory of Rolecall.
    pub fn directory(&self) -> Value {
        let subjects: Map<String, Value> = self.users.iter().map(|user| (user.clone(), json!({}))).collect();
        let assignments: Vec<Value> = self
            .assignments
            .iter()
            .map(|one| {
                json!({ "subject": self.users[one.user], "role": self.roles[one.role].name, "at": self.scopes[one.scope] })
            })
            .collect();
        json!({ "rolecall": 1, "scopes": self.scopes, "subjects": subjects, "assignments": assignments })
    }
}
