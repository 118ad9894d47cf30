//! The rules of two products' role systems, row by row, on every binding.

use crate::shell::{at, cargo};
use crate::{build, parity};
use anyhow::Result;
use std::io::Write;

/// The presets whose roles are printed.
const PRESETS: [&str; 2] = ["blueconic", "bloomreach"];

pub(crate) fn run(roles: bool) -> Result<bool> {
    if roles {
        return print_roles();
    }
    build::run(&[])?;
    table()
}

/// Tests the rows on every binding, which must be built. Prints row, cases and result, then the rules of the texts.
pub(crate) fn table() -> Result<bool> {
    let folder = at("target/products");
    std::fs::create_dir_all(&folder)?;
    let rows = folder.join("rows.jsonl");
    build::runner(["rows"], &[&rows])?;
    let mut judge = build::runner_command("rolecall-parity")?;
    judge.arg("judge");
    for (binding, answers) in parity::answers(&rows)? {
        let file = folder.join(format!("{}.answers", binding.replace(' ', "-")));
        std::fs::write(&file, answers)?;
        judge.arg(format!("{binding}={}", file.display()));
    }
    let passed = judge.status()?.success();
    // The rules come last, so that their totals end the output.
    Ok(build::runner_command("rolecall-parity")?.arg("rules").status()?.success() && passed)
}

/// Prints role, standalone, inherits and permissions, for comparison with the products' own texts.
fn print_roles() -> Result<bool> {
    for preset in PRESETS {
        // The reader of our output may close it.
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
