//! The rows of the matrix, from `tests/matrix/rows.yaml`.

use crate::shell::at;
use crate::yaml;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// Reasons of answers that are no by design.
    reasons: BTreeMap<String, Reason>,
    /// Such answers of several rows: reasons by entry.
    groups: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) rows: Vec<Row>,
    /// The rows of the packages for frameworks.
    pub(super) frameworks: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    pub(super) text: String,
    /// A part of what the last step then prints.
    #[serde(default)]
    pub(super) answer: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) runtime: String,
    /// Whether the row is part of every test run.
    #[serde(default)]
    pub(super) quick: bool,
    #[serde(default)]
    no: Option<No>,
    /// Steps before those of the entries.
    #[serde(default)]
    pub(super) before: Vec<String>,
    pub(super) steps: Vec<String>,
}

/// The answers that are no by design.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum No {
    Group(String),
    Entries(BTreeMap<String, String>),
}

pub(super) fn read() -> Result<Plan> {
    Ok(serde_json::from_value(yaml::to_json(&at("tests/matrix/rows.yaml"))?)?)
}

impl Plan {
    /// Returns the reason why an entry does not work in a row, if that is by design.
    pub(super) fn reason(&self, row: &Row, entry: &str) -> Result<Option<&Reason>> {
        let named = match &row.no {
            None => return Ok(None),
            Some(No::Entries(entries)) => entries,
            Some(No::Group(group)) => self.groups.get(group).with_context(|| format!("no group `{group}`"))?,
        };
        let Some(name) = named.get(entry) else { return Ok(None) };
        Ok(Some(self.reasons.get(name).with_context(|| format!("no reason `{name}`"))?))
    }

    /// Returns whether the guide has every reason and every row.
    pub(super) fn is_documented(&self) -> Result<bool> {
        let guide = std::fs::read_to_string(at("docs/guides/runtimes.md"))?;
        let texts = self.reasons.values().map(|reason| &reason.text);
        let missing: Vec<&String> = texts.filter(|text| !guide.contains(*text)).collect();
        for reason in &missing {
            eprintln!("    docs/guides/runtimes.md does not contain `{reason}`");
        }
        Ok(missing.is_empty())
    }
}
