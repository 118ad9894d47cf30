//! The table of the server's metrics, from `docs/data/metrics.yaml`. A test of the server compares it with the metrics.

use super::{data, text};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::Write as _;

pub(super) fn table() -> Result<String> {
    let data = data("metrics.yaml")?;
    let mut out = String::from("| Metric | Meaning |\n|---|---|\n");
    for (name, entry) in data.as_object().context("metrics.yaml is not a map")? {
        let labels =
            entry.get("labels").and_then(Value::as_array).with_context(|| format!("`{name}` has no labels"))?;
        let labels: Vec<String> = labels.iter().filter_map(Value::as_str).map(|label| format!("`{label}`")).collect();
        let by = if labels.is_empty() { String::new() } else { format!(" by {}", labels.join(" and ")) };
        let watch = entry.get("watch").and_then(Value::as_str);
        let watch = watch.map_or(String::new(), |watch| format!(" **Watch** {watch}."));
        let (kind, meaning) = (text(entry, "type", name)?, text(entry, "meaning", name)?);
        writeln!(out, "| `{name}` | {meaning} A {kind}{by}.{watch} |")?;
    }
    Ok(out)
}
