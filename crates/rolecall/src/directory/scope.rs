//! The tenant tree: scopes are numbered in pre-order, so `covers` needs two comparisons.

use super::name_table::NameTable;
use crate::policy::Policy;
use crate::storage::arena::{Id, ScopeId};
use crate::storage::column::{Column, narrow};
use crate::storage::snapshot::{Encode, Parts, Sections};
use crate::types::grammar::is_path;
use crate::types::limits;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x100_0000_01b3;

/// The scopes of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    pub(super) names: NameTable,
    /// The parent of each scope; its own number for a scope without one.
    parents: Column<4>,
    /// For each scope, the first number after it and all scopes below it.
    ends: Column<4>,
    /// For each scope, the index of its kind in the policy.
    kinds: Column<1>,
    digest: Digest,
}

/// A digest of the paths that is computed when it is first needed. Zero until then.
#[derive(Debug, Default)]
struct Digest(AtomicU64);

impl Clone for Digest {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.0.load(Ordering::Relaxed)))
    }
}

/// Equal paths have equal digests, so the digest does not distinguish scopes.
impl PartialEq for Digest {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Digest {}

impl Scopes {
    /// Numbers paths that are sorted by segments, so that parents come first.
    pub(super) fn new<'p>(paths: impl Iterator<Item = &'p str> + Clone) -> Self {
        let (mut parents, mut ends, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
        // The scopes whose subtrees are not complete, outermost first.
        let mut open: Vec<(usize, &str)> = Vec::new();
        let close = |ends: &mut Vec<[u8; 4]>, scope: usize, end: usize| {
            if let Some(place) = ends.get_mut(scope) {
                *place = narrow(end).to_le_bytes();
            }
        };
        for (number, path) in paths.clone().enumerate() {
            while let Some((scope, _)) = open.pop_if(|(_, above)| !is_below(path, above)) {
                close(&mut ends, scope, number);
            }
            let parent = open.last().map_or(number, |(scope, _)| *scope);
            parents.push(narrow(parent).to_le_bytes());
            ends.push([0; 4]);
            kinds.push([path.bytes().filter(|byte| *byte == b'/').count() as u8]);
            open.push((number, path));
        }
        let count = ends.len();
        for (scope, _) in open {
            close(&mut ends, scope, count);
        }
        Self {
            names: NameTable::new(paths),
            parents: Column::new(parents),
            ends: Column::new(ends),
            kinds: Column::new(kinds),
            digest: Digest::default(),
        }
    }

    /// Adds a scope whose parent exists. Returns the scopes and a function from old to new numbers.
    pub(super) fn with(&self, path: &str) -> (Self, impl Fn(ScopeId) -> ScopeId + use<>) {
        let mut paths: Vec<&str> = self.names.iter().collect();
        let place = paths.partition_point(|other| other.split('/').lt(path.split('/')));
        paths.insert(place, path);
        let after = move |scope: ScopeId| ScopeId::new(scope.index() + usize::from(scope.index() >= place));
        (Self::new(paths.iter().copied()), after)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn parent(&self, scope: ScopeId) -> Option<ScopeId> {
        self.parents.get(scope.index()).filter(|parent| *parent < scope.index()).map(ScopeId::new)
    }

    /// Returns the index of the kind of a scope in the policy.
    pub(crate) fn kind(&self, scope: ScopeId) -> usize {
        self.kinds.get(scope.index()).map_or(0, usize::from).min(limits::SCOPE_KINDS - 1)
    }

    /// Returns the first number after a scope and all scopes below it.
    #[inline]
    pub(crate) fn end(&self, scope: ScopeId) -> usize {
        self.ends.get(scope.index()).unwrap_or(0)
    }

    /// Returns a digest of the paths in order: FNV-1a with 64 bits over the paths, each with a line feed behind it.
    pub(crate) fn digest(&self) -> u64 {
        let known = self.digest.0.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let bytes = self.names.iter().flat_map(|path| path.bytes().chain([b'\n']));
        let digest = bytes.fold(FNV_OFFSET, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        self.digest.0.store(digest, Ordering::Relaxed);
        digest
    }

    /// Returns whether a document for the policy could list these scopes.
    pub(super) fn is_whole(&self, policy: &Policy) -> bool {
        let paths = || self.names.iter();
        let is_good = |path: &str| is_path(path) && path.split('/').count() <= policy.kinds.len();
        let has_parent = |path: &str| path.rsplit_once('/').is_none_or(|(above, _)| self.names.find(above).is_some());
        paths().all(is_good)
            && paths().zip(paths().skip(1)).all(|(a, b)| a.split('/').lt(b.split('/')))
            && *self == Self::new(paths())
            && paths().all(has_parent)
    }
}

impl Encode for Scopes {
    fn encode(&self, parts: &mut Parts) {
        self.names.encode(parts);
        self.parents.encode(parts);
        self.ends.encode(parts);
        self.kinds.encode(parts);
    }

    fn decode(sections: &mut Sections<'_>) -> Self {
        let names = NameTable::decode(sections);
        let count = names.len();
        let scopes = Self {
            names,
            parents: Encode::decode(sections),
            ends: Encode::decode(sections),
            kinds: Encode::decode(sections),
            digest: Digest::default(),
        };
        let fits = [scopes.parents.len(), scopes.ends.len(), scopes.kinds.len()].iter().all(|len| *len == count);
        sections.check(fits && count <= limits::SCOPES);
        scopes
    }
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}
