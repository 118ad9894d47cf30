//! The edge gate in front of real servers, and behind real proxies.

use crate::shell::cargo;
use crate::{build, setup};
use anyhow::Result;
use std::process::Command;

/// Installs what is missing, builds the component and the gate, and runs the tests.
pub(crate) fn run() -> Result<bool> {
    build::run(&["component".to_string(), "edge".to_string()])?;
    Ok(tests()?.status()?.success())
}

/// The tests, once component and gate are built.
pub(crate) fn tests() -> Result<Command> {
    setup::gate()?;
    let mut tests = cargo(["test", "--package", "rolecall-edge", "--test", "upstreams"]);
    // Their tables are what a reader wants to see; each starts servers of its own.
    tests.args(["--", "--ignored", "--nocapture", "--test-threads=1"]);
    Ok(tests)
}
