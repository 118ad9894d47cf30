//! Locks: the groups whose members alone may act on an item, by scope and item id.
//!
//! A lock applies to requests at its scope and below. The same id may be locked at several scopes, each with groups of
//! its own. Boundaries of the policy with `items: locks` take the values of an item from here.

use crate::storage::arena::{Id, ScopeId};
use crate::storage::column::{Column, Texts, number};
use crate::storage::order;
use crate::storage::snapshot::{Encode, Parts, Sections};
use crate::types::grammar::is_subject;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A lock: its scope, the id of the item, and its groups, sorted.
pub(super) type Lock<'l> = (ScopeId, &'l str, Vec<&'l str>);

/// The locks: those that were loaded, and those that single changes set or removed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locks {
    read: Columns,
    /// `None` until the first change.
    changed: Option<Arc<Changed>>,
    count: usize,
}

/// The groups of each changed lock, by scope and item. A removed lock has no groups.
type Changed = BTreeMap<ScopeId, BTreeMap<Box<str>, Box<[Box<str>]>>>;

/// The loaded locks, sorted by scope and item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Columns {
    scopes: Column<4>,
    items: Texts,
    /// For each lock, the end of its groups in `groups`.
    ends: Column<4>,
    groups: Texts,
}

impl Locks {
    /// Stores locks, in any order.
    pub(super) fn new(mut locks: Vec<Lock<'_>>) -> Self {
        order::sort_by(&mut locks, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        Self { read: Columns::new(&locks), changed: None, count: locks.len() }
    }

    /// Returns the groups of an item that is locked at exactly this scope; empty if it is not locked there.
    pub(crate) fn groups(&self, scope: ScopeId, item: &str) -> Vec<&str> {
        self.changed_groups(scope, item).unwrap_or_else(|| self.read.groups(self.read.find(scope, item)))
    }

    #[inline(never)]
    fn changed_groups(&self, scope: ScopeId, item: &str) -> Option<Vec<&str>> {
        let groups = self.changed.as_ref()?.get(&scope)?.get(item)?;
        Some(groups.iter().map(|group| &**group).collect())
    }

    /// Returns the locks at a scope, by item: the id and the groups.
    pub(super) fn at(&self, scope: ScopeId) -> Vec<(&str, Vec<&str>)> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for place in self.read.places(scope.index()..scope.index() + 1) {
            let (_, item, groups) = self.read.lock(place);
            found.insert(item, groups);
        }
        for item in self.changed.iter().filter_map(|changed| changed.get(&scope)).flat_map(BTreeMap::keys) {
            found.insert(item, self.groups(scope, item));
        }
        found.into_iter().filter(|(_, groups)| !groups.is_empty()).collect()
    }

    /// Returns the scopes in a range of numbers that have had locks, in order.
    pub(super) fn scopes(&self, range: core::ops::Range<usize>) -> Vec<ScopeId> {
        let changed = self.changed.iter().flat_map(|changed| changed.keys().copied());
        let changed = changed.filter(|scope| range.contains(&scope.index()));
        let read = self.read.places(range.clone()).filter_map(|place| self.read.scopes.get(place)).map(ScopeId::new);
        order::unique(read.chain(changed))
    }

    /// Sets the groups of a lock, or removes the lock without groups. Returns whether anything changes.
    pub(super) fn set(&mut self, scope: ScopeId, item: &str, groups: &[&str]) -> bool {
        let before = self.groups(scope, item);
        if before == groups {
            return false;
        }
        self.count = self.count + usize::from(before.is_empty()) - usize::from(groups.is_empty());
        let changed = Arc::make_mut(self.changed.get_or_insert_default());
        let groups = groups.iter().map(|group| Box::from(*group)).collect();
        changed.entry(scope).or_default().insert(item.into(), groups);
        true
    }

