//! Tests the npm packages for front ends, each in its framework, in a project of its own.

use crate::shell::{at, copy, program, quiet, watched, write};
use crate::{build, docs, setup, unpack};
use anyhow::Result;
use serde_json::json;
use std::path::Path;
use std::process::Command;

const SOURCE: &str = "bindings/js/test/frontends";

/// Builds the packages and runs their tests. Builds `rolecall` only if it is not built yet, because that takes minutes.
pub(crate) fn run() -> Result<bool> {
    let browser = if at("bindings/js/rolecall/dist/store.js").exists() { None } else { Some("browser") };
    let bindings: Vec<String> = browser.into_iter().chain(["frontends"]).map(String::from).collect();
    build::run(&bindings)?;
    Ok(watched(&mut tests(&["--test-reporter=spec"])?)?.0 && types()?)
}

/// Returns the command of the tests, in a project with the frameworks and the packed packages.
pub(crate) fn tests(options: &[&str]) -> Result<Command> {
    let folder = at("target/clean/frontends");
    setup::npm_project(&at(SOURCE), &folder)?;
    for package in std::iter::once("bindings/js/rolecall".to_string()).chain(build::frontend_packages()) {
        unpack::into_project(&package, &folder)?;
    }
    for (name, document) in docs::example()? {
        write(&folder.join(format!("example/{name}.json")), document.to_string().as_bytes())?;
    }
    let files = copied(&folder)?;
    let mut tests = program("node", ["--test"]);
    tests.args(options).args(files.iter().filter(|name| name.ends_with(".test.mjs"))).current_dir(&folder);
    tests.env("ROLECALL_CHROMIUM", setup::chromium()?).env("ROLECALL_GUIDES", at("docs/guides"));
    std::fs::create_dir_all(at("target/shots"))?;
    tests.env("ROLECALL_SHOTS", at("target/shots")).env("NEXT_TELEMETRY_DISABLED", "1");
    Ok(tests)
}

/// Compiles typed code that uses the packages, with the names of a policy, in a project that [`tests`] prepared.
pub(crate) fn types() -> Result<bool> {
    let folder = at("target/clean/frontends");
    copy(&at("crates/rolecall-cli/tests/names/names.d.ts"), &folder.join("types/names.d.ts"))?;
    copy(&at(SOURCE).join("typed.ts"), &folder.join("types/typed.ts"))?;
    for (module, resolution) in [("nodenext", "nodenext"), ("esnext", "bundler")] {
        let config = json!({
            "compilerOptions": {
                "target": "es2022", "module": module, "moduleResolution": resolution, "strict": true, "noEmit": true,
                "exactOptionalPropertyTypes": true, "lib": ["es2022", "dom"], "skipLibCheck": true, "types": []
            },
            "include": ["types"]
        });
        let file = folder.join(format!("tsconfig.{resolution}.json"));
        write(&file, config.to_string().as_bytes())?;
        quiet(program(setup::npm_program("tsc"), ["--project"]).arg(&file).current_dir(&folder))?;
    }
    Ok(true)
}

/// Copies the tests next to the packages, where their imports resolve. Returns the names of the files.
fn copied(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in std::fs::read_dir(at(SOURCE))? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".mjs") {
            copy(&at(SOURCE).join(&name), &folder.join(&name))?;
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
