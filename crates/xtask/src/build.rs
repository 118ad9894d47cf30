//! Builds the bindings.

mod admin;
mod angular;
pub(crate) mod console;
pub(crate) mod native;

use crate::setup;
use crate::shell::{at, built, cargo, copy, program, quiet, step, write};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use wasm_bindgen_cli_support::Bindgen;
use wit_component::{ComponentEncoder, DecodedWasm};

/// The bindings, in the order in which they are built: the command contains the console, which is made of packages.
pub(crate) const BINDINGS: [&str; 9] =
    ["browser", "node", "servers", "frontends", "console", "cli", "component", "edge", "python"];

pub(crate) fn run(bindings: &[String]) -> Result<()> {
    if let Some(unknown) = bindings.iter().find(|binding| !BINDINGS.contains(&binding.as_str())) {
        bail!("`{unknown}` is not a binding; bindings are {}", BINDINGS.join(", "));
    }
    let wanted = |binding: &str| bindings.is_empty() || bindings.iter().any(|named| named == binding);
    for (binding, build) in [
        ("browser", browser as fn() -> Result<()>),
        ("node", node),
        ("servers", servers),
        ("frontends", frontends),
        ("console", console::build),
        ("cli", cli),
        ("component", component),
        ("edge", edge),
        ("python", python),
    ] {
        if wanted(binding) {
            step(&format!("build the binding `{binding}`"), build)?;
        }
    }
    Ok(())
}

/// Builds the `rolecall` command.
fn cli() -> Result<()> {
    programs()
}

/// Builds both programs in one call, so that their dependencies have the same features and are compiled once.
fn programs() -> Result<()> {
    cargo_build(&["--package", "rolecall-cli", "--package", "rolecall-edge"])
}

/// Builds the wasmtime host, and the component's machine code for it.
fn edge() -> Result<()> {
    programs()?;
    let (wasm, machine) = (at("target/bindings/rolecall.component.wasm"), precompiled_component());
    quiet(program(edge_command(), ["precompile"]).arg(wasm).arg("--output").arg(machine))?;
    Ok(())
}

static RUNNERS: Once = Once::new();

/// Records that the parity runners are built, as a build of their crates' tests does.
pub(crate) fn runners_are_built() {
    RUNNERS.call_once(|| {});
}

/// Returns the command of a parity runner, in Rust or for the component. Builds both runners first.
pub(crate) fn runner_command(package: &str) -> Result<Command> {
    let mut built_now = Ok(());
    RUNNERS.call_once(|| {
        built_now = cargo_build(&["--quiet", "--package", "rolecall-parity", "--package", "rolecall-parity-component"]);
    });
    built_now?;
    Ok(program(built("debug").join(package), [""; 0]))
}

/// Runs the parity runner in Rust: it makes random documents and vectors, and answers them.
pub(crate) fn runner<S: AsRef<OsStr>>(verb: impl IntoIterator<Item = S>, rest: &[&Path]) -> Result<()> {
    quiet(runner_command("rolecall-parity")?.args(verb).args(rest)).map(drop)
}

/// Writes the component's answers to a file of random documents and questions.
pub(crate) fn component_answers(worlds: &Path, out: &Path) -> Result<()> {
    let mut command = runner_command("rolecall-parity-component")?;
    quiet(command.arg(precompiled_component()).arg(worlds).arg(out)).map(drop)
}

pub(crate) fn edge_command() -> PathBuf {
    built("debug/rolecall-edge")
}

pub(crate) fn precompiled_component() -> PathBuf {
    at("target/bindings/rolecall.component.cwasm")
}

fn cargo_build(args: &[&str]) -> Result<()> {
    run_cargo(&[&["build"], args].concat())
}

fn run_cargo(args: &[&str]) -> Result<()> {
    crate::shell::run(&mut cargo(args))
}

/// Builds a crate to WebAssembly. Each crate is built alone: cargo would merge features of two crates, such as `std`.
fn wasm(package: &str, profile: &str) -> Result<PathBuf> {
    setup::wasm_target()?;
    run_cargo(&["build", "--profile", profile, "--target", "wasm32-unknown-unknown", "--package", package])?;
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(built("wasm32-unknown-unknown").join(profile).join(file))
}

