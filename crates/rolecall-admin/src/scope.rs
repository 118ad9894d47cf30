//! Scopes: their paths, and what is stored of each.

use serde::{Deserialize, Serialize};

/// A scope, as the state stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scope {
    /// The type of instance that an outermost scope states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instance_type: Option<String>,
}

/// Returns whether `scope` is `above` or below it.
#[must_use]
pub fn is_below(scope: &str, above: &str) -> bool {
    scope == above || scope.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns a scope and the scopes above it, innermost first.
pub(crate) fn upwards(at: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above))
}
