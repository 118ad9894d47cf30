//! The commands that an actor may give at a scope, and the documents that the actor may see.

use crate::report::print_line;
use rolecall_admin::{CommandRights, VisibleDocuments};

/// Prints each command with the permissions that it requires.
pub(super) fn rights(shown: &CommandRights) {
    for (name, right) in &shown.commands {
        let answer = if right.allowed { "allowed" } else { "denied" };
        let requires = if right.requires.is_empty() { "not mapped here".into() } else { right.requires.join(" or ") };
        print_line(format_args!("{answer:<8} {name:<22} {requires}"));
    }
}

/// Prints the documents as JSON, the only form that they have.
pub(super) fn documents(shown: &VisibleDocuments) {
    print_line(format_args!("{}", serde_json::json!(shown)));
}
