//! Sorting and sets, once. The standard library's sort is compiled anew for every type that it sorts, and so is the bulk
//! building of its sets: together they were a quarter of the WebAssembly module. Here one sort of numbers serves all, by merging, for a
//! fifth of the bytes of the library's.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

/// Few enough to be sorted by insertion.
const FEW: usize = 12;

pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts, and keeps the order of what compares equal.
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

/// The places of `count` things in order; nothing where they are in order as they are.
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

/// Puts each thing where it belongs: along each circle of places, from the first one on.
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
