//! Makes worlds, and answers them with the native core or with the naive implementation.
#![allow(clippy::panic, clippy::indexing_slicing)]

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use rolecall_parity::naive::Naive;
use rolecall_parity::vectors::{Vector, issue_difference};
use rolecall_parity::worlds::World;
use rolecall_parity::{native, products, rules, worlds};
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
    /// Makes random worlds, one JSON object on each line.
    Worlds { output: PathBuf, count: u64, seed: u64 },
    /// Writes the shared vectors as one JSON file: all, or those cases whose names contain a text.
    Vectors { output: PathBuf, part: Option<String> },
    /// Writes the rows of the products as worlds.
    Rows { output: PathBuf },
    /// Compares the answers of bindings with the expected ones of the rows, and prints a table. Each argument is
    /// `NAME=FILE`.
    Judge { answers: Vec<String> },
    /// Prints the rules of the products' texts, what shows each, and the totals.
    Rules,
    /// Answers with the native core.
    Native { worlds: PathBuf, output: PathBuf },
    /// Answers with the naive implementation. Lines are empty if the documents have issues.
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
                vectors.retain_mut(|vector| vector.retain_matching(&part));
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
        Command::Rules => rules::print(),
        Command::Native { worlds, output } => each(&worlds, &output, |world| native::answer(&world)),
        Command::Naive { worlds, output } => each(&worlds, &output, |world| naive(&world)),
    }
}

fn naive(world: &World) -> Vec<String> {
    // Only the core reports the issues of documents.
    if rolecall::Engine::from_json(&world.policy, &world.directory).is_err() {
        return vec![String::new()];
    }
    let naive = Naive::new(&world.policy, &world.directory);
    let answered = |question| naive.answer(question).map_or(String::new(), |answer| answer.to_string());
    let answers = world.questions.iter().map(answered);
    [String::new()].into_iter().chain(answers).collect()
}

/// Prints row, cases and result. Fails if a binding fails a row.
fn judge(answers: &[String]) -> Result<()> {
    let mut bindings = Vec::new();
    for given in answers {
        let (name, path) = given.split_once('=').context("NAME=FILE")?;
        let text = std::fs::read_to_string(path).with_context(|| path.to_string())?;
        bindings.push((name, text.lines().map(ToString::to_string).collect::<Vec<String>>().into_iter()));
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
        for (binding, lines) in &mut bindings {
            let failures = wrong_of(&row, lines).with_context(|| format!("{binding}, {name}"))?;
            passed += usize::from(failures.is_empty());
            wrong.extend(failures.into_iter().map(|failure| format!("{binding}: {failure}")));
        }
        let count = row.cases.len().max(1);
        let pass = if wrong.is_empty() {
            format!("yes {passed}/{}", bindings.len())
        } else {
            format!("NO {passed}/{}", bindings.len())
        };
        println!("{count:>5}  {pass:<9}  {name}");
        for failure in &wrong {
            println!("       {failure}");
        }
        (rows, cases, failed) = (rows + 1, cases + count, failed + usize::from(!wrong.is_empty()));
    }
    let names: Vec<&str> = bindings.iter().map(|(name, _)| *name).collect();
    println!("\n{rows} rows with {cases} cases on each of: {}; {failed} rows failed", names.join(", "));
    if failed > 0 || bindings.is_empty() { anyhow::bail!("rows failed") } else { Ok(()) }
}

/// Returns the failures of a binding's answers to a row. Takes the answers from its lines.
fn wrong_of(row: &Vector, lines: &mut impl Iterator<Item = String>) -> Result<Vec<String>> {
    let first = lines.next().context("answers are missing")?;
    let documents: Value = serde_json::from_str(&first)?;
    let issues = documents["issues"].as_array().context("issues")?;
    if let Some(issues) = &row.issues {
        return Ok(issue_difference(issues, &documents["issues"]).into_iter().collect());
    }
    if !issues.is_empty() {
        return Ok(vec![first]);
    }
    let mut wrong = Vec::new();
    for case in &row.cases {
        let answer = lines.next().context("answers are missing")?;
        wrong.extend(case.difference(&answer).map(|failure| format!("{}: {failure}", case.name)));
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
