//! Runs every test: style, core, packed bindings, browser, parity.

mod rust;
mod tally;

use crate::server;
use crate::shell::{at, built, cargo, program, quiet, watched, write};
use crate::{
    api, buffered, build, console, costs, demo, docs, frontends, gate, generate, imports, index_files, instructions,
    lines, matrix, pack, parity, products, release, setup, words, yaml,
};
use anyhow::{Context, Result, bail};
use rust::Program;
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use tally::Tally;

/// The number of random sets of documents in the comparison. With 240 decisions each, this makes more than 40,000
/// decisions.
const WORLDS: u64 = 200;

/// Runs the tests, and prints `N passed, N failed` last. With `quick`, runs only tests that Rust alone can run.
pub(crate) fn run(quick: bool) -> Result<bool> {
    let mut tally = Tally::default();
    style(&mut tally);
    if quick {
        let crates = QUICK.map(String::from);
        let tests = built_tests(&mut tally, &crates);
        let short: Vec<Program> = tests.into_iter().filter(|test| !SLOW.contains(&test.target.as_str())).collect();
        tally.suite("Rust, policies and decisions", || rust::run(&short));
        return Ok(tally.finish());
    }
    let vectors = at("target/vectors.json");
    builds(&mut tally);
    let tests = built_tests(&mut tally, &tested_crates()?);
    tally.check("vectors", || build::runner(["vectors"], &[&vectors]).map(|()| true));
    tally.suite("Rust", || rust::run(&tests));
    tally.suite("Rust, the examples of the documentation", || rust::examples(&tests));
    bounds(&mut tally, &tests);
    packages(&mut tally, &vectors);
    servers(&mut tally);
    Ok(tally.finish())
}

/// The crates that make decisions, those that read documents and commands, and the vectors.
const QUICK: [&str; 5] = ["rolecall", "rolecall-contract", "rolecall-yaml", "rolecall-admin", "rolecall-parity"];

/// Tests with many random documents, which `quick` skips.
const SLOW: [&str; 11] =
    ["brute", "changes", "forged", "horizons", "items", "objections", "pass", "portable", "random", "snapshot", "work"];

fn built_tests(tally: &mut Tally, crates: &[String]) -> Vec<Program> {
    let mut tests = Vec::new();
    tally.check("the Rust tests build", || {
        tests = rust::build(crates)?;
        build::runners_are_built();
        Ok(!tests.is_empty())
    });
    tests
}

fn quiet_run(command: &mut Command) -> Result<bool> {
    quiet(command).map(|_| true)
}

fn style(tally: &mut Tally) {
    tally.check("rustfmt", || Ok(quiet(&mut cargo(["fmt", "--all", "--check"])).is_ok()));
    tally.check("clippy", || {
        let args = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
        Ok(watched(&mut cargo(args))?.0)
    });
    tally.check("TypeScript and Python are formatted", scripts);
    tally.check("generated files are fresh", || generate::run(true));
    tally.check("the documentation of the crates has no warnings", rustdoc);
    tally.check("the public interface of the crates is that of `tests/public-api`", || api::run(true));
    tally.check("errors and answers can get new fields and variants", api::is_open_to_additions);
    tally.check("documentation: links have targets, and documents compile", docs::check);
    tally.check("dependencies have known licences and come from the registry", dependencies);
    tally.check("the oldest supported compiler is stated everywhere", release::is_stated_everywhere);
    tally.check("no files import each other in a circle", imports::none_in_circles);
    tally.check("lib.rs and mod.rs document and list their parts", index_files::only_list_parts);
    tally.check("prose is plain English", words::check);
    tally.check("frameworks need few lines", || lines::table(false).map(|()| true));
}

fn builds(tally: &mut Tally) {
    for binding in build::BINDINGS {
        tally.check(&format!("the binding {binding} builds"), || build::run(&[binding.to_string()]).map(|()| true));
    }
    tally.check("the downloads of browsers are within their budgets", || within_budget(&build::sizes()?));
}

