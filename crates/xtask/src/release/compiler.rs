//! The oldest compiler that the published crates support.

use super::versions;
use crate::shell::{at, exists, program, quiet, run};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;

/// Returns the version that all published crates state.
fn oldest() -> Result<String> {
    let stated = versions::supported_compilers()?;
    let all: BTreeSet<&String> = stated.values().collect();
    let [version] = Vec::from_iter(all)[..] else {
        bail!("all published crates must state the same `rust-version`: {stated:#?}")
    };
    Ok(version.clone())
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

/// Compiles the published crates with that compiler, which rustup installs.
pub(super) fn check_published() -> Result<()> {
    let version = oldest()?;
    let exact = if version.split('.').count() < 3 { format!("{version}.0") } else { version };
    if !exists("rustup") {
        bail!("the oldest supported compiler is installed by rustup: install it");
    }
    let installed = quiet(&mut program("rustup", ["toolchain", "list"]))?;
    if !installed.lines().any(|line| line.starts_with(&format!("{exact}-"))) {
        run(&mut program("rustup", ["toolchain", "install", &exact, "--profile", "minimal"]))?;
    }
    let mut check = program("rustup", ["run", &exact, "cargo", "check", "--locked"]);
    for name in versions::published_crates()? {
        check.args(["--package", &name]);
    }
    // Cargo starts this program with the variables of its own toolchain.
    for variable in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        check.env_remove(variable);
    }
    quiet(check.env("CARGO_TARGET_DIR", at("target/oldest"))).map(drop)
}