/// Builds the component, which must import nothing.
fn component() -> Result<()> {
    let module = std::fs::read(wasm("rolecall-component", "wasm")?)?;
    let component = ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    if let DecodedWasm::Component(resolve, world) = wit_component::decode(&component)? {
        let imports = resolve.worlds.get(world).map_or(0, |world| world.imports.len());
        if imports > 0 {
            bail!("the component imports {imports} interfaces; it must import none");
        }
    }
    write(&at("target/bindings/rolecall.component.wasm"), &component)?;
    eprintln!("    component: {} bytes, imports nothing", component.len());
    Ok(())
}

/// Builds the npm package `rolecall`.
fn browser() -> Result<()> {
    setup::npm()?;
    let modules = [
        glue()?,
        optimised(&wasm("rolecall-wasm-portable", "wasm-small")?, &at("target/bindings/portable.wasm"), "-Oz")?,
        optimised(&wasm("rolecall-wasm-snapshot", "wasm-small")?, &at("target/bindings/snapshot.wasm"), "-Oz")?,
    ];
    browser_scripts(&modules)
}

/// Builds the npm package `rolecall` with the WebAssembly modules of the last build, which takes seconds. Builds these as
/// well if they are missing.
fn browser_with_last_modules() -> Result<()> {
    let modules =
        ["bindings/js/rolecall/glue/rolecall.wasm", "target/bindings/portable.wasm", "target/bindings/snapshot.wasm"];
    if !modules.iter().all(|module| at(module).is_file()) {
        return run(&["browser".to_string()]);
    }
    setup::npm()?;
    step("build the scripts of the binding `browser`", || browser_scripts(&modules.map(at)))
}

/// Builds everything that the console needs, and the command that contains it.
pub(crate) fn console_with_command() -> Result<()> {
    browser_with_last_modules()?;
    run(&["frontends", "console", "cli"].map(String::from))
}

fn browser_scripts(modules: &[PathBuf]) -> Result<()> {
    let dist = at("bindings/js/rolecall/dist");
    let _ = std::fs::remove_dir_all(&dist);
    for (entry, out, format, platform) in [
        ("index", "index.js", "esm", "browser"),
        ("inline", "inline.js", "esm", "neutral"),
        ("inline", "inline.cjs", "cjs", "neutral"),
        ("edge", "edge.js", "esm", "neutral"),
        ("portable", "portable.js", "esm", "browser"),
        ("portable-inline", "portable-inline.js", "esm", "neutral"),
        ("portable-inline", "portable-inline.cjs", "cjs", "neutral"),
        ("portable-edge", "portable-edge.js", "esm", "neutral"),
        ("snapshot", "snapshot.js", "esm", "browser"),
        ("snapshot-inline", "snapshot-inline.js", "esm", "neutral"),
        ("snapshot-inline", "snapshot-inline.cjs", "cjs", "neutral"),
        ("snapshot-edge", "snapshot-edge.js", "esm", "neutral"),
    ] {
        bundle(&format!("bindings/js/rolecall/src/{entry}.ts"), &dist.join(out), format, platform)?;
    }
    for name in ["", "portable-", "snapshot-"] {
        // Next names a compiled module `?module`; workerd and its tools name it as every other module.
        let edge = std::fs::read_to_string(dist.join(format!("{name}edge.js")))?;
        write(&dist.join(format!("{name}workerd.js")), edge.replace(".wasm?module", ".wasm").as_bytes())?;
    }
    scripts(&dist)?;
    for module in modules {
        copy(module, &dist.join(module.file_name().context("a module has a name")?))?;
    }
    types("bindings/js/rolecall/src/index.d.ts", &dist)?;
    for name in
        ["portable", "portable-exports", "portable-inline", "snapshot", "snapshot-exports", "snapshot-inline", "source"]
    {
        entry_types(&format!("bindings/js/rolecall/src/{name}.d.ts"), name, &dist)?;
    }
    let module = std::fs::read_to_string(at("bindings/js/rolecall/src/module.d.ts"))?;
    write(&dist.join("module.d.ts"), module.replace("../../api/", "./").as_bytes())?;
    store(&dist)?;
    copy(&at("LICENSE"), &at("bindings/js/rolecall/LICENSE"))
}

