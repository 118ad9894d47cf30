//! The documents that a command reads.

use clap::Args;
use std::path::PathBuf;

/// A policy and a directory, or a file in place of both.
#[derive(Debug, Args)]
pub(crate) struct Documents {
    /// The policy: a YAML or JSON file, `-` for standard input, or `preset:NAME`.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["snapshot", "store_file"])]
    pub(crate) policy: Option<PathBuf>,
    /// The directory: a YAML or JSON file, or `-` for standard input.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["snapshot", "store_file"])]
    pub(crate) directory: Option<PathBuf>,
    /// A snapshot in place of both documents; `rolecall snapshot write` creates one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "directory"])]
    pub(crate) snapshot: Option<PathBuf>,
    /// A store in place of both documents: the file of `rolecall admin`.
    #[arg(id = "store_file", long = "store", value_name = "FILE", conflicts_with_all = ["policy", "directory", "snapshot"])]
    pub(crate) store: Option<PathBuf>,
    /// Use the state of the store at this time, in RFC 3339.
    #[arg(long, value_name = "TIME", requires = "store_file")]
    pub(crate) as_of: Option<String>,
}
