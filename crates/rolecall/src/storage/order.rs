//! Sorting and sets with little code. The sort of the standard library, and the bulk building of its sets, are compiled
//! for every type: together they were a quarter of the WebAssembly module. A single merge sort of indices serves all
//! types here, with a fifth of the bytes.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

/// The longest list that is sorted by insertion.
const FEW: usize = 12;

pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts; equal items stay in order.
#[inline]
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let order = permutation(items.len(), &|a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    put(order, &mut |a, b| items.swap(a, b));
}

/// Returns the sorted order of `count` items as indices; empty if they are in order already.
fn permutation(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    if (1..count).all(|next| compare(next - 1, next) != Ordering::Greater) {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..count).collect();
    if count <= FEW {
        for end in 1..count {
            let mut here = end;
            while let Some([before, place]) = here.checked_sub(1).and_then(|first| order.get_mut(first..=here))
                && compare(*before, *place) == Ordering::Greater
            {
                mem::swap(before, place);
                here -= 1;
            }
        }
        return order;
    }
    let mut merged = Vec::with_capacity(count);
    let mut width = 1;
    while width < count {
        merged.clear();
        for both in order.chunks(2 * width) {
            let (mut left, mut right) = both.split_at(width.min(both.len()));
            // Runs that are already in order are copied without merging.
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

/// Moves each item to its place, along each cycle of the permutation.
fn put(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for first in 0..order.len() {
        let mut here = first;
        while let Some(slot) = order.get_mut(here) {
            let from = mem::replace(slot, here);
            if from == first {
                break;
            }
            swap(here, from);
            here = from;
        }
    }
}

/// Sorts items and removes duplicates.
pub(crate) fn unique<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut unique: Vec<T> = items.into_iter().collect();
    sort(&mut unique);
    unique.dedup();
    unique
}

/// Collects a set item by item.
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
    fn items_are_sorted_and_equal_ones_stay_in_order() {
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
