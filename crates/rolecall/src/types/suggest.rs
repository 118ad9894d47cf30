//! "Did you mean": the nearest known name to an unknown one.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

/// Candidates per suggestion. The limits bound the cost of an error in a hostile document.
const CANDIDATES: usize = 4096;
/// Letters read and pairs of letters compared per suggestion.
const STEPS: usize = 1 << 17;

/// Returns the candidate with the smallest edit distance to `wrong`, if it is close enough.
#[must_use]
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(wrong, &few(candidates))
}

/// Collects the candidates to compare. A list, so the comparison is compiled only once for all iterators.
fn few<'a>(candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut few = Vec::new();
    for candidate in candidates.into_iter().take(CANDIDATES) {
        few.push(candidate);
    }
    few
}

fn nearest_of<'a>(wrong: &str, candidates: &[&'a str]) -> Option<&'a str> {
    if wrong.len() > 256 {
        return None;
    }
    // Names have no capital letters.
    let wrong = &*wrong.to_ascii_lowercase();
    // The end of a path matches the whole path.
    let is_end = |candidate: &&&'a str| candidate.strip_suffix(wrong).is_some_and(|above| above.ends_with('/'));
    if let Some(whole) = candidates.iter().find(is_end).filter(|_| !wrong.is_empty()) {
        return Some(whole);
    }
    let bound = wrong.chars().count().div_ceil(3).clamp(1, 4);
    let mut comparison = Comparison::default();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(wrong.len()) > 4 * bound {
            continue;
        }
        let found = comparison.distance(wrong, candidate, bound).map(|distance| (distance, *candidate));
        if comparison.steps > STEPS {
            break;
        }
        if found.is_some_and(|found| best.is_none_or(|before| found < before)) {
            best = found;
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Returns a sentence with the nearest candidate, such as "did you mean `editor`?". `None` if no candidate is close
/// enough. Compares at most 4,096 candidates.
#[must_use]
pub fn did_you_mean<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    meant(wrong, &few(candidates))
}

fn meant(wrong: &str, candidates: &[&str]) -> Option<String> {
    nearest_of(wrong, candidates).map(|name| ["did you mean `", name, "`?"].concat())
}

/// Compares names. Reuses its buffers.
#[derive(Default)]
struct Comparison {
    a: Vec<char>,
    b: Vec<char>,
    row: Vec<usize>,
    /// The number of letters read and pairs compared so far.
    steps: usize,
}

impl Comparison {
    /// Returns the Levenshtein distance in characters if it is at most `most`. Compares only pairs of letters whose
    /// positions differ by about `most`.
    fn distance(&mut self, a: &str, b: &str, most: usize) -> Option<usize> {
        let mut equal = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        while !a.is_char_boundary(equal) || !b.is_char_boundary(equal) {
            equal -= 1;
        }
        let Self { a: left, b: right, row, steps } = self;
        for (letters, text) in [(&mut *left, a), (&mut *right, b)] {
            letters.clear();
            letters.extend(text.get(equal..).unwrap_or_default().chars());
        }
        *steps += equal / 8 + left.len() + right.len();
        if left.len().abs_diff(right.len()) > most {
            return None;
        }
        row.clear();
        row.extend(0..=right.len());
        for (i, letter) in left.iter().enumerate() {
            let begin = i.saturating_sub(most);
            let end = (begin + 2 * most + 1).min(right.len());
            let mut before = if begin == 0 { i + 1 } else { most + 1 };
            let (first, cells) = row.get_mut(begin..=end)?.split_first_mut()?;
            let mut diagonal = mem::replace(first, before);
            let mut least = before;
            for (cell, other) in cells.iter_mut().zip(right.get(begin..end).unwrap_or_default()) {
                let above = *cell;
                before = (diagonal + usize::from(letter != other)).min(above.min(before) + 1);
                *cell = before;
                least = least.min(before);
                diagonal = above;
            }
            *steps += end - begin;
            if least > most {
                return None;
            }
        }
        row.last().copied().filter(|distance| *distance <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computes the distance by definition, without a bound.
    fn naive(a: &[char], b: &[char]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([left, a_rest @ ..], [right, b_rest @ ..]) if left == right => naive(a_rest, b_rest),
            ([_, a_rest @ ..], [_, b_rest @ ..]) => {
                1 + naive(a_rest, b_rest).min(naive(a, b_rest)).min(naive(a_rest, b))
            }
        }
    }

    #[test]
    fn distances_are_those_of_levenshtein_up_to_a_bound() {
        let words = ["", "a", "b", "ab", "ba", "aab", "abab", "babab", "äab", "kitten", "sitting", "edit", "edti"];
        for (a, b) in words.iter().flat_map(|a| words.iter().map(move |b| (a, b))) {
            let letters: Vec<char> = a.chars().collect();
            let full = naive(&letters, &b.chars().collect::<Vec<_>>());
            for most in 0..8_usize {
                let found = Comparison::default().distance(a, b, most);
                assert_eq!(found, (full <= most).then_some(full), "{a} {b} {most}");
            }
        }
    }

    #[test]
    fn a_suggestion_compares_a_bounded_number_of_letters() {
        let names: Vec<String> = (0..4096).map(|n| [&alloc::format!("{n:04}"), &*"a".repeat(120)].concat()).collect();
        let wrong = "a".repeat(124);
        let mut all = Comparison::default();
        for name in &names {
            all.distance(&wrong, name, 4);
        }
        assert!(all.steps > 4 * STEPS, "the list is too long to compare all names");
        assert_eq!(nearest(&wrong, names.iter().map(|name| &**name)), names.first().map(|name| &**name));
        assert_eq!(nearest("äxö", ["äyö", "oyö"]), Some("äyö"));
    }

    #[test]
    fn only_near_names_are_suggested() {
        assert_eq!(nearest("segmets:edit", ["segments:edit", "segments:view"]), Some("segments:edit"));
        assert_eq!(nearest("zebra", ["segments", "dialogues"]), None);
        assert_eq!(nearest("Segments:View", ["segments:edit", "segments:view"]), Some("segments:view"));
        assert_eq!(nearest("users:edit", ["segments:edit", "settings/users:edit"]), Some("settings/users:edit"));
        assert_eq!(nearest("shop", ["acme", "acme/workshop", "acme/shop"]), Some("acme/shop"));
        assert_eq!(nearest("", ["a/", "b"]), Some("b"));
    }
}
