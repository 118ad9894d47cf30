//! Encodes portable sessions.
//!
//! The layout: three letters and the version, the checksum of the rest, the subject, the covered time, permissions by
//! resource, labels, boundaries, states, timelines, scopes with the numbers of their timelines, and menus. States and
//! timelines that occur several times are written once.

use super::decode::sealed;
use crate::policy::{MenuNode, encode_nodes};
use crate::storage::bits::Bits;
use crate::storage::codec::Encoder;
use crate::storage::order;
use crate::types::timestamp::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The contents of a portable session.
#[derive(Debug)]
pub(super) struct Parts<'p> {
    pub(super) subject: &'p str,
    pub(super) from: Timestamp,
    pub(super) until: Option<Timestamp>,
    /// The actions of the policy that are not standard ones.
    pub(super) custom: Vec<&'p str>,
    /// Each resource with its actions, one bit each, in the order of the policy's permissions.
    pub(super) resources: Vec<(&'p str, u64)>,
    pub(super) permissions: usize,
    /// Sorted.
    pub(super) labels: Vec<&'p str>,
    /// The boundaries, sorted by name.
    pub(super) rules: Vec<Rule<'p>>,
    pub(super) states: Vec<State>,
    /// Sequences of states, by number, with the times at which they begin. The first state begins at `from`.
    pub(super) timelines: Vec<Vec<(Timestamp, usize)>>,
    /// Each covered scope with the number of its timeline, sorted by path.
    pub(super) scopes: Vec<(&'p str, usize)>,
    /// The index of the session's own scope.
    pub(super) own: usize,
    /// Sorted by name.
    pub(super) menus: Vec<(&'p str, Vec<MenuNode>)>,
}

/// A boundary.
#[derive(Debug)]
pub(super) struct Rule<'p> {
    pub(super) name: &'p str,
    /// The actions that it limits, one bit each.
    pub(super) limits: u64,
    pub(super) match_all: bool,
    /// It takes the values of items from locks.
    pub(super) locks: bool,
}

/// The rights that are valid for some time.
#[derive(Debug, PartialEq)]
pub(super) struct State {
    pub(super) allowed: Bits,
    /// The labels that are read, one bit each.
    pub(super) reads: u64,
    /// The values in each boundary, sorted; `None` if the subject holds all values.
    pub(super) values: Vec<Option<Vec<Box<str>>>>,
    /// The permissions that every assignment limits to some values.
    pub(super) limited: Vec<Limited>,
}

/// Permissions for which an item must fit one of several sets of values.
#[derive(Debug, PartialEq)]
pub(super) struct Limited {
    pub(super) permissions: Bits,
    /// Each set: boundaries by number, with their values, sorted.
    pub(super) fitting: Vec<Vec<(usize, Vec<Box<str>>)>>,
}

impl Limited {
    pub(super) fn encode(&self, permissions: usize, out: &mut Encoder) {
        encode_bits(&self.permissions, permissions, out);
        out.count(self.fitting.len());
        for values in &self.fitting {
            out.count(values.len());
            for (boundary, values) in values {
                out.count(*boundary);
                out.texts(values.iter().map(|value| &**value));
            }
        }
    }
}

/// Writes a set without zeros at the end.
fn encode_bits(bits: &Bits, count: usize, out: &mut Encoder) {
    let bits = bits.to_bytes(count);
    let used = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    out.bytes(bits.get(..used).unwrap_or_default());
}

impl Parts<'_> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        out.text(self.subject);
        out.signed(self.from.as_millis());
        out.flag(self.until.is_some());
        if let Some(until) = self.until {
            out.signed(until.as_millis());
        }
        out.texts(self.custom.iter().copied());
        // Many resources have the same set of actions, so each set is written once.
        let mut sets: Vec<u64> = self.resources.iter().map(|(_, actions)| *actions).collect();
        order::sort(&mut sets);
        sets.dedup();
        out.count(sets.len());
        sets.iter().for_each(|set| out.number(*set));
        out.paths(self.resources.iter().map(|(path, actions)| (*path, sets.binary_search(actions).unwrap_or(0))));
        out.texts(self.labels.iter().copied());
        out.count(self.rules.len());
        for rule in &self.rules {
            out.text(rule.name);
            out.number(rule.limits);
            out.flags(&[rule.match_all, rule.locks]);
        }
        out.count(self.states.len());
        for state in &self.states {
            encode_bits(&state.allowed, self.permissions, &mut out);
            out.number(state.reads);
            for values in &state.values {
                out.flag(values.is_none());
                if let Some(values) = values {
                    out.texts(values.iter().map(|value| &**value));
                }
            }
            out.count(state.limited.len());
            state.limited.iter().for_each(|limited| limited.encode(self.permissions, &mut out));
        }
        out.count(self.timelines.len());
        for parts in &self.timelines {
            out.count(parts.len());
            let mut before = self.from;
            for (from, state) in parts {
                out.number(from.as_millis().abs_diff(before.as_millis()));
                out.count(*state);
                before = *from;
            }
        }
        out.paths(self.scopes.iter().copied());
        out.count(self.own);
        out.count(self.menus.len());
        for (name, nodes) in &self.menus {
            out.text(name);
            encode_nodes(&mut out, nodes);
        }
        sealed(&out.0)
    }
}
