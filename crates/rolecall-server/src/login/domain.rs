//! Identity domains: the scopes whose rules govern the sessions of their subjects.

use crate::revision::Revision;
use rolecall::SubjectId;

/// A scope that does not exist, used if the identity domain is unknown.
const UNKNOWN_SCOPE: &str = "nowhere";

/// Returns the scope whose rules govern a subject's sessions.
pub(crate) fn home(revision: &Revision, subject: &str, domain: Option<&str>) -> String {
    native(revision, subject).or(domain).unwrap_or(UNKNOWN_SCOPE).to_string()
}

/// Returns whether a subject belongs to an identity domain.
pub(crate) fn has_home(revision: &Revision, subject: &str) -> bool {
    native(revision, subject).is_some()
}

fn native<'w>(revision: &'w Revision, subject: &str) -> Option<&'w str> {
    revision.engine.directory().native_scope(SubjectId::parse(subject).ok()?)
}
