//! The commands and views that an actor may use at a scope, so that a page shows what the actor can do.

use crate::command::Context;
use crate::refusal::Refusal;
use crate::state::State;
use crate::transaction::Transaction;
use rolecall::{ADMINISTRATION, ScopePath};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The commands and views of a policy, as an actor may use them at a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CommandRights {
    /// The scope.
    pub at: String,
    /// Every name that `administration` of the policy maps, for any kind of scope.
    pub commands: BTreeMap<&'static str, CommandRight>,
}

/// Whether an actor may give a command at a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CommandRight {
    /// Whether the actor has one of the permissions. A command can still be refused for what it says.
    pub allowed: bool,
    /// The permissions that the policy maps the name to at this scope. One of them is enough. Empty if the policy maps
    /// the name for other kinds of scopes only.
    pub requires: Vec<String>,
}

impl State {
    /// Returns the commands and views that an actor may use at a scope: every name that the policy maps, with the
    /// permissions that it requires there.
    ///
    /// # Errors
    /// [`Refusal`] for a scope that the actor does not see, as for one that does not exist.
    pub fn view_commands(&self, at: &str, context: &Context) -> Result<CommandRights, Refusal> {
        let transaction = Transaction::new(self, context)?;
        let path = ScopePath::parse(at)?;
        let policy = transaction.engine.policy();
        let session = transaction.session_in(transaction.engine, at)?;
        let document: Value = serde_json::from_str(self.policy()).unwrap_or_default();
        let is_mapped = |name: &&&str| document.get("administration").and_then(|all| all.get(**name)).is_some();
        let commands = ADMINISTRATION.iter().filter(is_mapped).map(|name| {
            let any = policy.administration(name, path);
            let allowed = any.iter().any(|permission| session.can(*permission));
            let requires = any.iter().map(|permission| policy.permission_name(*permission).to_string()).collect();
            (*name, CommandRight { allowed, requires })
        });
        let commands: BTreeMap<_, _> = commands.collect();
        if !commands.values().any(|right| right.allowed) {
            transaction.require_visible(at)?;
        }
        Ok(CommandRights { at: at.to_string(), commands })
    }
}
