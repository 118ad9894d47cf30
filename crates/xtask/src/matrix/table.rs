//! The table of answers.

use super::answer;
use super::project::{Probe, Project};
use super::rows::{Plan, Row};
use anyhow::Result;
use std::fmt;

enum Cell {
    Yes,
    /// No, by design.
    No(String),
    /// Not as planned.
    Bad(String),
}

/// The answers, row by row.
#[derive(Default)]
pub(super) struct Table {
    entries: Vec<String>,
    rows: Vec<(String, Vec<Cell>)>,
}

impl Table {
    /// Tries all entries in a row, and adds the answers.
    pub(super) fn add(&mut self, row: &Row, project: &Project, probes: &[Probe], plan: &Plan) -> Result<()> {
        let mut cells = Vec::new();
        let unprepared = answer::before(row, project)?;
        for probe in probes {
            let why_not = match &unprepared {
                Some(why) => Some(why.clone()),
                None => answer::of(row, probe, project)?,
            };
            let cell = match (why_not, plan.reason(row, &probe.entry)?) {
                (None, None) => Cell::Yes,
                (Some(why), Some(reason)) if why.contains(&reason.answer) => Cell::No(reason.text.clone()),
                (Some(why), Some(_)) => Cell::Bad(why),
                (None, Some(reason)) => Cell::Bad(format!("works, but is documented as no: {}", reason.text)),
                (Some(why), None) => Cell::Bad(why),
            };
            if let Cell::Bad(why) = &cell {
                eprintln!("    {}: {why}", probe.entry);
            }
            cells.push(cell);
        }
        self.entries = probes.iter().map(|probe| probe.entry.clone()).collect();
        self.rows.push((row.runtime.clone(), cells));
        Ok(())
    }

    /// Adds a row of answers, each with why it is not yes.
    pub(super) fn push(&mut self, name: &str, answers: Vec<(String, Option<String>)>) {
        self.entries = answers.iter().map(|(entry, _)| entry.clone()).collect();
        let cells = answers.into_iter().map(|(_, why_not)| why_not.map_or(Cell::Yes, Cell::Bad));
        self.rows.push((name.to_string(), cells.collect()));
    }

    /// Returns the numbers of answers that are as planned, and that are not.
    pub(super) fn counts(&self) -> (u64, u64) {
        let cells = || self.rows.iter().flat_map(|(_, cells)| cells);
        let bad = cells().filter(|cell| matches!(cell, Cell::Bad(_))).count() as u64;
        (cells().count() as u64 - bad, bad)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short: Vec<&str> =
            self.entries.iter().map(|entry| entry.strip_prefix("rolecall").unwrap_or(entry)).collect();
        let widths: Vec<usize> = short.iter().map(|entry| entry.len().max(3)).collect();
        let first = self.rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let mut reasons: Vec<(&str, bool)> = Vec::new();
        write!(out, "\n{:first$}", "runtime")?;
        for (entry, width) in short.iter().zip(&widths) {
            write!(out, "  {:width$}", if entry.is_empty() { "." } else { entry })?;
        }
        for (name, cells) in &self.rows {
            write!(out, "\n{name:first$}")?;
            for (cell, width) in cells.iter().zip(&widths) {
                let mark = match cell {
                    Cell::Yes => "yes".to_string(),
                    Cell::No(why) => format!("no{}", note(&mut reasons, why, false)),
                    Cell::Bad(why) => format!("BAD{}", note(&mut reasons, why, true)),
                };
                write!(out, "  {mark:width$}")?;
            }
        }
        writeln!(out)?;
        for (number, (reason, is_bad)) in reasons.iter().enumerate() {
            writeln!(out, "{:>3} {}{reason}", number + 1, if *is_bad { "BAD: " } else { "" })?;
        }
        Ok(())
    }
}

/// Returns the number of a reason, which is listed once below the table.
fn note<'c>(reasons: &mut Vec<(&'c str, bool)>, why: &'c str, is_bad: bool) -> usize {
    let place = reasons.iter().position(|(known, _)| *known == why).unwrap_or_else(|| {
        reasons.push((why, is_bad));
        reasons.len() - 1
    });
    place + 1
}
