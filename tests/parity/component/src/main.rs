//! Answers a file of worlds through the precompiled component.

use anyhow::{Context, Result};
use clap::Parser;
use rolecall_edge::{Host, Limits};
use rolecall_parity_component::answer;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::time::Duration;

/// Answers a file of worlds through the component.
#[derive(Debug, Parser)]
struct Cli {
    /// The output of `rolecall-edge precompile`.
    component: PathBuf,
    /// The worlds, one JSON object on each line.
    worlds: PathBuf,
    /// The file that receives the answers.
    output: PathBuf,
}

fn main() -> Result<()> {
    let Cli { component, worlds, output } = Cli::parse();
    // Allow plenty of time, so a busy machine does not fail the comparison.
    let limits = Limits { call: Duration::from_secs(10), ..Limits::default() };
    // SAFETY: `cargo xtask` built the file with `rolecall-edge precompile`.
    #[expect(unsafe_code, reason = "see above")]
    let host =
        unsafe { Host::from_precompiled(&component, limits) }.with_context(|| component.display().to_string())?;
    let worlds = BufReader::new(File::open(&worlds).with_context(|| worlds.display().to_string())?);
    let mut out = BufWriter::new(File::create(&output).with_context(|| output.display().to_string())?);
    answer(&host, worlds, &mut out)
}
