//! Imports people from a table.

use super::apply::failed;
use super::context::context;
use super::from::From;
use super::import_args::Table;
use super::store::open;
use super::summary;
use crate::input;
use crate::output::{ExitStatus, counted, print};
use crate::report::{DIM, Failure, HEAD, print_line};
use rolecall_admin::RowAction;
use rolecall_store::{ClockJumpPolicy, Imported};

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

/// Imports the people of a table in one transaction, or shows what would happen.
pub(super) fn import(from: &From, table: &Table) -> Result<ExitStatus, Failure> {
    let Table { file, at, active, good_rows } = table;
    let csv = input::text(file)?;
    let import = rolecall_store::Import { csv, at: at.clone(), active: *active, good_rows: *good_rows };
    let context = context(from)?;
    let mut administration = open(&from.store)?;
    let jump = if from.allow_time_jump { ClockJumpPolicy::Accept } else { ClockJumpPolicy::Reject };
    let done = if from.dry_run {
        administration.preview_import(&import, &context, jump)
    } else {
        administration.import(&import, &context, from.expect, jump)
    };
    let imported = match done {
        Ok(imported) => imported,
        Err(error) => return failed(from, error),
    };
    if from.json {
        print(&imported)?;
    } else {
        show(&imported, from.dry_run);
    }
    let is_whole = imported.refused == 0 || (*good_rows && !from.dry_run);
    Ok(if is_whole { ExitStatus::Allow } else { ExitStatus::Deny })
}

fn show(imported: &Imported, is_preview: bool) {
    for row in imported.rows.iter().filter(|row| row.action != Some(RowAction::Unchanged)) {
        let subject = row.subject.as_deref().unwrap_or_default();
        let action = match row.action {
            Some(RowAction::Added) => "added",
            Some(_) => "changed",
            None => "refused",
        };
        println!("{HEAD}line {}{HEAD:#}  {subject}  {DIM}{action}{DIM:#}", row.line);
        row.refused.iter().for_each(summary::refusal);
    }
    let Imported { added, changed, unchanged, refused, .. } = imported;
    let what = if is_preview { "would be imported" } else { "imported" };
    let rows = counted(imported.rows.len() as u64, "rows");
    println!("{DIM}{rows} {what}: {added} added, {changed} changed, {unchanged} unchanged, {refused} refused{DIM:#}");
}
