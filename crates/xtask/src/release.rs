//! Builds, packs and checks everything that a release would publish. Nothing is published.

mod artefact;
pub(crate) mod compiler;
pub(crate) mod versions;

use crate::build::native::{self, Platform};
use crate::shell::{at, built, cargo, copy, program, quiet, step};
use crate::{artefacts, build, pack, setup};
use anyhow::{Context, Result, bail};
use artefact::Artefact;
use std::path::{Path, PathBuf};

/// The folder of the packed artefacts.
const OUT: &str = "target/release-artefacts";

pub(crate) use compiler::is_stated_everywhere;

/// Builds, packs and checks all artefacts. With `quick` it skips compiling the packed crates again, the oldest
/// supported compiler and the benchmarks.
pub(crate) fn dry_run(quick: bool) -> Result<bool> {
    let out = at(OUT);
    let _ = std::fs::remove_dir_all(&out);
    std::fs::create_dir_all(&out)?;
    let version = step("compare the versions", versions::one)?;
    if !quick {
        step("check the published crates with the oldest supported compiler", compiler::check_published)?;
        step("check the benchmarks", || {
            let manifest = at("crates/rolecall-bench/Cargo.toml");
            quiet(cargo(["check", "--locked", "--all-targets", "--manifest-path"]).arg(manifest)).map(drop)
        })?;
    }
    build::run(&[])?;
    let mut artefacts = step("pack the crates", || crates(&out, &version, quick))?;
    artefacts.extend(step("pack the npm packages", || npm(&out, quick))?);
    artefacts.extend(step("pack the wheels and the source distribution", || python(&out, quick))?);
    let mut good = true;
    for artefact in &artefacts {
        println!("{}", artefact.summary());
        for problem in artefact.problems() {
            println!("  problem: {problem}");
            good = false;
        }
    }
    println!("{} artefacts of version {version} in {OUT}", artefacts.len());
    Ok(good)
}

/// Returns the published crates, in the order of publication.
fn crates(out: &Path, version: &str, quick: bool) -> Result<Vec<Artefact>> {
    let names = versions::published_crates()?;
    let mut pack = cargo(["package", "--allow-dirty", "--quiet"]);
    names.iter().for_each(|name| {
        pack.args(["--package", name]);
    });
    if quick {
        pack.arg("--no-verify");
    }
    quiet(&mut pack)?;
    let packed = names.iter().map(|name| {
        let file = format!("{name}-{version}.crate");
        copy(&built("package").join(&file), &out.join(&file))?;
        Artefact::tarball(&out.join(&file), artefact::CRATE)
    });
    packed.collect()
}

/// Returns the platforms whose artefacts are built here: on Linux all of Linux, elsewhere this one. With `quick` this one.
fn platforms(quick: bool) -> Result<Vec<&'static Platform>> {
    Ok(if quick || !cfg!(target_os = "linux") { vec![native::this()?] } else { artefacts::linux().collect() })
}

fn npm(out: &Path, quick: bool) -> Result<Vec<Artefact>> {
    let scripts = build::npm_packages().map(|folder| {
        let required = if folder.ends_with("/angular") { artefact::ANGULAR } else { artefact::NPM };
        Artefact::tarball(&pack::folder_of(&at(&folder), out)?, required)
    });
    let mut packed: Vec<_> = scripts.collect();
    for platform in platforms(quick)? {
        if !quick && cfg!(target_os = "linux") {
            // With the oldest glibc that is supported, in place of that of this machine.
            artefacts::core(platform)?;
        }
        packed.push(Artefact::tarball(&pack::native(platform, out)?, artefact::NATIVE));
    }
    packed.into_iter().collect()
}

fn python(out: &Path, quick: bool) -> Result<Vec<Artefact>> {
    let maturin = setup::python()?.with_file_name("maturin");
    let mut sdist = program(maturin, ["sdist", "--manifest-path"]);
    quiet(sdist.arg(at("bindings/python/Cargo.toml")).arg("--out").arg(out))?;
    let sdist = packed(out, ".tar.gz")?;
    if !quick {
        step("build a wheel from the source distribution", || from_source(&sdist))?;
    }
    let mut artefacts = vec![Artefact::tarball(&sdist, artefact::SDIST)?];
    for platform in platforms(quick)? {
        let wheel =
            if !quick && cfg!(target_os = "linux") { artefacts::wheels::build(platform)? } else { build::wheel()? };
        let file = out.join(wheel.file_name().context("a wheel has a name")?);
        copy(&wheel, &file)?;
        artefacts.push(Artefact::zip(&file, artefact::WHEEL)?);
    }
    Ok(artefacts)
}

/// Builds the source distribution as pip does for platforms without a wheel.
fn from_source(sdist: &Path) -> Result<()> {
    let python = setup::python()?;
    let maturin = python.parent().context("Python is in a folder")?.to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(maturin).chain(std::env::split_paths(&path)))?;
    let pip = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"];
    quiet(program(python, pip).arg(at("target/sdist-wheel")).arg(sdist).env("PATH", path)).map(drop)
}

/// Returns the only file of a folder with this ending.
fn packed(folder: &Path, end: &str) -> Result<PathBuf> {
    let mut files = std::fs::read_dir(folder)?.filter_map(|file| file.ok().map(|file| file.path()));
    let found = files.find(|file| file.to_string_lossy().ends_with(end));
    let Some(file) = found else { bail!("no `*{end}` in {}", folder.display()) };
    Ok(file)
}
