//! Builds the packages.

use crate::setup;
use crate::shell::{at, built, cargo, copy, program, quiet, step, write};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use wasm_bindgen_cli_support::Bindgen;
use wit_component::{ComponentEncoder, DecodedWasm};

const FACES: [&str; 6] = ["cli", "component", "edge", "browser", "node", "python"];

pub(crate) fn run(faces: &[String]) -> Result<()> {
    if let Some(unknown) = faces.iter().find(|face| !FACES.contains(&face.as_str())) {
        bail!("there is no package `{unknown}`; there are: {}", FACES.join(", "));
    }
    let wanted = |face: &str| faces.is_empty() || faces.iter().any(|named| named == face);
    for (face, build) in [
        ("cli", cli as fn() -> Result<()>),
        ("component", component),
        ("edge", edge),
        ("browser", browser),
        ("node", node),
        ("python", python),
    ] {
        if wanted(face) {
            step(&format!("build the package `{face}`"), build)?;
        }
    }
    Ok(())
}

/// The `rolecall` command.
fn cli() -> Result<()> {
    programs()
}

/// Both programs. Together, so that their dependencies have the same features and are compiled once.
fn programs() -> Result<()> {
    cargo_build(&["--package", "rolecall-cli", "--package", "rolecall-edge"])
}

/// The wasmtime host, and the component's machine code for it.
fn edge() -> Result<()> {
    programs()?;
    let (wasm, machine) = (at("target/faces/rolecall.component.wasm"), precompiled_component());
    quiet(program(edge_command(), ["precompile"]).arg(wasm).arg("--output").arg(machine))?;
    Ok(())
}

static RUNNERS: Once = Once::new();

/// Notes that the programs which answer worlds are built, as they are with the tests of their crates.
pub(crate) fn runners_are_built() {
    RUNNERS.call_once(|| {});
}

/// A program that answers worlds, in Rust or by the component. Builds both of them first.
pub(crate) fn runner_command(package: &str) -> Result<Command> {
    let mut built_now = Ok(());
    RUNNERS.call_once(|| {
        built_now = cargo_build(&["--quiet", "--package", "rolecall-parity", "--package", "rolecall-parity-component"]);
    });
    built_now?;
    Ok(program(built("debug").join(package), [""; 0]))
}

/// Runs the program that makes worlds and vectors, and answers them in Rust.
pub(crate) fn runner<S: AsRef<OsStr>>(verb: impl IntoIterator<Item = S>, rest: &[&Path]) -> Result<()> {
    quiet(runner_command("rolecall-parity")?.args(verb).args(rest)).map(drop)
}

/// Lets the component answer worlds.
pub(crate) fn component_answers(worlds: &Path, out: &Path) -> Result<()> {
    let mut command = runner_command("rolecall-parity-component")?;
    quiet(command.arg(precompiled_component()).arg(worlds).arg(out)).map(drop)
}

pub(crate) fn edge_command() -> PathBuf {
    built("debug/rolecall-edge")
}

pub(crate) fn precompiled_component() -> PathBuf {
    at("target/faces/rolecall.component.cwasm")
}

fn cargo_build(args: &[&str]) -> Result<()> {
    run_cargo(&[&["build"], args].concat())
}

fn run_cargo(args: &[&str]) -> Result<()> {
    crate::shell::run(&mut cargo(args))
}

/// Builds a crate to WebAssembly. One crate at a time: features of two would be merged, and `std` is such a feature.
fn wasm(package: &str, profile: &str) -> Result<PathBuf> {
    setup::wasm_target()?;
    run_cargo(&["build", "--profile", profile, "--target", "wasm32-unknown-unknown", "--package", package])?;
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(built("wasm32-unknown-unknown").join(profile).join(file))
}

/// The component, which must import nothing.
fn component() -> Result<()> {
    let module = std::fs::read(wasm("rolecall-component", "wasm")?)?;
    let component = ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    if let DecodedWasm::Component(resolve, world) = wit_component::decode(&component)? {
        let imports = resolve.worlds.get(world).map_or(0, |world| world.imports.len());
        if imports > 0 {
            bail!("the component imports {imports} interfaces; it must import none");
        }
    }
    write(&at("target/faces/rolecall.component.wasm"), &component)?;
    eprintln!("    component: {} bytes, imports nothing", component.len());
    Ok(())
}

