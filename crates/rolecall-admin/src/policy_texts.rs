//! The texts of the policy document that the engine does not have: display names, descriptions and hints.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The texts of a policy document, read once for each policy.
#[derive(Debug, Default)]
pub(crate) struct PolicyTexts {
    roles: BTreeMap<String, RoleTexts>,
    /// The display names of permissions of which a resource or an action has one.
    permissions: BTreeMap<String, String>,
}

/// The texts of a role of the policy.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RoleTexts {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    /// Whether an assignment should have an end.
    pub(crate) suggest_end: bool,
}

impl PolicyTexts {
    /// Reads a policy document, which compiles.
    pub(crate) fn read(policy: &str) -> Self {
        let policy: Value = serde_json::from_str(policy).unwrap_or_default();
        let roles = policy.get("roles").and_then(Value::as_object).into_iter().flatten();
        let roles = roles.map(|(role, body)| (role.clone(), RoleTexts::deserialize(body).unwrap_or_default()));
        let mut permissions = BTreeMap::new();
        if let Some(resources) = policy.get("resources").and_then(Value::as_object) {
            resources.iter().for_each(|(name, body)| titles(name, &[(name, body)], &mut permissions));
        }
        Self { roles: roles.collect(), permissions }
    }

    /// Returns the display name of a permission, such as `Settings / Users: edit`.
    pub(crate) fn permission(&self, name: &str) -> Option<String> {
        self.permissions.get(name).cloned()
    }

    /// Returns the texts of a role, or `None` if the policy does not define it.
    pub(crate) fn role(&self, role: &str) -> Option<&RoleTexts> {
        self.roles.get(role)
    }
}

/// Adds the display names of the permissions of a resource, and of those below it. `path` has every resource from the
/// outermost one on.
fn titles(name: &str, path: &[(&String, &Value)], found: &mut BTreeMap<String, String>) {
    let Some((_, body)) = path.last() else { return };
    let title = |body: &Value| body.get("title").and_then(Value::as_str).map(str::to_string);
    let words: Vec<String> = path.iter().map(|(name, body)| title(body).unwrap_or_else(|| (*name).clone())).collect();
    let has_title = path.iter().any(|(_, body)| title(body).is_some());
    let mut add = |action: &str, text: Option<String>| {
        if has_title || text.is_some() {
            let text = text.unwrap_or_else(|| action.to_string());
            found.insert(format!("{name}:{action}"), format!("{}: {text}", words.join(" / ")));
        }
    };
    match body.get("actions") {
        Some(Value::Array(actions)) => actions.iter().filter_map(Value::as_str).for_each(|action| add(action, None)),
        Some(Value::Object(actions)) => actions.iter().for_each(|(action, body)| add(action, title(body))),
        _ => {}
    }
    for (below, body) in body.get("resources").and_then(Value::as_object).into_iter().flatten() {
        let path = [path, &[(below, body)]].concat();
        titles(&format!("{name}/{below}"), &path, found);
    }
}
