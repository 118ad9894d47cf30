//! The pages of error and reason codes, from the lists of the code and the texts in `docs/data/codes.yaml`.

use super::{anchor, data, entries, text};
use anyhow::{Context, Result};
use rolecall::RequestErrorCode;
use rolecall::document::IssueCode;
use rolecall_admin::RefusalCode;
use std::fmt::Write as _;

pub(super) fn documents() -> Result<String> {
    let codes: Vec<&str> = IssueCode::ALL.iter().map(|code| code.as_str()).collect();
    section("documents", &codes)
}

pub(super) fn requests() -> Result<String> {
    let codes: Vec<&str> = RequestErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    section("requests", &codes)
}

pub(super) fn reasons() -> Result<String> {
    section("reasons", rolecall_contract::REASONS)
}

pub(super) fn refusals() -> Result<String> {
    let codes: Vec<&str> = RefusalCode::ALL.iter().map(|code| code.as_str()).collect();
    section("refusals", &codes)
}

fn section(name: &str, codes: &[&str]) -> Result<String> {
    let data = data("codes.yaml")?;
    let section = data.get(name).with_context(|| format!("codes.yaml has no `{name}`"))?;
    let mut out = String::new();
    for (code, entry) in entries(section, name, codes)? {
        let shown = if code.ends_with(':') { format!("{code}NAME") } else { code.clone() };
        let (cause, fix) = (text(entry, "cause", &code)?, text(entry, "fix", &code)?);
        writeln!(out, "## `{shown}` {{#{}}}\n\n{cause}\n\n**Fix.** {fix}\n", anchor(&code))?;
    }
    Ok(out)
}
