//! Executes the commands of administration.

use super::args::{Admin, Verb};
use super::command::command;
use super::context::context;
use super::from::From;
use super::init::init;
use super::refusal::refused;
use super::show::show;
use super::store::{open, open_verified};
use super::{applications, apply, import, summary};
use crate::output::{ExitStatus, print};
use crate::report::{self, Failure};
use rolecall::Timestamp;
use rolecall_admin::{Command, Context, Hint};
use rolecall_server::{ClientCredentials, with_fresh_secret};
use rolecall_store::{Administration, ClockJump, ClockJumpPolicy, ExecuteError, Outcome, Sqlite};
use serde_json::{Value, json};
use std::path::Path;

/// Executes a command, or shows what it would change.
pub(crate) fn run(args: &Admin) -> Result<ExitStatus, Failure> {
    let from = &args.from;
    match &args.verb {
        Verb::Init { policy, directory } => init(from, policy, directory),
        Verb::Backup { to } => backup(from, to),
        Verb::SetClock => set_clock(from),
        Verb::Restore { from: backup } => restore(from, backup),
        Verb::Show(part) => show(from, part),
        Verb::Import(table) => import::import(from, table),
        Verb::Apply { file } => apply::apply(from, file),
        verb if from.dry_run => preview(verb, from),
        verb => execute(verb, from),
    }
}

fn backup(from: &From, to: &Path) -> Result<ExitStatus, Failure> {
    let administration = open_verified(&from.store)?;
    if !from.dry_run {
        administration.store().backup(to).map_err(Failure::Store)?;
    }
    print_copy(&administration, from, to)
}

fn restore(from: &From, backup: &Path) -> Result<ExitStatus, Failure> {
    let mut administration = open(&from.store)?;
    administration.store().is_other(backup).map_err(Failure::Store)?;
    if from.dry_run {
        administration = open_verified(backup)?;
    } else {
        administration.restore(backup).map_err(Failure::Store)?;
    }
    print_copy(&administration, from, &from.store)
}

/// Prints what was copied to a file, or would be.
fn print_copy(whole: &Administration<Sqlite>, from: &From, to: &Path) -> Result<ExitStatus, Failure> {
    let verified = whole.head();
    if from.json {
        print(&json!({ "file": to, "copied": !from.dry_run, "events": verified.events, "head": verified.head }))?;
    } else {
        summary::copied(&verified, from.dry_run, to);
    }
    Ok(ExitStatus::Allow)
}

fn set_clock(from: &From) -> Result<ExitStatus, Failure> {
    let context = context(from)?;
    let mut administration = open(&from.store)?;
    let time = Timestamp::read(&context.time, "time").map_err(Failure::Question)?;
    let event = if from.dry_run {
        administration.state().event_of_clock(&context.actor, time)
    } else {
        administration.set_clock(&context.actor, time).map_err(Failure::Store)?
    };
    if from.json {
        print(&json!({ "event": event }))?;
    } else if from.dry_run {
        summary::would(Some(&event));
    } else {
        summary::changes(&event);
    }
    Ok(ExitStatus::Allow)
}

/// A command that is ready to be decided.
struct Prepared {
    administration: Administration<Sqlite>,
    command: Command,
    /// The credentials of an application that gets a new secret.
    credentials: Option<ClientCredentials>,
    context: Context,
    jump: ClockJumpPolicy,
    given: Timestamp,
    /// The time of the last event, if the command gets it instead of its own.
    still: Option<Timestamp>,
}

fn prepare(verb: &Verb, from: &From) -> Result<Prepared, Failure> {
    let (command, credentials) =
        with_fresh_secret(command(verb, from)?).map_err(|error| Failure::Conflict(error.to_string()))?;
    let context = context(from)?;
    let administration = open(&from.store)?;
    let jump = if from.allow_time_jump { ClockJumpPolicy::Accept } else { ClockJumpPolicy::Reject };
    let given = Timestamp::read(&context.time, "time").map_err(Failure::Question)?;
    let still = administration.stands_still(given).filter(|_| jump == ClockJumpPolicy::Reject);
    Ok(Prepared { administration, command, credentials, context, jump, given, still })
}

