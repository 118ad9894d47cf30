//! Denies login methods that the settings of the subject's identity domain do not list. The identity domain is the
//! native scope of the subject. The nearest scope at or above it that sets `login` counts. Without a native scope or
//! such a setting, every method is allowed.
//!
//! External subjects may use `password` and `google` only, independent of settings. An active role with `backup_login`
//! allows `magic-link` in addition.
//!
//! - Reason code: `login-method`.
//! - Exempt: requests without a login method.
//! - Ignores settings on the path of the requested scope.

use super::kind::SessionGuard;
use crate::decide::reason::RawReason;
use crate::decide::resolved::Evaluation;
use crate::types::context::UNKNOWN_VALUE;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

/// The methods of external subjects, independent of settings.
const EXTERNAL: [&str; 2] = ["password", "google"];
/// The method that a role with `backup_login` adds.
const BACKUP: &str = "magic-link";

pub(super) const GUARD: SessionGuard = SessionGuard {
    name: "login",
    needs_connection: true,
    timeless: false,
    evaluate: |evaluation, reasons| {
        if evaluation.inputs.context.login.as_deref().is_some_and(|login| !is_allowed(evaluation, login)) {
            reasons.push(RawReason::LoginMethod);
        }
    },
};

/// Explains the result of the guard in one sentence.
pub(super) fn describe(evaluation: &Evaluation<'_>) -> String {
    let login = match evaluation.inputs.context.login.as_deref() {
        None => return "no login method is given".to_string(),
        Some(UNKNOWN_VALUE) => "the login method is not known".to_string(),
        Some(login) => format!("logged in by `{login}`"),
    };
    let allowed = if is_external(evaluation) {
        "an external user logs in by `password` or `google`".to_string()
    } else {
        match methods(evaluation) {
            None => "any login method is allowed".to_string(),
            Some(methods) => format!("allowed by the native scope: {}", quoted(methods)),
        }
    };
    let backup = if evaluation.backup_login { format!("; a role allows `{BACKUP}` as well") } else { String::new() };
    format!("{login}; {allowed}{backup}")
}

fn is_external(evaluation: &Evaluation<'_>) -> bool {
    evaluation.subject().is_some_and(|subject| subject.external)
}

/// Returns the methods of the subject's identity domain; `None` if all are allowed.
fn methods<'a>(evaluation: &Evaluation<'a>) -> Option<&'a [Box<str>]> {
    let directory = evaluation.inputs.directory;
    let native = evaluation.subject()?.native?;
    let scope = directory.governing(native)?.login?;
    directory.own_settings(scope)?.login.as_deref()
}

/// Returns a method that the subject may use, if the directory names any.
pub(crate) fn usable<'a>(evaluation: &Evaluation<'a>) -> Option<&'a str> {
    if is_external(evaluation) {
        return EXTERNAL.first().copied();
    }
    methods(evaluation)?.first().map(|method| &**method)
}

/// Returns whether a role with `backup_login` allows this method.
pub(crate) fn is_backup(login: &str) -> bool {
    login == BACKUP
}

fn is_allowed(evaluation: &Evaluation<'_>, login: &str) -> bool {
    let listed = if is_external(evaluation) {
        EXTERNAL.contains(&login)
    } else {
        methods(evaluation).is_none_or(|methods| methods.iter().any(|method| **method == *login))
    };
    listed || (is_backup(login) && evaluation.backup_login)
}

fn quoted(names: &[Box<str>]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<alloc::vec::Vec<_>>().join(", ")
}
