//! The rules of two products' role systems, row by row, on every face.

use crate::shell::{at, cargo};
use crate::{build, parity};
use anyhow::Result;
use std::io::Write;

/// The policies whose roles are told.
const PRESETS: [&str; 2] = ["blueconic", "bloomreach"];

pub(crate) fn run(roles: bool) -> Result<bool> {
    if roles {
        return tell_roles();
    }
    build::run(&[])?;
    table()
}

/// Lets every face, which are built, answer the rows, and prints row, cases, pass.
pub(crate) fn table() -> Result<bool> {
    let folder = at("target/products");
    std::fs::create_dir_all(&folder)?;
    let rows = folder.join("rows.jsonl");
    build::runner(["rows"], &[&rows])?;
    let mut judge = build::runner_command("rolecall-parity")?;
    judge.arg("judge");
    for (face, answers) in parity::answers(&rows)? {
        let file = folder.join(format!("{}.answers", face.replace(' ', "-")));
        std::fs::write(&file, answers)?;
        judge.arg(format!("{face}={}", file.display()));
    }
    Ok(judge.status()?.success())
}

/// Prints role, standalone, inherits, permissions, to be held against the products' own texts.
fn tell_roles() -> Result<bool> {
    for preset in PRESETS {
        // Whoever reads our output may stop doing so.
        if writeln!(std::io::stdout(), "# {preset}").is_err() {
            return Ok(false);
        }
        let policy = format!("preset:{preset}");
        let mut roles = cargo(["run", "--quiet", "--package", "rolecall-cli", "--", "roles", "--policy", &policy]);
        if !roles.status()?.success() {
            return Ok(false);
        }
    }
    Ok(true)
}
