//! The table of an import.

use clap::Args;
use std::path::PathBuf;

/// A table of people.
#[derive(Debug, Args)]
pub(crate) struct Table {
    /// The table: comma-separated values with the columns `email`, `name`, `id`, `roles`, `scope` and `until`; `-` is
    /// standard input.
    pub(crate) file: PathBuf,
    /// The scope of roles that name none, and of names and e-mail addresses.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    /// Add new people as active users instead of inviting them.
    #[arg(long)]
    pub(crate) active: bool,
    /// Execute the rows that are possible, even if others are refused.
    #[arg(long)]
    pub(crate) good_rows: bool,
}
