//! Runs some of the shared vectors on one binding.

use crate::shell::{at, cargo, program};
use crate::{build, demo, test};
use anyhow::{Result, bail};
use std::process::Command;

/// Builds a binding and runs the vectors whose names contain a text.
pub(crate) fn run(binding: &str, part: &str) -> Result<bool> {
    let mut tests = match binding {
        "rust" => rust("rolecall-parity", part),
        "component" => {
            bindings(&["component", "edge"])?;
            rust("rolecall-parity-component", part)
        }
        "rolecall" | "@rolecall/node" | "rolecall/snapshot" => javascript(binding, part)?,
        "python" => python(part)?,
        "chromium" => chromium(part)?,
        _ => bail!(
            "`{binding}` is not one of rust, component, rolecall, @rolecall/node, rolecall/snapshot, python, chromium"
        ),
    };
    Ok(tests.status()?.success())
}

fn bindings(bindings: &[&str]) -> Result<()> {
    build::run(&bindings.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn rust(package: &str, part: &str) -> Command {
    cargo(["test", "--quiet", "--package", package, "--test", "vectors", "--", part])
}

/// Writes the vectors to a file that the tests of a binding read.
fn selected(part: &str) -> Result<std::path::PathBuf> {
    let file = at("target/vectors-selected.json");
    build::runner(["vectors".as_ref(), file.as_os_str(), part.as_ref()], &[])?;
    Ok(file)
}

fn javascript(package: &str, part: &str) -> Result<Command> {
    bindings(&["browser", "node"])?;
    let clean = at("target/clean/js");
    test::install_packages(&clean)?;
    let mut tests = program("node", ["--test", "--test-reporter=spec"]);
    tests.arg(at("bindings/js/test/vectors.test.mjs")).current_dir(clean).env("ROLECALL_VECTORS", selected(part)?);
    match package {
        "rolecall/snapshot" => tests.envs([("ROLECALL_PACKAGE", "rolecall"), ("ROLECALL_SNAPSHOT", "1")]),
        _ => tests.env("ROLECALL_PACKAGE", package),
    };
    Ok(tests)
}

fn python(part: &str) -> Result<Command> {
    bindings(&["python"])?;
    let python = at("target/clean/python/bin/python");
    test::install_wheel(&python)?;
    let mut tests = program(&python, ["-m", "pytest", "--no-header", "--verbose", "-p", "no:cacheprovider"]);
    tests.arg(at("bindings/python/tests/test_vectors.py")).current_dir(at("target/clean"));
    tests.env("ROLECALL_VECTORS", selected(part)?);
    Ok(tests)
}

fn chromium(part: &str) -> Result<Command> {
    bindings(&["browser", "node", "component", "edge"])?;
    let clean = at("target/clean/js");
    test::install_packages(&clean)?;
    // Other tests of the file need all vectors.
    demo::browser_tests(&clean, &selected(part)?, &["--test-name-pattern=the shared vectors in Chromium"])
}
