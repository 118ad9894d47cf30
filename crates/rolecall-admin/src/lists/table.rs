//! Rows of lists as tables of comma-separated values.

use super::page::Page;

/// A row that can be a line of a table.
pub trait TableRow {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// Returns the cells, one for each column.
    fn cells(&self) -> Vec<String>;
}

impl<T: TableRow> Page<T> {
    /// Returns the rows as comma-separated values, after a line of column names, as RFC 4180 writes them. A cell that a
    /// spreadsheet could evaluate as a formula begins with `'`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        table([self])
    }
}

/// Returns the rows of several pages as one table.
pub(super) fn table<'p, T: TableRow + 'p>(pages: impl IntoIterator<Item = &'p Page<T>>) -> String {
    let rows = pages.into_iter().flat_map(|page| &page.rows).map(|row| csv_line(row.cells()));
    std::iter::once(csv_line(T::COLUMNS)).chain(rows).collect()
}

/// Returns a line of comma-separated values, as RFC 4180 writes it. A cell that a spreadsheet could evaluate as a formula
/// begins with `'`.
#[must_use]
pub fn csv_line(cells: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| csv_cell(cell.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// Returns a cell, quoted where RFC 4180 needs it. Spreadsheets evaluate cells that begin with `=`, `+`, `-`, `@`, a tab,
/// a line break or the wide form of one of these signs, even if they are quoted, so `'` is put before these.
fn csv_cell(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let guard = if is_formula { "'" } else { "" };
    if is_formula || text.contains([',', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::csv_line;

    #[test]
    fn cells_are_quoted_and_never_evaluated() {
        for (text, cell) in [
            ("user:ada", "user:ada"),
            ("", ""),
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("say \"a\"", "\"say \"\"a\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("a=1", "a=1"),
            ("203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(csv_line(["first", text]), format!("first,{cell}\r\n"), "{text}");
        }
    }
}
