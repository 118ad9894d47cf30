//! A packed artefact and its required content.

use crate::shell::{program, quiet};
use anyhow::Result;
use std::path::Path;

/// Files that every artefact of a kind must contain, as the end of their paths.
pub(super) type Required = &'static [&'static str];

pub(super) const CRATE: Required = &["/LICENSE", "/README.md", "/Cargo.toml", "/src/"];
pub(super) const NPM: Required = &["/LICENSE", "/README.md", "/package.json", ".d.ts", ".d.cts", ".js", ".cjs"];
/// Packages of Angular have modules only.
pub(super) const ANGULAR: Required = &["/LICENSE", "/README.md", "/package.json", ".d.ts", ".js"];
pub(super) const NATIVE: Required = &["/LICENSE", "/README.md", "/package.json", "/index.cjs", "/rolecall.node"];
pub(super) const WHEEL: Required = &["/LICENSE", "/METADATA", "/py.typed", ".pyi", "/_core.abi3.so"];
pub(super) const SDIST: Required = &["/LICENSE", "/PKG-INFO", "/README.md", "/pyproject.toml"];

/// Endings of files that no artefact may contain.
const UNWANTED: &[&str] = &[".pyc", ".map", ".env", ".pem", ".key", "/.DS_Store"];

/// A packed file and the paths in it.
pub(super) struct Artefact {
    name: String,
    bytes: u64,
    paths: Vec<String>,
    required: Required,
}

impl Artefact {
    /// Reads a gzipped tar archive.
    pub(super) fn tarball(file: &Path, required: Required) -> Result<Self> {
        Self::of(file, quiet(program("tar", ["-tzf"]).arg(file))?, required)
    }

    /// Reads a zip archive.
    pub(super) fn zip(file: &Path, required: Required) -> Result<Self> {
        const LIST: &str = "import sys, zipfile; print('\\n'.join(zipfile.ZipFile(sys.argv[1]).namelist()))";
        Self::of(file, quiet(program("python3", ["-c", LIST]).arg(file))?, required)
    }

    fn of(file: &Path, listed: String, required: Required) -> Result<Self> {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let paths = listed.lines().map(str::to_string).collect();
        Ok(Self { name, bytes: std::fs::metadata(file)?.len(), paths, required })
    }

    /// Returns one line: the name, the size and the number of files.
    pub(super) fn summary(&self) -> String {
        format!("{:<46} {:>8} KB  {:>3} files", self.name, self.bytes.div_ceil(1000), self.paths.len())
    }

    /// Returns the missing files and the forbidden ones.
    pub(super) fn problems(&self) -> Vec<String> {
        let has =
            |end: &str| self.paths.iter().any(|path| path.ends_with(end) || (end.ends_with('/') && path.contains(end)));
        let missing = self.required.iter().filter(|end| !has(end)).map(|end| format!("`*{end}` is missing"));
        let unwanted = |path: &&String| UNWANTED.iter().any(|end| path.ends_with(end));
        let extra = self.paths.iter().filter(unwanted).map(|path| format!("`{path}` must not be published"));
        missing.chain(extra).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artefact(paths: &[&str]) -> Artefact {
        let paths = paths.iter().map(|path| path.to_string()).collect();
        Artefact { name: "a".into(), bytes: 1, paths, required: CRATE }
    }

    #[test]
    fn missing_and_unwanted_files_are_problems() {
        assert!(artefact(&["a/LICENSE", "a/README.md", "a/Cargo.toml", "a/src/lib.rs"]).problems().is_empty());
        let problems = artefact(&["a/README.md", "a/Cargo.toml", "a/src/lib.rs", "a/server.key"]).problems();
        assert_eq!(problems, ["`*/LICENSE` is missing", "`a/server.key` must not be published"]);
    }
}
