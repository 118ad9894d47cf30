//! The worst inputs that are known for each entry point, with counts of instructions: none takes more than a hundred times
//! what a typical input of as many bytes takes, and none much more than twice as much where it is twice as large.

use crate::setup;
use crate::shell::{at, cargo, program, quiet, run};
use anyhow::{Context, Result};
use std::collections::HashMap;

/// How many times the instructions of a typical input of the same size an input may take.
const RATIO: f64 = 100.0;
/// How many times the instructions an input may take that is twice as large.
const GROWTH: f64 = 3.0;

/// Counts every input, or only the quick ones, and prints a table.
pub(crate) fn within_bounds(quick: bool) -> Result<bool> {
    let valgrind = setup::valgrind()?;
    run(&mut cargo(["build", "--release", "--package", "rolecall-parity", "--bin", "costs"]))?;
    let listed = quiet(&mut program(at("target/release/costs"), [""; 0]))?;
    let count = |entry: &str, name: &str, size: usize| -> Result<(f64, f64)> {
        let file = at("target/callgrind.costs");
        let mut count = program(&valgrind, ["--tool=callgrind", "--toggle-collect=*measured*"]);
        count.arg(format!("--callgrind-out-file={}", file.display())).arg(at("target/release/costs"));
        let bytes = quiet(count.args([entry, name, &size.to_string()]))?;
        let text = std::fs::read_to_string(&file)?;
        let total = text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
        let total = total.context("callgrind tells no total")?.trim().parse::<f64>()?;
        Ok((total, bytes.trim().parse::<f64>()?))
    };
    let mut typical: HashMap<&str, f64> = HashMap::new();
    let mut good = true;
    println!("| entry point | input | bytes | instructions | times a typical input | when twice as large |");
    println!("|---|---|---|---|---|---|");
    for line in listed.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [entry, name, size, is_quick] = fields.as_slice() else { continue };
        if quick && *is_quick != "true" {
            continue;
        }
        let size: usize = size.parse()?;
        let ((small, _), (large, bytes)) = (count(entry, name, size)?, count(entry, name, 2 * size)?);
        let each = *typical.entry(entry).or_insert(large / bytes);
        let (ratio, growth) = (large / bytes / each, large / small);
        let met = ratio <= RATIO && growth <= GROWTH && small > 0.0;
        let mark = if met { "" } else { " **too many**" };
        println!("| {entry} | {name} | {bytes} | {large} | {ratio:.1} | {growth:.2}{mark} |");
        good &= met;
    }
    Ok(good)
}
