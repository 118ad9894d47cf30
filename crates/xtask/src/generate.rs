//! Generated files: the JSON Schemas, the JSON of the presets, the opcodes in TypeScript, the reference pages of the
//! documentation and the READMEs of crates.

mod opcodes;

use crate::shell::{at, write};
use crate::yaml;
use anyhow::Result;
use std::path::PathBuf;

/// The presets, by the names of their files.
const PRESETS: &[&str] = &["blueconic", "bloomreach"];

fn files() -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for (name, schema) in rolecall_contract::schema::all() {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        files.push((at("crates/rolecall-contract/schemas").join(name), text));
    }
    let presets = at("crates/rolecall-presets/presets");
    for name in PRESETS {
        let json = yaml::to_json(&presets.join(format!("{name}.yaml")))?;
        files.push((presets.join(format!("{name}.json")), serde_json::to_string(&json)? + "\n"));
    }
    files.extend(crate::docs::generated()?);
    files.extend(crate::readmes::generated()?);
    files.push((at("docs/reference/runtimes.md"), crate::matrix::page()?));
    files.push((at("crates/rolecall-cli/src/codes.json"), crate::docs::code_texts()?));
    files.push((at("bindings/js/api/opcodes.ts"), opcodes::typescript()));
    Ok(files)
}

/// Writes the files. With `check`, writes nothing and fails if a file is stale.
pub(crate) fn run(check: bool) -> Result<bool> {
    let mut fresh = true;
    for (path, content) in files()? {
        let stale = std::fs::read_to_string(&path).map_or(true, |old| old != content);
        if stale && check {
            eprintln!("{} is stale; run `cargo xtask gen`", path.display());
            fresh = false;
        } else if stale {
            write(&path, content.as_bytes())?;
            eprintln!("wrote {}", path.display());
        }
    }
    Ok(fresh)
}
