//! Runs the code blocks of the pages with the packed packages.
//!
//! Each page has its own folder, which contains its policy and directory, as YAML and as JSON, and each block that
//! names a file. Blocks run in order. The text after a block with `output` must be what the block printed.

use super::fences::{Fence, fences};
use super::world::{RUN, World};
use super::{Page, pages};
use crate::setup;
use crate::shell::{at, program, write};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The tools that run the blocks.
pub(crate) struct Tools<'t> {
    /// A project in which the npm packages are installed.
    pub(crate) clean: &'t Path,
    /// The Python in which the wheel is installed.
    pub(crate) python: &'t Path,
    /// The folder of the command `rolecall`.
    pub(crate) programs: &'t Path,
}

/// Packages of this project, which the pages install.
const PACKAGES: [&str; 13] = [
    "rolecall",
    "@rolecall/node",
    "@rolecall/express",
    "@rolecall/fastify",
    "@rolecall/hono",
    "@rolecall/react",
    "@rolecall/vue",
    "@rolecall/svelte",
    "@rolecall/next",
    "@rolecall/angular",
    "rolecall-cli",
    "rolecall-edge",
    "rolecall-tower",
];

/// Runs every block, and returns how many passed and failed.
pub(crate) fn run(tools: &Tools<'_>) -> Result<(u64, u64)> {
    let root = tools.clean.join("docs");
    let _ = std::fs::remove_dir_all(&root);
    let (mut passed, mut failed) = (0, 0);
    for page in pages()? {
        let mut runner = Runner { tools, folder: root.join(page.path.trim_end_matches(".md")), printed: None };
        for (fence, result) in runner.page(&page)? {
            match result {
                Ok(()) => passed += 1,
                Err(error) => {
                    eprintln!("    docs/{}:{}: {error:#}", page.path, fence.line);
                    failed += 1;
                }
            }
        }
    }
    if passed + failed == 0 {
        bail!("the documentation has no code to run");
    }
    Ok((passed, failed))
}

struct Runner<'t> {
    tools: &'t Tools<'t>,
    folder: PathBuf,
    /// The output of the last block.
    printed: Option<String>,
}

