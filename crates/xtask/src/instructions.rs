//! Counts the instructions of the hot paths with callgrind. The counts are the same on every run, independent of the
//! machine's load.

use crate::setup;
use crate::shell::{at, built, cargo, program, quiet, run};
use anyhow::{Context, Result};

/// The paths with the maximum instructions of one operation: the last count plus a tenth.
const BUDGETS: [(&str, u64); 6] = [
    ("can", 219),
    ("can_all", 220),
    ("can_by_names", 790),
    ("session.can", 34),
    ("session.check", 1_850),
    ("portable", 23_700),
];

/// The number of operations that the program runs for each path.
const ROUNDS: u64 = 1000;

pub(crate) fn within_budget() -> Result<bool> {
    let valgrind = setup::valgrind()?;
    run(&mut cargo(["build", "--release", "--package", "rolecall-parity", "--bin", "instructions"]))?;
    let mut good = true;
    for (path, budget) in BUDGETS {
        let file = at("target").join(format!("callgrind.{path}"));
        let mut count = program(&valgrind, ["--tool=callgrind", "--toggle-collect=*measured*"]);
        count.arg(format!("--callgrind-out-file={}", file.display()));
        quiet(count.arg(built("release/instructions")).arg(path))?;
        let text = std::fs::read_to_string(&file)?;
        let total = text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
        let each = total.context("callgrind reports no total")?.trim().parse::<u64>()? / ROUNDS;
        let met = each <= budget;
        eprintln!("    {path}: {each} of at most {budget} instructions{}", if met { "" } else { ": too many" });
        good &= met && each > 0;
    }
    Ok(good)
}
