//! Divides the scopes of a directory into regions with the same answer about one subject.
//!
//! The answer at a scope follows from the assignments, the settings and the versions of roles on its path. A scope where
//! one of these begins starts a region: the scope and everything below it, up to the next regions. Answers are computed
//! once for each region, so they grow with assignments and settings, not with scopes.

use crate::directory::Directory;
use crate::storage::arena::{Id, ScopeId};
use alloc::vec::Vec;
use core::ops::Range;

/// The class of an answer. Regions with equal answers have the same class.
pub(crate) type Class = usize;

/// The class of the scopes where nothing is allowed.
pub(crate) const DENIED: Class = 0;

/// The first scope of a region.
pub(crate) struct Region {
    pub(crate) scope: ScopeId,
    pub(crate) class: Class,
    /// The class of the scope above.
    pub(crate) around: Class,
}

/// Consecutive scopes of one class.
pub(crate) struct Run {
    pub(crate) scopes: Range<usize>,
    pub(crate) class: Class,
}

/// The regions that begin at some scopes, in order, and the runs of scopes that are not denied.
#[derive(Default)]
pub(crate) struct Regions {
    pub(crate) regions: Vec<Region>,
    pub(crate) runs: Vec<Run>,
    /// The number of the first scope that is in no run yet.
    next: usize,
}

impl Regions {
    /// Computes the class of each region. `heads` has the first scopes, in order.
    pub(crate) fn new(directory: &Directory, heads: &[ScopeId], class: &mut dyn FnMut(ScopeId) -> Class) -> Self {
        let mut found = Self::default();
        // The regions that are not complete, outermost first.
        let mut open: Vec<(usize, Class)> = Vec::new();
        for scope in heads {
            while let Some((end, class)) = open.pop_if(|(end, _)| *end <= scope.index()) {
                found.advance(end, class);
            }
            let around = open.last().map_or(DENIED, |(_, class)| *class);
            found.advance(scope.index(), around);
            let class = class(*scope);
            found.regions.push(Region { scope: *scope, class, around });
            // A snapshot that was not checked may contain a greater end.
            open.push((directory.end(*scope).index().min(directory.scopes.len()), class));
        }
        while let Some((end, class)) = open.pop() {
            found.advance(end, class);
        }
        found
    }

    /// Adds the scopes up to an end to the runs.
    fn advance(&mut self, end: usize, class: Class) {
        let start = self.next;
        if end <= start {
            return;
        }
        self.next = end;
        match self.runs.last_mut() {
            _ if class == DENIED => {}
            Some(last) if last.class == class && last.scopes.end == start => last.scopes.end = end,
            _ => self.runs.push(Run { scopes: start..end, class }),
        }
    }
}
