//! Sorting and sets, once. The standard library's sort is compiled anew for every type that it sorts, and so is the bulk
//! building of its sets: together they were a quarter of the WebAssembly module. Here one sort of numbers serves all, by merging, for a
//! fifth of the bytes of the library's.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

/// Few enough to be sorted by insertion, without an allocation.
const FEW: usize = 12;

pub(crate) fn sort<T: Ord>(items: &mut Vec<T>) {
    sort_by(items, T::cmp);
}

/// Sorts, and keeps the order of what compares equal.
pub(crate) fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    if items.len() > FEW {
        let order = permutation(items.len(), &|a, b| match (items.get(a), items.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        let mut taken: Vec<Option<T>> = mem::take(items).into_iter().map(Some).collect();
        items.extend(order.into_iter().filter_map(|index| taken.get_mut(index).and_then(Option::take)));
        return;
    }
    for end in 1..items.len() {
        let mut here = end;
        while here > 0 && matches!(items.get(here - 1..=here), Some([a, b]) if compare(a, b) == Ordering::Greater) {
            items.swap(here - 1, here);
            here -= 1;
        }
    }
}

/// The places of `count` things in order.
fn permutation(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut merged = Vec::with_capacity(count);
    let mut width = 1;
    while width < count {
        merged.clear();
        for both in order.chunks(2 * width) {
            let (mut left, mut right) = both.split_at(width.min(both.len()));
            // Runs that follow each other are taken as they are.
            while let ([first, .., last] | [first @ last], [next, behind @ ..]) = (left, right)
                && compare(*last, *next) == Ordering::Greater
            {
                if compare(*first, *next) == Ordering::Greater {
                    merged.push(*next);
                    right = behind;
                } else {
                    merged.push(*first);
                    left = left.get(1..).unwrap_or_default();
                }
            }
            merged.extend(left);
            merged.extend(right);
        }
        mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    order
}

/// Puts things in order, each once.
pub(crate) fn unique<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut unique: Vec<T> = items.into_iter().collect();
    sort(&mut unique);
    unique.dedup();
    unique
}

/// Collects a set one by one.
pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_sorted_and_equal_ones_keep_their_order() {
        for count in [0, 1, 2, FEW, FEW + 1, 100] {
            let mut things: Vec<(usize, usize)> = (0..count).map(|number| (number * 7919 % 13, number)).collect();
            let mut expected = things.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by(&mut things, |a, b| a.0.cmp(&b.0));
            assert_eq!(things, expected);
            sort(&mut things);
            expected.sort_unstable();
            assert_eq!(things, expected);
        }
    }
}