    /// Returns all locks.
    fn all(&self) -> Vec<Lock<'_>> {
        let read = (0..self.read.items.len()).map(|place| self.read.lock(place));
        let changed = self.changed.iter().flat_map(|changed| changed.iter());
        let changed = changed.flat_map(|(scope, items)| items.keys().map(|item| (*scope, &**item)));
        let mut all: Vec<Lock<'_>> = read.filter(|(at, item, _)| self.changed_groups(*at, item).is_none()).collect();
        all.extend(changed.map(|(scope, item)| (scope, item, self.groups(scope, item))));
        all.retain(|(.., groups)| !groups.is_empty());
        all
    }

    /// Returns the number of locks.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Returns whether a lock has a group.
    pub(super) fn have(&self, group: &str) -> bool {
        self.all().iter().any(|(.., groups)| groups.contains(&group))
    }

    /// Merges the changes into the loaded locks.
    pub(super) fn settled(&self) -> Self {
        if self.changed.is_none() { self.clone() } else { Self::new(self.all()) }
    }

    /// Returns the locks with renumbered scopes, whose order stays.
    pub(super) fn moved(&self, scope: impl Fn(ScopeId) -> ScopeId) -> Self {
        let scopes = self.read.scopes.cells().iter().map(|cell| scope(ScopeId::new(number(cell))).index());
        let read = Columns { scopes: Column::<4>::of(scopes), ..self.read.clone() };
        let moved = |changed: &Arc<Changed>| {
            Arc::new(changed.iter().map(|(at, items)| (scope(*at), items.clone())).collect::<Changed>())
        };
        Self { read, changed: self.changed.as_ref().map(moved), count: self.count }
    }

    /// Returns whether a document with `scopes` scopes and the known groups could list these locks.
    pub(super) fn is_whole(&self, scopes: usize, known: impl Fn(&str) -> bool) -> bool {
        let mut locks: Vec<Lock<'_>> = Vec::new();
        for place in 0..self.read.items.len() {
            let lock = self.read.lock(place);
            let (at, item, groups) = &lock;
            let follows = locks.last().is_none_or(|last| (last.0, last.1) < (*at, item));
            let in_order = !groups.is_empty() && groups.is_sorted_by(|a, b| a < b);
            if !(follows && in_order && at.index() < scopes && is_subject(item) && groups.iter().all(|one| known(one)))
            {
                return false;
            }
            locks.push(lock);
        }
        self.read == Columns::new(&locks)
    }
}

impl Columns {
    /// Stores locks that are sorted by scope and item.
    fn new(locks: &[Lock<'_>]) -> Self {
        let mut end = 0;
        let ends = locks.iter().map(|(.., groups)| {
            end += groups.len();
            end
        });
        Self {
            ends: Column::<4>::of(ends),
            scopes: Column::<4>::of(locks.iter().map(|(scope, ..)| scope.index())),
            items: Texts::new(locks.iter().map(|(_, item, _)| *item)),
            groups: Texts::new(locks.iter().flat_map(|(.., groups)| groups.iter().copied())),
        }
    }

    /// Returns the indices of the locks at the scopes in a range.
    fn places(&self, range: core::ops::Range<usize>) -> core::ops::Range<usize> {
        let before = |scope: usize| self.scopes.cells().partition_point(|cell| number(cell) < scope);
        before(range.start)..before(range.end)
    }

    /// Finds a lock by binary search.
    fn find(&self, scope: ScopeId, item: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.scopes.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let found = (self.scopes.get(middle)?, self.items.bytes(middle));
            match found.cmp(&(scope.index(), item.as_bytes())) {
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Equal => return Some(middle),
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn groups(&self, place: Option<usize>) -> Vec<&str> {
        let Some(place) = place else { return Vec::new() };
        let start = place.checked_sub(1).map_or(Some(0), |before| self.ends.get(before)).unwrap_or_default();
        // A forged snapshot may give every lock the same groups.
        let end = self.ends.get(place).unwrap_or_default().min(self.groups.len()).min(start + limits::LOCK_GROUPS);
        (start..end).map(|group| self.groups.get(group)).collect()
    }

    fn lock(&self, place: usize) -> Lock<'_> {
        let scope = self.scopes.get(place).unwrap_or_default();
        (ScopeId::new(scope), self.items.get(place), self.groups(Some(place)))
    }
}

impl Encode for Locks {
    fn encode(&self, parts: &mut Parts) {
        self.read.scopes.encode(parts);
        self.read.items.encode(parts);
        self.read.ends.encode(parts);
        self.read.groups.encode(parts);
    }

    fn decode(sections: &mut Sections<'_>) -> Self {
        let read = Columns {
            scopes: Encode::decode(sections),
            items: Encode::decode(sections),
            ends: Encode::decode(sections),
            groups: Encode::decode(sections),
        };
        let count = read.items.len();
        sections.check(read.scopes.len() == count && read.ends.len() == count && count <= limits::LOCKS);
        Self { read, changed: None, count }
    }
}
