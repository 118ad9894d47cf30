//! The oldest compiler that the published crates support.

use super::versions;
use crate::shell::{at, cargo, exists, program, quiet, run};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::process::Command;

/// Returns the version that all published crates state.
fn oldest() -> Result<String> {
    let stated = versions::supported_compilers()?;
    let all: BTreeSet<&String> = stated.values().collect();
    let [version] = Vec::from_iter(all)[..] else {
        bail!("all published crates must state the same `rust-version`: {stated:#?}")
    };
    Ok(version.clone())
}

/// Returns the same with its patch, as rustup names toolchains.
fn exact() -> Result<String> {
    let version = oldest()?;
    Ok(if version.split('.').count() < 3 { format!("{version}.0") } else { version })
}

/// Checks that manifests, clippy and the guide for contributors state the same version.
pub(crate) fn is_stated_everywhere() -> Result<bool> {
    let version = oldest()?;
    let wanted = [
        ("clippy.toml", format!("msrv = \"{version}\"")),
        ("CONTRIBUTING.md", format!("Rust {version}")),
        ("Cargo.toml", "incompatible_msrv = \"deny\"".to_string()),
    ];
    let mut good = true;
    for (file, text) in wanted {
        if !std::fs::read_to_string(at(file)).with_context(|| file.to_string())?.contains(&text) {
            eprintln!("{file} must contain `{text}`");
            good = false;
        }
    }
    Ok(good)
}

/// Cargo of that compiler: that of the toolchain in use, where it is this version, or of one that rustup installs.
pub(crate) fn oldest_cargo() -> Result<Command> {
    let exact = exact()?;
    if quiet(&mut program("rustc", ["--version"]))?.split(' ').nth(1) == Some(exact.as_str()) {
        return Ok(cargo([] as [&str; 0]));
    }
    installed_cargo(&exact)
}

/// Cargo of a version that rustup has or installs, with a folder of its own to build in.
fn installed_cargo(exact: &str) -> Result<Command> {
    if !exists("rustup") {
        bail!("the oldest supported compiler is installed by rustup: install it");
    }
    let installed = quiet(&mut program("rustup", ["toolchain", "list"]))?;
    if !installed.lines().any(|line| line.starts_with(&format!("{exact}-"))) {
        run(&mut program("rustup", ["toolchain", "install", exact, "--profile", "minimal"]))?;
    }
    let mut cargo = program("rustup", ["run", exact, "cargo"]);
    // Cargo starts this program with the variables of its own toolchain.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        cargo.env_remove(variable);
    }
    cargo.env("CARGO_TARGET_DIR", at("target/oldest"));
    Ok(cargo)
}

/// Compiles the published crates with that compiler.
pub(super) fn check_published() -> Result<()> {
    let mut check = installed_cargo(&exact()?)?;
    check.args(["check", "--locked"]);
    for name in versions::published_crates()? {
        check.args(["--package", &name]);
    }
    quiet(&mut check).map(drop)
}
