//! What an actor may know of tenants; `sealed` applies it to answers. A tenant is a scope of the outermost kind at which
//! the policy maps `set-login`, with all scopes below; without such a kind, an outermost scope.
//!
//! An actor knows the tenants at which they hold roles, and a subject of other tenants only by its ties to these. Such a
//! guest shows nothing of its home: its identity domain is `Other`.

use crate::scope::{is_below, upwards};
use rolecall::{Policy, ScopePath};
use std::collections::BTreeSet;

/// Returns the tenant of a scope.
pub(crate) fn tenant_of<'a>(policy: &Policy, at: &'a str) -> &'a str {
    let path: Vec<&str> = upwards(at).collect();
    let carries_login =
        |scope: &&&str| ScopePath::parse(scope).is_ok_and(|at| !policy.administration("set-login", at).is_empty());
    path.iter().rev().find(carries_login).or(path.last()).copied().unwrap_or(at)
}

/// The tenants of an actor, before the command.
#[derive(Debug)]
pub(crate) struct Viewer {
    tenants: BTreeSet<String>,
}

impl Viewer {
    /// Returns the viewer of the tenants of some scopes.
    pub(crate) fn of<'s>(policy: &Policy, scopes: impl Iterator<Item = &'s str>) -> Self {
        Self { tenants: scopes.map(|at| tenant_of(policy, at).to_string()).collect() }
    }

    /// Returns whether a scope is in a tenant of the actor.
    pub(crate) fn knows(&self, at: &str) -> bool {
        self.tenants.iter().any(|tenant| is_below(at, tenant))
    }

    /// Returns whether a scope is in a tenant of the actor, or above one.
    pub(crate) fn may_name(&self, at: &str) -> bool {
        self.knows(at) || self.tenants.iter().any(|tenant| is_below(tenant, at))
    }
}
