//! The same work for Rolecall, for its peers and for tables written by hand, measured in one run.

use crate::shell::{at, cargo};
use anyhow::Result;

pub(crate) fn run(quick: bool, json: bool) -> Result<bool> {
    let mut bench = cargo(["run", "--release", "--manifest-path"]);
    bench.arg(at("crates/rolecall-bench/Cargo.toml")).arg("--");
    for (flag, given) in [("--quick", quick), ("--json", json)] {
        if given {
            bench.arg(flag);
        }
    }
    Ok(bench.status()?.success())
}
