//! Roles of the policy that a scope edits: the commands, and their list.

use crate::report::{BAD, DIM, GOOD, HEAD, print_line};
use clap::Subcommand;
use rolecall_admin::{self as admin, Command, EditedRole};

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

#[derive(Debug, Subcommand)]
pub(crate) enum Overlay {
    /// Edit a role; options that are absent keep the values of the policy.
    Set {
        /// The role of the policy.
        role: String,
        /// The scope; the edits apply to assignments there and below.
        #[arg(long, value_name = "SCOPE")]
        at: String,
        /// The display name.
        #[arg(long)]
        title: Option<String>,
        /// The description.
        #[arg(long)]
        description: Option<String>,
        /// A pattern of permissions that the role itself grants; can be repeated.
        #[arg(long = "grant", value_name = "PATTERN")]
        grants: Vec<String>,
        /// The role itself grants nothing.
        #[arg(long, conflicts_with = "grants")]
        grants_nothing: bool,
        /// A pattern of permissions to remove from these; can be repeated.
        #[arg(long = "except", value_name = "PATTERN")]
        except: Vec<String>,
        /// Remove nothing from these.
        #[arg(long, conflicts_with = "except")]
        excepts_nothing: bool,
        /// A label that the role itself reads; can be repeated.
        #[arg(long = "reads", value_name = "LABEL")]
        reads: Vec<String>,
        /// The role itself reads no labels.
        #[arg(long, conflicts_with = "reads")]
        reads_nothing: bool,
    },
    /// Return a role to the policy.
    Reset {
        /// The role of the policy.
        role: String,
        /// The scope that edits it.
        #[arg(long, value_name = "SCOPE")]
        at: String,
    },
}

pub(super) fn command(overlay: &Overlay) -> Command {
    let list = |texts: &[String], is_empty: bool| (is_empty || !texts.is_empty()).then(|| texts.to_vec());
    match overlay {
        Overlay::Set {
            role,
            at,
            title,
            description,
            grants,
            grants_nothing,
            except,
            excepts_nothing,
            reads,
            reads_nothing,
        } => Command::SetOverlay {
            at: at.clone(),
            role: role.clone(),
            body: admin::Overlay {
                title: title.clone(),
                description: description.clone(),
                grants: list(grants, *grants_nothing),
                except: list(except, *excepts_nothing),
                reads: list(reads, *reads_nothing),
            },
        },
        Overlay::Reset { role, at } => Command::ResetOverlay { at: at.clone(), role: role.clone() },
    }
}

/// Prints edited roles, and how each differs from the policy.
pub(super) fn shown(roles: &Vec<EditedRole>) {
    for one in roles {
        let title = match (&one.overlay.title, &one.policy_title) {
            (Some(title), Some(before)) => format!("  {title} {DIM}(policy: {before}){DIM:#}"),
            (title, before) => title.as_ref().or(before.as_ref()).map_or(String::new(), |title| format!("  {title}")),
        };
        println!("{HEAD}{}{HEAD:#} at {}{title}", one.role, one.at);
        one.grants_added.iter().for_each(|name| println!("  {GOOD}+{GOOD:#} {name}"));
        one.grants_removed.iter().for_each(|name| println!("  {BAD}-{BAD:#} {name}"));
        one.reads_added.iter().for_each(|name| println!("  {GOOD}+{GOOD:#} reads {name}"));
        one.reads_removed.iter().for_each(|name| println!("  {BAD}-{BAD:#} reads {name}"));
    }
}
