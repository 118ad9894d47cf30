//! Tries every entry of the packed packages in many runtimes and tools, and prints a table: yes, or why not.

mod answer;
mod documented;
mod project;
mod python;
mod rows;
mod table;

pub(crate) use documented::page;

use crate::shell::{at, step};
use crate::{build, setup};
use anyhow::{Result, bail};
use project::{Probe, Project};
use rows::Row;
use std::path::Path;
use table::Table;

/// Builds and packs the packages, and tries them in all rows, or in those whose names contain a text. Builds
/// the packages first, unless they are built.
pub(crate) fn run(only: &str, is_built: bool, quick: bool) -> Result<bool> {
    if !is_built {
        build::run(&["browser", "node", "servers", "frontends", "python"].map(String::from))?;
    }
    let pythons = if !quick && "CPython".contains(only) { python::run()? } else { Table::default() };
    println!("{pythons}");
    if only == "CPython" {
        return Ok(pythons.counts().1 == 0);
    }
    let folder = at("target/matrix");
    step("install the packages and the tools in target/matrix", || project::install(&folder))?;
    let plan = rows::read()?;
    let wanted = |row: &&Row| row.runtime.contains(only) && (row.quick || !quick);
    let rows: Vec<&Row> = plan.rows.iter().filter(wanted).collect();
    let frameworks: Vec<&Row> = plan.frameworks.iter().filter(wanted).collect();
    if rows.is_empty() && frameworks.is_empty() {
        bail!("no row contains `{only}`");
    }
    let project = Project::prepare(&folder, &folder)?;
    let (table, good) = tried(&plan, &rows, &project, &project.probes)?;
    let (of_frameworks, also_good) = tried(&plan, &frameworks, &project, &project.frameworks)?;
    println!("{table}{of_frameworks}");
    Ok(good & also_good & (pythons.counts().1 == 0) & plan.is_documented()?)
}

/// Tries the rows that every test run includes, with the packages of an installed project. Returns the numbers of good
/// and bad answers.
pub(crate) fn selection(clean: &Path) -> Result<(u64, u64)> {
    let plan = rows::read()?;
    let rows: Vec<&Row> = plan.rows.iter().filter(|row| row.quick).collect();
    let project = Project::prepare(&clean.join("matrix"), clean)?;
    let (table, _) = tried(&plan, &rows, &project, &project.probes)?;
    eprintln!("{table}");
    let (passed, failed) = table.counts();
    Ok((passed, failed + u64::from(!plan.is_documented()?)))
}

/// Tries entries in rows.
fn tried(plan: &rows::Plan, rows: &[&Row], project: &Project, probes: &[Probe]) -> Result<(Table, bool)> {
    setup::chromium()?;
    let mut table = Table::default();
    for row in rows {
        step(&row.runtime, || table.add(row, project, probes, plan))?;
    }
    let good = table.counts().1 == 0;
    Ok((table, good))
}
