//! Recognizes a document that was passed in place of another.

use super::{DocumentKind, Value};
use alloc::format;
use alloc::string::{String, ToString};

/// Describes the kind of a document by its keys, such as "a policy", "a directory" or "a request".
#[must_use]
pub fn what_it_is(document: &Value<'_>) -> Option<&'static str> {
    let Value::Map(entries) = document else { return None };
    let has = |key: &&str| entries.iter().any(|(known, _)| known == key);
    let any = |keys: &[&str]| keys.iter().any(has);
    let all = |keys: &[&str]| keys.iter().all(has);
    Some(if all(&["subject", "permission"]) || all(&["subject", "context"]) {
        "a request"
    } else if any(&["resources", "guards", "menus", "invariants", "administration"]) {
        POLICY
    } else if has(&"types") && !has(&"scopes") {
        "a mapping of AuthZEN requests"
    } else if all(&["policy", "directory"]) || any(&["listen", "tokens", "store"]) {
        "the configuration of a server"
    } else if has(&"routes") {
        "the route table of a gate"
    } else if all(&["record", "withheld"]) {
        "a redacted record"
    } else if has(&"assignments") || has(&"scopes") && any(&["subjects", "groups", "settings"]) {
        DIRECTORY
    } else {
        return None;
    })
}

const POLICY: &str = "a policy";
const DIRECTORY: &str = "a directory";

/// Returns a message and a help text if the document is of another kind than the required one.
pub(crate) fn mistaken(kind: DocumentKind, document: &Value<'_>) -> Option<(String, String)> {
    let wanted = if kind == DocumentKind::Policy { POLICY } else { DIRECTORY };
    let found = what_it_is(document).filter(|found| *found != wanted)?;
    // A directory with a stray key of a policy is still a directory.
    let own: &[&str] = if kind == DocumentKind::Policy { &["resources"] } else { &["subjects", "assignments"] };
    if let Value::Map(entries) = document
        && found != "a mapping of AuthZEN requests"
        && entries.iter().any(|(key, _)| own.contains(&&**key))
    {
        return None;
    }
    let help = match (kind, found) {
        (DocumentKind::Policy, DIRECTORY) | (DocumentKind::Directory, POLICY) => {
            "policy and directory are swapped, or one is given twice".to_string()
        }
        _ => format!("give {wanted} here"),
    };
    Some((format!("this is {found}, not {wanted}"), help))
}
