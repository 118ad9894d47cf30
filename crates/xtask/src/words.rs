//! Plain English: words that prose does not use, and how often some words occur.

mod measure;
mod prose;
mod rules;

pub(crate) use measure::print as measure;

use crate::shell::{at, program, quiet};
use anyhow::{Context, Result};
use prose::Prose;
use rules::{RULES, Rule};
use std::collections::BTreeMap;
use std::fmt;

/// Parts of the project that still use such words, with how many. A count may only become smaller.
const NOT_YET: &str = include_str!("words/not-yet.txt");
/// Prose about the words themselves.
const EXCEPT: [&str; 2] = ["crates/xtask/src/words.rs", "crates/xtask/src/words/"];

/// A file with its prose.
struct File {
    path: String,
    prose: Vec<Prose>,
}

/// A line that breaks a rule.
struct Found {
    path: String,
    line: usize,
    rule: &'static Rule,
}

/// Prints every line with such words in the parts that may not have it, and returns whether there is none.
pub(crate) fn check() -> Result<bool> {
    let found = by_part(&files()?);
    let allowed = not_yet(NOT_YET)?;
    let mut good = true;
    for (part, found) in &found {
        let most = allowed.get(part.as_str()).copied().unwrap_or(0);
        if found.len() > most {
            good = false;
            found.iter().for_each(|found| eprintln!("    {found}"));
            eprintln!("    {part} has {} words that are not plain; at most {most} are accepted", found.len());
        }
    }
    let remain: usize = found.values().map(Vec::len).sum();
    eprintln!("    {remain} words that are not plain remain; `cargo xtask words --list` prints them");
    Ok(good)
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: `{}`: use {}", self.path, self.line, self.rule.words.join(" "), self.rule.plain)
    }
}

/// Prints every line with such words whose path begins with a text.
pub(crate) fn list(below: &str) -> Result<()> {
    let all = by_part(&files()?);
    all.values().flatten().filter(|found| found.path.starts_with(below)).for_each(|found| println!("{found}"));
    Ok(())
}

/// Writes smaller counts into the list of parts that still use such words. No count becomes larger.
pub(crate) fn lower() -> Result<()> {
    let found = by_part(&files()?);
    let mut text = String::new();
    for (part, most) in not_yet(NOT_YET)? {
        let count = found.get(part).map_or(0, Vec::len).min(most);
        if count > 0 {
            text.push_str(&format!("{count} {part}\n"));
        }
    }
    crate::shell::write(&at("crates/xtask/src/words/not-yet.txt"), text.as_bytes())
}

fn not_yet(text: &str) -> Result<BTreeMap<&str, usize>> {
    let mut parts = BTreeMap::new();
    for line in text.lines() {
        let (count, part) = line.split_once(' ').with_context(|| format!("`{line}` is not a count and a part"))?;
        parts.insert(part, count.parse()?);
    }
    Ok(parts)
}

/// The files of the checkout that hold prose.
fn files() -> Result<Vec<File>> {
    let listed = quiet(&mut program("git", ["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let mut files = Vec::new();
    for path in listed.lines().filter(|path| !EXCEPT.iter().any(|except| path.starts_with(except))) {
        // A file that was deleted and not committed is still listed. Files without text have no prose.
        let Ok(text) = std::fs::read_to_string(at(path)) else { continue };
        if let Some(prose) = prose::of(path, &text) {
            files.push(File { path: path.to_string(), prose });
        }
    }
    Ok(files)
}

/// The part of the project that a path belongs to: a crate, a package, a folder, or a page of the top level.
fn part(path: &str) -> String {
    let depth = match path.split('/').next().unwrap_or_default() {
        "bindings" if path.starts_with("bindings/js/") => 3,
        "crates" | "bindings" | "wasm" | "tests" | "examples" => 2,
        _ => 1,
    };
    path.split('/').take(depth).collect::<Vec<_>>().join("/")
}

fn by_part(files: &[File]) -> BTreeMap<String, Vec<Found>> {
    let mut all: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for file in files {
        let found = all.entry(part(&file.path)).or_default();
        found.extend(hits(&file.prose).map(|(line, rule)| Found { path: file.path.clone(), line, rule }));
    }
    all
}

/// The lines that break a rule. A phrase may begin on one line and end on the next.
fn hits(prose: &[Prose]) -> impl Iterator<Item = (usize, &'static Rule)> {
    let words = measure::words(prose);
    let texts: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
    let mut found = Vec::new();
    for (index, (_, line)) in words.iter().enumerate() {
        found.extend(RULES.iter().filter(|rule| rule.applies(&texts, index)).map(|rule| (*line, rule)));
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<(usize, String)> {
        let prose = prose::of(path, text).unwrap();
        hits(&prose).map(|(line, rule)| (line, rule.words.join(" "))).collect()
    }

    #[test]
    fn words_are_found_with_their_lines() {
        let page = "It is told.\nA list of\nwhom `told` and\n```\ntold\n```\nIt is. No, it is no list.\n";
        let wanted = [(1, "told"), (2, "of whom"), (7, "is no")];
        assert_eq!(lines("a.md", page), wanted.map(|(line, words)| (line, words.to_string())));
        let rust = "/// Tells it.\nfn told() -> &'static str { \"told\" }\n// anew\nconst A: &str = \"is no text\";\n";
        let wanted = [(1, "tells"), (3, "anew"), (4, "is no")];
        assert_eq!(lines("a.rs", rust), wanted.map(|(line, words)| (line, words.to_string())));
    }

    #[test]
    fn paths_belong_to_parts() {
        for (path, wanted) in [
            ("README.md", "README.md"),
            ("crates/rolecall/src/lib.rs", "crates/rolecall"),
            ("bindings/js/api/a.ts", "bindings/js/api"),
            ("bindings/python/a.py", "bindings/python"),
            ("docs/guides/menus.md", "docs"),
        ] {
            assert_eq!(part(path), wanted);
        }
    }

    #[test]
    fn the_list_of_parts_is_read() {
        assert_eq!(not_yet("3 crates/a\n1 docs\n").unwrap(), BTreeMap::from([("crates/a", 3), ("docs", 1)]));
        assert!(not_yet("crates/a 3\n").is_err());
        assert!(not_yet(NOT_YET).is_ok());
    }
}