/// The size of an entry in browsers: script, minified, and module together if it has one, raw and compressed with brotli.
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) plain: usize,
    pub(crate) brotli: usize,
    /// The maximum compressed size.
    pub(crate) budget: usize,
}

/// Returns the sizes of the built entries for browsers.
pub(crate) fn sizes() -> Result<Vec<Size>> {
    const COUNT: &str = "const fs = require('fs'), zlib = require('zlib');
for (const file of process.argv.slice(1)) {
  const bytes = fs.readFileSync(file);
  const small = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } });
  console.log(bytes.length, small.length);
}";
    let mut sizes = Vec::new();
    for (name, script, module, budget) in [
        ("rolecall/view", "rolecall/dist/view.js", None, 650),
        ("rolecall/portable", "rolecall/dist/portable.js", Some("portable.wasm"), 21_550),
        ("rolecall/snapshot", "rolecall/dist/snapshot.js", Some("snapshot.wasm"), 88_000),
        ("rolecall", "rolecall/dist/index.js", Some("rolecall.wasm"), 334_200),
        ("rolecall/store", "rolecall/dist/store.js", None, 2_100),
        ("@rolecall/react", "react/dist/index.js", None, 2_000),
        ("@rolecall/vue", "vue/dist/index.js", None, 2_000),
        ("@rolecall/svelte", "svelte/dist/index.js", None, 2_000),
        ("@rolecall/svelte/kit", "svelte/dist/kit.js", None, 2_000),
        ("@rolecall/next", "next/dist/index.js", None, 2_000),
        ("@rolecall/angular", "angular/dist/index.js", None, 2_000),
        ("@rolecall/angular/router", "angular/dist/router.js", None, 2_000),
    ] {
        let (script, minified) = (at("bindings/js").join(script), at("target/size").join(script));
        let mut esbuild = program(setup::npm_program("esbuild"), ["--minify", "--log-level=warning"]);
        quiet(esbuild.arg(&script).arg(format!("--outfile={}", minified.display())))?;
        let module = module.map(|module| script.with_file_name(module));
        let answer = quiet(program("node", ["-e", COUNT]).arg(&minified).args(module))?;
        let numbers: Vec<usize> = answer.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let sum = |first: usize| numbers.iter().skip(first).step_by(2).sum();
        sizes.push(Size { name, plain: sum(0), brotli: sum(1), budget });
    }
    sizes.push(console::size()?);
    Ok(sizes)
}

static GLUE: Once = Once::new();

/// Builds the module with the whole engine, once in a run. Returns its path, next to its JavaScript glue.
fn glue() -> Result<PathBuf> {
    let mut built_now = Ok(());
    GLUE.call_once(|| {
        let build = || glued(&wasm("rolecall-wasm", "wasm")?, "rolecall", "-O3");
        built_now = build().map(drop);
    });
    built_now?;
    Ok(at("bindings/js/rolecall/glue/rolecall.wasm"))
}

/// Generates the JavaScript glue next to a module, and optimises the module.
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

/// Optimises a module for size and speed, unless it is the one of the last build.
fn optimised(module: &Path, out: &Path, level: &str) -> Result<PathBuf> {
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let wanted = format!("{level} {:x?}", Sha256::digest(std::fs::read(module)?).as_slice());
    let stamp = out.with_extension("optimised");
    if out.exists() && std::fs::read_to_string(&stamp).is_ok_and(|last| last == wanted) {
        return Ok(out.to_path_buf());
    }
    let mut wasm_opt = program(setup::npm_program("wasm-opt"), [level, "--converge", "--strip-producers"]);
    quiet(wasm_opt.arg("--strip-target-features").arg(module).arg("-o").arg(out))?;
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    eprintln!("    {name}: {} bytes", std::fs::metadata(out)?.len());
    write(&stamp, wanted.as_bytes())?;
    Ok(out.to_path_buf())
}

