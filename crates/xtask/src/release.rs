//! Builds, packs and checks everything that a release would publish. Nothing is published.

mod artefact;
pub(crate) mod compiler;
pub(crate) mod versions;

use crate::shell::{at, built, cargo, copy, program, quiet, step};
use crate::{build, setup};
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
    artefacts.extend(step("pack the npm packages", || npm(&out))?);
    artefacts.extend(step("pack the wheel and the source distribution", || python(&out))?);
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

fn npm(out: &Path) -> Result<Vec<Artefact>> {
    let packed = build::npm_packages().map(|folder| {
        let mut pack = program("npm", ["pack", "--silent", "--pack-destination"]);
        let name = quiet(pack.arg(out).current_dir(at(&folder)))?;
        let required = if folder.ends_with("/angular") { artefact::ANGULAR } else { artefact::NPM };
        Artefact::tarball(&out.join(name.trim()), required)
    });
    packed.collect()
}

fn python(out: &Path) -> Result<Vec<Artefact>> {
    let maturin = setup::python()?.with_file_name("maturin");
    let mut sdist = program(maturin, ["sdist", "--manifest-path"]);
    quiet(sdist.arg(at("bindings/python/Cargo.toml")).arg("--out").arg(out))?;
    let wheel = build::wheel()?;
    let file = out.join(wheel.file_name().context("a wheel has a name")?);
    copy(&wheel, &file)?;
    Ok(vec![Artefact::zip(&file, artefact::WHEEL)?, Artefact::tarball(&packed(out, ".tar.gz")?, artefact::SDIST)?])
}

/// Returns the only file of a folder with this ending.
fn packed(folder: &Path, end: &str) -> Result<PathBuf> {
    let mut files = std::fs::read_dir(folder)?.filter_map(|file| file.ok().map(|file| file.path()));
    let found = files.find(|file| file.to_string_lossy().ends_with(end));
    let Some(file) = found else { bail!("no `*{end}` in {}", folder.display()) };
    Ok(file)
}
