//! The boundary values of assignments.
//!
//! Many assignments have the same values, so each set of values is stored once and has a number. Loaded sets are
//! numbered in order; sets of single changes follow them.

use crate::storage::arena::{BoundaryId, Id, LimitId};
use crate::storage::codec::{Decoder, Encoder};
use crate::storage::order;
use crate::storage::snapshot::{Parts, Sections};
use crate::types::grammar::is_subject;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The boundary values of an assignment: its boundaries in order, each with its values, sorted.
pub(crate) type Limit = Arc<[(BoundaryId, Box<[Box<str>]>)]>;

/// Distinct sets of boundary values, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct LimitPool(Arc<Pool>);

#[derive(Clone, Debug, Default)]
struct Pool {
    all: Vec<Limit>,
    numbers: BTreeMap<Limit, LimitId>,
}

impl LimitPool {
    /// Stores sets of values in order.
    pub(super) fn of(limits: impl IntoIterator<Item = Limit>) -> Self {
        let mut pool = Self::default();
        for limit in order::unique(limits) {
            pool.add(limit);
        }
        pool
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.all.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.all.len()
    }

    pub(super) fn get(&self, id: LimitId) -> Option<&Limit> {
        self.0.all.get(id.index())
    }

    pub(super) fn find(&self, limit: &Limit) -> Option<LimitId> {
        self.0.numbers.get(limit).copied()
    }

    /// Returns the number of a set of values, which is stored if it is new.
    pub(super) fn add(&mut self, limit: Limit) -> LimitId {
        if let Some(known) = self.find(&limit) {
            return known;
        }
        let pool = Arc::make_mut(&mut self.0);
        let id = LimitId::new(pool.all.len());
        pool.all.push(Arc::clone(&limit));
        pool.numbers.insert(limit, id);
        id
    }

    pub(super) fn encode(&self, parts: &mut Parts) {
        let mut out = Encoder::default();
        out.count(self.0.all.len());
        for limit in &self.0.all {
            out.count(limit.len());
            for (boundary, values) in limit.iter() {
                out.count(boundary.index());
                out.texts(values.iter().map(|value| &**value));
            }
        }
        parts.push(out.0.into());
    }

    pub(super) fn load(sections: &mut Sections<'_>) -> Self {
        let bytes = sections.next();
        let from = &mut Decoder::new(&bytes);
        let mut all = Vec::new();
        from.each(&mut |from| {
            let mut limit = Vec::new();
            from.each(&mut |from| {
                let boundary = BoundaryId::new(from.below(64));
                limit.push((boundary, from.texts().into_iter().map(Box::from).collect()));
            });
            all.push(Limit::from(limit));
        });
        // The sets are distinct and in order, so each keeps its number.
        sections.check(from.is_done() && all.is_sorted_by(|a: &Limit, b| a < b));
        Self::of(all)
    }

    /// Returns whether a document with `boundaries` boundaries could define these sets of values.
    pub(super) fn is_whole(&self, boundaries: usize) -> bool {
        let is_good = |limit: &Limit| {
            !limit.is_empty()
                && limit.is_sorted_by(|(a, _), (b, _)| a < b)
                && limit.iter().all(|(boundary, values)| {
                    boundary.index() < boundaries
                        && values.is_sorted_by(|a, b| a < b)
                        && values.iter().all(|value| is_subject(value) && **value != *"*")
                })
        };
        self.0.all.iter().all(is_good)
    }

    /// Returns the sets that some numbers name, in order, and the new number of each old one.
    pub(super) fn only(&self, used: &[bool]) -> (Self, Vec<LimitId>) {
        let is_used = |number: &usize| used.get(*number).copied().unwrap_or(false);
        let all = self.0.all.iter().enumerate();
        let pool = Self::of(all.filter(|(number, _)| is_used(number)).map(|(_, limit)| Arc::clone(limit)));
        let numbers = self.0.all.iter().map(|limit| pool.find(limit).unwrap_or(LimitId::new(0)));
        (pool.clone(), numbers.collect())
    }
}
