//! The command that replaces the roles of a subject.

use clap::Args;
use rolecall_admin::{Command, RoleTerm};
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub(crate) struct SetRoles {
    /// A subject or a group.
    subject: String,
    /// The scope. Roles above and below it stay.
    at: String,
    /// A role, such as `editor`, `editor,here` or `editor,until=2027-01-01T00:00:00Z`; can be repeated. With `here` it
    /// does not hold below the scope.
    #[arg(long = "role", value_name = "ROLE[,here][,from=TIME][,until=TIME]", value_parser = term, required_unless_present = "none")]
    roles: Vec<RoleTerm>,
    /// Withdraw all roles.
    #[arg(long, conflicts_with = "roles")]
    none: bool,
}

impl SetRoles {
    pub(super) fn command(&self) -> Command {
        Command::SetRoles { subject: self.subject.clone(), at: self.at.clone(), roles: self.roles.clone() }
    }
}

fn term(text: &str) -> Result<RoleTerm, String> {
    let mut parts = text.split(',');
    let role = parts.next().unwrap_or_default().to_string();
    let mut term = RoleTerm { role, below: true, boundaries: BTreeMap::new(), from: None, until: None };
    for part in parts {
        if part == "here" && term.below {
            term.below = false;
            continue;
        }
        let (key, time) = part.split_once('=').unwrap_or((part, ""));
        let set = match key {
            "from" => &mut term.from,
            "until" => &mut term.until,
            _ => return Err(format!("`{part}` is none of `here`, `from=TIME` and `until=TIME`")),
        };
        if set.replace(time.to_string()).is_some() {
            return Err(format!("`{key}` is stated twice"));
        }
    }
    Ok(term)
}
