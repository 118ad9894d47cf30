//! Runs one command.

use super::args::Command;
use super::component::named;
use super::serve::serve;
use anyhow::{Context, Result};
use rolecall_edge::precompile;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(args) => serve(*args),
        Command::Precompile { component, output } => {
            let machine_code = precompile(&std::fs::read(&component).with_context(|| named(&component))?)?;
            std::fs::write(&output, machine_code).with_context(|| named(&output))
        }
    }
}
