//! Hints: what an administrator should consider about a command that is accepted.

use crate::command::Command;
use crate::object::{ObjectKey, Role};
use crate::scope::upwards;
use crate::state::State;
use serde::Serialize;
use std::collections::BTreeSet;

/// What the actor should consider about an accepted command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hint {
    /// The kind of hint, for programs.
    pub code: &'static str,
    /// What to consider, for people: one sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl State {
    /// Returns hints about a command that was accepted, or would be: `end.suggested` for each role that is assigned
    /// without an end although the policy suggests one.
    #[must_use]
    pub fn hints(&self, command: &Command) -> Vec<Hint> {
        let given: BTreeSet<(&str, &str)> = match command {
            Command::Assign(one) if one.until.is_none() => [(one.role.as_str(), one.at.as_str())].into(),
            Command::SetRoles { at, roles, .. } => {
                roles.iter().filter(|one| one.until.is_none()).map(|one| (one.role.as_str(), at.as_str())).collect()
            }
            _ => {
                let roles = command.new_subject().into_iter().flat_map(|new| &new.roles);
                roles.filter(|one| one.until.is_none()).map(|one| (one.role.as_str(), one.at.as_str())).collect()
            }
        };
        if given.is_empty() {
            return Vec::new();
        }
        let suggested = given.into_iter().filter(|(role, at)| self.suggests_end(role, at));
        suggested.map(|(role, at)| no_end(role, at)).collect()
    }

    /// Returns whether an assignment of a role at a scope should have an end.
    fn suggests_end(&self, role: &str, at: &str) -> bool {
        let (mut ahead, mut seen) = (vec![role.to_string()], BTreeSet::new());
        while let Some(role) = ahead.pop() {
            let custom = |at| self.get::<Role>(&ObjectKey::role(at, &role));
            match upwards(at).find_map(custom) {
                Some(custom) => ahead.extend(custom.inherits.into_iter().filter(|one| seen.insert(one.clone()))),
                None if self.policy_texts().role(&role).is_some_and(|texts| texts.suggest_end) => return true,
                None => {}
            }
        }
        false
    }
}

fn no_end(role: &str, at: &str) -> Hint {
    Hint {
        code: "end.suggested",
        message: format!("`{role}` at `{at}` has no end; the policy suggests one for this role"),
        help: "give it an `until`, the first time at which it no longer holds".to_string(),
    }
}
