//! Notes about names that a directory does not list.

use crate::report;
use rolecall::Engine;

/// Notes on standard error the names in a question that are not listed. Without the note, the denial would look like
/// missing permissions.
pub(crate) fn note(engine: &Engine, subject: Option<&str>, at: Option<&str>, roles: &[String]) {
    let directory = engine.directory();
    let subject = subject.and_then(|subject| directory.unlisted_subject(subject));
    let scope = at.and_then(|at| directory.unlisted_scope(at));
    let roles = roles.iter().filter_map(|role| directory.unlisted_role(role));
    subject.into_iter().chain(scope).chain(roles).for_each(|note| report::note(&note));
}
