//! Makes worlds, and answers them with the native core or with the naive implementation.
#![allow(clippy::panic)]

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use rolecall_parity::naive::Naive;
use rolecall_parity::worlds::World;
use rolecall_parity::{native, worlds};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes worlds, one JSON object on each line.
    Worlds { output: PathBuf, count: u64, seed: u64 },
    /// Writes the shared vectors as one JSON file.
    Vectors { output: PathBuf },
    /// Answers with the native core.
    Native { worlds: PathBuf, output: PathBuf },
    /// Answers with the naive implementation; an empty line where the documents are not good.
    Naive { worlds: PathBuf, output: PathBuf },
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Worlds { output, count, seed } => {
            let mut out = create(&output)?;
            for number in 0..count {
                writeln!(out, "{}", serde_json::to_string(&worlds::make(seed + number))?)?;
            }
            Ok(())
        }
        Command::Vectors { output } => Ok(std::fs::write(output, rolecall_parity::vectors::load()?.to_string())?),
        Command::Native { worlds, output } => each(&worlds, &output, |world| native::answer(&world)),
        Command::Naive { worlds, output } => each(&worlds, &output, |world| naive(&world)),
    }
}

fn naive(world: &World) -> Vec<String> {
    // Only the core tells what is wrong with documents.
    if rolecall::Engine::from_json(&world.policy, &world.directory).is_err() {
        return vec![String::new()];
    }
    let naive = Naive::new(&world.policy, &world.directory);
    let asked = world.asks.iter().map(|ask| {
        let words: Vec<Option<&str>> = ask.iter().map(Option::as_deref).collect();
        naive.answer(&words).map_or(String::new(), |answer| answer.to_string())
    });
    [String::new()].into_iter().chain(asked).collect()
}

fn create(path: &Path) -> Result<BufWriter<File>> {
    Ok(BufWriter::new(File::create(path).with_context(|| path.display().to_string())?))
}

fn each(worlds: &Path, output: &Path, answer: impl Fn(World) -> Vec<String>) -> Result<()> {
    let mut out = create(output)?;
    for line in BufReader::new(File::open(worlds).with_context(|| worlds.display().to_string())?).lines() {
        for answer in answer(serde_json::from_str(&line?)?) {
            writeln!(out, "{answer}")?;
        }
    }
    Ok(())
}
