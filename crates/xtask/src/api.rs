//! The public interface of each published library, one item a line, as `tests/public-api/<crate>.txt` has it.
//!
//! The lists are read from what rustdoc writes as JSON. That form differs between compilers, so that the oldest supported one
//! writes it, and `public-api` in the manifest is a version that reads it.

use crate::release::compiler::oldest_cargo;
use crate::release::versions::published_crates;
use crate::shell::{at, built, quiet, write};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes the lists, or with `check` returns whether they are what the crates have.
pub(crate) fn run(check: bool) -> Result<bool> {
    let rustdoc = rustdoc()?;
    let mut fresh = true;
    for name in published_crates()?.iter().filter(|name| at("crates").join(name).join("src/lib.rs").exists()) {
        let list = list(name, &rustdoc).with_context(|| format!("the public interface of {name}"))?;
        let path = at("tests/public-api").join(format!("{name}.txt"));
        let listed = std::fs::read_to_string(&path).unwrap_or_default();
        if listed == list {
            continue;
        }
        eprintln!("{name}: the public interface changed");
        print_difference(&listed, &list);
        if check {
            eprintln!("    run `cargo xtask api`, and commit the list with the change");
            fresh = false;
        } else {
            write(&path, list.as_bytes())?;
        }
    }
    Ok(fresh)
}

/// Prints every public type that could not get a new variant or field without breaking its users, and returns whether
/// there is none: errors, and answers, which are types that can be written but not read.
pub(crate) fn is_open_to_additions() -> Result<bool> {
    let mut good = true;
    for name in published_crates()? {
        let path = at("tests/public-api").join(format!("{name}.txt"));
        // A crate without a library has no list.
        let listed = std::fs::read_to_string(&path).unwrap_or_default();
        for closed in closed_types(&listed) {
            eprintln!("    {closed} is an error or an answer; mark it `#[non_exhaustive]`");
            good = false;
        }
    }
    Ok(good)
}

/// Returns the errors and answers of a list that are enums or have public fields, and are not `#[non_exhaustive]`.
fn closed_types(list: &str) -> Vec<String> {
    let lines: Vec<(&str, String)> = list.lines().map(|line| (line, without_generics(line))).collect();
    let implements = |item: &str, name: &str| lines.iter().any(|(_, line)| *line == format!("impl {item} for {name}"));
    let is_serialized = |name: &str| lines.iter().any(|(_, line)| *line == format!("pub fn {name}::serialize"));
    let is_named = |name: &str| {
        implements("core::error::Error", name)
            || is_serialized(name) && !implements("serde_core::de::Deserialize", name)
    };
    let has_fields = |line: &str, name: &str| {
        line.contains("(pub ") || lines.iter().any(|(_, line)| line.starts_with(&format!("pub {name}::")))
    };
    let closed = lines.iter().filter_map(|(line, plain)| {
        let name = match plain.strip_prefix("pub enum ") {
            Some(name) => name,
            None => plain.strip_prefix("pub struct ").filter(|name| has_fields(line, name))?,
        };
        // wasmtime generates bindings from the WIT world.
        (is_named(name) && !name.contains("::bindings::")).then(|| name.to_string())
    });
    closed.collect()
}

/// Returns the part of a line before its arguments, without type parameters.
fn without_generics(line: &str) -> String {
    let mut depth = 0_usize;
    let head = line.split('(').next().unwrap_or_default().replace("impl<", "impl <");
    let plain = head.chars().filter(|letter| {
        let is_outside = depth == 0 && *letter != '<';
        match letter {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_outside
    });
    plain.collect::<String>().replace("impl  ", "impl ")
}

fn print_difference(before: &str, after: &str) {
    let missing = |from: &str, sign: &str, others: &str| {
        from.lines()
            .filter(|line| !others.lines().any(|other| other == *line))
            .for_each(|line| eprintln!("    {sign} {line}"));
    };
    missing(before, "-", after);
    missing(after, "+", before);
}

/// A rustdoc that may write JSON, which is not stable: cargo and the compiler stay as they are, so that nothing is built twice.
fn rustdoc() -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = built("rustdoc-json.sh");
    write(&path, b"#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n")?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
    Ok(path)
}

fn list(name: &str, rustdoc: &Path) -> Result<String> {
    let mut document = oldest_cargo()?;
    document.args(["rustdoc", "--quiet", "--locked", "--lib", "--package", name]);
    document.args(["--", "-Zunstable-options", "--output-format=json"]).env("RUSTDOC", rustdoc);
    let json = target_of(&document).join("doc").join(format!("{}.json", name.replace('-', "_")));
    quiet(&mut document)?;
    let api =
        public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true).build()?;
    Ok(api.items().map(|item| format!("{item}\n")).collect())
}

/// The folder in which a command of cargo builds.
fn target_of(command: &Command) -> PathBuf {
    let own = command.get_envs().find(|(name, _)| *name == "CARGO_TARGET_DIR").and_then(|(_, value)| value);
    own.map_or_else(|| built(""), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_answers_must_be_open_to_additions() {
        let list = |open: &str| {
            [
                &format!("{open}pub enum a::Error"),
                "pub a::Error::File",
                "impl core::error::Error for a::Error",
                &format!("{open}pub struct a::Answer<'a>"),
                "pub a::Answer::allow: bool",
                "pub fn a::Answer<'_>::serialize<__S>(&self, __S) -> core::result::Result<(), ()>",
                &format!("{open}pub struct a::Tuple(pub u8)"),
                "impl<T> core::error::Error for a::Tuple",
                // Opaque, or also an input, or neither an error nor an answer.
                "pub struct a::Opaque(_)",
                "impl core::error::Error for a::Opaque",
                "pub fn a::Opaque::new(u8) -> Self",
                "pub enum a::Command",
                "pub fn a::Command::serialize<__S>(&self, __S) -> core::result::Result<(), ()>",
                "impl<'de> serde_core::de::Deserialize<'de> for a::Command",
                "pub struct a::Limits",
                "pub a::Limits::memory: usize",
            ]
            .join("\n")
        };
        assert_eq!(closed_types(&list("")), ["a::Error", "a::Answer", "a::Tuple"]);
        assert_eq!(closed_types(&list("#[non_exhaustive] ")), Vec::<String>::new());
    }
}
