//! Paths of scopes.

/// Returns whether `scope` is `above` or below it.
#[must_use]
pub fn is_below(scope: &str, above: &str) -> bool {
    scope == above || scope.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns a scope and the scopes above it, innermost first.
pub(crate) fn upwards(at: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(at), |at| at.rsplit_once('/').map(|(above, _)| above))
}
