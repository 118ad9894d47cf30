//! The rules of two products' role systems, row by row, in every binding.

use crate::shell::{at, cargo};
use crate::{build, parity};
use anyhow::Result;
use std::io::Write;

/// The policies whose roles are printed.
const PRESETS: [&str; 2] = ["blueconic", "bloomreach"];

pub(crate) fn run(roles: bool) -> Result<bool> {
    if roles {
        return tell_roles();
    }
    build::run(&[])?;
    table()
}

/// Sends the rows to every binding, which must be built, and prints row, cases and result.
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
        // The reader of the output may stop.
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
