//! Counts the instructions of the worst known inputs of each entry point. No input may take more than a hundred times
//! the instructions of a typical input of as many bytes. An input of twice the size must not take much more than twice
//! the instructions, and hardly more where the answer stays the same.

use crate::setup;
use crate::shell::{self, at, built, cargo, program, run};
use anyhow::{Context, Result, anyhow};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The maximum ratio of instructions to those of a typical input of the same size.
const RATIO: f64 = 100.0;
/// The maximum ratio of instructions to those of the same input at half the size.
const GROWTH: f64 = 3.0;
/// The same for an input whose answer stays the same at any size.
const FLAT: f64 = 1.2;

/// An input, as `costs` lists it.
struct Case {
    entry: String,
    name: String,
    size: usize,
    flat: bool,
}

/// The instructions and the bytes of an input.
#[derive(Clone, Copy)]
struct Count {
    instructions: f64,
    bytes: f64,
}

/// Counts every input, or only the quick ones, and prints a table.
pub(crate) fn within_bounds(quick: bool) -> Result<bool> {
    let valgrind = setup::valgrind()?;
    run(&mut cargo(["build", "--release", "--package", "rolecall-parity", "--bin", "costs"]))?;
    let listed = shell::quiet(&mut program(built("release/costs"), [""; 0]))?;
    let cases: Vec<Case> = listed.lines().filter_map(|line| case(line, quick)).collect();
    let counts = count_all(&valgrind, &cases)?;
    let mut typical: HashMap<&str, f64> = HashMap::new();
    let mut good = !cases.is_empty();
    println!("| entry point | input | bytes | instructions | times a typical input | when twice as large |");
    println!("|---|---|---|---|---|---|");
    for (Case { entry, name, flat, .. }, (small, large)) in cases.iter().zip(counts) {
        let Count { instructions, bytes } = large;
        let each = *typical.entry(entry).or_insert(instructions / bytes);
        // Some inputs of twice the size have more than twice as many bytes.
        let growth = instructions / small.instructions / (bytes / small.bytes / 2.0).max(1.0);
        let ratio = instructions / bytes / each;
        let most = if *flat { FLAT } else { GROWTH };
        let met = ratio <= RATIO && growth <= most && small.instructions > 0.0;
        let mark = if met { "" } else { " **too many**" };
        println!("| {entry} | {name} | {bytes} | {instructions} | {ratio:.1} | {growth:.2}{mark} |");
        good &= met;
    }
    Ok(good)
}

fn case(line: &str, quick: bool) -> Option<Case> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [entry, name, size, is_quick, flat] = fields.as_slice() else { return None };
    let case = Case {
        entry: (*entry).to_string(),
        name: (*name).to_string(),
        size: size.parse().ok()?,
        flat: *flat == "true",
    };
    (!quick || *is_quick == "true").then_some(case)
}

/// Counts each input at its size and at twice its size, in parallel on all processors.
fn count_all(valgrind: &Path, cases: &[Case]) -> Result<Vec<(Count, Count)>> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(number) else { return Ok(()) };
            let both = (count(valgrind, case, case.size, number)?, count(valgrind, case, 2 * case.size, number)?);
            found.lock().map_err(|_| anyhow!("another count failed"))?.push((number, both));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a count panicked"))?)
    })?;
    let mut found = found.into_inner().map_err(|_| anyhow!("a count failed"))?;
    found.sort_by_key(|(number, _)| *number);
    Ok(found.into_iter().map(|(_, both)| both).collect())
}

fn count(valgrind: &Path, case: &Case, size: usize, number: usize) -> Result<Count> {
    let file = at(&format!("target/callgrind.costs.{number}"));
    let mut count = program(valgrind, ["--tool=callgrind", "--toggle-collect=*measured*"]);
    count.arg(format!("--callgrind-out-file={}", file.display())).arg(built("release/costs"));
    let bytes = shell::quiet(count.args([&case.entry, &case.name, &size.to_string()]))?;
    let text = std::fs::read_to_string(&file)?;
    std::fs::remove_file(&file)?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    let instructions = total.context("callgrind reports no total")?.trim().parse()?;
    Ok(Count { instructions, bytes: bytes.trim().parse()? })
}
