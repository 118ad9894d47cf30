//! Compares the answers of two engines: the access that subjects gain and lose.

use crate::decide::evaluate;
use crate::decide::guard;
use crate::decide::horizon::{self, Interest, Tally};
use crate::decide::resolved::{EvalInputs, Evaluation, ResolvedSubject, RolesByScope};
use crate::directory::Directory;
use crate::storage::arena::{Id, ScopeId};
use crate::storage::bits::Bits;
use crate::storage::map::Numbers;
use crate::storage::order;
use crate::types::context::Context;
use crate::types::grammar::SUPPORT;
use crate::types::timestamp::Timestamp;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;

/// The difference between the answers of two engines, from the directories alone: guards that need connection details
/// are skipped, and requests have no item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// The access after and not before, sorted by subject and scope.
    pub gained: Vec<Access>,
    /// The access before and not after, sorted by subject and scope.
    pub lost: Vec<Access>,
    /// The first later time at which the difference may change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// The access that a subject gains or loses at a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Access {
    /// The id of the subject; absent for support staff who are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The path of the scope.
    pub at: String,
    /// The permissions, sorted.
    pub permissions: Vec<String>,
    /// The labels that may be read, sorted.
    pub reads: Vec<String>,
}

/// The names of both policies together. They give each permission and label a common number.
struct Names {
    permissions: Vec<String>,
    labels: Vec<String>,
}

impl Names {
    fn of(before: &Directory, after: &Directory) -> Self {
        let sides = [before, after];
        let permissions = order::set(sides.iter().flat_map(|side| side.policy.permissions()));
        let labels = order::set(sides.iter().flat_map(|side| side.policy.labels.values()).map(|label| &**label));
        let owned = |names: BTreeSet<&str>| names.into_iter().map(ToString::to_string).collect();
        Self { permissions: owned(permissions), labels: owned(labels) }
    }

    fn access(&self, subject: Option<&str>, path: &str, access: &Bits) -> Access {
        let named = |names: &[String], from: usize| {
            let set = names.iter().enumerate().filter(|(index, _)| access.contains(from + index));
            set.map(|(_, name)| name.clone()).collect()
        };
        Access {
            subject: subject.map(ToString::to_string),
            at: path.to_string(),
            permissions: named(&self.permissions, 0),
            reads: named(&self.labels, self.permissions.len()),
        }
    }
}

struct Side<'a> {
    directory: &'a Directory,
    /// The common number of each permission.
    permissions: Vec<usize>,
    /// The common number of each label. Labels come after all permissions.
    labels: Vec<usize>,
}

impl<'a> Side<'a> {
    fn new(directory: &'a Directory, names: &Names) -> Self {
        let number = |all: &[String], name: &str| all.binary_search_by(|known| (**known).cmp(name)).ok();
        let permissions = directory.policy.permissions().filter_map(|name| number(&names.permissions, name)).collect();
        let labels = directory.policy.labels.values().iter().filter_map(|name| number(&names.labels, name));
        let labels = labels.map(|number| names.permissions.len() + number).collect();
        Self { directory, permissions, labels }
    }

    /// Returns the assignments of a subject; `None` means support staff who are not listed.
    fn holdings(&self, subject: Option<&str>, time: Timestamp) -> RolesByScope<'a> {
        let key = subject.and_then(|subject| self.directory.subject(subject));
        let support = subject.is_none_or(|subject| subject.starts_with(SUPPORT));
        RolesByScope::of(self.directory, key, support, &Context::at_known_scope("", time))
    }

    /// Returns the scopes that an assignment of the subject or of its groups covers.
    fn reached(&self, holdings: &RolesByScope<'_>) -> impl Iterator<Item = &'a str> {
        let directory = self.directory;
        let covered: Vec<ScopeId> = directory.all_below(holdings.scopes()).collect();
        covered.into_iter().map(|scope| directory.scope_name(scope))
    }
}

/// A subject at a scope, in one of the directories.
struct Person<'a> {
    side: &'a Side<'a>,
    resolved: ResolvedSubject,
    context: &'a Context,
}

impl<'a> Person<'a> {
    fn new(side: &'a Side<'a>, holdings: &RolesByScope<'_>, context: &'a Context) -> Self {
        Self { side, resolved: holdings.resolved(context), context }
    }

    fn inputs(&self) -> EvalInputs<'_> {
        let (directory, context) = (self.side.directory, self.context);
        EvalInputs { directory, subject_id: "", context, resolved: &self.resolved }
    }

    fn tally(&self, time: Timestamp) -> Tally<'_> {
        Tally::new(self.inputs(), time, Interest { permissions: true, reads: u64::MAX, ..Interest::default() })
    }

    /// Returns the allowed permissions and readable labels by their common numbers. `held` returns the permissions of
    /// active roles.
    fn access(&self, evaluation: &Evaluation<'_>, held: impl FnOnce() -> Bits, bound: usize) -> Bits {
        let mut access = Bits::new(bound);
        if !guard::admits(evaluation) {
            return access;
        }
        let numbered = |numbers: &[usize], index: usize| numbers.get(index).copied().unwrap_or(bound);
        for index in held().iter() {
            access.insert(numbered(&self.side.permissions, index));
        }
        let labels = self.side.directory.policy.labels.iter().map(|(id, _)| id.index());
        for index in labels.filter(|index| evaluation.reads & 1 << index != 0) {
            access.insert(numbered(&self.side.labels, index));
        }
        access
    }
}

