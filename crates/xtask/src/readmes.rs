//! The README of each published crate, generated from the documentation of its root module.

use crate::release::versions;
use crate::shell::at;
use anyhow::{Context, Result, bail};
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
    Ok((folder.join("README.md"), readme(name, &documentation, folder.join("src/lib.rs").exists())))
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

fn readme(name: &str, documentation: &str, is_library: bool) -> String {
    let install = if is_library { format!("cargo add {name}") } else { format!("cargo install {name}") };
    let body = shown(documentation);
    format!(
        "# {name}\n\n{body}\n\n## Install\n\n```sh\n{install}\n```\n\n## More\n\n\
         This crate is a part of [Rolecall]({REPOSITORY}): one role policy, the same answer in every runtime.\n\n\
         Licensed under the Apache License, Version 2.0.\n"
    )
}

/// Turns Rust documentation into Markdown for other sites. Code blocks get their language and lose hidden lines; links
/// to items become the names of the items.
fn shown(documentation: &str) -> String {
    let (mut lines, mut in_code, mut in_rust) = (Vec::new(), false, false);
    for line in documentation.lines() {
        match line.strip_prefix("```") {
            Some(_) if in_code => {
                (in_code, in_rust) = (false, false);
                lines.push(line.to_string());
            }
            Some(info) => {
                let language = info.split(',').next().unwrap_or_default();
                in_rust = ["", "no_run", "ignore", "should_panic", "compile_fail", "rust"].contains(&language);
                in_code = true;
                lines.push(format!("```{}", if in_rust { "rust" } else { language }));
            }
            None if in_rust && (line == "#" || line.starts_with("# ")) => {}
            None if in_code => lines.push(line.to_string()),
            None if line.starts_with('#') => lines.push(format!("#{line}")),
            None => lines.push(without_item_links(line)),
        }
    }
    lines.join("\n").trim_end().to_string()
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
    fn links_to_items_become_their_text_and_others_stay() {
        assert_eq!(
            without_item_links("[`a`](b::C) and [`d`](https://e) and [f](g) [`h"),
            "`a` and [`d`](https://e) and [f](g) [`h"
        );
    }
}
