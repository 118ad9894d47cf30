//! The version of a release, which all manifests must state, and the crates that it publishes.

use crate::build::npm_packages;
use crate::shell::{at, cargo, quiet};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the one version of all crates and npm packages.
pub(super) fn one() -> Result<String> {
    let mut found = BTreeMap::new();
    for package in packages()? {
        found.insert(text(&package, "name")?, text(&package, "version")?);
    }
    for folder in npm_packages() {
        let manifest: Value = serde_json::from_slice(&std::fs::read(at(&folder).join("package.json"))?)?;
        found.insert(format!("{folder}/package.json"), text(&manifest, "version")?);
        for (name, version) in manifest.get("optionalDependencies").and_then(Value::as_object).into_iter().flatten() {
            found.insert(name.clone(), version.as_str().unwrap_or_default().to_string());
        }
    }
    let versions: BTreeSet<&String> = found.values().collect();
    let [version] = Vec::from_iter(versions)[..] else { bail!("all versions must be the same: {found:#?}") };
    let changelog = std::fs::read_to_string(at("CHANGELOG.md"))?;
    let noted = [format!("## {version}"), format!("## [{version}]"), "## Unreleased".to_string()];
    if !noted.iter().any(|heading| changelog.contains(heading)) {
        bail!("CHANGELOG.md has no section `## {version}`");
    }
    Ok(version.clone())
}

/// Returns the names of the published crates, each after its dependencies.
pub(crate) fn published_crates() -> Result<Vec<String>> {
    let packages = packages()?;
    let published = packages.iter().filter(|package| is_published(package));
    let mut open: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in published {
        let needs = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        let local = needs.filter(|need| need.get("path").is_some() && need.get("kind").is_some_and(Value::is_null));
        let local = local.filter_map(|need| need.get("name")?.as_str().map(str::to_string)).collect();
        open.insert(text(package, "name")?, local);
    }
    let mut order: Vec<String> = Vec::new();
    while !open.is_empty() {
        let free = open.iter().find(|(_, needs)| needs.iter().all(|need| order.contains(need)));
        let Some((name, _)) = free else { bail!("these crates need one that is not published: {open:?}") };
        let name = name.clone();
        open.remove(&name);
        order.push(name);
    }
    Ok(order)
}

/// Returns the published crates, each with the oldest compiler that it supports.
pub(super) fn supported_compilers() -> Result<BTreeMap<String, String>> {
    let packages = packages()?;
    let published = packages.iter().filter(|package| is_published(package));
    published.map(|package| Ok((text(package, "name")?, text(package, "rust_version")?))).collect()
}

fn is_published(package: &Value) -> bool {
    package.get("publish").is_none_or(Value::is_null)
}

fn packages() -> Result<Vec<Value>> {
    let listed = quiet(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    let listed: Value = serde_json::from_str(&listed)?;
    listed.get("packages").and_then(Value::as_array).cloned().context("cargo lists packages")
}

fn text(value: &Value, key: &str) -> Result<String> {
    value.get(key).and_then(Value::as_str).map(str::to_string).with_context(|| format!("`{key}` is missing"))
}
