//! Benchmarks: the same work for Rolecall, its peers and hand-written code, measured in one run.

use crate::build;
use crate::setup;
use crate::shell::{at, cargo, copy, program, quiet, run, step, write};
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The parts of a run, in order.
const PARTS: [&str; 7] = ["rust", "growth", "wasmtime", "node", "chromium", "python", "peers"];

pub(crate) struct Options {
    /// Runs fewer and shorter rounds.
    pub(crate) quick: bool,
    /// Prints the figures as JSON.
    pub(crate) json: bool,
    /// Runs only these parts. Then `BENCHMARKS.md` is not written.
    pub(crate) only: Vec<String>,
}

pub(crate) fn bench(options: &Options) -> Result<bool> {
    if let Some(unknown) = options.only.iter().find(|part| !PARTS.contains(&part.as_str())) {
        bail!("`{unknown}` is not a part of the benchmarks; parts are {}", PARTS.join(", "));
    }
    let wanted = |part: &str| options.only.is_empty() || options.only.iter().any(|one| one == part);
    let folder = at("target/bench");
    std::fs::create_dir_all(&folder)?;
    step("build the benchmark", || {
        run(cargo(["build", "--release", "--manifest-path"]).arg(at("crates/rolecall-bench/Cargo.toml")))
    })?;
    let work = folder.join("workload.json");
    run(bencher().arg("workload").arg(&work))?;
    let mut out = Figures { all: String::new(), quick: options.quick };
    if wanted("rust") {
        let alone = if wanted("peers") { [].as_slice() } else { &["--alone"] };
        out.take("decisions in Rust", bencher().arg("rust").args(alone))?;
    }
    if wanted("growth") {
        out.take("growth", bencher().arg("growth"))?;
    }
    if wanted("wasmtime") {
        build::run(&["component".to_string()])?;
        out.take(
            "the component in wasmtime",
            bencher().args(["wasmtime"]).arg(at("target/bindings/rolecall.component.wasm")),
        )?;
    }
    if ["node", "chromium", "peers"].into_iter().any(wanted) {
        build::run(&["browser".to_string(), "node".to_string()])?;
        step("build the floors of Node and browsers", script_floors)?;
    }
    let script = at("crates/rolecall-bench/node");
    if wanted("node") {
        out.take("Node", node(&script.join("bench.mjs"), &work).args(["--only", "node"]))?;
    }
    if wanted("chromium") {
        let chromium = setup::chromium()?;
        out.take("Chromium", node(&script.join("chromium.mjs"), &work).env("ROLECALL_CHROMIUM", chromium))?;
    }
    if wanted("peers") {
        step("install the peers of Node", || {
            run(program("npm", ["ci", "--no-fund", "--no-audit"]).current_dir(&script))
        })?;
        // Node 20 crashes if calls into cedar-wasm are inlined.
        let mut peers = program("node", ["--no-turbo-inline-js-wasm-calls"]);
        out.take("peers in Node", peers.arg(script.join("bench.mjs")).arg(&work).args(["--only", "peers"]))?;
    }
    if wanted("python") || wanted("peers") {
        build::run(&["python".to_string()])?;
        let python = step("install the wheel, the floor and the peers of Python", python_ready)?;
        for (part, name) in [("python", "Python"), ("peers", "peers in Python")] {
            if wanted(part) {
                let script = at("crates/rolecall-bench/python/bench.py");
                out.take(name, program(&python, [script]).arg(&work).args(["--only", part]))?;
            }
        }
    }
    let figures = folder.join("figures.jsonl");
    write(&figures, out.all.as_bytes())?;
    if options.json {
        print!("{}", out.all);
        return Ok(true);
    }
    let mut report = bencher();
    report.arg("report").arg(&figures);
    if options.only.is_empty() {
        for size in build::sizes()? {
            report.args(["--size".to_string(), format!("{}={},{}", size.name, size.plain, size.brotli)]);
        }
        report.arg("--output").arg(at("BENCHMARKS.md"));
    }
    run(&mut report)?;
    Ok(true)
}

fn bencher() -> std::process::Command {
    program(at("crates/rolecall-bench/target/release/rolecall-bench"), [""; 0])
}

fn node(script: &Path, work: &Path) -> std::process::Command {
    let mut command = program("node", [script]);
    command.arg(work);
    command
}

/// The figures that the programs of the benchmark report, one JSON object on each line.
struct Figures {
    all: String,
    quick: bool,
}

impl Figures {
    fn take(&mut self, part: &str, command: &mut std::process::Command) -> Result<()> {
        if self.quick {
            command.arg("--quick");
        }
        step(&format!("measure: {part}"), || {
            let output = command.stderr(std::process::Stdio::inherit()).output()?;
            std::io::stderr().flush()?;
            if !output.status.success() {
                bail!("{part} failed: {}", output.status);
            }
            self.all.push_str(&String::from_utf8(output.stdout)?);
            Ok(())
        })
    }
}

/// Builds functions that do nothing, for Node and for browsers.
fn script_floors() -> Result<()> {
    setup::wasm_target()?;
    let manifest = at("crates/rolecall-bench/Cargo.toml");
    let target = at("crates/rolecall-bench/target");
    run(cargo(["build", "--release", "--package", "floor-node", "--manifest-path"]).arg(&manifest))?;
    let library = if cfg!(target_os = "macos") { "libfloor_node.dylib" } else { "libfloor_node.so" };
    copy(&target.join("release").join(library), &at("target/bench/floor.node"))?;
    let wasm =
        ["build", "--release", "--target", "wasm32-unknown-unknown", "--package", "floor-wasm", "--manifest-path"];
    run(cargo(wasm).arg(&manifest))?;
    let module = target.join("wasm32-unknown-unknown/release/floor_wasm.wasm");
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(module).out_name("floor").omit_default_module_path(true);
    bindgen.web(true)?.generate(at("target/bench/floor-wasm"))
}

/// Prepares a virtual environment with the wheel, the floor and the peers. Returns the path of its Python.
fn python_ready() -> Result<PathBuf> {
    let maturin = setup::python()?.with_file_name("maturin");
    let floors = at("target/bench/wheels");
    let manifest = at("crates/rolecall-bench/floors/python/Cargo.toml");
    quiet(
        program(maturin, ["build", "--release", "--quiet", "--manifest-path"]).arg(manifest).arg("--out").arg(&floors),
    )?;
    let floor = std::fs::read_dir(&floors)?.next().context("a wheel")??.path();
    let venv = at("target/bench/venv");
    let python = venv.join("bin/python");
    if !python.is_file() {
        quiet(program("python3", ["-m", "venv"]).arg(&venv))?;
    }
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    quiet(program(&python, install).args(["cedarpy>=4.12,<5", "casbin>=1.43,<2"]))?;
    quiet(program(&python, install).arg("--force-reinstall").arg(build::wheel()?).arg(floor))?;
    Ok(python)
}
