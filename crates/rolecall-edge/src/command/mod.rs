//! The `rolecall-edge` command.

mod args;
mod component;
mod reload;
mod run;
mod serve;

pub(crate) use args::Cli;
pub(crate) use run::run;
