//! The packages with the native core for Node, one for each platform.

use crate::shell::{at, built, cargo, copy, program, quiet, run, write};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A platform with a native core.
pub(crate) struct Platform {
    /// The end of the name of its npm package.
    pub(crate) name: &'static str,
    /// The target of the Rust compiler.
    pub(crate) target: &'static str,
    os: &'static str,
    cpu: &'static str,
    libc: Option<&'static str>,
}

const fn platform(
    name: &'static str,
    target: &'static str,
    [os, cpu]: [&'static str; 2],
    libc: Option<&'static str>,
) -> Platform {
    Platform { name, target, os, cpu, libc }
}

/// Every platform that `@rolecall/node` names.
pub(crate) const PLATFORMS: [Platform; 7] = [
    platform("darwin-arm64", "aarch64-apple-darwin", ["darwin", "arm64"], None),
    platform("darwin-x64", "x86_64-apple-darwin", ["darwin", "x64"], None),
    platform("linux-arm64-gnu", "aarch64-unknown-linux-gnu", ["linux", "arm64"], Some("glibc")),
    platform("linux-arm64-musl", "aarch64-unknown-linux-musl", ["linux", "arm64"], Some("musl")),
    platform("linux-x64-gnu", "x86_64-unknown-linux-gnu", ["linux", "x64"], Some("glibc")),
    platform("linux-x64-musl", "x86_64-unknown-linux-musl", ["linux", "x64"], Some("musl")),
    platform("win32-x64-msvc", "x86_64-pc-windows-msvc", ["win32", "x64"], None),
];

impl Platform {
    /// Returns the folder of its npm package, in `target`.
    pub(crate) fn folder(&self) -> PathBuf {
        at("target/npm").join(format!("node-{}", self.name))
    }

    /// Returns the name of the built library.
    pub(crate) fn library(&self) -> &'static str {
        match self.os {
            "darwin" => "librolecall_node.dylib",
            "win32" => "rolecall_node.dll",
            _ => "librolecall_node.so",
        }
    }

    /// Writes the npm package around a built library.
    pub(crate) fn package(&self, library: &Path) -> Result<PathBuf> {
        let folder = self.folder();
        let _ = std::fs::remove_dir_all(&folder);
        copy(library, &folder.join("rolecall.node"))?;
        // A path that is put together: bundlers leave it, and tools that copy the files of a server follow it.
        const ENTRY: &[u8] =
            b"\"use strict\";\n\nmodule.exports = require(require(\"node:path\").join(__dirname, \"rolecall.node\"));\n";
        write(&folder.join("index.cjs"), ENTRY)?;
        write(&folder.join("package.json"), (serde_json::to_string_pretty(&self.manifest()?)? + "\n").as_bytes())?;
        let readme = format!(
            "# Rolecall for Node on {0}\n\nThe native core of [`@rolecall/node`](https://www.npmjs.com/package/@rolecall/node) for the platform `{0}`. npm installs\nit with that package.\n",
            self.name
        );
        write(&folder.join("README.md"), readme.as_bytes())?;
        copy(&at("LICENSE"), &folder.join("LICENSE"))?;
        Ok(folder)
    }

    fn manifest(&self) -> Result<Value> {
        let main: Value = serde_json::from_slice(&std::fs::read(at("bindings/js/node/package.json"))?)?;
        let same = |key: &str| main.get(key).cloned().with_context(|| format!("`{key}` is missing"));
        let mut manifest = json!({
            "name": format!("@rolecall/node-{}", self.name),
            "version": same("version")?,
            "description": format!("The native core of @rolecall/node for {}", self.name),
            "license": same("license")?, "author": same("author")?, "repository": same("repository")?,
            "homepage": same("homepage")?, "bugs": same("bugs")?, "keywords": same("keywords")?,
            "main": "index.cjs",
            "files": ["index.cjs", "rolecall.node", "README.md", "LICENSE"],
            "os": [self.os], "cpu": [self.cpu], "engines": same("engines")?,
        });
        if let (Some(libc), Some(manifest)) = (self.libc, manifest.as_object_mut()) {
            manifest.insert("libc".into(), json!([libc]));
        }
        Ok(manifest)
    }
}

/// Returns the platform of this machine.
pub(crate) fn this() -> Result<&'static Platform> {
    let version = quiet(&mut program("rustc", ["-vV"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    PLATFORMS.iter().find(|platform| platform.target == host).with_context(|| format!("no package for {host}"))
}

/// Builds the native core for this machine, and puts its package where the packages of `bindings/js` find it.
pub(super) fn build() -> Result<()> {
    let platform = this()?;
    run(&mut cargo(["build", "--release", "--package", "rolecall-node"]))?;
    let folder = platform.package(&built("release").join(platform.library()))?;
    let here = at("bindings/js/node_modules/@rolecall").join(format!("node-{}", platform.name));
    for name in ["index.cjs", "package.json", "rolecall.node"] {
        copy(&folder.join(name), &here.join(name))?;
    }
    Ok(())
}
