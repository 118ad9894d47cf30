//! Every command that a person or CI runs: `cargo xtask <verb>`.
#![forbid(unsafe_code)]

mod bench;
mod buffered;
mod build;
mod costs;
mod demo;
mod docs;
mod gate;
mod generate;
mod imports;
mod index_files;
mod instructions;
mod parity;
mod products;
mod readmes;
mod release;
mod served;
mod server;
mod setup;
mod shell;
mod test;
mod vectors;
mod words;
mod yaml;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, tests and shows Rolecall. Installs what it needs and says so.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Runs the main job: the same requests in every binding, then a page that is gated by the browser and by the server.
    Demo {
        /// Where the page is served; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// Ends when the page is ready, instead of serving it.
        #[arg(long)]
        once: bool,
    },
    /// Runs every test, and prints `N passed, N failed` last.
    Test {
        /// Only style, vectors and the crates that decide: minutes instead of tens of minutes.
        #[arg(long)]
        quick: bool,
    },
    /// Builds one binding and runs the shared vectors on it, or those with a text in their names.
    Vectors {
        /// rust, component, rolecall, @rolecall/node, rolecall/snapshot, python or chromium.
        binding: String,
        /// The text.
        #[arg(default_value = "")]
        part: String,
    },
    /// Builds every package, or those named: browser, node, python, component, edge, cli.
    Build {
        /// The packages.
        faces: Vec<String>,
    },
    /// Generates the JSON Schemas, the presets' JSON, the opcodes in TypeScript and the reference pages of the documentation.
    Gen {
        /// Writes nothing, and fails where a file is stale.
        #[arg(long)]
        check: bool,
    },
    /// Sends the same random requests to every binding and to the naive implementation, and compares the answers.
    Parity {
        /// How many worlds.
        #[arg(long, default_value_t = 200)]
        worlds: u64,
        /// The seed of the first world; each next one counts up.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Compares every binding with its peers and with hand-written code in one run, and writes BENCHMARKS.md.
    Bench {
        /// Fewer and shorter rounds.
        #[arg(long)]
        quick: bool,
        /// Prints one JSON object for each figure, and writes nothing.
        #[arg(long)]
        json: bool,
        /// These parts alone, with commas between them: rust, growth, wasmtime, node, chromium, python, peers.
        #[arg(long, value_delimiter = ',', value_name = "PARTS")]
        only: Vec<String>,
    },
    /// Counts the instructions of the worst inputs that are known for each entry point, and prints them as a table.
    Costs {
        /// Those alone that `cargo xtask test` counts.
        #[arg(long)]
        quick: bool,
    },
    /// Builds, packs and checks everything that a release would publish.
    Release {
        /// Publishes nothing. Required: publishing is done by hand, as RELEASING.md describes.
        #[arg(long, required = true)]
        dry_run: bool,
        /// Does not compile the packed crates once more.
        #[arg(long)]
        quick: bool,
    },
    /// Prints source files that import each other in a circle, and code in `lib.rs` and `mod.rs`; fails if there is any.
    Imports,
    /// Asks a server everything that the public AuthZEN scenarios ask, and prints what was right.
    Authzen,
    /// Compares evaluation over HTTP with the same HTTP server and a constant answer.
    Load {
        /// Seconds of each measurement.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Minutes under load for which the memory is looked at afterwards.
        #[arg(long, default_value_t = 0)]
        minutes: u64,
    },
    /// Connects Python, Node, Chromium and the component host to one server, changes a role, and prints how long each took to
    /// answer accordingly. Then tests logins with a real provider.
    E2e,
    /// Sends a server valid and invalid requests, which schemathesis generates from its description.
    Schemathesis {
        /// Examples of each operation.
        #[arg(long, default_value_t = 50)]
        examples: u32,
        /// The seed of what is made up; another one each time where none is given.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Tries tricks on the edge gate in front of gunicorn, uvicorn, Node, Express and nginx, and compares what it decided on with what
    /// they saw; then lets nginx, Caddy and Traefik ask it.
    Gate,
    /// Builds the documentation into `docs/.vitepress/dist`. Installs the npm packages of `docs` first.
    Docs {
        /// Serves it on 127.0.0.1 instead, and rebuilds pages as they change.
        #[arg(long)]
        serve: bool,
        /// Checks links and compiles the documents in code blocks instead.
        #[arg(long, conflicts_with = "serve")]
        check: bool,
        /// Runs the code blocks instead, with the packages that `cargo xtask test` installed.
        #[arg(long, conflicts_with_all = ["serve", "check"])]
        run: bool,
    },
    /// Prints how often some words occur in the prose of each part, as a measure of plain English.
    Words {
        /// Prints the lines with words that are not plain instead, below this path.
        #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "")]
        list: Option<String>,
        /// Fails if a part has more words that are not plain than before, as `cargo xtask test` does.
        #[arg(long, conflicts_with_all = ["list", "lower"])]
        check: bool,
        /// Writes the counts of parts that have become smaller.
        #[arg(long, conflicts_with = "list")]
        lower: bool,
    },
    /// Prints the rules of administration, with how often each is carried out in its test and how it is refused.
    AdminRules,
    /// Prints the rules of two products' role systems, row by row, with the cases that show them and whether every binding
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
        Verb::Demo { listen, once } => demo::run(&listen, once).map(|()| true),
        Verb::Test { quick } => test::run(quick),
        Verb::Vectors { binding, part } => vectors::run(&binding, &part),
        Verb::Build { faces } => build::run(&faces).map(|()| true),
        Verb::Gen { check } => generate::run(check),
        Verb::Bench { quick, json, only } => bench::bench(&bench::Options { quick, json, only }),
        Verb::Docs { check: true, .. } => docs::check(),
        Verb::Docs { run: true, .. } => test::documentation(),
        Verb::Docs { serve, .. } => docs::run(serve).map(|()| true),
        Verb::Costs { quick } => costs::within_bounds(quick),
        Verb::Release { quick, .. } => release::dry_run(quick),
        Verb::Imports => Ok(imports::none_in_circles()? & index_files::only_list_parts()?),
        Verb::Authzen => server::authzen(),
        Verb::Load { seconds, minutes } => server::load(seconds, minutes),
        Verb::Gate => gate::run(),
        Verb::E2e => server::end_to_end(),
        Verb::Schemathesis { examples, seed } => server::schemathesis(examples, seed),
        Verb::Words { list: Some(below), .. } => words::list(&below).map(|()| true),
        Verb::Words { check: true, .. } => words::check(),
        Verb::Words { lower: true, .. } => words::lower().map(|()| true),
        Verb::Words { .. } => words::measure().map(|()| true),
        Verb::AdminRules => test::admin_rules(),
        Verb::Products { roles } => products::run(roles),
        Verb::Parity { worlds, seed } => parity::run(worlds, seed),
    }
}
