//! The documents and the scope of a matrix.

use crate::matrix_output::MatrixFormat;
use clap::Args;
use std::path::PathBuf;

/// The documents and the scope of a matrix.
#[derive(Debug, Args)]
pub(crate) struct RoleMatrix {
    /// The policy: a YAML or JSON file, or `preset:NAME`.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// The directory: a YAML or JSON file, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) directory: PathBuf,
    /// The scope: its custom roles are shown, and roles as overlays there have them.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) at: String,
    /// Show only roles whose id or title contains this text, in any case of letters.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// The form of the output.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) format: MatrixFormat,
}
