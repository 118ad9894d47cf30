//! Builds the entries of `@rolecall/react` for pages of administration. They share chunks, so that a page loads each part
//! once and only when it shows it.

use crate::setup;
use crate::shell::{at, copy, program, quiet, write};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The folder of the sources.
const SOURCE: &str = "bindings/js/react/src/admin";

/// The entries with a folder of their own.
const PARTS: [&str; 4] = ["roles", "users", "audit", "settings"];

/// Builds scripts, styles and declarations. The declarations must be in `target/types`.
pub(super) fn build() -> Result<()> {
    let dist = at("bindings/js/react/dist");
    scripts(&dist.join("admin"))?;
    let mut styles = program(setup::npm_program("esbuild"), [format!("{SOURCE}/css/index.css")]);
    styles.args(["--bundle", "--log-level=warning", "--minify-whitespace"]);
    // Lowering would replace `light-dark()`, by which every colour has both values.
    styles.args(["--target=esnext", &format!("--outfile={}", dist.join("admin.css").display())]);
    quiet(&mut styles)?;
    declarations(&at("target/types").join(SOURCE), &dist.join("admin"))?;
    for part in PARTS {
        let text = format!("export * from \"./{part}/index.js\";\n");
        write(&dist.join(format!("admin/{part}.d.ts")), text.as_bytes())?;
    }
    Ok(())
}

fn scripts(out: &Path) -> Result<()> {
    let mut entries: Vec<String> = ["index", "german"].map(|name| format!("{name}={SOURCE}/{name}.ts")).into();
    entries.extend(PARTS.map(|part| format!("{part}={SOURCE}/{part}/index.ts")));
    for worker in workers()? {
        let name = worker.file_stem().context("a worker has a name")?.to_string_lossy().into_owned();
        entries.push(format!("{name}={}", worker.display()));
    }
    let mut esbuild = program(setup::npm_program("esbuild"), entries);
    esbuild.args(["--bundle", "--splitting", "--format=esm", "--platform=neutral", "--target=es2022"]);
    esbuild.args(["--jsx=automatic", "--packages=external", "--log-level=warning", "--chunk-names=chunk-[hash]"]);
    esbuild.args(["--external:rolecall", "--external:rolecall/*", "--external:@rolecall/*"]);
    quiet(esbuild.arg(format!("--outdir={}", out.display()))).map(drop)
}

/// Returns the scripts that run in workers, such as `roles/impact.worker.ts`. Each is a file of its own next to the entries.
fn workers() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for part in PARTS {
        for file in std::fs::read_dir(at(SOURCE).join(part))? {
            let path = file?.path();
            if path.to_string_lossy().ends_with(".worker.ts") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies the declarations of a folder and those below it.
fn declarations(from: &Path, to: &Path) -> Result<()> {
    for file in std::fs::read_dir(from)? {
        let (path, name) = file.map(|file| (file.path(), file.file_name()))?;
        if path.is_dir() {
            declarations(&path, &to.join(name))?;
        } else if path.to_string_lossy().ends_with(".d.ts") {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}
