//! Plain English: words that prose does not use, and how often some words occur.

mod measure;
mod prose;
mod rules;

pub(crate) use measure::print as measure;

use crate::shell::{at, program, quiet};
use anyhow::Result;
use prose::Prose;
use rules::{RULES, Rule};
use std::fmt;

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

/// Prints every line with such words, and returns whether there is none.
pub(crate) fn check() -> Result<bool> {
    let found = found(&files()?);
    found.iter().for_each(|found| eprintln!("    {found}"));
    Ok(found.is_empty())
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: `{}`: use {}", self.path, self.line, self.rule.words.join(" "), self.rule.plain)
    }
}

/// Prints every line with such words whose path begins with a text.
pub(crate) fn list(below: &str) -> Result<()> {
    let all = found(&files()?);
    all.iter().filter(|found| found.path.starts_with(below)).for_each(|found| println!("{found}"));
    Ok(())
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

fn found(files: &[File]) -> Vec<Found> {
    let in_file = |file: &File| {
        let found = |(line, rule)| Found { path: file.path.clone(), line, rule };
        hits(&file.prose).map(found).collect::<Vec<_>>()
    };
    files.iter().flat_map(in_file).collect()
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
}
