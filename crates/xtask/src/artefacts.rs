//! Builds the native core and the wheel for every Linux platform, with zig as the compiler of C and the linker, and runs
//! each of them: on this machine, or in qemu.

mod runtimes;
pub(crate) mod wheels;

use crate::build::native::{PLATFORMS, Platform};
use crate::shell::{at, built, cargo, program, quiet, run, step, write};
use crate::{build, pack, setup};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest glibc that the native cores need.
const GLIBC: &str = "2.28";

/// Builds and runs the artefacts of the platforms whose names contain a text. Prints one line for each.
pub(crate) fn run_all(only: &str) -> Result<bool> {
    if !at("bindings/js/node/dist/wasm.cjs").exists() {
        build::run(&["node".to_string()])?;
    }
    let platforms = linux().filter(|platform| platform.name.contains(only));
    let mut lines = Vec::new();
    for platform in platforms {
        step(&format!("build the native core for {}", platform.name), || core(platform))?;
        lines.push(step(&format!("run the native core for {}", platform.name), || run_core(platform))?);
        let wheel = step(&format!("build the wheel for {}", platform.name), || wheels::build(platform))?;
        lines.push(step(&format!("run the wheel for {}", platform.name), || wheels::run(platform, &wheel))?);
    }
    if lines.is_empty() {
        bail!("no Linux platform contains `{only}`");
    }
    println!("\n{}", lines.join("\n"));
    Ok(true)
}

/// The platforms that are built on Linux.
pub(crate) fn linux() -> impl Iterator<Item = &'static Platform> {
    PLATFORMS.iter().filter(|platform| platform.name.starts_with("linux"))
}

/// Builds the native core for a platform, and its npm package.
pub(crate) fn core(platform: &Platform) -> Result<()> {
    setup::rust_target(platform.target)?;
    let version = if is_musl(platform) { String::new() } else { format!(".{GLIBC}") };
    let target = format!("{}{version}", platform.target);
    run(with_zig(&mut cargo(["zigbuild", "--release", "--package", "rolecall-node", "--target", &target]))?)?;
    platform.package(&built(platform.target).join("release").join(platform.library())).map(drop)
}

/// Lets a build use zig. Libraries for musl need the C library of the system, as all modules of Node and Python do.
fn with_zig(command: &mut Command) -> Result<&mut Command> {
    let zig = setup::zig()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env("PATH", std::env::join_paths(std::iter::once(zig).chain(std::env::split_paths(&path)))?);
    for platform in linux().filter(|platform| is_musl(platform)) {
        let name = platform.target.replace('-', "_").to_uppercase();
        command.env(format!("CARGO_TARGET_{name}_RUSTFLAGS"), "-C target-feature=-crt-static");
    }
    Ok(command)
}

fn is_musl(platform: &Platform) -> bool {
    platform.name.ends_with("musl")
}

/// Installs the packed packages in a project, and asks them a question in Node of the platform.
fn run_core(platform: &Platform) -> Result<String> {
    const PROGRAM: &str = r#"const { core, Engine } = require("@rolecall/node");
const engine = Engine.from(
  { rolecall: 1, scopes: ["account"], resources: { a: { actions: ["view", "edit"] } }, roles: { r: { grants: ["a:view"] } } },
  { rolecall: 1, scopes: ["acme"], subjects: { "user:ada": {} }, assignments: [{ subject: "user:ada", role: "r", at: "acme" }] },
);
const session = engine.session("user:ada", { at: "acme", time: "2026-11-21T10:00:00Z" });
engine.writeSnapshot("roles.snapshot");
const opened = Engine.openSnapshot("roles.snapshot");
if (opened.whoCan("a:view", { at: "acme", time: "2026-11-21T10:00:00Z" }).subjects.join() !== "user:ada") throw new Error("snapshot");
if (!session.can("a:view") || session.can("a:edit")) throw new Error("a wrong answer");
console.log(core, process.version, process.arch);
process.exit(core === "native" ? 0 : 1);
"#;
    let project = at("target/artefacts").join(platform.name);
    let _ = std::fs::remove_dir_all(&project);
    let scope = project.join("node_modules/@rolecall");
    for (packed, name) in [
        (pack::folder_of(&at("bindings/js/node"), &created(&project)?)?, "node".to_string()),
        (pack::native(platform, &project)?, format!("node-{}", platform.name)),
    ] {
        unpacked(&packed, &created(&scope.join(name))?)?;
    }
    write(&project.join("ask.cjs"), PROGRAM.as_bytes())?;
    let printed = quiet(runtimes::node(platform)?.arg("ask.cjs").current_dir(&project))?;
    Ok(format!("@rolecall/node-{:<18} {}", platform.name, printed.trim()))
}

fn created(folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    Ok(folder.to_path_buf())
}

/// Unpacks an archive of npm.
fn unpacked(archive: &Path, folder: &Path) -> Result<()> {
    run(program("tar", ["-xzf"]).arg(archive).args(["--strip-components", "1", "-C"]).arg(folder))
}
