//! How often some words occur in each part of the project.

use super::prose::{Kind, Prose};
use super::{File, files, part};
use anyhow::Result;
use std::collections::BTreeMap;

const TELL: [&str; 3] = ["tell", "tells", "told"];
const WHAT: [&str; 5] = ["what", "whatever", "whoever", "whom", "whomever"];
const PERSONS: [&str; 2] = ["you", "we"];

/// Words of a part, and some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    words: usize,
    tell: usize,
    what: usize,
    persons: usize,
}

impl Counts {
    fn of(prose: &[Prose]) -> Self {
        let words = words(prose);
        let count = |of: &[&str]| words.iter().filter(|(word, _)| of.contains(&word.as_str())).count();
        let total = words.iter().filter(|(word, _)| !word.is_empty()).count();
        Self { words: total, tell: count(&TELL), what: count(&WHAT), persons: count(&PERSONS) }
    }

    fn add(&mut self, other: Self) {
        self.words += other.words;
        self.tell += other.tell;
        self.what += other.what;
        self.persons += other.persons;
    }
}

/// Prints the table: pages of the top level, `docs`, and the comments that document each crate and package.
pub(crate) fn print() -> Result<()> {
    println!("{:<28} {:>7} {:>12} {:>12} {:>8}", "part", "words", "tell / 1000", "what / 1000", "you, we");
    for (part, counts) in table(&files()?) {
        let each = |count: usize| f64::from(u32::try_from(count * 1000).unwrap_or(u32::MAX)) / counts_of(counts.words);
        let Counts { words, tell, what, persons } = counts;
        println!("{part:<28} {words:>7} {:>12.1} {:>12.1} {persons:>8}", each(tell), each(what));
    }
    Ok(())
}

fn counts_of(words: usize) -> f64 {
    f64::from(u32::try_from(words.max(1)).unwrap_or(u32::MAX))
}

fn table(files: &[File]) -> BTreeMap<String, Counts> {
    let mut table: BTreeMap<String, Counts> = BTreeMap::new();
    for file in files {
        let documents = |piece: &&Prose| matches!(piece.kind, Kind::Page | Kind::Doc);
        let prose: Vec<Prose> = file.prose.iter().filter(documents).cloned().collect();
        let counts = Counts::of(&prose);
        if counts.words > 0 {
            table.entry(part(&file.path)).or_default().add(counts);
        }
    }
    table
}

/// The words of prose in lower case with their lines, without code in backticks. An empty word is a break between phrases.
pub(super) fn words(prose: &[Prose]) -> Vec<(String, usize)> {
    let mut words = Vec::new();
    let mut before: Option<&Prose> = None;
    for piece in prose {
        if before.is_some_and(|before| before.kind != piece.kind || before.line + 1 < piece.line) {
            words.push((String::new(), piece.line));
        }
        for (index, text) in piece.text.split('`').enumerate() {
            if index % 2 == 1 {
                words.push((String::new(), piece.line));
            } else {
                words.extend(split(text).map(|word| (word, piece.line)));
            }
        }
        before = Some(piece);
    }
    words
}

/// The words of a text. Punctuation behind a word is an empty word.
fn split(text: &str) -> impl Iterator<Item = String> {
    let is_word = |letter: char| letter.is_alphanumeric() || "'’-".contains(letter);
    text.split_whitespace().flat_map(move |token| {
        let bare = token.trim_matches(|letter| !is_word(letter));
        // A path, an address or a name in code is not a word.
        let word = if bare.chars().all(is_word) { bare.to_lowercase() } else { String::new() };
        let ends = !token.ends_with(bare) || bare.is_empty();
        let has_letter = word.chars().any(char::is_alphabetic);
        let word = has_letter.then_some(word);
        word.into_iter().chain(ends.then(String::new))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(text: &str) -> Vec<Prose> {
        super::super::prose::of("a.md", text).unwrap()
    }

    #[test]
    fn words_are_counted() {
        let counts = Counts::of(&prose("What you told\nus, in `told` 3 words: a/path told_of.\n\nWe tell it.\n"));
        assert_eq!(counts, Counts { words: 9, tell: 2, what: 1, persons: 2 });
    }

    #[test]
    fn punctuation_is_a_break() {
        let words: Vec<String> = words(&prose("it is (so).\nNo")).into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, ["it", "is", "so", "", "no"]);
    }
}
