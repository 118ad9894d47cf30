//! Tries the wheel in the versions of Python on this machine.

use super::table::Table;
use crate::build;
use crate::shell::{at, program, quiet, step};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// The supported versions.
pub(super) const VERSIONS: [&str; 5] = ["3.10", "3.11", "3.12", "3.13", NEWEST];
/// The version that few machines have.
pub(super) const NEWEST: &str = "3.14";

/// Tries every version. Versions that this machine lacks are reported.
pub(super) fn run() -> Result<Table> {
    let mut table = Table::default();
    for version in VERSIONS {
        let Some(python) = find(version) else {
            eprintln!("==> CPython {version}: skipped, this machine has no `python{version}`");
            continue;
        };
        step(&format!("CPython {version}"), || {
            table.push(&format!("CPython {version}"), answers(version, &python)?);
            Ok(())
        })?;
    }
    Ok(table)
}

/// Returns a Python of a version: from the path, or from pyenv.
fn find(version: &str) -> Option<PathBuf> {
    let pyenv = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv/versions"));
    let installed = pyenv.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
    let matching = installed.filter_map(|entry| entry.ok()).filter(|entry| {
        entry.file_name().to_string_lossy().strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
    });
    let mut candidates: Vec<PathBuf> = matching.map(|entry| entry.path().join("bin/python3")).collect();
    candidates.push(PathBuf::from(format!("python{version}")));
    let works = |python: &PathBuf| {
        let code = format!("import sys; sys.exit('{version}' != '%d.%d' % sys.version_info[:2])");
        Command::new(python).args(["-c", &code]).output().is_ok_and(|output| output.status.success())
    };
    candidates.into_iter().find(works)
}

/// Installs the wheel in a new environment. Returns the answers of the probe, by name.
fn answers(version: &str, python: &PathBuf) -> Result<Vec<(String, Option<String>)>> {
    let venv = at("target/matrix-python").join(version);
    let _ = std::fs::remove_dir_all(&venv);
    quiet(program(python, ["-m", "venv"]).arg(&venv))?;
    let own = venv.join("bin/python");
    quiet(program(&own, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(build::wheel()?))?;
    let printed = quiet(program("timeout", ["120"]).arg(&own).arg(at("tests/matrix/python/probe.py")))?;
    let lines = printed.lines().filter_map(|line| line.split_once(": "));
    Ok(lines.map(|(name, answer)| (name.to_string(), (answer != "yes").then(|| answer.to_string()))).collect())
}