fn preview(verb: &Verb, from: &From) -> Result<ExitStatus, Failure> {
    let Prepared { administration, command, context, jump, given, still, .. } = prepare(verb, from)?;
    let preview = match answered(administration.preview_at(&command, &context, jump), from.json)? {
        Ok(preview) => preview,
        Err(status) => return Ok(status),
    };
    let hints = preview.event.as_ref().map_or_else(Vec::new, |_| administration.state().hints(&command));
    if from.json {
        let printed = with_still(json!({ "event": preview.event, "diff": preview.diff }), still);
        print(&with_hints(printed, &hints))?;
    } else {
        summary::would(preview.event.as_ref());
        report::diff(&preview.diff);
        summary::hints(&hints);
        summary::still(given, still);
    }
    Ok(ExitStatus::Allow)
}

fn execute(verb: &Verb, from: &From) -> Result<ExitStatus, Failure> {
    let Prepared { mut administration, command, credentials, context, jump, given, still } = prepare(verb, from)?;
    let outcome = match answered(administration.execute_at(&command, &context, from.expect, jump), from.json)? {
        Ok(outcome) => outcome,
        Err(status) => return Ok(status),
    };
    let still = still.filter(|_| matches!(outcome, Outcome::Applied(_)));
    // A replayed command has another secret.
    let credentials = credentials.filter(|_| matches!(outcome, Outcome::Applied(_)));
    let event = match (&outcome, &credentials) {
        (Outcome::Applied(event), Some(client)) => json!({ "event": event, "client": client }),
        (Outcome::Applied(event), None) => json!({ "event": event }),
        (Outcome::Replayed(event), _) => json!({ "before": event }),
        (Outcome::Unchanged, _) => json!({ "event": null }),
        (other, _) => return Err(Failure::Conflict(format!("the store returned an unknown outcome: {other:?}"))),
    };
    let is_applied = matches!(outcome, Outcome::Applied(_));
    let hints = if is_applied { administration.state().hints(&command) } else { Vec::new() };
    if from.json {
        print(&with_hints(with_still(event, still), &hints))?;
    } else {
        summary::done(&outcome, &command);
        credentials.iter().for_each(applications::credentials);
        summary::hints(&hints);
        summary::still(given, still);
    }
    Ok(ExitStatus::Allow)
}

/// Returns the result of a command. Prints a refusal and returns its exit status.
fn answered<T>(done: Result<T, ExecuteError>, json: bool) -> Result<Result<T, ExitStatus>, Failure> {
    match done {
        Ok(done) => return Ok(Ok(done)),
        Err(ExecuteError::Refused(refusal)) => return refused(&refusal, json).map(Err),
        Err(ExecuteError::ClockJump(jumped)) if json => {
            let refused = json!({ "code": ClockJump::CODE, "message": jumped.to_string(), "help": jumped.help() });
            print(&json!({ "refused": refused }))?;
        }
        Err(ExecuteError::ClockJump(jumped)) => summary::refused(ClockJump::CODE, &jumped.to_string(), jumped.help()),
        Err(ExecuteError::Store(error)) => return Err(Failure::Store(error)),
        Err(error) => return Err(Failure::Command { code: error.code(), message: error.to_string() }),
    }
    Ok(Err(ExitStatus::Deny))
}

/// Adds the time of the last event, if the command got it instead of its own.
fn with_still(mut printed: Value, still: Option<Timestamp>) -> Value {
    if let (Some(still), Some(object)) = (still, printed.as_object_mut()) {
        object.insert("time_stands_still_at".to_string(), still.as_text().into());
    }
    printed
}

/// Adds the hints about a command, if there are any.
fn with_hints(mut printed: Value, hints: &[Hint]) -> Value {
    if let Some(object) = printed.as_object_mut().filter(|_| !hints.is_empty()) {
        object.insert("hints".to_string(), json!(hints));
    }
    printed
}
