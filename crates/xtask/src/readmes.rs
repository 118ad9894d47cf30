//! The README of each published crate, generated from the documentation of its root module.

use crate::release::versions;
use crate::shell::at;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The address of the project.
const REPOSITORY: &str = "https://github.com/rolecall/rolecall";

/// Returns the path and the text of each README.
pub(crate) fn generated() -> Result<Vec<(PathBuf, String)>> {
    let crates = versions::published_crates()?;
    crates.iter().map(|name| one(name).with_context(|| format!("the README of {name}"))).collect()
}

fn one(name: &str) -> Result<(PathBuf, String)> {
    let folder = at("crates").join(name);
    let documentation = documentation(&folder)?;
    Ok((folder.join("README.md"), readme(name, &documentation, &install(name, &folder, &documentation)?)))
}

/// Returns the lines that install a crate: its library with the crates of the example, and its program.
fn install(name: &str, folder: &Path, documentation: &str) -> Result<String> {
    let mut lines = Vec::new();
    if folder.join("src/lib.rs").exists() {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"))?;
        lines.push(["cargo add", name].into_iter().chain(used(&manifest, documentation)).collect::<Vec<_>>().join(" "));
    }
    if folder.join("src/main.rs").exists() {
        lines.push(format!("cargo install {name}"));
    }
    Ok(lines.join("\n"))
}

/// Returns the dependencies in a manifest that code in the documentation names.
fn used<'m>(manifest: &'m str, documentation: &str) -> BTreeSet<&'m str> {
    let dependencies = manifest.lines().skip_while(|line| !line.ends_with("dependencies]"));
    let names = dependencies.filter_map(|line| line.split(['.', ' ', '=']).next().filter(|name| !name.is_empty()));
    let code: Vec<&str> = documentation.split("```").skip(1).step_by(2).collect();
    names.filter(|name| code.iter().any(|block| block.contains(&format!("{}::", name.replace('-', "_"))))).collect()
}

/// Returns the `//!` lines of the root module.
fn documentation(folder: &Path) -> Result<String> {
    let root = ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file)).into_iter().find(|file| file.exists());
    let text = std::fs::read_to_string(root.context("a crate has a root module")?)?;
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    if lines.is_empty() {
        bail!("the root module has no documentation");
    }
    Ok(lines.join("\n"))
}

fn readme(name: &str, documentation: &str, install: &str) -> String {
    let body = shown(documentation);
    format!(
        "# {name}\n\n{body}\n\n## Install\n\n```sh\n{install}\n```\n\n## More\n\n\
         This crate is a part of [Rolecall]({REPOSITORY}): one role policy, the same answer in every runtime.\n\
         The [documentation]({REPOSITORY}/tree/main/docs) begins with [ten minutes]({REPOSITORY}/blob/main/docs/start/index.md).\n\n\
         Licensed under the Apache License, Version 2.0.\n"
    )
}

/// Turns Rust documentation into Markdown for other sites. Code blocks get their language and become programs, or lose
/// hidden lines; links to items become the names of the items.
fn shown(documentation: &str) -> String {
    let (mut lines, mut in_code, mut in_rust) = (Vec::new(), false, false);
    let mut begin = 0;
    for line in documentation.lines() {
        match line.strip_prefix("```") {
            Some(_) if in_code => {
                (in_code, in_rust) = (false, false);
                lines.push(line.to_string());
            }
            None if in_rust && line.starts_with("# Ok::<(), ") => {
                let block = lines.split_off(begin);
                lines.extend(program(&block));
            }
            Some(info) => {
                let language = info.split(',').next().unwrap_or_default();
                in_rust = ["", "no_run", "ignore", "should_panic", "compile_fail", "rust"].contains(&language);
                in_code = true;
                lines.push(format!("```{}", if in_rust { "rust" } else { language }));
                begin = lines.len();
            }
            None if in_rust && (line == "#" || line.starts_with("# ")) => {}
            None if in_code => lines.push(line.to_string()),
            None if line.starts_with('#') => lines.push(format!("#{line}")),
            None => lines.push(without_item_links(line)),
        }
    }
    lines.join("\n").trim_end().to_string()
}

/// Puts statements that can fail into a `main`, so that a reader can run them. Imports stay in front.
fn program(block: &[String]) -> Vec<String> {
    let imports = block.iter().take_while(|line| line.starts_with("use ") || line.is_empty());
    let (imports, statements) = block.split_at(imports.count());
    let indented = statements.iter().map(|line| if line.is_empty() { String::new() } else { format!("    {line}") });
    let begin = "fn main() -> Result<(), Box<dyn std::error::Error>> {".to_string();
    let end = ["    Ok(())".to_string(), "}".to_string()];
    imports.iter().cloned().chain([begin]).chain(indented).chain(end).collect()
}

/// Replaces links to items, such as ``[`Engine`]`` or ``[`can`](Session::can)``, by the text of the link.
fn without_item_links(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("[`") {
        let (before, link) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = link.find("`]") else {
            rest = link;
            break;
        };
        let (text, after) = link.split_at(end + 2);
        let target = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        match target {
            Some((target, _)) if target.contains("://") => {
                out.push_str(text);
                rest = after;
            }
            Some((_, behind)) => {
                out.push_str(text.trim_matches(['[', ']']));
                rest = behind;
            }
            None => {
                out.push_str(text.trim_matches(['[', ']']));
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_blocks_name_their_language_and_hide_nothing_else() {
        let shown = shown(
            "One [`Engine`].\n\n```\n# use hidden;\nlet a = 1;\n#[test]\n```\n\n# Part\n\n```toml\n# comment\n```",
        );
        let wanted = "One `Engine`.\n\n```rust\nlet a = 1;\n#[test]\n```\n\n## Part\n\n```toml\n# comment\n```";
        assert_eq!(shown, wanted);
    }

    #[test]
    fn statements_that_can_fail_become_a_program() {
        let shown = shown("```\nuse a::B;\n\nB::new()?;\n# Ok::<(), Box<dyn core::error::Error>>(())\n```");
        let wanted = "```rust\nuse a::B;\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {\n    B::new()?;\n    \
                      Ok(())\n}\n```";
        assert_eq!(shown, wanted);
    }

    #[test]
    fn the_crates_of_an_example_are_installed() {
        let manifest =
            "[package]\nname = \"a\"\n\n[dependencies]\nserde_json.workspace = true\nb-c = \"1\"\nd = \"1\"\n";
        let documentation = "d::E is not code.\n\n```\nserde_json::from_str(b_c::D)?;\n```\n";
        assert_eq!(used(manifest, documentation).into_iter().collect::<Vec<_>>(), ["b-c", "serde_json"]);
    }

    #[test]
    fn links_to_items_become_their_text_and_others_stay() {
        assert_eq!(
            without_item_links("[`a`](b::C) and [`d`](https://e) and [f](g) [`h"),
            "`a` and [`d`](https://e) and [f](g) [`h"
        );
    }
}
