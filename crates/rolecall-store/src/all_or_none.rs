//! Several commands in one transaction: all of them are executed, or none.

use crate::administration::{Administration, ExecuteError, Outcome, execute_in, replayed};
use crate::chain;
use crate::clock::{ClockJump, ClockJumpPolicy, ClockState};
use crate::error::StoreError;
use crate::private;
use crate::store::{Store, Transaction};
use rolecall::{Diff, Timestamp};
use rolecall_admin::{Command, Context, Event, Refusal, RefusalCode, limits};
use std::fmt;

/// The error of one of several commands, or of all of them.
#[derive(Debug)]
#[non_exhaustive]
pub struct CommandsError {
    /// The index of the command, from 0. `None` if the error concerns none of them alone.
    pub index: Option<usize>,
    /// The error.
    pub error: ExecuteError,
}

impl fmt::Display for CommandsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "command {index}: {}", self.error),
            None => self.error.fmt(f),
        }
    }
}

impl std::error::Error for CommandsError {}

impl From<ExecuteError> for CommandsError {
    fn from(error: ExecuteError) -> Self {
        Self { index: None, error }
    }
}

impl From<StoreError> for CommandsError {
    fn from(error: StoreError) -> Self {
        ExecuteError::from(error).into()
    }
}

impl From<ClockJump> for CommandsError {
    fn from(jumped: ClockJump) -> Self {
        ExecuteError::from(jumped).into()
    }
}

/// What one of several commands would do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PreviewedCommand {
    /// The event, or `None` if nothing would change.
    pub event: Option<Event>,
    /// How permissions would change by this command.
    pub diff: Diff,
}

impl<S: Store> Administration<S> {
    /// Executes commands in order, each in the state that the ones before lead to: all of them, or none. Each has an event
    /// of its own; all are on the disk before this returns.
    ///
    /// With an id, the commands are executed once: a retry with the same commands returns the first outcomes. The
    /// events have the id with `#1`, `#2` and so on.
    ///
    /// # Errors
    /// [`CommandsError`], in which case nothing changed.
    pub fn execute_all(
        &mut self,
        commands: &[Command],
        context: &Context,
        expected: Option<u64>,
        jump: ClockJumpPolicy,
    ) -> Result<Vec<Outcome>, CommandsError> {
        check_count(commands)?;
        let contexts = contexts(commands.len(), context);
        for context in &contexts {
            context.check_limits().map_err(ExecuteError::Refused)?;
        }
        let Self { store, log, .. } = self;
        let mut transaction = store.begin()?;
        log.catch_up(&transaction)?;
        if let Some(outcomes) = replay_all(&transaction, commands, &contexts)? {
            return Ok(outcomes);
        }
        let version = log.state.version();
        if let Some(expected) = expected.filter(|expected| *expected != version) {
            return Err(ExecuteError::Conflict { expected, found: version }.into());
        }
        let before = log.clone();
        let mut outcomes = Vec::new();
        for (index, (command, context)) in commands.iter().zip(&contexts).enumerate() {
            match execute_in(&mut transaction, log, command, context, jump) {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => {
                    *log = before;
                    return Err(CommandsError { index: Some(index), error });
                }
            }
        }
        if let Err(error) = transaction.commit() {
            // It is unknown what was stored. If reloading fails too, the next catch-up reads everything again.
            let _ = self.reload();
            return Err(error.into());
        }
        Ok(outcomes)
    }

    /// Decides commands in order without storing anything. Returns what each would do, or why it would be refused. A
    /// refused command has no effect on the ones after it.
    ///
    /// # Errors
    /// [`CommandsError`] if there are too many commands, or if their time is too far from the last event.
    pub fn preview_all(
        &self,
        commands: &[Command],
        context: &Context,
        jump: ClockJumpPolicy,
    ) -> Result<Vec<Result<PreviewedCommand, Refusal>>, CommandsError> {
        check_count(commands)?;
        let given = Timestamp::read(&context.time, "time").map_err(|error| ExecuteError::Refused(error.into()))?;
        let time = ClockState { last: self.log.last, seen: self.store.clock_seen()? }.event(given, jump)?;
        let mut state = self.log.state.clone();
        let mut previewed = Vec::new();
        for (command, context) in commands.iter().zip(contexts(commands.len(), context)) {
            let context = Context { time: time.as_text(), ..context };
            previewed.push(match private::sealed(command)? {
                Err(refusal) => Err(refusal),
                Ok(sealed) => match state.preview(&sealed.command, &context) {
                    Err(refusal) => Err(refusal),
                    Ok(preview) => {
                        if let Some(event) = state.decide(&sealed.command, &context).map_err(ExecuteError::Refused)? {
                            state.apply(&event).map_err(StoreError::from)?;
                        }
                        Ok(PreviewedCommand { event: preview.event, diff: preview.diff })
                    }
                },
            });
        }
        Ok(previewed)
    }
}

fn check_count(commands: &[Command]) -> Result<(), CommandsError> {
    let count = commands.len();
    let refusal = if count == 0 {
        Refusal::new(RefusalCode::Malformed, "the list has no command").with_help("give at least one command")
    } else if count > limits::COMMANDS {
        let message = format!("the list has {count} commands; at most {} are accepted", limits::COMMANDS);
        Refusal::new(RefusalCode::LimitList, message).with_help("give the others in another transaction")
    } else {
        return Ok(());
    };
    Err(ExecuteError::Refused(refusal).into())
}

/// Returns the context of each command. The ids are that of the transaction with the number of the command.
fn contexts(count: usize, context: &Context) -> Vec<Context> {
    let numbered = |number: usize| context.id.as_ref().map(|id| format!("{id}#{number}"));
    (1..=count).map(|number| Context { id: numbered(number), ..context.clone() }).collect()
}

/// Returns the outcomes of commands that were executed before with the same id, or `None` if none was.
fn replay_all(
    transaction: &impl Transaction,
    commands: &[Command],
    contexts: &[Context],
) -> Result<Option<Vec<Outcome>>, CommandsError> {
    let Some(whole) = contexts.first().and_then(|context| context.id.as_ref()?.strip_suffix("#1")) else {
        return Ok(None);
    };
    let conflict = || CommandsError::from(ExecuteError::IdempotencyConflict(whole.to_string()));
    let mut outcomes = Vec::new();
    for (command, context) in commands.iter().zip(contexts) {
        let Some(id) = &context.id else { continue };
        let record = transaction.command(&chain::command_key(&context.actor, id))?;
        let outcome = record.map(|record| replayed(transaction, command, context, id, &record)).transpose();
        outcomes.push(outcome.map_err(|error| match error {
            ExecuteError::IdempotencyConflict(_) => conflict(),
            error => error.into(),
        })?);
    }
    let next = format!("{whole}#{}", commands.len() + 1);
    let actor = contexts.first().map(|context| context.actor.as_str()).unwrap_or_default();
    let has_more = transaction.command(&chain::command_key(actor, &next))?.is_some();
    match (outcomes.iter().flatten().count(), has_more) {
        (0, false) => Ok(None),
        (count, false) if count == commands.len() => Ok(Some(outcomes.into_iter().flatten().collect())),
        // The transaction with this id had other commands.
        _ => Err(conflict()),
    }
}
