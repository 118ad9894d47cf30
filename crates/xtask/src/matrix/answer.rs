//! One answer: an entry in a runtime.

use super::project::{Probe, Project};
use super::rows::Row;
use crate::shell::{at, program};
use anyhow::{Context, Result};
use std::process::{Command, Output, Stdio};

/// The longest time of a step, in seconds.
const LONGEST: &str = "300";

/// Runs the steps of a row for an entry. Returns why it does not work, or nothing.
pub(super) fn of(row: &Row, probe: &Probe, project: &Project) -> Result<Option<String>> {
    let mut last = String::new();
    for step in &row.steps {
        let (good, output) = ran(step, row, &probe.id, project)?;
        last = output;
        if !good {
            return Ok(Some(why(&last)));
        }
    }
    // A compiler prints nothing if all is well.
    let checks_only = row.steps.iter().any(|step| step.contains("/tsc "));
    let good = last.lines().any(|line| line.trim() == "yes") || (checks_only && last.trim().is_empty());
    Ok(if good { None } else { Some(why(&last)) })
}

/// Runs the steps before those of the entries. Returns why they fail, or nothing.
pub(super) fn before(row: &Row, project: &Project) -> Result<Option<String>> {
    for step in &row.before {
        // Several rows may begin with the same long step.
        let filled = project.fill(step, row, "all");
        let known = project.done.borrow().get(&filled).cloned();
        let why_not = match known {
            Some(known) => known,
            None => {
                let (good, output) = ran(step, row, "all", project)?;
                (!good).then(|| why(&output))
            }
        };
        project.done.borrow_mut().insert(filled, why_not.clone());
        if why_not.is_some() {
            return Ok(why_not);
        }
    }
    Ok(None)
}

/// Runs a step. Returns whether it succeeds, and its output.
fn ran(step: &str, row: &Row, id: &str, project: &Project) -> Result<(bool, String)> {
    let fill = |word: &str| if word == "''" { String::new() } else { project.fill(word, row, id) };
    let mut words = step.split_whitespace().map(fill);
    let name = words.next().context("a step names a program")?;
    let output = command(&name, words, id, project).output().with_context(|| step.to_string())?;
    Ok((output.status.success(), text(&output)))
}

fn command(name: &str, words: impl Iterator<Item = String>, id: &str, project: &Project) -> Command {
    let mut command = program("timeout", [LONGEST, name]);
    command.args(words).current_dir(&project.folder).stdin(Stdio::null());
    command.env("ROLECALL_PROBE", id).env("ROLECALL_TOOLS", at("bindings/js"));
    if let Some(chromium) = &project.chromium {
        command.env("ROLECALL_CHROMIUM", chromium);
    }
    command
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CI", "true")
        .env("NO_COLOR", "1")
        .env("NEXT_TELEMETRY_DISABLED", "1")
        .env("NG_CLI_ANALYTICS", "false");
    command
}

fn text(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Returns the line of an output that says what went wrong: the answer, the first with an error, or the last one.
fn why(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_error = |line: &&&str| ["rror", "ERROR"].iter().any(|word| line.contains(word)) && !line.starts_with("at ");
    let answer = lines.iter().find(|line| line.starts_with("answer: "));
    let line = answer.or_else(|| lines.iter().find(is_error)).or(lines.last()).copied().unwrap_or("no output");
    line.chars().take(300).collect()
}
