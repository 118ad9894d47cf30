//! Unpacks npm packages into projects, as npm would install them.

use crate::shell::{at, program, quiet};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// Packs a package, and unpacks it into the packages of a project.
pub(crate) fn into_project(package: &str, folder: &Path) -> Result<()> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(at(package).join("package.json"))?)?;
    let name = manifest.get("name").and_then(Value::as_str).context("the package has a name")?;
    let installed = folder.join("node_modules").join(name);
    let _ = std::fs::remove_dir_all(&installed);
    std::fs::create_dir_all(&installed)?;
    let mut pack = program("npm", ["pack", "--silent", "--pack-destination"]);
    let tarball = folder.join(quiet(pack.arg(folder).current_dir(at(package)))?.trim());
    let mut tar = program("tar", ["--extract", "--strip-components=1", "--file"]);
    quiet(tar.arg(&tarball).arg("--directory").arg(&installed))?;
    Ok(std::fs::remove_file(tarball)?)
}
