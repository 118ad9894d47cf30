//! The wheels of the Linux platforms, and the source distribution.

use super::{GLIBC, is_musl, runtimes, with_zig};
use crate::build::native::Platform;
use crate::setup;
use crate::shell::{at, program, quiet, run as run_command};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Asks the installed wheel a question, and prints the version of Python.
const PROGRAM: &str = "import platform, sys, rolecall
engine = rolecall.Engine.from_dict(
    {'rolecall': 1, 'scopes': ['account'], 'resources': {'a': {'actions': ['view', 'edit']}}, 'roles': {'r': {'grants': ['a:view']}}},
    {'rolecall': 1, 'scopes': ['acme'], 'subjects': {'user:ada': {}}, 'assignments': [{'subject': 'user:ada', 'role': 'r', 'at': 'acme'}]},
)
session = engine.session('user:ada', at='acme', time='2026-11-21T10:00:00Z')
assert session.can('a:view') and not session.can('a:edit')
print('native', 'v' + platform.python_version(), platform.machine())";

/// Builds the wheel of a platform.
pub(crate) fn build(platform: &Platform) -> Result<PathBuf> {
    setup::rust_target(platform.target)?;
    let out = at("target/wheels-linux").join(platform.name);
    let _ = std::fs::remove_dir_all(&out);
    let tag =
        if is_musl(platform) { "musllinux_1_2".to_string() } else { format!("manylinux_{}", GLIBC.replace('.', "_")) };
    let maturin = setup::python()?.with_file_name("maturin");
    let mut command = program(maturin, ["build", "--release", "--quiet", "--zig", "--target", platform.target]);
    command.args(["--compatibility", &tag, "--manifest-path"]).arg(at("bindings/python/Cargo.toml"));
    run_command(with_zig(command.arg("--out").arg(&out))?)?;
    let mut files = std::fs::read_dir(&out)?.filter_map(|file| file.ok().map(|file| file.path()));
    files.next().context("maturin writes a wheel")
}

/// Unpacks a wheel and asks it a question in Python of the platform. Returns one line.
pub(super) fn run(platform: &Platform, wheel: &Path) -> Result<String> {
    let name = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(mut python) = runtimes::python(platform)? else {
        return Ok(format!("{name} built, not run: there is no Python for musl in the registries"));
    };
    let site = at("target/artefacts").join(format!("site-{}", platform.name));
    let _ = std::fs::remove_dir_all(&site);
    std::fs::create_dir_all(&site)?;
    let unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
    quiet(program("python3", ["-c", unpack]).arg(wheel).arg(&site))?;
    let printed = quiet(python.args(["-B", "-c", PROGRAM]).env("PYTHONPATH", &site).current_dir(&site))?;
    Ok(format!("{name} {}", printed.trim()))
}
