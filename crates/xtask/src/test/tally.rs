//! The counts of all suites, and the time of each.

use crate::shell::step;
use anyhow::Result;
use std::time::Instant;

/// The number of slowest suites to print.
const SHOWN: usize = 12;

/// The counts so far.
#[derive(Default)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    failures: Vec<String>,
    times: Vec<(f32, String)>,
}

impl Tally {
    /// Runs a suite that counts its tests. A suite that fails without counting a failure counts as one failure.
    pub(super) fn suite(&mut self, name: &str, work: impl FnOnce() -> Result<(u64, u64)>) {
        let start = Instant::now();
        let (passed, failed) = match step(name, work) {
            Ok((0, 0)) => {
                eprintln!("    no test was run");
                (0, 1)
            }
            Ok(counts) => counts,
            Err(error) => {
                eprintln!("    {error:#}");
                (0, 1)
            }
        };
        eprintln!("    {name}: {passed} passed, {failed} failed");
        self.times.push((start.elapsed().as_secs_f32(), name.to_string()));
        self.passed += passed;
        self.failed += failed;
        if failed > 0 {
            self.failures.push(name.to_string());
        }
    }

    /// Runs one check.
    pub(super) fn check(&mut self, name: &str, work: impl FnOnce() -> Result<bool>) {
        self.suite(name, || Ok(if work()? { (1, 0) } else { (0, 1) }));
    }

    /// Prints the slowest suites, the failures and, last, the counts. Returns whether everything passed.
    pub(super) fn finish(mut self) -> bool {
        let whole: f32 = self.times.iter().map(|(seconds, _)| seconds).sum();
        println!("all: {whole:.0} s, of these");
        self.times.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        for (seconds, name) in self.times.iter().take(SHOWN) {
            println!("{seconds:8.0} s  {name}");
        }
        for name in &self.failures {
            println!("failed: {name}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed == 0
    }
}
