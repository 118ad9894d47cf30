//! The display names and descriptions of roles. The engine does not have them.

use crate::object::{ObjectKey, Role};
use crate::overlay::Overlay;
use crate::scope::upwards;
use crate::state::State;
use serde_json::Value;

pub(super) struct Texts<'s> {
    state: &'s State,
    /// `roles` of the policy document.
    policy: Value,
}

impl<'s> Texts<'s> {
    pub(super) fn of(state: &'s State) -> Self {
        let mut policy: Value = serde_json::from_str(state.policy()).unwrap_or_default();
        Self { state, policy: policy.get_mut("roles").map(Value::take).unwrap_or_default() }
    }

    /// Returns whether the policy defines a role.
    pub(super) fn is_of_policy(&self, role: &str) -> bool {
        self.policy.get(role).is_some()
    }

    /// Returns the scope that defines a custom role which is visible at a scope.
    pub(super) fn home<'a>(&self, role: &str, at: &'a str) -> Option<&'a str> {
        upwards(at).find(|at| self.state.value(&ObjectKey::role(at, role)).is_some())
    }

    /// Returns the display name and the description of a role, as a scope sees it.
    pub(super) fn role(&self, role: &str, at: &str) -> [Option<String>; 2] {
        if self.is_of_policy(role) {
            let Overlay { title, description, .. } = self.state.overlay_of(role, at).unwrap_or_default();
            let text = |key: &str| self.policy.get(role)?.get(key)?.as_str().map(Into::into);
            return [title.or_else(|| text("title")), description.or_else(|| text("description"))];
        }
        let home = self.home(role, at).and_then(|home| self.state.get::<Role>(&ObjectKey::role(home, role)));
        home.map_or([None, None], |own| [own.title, own.description])
    }
}
