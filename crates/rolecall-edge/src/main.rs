//! The `rolecall-edge` command.

mod command;

use clap::Parser;
use command::Cli;

fn main() -> anyhow::Result<()> {
    command::run(Cli::parse().command)
}
