//! Circles of a graph of imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The files that each file imports.
pub(super) type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Returns the groups of files that import each other in a circle, each group sorted.
pub(super) fn of(imports: &Imports) -> Vec<Vec<PathBuf>> {
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
        imports.keys().map(|file| (file, reachable(file, imports))).collect();
    let mut placed = BTreeSet::new();
    let mut circles = Vec::new();
    for (file, from_here) in &reached {
        if placed.contains(file) || !from_here.contains(file) {
            continue;
        }
        let in_circle = |other: &&&PathBuf| reached.get(**other).is_some_and(|back| back.contains(file));
        let circle: Vec<PathBuf> = from_here.iter().filter(in_circle).map(|file| (*file).clone()).collect();
        placed.extend(from_here.iter().filter(in_circle).copied());
        circles.push(circle);
    }
    circles
}

/// Returns all files that a file imports, directly or indirectly.
fn reachable<'i>(file: &PathBuf, imports: &'i Imports) -> BTreeSet<&'i PathBuf> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&PathBuf> = imports.get(file).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(imports.get(next).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(arrows: &[(&str, &str)]) -> Imports {
        let mut imports = Imports::new();
        for (from, to) in arrows {
            imports.entry(PathBuf::from(from)).or_default().insert(PathBuf::from(to));
        }
        imports
    }

    fn found(arrows: &[(&str, &str)]) -> Vec<Vec<String>> {
        let names = |circle: Vec<PathBuf>| circle.iter().map(|file| file.display().to_string()).collect();
        of(&graph(arrows)).into_iter().map(names).collect()
    }

    #[test]
    fn a_tree_has_no_circle() {
        assert!(found(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]).is_empty());
    }

    #[test]
    fn circles_of_two_and_of_three_are_found() {
        assert_eq!(found(&[("a", "b"), ("b", "a"), ("b", "c")]), [["a", "b"]]);
        assert_eq!(found(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]), [["a", "b", "c"]]);
        assert_eq!(found(&[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]).len(), 2);
    }
}