/// Builds the npm package `@rolecall/node`, and that of the native core for this platform.
fn node() -> Result<()> {
    setup::npm()?;
    glue()?;
    native::build()?;
    let dist = at("bindings/js/node/dist");
    let _ = std::fs::remove_dir_all(&dist);
    for (entry, out, format) in [
        ("index", "index.js", "esm"),
        ("index", "index.cjs", "cjs"),
        ("core", "core.cjs", "cjs"),
        ("wasm", "wasm.cjs", "cjs"),
    ] {
        bundle(&format!("bindings/js/node/src/{entry}.ts"), &dist.join(out), format, "node")?;
    }
    scripts(&dist)?;
    types("bindings/js/node/src/index.d.ts", &dist)?;
    copy(&at("LICENSE"), &at("bindings/js/node/LICENSE"))
}

/// An npm package that contains only script.
struct Package {
    name: &'static str,
    entries: &'static [&'static str],
    /// Its other modules, whose declarations the entries import.
    modules: &'static [&'static str],
    /// The modules of the API that it contains.
    api: &'static [&'static str],
}

/// The npm packages for web servers.
const SERVERS: [Package; 3] = [server("express"), server("fastify"), server("hono")];

const fn server(name: &'static str) -> Package {
    Package { name, entries: &["index"], modules: &[], api: &["guard", "types"] }
}

/// The npm packages for front ends. They import `rolecall`.
const FRONTENDS: [Package; 4] = [
    Package { name: "react", entries: &["index"], modules: &[], api: &[] },
    Package { name: "vue", entries: &["index", "nuxt"], modules: &["router"], api: &[] },
    Package { name: "svelte", entries: &["index", "kit"], modules: &[], api: &["guard", "types"] },
    Package { name: "next", entries: &["index", "config"], modules: &[], api: &["guard", "types"] },
];

/// The folders of the npm packages that need no framework for front ends.
pub(crate) const NPM: [&str; 5] =
    ["bindings/js/rolecall", "bindings/js/node", "bindings/js/express", "bindings/js/fastify", "bindings/js/hono"];

/// The folders of the npm packages for front ends.
pub(crate) fn frontend_packages() -> impl Iterator<Item = String> {
    FRONTENDS.iter().map(|package| package.name).chain(["angular"]).map(|name| format!("bindings/js/{name}"))
}

/// The folders of all npm packages.
pub(crate) fn npm_packages() -> impl Iterator<Item = String> {
    NPM.into_iter().map(String::from).chain(frontend_packages())
}

/// Builds the npm packages for web servers.
fn servers() -> Result<()> {
    script_packages(&SERVERS)
}

/// Builds the npm packages for front ends.
fn frontends() -> Result<()> {
    script_packages(&FRONTENDS)?;
    admin::build()?;
    angular::build()
}

fn script_packages(packages: &[Package]) -> Result<()> {
    setup::npm()?;
    declare()?;
    packages.iter().try_for_each(script_package)
}

fn script_package(Package { name, entries, modules, api }: &Package) -> Result<()> {
    let folder = at("bindings/js").join(name);
    let dist = folder.join("dist");
    let _ = std::fs::remove_dir_all(&dist);
    for entry in *entries {
        let source = format!("bindings/js/{name}/src/{entry}.ts");
        bundle(&source, &dist.join(format!("{entry}.js")), "esm", "neutral")?;
        bundle(&source, &dist.join(format!("{entry}.cjs")), "cjs", "neutral")?;
    }
    for module in *api {
        declaration(module, &dist)?;
    }
    for module in entries.iter().chain(*modules) {
        entry_types(&format!("bindings/js/{name}/src/{module}.d.ts"), module, &dist)?;
    }
    copy(&at("LICENSE"), &folder.join("LICENSE"))
}

/// Builds the wheel `rolecall` in target/wheels.
fn python() -> Result<()> {
    let python = setup::python()?;
    let wheels = at("target/wheels");
    let _ = std::fs::remove_dir_all(&wheels);
    let manifest = at("bindings/python/Cargo.toml");
    let mut maturin = program(python.with_file_name("maturin"), ["build", "--release", "--quiet", "--manifest-path"]);
    crate::shell::run(maturin.arg(manifest).arg("--out").arg(wheels))
}

