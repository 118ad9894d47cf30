//! Links between pages, and from pages to files of the repository: each must have a target.

use super::Page;
use crate::shell::at;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Reports each broken link.
pub(super) fn check(pages: &[Page], problems: &mut Vec<String>) {
    let anchors: BTreeMap<String, BTreeSet<String>> =
        pages.iter().map(|page| (address(&page.path), anchors(&page.text))).collect();
    for page in pages {
        for target in targets(&page.text) {
            if let Err(why) = follow(&target, &page.path, &anchors) {
                problems.push(format!("{}: `{target}` {why}", page.path));
            }
        }
    }
}

/// Returns the address of a page, such as `/guides/menus`.
fn address(path: &str) -> String {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    let stem = stem.strip_suffix("index").filter(|stem| stem.is_empty() || stem.ends_with('/')).unwrap_or(stem);
    format!("/{stem}")
}

fn follow(target: &str, page: &str, anchors: &BTreeMap<String, BTreeSet<String>>) -> Result<(), &'static str> {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let here = address(page);
    let full = if path.is_empty() {
        here
    } else if path.starts_with('/') {
        path.to_string()
    } else {
        joined(&here, path)
    };
    let full = if full.ends_with(".md") { address(full.trim_start_matches('/')) } else { full };
    let Some(known) = anchors.get(&full) else {
        let file = at("docs/public").join(full.trim_start_matches('/'));
        return if file.is_file() && anchor.is_none() { Ok(()) } else { Err("leads to no page") };
    };
    match anchor {
        Some(anchor) if !known.contains(anchor) => Err("leads to no heading"),
        _ => Ok(()),
    }
}

/// Resolves a relative path from a page.
fn joined(here: &str, path: &str) -> String {
    let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut full = PathBuf::new();
    for part in Path::new(folder).join(path).components() {
        match part {
            Component::ParentDir => {
                full.pop();
            }
            Component::CurDir => {}
            other => full.push(other),
        }
    }
    let slash = if path.ends_with('/') { "/" } else { "" };
    format!("{}{slash}", full.to_string_lossy())
}

/// Returns the page without its code.
fn prose(page: &str) -> String {
    let mut open: Option<String> = None;
    let mut out = String::new();
    for line in page.lines() {
        let bare = line.trim_start();
        let ticks: String = bare.chars().take_while(|one| *one == '`').collect();
        match &open {
            None if ticks.len() >= 3 => open = Some(ticks),
            Some(begun) if bare.trim_end() == begun => open = None,
            Some(_) => {}
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// Returns the targets of all links of a page.
fn targets(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let prose = prose(page);
    for line in prose.lines() {
        let mut rest = line;
        while let Some((_, behind)) = rest.split_once("](") {
            let (target, after) = behind.split_once(')').unwrap_or((behind, ""));
            found.extend(target.split_whitespace().next().map(String::from));
            rest = after;
        }
        // Links of the home page's front matter.
        if let Some(target) = line.trim_start().trim_start_matches("- ").strip_prefix("link: ") {
            found.push(target.trim().to_string());
        }
    }
    found
}

/// Returns the ids of the headings of a page, as VitePress generates them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for line in prose(page).lines().filter(|line| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim();
        let id = match heading.rsplit_once("{#") {
            Some((_, id)) => id.trim_end_matches('}').to_string(),
            None => slug(heading),
        };
        let mut unique = id.clone();
        let mut number = 0;
        while !found.insert(unique.clone()) {
            number += 1;
            unique = format!("{id}-{number}");
        }
    }
    found
}

fn slug(heading: &str) -> String {
    let mut id = String::new();
    for letter in heading.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            id.extend(letter.to_lowercase());
        } else if !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_matches('-');
    if id.starts_with(|first: char| first.is_ascii_digit()) { format!("_{id}") } else { id.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let pages = [("guides/menus.md", text), ("index.md", "# Home\n## Read *this*, `now`!\n## 2 parts\n")];
        let pages = pages.map(|(path, text)| Page { path: path.into(), text: text.into() });
        let mut problems = Vec::new();
        check(&pages, &mut problems);
        problems
    }

    #[test]
    fn links_are_followed() {
        let good = "# A {#b}\n[x](#b) [y](/guides/menus#b) [z](../index.md#read-this-now) [w](/#_2-parts) [v](https://a.example)\n";
        assert_eq!(problems(good), Vec::<String>::new());
        assert_eq!(problems("```md\n[x](#nowhere)\n```\n").len(), 0);
        for bad in ["[x](#b)", "[x](/guides/menu)", "[x](/#nowhere)", "[x](tabs.md)"] {
            assert_eq!(problems(bad).len(), 1, "{bad}");
        }
    }
}
