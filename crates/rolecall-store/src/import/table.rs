//! Reads a table of people from comma-separated values.

use csv::{ReaderBuilder, StringRecord, Trim};
use rolecall_admin::{InitialRole, PersonRow, Refusal, RefusalCode, limits};
use std::collections::BTreeMap;

/// A row of a table, or why it cannot be read.
pub(super) struct TableRow {
    pub(super) line: u64,
    pub(super) row: Result<PersonRow, Refusal>,
}

/// The columns, each with the names that a header may have for it.
const COLUMNS: [(Column, &[&str]); 6] = [
    (Column::Email, &["email", "e-mail", "mail"]),
    (Column::Name, &["name"]),
    (Column::Id, &["id", "subject"]),
    (Column::Roles, &["roles", "role"]),
    (Column::Scope, &["scope", "at"]),
    (Column::Until, &["until", "end"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Email,
    Name,
    Id,
    Roles,
    Scope,
    Until,
}

fn malformed(message: impl Into<String>, help: &str) -> Refusal {
    Refusal::new(RefusalCode::Malformed, message).with_help(help)
}

/// Reads a table with a line of column names. `at` is the scope of roles that name none.
pub(super) fn read(text: &str, at: &str) -> Result<Vec<TableRow>, Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    // Spreadsheets of some languages write `;`.
    let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let unreadable =
        |error: csv::Error| malformed(format!("the table cannot be read: {error}"), "write it as RFC 4180 does");
    let columns = columns(reader.headers().map_err(unreadable)?)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, |place| line_of(text, place.byte()));
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == limits::COMMANDS {
            let message = format!("the table has more than {} rows", limits::COMMANDS);
            return Err(Refusal::new(RefusalCode::LimitList, message).with_help("import the others with another table"));
        }
        rows.push(TableRow { line, row: person(&record, &columns, at) });
    }
    Ok(rows)
}

/// Returns the line, from 1, of the first letter of a record. Its place can be before empty lines.
fn line_of(text: &str, byte: u64) -> u64 {
    let byte = usize::try_from(byte).unwrap_or(usize::MAX);
    let (before, record) = text.split_at_checked(byte).unwrap_or((text, ""));
    let empty = record.bytes().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    before.bytes().chain(empty).filter(|byte| *byte == b'\n').count() as u64 + 1
}

fn columns(header: &StringRecord) -> Result<Vec<Column>, Refusal> {
    let help = "the columns are `email`, `name`, `id`, `roles`, `scope` and `until`";
    let mut columns = Vec::new();
    for name in header {
        let is_named = |(_, names): &&(Column, &[&str])| names.contains(&name.to_lowercase().as_str());
        let Some((column, _)) = COLUMNS.iter().find(is_named) else {
            return Err(malformed(format!("the table has an unknown column `{name}`"), help));
        };
        if columns.contains(column) {
            return Err(malformed(format!("the column `{name}` occurs twice"), help));
        }
        columns.push(*column);
    }
    if !columns.contains(&Column::Email) && !columns.contains(&Column::Id) {
        return Err(malformed("the table has neither `email` nor `id`", help));
    }
    Ok(columns)
}

fn person(record: &StringRecord, columns: &[Column], at: &str) -> Result<PersonRow, Refusal> {
    if record.len() != columns.len() {
        let message = format!("the row has {} cells, and the table has {} columns", record.len(), columns.len());
        return Err(malformed(message, "quote cells that contain a comma or a quote"));
    }
    if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
        return Err(malformed("a cell contains a line break", "close its quote, and write one line for each person"));
    }
    let cell = |wanted: Column| {
        let text = columns.iter().zip(record).find(|(column, _)| **column == wanted).map(|(_, text)| plain(text));
        text.filter(|text| !text.is_empty())
    };
    let (scope, until) = (cell(Column::Scope).unwrap_or(at), cell(Column::Until));
    let roles = cell(Column::Roles).unwrap_or_default();
    let names = roles.split([' ', ';', ',', '|']).filter(|name| !name.is_empty());
    let role = |name: &str| {
        let (role, at) = name.split_once('@').unwrap_or((name, scope));
        InitialRole {
            role: role.to_string(),
            at: at.to_string(),
            below: true,
            boundaries: BTreeMap::new(),
            from: None,
            until: until.map(str::to_string),
        }
    };
    Ok(PersonRow {
        id: cell(Column::Id).map(str::to_string),
        email: cell(Column::Email).map(str::to_string),
        name: cell(Column::Name).map(str::to_string),
        roles: names.map(role).collect(),
    })
}

/// Returns a cell without the `'` that tables of Rolecall have before texts which a spreadsheet could evaluate.
fn plain(cell: &str) -> &str {
    let rest = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    rest.unwrap_or(cell)
}
