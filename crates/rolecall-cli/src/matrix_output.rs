//! Writes matrices.

use crate::output::print;
use crate::report::{DIM, Failure, HEAD, print_line};
use clap::ValueEnum;
use rolecall_admin::{Mark, Matrix};
use std::io::Write;

macro_rules! println {
    ($($line:tt)*) => { print_line(format_args!($($line)*)) };
}

/// The form of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatrixFormat {
    /// For people: one line for each row.
    Text,
    /// One JSON document.
    Json,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// One HTML page, without scripts and other files.
    Html,
}

/// Writes a matrix.
pub(crate) fn write(matrix: &Matrix, format: MatrixFormat) -> Result<(), Failure> {
    let write = |text: String| std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output);
    match format {
        MatrixFormat::Json => print(matrix),
        MatrixFormat::Csv => write(matrix.to_csv()),
        MatrixFormat::Html => write(matrix.to_html()),
        MatrixFormat::Text => {
            text(matrix);
            Ok(())
        }
    }
}

/// Prints a line for each row, with the columns that it has something of.
fn text(matrix: &Matrix) {
    let (title, columns) = (matrix.of.title(), matrix.columns.len());
    println!("{DIM}{title} at {}: {} rows, {columns} columns{DIM:#}", matrix.at, matrix.page.total);
    for row in &matrix.page.rows {
        let title = row.heading.title.as_ref().map_or(String::new(), |title| format!("  {DIM}{title}{DIM:#}"));
        println!("{HEAD}{}{HEAD:#}{title}", row.heading.id);
        for (column, mark) in matrix.columns.iter().zip(&row.cells).filter(|(_, mark)| **mark != Mark::None) {
            println!("  {} {}  {DIM}{}{DIM:#}", mark.sign(), column.id, matrix.of.meaning(*mark));
        }
    }
    if let Some(cursor) = &matrix.page.next {
        println!("  {DIM}more{DIM:#}  `--after {cursor}`");
    }
}
