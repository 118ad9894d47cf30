//! Tests the edge gate in front of real servers, and behind real proxies.

use crate::shell::cargo;
use crate::{build, setup};
use anyhow::Result;
use std::process::Command;

/// The test of `rolecall-edge` that starts the servers.
pub(crate) const TESTS: &str = "upstreams";

/// Builds the component and the gate, and runs the tests.
pub(crate) fn run() -> Result<bool> {
    build::run(&["component".to_string(), "edge".to_string()])?;
    let mut tests = cargo(["test", "--package", "rolecall-edge", "--test", TESTS, "--"]);
    Ok(prepared(&mut tests)?.status()?.success())
}

/// Installs missing programs, and adds the arguments of the test program.
pub(crate) fn prepared(tests: &mut Command) -> Result<&mut Command> {
    setup::gate()?;
    // Show the output, because it contains the result tables. Run one test at a time, because each starts its own
    // servers.
    Ok(tests.args(["--ignored", "--nocapture", "--test-threads=1"]))
}
