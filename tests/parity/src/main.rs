//! Makes worlds, and answers them with the native core or with the naive implementation.
#![allow(clippy::panic, clippy::indexing_slicing)]

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use rolecall_parity::naive::Naive;
use rolecall_parity::vectors::{Vector, issue_difference};
use rolecall_parity::worlds::World;
use rolecall_parity::{native, products, worlds};
use serde_json::Value;
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
    /// Writes the shared vectors as one JSON file, or those cases with a text in their names.
    Vectors { output: PathBuf, part: Option<String> },
    /// Writes the rows of the products as worlds.
    Rows { output: PathBuf },
    /// Holds the answers of faces to the rows against what is expected, and prints the table. Each is `NAME=FILE`.
    Judge { answers: Vec<String> },
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
        Command::Vectors { output, part } => {
            let mut vectors = rolecall_parity::vectors::load()?;
            if let Some(part) = part {
                vectors.retain_mut(|vector| vector.keep(&part));
            }
            Ok(std::fs::write(output, serde_json::to_string(&vectors)?)?)
        }
        Command::Rows { output } => {
            let mut out = create(&output)?;
            for row in products::load()? {
                writeln!(out, "{}", serde_json::to_string(&World::of_vector(&row))?)?;
            }
            Ok(())
        }
        Command::Judge { answers } => judge(&answers),
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
    let answered = |question| naive.answer(question).map_or(String::new(), |answer| answer.to_string());
    let asked = world.questions.iter().map(answered);
    [String::new()].into_iter().chain(asked).collect()
}

/// Prints row, cases and pass; ends with an error where a face fails one.
fn judge(answers: &[String]) -> Result<()> {
    let mut faces = Vec::new();
    for given in answers {
        let (name, path) = given.split_once('=').context("NAME=FILE")?;
        let text = std::fs::read_to_string(path).with_context(|| path.to_string())?;
        faces.push((name, text.lines().map(ToString::to_string).collect::<Vec<String>>().into_iter()));
    }
    let (mut rows, mut cases, mut failed) = (0, 0, 0);
    let mut file = String::new();
    for row in products::load()? {
        let (table, name) = row.name.split_once(": ").context("a name")?;
        if table != file {
            file = table.to_string();
            println!("\n{file}\n{:>5}  {:<9}  row", "cases", "pass");
        }
        let mut wrong: Vec<String> = Vec::new();
        let mut passed = 0;
        for (face, lines) in &mut faces {
            let told = wrong_of(&row, lines).with_context(|| format!("{face}, {name}"))?;
            passed += usize::from(told.is_empty());
            wrong.extend(told.into_iter().map(|told| format!("{face}: {told}")));
        }
        let count = row.cases.len().max(1);
        let pass = if wrong.is_empty() {
            format!("yes {passed}/{}", faces.len())
        } else {
            format!("NO {passed}/{}", faces.len())
        };
        println!("{count:>5}  {pass:<9}  {name}");
        for told in &wrong {
            println!("       {told}");
        }
        (rows, cases, failed) = (rows + 1, cases + count, failed + usize::from(!wrong.is_empty()));
    }
    let names: Vec<&str> = faces.iter().map(|(name, _)| *name).collect();
    println!("\n{rows} rows with {cases} cases on each of: {}; {failed} rows failed", names.join(", "));
    if failed > 0 || faces.is_empty() { anyhow::bail!("rows failed") } else { Ok(()) }
}

/// What is wrong with a face's answers to a row, which are taken from its lines.
fn wrong_of(row: &Vector, lines: &mut impl Iterator<Item = String>) -> Result<Vec<String>> {
    let first = lines.next().context("answers are missing")?;
    let documents: Value = serde_json::from_str(&first)?;
    let told = documents["issues"].as_array().context("issues")?;
    if let Some(issues) = &row.issues {
        return Ok(issue_difference(issues, &documents["issues"]).into_iter().collect());
    }
    if !told.is_empty() {
        return Ok(vec![first]);
    }
    let mut wrong = Vec::new();
    for case in &row.cases {
        let answer = lines.next().context("answers are missing")?;
        wrong.extend(case.difference(&answer).map(|told| format!("{}: {told}", case.name)));
    }
    Ok(wrong)
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
