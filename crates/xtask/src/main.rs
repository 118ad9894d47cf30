//! The commands of people and of CI: `cargo xtask <verb>`.
#![forbid(unsafe_code)]

mod api;
mod artefacts;
mod bench;
mod buffered;
mod build;
mod console;
mod costs;
mod demo;
mod docs;
mod filters;
mod first_steps;
mod frontends;
mod gate;
mod generate;
mod imports;
mod index_files;
mod instructions;
mod lines;
mod matrix;
mod pack;
mod parity;
mod products;
mod readmes;
mod release;
mod served;
mod server;
mod setup;
mod shell;
mod test;
mod unpack;
mod vectors;
mod words;
mod yaml;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, tests and shows Rolecall. Installs missing tools and reports it.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Shows the main use: the same requests on every binding, then the console of two products, filled with people and
    /// history, next to the menu of each product.
    Demo {
        /// The first of five ports on 127.0.0.1. 0 selects free ports.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Exits when everything is ready, instead of serving it.
        #[arg(long)]
        once: bool,
    },
    /// Runs every test, and prints `N passed, N failed` last.
    Test {
        /// Runs only style checks, vectors and the crates that make decisions: minutes instead of tens of minutes.
        #[arg(long)]
        quick: bool,
    },
    /// Builds one binding and runs the shared vectors on it: all, or those whose names contain a text.
    Vectors {
        /// rust, component, rolecall, @rolecall/node, rolecall/snapshot, python or chromium.
        binding: String,
        /// The text in the names of vectors.
        #[arg(default_value = "")]
        part: String,
    },
    /// Builds every binding, or those named: browser, node, servers, frontends, console, cli, component, edge, python.
    Build {
        /// The bindings to build.
        bindings: Vec<String>,
    },
    /// Generates the JSON Schemas, the presets' JSON, the opcodes in TypeScript and the reference pages of the documentation.
    Gen {
        /// Writes nothing, and fails if a file is stale.
        #[arg(long)]
        check: bool,
    },
    /// Compares the answers of every binding and of the naive implementation for the same random documents and
    /// requests.
    Parity {
        /// The number of random sets of documents.
        #[arg(long, default_value_t = 200)]
        worlds: u64,
        /// The seed of the first set; each next set adds one.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Measures every binding, its peers and hand-written code in one run, and writes the ratios to BENCHMARKS.md.
    Bench {
        /// Runs fewer and shorter rounds.
        #[arg(long)]
        quick: bool,
        /// Prints one JSON object for each figure, and writes no file.
        #[arg(long)]
        json: bool,
        /// Runs only these parts, separated by commas: rust, growth, wasmtime, node, chromium, python, peers.
        #[arg(long, value_delimiter = ',', value_name = "PARTS")]
        only: Vec<String>,
    },
    /// Tries every entry of the packed packages in many runtimes and tools, and prints a table: yes, or why not.
    Matrix {
        /// Only rows whose names contain this text.
        #[arg(default_value = "")]
        row: String,
        /// Takes the packages as they were built last.
        #[arg(long)]
        built: bool,
        /// Only the rows of `cargo xtask test`.
        #[arg(long)]
        quick: bool,
    },
    /// Builds the native core for Node and the wheel for each Linux platform, and runs them, in qemu for another processor.
    Artefacts {
        /// Only platforms whose names contain this text.
        #[arg(default_value = "")]
        platform: String,
    },
    /// Compares every adapter of filters with deciding row by row, and prints a table. PostgreSQL is that of Debian.
    Filters {
        /// The numbers of rows.
        #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
        rows: Vec<u32>,
    },
    /// Turns an empty folder into a page in React and an endpoint of FastAPI by the guides, with the packed packages.
    FirstSteps {
        /// Uses the packages that are built.
        #[arg(long)]
        built: bool,
    },
    /// Counts the lines that an application needs for Rolecall in the guide of each framework, and prints a table.
    Lines,
    /// Counts the instructions of the worst known inputs of each entry point, and prints a table.
    Costs {
        /// Counts only the inputs that `cargo xtask test` counts.
        #[arg(long)]
        quick: bool,
    },
    /// Builds, packs and checks everything that a release would publish.
    Release {
        /// Publishes nothing. Required: publishing is done by hand, as RELEASING.md describes.
        #[arg(long, required = true)]
        dry_run: bool,
        /// Skips compiling the packed crates again.
        #[arg(long)]
        quick: bool,
    },
    /// Writes the public interface of each published library to `tests/public-api`, one item a line.
    Api {
        /// Writes nothing, and fails where a list is stale.
        #[arg(long)]
        check: bool,
    },
    /// Prints source files that import each other in a circle, and code in `lib.rs` and `mod.rs`; fails if there is any.
    Imports,
    /// Sends the public AuthZEN scenarios to a server, and prints the number of correct answers.
    Authzen,
    /// Measures evaluation over HTTP and the same HTTP server with a constant response.
    Load {
        /// Seconds of each measurement.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Minutes of load after which the memory is measured.
        #[arg(long, default_value_t = 0)]
        minutes: u64,
    },
    /// Measures what a change costs a server to which browsers listen: one that concerns one of them, and one that concerns
    /// all.
    Listeners,
    /// Connects Python, Node, Chromium and the component host to one server, changes a role, and prints the time until
    /// each answers accordingly. Then tests logins with a real identity provider.
    E2e,
    /// Sends valid and invalid requests to a server, generated by schemathesis from its OpenAPI description.
    Schemathesis {
        /// The number of examples of each operation.
        #[arg(long, default_value_t = 50)]
        examples: u32,
        /// The seed of the generated requests. Default: random.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Sends malformed requests through the edge gate to gunicorn, uvicorn, Node, Express and nginx, and compares the
    /// request that each sees. Then tests the gate behind nginx, Caddy and Traefik.
    Gate,
    /// Builds the documentation into `docs/.vitepress/dist`. Installs the npm packages of `docs` first.
    Docs {
        /// Serves the site on 127.0.0.1 instead, and rebuilds pages as they change.
        #[arg(long)]
        serve: bool,
        /// Checks links, and compiles the documents in code blocks, instead.
        #[arg(long, conflicts_with = "serve")]
        check: bool,
        /// Runs the code blocks instead, with the packages that `cargo xtask test` installed.
        #[arg(long, conflicts_with_all = ["serve", "check"])]
        run: bool,
    },
    /// Tests the npm packages for front ends, each in its framework. After changes of the store, build `browser` first.
    Frontends,
    /// Builds the console and the command that contains it, checks its size, and runs its stories in Chromium and Firefox.
    Console {
        /// Only files of stories whose names contain this text.
        #[arg(default_value = "")]
        part: String,
        /// Takes the packages, the console and the command as they were built last.
        #[arg(long)]
        built: bool,
        /// Measures how fast the console is with 10,000 users, and runs no stories.
        #[arg(long)]
        bench: bool,
    },
    /// Prints how often some words occur in the prose of each part, as a measure of plain English.
    Words {
        /// Prints the lines with words that are not plain instead, below this path.
        #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "")]
        list: Option<String>,
        /// Fails if there is a word that is not plain, as `cargo xtask test` does.
        #[arg(long, conflicts_with = "list")]
        check: bool,
    },
    /// Prints the rules of administration, with the number of commands that their tests execute and the refusals.
    AdminRules,
    /// Prints the rules of two products' role systems, row by row, with their test cases and whether every binding
    /// passes.
    Products {
        /// Prints role, standalone, inherits and permissions instead.
        #[arg(long)]
        roles: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().verb) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<bool> {
    match verb {
        Verb::Demo { port, once } => demo::run(port, once).map(|()| true),
        Verb::Test { quick } => test::run(quick),
        Verb::Vectors { binding, part } => vectors::run(&binding, &part),
        Verb::Build { bindings } => build::run(&bindings).map(|()| true),
        Verb::Gen { check } => generate::run(check),
        Verb::Bench { quick, json, only } => bench::bench(&bench::Options { quick, json, only }),
        Verb::Matrix { row, built, quick } => matrix::run(&row, built, quick),
        Verb::Artefacts { platform } => artefacts::run_all(&platform),
        Verb::Filters { rows } => filters::table(&rows),
        Verb::Docs { check: true, .. } => docs::check(),
        Verb::Docs { run: true, .. } => test::documentation(),
        Verb::Docs { serve, .. } => docs::run(serve).map(|()| true),
        Verb::Frontends => frontends::run(),
        Verb::Console { built, bench: true, .. } => console::bench(built),
        Verb::Console { part, built, .. } => console::run(&part, built),
        Verb::FirstSteps { built } => first_steps::run(built),
        Verb::Lines => lines::table(true).map(|()| true),
        Verb::Costs { quick } => costs::within_bounds(quick),
        Verb::Release { quick, .. } => release::dry_run(quick),
        Verb::Api { check } => Ok(api::run(check)? & api::is_open_to_additions()?),
        Verb::Imports => Ok(imports::none_in_circles()? & index_files::only_list_parts()?),
        Verb::Authzen => server::authzen(),
        Verb::Load { seconds, minutes } => server::load(seconds, minutes),
        Verb::Listeners => server::listeners(),
        Verb::Gate => gate::run(),
        Verb::E2e => server::end_to_end(),
        Verb::Schemathesis { examples, seed } => server::schemathesis(examples, seed),
        Verb::Words { list: Some(below), .. } => words::list(&below).map(|()| true),
        Verb::Words { check: true, .. } => words::check(),
        Verb::Words { .. } => words::measure().map(|()| true),
        Verb::AdminRules => test::admin_rules(),
        Verb::Products { roles } => products::run(roles),
        Verb::Parity { worlds, seed } => parity::run(worlds, seed),
    }
}
