//! Executes the commands of a file in one transaction.

use super::applications;
use super::context::context;
use super::from::From;
use super::store::open;
use super::summary;
use crate::input;
use crate::output::{ExitStatus, print};
use crate::report::{DIM, Failure, HEAD, print_line};
use rolecall_admin::{Command, Refusal};
use rolecall_server::{ClientCredentials, with_fresh_secret};
use rolecall_store::{ClockJumpPolicy, CommandsError, ExecuteError, Outcome, PreviewedCommand};
use serde_json::{Value, json};
use std::path::Path;

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

/// Executes the commands of a file: a list in JSON, or one command a line.
pub(super) fn apply(from: &From, file: &Path) -> Result<ExitStatus, Failure> {
    let text = input::text(file)?;
    let wrong = input::named(file);
    let commands = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text).map_err(|error| wrong(format!("it is not a list of commands: {error}")))?
    } else {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = lines.map(|(number, line)| {
            let line_wrong = |error| wrong(format!("line {} is not a command: {error}", number + 1));
            serde_json::from_str(line).map_err(line_wrong)
        });
        read.collect::<Result<Vec<Command>, Failure>>()?
    };
    run(from, commands)
}

/// Executes commands in one transaction, or shows what they would do.
pub(super) fn run(from: &From, commands: Vec<Command>) -> Result<ExitStatus, Failure> {
    let (commands, credentials) = with_secrets(commands)?;
    let context = context(from)?;
    let mut administration = open(&from.store)?;
    let jump = if from.allow_time_jump { ClockJumpPolicy::Accept } else { ClockJumpPolicy::Reject };
    if from.dry_run {
        return match administration.preview_all(&commands, &context, jump) {
            Ok(shown) => previewed(from, &shown),
            Err(error) => failed(from, error),
        };
    }
    match administration.execute_all(&commands, &context, from.expect, jump) {
        Ok(outcomes) => done(from, &commands, &outcomes, &credentials),
        Err(error) => failed(from, error),
    }
}

type WithSecrets = (Vec<Command>, Vec<Option<ClientCredentials>>);

fn with_secrets(commands: Vec<Command>) -> Result<WithSecrets, Failure> {
    let made = commands.into_iter().map(with_fresh_secret).collect::<Result<Vec<_>, _>>();
    Ok(made.map_err(|error| Failure::Conflict(error.to_string()))?.into_iter().unzip())
}

/// Prints what each command would do.
fn previewed(from: &From, shown: &[Result<PreviewedCommand, Refusal>]) -> Result<ExitStatus, Failure> {
    let refused = shown.iter().filter(|one| one.is_err()).count();
    if from.json {
        let result = |one: &Result<PreviewedCommand, Refusal>| match one {
            Ok(one) => json!({ "event": one.event, "diff": one.diff }),
            Err(refusal) => json!({ "error": refusal }),
        };
        print(&json!({ "results": shown.iter().map(result).collect::<Vec<Value>>(), "refused": refused }))?;
    } else {
        for (index, one) in shown.iter().enumerate() {
            println!("{HEAD}command {index}{HEAD:#}");
            match one {
                Ok(one) => summary::would(one.event.as_ref()),
                Err(refusal) => summary::refusal(refusal),
            }
        }
        println!("{DIM}{} commands, {refused} refused{DIM:#}", shown.len());
    }
    Ok(if refused == 0 { ExitStatus::Allow } else { ExitStatus::Deny })
}

fn done(
    from: &From,
    commands: &[Command],
    outcomes: &[Outcome],
    credentials: &[Option<ClientCredentials>],
) -> Result<ExitStatus, Failure> {
    let is_applied = |outcome: &Outcome| matches!(outcome, Outcome::Applied(_));
    if from.json {
        let result = |(outcome, client): (&Outcome, &Option<ClientCredentials>)| match (outcome, client) {
            (Outcome::Applied(event), Some(client)) => json!({ "event": event, "client": client }),
            (Outcome::Applied(event), None) => json!({ "event": event }),
            (Outcome::Replayed(event), _) => json!({ "before": event }),
            _ => json!({ "event": null }),
        };
        let results: Vec<Value> = outcomes.iter().zip(credentials).map(result).collect();
        print(&json!({ "results": results }))?;
        return Ok(ExitStatus::Allow);
    }
    for ((outcome, command), client) in outcomes.iter().zip(commands).zip(credentials) {
        summary::done(outcome, command);
        client.iter().filter(|_| is_applied(outcome)).for_each(applications::credentials);
    }
    Ok(ExitStatus::Allow)
}

/// Prints why nothing was executed.
pub(super) fn failed(from: &From, CommandsError { index, error, .. }: CommandsError) -> Result<ExitStatus, Failure> {
    let ExecuteError::Refused(refusal) = error else {
        return match error {
            ExecuteError::Store(error) => Err(Failure::Store(error)),
            error => Err(Failure::Command { code: error.code(), message: error.to_string() }),
        };
    };
    if from.json {
        print(&json!({ "refused": refusal, "index": index }))?;
    } else {
        if let Some(index) = index {
            println!("{HEAD}command {index}{HEAD:#} {DIM}(nothing was changed){DIM:#}");
        }
        summary::refusal(&refusal);
    }
    Ok(if refusal.code.is_malformed() { ExitStatus::Malformed } else { ExitStatus::Deny })
}