/// Returns the wheel that was built last.
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
    esbuild.args(["--external:node:*", "--packages=external", "--external:./*.cjs", "--external:*.wasm?module"]);
    // Packages of this project, which `paths` of `tsconfig.json` would include.
    esbuild.args(["--external:rolecall", "--external:rolecall/*", "--external:@rolecall/*"]);
    if format == "cjs" && entry.ends_with("inline.ts") {
        esbuild.arg("--inject:bindings/js/rolecall/src/text-coding.ts");
    }
    if format == "cjs" {
        // The entries for `require` never use it.
        esbuild.arg("--define:import.meta.url=undefined");
    }
    quiet(&mut esbuild)?;
    Ok(())
}

/// Builds the entries that connect to a server, write filters and read views: scripts without WebAssembly, the same in both
/// packages.
fn scripts(dist: &Path) -> Result<()> {
    for name in ["client", "filters", "testing", "view"] {
        let entry = format!("bindings/js/api/{name}/index.ts");
        bundle(&entry, &dist.join(format!("{name}.js")), "esm", "neutral")?;
        bundle(&entry, &dist.join(format!("{name}.cjs")), "cjs", "neutral")?;
    }
    Ok(())
}

/// Builds the entry with the store of answers, which contains no WebAssembly.
fn store(dist: &Path) -> Result<()> {
    let entry = "bindings/js/api/store/index.ts";
    bundle(entry, &dist.join("store.js"), "esm", "neutral")?;
    bundle(entry, &dist.join("store.cjs"), "cjs", "neutral")?;
    for module in ["store/answers", "store/asks", "store/index", "store/portable"] {
        declaration(module, dist)?;
    }
    Ok(())
}

/// Writes the declarations of one entry and its imports, also for `require`.
fn types(entry: &str, dist: &Path) -> Result<()> {
    declare()?;
    for module in [
        "api",
        "client/administration",
        "client/administration-commands",
        "client/administration-rows",
        "client/application",
        "client/filters",
        "client/index",
        "client/live",
        "client/live-engine",
        "client/live-session",
        "client/login",
        "client/pass",
        "engine",
        "errors",
        "filters/columns",
        "filters/index",
        "filters/orm",
        "filters/sql",
        "platform",
        "policy",
        "portable-session",
        "session",
        "snapshot-engine",
        "snapshot-policy",
        "snapshot-session",
        "target",
        "testing/clock",
        "testing/fake",
        "testing/index",
        "testing/matchers",
        "types",
        "view/index",
    ] {
        declaration(module, dist)?;
    }
    entry_types(entry, "index", dist)
}

/// Writes all declarations to `target/types`.
fn declare() -> Result<()> {
    // Remove declarations of renamed files, which would be packed otherwise.
    let _ = std::fs::remove_dir_all(at("target/types"));
    let mut tsc = program(setup::npm_program("tsc"), ["--project", "bindings/js/tsconfig.json"]);
    quiet(&mut tsc)?;
    Ok(())
}

/// Writes the declarations of a module of the API, also for `require`.
fn declaration(module: &str, dist: &Path) -> Result<()> {
    let text = std::fs::read_to_string(at("target/types").join(format!("bindings/js/api/{module}.d.ts")))?;
    write(&dist.join(format!("{module}.d.ts")), text.as_bytes())?;
    write(&dist.join(format!("{module}.d.cts")), text.replace(".js\"", ".cjs\"").as_bytes())
}

/// Writes the declarations of an entry from the output of `tsc`.
fn entry_types(entry: &str, name: &str, dist: &Path) -> Result<()> {
    let text = std::fs::read_to_string(at("target/types").join(entry))?;
    let text: String = text
        .lines()
        .filter(|line| !line.contains("native.js") && !line.contains("core.cjs") && !line.contains("glue/"))
        .map(|line| line.replace("../../api/", "./") + "\n")
        .collect();
    write(&dist.join(format!("{name}.d.ts")), text.as_bytes())?;
    write(&dist.join(format!("{name}.d.cts")), text.replace(".js\"", ".cjs\"").as_bytes())
}
