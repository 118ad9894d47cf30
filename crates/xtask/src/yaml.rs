//! Reads YAML documents.

use anyhow::{Result, anyhow};
use rolecall::document::DocumentKind;
use rolecall_yaml::YamlDocument;
use std::path::Path;

/// Returns the JSON of a YAML document.
pub(crate) fn to_json(path: &Path) -> Result<serde_json::Value> {
    let text = std::fs::read_to_string(path)?;
    let document =
        YamlDocument::parse(DocumentKind::Policy, &text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(serde_json::to_value(document.value())?)
}
