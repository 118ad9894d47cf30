//! The scopes that a subject can open in a page of administration.

use crate::command::Context;
use crate::everyone::EVERYONE;
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::{SUPPORT, Transaction};
use rolecall::{HeldRole, SubjectId};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The most scopes of an answer.
const MAX_SCOPES: usize = 1_000;

/// The scopes at which a subject holds roles, with those below them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenScopes {
    /// The title of the policy, or its id.
    pub product: String,
    /// The scopes, parents first: at most 1,000.
    pub scopes: Vec<OpenScope>,
    /// Whether there are more scopes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// A scope that a subject can open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenScope {
    /// The path.
    pub id: String,
    /// The last name of the path.
    pub title: String,
    /// The kind of scope, as the policy names it.
    pub kind: String,
}

impl State {
    /// Returns the scopes at which the actor holds roles now, with those below them. Roles of everyone count in the tenant
    /// of the actor, `home`, only. Support staff hold a role of the tenant at which they logged in, `home`, without an
    /// assignment.
    ///
    /// # Errors
    /// [`Refusal`] for an actor or a time that cannot be read.
    pub fn view_scopes(&self, home: Option<&str>, context: &Context) -> Result<OpenScopes, Refusal> {
        let transaction = Transaction::new(self, context)?;
        let (engine, now) = (transaction.engine, transaction.now);
        let held = engine.assignments_of(SubjectId::parse(&context.actor)?, None, now).assignments;
        // A tenant that gives a role to everyone must not become known to the users of other tenants.
        let is_own = |role: &HeldRole| {
            role.through.as_deref() != Some(EVERYONE) || home.is_some_and(|home| is_below(&role.at, home))
        };
        let begun = held.into_iter().filter(|role| role.from.is_none_or(|from| from <= now)).filter(is_own);
        let mut roots: BTreeSet<(String, bool)> = begun.map(|role| (role.at, role.below)).collect();
        let home = home.filter(|_| context.actor.starts_with(SUPPORT));
        roots.extend(home.map(|home| (home.to_string(), true)));
        let document: Value = serde_json::from_str(self.policy()).unwrap_or_default();
        let opens = |scope: &str| roots.iter().any(|(at, below)| scope == at || (*below && is_below(scope, at)));
        let mut found = engine.directory().scopes().filter(|scope| opens(scope));
        let mut scopes: Vec<_> = found.by_ref().take(MAX_SCOPES).map(|scope| described(scope, &document)).collect();
        scopes.sort_by(|one, other| one.id.split('/').cmp(other.id.split('/')));
        let named = |key| document.get(key).and_then(Value::as_str);
        let product = named("title").or_else(|| named("id")).unwrap_or_default().to_string();
        Ok(OpenScopes { product, scopes, more: found.next().is_some() })
    }
}

fn described(scope: &str, policy: &Value) -> OpenScope {
    let depth = scope.matches('/').count();
    let kind = policy.get("scopes").and_then(|kinds| kinds.get(depth)).and_then(Value::as_str).unwrap_or_default();
    let title = scope.rsplit('/').next().unwrap_or(scope);
    OpenScope { id: scope.to_string(), title: title.to_string(), kind: kind.to_string() }
}
