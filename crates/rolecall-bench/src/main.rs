//! Rolecall beside its peers and what would be written by hand, on the same work in one run. A figure counts only when all
//! answers agree.

mod decisions;
mod floor;
mod growth;
mod host;
mod measure;
mod peers;
mod report;
mod workload;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use workload::{Size, Workload};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the work for programs in other languages, size M.
    Workload { output: PathBuf },
    /// Decisions, sessions and menus in Rust.
    Rust {
        #[arg(long)]
        quick: bool,
        /// Without the peers.
        #[arg(long)]
        alone: bool,
    },
    /// Decisions, memory and single changes as assignments grow.
    Growth {
        #[arg(long)]
        quick: bool,
    },
    /// The component in wasmtime.
    Wasmtime {
        component: PathBuf,
        #[arg(long)]
        quick: bool,
    },
    /// Prints the table of figures, one JSON object on each line, and writes it with sizes and reasons to a file.
    Report {
        figures: PathBuf,
        /// Files whose sizes are told, as `NAME=SCRIPT,MODULE`.
        #[arg(long)]
        size: Vec<String>,
        /// Where it goes; without it nothing is written.
        #[arg(long)]
        output: Option<PathBuf>,
    },
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Workload { output } => {
            let work = Workload::make(Size::M).export(Size::M);
            Ok(std::fs::write(output, work.to_string())?)
        }
        Command::Rust { quick, alone } => {
            for size in [Size::S, Size::M, Size::L] {
                eprintln!("    size {}: {} users", size.name(), size.users());
                decisions::run(&Workload::make(size), size, quick, !alone)?;
            }
            Ok(())
        }
        Command::Growth { quick } => growth::run(quick),
        Command::Wasmtime { component, quick } => host::run(&component, quick),
        Command::Report { figures, size, output } => report::run(&figures, &size, output.as_deref()),
    }
}
