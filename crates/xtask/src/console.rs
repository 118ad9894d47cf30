//! Tests the console in browsers, against a server with both products and a real identity provider.

use crate::shell::{at, built, copy, program, quiet, watched};
use crate::{build, setup};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

const TESTS: &str = "tests/console";

const LOGIC: &str = "bindings/js/test/admin";

/// Builds the console, checks its size, and runs its stories.
pub(crate) fn run(part: &str, is_built: bool) -> Result<bool> {
    if !is_built {
        build::console_with_command()?;
    }
    let build::Size { plain, brotli, budget, .. } = build::console::size()?;
    eprintln!("    console: {plain} bytes, {brotli} compressed of at most {budget}");
    let logic = part.is_empty().then(|| logic(&["--test-reporter=spec"])).transpose()?;
    let computes = logic.map(|mut tests| watched(&mut tests)).transpose()?.is_none_or(|(good, _)| good);
    Ok(watched(&mut tests(part, &["--test-reporter=spec"])?)?.0 && computes && brotli <= budget)
}

/// Measures how fast the console is with 10,000 users, in Chromium with a slowed processor. Prints a table.
pub(crate) fn bench(is_built: bool) -> Result<bool> {
    if !is_built {
        build::console_with_command()?;
    }
    let mut bench = program("node", [at(TESTS).join("bench.mjs")]);
    environment(&mut bench)?;
    Ok(watched(&mut bench)?.0)
}

/// Returns the command of the tests of what the parts compute, without a browser.
pub(crate) fn logic(options: &[&str]) -> Result<Command> {
    setup::npm()?;
    let mut files = Vec::new();
    for file in std::fs::read_dir(at(LOGIC))? {
        let path = file?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    let mut tests = program("node", ["--test"]);
    tests.args(options).args(files).env("ROLECALL_CLI", built("debug/rolecall")).current_dir(at("bindings/js"));
    Ok(tests)
}

/// Returns the command of the stories in the files whose names contain a text. The command `rolecall` must be built with
/// the console.
pub(crate) fn tests(part: &str, options: &[&str]) -> Result<Command> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(at(TESTS))? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") && name.contains(part) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("no file of stories has `{part}` in its name");
    }
    // The stories of a file run one after the other, and so do the files: they measure time.
    let mut tests = program("node", ["--test", "--test-concurrency=1"]);
    tests.args(options).args(files);
    environment(&mut tests)?;
    Ok(tests)
}

/// States what a command with browsers needs: the browsers, the packages, the servers and the folder of screenshots.
fn environment(command: &mut Command) -> Result<()> {
    let packages = at("target/console/tests");
    setup::npm_project(&at(TESTS), &packages)?;
    std::fs::create_dir_all(at("target/shots/console"))?;
    command.env("ROLECALL_CHROMIUM", setup::chromium()?).env("ROLECALL_FIREFOX", setup::firefox()?);
    command.env("ROLECALL_BIN", built("debug/rolecall")).env("ROLECALL_SHOTS", at("target/shots"));
    command.env("ROLECALL_CONSOLE_PACKAGES", packages.join("package.json")).env("ROLECALL_SITE", site()?);
    Ok(())
}

/// Builds the pages of the products in the demonstration. The packages must be built. Returns their folder.
pub(crate) fn site() -> Result<PathBuf> {
    let (source, site) = (at("examples/console/product"), at("target/demo/product"));
    for name in ["index.html", "app.css", "access.html"] {
        copy(&source.join(name), &site.join(name))?;
    }
    let installed = at("console/node_modules");
    for name in ["portable.wasm", "rolecall.wasm"] {
        copy(&installed.join("rolecall/dist").join(name), &site.join(name))?;
    }
    let entries = ["app.jsx", "access.jsx", "engine.js"].map(|name| source.join(name));
    let mut esbuild = program(setup::npm_program("esbuild"), entries);
    esbuild.args(["--bundle", "--format=esm", "--jsx=automatic", "--minify", "--log-level=warning"]);
    esbuild.arg("--define:process.env.NODE_ENV=\"production\"").arg(format!("--outdir={}", site.display()));
    // The packages of the console.
    esbuild.env("NODE_PATH", &installed);
    quiet(&mut esbuild)?;
    Ok(site)
}