/// The npm package `rolecall`.
fn browser() -> Result<()> {
    setup::npm()?;
    let modules = [
        glued(&wasm("rolecall-wasm", "wasm")?, "rolecall", "-O3")?,
        optimised(&wasm("rolecall-wasm-portable", "wasm-small")?, &at("target/faces/portable.wasm"), "-Oz")?,
        optimised(&wasm("rolecall-wasm-snapshot", "wasm-small")?, &at("target/faces/snapshot.wasm"), "-Oz")?,
    ];
    let dist = at("bindings/js/rolecall/dist");
    let _ = std::fs::remove_dir_all(&dist);
    for (entry, out, format, platform) in [
        ("index", "index.js", "esm", "browser"),
        ("inline", "inline.js", "esm", "neutral"),
        ("inline", "inline.cjs", "cjs", "neutral"),
        ("node", "node.js", "esm", "node"),
        ("node-cjs", "node.cjs", "cjs", "node"),
        ("portable", "portable.js", "esm", "browser"),
        ("snapshot", "snapshot.js", "esm", "browser"),
    ] {
        bundle(&format!("bindings/js/rolecall/src/{entry}.ts"), &dist.join(out), format, platform)?;
    }
    client(&dist)?;
    for module in &modules {
        copy(module, &dist.join(module.file_name().context("a module has a name")?))?;
    }
    types("bindings/js/rolecall/src/index.d.ts", &dist)?;
    for name in ["portable", "snapshot", "source"] {
        entry_types(&format!("bindings/js/rolecall/src/{name}.d.ts"), name, &dist)?;
    }
    copy(&at("LICENSE"), &at("bindings/js/rolecall/LICENSE"))
}

/// What browsers load of an entry: bytes as they are, and compressed with brotli; script, minified, and module together.
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) plain: usize,
    pub(crate) brotli: usize,
    /// The most that it may take, compressed.
    pub(crate) budget: usize,
}

/// Sizes of the entries for browsers, once they are built.
pub(crate) fn sizes() -> Result<Vec<Size>> {
    const COUNT: &str = "const fs = require('fs'), zlib = require('zlib');
for (const file of process.argv.slice(1)) {
  const bytes = fs.readFileSync(file);
  const small = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } });
  console.log(bytes.length, small.length);
}";
    let dist = at("bindings/js/rolecall/dist");
    let mut sizes = Vec::new();
    for (name, script, module, budget) in [
        ("rolecall/portable", "portable.js", "portable.wasm", 20_900),
        ("rolecall/snapshot", "snapshot.js", "snapshot.wasm", 75_200),
        ("rolecall", "index.js", "rolecall.wasm", 269_000),
    ] {
        let minified = at("target/size").join(script);
        let mut esbuild = program(setup::npm_program("esbuild"), ["--minify", "--log-level=warning"]);
        quiet(esbuild.arg(dist.join(script)).arg(format!("--outfile={}", minified.display())))?;
        let told = quiet(program("node", ["-e", COUNT]).arg(&minified).arg(dist.join(module)))?;
        let numbers: Vec<usize> = told.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let sum = |first: usize| numbers.iter().skip(first).step_by(2).sum();
        sizes.push(Size { name, plain: sum(0), brotli: sum(1), budget });
    }
    Ok(sizes)
}

