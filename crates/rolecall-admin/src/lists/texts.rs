//! The display names and descriptions of roles. The engine does not have them.

use crate::object::{ObjectKey, Role};
use crate::overlay::Overlay;
use crate::scope::upwards;
use crate::state::State;

#[derive(Clone, Copy)]
pub(crate) struct Texts<'s> {
    state: &'s State,
}

impl<'s> Texts<'s> {
    pub(crate) fn of(state: &'s State) -> Self {
        Self { state }
    }

    /// Returns whether the policy defines a role.
    pub(crate) fn is_of_policy(self, role: &str) -> bool {
        self.state.policy_texts().role(role).is_some()
    }

    /// Returns the scope that defines a custom role which is visible at a scope.
    pub(crate) fn home<'a>(self, role: &str, at: &'a str) -> Option<&'a str> {
        upwards(at).find(|at| self.state.value(&ObjectKey::role(at, role)).is_some())
    }

    /// Returns the display name and the description of a role, as a scope sees it.
    pub(crate) fn role(self, role: &str, at: &str) -> [Option<String>; 2] {
        if let Some(texts) = self.state.policy_texts().role(role) {
            let Overlay { title, description, .. } = self.state.overlay_of(role, at).unwrap_or_default();
            return [title.or_else(|| texts.title.clone()), description.or_else(|| texts.description.clone())];
        }
        let mut above = upwards(at).map(|home| self.state.get::<Role>(&ObjectKey::role(home, role)));
        above.find_map(|own| own).map_or([None, None], |own| [own.title, own.description])
    }
}
