//! The page of the documentation with the planned answer of every entry in every row. `cargo xtask matrix` tries them all,
//! and fails where an answer is another one.

use super::project::{Probe, probes};
use super::python::{NEWEST, VERSIONS};
use super::rows::{self, Plan, Row};
use crate::shell::at;
use anyhow::Result;
use std::fmt::Write;

const HEAD: &str = "# Runtimes and tools, entry by entry

`cargo xtask matrix` packs the packages, installs them in an empty folder, and tries every entry in every row of these tables. It fails where an answer is not
the one below. The guide [Browsers, Node and Python](/guides/runtimes) says what to do in each place.
";

/// Returns the page.
pub(crate) fn page() -> Result<String> {
    let plan = rows::read()?;
    let mut notes = Vec::new();
    let mut page = format!("{HEAD}\n## Entries of `rolecall` and `@rolecall/node` {{#entries}}\n\n");
    table(&mut page, &plan, &plan.rows, &named("probes")?, &mut notes)?;
    page += "\n## Packages for frameworks {#frameworks}\n\n";
    table(&mut page, &plan, &plan.frameworks, &named("frameworks")?, &mut notes)?;
    page += "\n## Python {#python}\n\n";
    pythons(&mut page)?;
    page += "\n## Reasons {#reasons}\n\n";
    for (number, note) in notes.iter().enumerate() {
        writeln!(page, "{}. {note}", number + 1)?;
    }
    Ok(page)
}

fn named(folder: &str) -> Result<Vec<Probe>> {
    Ok(probes(folder)?.into_iter().map(|(probe, _)| probe).collect())
}

fn table(page: &mut String, plan: &Plan, rows: &[Row], probes: &[Probe], notes: &mut Vec<String>) -> Result<()> {
    let heads: Vec<String> = probes.iter().map(|probe| format!("`{}`", probe.entry)).collect();
    head(page, "Runtime or tool", &heads)?;
    for row in rows {
        let mut cells = Vec::new();
        for probe in probes {
            let reason = plan.reason(row, &probe.entry)?;
            cells
                .push(reason.map_or_else(|| "yes".to_string(), |reason| format!("no ({})", note(notes, &reason.text))));
        }
        writeln!(page, "| {} | {} |", row.runtime, cells.join(" | "))?;
    }
    Ok(())
}

/// Writes the versions of Python, by what the probe tries.
fn pythons(page: &mut String) -> Result<()> {
    let probe = std::fs::read_to_string(at("tests/matrix/python/probe.py"))?;
    let attempts = probe.lines().filter_map(|line| line.trim().strip_prefix("attempt(\"")?.split('"').next());
    let attempts: Vec<String> = attempts.map(str::to_string).collect();
    head(page, "CPython", &attempts)?;
    for version in VERSIONS.iter().filter(|version| **version != NEWEST) {
        writeln!(page, "| {version} |{}", " yes |".repeat(attempts.len()))?;
    }
    Ok(writeln!(page, "\nCPython {NEWEST} is tried where the machine has it.")?)
}

fn head(page: &mut String, first: &str, others: &[String]) -> Result<()> {
    writeln!(page, "| {first} | {} |", others.join(" | "))?;
    Ok(writeln!(page, "|{}", "---|".repeat(others.len() + 1))?)
}

/// Returns the number of a reason, from 1.
fn note(notes: &mut Vec<String>, text: &str) -> usize {
    let place = notes.iter().position(|known| known == text).unwrap_or_else(|| {
        notes.push(text.to_string());
        notes.len() - 1
    });
    place + 1
}
