//! Questions about assignments.

use super::Documents;
use clap::Args;
use std::num::NonZeroUsize;

#[derive(Debug, Args)]
pub(crate) struct WhoHolds {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The role, such as `editor`.
    #[arg(long)]
    pub(crate) role: String,
    /// Only assignments that cover this scope.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct WhichGroupsCan {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The permission, such as `segments:edit`.
    #[arg(long)]
    pub(crate) permission: String,
    /// The path of the scope, such as `main/acme`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    #[command(flatten)]
    pub(crate) part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct AssignmentsOf {
    #[command(flatten)]
    pub(crate) documents: Documents,
    /// The subject, such as `user:ada`.
    #[arg(long)]
    pub(crate) subject: String,
    /// Only assignments that cover this scope.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: Option<String>,
    /// The time of the question, in RFC 3339; defaults to the clock of this machine.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The wanted part of a long answer.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// The time of the question, in RFC 3339; defaults to the clock of this machine.
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Show at most this many.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroUsize>,
    /// Show those after this id: the last one of the page before.
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<String>,
    /// Print canonical JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
