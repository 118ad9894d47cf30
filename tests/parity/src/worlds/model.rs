//! The names that the documents and questions of a world use.

use crate::random::Random;
use std::collections::BTreeMap;

pub(super) struct Role {
    pub(super) name: String,
    /// The scopes where the role may be assigned, one bit for each kind.
    pub(super) assignable: u32,
    /// The types of instance that have the role, one bit each; `u32::MAX` for a role that exists everywhere.
    pub(super) instance_types: u32,
    /// The scope that defines a custom role.
    pub(super) scope: Option<String>,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) kinds: Vec<String>,
    pub(super) instance_types: Vec<String>,
    /// The type that each outermost scope states.
    pub(super) instances: BTreeMap<String, usize>,
    pub(super) labels: Vec<String>,
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<(String, Vec<String>)>,
    pub(super) boundaries: Vec<String>,
    /// Whether a boundary takes the values of items from locks.
    pub(super) locks: bool,
    pub(super) roles: Vec<Role>,
    pub(super) menus: Vec<String>,
    pub(super) scopes: Vec<String>,
    pub(super) subjects: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) values: Vec<String>,
    pub(super) support_role: bool,
    /// Whether the world has little of everything.
    pub(super) small: bool,
}

impl Model {
    pub(super) fn new(random: &mut Random) -> Self {
        let kinds = ["instance", "account", "project", "site"];
        Self {
            kinds: kinds[..random.between(1, 4)].iter().map(ToString::to_string).collect(),
            labels: random.some(&["financial", "health", "pii"], 60).iter().map(ToString::to_string).collect(),
            boundaries: random
                .some(&["access-group", "domain", "region"], 60)
                .iter()
                .map(ToString::to_string)
                .collect(),
            values: ["blog.example", "shop.example", "Zürich", "a b", "x"].iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// Returns whether a role exists in the instance to which a scope belongs.
    pub(super) fn exists(&self, role: &Role, scope: &str) -> bool {
        let root = scope.split('/').next().unwrap();
        role.instance_types == u32::MAX
            || self.instances.get(root).is_some_and(|number| role.instance_types & 1 << number != 0)
    }

    pub(super) fn permissions(&self) -> Vec<String> {
        let each = self.resources.iter();
        each.flat_map(|(path, actions)| actions.iter().map(move |action| format!("{path}:{action}"))).collect()
    }
}