/// Returns the workspace's crates that have tests. Bindings and WebAssembly modules are tested after packing.
fn tested_crates() -> Result<Vec<String>> {
    let listed = quiet(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    let listed: serde_json::Value = serde_json::from_str(&listed)?;
    let packages = listed.get("packages").and_then(serde_json::Value::as_array).context("cargo lists packages")?;
    let text = |package: &serde_json::Value, key: &str| Some(package.get(key)?.as_str()?.to_string());
    let is_tested =
        |path: &str| ["crates", "tests", "wasm/abi"].iter().any(|folder| Path::new(path).starts_with(at(folder)));
    let tested = packages.iter().filter(|package| text(package, "manifest_path").is_some_and(|path| is_tested(&path)));
    Ok(tested.filter_map(|package| text(package, "name")).collect())
}

fn bounds(tally: &mut Tally, tests: &[Program]) {
    tally.suite("the gate and the servers behind it see the same requests", || {
        let program = tests.iter().find(|test| test.target == gate::TESTS).context("the gate has tests")?;
        counted(gate::prepared(&mut program.command())?, cargo_counts)
    });
    tally.check("instructions of the hot paths are within their budgets", instructions::within_budget);
    tally.check("no known input of an entry point takes much more than a typical one", || costs::within_bounds(true));
}

fn packages(tally: &mut Tally, vectors: &Path) {
    tally.suite("JavaScript, errors of the core", || {
        let mut tests = program("node", ["--test", "--test-reporter=tap", "test/native.test.mjs"]);
        counted(tests.current_dir(at("bindings/js")), tap_counts)
    });
    tally.suite("JavaScript, what the parts of the console compute", || {
        counted(&mut console::logic(&["--test-reporter=tap"])?, tap_counts)
    });
    let clean = at("target/clean/js");
    tally.check("the npm packages install in a clean project", || install_packages(&clean).map(|()| true));
    for package in ["rolecall", "@rolecall/node"] {
        tally.suite(&format!("JavaScript, {package}"), || javascript(&clean, vectors, package));
    }
    tally.suite("JavaScript, rolecall/snapshot", || snapshots(&clean, vectors));
    tally.suite("JavaScript, @rolecall/node without its native core", || {
        let mut tests = program("node", ["--test", "--test-reporter=tap"]);
        counted(tests.arg(at("bindings/js/test/fallback.test.mjs")).current_dir(&clean), tap_counts)
    });
    tally.suite("JavaScript, Express, Fastify and Hono", || {
        let mut tests = program("node", ["--test", "--test-reporter=tap"]);
        counted(tests.arg(at("bindings/js/test/servers.test.mjs")).current_dir(&clean), tap_counts)
    });
    tally.suite("JavaScript, the store and frameworks for front ends", || {
        counted(&mut frontends::tests(&["--test-reporter=tap"])?, tap_counts)
    });
    tally.check("the types of the packages for front ends", frontends::types);
    tally.suite("every entry in runtimes, bundlers and TypeScript", || matrix::selection(&clean));
    tally.check("the types of the npm packages", || types(&clean, vectors));
    tally.check("a bundle of Vite", || bundle(&clean, vectors).map(|()| true));
    let python = at("target/clean/python/bin/python");
    tally.check("the wheel installs in a clean environment", || install_wheel(&python).map(|()| true));
    tally.suite("Python", || python_tests(&python, vectors));
    tally.check("the types of the wheel", || python_types(&python));
    tally.suite("the examples of the README", || readme(&clean, &python));
    tally.suite("the examples of the documentation", || documented(&clean, &python));
    tally.suite("Chromium", || counted(&mut demo::browser_tests(&clean, vectors, &[])?, tap_counts));
    tally.check("parity", || parity::compare(WORLDS, 1));
    tally.check("the rows of two products on every binding", products::table);
}

fn servers(tally: &mut Tally) {
    let python = at("target/clean/python/bin/python");
    tally.check("all clients of a server receive a change", || Ok(watched(&mut server::followers(&python)?)?.0));
    tally.check("a change arrives through nginx with its defaults", buffered::nginx);
    tally.check("schemathesis finds no defect in the server", || server::schemathesis(10, Some(1)));
    tally.check("users log in with a real identity provider", || Ok(watched(&mut server::logins()?)?.0));
    tally.suite("the console, in Chromium and Firefox", || {
        counted(&mut console::tests("", &["--test-reporter=tap"])?, tap_counts)
    });
}

/// Runs the code blocks of the documentation with what [`run`] installed.
pub(crate) fn documentation() -> Result<bool> {
    let (passed, failed) = documented(&at("target/clean/js"), &at("target/clean/python/bin/python"))?;
    eprintln!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn documented(clean: &Path, python: &Path) -> Result<(u64, u64)> {
    docs::examples(&docs::Tools { clean, python, programs: &built("debug") })
}

/// Prints the rules of administration as a table.
pub(crate) fn admin_rules() -> Result<bool> {
    let mut table = cargo(["test", "--quiet", "--package", "rolecall-admin", "--test", "rules"]);
    Ok(table.env("ROLECALL_RULES_TABLE", "1").status()?.success())
}

fn within_budget(sizes: &[build::Size]) -> Result<bool> {
    for build::Size { name, plain, brotli, budget } in sizes {
        eprintln!("    {name}: {plain} bytes, {brotli} compressed of at most {budget}");
    }
    Ok(sizes.iter().all(|size| size.brotli <= size.budget))
}

/// Checks the format of scripts with prettier and ruff.
fn scripts() -> Result<bool> {
    setup::npm()?;
    let ruff = setup::python()?.with_file_name("ruff");
    quiet(&mut program(setup::npm_program("prettier"), ["--check", "--log-level=warn", "."]))?;
    quiet(&mut program(&ruff, ["format", "--check", "--quiet", "."]))?;
    quiet_run(&mut program(&ruff, ["check", "--quiet", "."]))
}

/// Builds the documentation of the published crates as docs.rs does.
fn rustdoc() -> Result<bool> {
    let mut document = cargo(["doc", "--quiet", "--no-deps"]);
    for name in release::versions::published_crates()? {
        document.args(["--package", &name]);
    }
    Ok(watched(document.env("RUSTDOCFLAGS", "-D warnings"))?.0)
}

/// Checks bans, licences and sources by `deny.toml`. Advisories are skipped, because their database is not in a
/// registry.
fn dependencies() -> Result<bool> {
    setup::cargo_deny()?;
    Ok(watched(&mut cargo(["deny", "--workspace", "check", "bans", "licenses", "sources"]))?.0)
}

/// Runs a suite and reads its counts. A suite that fails without counting a failure counts as one failure.
fn counted(command: &mut Command, counts: fn(&str) -> (u64, u64)) -> Result<(u64, u64)> {
    let (good, text) = watched(command)?;
    let (passed, failed) = counts(&text);
    Ok((passed, if good { failed } else { failed.max(1) }))
}

/// Returns the number before a word.
fn number_before(line: &str, word: &str) -> u64 {
    let before = line.split(word).next().unwrap_or_default();
    before.split_whitespace().next_back().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn cargo_counts(text: &str) -> (u64, u64) {
    text.lines().filter(|line| line.starts_with("test result:")).fold((0, 0), |(passed, failed), line| {
        (passed + number_before(line, " passed"), failed + number_before(line, " failed"))
    })
}

fn tap_counts(text: &str) -> (u64, u64) {
    let count = |word: &str| {
        let last = text.lines().filter_map(|line| line.strip_prefix(word)).next_back();
        last.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    (count("# pass "), count("# fail ") + count("# cancelled "))
}

fn pytest_counts(text: &str) -> (u64, u64) {
    let last = text.lines().rfind(|line| line.contains(" passed") || line.contains(" failed")).unwrap_or_default();
    let failed = if last.contains(" failed") { number_before(last, " failed") } else { 0 };
    let passed = if last.contains(" passed") { number_before(last, " passed") } else { 0 };
    (passed, failed)
}

/// The frameworks of the packages for web servers.
const SERVER_FRAMEWORKS: [&str; 4] = ["express@5.3.0", "@types/express@5.0.6", "fastify@5.12.8", "hono@4.13.19"];

/// Packs all packages and installs them in an empty project.
pub(crate) fn install_packages(clean: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(clean);
    std::fs::create_dir_all(clean)?;
    write(&clean.join("package.json"), br#"{ "name": "clean", "private": true, "type": "module" }"#)?;
    let tarballs = pack::npm_for_tests(clean)?;
    let mut install = program("npm", ["install", "--no-fund", "--no-audit"]);
    quiet(install.args(&tarballs).args(SERVER_FRAMEWORKS).current_dir(clean))?;
    for package in [
        "rolecall",
        "rolecall/client",
        "rolecall/filters",
        "rolecall/snapshot",
        "rolecall/view",
        "@rolecall/node",
        "@rolecall/node/client",
        "@rolecall/node/filters",
        "@rolecall/node/view",
    ] {
        let name: String = package.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
        let text = format!("export * from \"{package}\";\n");
        write(&clean.join(format!("import-{name}.mjs")), text.as_bytes())?;
    }
    Ok(())
}

fn javascript(clean: &Path, vectors: &Path, package: &str) -> Result<(u64, u64)> {
    let suite = |name: &str| at("bindings/js/test").join(name);
    let mut tests = program("node", ["--test", "--test-reporter=tap"]);
    tests
        .args(
            [
                "api",
                "errors",
                "arguments",
                "filters",
                "items",
                "memory",
                "package",
                "proxies",
                "records",
                "testing",
                "threads",
                "timestamps",
                "vectors",
                "administration",
                "client",
                "expiry",
                "view",
            ]
            .map(|name| suite(&format!("{name}.test.mjs"))),
        )
        .current_dir(clean);
    tests
        .env("ROLECALL_PACKAGE", package)
        .env("ROLECALL_VECTORS", vectors)
        .env("ROLECALL_BIN", built("debug/rolecall"));
    counted(&mut tests, tap_counts)
}

/// Tests the engine that opens snapshots: the shared vectors, and its own tests.
fn snapshots(clean: &Path, vectors: &Path) -> Result<(u64, u64)> {
    let suite = |name: &str| at("bindings/js/test").join(name);
    let mut tests = program("node", ["--expose-gc", "--test", "--test-reporter=tap"]);
    tests
        .args(
            [
                "vectors",
                "errors",
                "arguments",
                "items",
                "memory",
                "proxies",
                "records",
                "snapshot",
                "threads",
                "timestamps",
                "client",
                "expiry",
                "view",
            ]
            .map(|name| suite(&format!("{name}.test.mjs"))),
        )
        .current_dir(clean);
    tests.envs([("ROLECALL_PACKAGE", "rolecall"), ("ROLECALL_SNAPSHOT", "1")]).env("ROLECALL_VECTORS", vectors);
    tests.env("ROLECALL_BIN", built("debug/rolecall"));
    counted(&mut tests, tap_counts)
}

/// The parts of a vector that the checks of packages use. The questions are skipped: some nest deeper than a `Value` may.
#[derive(Deserialize)]
struct World {
    name: String,
    policy: Option<String>,
    directory: Option<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    answer: Option<serde_json::Value>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Checks the types: every answer of the vectors satisfies its type, and user code compiles, as modules, as CommonJS
/// and bundled.
fn types(clean: &Path, vectors: &Path) -> Result<bool> {
    let worlds: Vec<World> = serde_json::from_slice(&std::fs::read(vectors)?)?;
    let mut answers = String::from("import type * as rolecall from \"rolecall\";\nexport const answers = [\n");
    let mut count = 0;
    for case in worlds.iter().flat_map(|world| &world.cases) {
        if let (Some(answer), Some(kind)) = (case.answer.as_ref().and_then(serde_json::Value::as_str), &case.kind)
            && !answer.starts_with("{\"error\"")
        {
            answers.push_str(&format!("  {answer} satisfies {kind},\n"));
            count += 1;
        }
    }
    answers.push_str("];\n");
    if count == 0 {
        bail!("the vectors contain no answers to check against the types");
    }
    write(&clean.join("types/answers.ts"), answers.as_bytes())?;
    let typed = |name: &str| std::fs::read_to_string(at("bindings/js/test").join(name));
    for (from, to, package) in [
        ("typed.ts", "wasm.ts", "\"rolecall"),
        ("typed.ts", "wasm-cjs.cts", "\"rolecall"),
        ("typed.ts", "native.ts", "\"@rolecall/node"),
        ("typed.ts", "inline.ts", "\"rolecall/inline"),
        ("typed-portable.ts", "portable.ts", "\"rolecall"),
        ("typed-snapshot.ts", "snapshot.ts", "\"rolecall"),
        ("typed-client.ts", "client.ts", "\"rolecall"),
        ("typed-client.ts", "client-native.ts", "\"@rolecall/node"),
        ("typed-servers.ts", "servers.ts", "\"rolecall"),
        ("typed-testing.ts", "testing.ts", "\"rolecall"),
    ] {
        let text = typed(from)?.replace("\"rolecall", package);
        write(&clean.join("types").join(to), text.as_bytes())?;
    }
    for folder in ["rolecall", "node"] {
        let text = std::fs::read_to_string(at("bindings/js").join(folder).join("README.md"))?;
        let blocks = code_blocks(&text).into_iter().filter(|(language, _)| language == "ts");
        for (number, (_, code)) in blocks.enumerate() {
            write(&clean.join(format!("types/readme-{folder}-{number}.ts")), code.as_bytes())?;
        }
    }
    // Declarations that narrow names apply to everything that is compiled together: both packages, and both kinds of modules.
    let names = std::fs::read_to_string(at("crates/rolecall-cli/tests/names/names.d.ts"))?;
    let named = typed("named.ts")?;
    write(&clean.join("named/names.d.ts"), names.as_bytes())?;
    for (file, package) in [("use.ts", "rolecall"), ("native.ts", "@rolecall/node"), ("common.cts", "rolecall")] {
        let text = named.replace("\"rolecall\"", &format!("\"{package}\""));
        write(&clean.join("named").join(file), text.as_bytes())?;
    }
    // The same in a package of CommonJS.
    write(&clean.join("named-plain/package.json"), b"{}")?;
    write(&clean.join("named-plain/names.d.ts"), names.as_bytes())?;
    for file in ["module.mts", "common.ts"] {
        write(&clean.join("named-plain").join(file), named.as_bytes())?;
    }
    for folder in ["types", "named", "named-plain"] {
        for (module, resolution) in [("nodenext", "nodenext"), ("esnext", "bundler")] {
            let ends =
                if resolution == "bundler" { ["*.ts"].as_slice() } else { ["*.ts", "*.mts", "*.cts"].as_slice() };
            let config = serde_json::json!({
                "compilerOptions": {
                    "target": "es2022", "module": module, "moduleResolution": resolution, "strict": true, "noEmit": true,
                    "exactOptionalPropertyTypes": true, "lib": ["es2022", "dom"], "types": []
                },
                "include": ends.iter().map(|end| format!("{folder}/{end}")).collect::<Vec<_>>()
            });
            let file = clean.join(format!("tsconfig.{folder}.{resolution}.json"));
            write(&file, config.to_string().as_bytes())?;
            quiet(program(setup::npm_program("tsc"), ["--project"]).arg(&file).current_dir(clean))?;
        }
    }
    Ok(true)
}

/// Builds a page with Vite from the installed package, without a plugin.
fn bundle(clean: &Path, vectors: &Path) -> Result<()> {
    let worlds: Vec<World> = serde_json::from_slice(&std::fs::read(vectors)?)?;
    let example = worlds.into_iter().find(|world| world.name == "design: the worked example");
    let World { policy, directory, .. } = example.context("the worked example")?;
    let example = serde_json::json!({ "policy": policy, "directory": directory });
    let source = clean.join("vite");
    write(&source.join("example.json"), example.to_string().as_bytes())?;
    write(
        &source.join("index.html"),
        b"<!doctype html><link rel=icon href='data:,'><body><script type=module src=./main.js></script>",
    )?;
    let main = r#"import { Engine, init } from "rolecall";
import { Engine as Inline } from "rolecall/inline";
import example from "./example.json";
const ask = { subject: "user:ada", permission: "segments:edit", at: "main/acme/shop", context: { time: "2026-11-21T10:00:00Z", ip: "203.0.113.9" } };
await init();
document.body.dataset.answers = JSON.stringify(
  [Engine, Inline].map((one) => one.fromJson(example.policy, example.directory).can(ask)),
);
"#;
    write(&source.join("main.js"), main.as_bytes())?;
    let mut vite =
        program(setup::npm_program("vite"), ["build", "--base=./", "--logLevel=warn", "--target=es2022", "--outDir"]);
    quiet(vite.arg(clean.join("vite-dist")).args(["--emptyOutDir"]).arg(&source).current_dir(clean))?;
    Ok(())
}

/// Installs the wheel in an environment that otherwise contains only the test tools.
pub(crate) fn install_wheel(python: &Path) -> Result<()> {
    let venv = at("target/clean/python");
    let _ = std::fs::remove_dir_all(&venv);
    quiet(program("python3", ["-m", "venv"]).arg(&venv))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    quiet(program(python, install).arg(build::wheel()?))?;
    // `pyjwt` is an independent library for tokens.
    quiet(program(python, install).args(["pytest>=8,<10", "mypy>=1.15,<3", "pyjwt[crypto]>=2.10,<3"]))?;
    // The frameworks that the wheel has modules for.
    quiet(program(python, install).args(["fastapi>=0.115,<1", "httpx>=0.27,<1", "flask[async]>=3,<4"]))?;
    quiet(program(python, install).args(["django>=5.2,<7", "djangorestframework>=3.16,<4", "sqlalchemy>=2,<3"]))?;
    Ok(())
}

fn python_tests(python: &Path, vectors: &Path) -> Result<(u64, u64)> {
    let mut tests = program(python, ["-m", "pytest", "--quiet", "--no-header", "-p", "no:cacheprovider"]);
    tests.arg(at("bindings/python/tests")).env("ROLECALL_VECTORS", vectors).current_dir(at("target/clean"));
    tests.env("ROLECALL_BIN", built("debug/rolecall"));
    counted(&mut tests, pytest_counts)
}

/// Checks that the stubs match the built module, and that user code type-checks.
fn python_types(python: &Path) -> Result<bool> {
    let folder = at("target/clean");
    quiet(program(python, ["-m", "mypy.stubtest", "rolecall._core", "--ignore-missing-stub"]).current_dir(&folder))?;
    let mut mypy = program(python, ["-m", "mypy", "--strict", "--no-incremental"]);
    mypy.args([at("bindings/python/tests/typed.py"), at("bindings/python/tests/named.py")]);
    quiet(program(python, ["-m", "mypy", "--strict", "--no-incremental"]).arg(at("bindings/python/python/rolecall")))?;
    quiet(mypy.env("MYPYPATH", at("crates/rolecall-cli/tests/names")).current_dir(folder))?;
    Ok(true)
}

/// Runs the README's examples in JavaScript and Python unchanged, with its policy and directory.
fn readme(clean: &Path, python: &Path) -> Result<(u64, u64)> {
    let text = std::fs::read_to_string(at("README.md"))?;
    let blocks = code_blocks(&text);
    let folder = clean.join("readme");
    let _ = std::fs::remove_dir_all(&folder);
    for (language, code) in &blocks {
        if language == "yaml" {
            let name = if code.contains("assignments:") { "directory" } else { "policy" };
            let yaml = folder.join(format!("{name}.yaml"));
            write(&yaml, code.as_bytes())?;
            write(&folder.join(format!("{name}.json")), yaml::to_json(&yaml)?.to_string().as_bytes())?;
        }
    }
    let (mut passed, mut failed) = (0, 0);
    for (language, code) in &blocks {
        let (name, mut command) = match language.as_str() {
            "js" => ("example.mjs", program("node", [""; 0])),
            "python" => ("example.py", program(python, [""; 0])),
            "sh" if code.contains("rolecall check") => ("example.sh", program("sh", ["-e"])),
            _ => continue,
        };
        write(&folder.join(name), code.as_bytes())?;
        let path = std::env::join_paths(
            std::iter::once(built("debug")).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        )?;
        let (good, output) = watched(command.arg(name).current_dir(&folder).env("PATH", path))?;
        // Every example sends the same request. The command exits with 1 if it denies.
        let answered = output.contains("no-grant");
        if (good || name == "example.sh") && answered { passed += 1 } else { failed += 1 }
    }
    if passed + failed < 3 {
        bail!("the README should have examples in JavaScript, Python and the command line");
    }
    Ok((passed, failed))
}

/// Returns the fenced blocks of a text, with their languages.
fn code_blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.trim().to_string(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, code)), None) => {
                code.push_str(line);
                code.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        let cargo =
            "test result: ok. 5 passed; 0 failed; 0 ignored\ntest result: FAILED. 2 passed; 1 failed; 0 ignored";
        assert_eq!(cargo_counts(cargo), (7, 1));
        assert_eq!(tap_counts("# tests 3\n# pass 2\n# fail 1\n# cancelled 0"), (2, 1));
        assert_eq!(pytest_counts("== 1 failed, 12 passed in 0.1s =="), (12, 1));
        assert_eq!(pytest_counts("12 passed in 0.1s"), (12, 0));
        assert_eq!(pytest_counts("2 failed in 0.1s"), (0, 2));
    }

    #[test]
    fn code_blocks_are_found() {
        let blocks = code_blocks("a\n```js\nx\ny\n```\nb\n```\nz\n```\n");
        assert_eq!(blocks, [("js".into(), "x\ny\n".into()), (String::new(), "z\n".into())]);
    }
}