impl Runner<'_> {
    fn page(&mut self, page: &Page) -> Result<Vec<(Fence, Result<()>)>> {
        let blocks = fences(&page.text);
        let mut results = Vec::new();
        if !blocks.iter().any(|fence| RUN.contains(&fence.language.as_str())) {
            return Ok(results);
        }
        let mut world = World::of(page)?;
        self.save(&world)?;
        for fence in blocks {
            match fence.language.as_str() {
                "yaml" | "json" => {
                    world.block(&fence).with_context(|| format!("{}:{}", page.path, fence.line))?;
                    self.save(&world)?;
                    if let Some(name) = fence.value("file") {
                        write(&self.folder.join(name), fence.code.as_bytes())?;
                    }
                }
                "text" if fence.has("output") => {
                    let result = self.is_printed(&fence.code);
                    results.push((fence, result));
                }
                language if RUN.contains(&language) => {
                    let result = self.block(&fence);
                    results.push((fence, result));
                }
                "html" => {
                    if let Some(name) = fence.value("file") {
                        write(&self.folder.join(name), fence.code.as_bytes())?;
                    }
                }
                _ => {}
            }
        }
        Ok(results)
    }

    /// Writes the documents of the page, in both formats.
    fn save(&self, world: &World) -> Result<()> {
        for (name, document) in [("policy", &world.policy), ("directory", &world.directory)] {
            let Some(document) = document else { continue };
            // JSON is also valid YAML.
            for end in ["json", "yaml"] {
                write(&self.folder.join(format!("{name}.{end}")), document.to_string().as_bytes())?;
            }
        }
        Ok(())
    }

    fn is_printed(&self, wanted: &str) -> Result<()> {
        let printed = self.printed.as_deref().context("no block was run before this output")?;
        if printed.trim() != wanted.trim() {
            bail!("the block before printed:\n{printed}");
        }
        Ok(())
    }

    fn block(&mut self, fence: &Fence) -> Result<()> {
        if fence.has("install") {
            return installs(&fence.code);
        }
        let end = match fence.language.as_str() {
            "js" => "mjs",
            "python" => "py",
            "rust" => "rs",
            other => other,
        };
        let name = fence.value("file").map_or_else(|| format!("line-{}.{end}", fence.line), String::from);
        let path = self.folder.join(name);
        write(&path, fence.code.as_bytes())?;
        if fence.has("only-file") {
            return Ok(());
        }
        let mut command = match fence.language.as_str() {
            "js" if fence.has("types") => types(&path)?,
            "js" => program("node", [&path]),
            "ts" => types(&path)?,
            "python" => program(self.tools.python, [&path]),
            "rust" => self.rust(&path)?,
            _ => program("sh", ["-e".as_ref(), path.as_os_str()]),
        };
        self.finish(&mut command, fence)
    }

    /// Runs a command and records its output.
    fn finish(&mut self, command: &mut Command, fence: &Fence) -> Result<()> {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let programs = std::iter::once(self.tools.programs.to_path_buf()).chain(std::env::split_paths(&old));
        command.env("PATH", std::env::join_paths(programs)?).current_dir(&self.folder).stdin(Stdio::null());
        let output = command.output()?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let status = output.status.code();
        let wanted = fence.value("exit").map_or(Ok(0), str::parse)?;
        if status != Some(wanted) {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("it ended with {status:?} instead of {wanted}:\n{printed}{errors}");
        }
        self.printed = Some(printed);
        Ok(())
    }

    /// Builds Rust in a package of its own, which depends on the crates by path.
    fn rust(&self, path: &Path) -> Result<Command> {
        let package = self.tools.clean.join("docs-rust");
        let code = std::fs::read_to_string(path)?;
        let mut crates: Vec<String> = ["rolecall", "rolecall-documents", "rolecall-tower"]
            .iter()
            .filter(|name| code.contains(&name.replace('-', "_")))
            .map(|name| format!("{name} = {{ path = {:?} }}\n", at("crates").join(name)))
            .collect();
        if code.contains("axum::") {
            crates.push(
                "axum = { version = \"0.8\", default-features = false, features = [\"http1\", \"json\", \"tokio\"] }\n"
                    .into(),
            );
            crates.push("tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n".into());
            crates.push("tower = { version = \"0.5\", features = [\"util\"] }\n".into());
        }
        let manifest = format!(
            "[package]\nname = \"docs-rust\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n[workspace]\n",
            crates.concat()
        );
        write(&package.join("Cargo.toml"), manifest.as_bytes())?;
        crate::shell::copy(&at("Cargo.lock"), &package.join("Cargo.lock"))?;
        write(&package.join("src/main.rs"), code.as_bytes())?;
        let mut command = crate::shell::cargo(["run", "--quiet", "--manifest-path"]);
        command.arg(package.join("Cargo.toml"));
        Ok(command)
    }
}

/// Compiles TypeScript or JavaScript, with the declarations of browsers and of the packages.
fn types(path: &Path) -> Result<Command> {
    setup::npm()?;
    let options = ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"];
    let mut command = program(setup::npm_program("tsc"), options);
    command.args(["--lib", "es2022,dom", "--types", "", "--allowJs", "--checkJs"]).arg(path);
    Ok(command)
}

/// Checks lines that install packages without running them: each must name a package that this project publishes.
fn installs(code: &str) -> Result<()> {
    for line in code.lines().filter(|line| !line.is_empty()) {
        let commands = ["npm install ", "pip install ", "cargo add ", "cargo install "];
        let package = commands.iter().find_map(|command| line.strip_prefix(command)).map(str::trim);
        if !package.is_some_and(|package| PACKAGES.contains(&package)) {
            bail!("`{line}` does not install one of {PACKAGES:?}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_are_installed_exist() {
        assert!(installs("npm install rolecall\ncargo add rolecall\n").is_ok());
        assert!(installs("npm install rolcall\n").is_err());
        assert!(installs("npm uninstall rolecall\n").is_err());
    }
}
