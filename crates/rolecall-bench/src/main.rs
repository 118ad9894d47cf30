//! Compares Rolecall with its peers and with hand-written code, on the same data in one run. A figure counts only if all
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
    /// Writes the data of size M for programs in other languages.
    Workload { output: PathBuf },
    /// Measures decisions, sessions and menus in Rust.
    Rust {
        #[arg(long)]
        quick: bool,
        /// Omits the peers.
        #[arg(long)]
        alone: bool,
    },
    /// Measures decisions, memory and single changes for growing numbers of assignments.
    Growth {
        #[arg(long)]
        quick: bool,
    },
    /// Measures the component in wasmtime.
    Wasmtime {
        component: PathBuf,
        #[arg(long)]
        quick: bool,
    },
    /// Prints the figures as tables, and writes them with sizes to a file.
    Report {
        figures: PathBuf,
        /// Sizes of entries, as `NAME=BYTES,BROTLI`.
        #[arg(long)]
        size: Vec<String>,
        /// The file to write, if any.
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
