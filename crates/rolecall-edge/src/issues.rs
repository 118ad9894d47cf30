//! The issues of documents that the component rejects.

use crate::bindings::exports::rolecall::policy::decisions::Issue;
use std::fmt;

/// Documents that the component rejects, with every issue.
#[derive(Debug)]
#[non_exhaustive]
pub struct DocumentIssues {
    /// At least one issue.
    pub issues: Vec<Issue>,
}

impl fmt::Display for DocumentIssues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, issue) in self.issues.iter().enumerate() {
            let place =
                issue.line.zip(issue.column).map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
            let newline = if index > 0 { "\n" } else { "" };
            write!(f, "{newline}{}{place}: {}: {} (at `{}`)", issue.document, issue.code, issue.message, issue.path)?;
        }
        Ok(())
    }
}

impl std::error::Error for DocumentIssues {}
