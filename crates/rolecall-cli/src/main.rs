//! The `rolecall` command: decides requests by a policy and a directory, and administers and serves them.
//!
//! ```sh
//! rolecall check --policy policy.yaml --directory directory.yaml \
//!   --subject user:bo --permission segments:edit --at acme/shop
//! ```
//!
//! It prints `ALLOW` or `DENY` with the reasons. It exits with 0 for allow, 1 for deny and 2 for malformed input.
//! `rolecall help` lists every command.
#![forbid(unsafe_code)]

mod admin;
mod args;
mod codegen;
mod codes;
mod commands;
mod holders;
mod input;
mod matrix_output;
mod output;
mod report;
mod role_matrix;
mod serve;
mod unlisted;

use clap::Parser;
use output::ExitStatus;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::run(&cli) {
        Ok(ExitStatus::Allow) => ExitCode::SUCCESS,
        Ok(ExitStatus::Deny) => ExitCode::from(1),
        Ok(ExitStatus::Malformed) => ExitCode::from(2),
        Err(failure) => {
            report::failure(&failure, cli.command.wants_json());
            ExitCode::from(if matches!(failure, report::Failure::Refused { .. }) { 1 } else { 2 })
        }
    }
}