/// Writes the script that calls a module next to it, and optimises the module.
fn glued(module: &Path, name: &str, level: &str) -> Result<PathBuf> {
    let glue = at("bindings/js/rolecall/glue");
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name(name)
        .typescript(true)
        .omit_default_module_path(true)
        .keep_debug(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.web(true)?.generate(&glue)?;
    optimised(&glue.join(format!("{name}_bg.wasm")), &glue.join(format!("{name}.wasm")), level)
}

/// Makes a module smaller and faster.
fn optimised(module: &Path, out: &Path, level: &str) -> Result<PathBuf> {
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut wasm_opt = program(setup::npm_program("wasm-opt"), [level, "--converge", "--strip-producers"]);
    quiet(wasm_opt.arg("--strip-target-features").arg(module).arg("-o").arg(out))?;
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    eprintln!("    {name}: {} bytes", std::fs::metadata(out)?.len());
    Ok(out.to_path_buf())
}

/// The npm package `@rolecall/node`.
fn node() -> Result<()> {
    setup::npm()?;
    run_cargo(&["build", "--release", "--package", "rolecall-node"])?;
    let dist = at("bindings/js/node/dist");
    let _ = std::fs::remove_dir_all(&dist);
    let (library, platform) = if cfg!(target_os = "macos") {
        ("librolecall_node.dylib", "darwin")
    } else if cfg!(windows) {
        ("rolecall_node.dll", "win32")
    } else {
        ("librolecall_node.so", "linux")
    };
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    copy(&built("release").join(library), &dist.join(format!("rolecall.{platform}-{arch}.node")))?;
    bundle("bindings/js/node/src/index.ts", &dist.join("index.js"), "esm", "node")?;
    bundle("bindings/js/node/src/index-cjs.ts", &dist.join("index.cjs"), "cjs", "node")?;
    client(&dist)?;
    types("bindings/js/node/src/index.d.ts", &dist)?;
    copy(&at("LICENSE"), &at("bindings/js/node/LICENSE"))
}

/// The wheel `rolecall`, in target/wheels.
fn python() -> Result<()> {
    let python = setup::python()?;
    let wheels = at("target/wheels");
    let _ = std::fs::remove_dir_all(&wheels);
    let manifest = at("bindings/python/Cargo.toml");
    let mut maturin = program(python.with_file_name("maturin"), ["build", "--release", "--quiet", "--manifest-path"]);
    crate::shell::run(maturin.arg(manifest).arg("--out").arg(wheels))
}

/// The wheel that was built last.
pub(crate) fn wheel() -> Result<PathBuf> {
    let mut files = std::fs::read_dir(at("target/wheels"))?;
    files
        .find_map(|file| {
            file.ok().map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "whl"))
        })
        .context("there is no wheel in target/wheels")
}

fn bundle(entry: &str, out: &Path, format: &str, platform: &str) -> Result<()> {
    let mut esbuild = program(setup::npm_program("esbuild"), [entry]);
    esbuild.args(["--bundle", "--log-level=warning", "--target=es2022", "--loader:.wasm=binary"]);
    esbuild.args([
        format!("--format={format}"),
        format!("--platform={platform}"),
        format!("--outfile={}", out.display()),
    ]);
    esbuild.args(["--external:*.node", "--external:node:*"]);
    if format == "cjs" {
        // The entries for `require` never touch it.
        esbuild.arg("--define:import.meta.url=undefined");
    }
    quiet(&mut esbuild)?;
    Ok(())
}

/// The entry that connects to a server: script alone, the same in both packages.
fn client(dist: &Path) -> Result<()> {
    bundle("bindings/js/api/client/index.ts", &dist.join("client.js"), "esm", "neutral")?;
    bundle("bindings/js/api/client/index.ts", &dist.join("client.cjs"), "cjs", "neutral")
}

/// Declarations of one entry and what it uses, and the same for `require`.
fn types(entry: &str, dist: &Path) -> Result<()> {
    let out = at("target/types");
    // Declarations of files that were renamed would be packed otherwise.
    let _ = std::fs::remove_dir_all(&out);
    let mut tsc = program(setup::npm_program("tsc"), ["--project", "bindings/js/tsconfig.json"]);
    quiet(&mut tsc)?;
    for module in [
        "api",
        "client/index",
        "client/live",
        "client/live-engine",
        "client/live-session",
        "client/login",
        "client/pass",
        "engine",
        "errors",
        "policy",
        "portable-session",
        "session",
        "snapshot-engine",
        "snapshot-policy",
        "snapshot-session",
        "types",
    ] {
        let text = std::fs::read_to_string(out.join(format!("bindings/js/api/{module}.d.ts")))?;
        write(&dist.join(format!("{module}.d.ts")), text.as_bytes())?;
        write(&dist.join(format!("{module}.d.cts")), text.replace(".js\"", ".cjs\"").as_bytes())?;
    }
    entry_types(entry, "index", dist)
}

/// Declarations of an entry, once `tsc` has made them.
fn entry_types(entry: &str, name: &str, dist: &Path) -> Result<()> {
    let text = std::fs::read_to_string(at("target/types").join(entry))?;
    let text: String = text
        .lines()
        .filter(|line| !line.contains("native.js") && !line.contains("load.js") && !line.contains("glue/"))
        .map(|line| line.replace("../../api/", "./") + "\n")
        .collect();
    write(&dist.join(format!("{name}.d.ts")), text.as_bytes())?;
    write(&dist.join(format!("{name}.d.cts")), text.replace(".js\"", ".cjs\"").as_bytes())
}
