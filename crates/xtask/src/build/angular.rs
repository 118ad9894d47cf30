//! Builds the npm package `@rolecall/angular` with the compiler of Angular, whose TypeScript is another one.

use crate::setup;
use crate::shell::{at, copy, program, quiet};
use anyhow::Result;

/// The entries of the package.
const ENTRIES: [&str; 2] = ["index", "router"];

/// Compiles the package in `target/angular`. The declarations of `rolecall` must be in `target/types`.
pub(super) fn build() -> Result<()> {
    let (package, folder) = (at("bindings/js/angular"), at("target/angular"));
    setup::npm_project(&package.join("tools"), &folder)?;
    copy(&package.join("tools/tsconfig.json"), &folder.join("tsconfig.json"))?;
    for entry in ENTRIES {
        let source = format!("src/{entry}.ts");
        copy(&package.join(&source), &folder.join(&source))?;
    }
    quiet(program(folder.join("node_modules/.bin/ngc"), ["--project", "tsconfig.json"]).current_dir(&folder))?;
    let dist = package.join("dist");
    let _ = std::fs::remove_dir_all(&dist);
    for entry in ENTRIES {
        for end in ["js", "d.ts"] {
            let name = format!("{entry}.{end}");
            copy(&folder.join("out").join(&name), &dist.join(&name))?;
        }
    }
    copy(&at("LICENSE"), &package.join("LICENSE"))
}
