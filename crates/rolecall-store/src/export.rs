//! The audit log as comma-separated values.

use crate::audit::AuditEntry;
use serde_json::Value;

/// The columns, in order.
const COLUMNS: &str = "seq,date,operation,object_type,actor,objects,ip_address,peer_address,application,command,login,provider,reason,count\r\n";

impl AuditEntry {
    /// Returns the line of column names, as RFC 4180 writes it.
    #[must_use]
    pub fn csv_header() -> &'static str {
        COLUMNS
    }

    /// Returns the event as a line of comma-separated values, as RFC 4180 writes it. A cell that a spreadsheet could
    /// evaluate as a formula begins with `'`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let text = |value: serde_json::Result<Value>| match value {
            Ok(Value::String(text)) => text,
            Ok(Value::Null) | Err(_) => String::new(),
            Ok(value) => value.to_string(),
        };
        let objects: Vec<&str> = self.objects.iter().map(|object| object.id.as_str()).collect();
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let session = self.event.session.clone().unwrap_or_default();
        let cells = [
            self.event.seq.to_string(),
            self.date.clone(),
            text(serde_json::to_value(self.operation)),
            text(serde_json::to_value(self.object_type)),
            self.username.clone(),
            objects.join(" "),
            optional(&self.ip_address),
            optional(&self.peer_address),
            optional(&self.application),
            text(serde_json::to_value(&self.event.command)),
            optional(&session.login),
            optional(&session.provider),
            optional(&session.reason),
            session.count.map_or(String::new(), |count| count.to_string()),
        ];
        let mut line = cells.map(|cell| csv_cell(&cell)).join(",");
        line.push_str("\r\n");
        line
    }
}

/// Returns a cell, quoted where RFC 4180 needs it. Spreadsheets evaluate cells that begin with `=`, `+`, `-`, `@`, a tab
/// a line break
/// or the wide form of one of these signs, even if they are quoted, so `'` is put before these.
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
    use super::csv_cell;

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
            assert_eq!(csv_cell(text), cell, "{text}");
        }
    }
}
