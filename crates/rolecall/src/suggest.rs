//! "Did you mean": the nearest known name to an unknown one.

use alloc::string::String;
use alloc::vec::Vec;

/// Names looked at for one suggestion, so that a hostile document cannot make an error expensive.
const CANDIDATES: usize = 4096;
/// Pairs of letters compared for one suggestion.
const STEPS: usize = 1 << 22;

/// Returns the candidate nearest to `wrong` by edit distance, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(wrong, &few(candidates))
}

/// So many candidates as are compared. Collected one by one: what follows is compiled once, whatever they come from.
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
    // Names have no capital letters, so that these are never meant.
    let wrong = &*wrong.to_ascii_lowercase();
    // The end of a path is near to the whole.
    let is_end = |candidate: &&&'a str| candidate.strip_suffix(wrong).is_some_and(|above| above.ends_with('/'));
    if let Some(whole) = candidates.iter().find(is_end).filter(|_| !wrong.is_empty()) {
        return Some(whole);
    }
    let letters = wrong.bytes().filter(|byte| byte & 0xc0 != 0x80).count();
    let bound = letters.div_ceil(3).clamp(1, 4);
    let mut steps = 0;
    let mut nearest = None;
    for candidate in candidates {
        if candidate.len().abs_diff(wrong.len()) > 4 * bound {
            continue;
        }
        steps += candidate.len() * wrong.len();
        if steps > STEPS {
            break;
        }
        let found = (distance(wrong, candidate), *candidate);
        if found.0 <= bound && nearest.is_none_or(|before| found < before) {
            nearest = Some(found);
        }
    }
    nearest.map(|(_, candidate)| candidate)
}

/// Suggests the candidate nearest to an unknown name, as a sentence such as "did you mean `editor`?". Returns nothing where
/// none is near enough to be meant. At most 4,096 candidates are compared.
#[must_use]
pub fn did_you_mean<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    meant(wrong, &few(candidates))
}

fn meant(wrong: &str, candidates: &[&str]) -> Option<String> {
    nearest_of(wrong, candidates).map(|name| ["did you mean `", name, "`?"].concat())
}

/// Levenshtein distance over characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            let here = (diagonal + usize::from(left != *right)).min(above + 1).min(before + 1);
            *cell = here;
            before = here;
            diagonal = above;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (a, b, expected) in
            [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("edit", "edti", 2), ("a", "b", 1)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
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
