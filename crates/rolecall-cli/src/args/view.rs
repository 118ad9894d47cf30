//! The arguments of `rolecall view`.

use super::Who;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct View {
    #[command(flatten)]
    pub(crate) who: Who,
    /// A menu to include; can be repeated.
    #[arg(long = "menu", value_name = "NAME")]
    pub(crate) menus: Vec<String>,
    /// A permission to include, in place of all; can be repeated.
    #[arg(long = "permission", value_name = "PERMISSION")]
    pub(crate) permissions: Vec<String>,
    /// Include what follows up to this time, in RFC 3339; without it, the view ends at the next change.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}
