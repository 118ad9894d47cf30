//! Imports of people, and what they do.

use super::table;
use crate::administration::{Administration, ExecuteError};
use crate::all_or_none::CommandsError;
use crate::clock::{ClockJumpPolicy, ClockState};
use crate::error::StoreError;
use crate::private;
use crate::store::Store;
use rolecall::Timestamp;
use rolecall_admin::{Command, Context, PlannedRow, Refusal, RefusalCode, RowAction, State};
use serde::Serialize;
use std::collections::HashMap;

/// A table of people to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The table as comma-separated values, after a line of column names: `email`, `name`, `id`, `roles`, `scope` and
    /// `until`.
    pub csv: String,
    /// The scope of roles that name none, and of names and e-mail addresses.
    pub at: String,
    /// Adds new people as active users. Otherwise they are invited.
    pub active: bool,
    /// Executes the rows that are possible. Otherwise a refused row refuses all.
    pub good_rows: bool,
}

/// What a row does, or why it is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImportedRow {
    /// The line of the table, from 1. The line of column names counts.
    pub line: u64,
    /// The subject, if the row names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What the row does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<RowAction>,
    /// Why the row is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    #[serde(skip)]
    commands: Vec<Command>,
}

/// What an import does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Imported {
    /// The rows, in order.
    pub rows: Vec<ImportedRow>,
    /// The number of new people.
    pub added: usize,
    /// The number of people who change.
    pub changed: usize,
    /// The number of people who stay as they are.
    pub unchanged: usize,
    /// The number of refused rows.
    pub refused: usize,
}

impl Imported {
    fn of(rows: Vec<ImportedRow>) -> Self {
        let count = |action: Option<RowAction>| rows.iter().filter(|row| row.action == action).count();
        let [added, changed, unchanged] =
            [RowAction::Added, RowAction::Changed, RowAction::Unchanged].map(Some).map(count);
        let refused = count(None);
        Self { added, changed, unchanged, refused, rows }
    }
}

impl<S: Store> Administration<S> {
    /// Returns what an import would do, row by row, without storing anything. Each row sees the effect of those before;
    /// a refused row has none.
    ///
    /// # Errors
    /// [`CommandsError`] if the table cannot be read.
    pub fn preview_import(
        &self,
        import: &Import,
        context: &Context,
        jump: ClockJumpPolicy,
    ) -> Result<Imported, CommandsError> {
        let given = Timestamp::read(&context.time, "time").map_err(|error| ExecuteError::Refused(error.into()))?;
        let time = ClockState { last: self.log.last, seen: self.store.clock_seen()? }.event(given, jump)?;
        let context = Context { time: time.as_text(), id: None, ..context.clone() };
        let rows = table::read(&import.csv, &import.at).map_err(ExecuteError::Refused)?;
        let refused = |refusal: Refusal| CommandsError::from(ExecuteError::Refused(refusal));
        let by_email = self.revealing(|reveal| self.state().people_by_email(&import.at, &context, reveal))?;
        let by_email = by_email.map_err(refused)?;
        let mut state = self.state().clone();
        let mut lines: HashMap<String, u64> = HashMap::new();
        let mut shown = Vec::new();
        for table::TableRow { line, row } in rows {
            let mut imported = ImportedRow { line, subject: None, action: None, refused: None, commands: Vec::new() };
            let place = (import.at.as_str(), import.active);
            let planned = match row {
                Ok(row) => self.revealing(|reveal| state.plan_person(&row, place, &context, (&by_email, reveal)))?,
                Err(refusal) => Err(refusal),
            };
            let decided = planned.and_then(|planned| {
                imported.subject = Some(planned.subject.clone());
                only_once(&mut lines, &planned.subject, line)?;
                Ok(planned)
            });
            match decided {
                Ok(planned) => match try_row(&mut state, &planned, &context)? {
                    Ok(()) => (imported.action, imported.commands) = (Some(planned.action), planned.commands),
                    Err(refusal) => imported.refused = Some(refusal),
                },
                Err(refusal) => imported.refused = Some(refusal),
            }
            shown.push(imported);
        }
        Ok(Imported::of(shown))
    }

    /// Imports people in one transaction. A refused row refuses all, unless the import has `good_rows`.
    ///
    /// # Errors
    /// [`CommandsError`], in which case nothing changed.
    pub fn import(
        &mut self,
        import: &Import,
        context: &Context,
        expected: Option<u64>,
        jump: ClockJumpPolicy,
    ) -> Result<Imported, CommandsError> {
        self.refresh()?;
        let imported = self.preview_import(import, context, jump)?;
        let first = imported.rows.iter().find_map(|row| Some((row.line, row.refused.clone()?)));
        if let Some((line, refusal)) = first.filter(|_| !import.good_rows) {
            let mut refusal = refusal;
            refusal.message = format!("line {line}: {}", refusal.message);
            return Err(ExecuteError::Refused(refusal).into());
        }
        let commands: Vec<Command> = imported.rows.iter().flat_map(|row| row.commands.clone()).collect();
        if !commands.is_empty() {
            // The preview was made of this version.
            let expected = expected.or(Some(self.state().version()));
            self.execute_all(&commands, context, expected, jump)?;
        }
        Ok(imported)
    }
}

/// Refuses a second row of the same person.
fn only_once(lines: &mut HashMap<String, u64>, subject: &str, line: u64) -> Result<(), Refusal> {
    let Some(first) = lines.insert(subject.to_lowercase(), line) else { return Ok(()) };
    lines.insert(subject.to_lowercase(), first);
    let refusal = Refusal::new(RefusalCode::Malformed, format!("`{subject}` is in line {first} already"));
    Err(refusal.with_help("give all roles of a person in one row"))
}

/// Decides the commands of a row on a state, which keeps their effect if none is refused.
fn try_row(state: &mut State, planned: &PlannedRow, context: &Context) -> Result<Result<(), Refusal>, StoreError> {
    let before = (planned.commands.len() > 1).then(|| state.clone());
    for command in &planned.commands {
        let sealed = private::sealed(command)?;
        let decided = sealed.and_then(|sealed| state.decide(&sealed.command, context));
        match decided {
            Ok(Some(event)) => state.apply(&event)?,
            Ok(None) => {}
            Err(refusal) => {
                if let Some(before) = before {
                    *state = before;
                }
                return Ok(Err(refusal));
            }
        }
    }
    Ok(Ok(()))
}
