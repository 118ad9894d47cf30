//! The `rolecall` command: decides requests by a policy and a directory, and administers and serves them.
#![forbid(unsafe_code)]

mod admin;
mod args;
mod codegen;
mod codes;
mod commands;
mod input;
mod output;
mod report;
mod serve;

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
