//! Packs the npm packages.

use crate::build::{self, native};
use crate::shell::{at, program, quiet, run, write};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Packs a package with the native core for one platform.
pub(crate) fn native(platform: &native::Platform, out: &Path) -> Result<PathBuf> {
    folder_of(&platform.folder(), out)
}

/// Packs every npm package for a project of a test, and the native core for this machine. `@rolecall/node` then names no
/// packages for other platforms, which npm would look up.
pub(crate) fn npm_for_tests(out: &Path) -> Result<Vec<PathBuf>> {
    let this = native::this()?;
    let mut packed = Vec::new();
    for folder in build::NPM {
        let folder = if folder == "bindings/js/node" { only_this(this)? } else { at(folder) };
        packed.push(folder_of(&folder, out)?);
    }
    packed.push(native(this, out)?);
    Ok(packed)
}

/// Copies `@rolecall/node` and removes other platforms from its manifest.
fn only_this(this: &native::Platform) -> Result<PathBuf> {
    let (from, to) = (at("bindings/js/node"), at("target/npm/node"));
    let _ = std::fs::remove_dir_all(&to);
    std::fs::create_dir_all(&to)?;
    run(program("cp", ["-R"]).args(["dist", "README.md", "LICENSE"].map(|name| from.join(name))).arg(&to))?;
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(from.join("package.json"))?)?;
    let named = manifest.get_mut("optionalDependencies").and_then(Value::as_object_mut);
    named.context("the packages of the platforms")?.retain(|name, _| name.ends_with(this.name));
    write(&to.join("package.json"), serde_json::to_string_pretty(&manifest)?.as_bytes())?;
    Ok(to)
}

/// Packs the package in a folder.
pub(crate) fn folder_of(folder: &Path, out: &Path) -> Result<PathBuf> {
    let name = quiet(program("npm", ["pack", "--silent", "--pack-destination"]).arg(out).current_dir(folder))?;
    Ok(out.join(name.trim()))
}
