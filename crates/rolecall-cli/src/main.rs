//! The `rolecall` command: asks a policy and a directory who may do what.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod input;
mod report;

use clap::Parser;
use std::process::ExitCode;

/// How a command ends, where it does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The answer is allow, or there was nothing to allow.
    Allow,
    /// The answer is deny.
    Deny,
    /// The documents have issues, which are told.
    Invalid,
}

fn main() -> ExitCode {
    match commands::run(&args::Cli::parse()) {
        Ok(Outcome::Allow) => ExitCode::SUCCESS,
        Ok(Outcome::Deny) => ExitCode::from(1),
        Ok(Outcome::Invalid) => ExitCode::from(2),
        Err(failure) => {
            report::failure(&failure);
            ExitCode::from(2)
        }
    }
}
