//! The guards as a table, from the lists of the code and the texts in `docs/data/guards.yaml`.

use super::codes::code_anchor;
use super::{data, entries, text};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write as _;

/// A guard with its reason codes.
pub(super) struct Guard {
    pub(super) name: String,
    pub(super) reasons: Vec<String>,
    denies: String,
}

/// Returns the guards in their order. All their reason codes together must equal those of the code, in the same order.
pub(super) fn guards() -> Result<Vec<Guard>> {
    let data = data("guards.yaml")?;
    let mut guards = Vec::new();
    for (name, entry) in entries(&data, "guards.yaml", &rolecall_contract::guards())? {
        let reasons = entry.get("reasons").and_then(Value::as_array).with_context(|| format!("reasons of `{name}`"))?;
        let reasons = reasons.iter().filter_map(Value::as_str).map(String::from).collect();
        let denies = text(entry, "denies", &name)?.to_string();
        guards.push(Guard { name, reasons, denies });
    }
    let all: Vec<&str> = guards.iter().flat_map(|guard| &guard.reasons).map(String::as_str).collect();
    if Some(all.as_slice()) != rolecall_contract::REASONS.get(1..) {
        bail!("guards.yaml lists other reason codes than the code, or in another order");
    }
    Ok(guards)
}

pub(super) fn table() -> Result<String> {
    let mut out = String::from("| # | Guard | Reason codes | Denies when |\n|---|---|---|---|\n");
    for (index, guard) in guards()?.iter().enumerate() {
        let links = guard.reasons.iter().map(|code| {
            let shown = if code.ends_with(':') { format!("{code}NAME") } else { code.clone() };
            format!("[`{shown}`](/codes/reasons#{})", code_anchor(code))
        });
        let links = links.collect::<Vec<_>>().join(", ");
        writeln!(out, "| {} | {} | {links} | {} |", index + 1, guard.name, guard.denies)?;
    }
    Ok(out)
}
