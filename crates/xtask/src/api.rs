//! The public interface of each published library, one item a line, as `tests/public-api/<crate>.txt` has it.
//!
//! The lists are read from what rustdoc writes as JSON. That form differs between compilers, so that the oldest supported one
//! writes it, and `public-api` in the manifest is a version that reads it.

use crate::release::compiler::oldest_cargo;
use crate::release::versions::published_crates;
use crate::shell::{at, built, quiet, write};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes the lists, or with `check` returns whether they are what the crates have.
pub(crate) fn run(check: bool) -> Result<bool> {
    let rustdoc = rustdoc()?;
    let mut fresh = true;
    for name in published_crates()?.iter().filter(|name| at("crates").join(name).join("src/lib.rs").exists()) {
        let list = list(name, &rustdoc).with_context(|| format!("the public interface of {name}"))?;
        let path = at("tests/public-api").join(format!("{name}.txt"));
        let listed = std::fs::read_to_string(&path).unwrap_or_default();
        if listed == list {
            continue;
        }
        eprintln!("{name}: the public interface changed");
        print_difference(&listed, &list);
        if check {
            eprintln!("    run `cargo xtask api`, and commit the list with the change");
            fresh = false;
        } else {
            write(&path, list.as_bytes())?;
        }
    }
    Ok(fresh)
}

fn print_difference(before: &str, after: &str) {
    let missing = |from: &str, sign: &str, others: &str| {
        from.lines()
            .filter(|line| !others.lines().any(|other| other == *line))
            .for_each(|line| eprintln!("    {sign} {line}"));
    };
    missing(before, "-", after);
    missing(after, "+", before);
}

/// A rustdoc that may write JSON, which is not stable: cargo and the compiler stay as they are, so that nothing is built twice.
fn rustdoc() -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = built("rustdoc-json.sh");
    write(&path, b"#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n")?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
    Ok(path)
}

fn list(name: &str, rustdoc: &Path) -> Result<String> {
    let mut document = oldest_cargo()?;
    document.args(["rustdoc", "--quiet", "--locked", "--lib", "--package", name]);
    document.args(["--", "-Zunstable-options", "--output-format=json"]).env("RUSTDOC", rustdoc);
    let json = target_of(&document).join("doc").join(format!("{}.json", name.replace('-', "_")));
    quiet(&mut document)?;
    let api =
        public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true).build()?;
    Ok(api.items().map(|item| format!("{item}\n")).collect())
}

/// The folder in which a command of cargo builds.
fn target_of(command: &Command) -> PathBuf {
    let own = command.get_envs().find(|(name, _)| *name == "CARGO_TARGET_DIR").and_then(|(_, value)| value);
    own.map_or_else(|| built(""), PathBuf::from)
}
