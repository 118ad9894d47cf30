//! The audit log as comma-separated values.

use crate::audit::AuditEntry;
use rolecall_admin::csv_line;
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
        csv_line([
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
        ])
    }
}