/// The access that a subject gains and loses at a scope, as sets of common numbers, and the time at which that changes.
type Change = (Bits, Bits, Option<Timestamp>);

struct Comparison<'a> {
    before: Side<'a>,
    after: Side<'a>,
    names: Names,
    time: Timestamp,
    diff: Diff,
    /// The operations that are left of [`STEPS`].
    left: usize,
}

/// Operations to find until when a difference is valid: rights counted and permissions compared.
const STEPS: usize = 1 << 26;

impl<'a> Comparison<'a> {
    fn holdings(&self, subject: Option<&str>) -> [RolesByScope<'a>; 2] {
        [&self.before, &self.after].map(|side| side.holdings(subject, self.time))
    }

    /// Compares the access of a subject at some scopes of either side.
    fn compare(&mut self, subject: Option<&str>, paths: BTreeSet<&str>, holdings: &[RolesByScope<'_>; 2]) {
        // Scopes with the same signatures on both sides have the same changes.
        let (mut known, mut changes): (_, Vec<Change>) = (Numbers::default(), Vec::new());
        for path in paths {
            let signatures = holdings.each_ref().map(|holdings| holdings.signature(path));
            let key = signatures.as_flattened().as_flattened();
            let number = known.find(key).unwrap_or_else(|| {
                changes.push(self.change(path, holdings));
                known.add(key)
            });
            let Some((gained, lost, change)) = changes.get(number) else { continue };
            self.diff.valid_until = horizon::sooner(self.diff.valid_until, *change);
            for (bits, list) in [(gained, &mut self.diff.gained), (lost, &mut self.diff.lost)] {
                if !bits.is_empty() {
                    list.push(self.names.access(subject, path, bits));
                }
            }
        }
    }

    fn change(&mut self, path: &str, [before, after]: &[RolesByScope<'_>; 2]) -> Change {
        let context = Context::at_known_scope(path, self.time);
        let (before, after) = (Person::new(&self.before, before, &context), Person::new(&self.after, after, &context));
        let bound = self.names.permissions.len() + self.names.labels.len();
        let [had, has] = [&before, &after].map(|person| {
            let evaluation = Evaluation::new(person.inputs(), self.time);
            person.access(&evaluation, || evaluate::granted_permissions(&evaluation), bound)
        });
        let now = difference(had, has);
        let (change, spent) = first_change([&before, &after], self.time, &now, bound, self.left);
        self.left = self.left.saturating_sub(spent);
        (now.0, now.1, change)
    }
}

/// Returns what is gained and what is lost.
fn difference(mut had: Bits, mut has: Bits) -> (Bits, Bits) {
    let lasting = had.clone();
    had.subtract(&has);
    has.subtract(&lasting);
    (has, had)
}

/// Returns the first later time at which the difference changes, and the operations spent. If that takes more than
/// `most` operations, returns the first time that was not compared.
fn first_change(
    people: [&Person<'_>; 2],
    now: Timestamp,
    difference: &(Bits, Bits),
    bound: usize,
    most: usize,
) -> (Option<Timestamp>, usize) {
    let later = order::set(people.iter().flat_map(|person| horizon::candidates(person.inputs(), now)));
    let Some(first) = later.first().copied() else { return (None, 0) };
    let each = horizon::cost(bound);
    let mut spent = 2 * each;
    if spent > most {
        return (Some(first), spent);
    }
    let mut tallies = people.map(|person| person.tally(now));
    let others = people.map(|person| horizon::others(person.inputs()));
    let mut known = [0; 2];
    for time in later {
        tallies.iter_mut().for_each(|tally| tally.advance(time));
        let turned = [0, 1].map(|side| tallies.get(side).map_or(0, Tally::turned));
        // Nothing has changed since the last comparison.
        if turned == known && !others.iter().flatten().any(|other| *other == Some(time)) {
            continue;
        }
        known = turned;
        spent += each;
        if spent + tallies.iter().map(Tally::spent).sum::<usize>() > most {
            return (Some(time), spent);
        }
        let [had, has] = [0, 1].map(|side| match (people.get(side), tallies.get(side)) {
            (Some(person), Some(tally)) => person.access(&tally.evaluation(time), || tally.permissions(), bound),
            _ => Bits::new(bound),
        });
        if self::difference(had, has) != *difference {
            return (Some(time), spent + tallies.iter().map(Tally::spent).sum::<usize>());
        }
    }
    (None, spent + tallies.iter().map(Tally::spent).sum::<usize>())
}

pub(crate) fn diff(before: &Directory, after: &Directory, time: Timestamp) -> Diff {
    let names = Names::of(before, after);
    let diff = Diff { gained: Vec::new(), lost: Vec::new(), valid_until: None };
    if !before.is_in_order() || !after.is_in_order() {
        return diff;
    }
    let (before_side, after_side) = (Side::new(before, &names), Side::new(after, &names));
    let mut comparison = Comparison { before: before_side, after: after_side, names, time, diff, left: STEPS };
    for subject in order::set(before.subjects().chain(after.subjects())) {
        let held = comparison.holdings(Some(subject));
        let [had, has] = &held;
        let paths = order::set(comparison.before.reached(had).chain(comparison.after.reached(has)));
        comparison.compare(Some(subject), paths, &held);
    }
    if [before, after].iter().any(|side| side.policy.guards.support_role.is_some()) {
        let held = comparison.holdings(None);
        comparison.compare(None, order::set(before.scopes().chain(after.scopes())), &held);
    }
    let mut diff = comparison.diff;
    order::sort(&mut diff.gained);
    order::sort(&mut diff.lost);
    diff
}
