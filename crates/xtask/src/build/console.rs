//! Builds the console from the packed packages, and hands it over to the crate that embeds it.

use super::Size;
use crate::shell::{at, program, quiet};
use crate::{setup, unpack};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The most bytes of all scripts and styles, compressed.
const BUDGET: usize = 180_000;

/// Compresses every file that gets smaller.
const COMPRESS: &str = "const fs = require('fs'), path = require('path'), zlib = require('zlib');
const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
for (const file of fs.readdirSync(process.argv[1], { recursive: true, withFileTypes: true })) {
  if (!file.isFile()) continue;
  const name = path.join(file.parentPath ?? file.path, file.name);
  const bytes = fs.readFileSync(name);
  const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const small = zlib.brotliCompressSync(bytes, { params });
  if (small.length < bytes.length) fs.writeFileSync(`${name}.br`, small);
}";

/// Builds the console. The packages `rolecall` and `@rolecall/react` must be built.
pub(super) fn build() -> Result<()> {
    let project = at("console");
    setup::npm_project(&project, &project)?;
    for package in ["bindings/js/rolecall", "bindings/js/react"] {
        if !at(package).join("dist").is_dir() {
            bail!("`{package}` is not built; run `cargo xtask build browser frontends console`");
        }
        unpack::into_project(package, &project)?;
    }
    let run = |tool: &str, args: &[&str]| {
        let mut command = program(project.join("node_modules/.bin").join(tool), args);
        quiet(command.current_dir(&project).env("ROLECALL_CONSOLE_OUT", at("target/console/dist"))).map(drop)
    };
    run("tsc", &["--project", "tsconfig.json"])?;
    run("vite", &["build", "--logLevel", "warn"])?;
    let built = at("target/console/dist");
    quiet(program("node", ["-e", COMPRESS]).arg(&built))?;
    mirror(&built, &at("crates/rolecall-console/dist"))?;
    let Size { plain, brotli, .. } = size()?;
    eprintln!("    console: {plain} bytes of scripts and styles, {brotli} compressed");
    Ok(())
}

/// Returns the size of all scripts and styles of the console.
pub(crate) fn size() -> Result<Size> {
    let dist = at("crates/rolecall-console/dist");
    let mut size = Size { name: "the console", plain: 0, brotli: 0, budget: BUDGET };
    for file in files(&dist)?.iter().filter(|file| matches!(end(file), "js" | "css")) {
        let length = |file: PathBuf| -> Result<usize> { Ok(std::fs::read(file)?.len()) };
        let plain = length(dist.join(file))?;
        let compressed = dist.join(format!("{}.br", file.display()));
        size.plain += plain;
        size.brotli += if compressed.is_file() { length(compressed)? } else { plain };
    }
    Ok(size)
}

fn end(file: &Path) -> &str {
    file.extension().and_then(|end| end.to_str()).unwrap_or_default()
}

/// Makes a folder equal to another one. Files that are equal already keep their times, so that cargo builds nothing again.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    let wanted = files(from)?;
    for gone in files(to)?.difference(&wanted) {
        std::fs::remove_file(to.join(gone))?;
    }
    for file in &wanted {
        let bytes = std::fs::read(from.join(file))?;
        if !std::fs::read(to.join(file)).is_ok_and(|before| before == bytes) {
            crate::shell::write(&to.join(file), &bytes)?;
        }
    }
    Ok(())
}

/// Returns the paths of the files in a folder and those below it. A folder that is missing has none.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop().filter(|next| next.is_dir()) {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder).context("the file is below the folder")?.to_path_buf());
            }
        }
    }
    Ok(found)
}
