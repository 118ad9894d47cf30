//! What would change: the difference of two policies or two directories, as gained and lost.

use crate::arena::Id;
use crate::bits::Bits;
use crate::context::Context;
use crate::decide;
use crate::directory::Directory;
use crate::guard;
use crate::horizon;
use crate::instant::Instant;
use crate::names::SUPPORT;
use crate::order;
use crate::standing::{Case, Moment, Standing, assignments};
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;

/// The difference of what two engines answer, as far as the directories alone can tell: login methods, networks and
/// inactivity are those of a connection, and boundaries those of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// What is allowed or read after and not before, sorted by subject and scope.
    pub gained: Vec<Access>,
    /// What is allowed or read before and not after, sorted by subject and scope.
    pub lost: Vec<Access>,
    /// The first later instant at which any of this may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Instant>,
}

/// What someone gains or loses at a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Access {
    /// The subject; absent for support staff who are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The scope.
    pub at: String,
    /// The permissions, sorted.
    pub permissions: Vec<String>,
    /// The labels that may be read, sorted.
    pub reads: Vec<String>,
}

/// The names of both sides, so that their numbers can be compared.
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

    fn told(&self, subject: Option<&str>, path: &str, access: &Bits) -> Access {
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
    /// The common number of each label, behind those of the permissions.
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

    /// The scopes that any assignment of a subject or of its groups covers.
    fn reached(&self, subject: &str) -> Vec<&'a str> {
        let directory = self.directory;
        let Some(key) = directory.subject(subject) else { return Vec::new() };
        let groups = directory.groups_of(key);
        let covered = assignments(directory, Some(key), &groups).flat_map(|held| directory.below(held.scope));
        covered.map(|scope| directory.scope_name(scope)).collect()
    }
}

/// Someone at a scope, on one side.
struct Person<'a> {
    side: &'a Side<'a>,
    standing: Standing,
    context: &'a Context,
}

impl<'a> Person<'a> {
    /// No subject is support staff who are not listed.
    fn new(side: &'a Side<'a>, subject: Option<&str>, context: &'a Context) -> Self {
        let key = subject.and_then(|subject| side.directory.subject(subject));
        let support = subject.is_none_or(|subject| subject.starts_with(SUPPORT));
        Self { side, standing: Standing::of(side.directory, key, support, context), context }
    }

    fn case(&self) -> Case<'_> {
        let (directory, context) = (self.side.directory, self.context);
        Case { directory, subject_id: "", context, standing: &self.standing }
    }

    /// What is allowed and read, by common numbers.
    fn access(&self, time: Instant, bound: usize) -> Bits {
        let moment = Moment::new(self.case(), time);
        let mut access = Bits::new(bound);
        if !guard::let_in(&moment) {
            return access;
        }
        let numbered = |numbers: &[usize], index: usize| numbers.get(index).copied().unwrap_or(bound);
        for index in decide::held(&moment).iter() {
            access.insert(numbered(&self.side.permissions, index));
        }
        let labels = self.side.directory.policy.labels.iter().map(|(id, _)| id.index());
        for index in labels.filter(|index| moment.reads & 1 << index != 0) {
            access.insert(numbered(&self.side.labels, index));
        }
        access
    }
}

struct Comparison<'a> {
    before: Side<'a>,
    after: Side<'a>,
    names: Names,
    time: Instant,
    diff: Diff,
}

impl Comparison<'_> {
    fn compare(&mut self, subject: Option<&str>, path: &str) {
        let context = Context::at_known_scope(path, self.time);
        let [before, after] = [&self.before, &self.after].map(|side| Person::new(side, subject, &context));
        let bound = self.names.permissions.len() + self.names.labels.len();
        let at = |time: Instant| {
            let (mut lost, mut gained) = (before.access(time, bound), after.access(time, bound));
            let had = lost.clone();
            lost.subtract(&gained);
            gained.subtract(&had);
            (gained, lost)
        };
        let now = at(self.time);
        let later =
            order::set([&before, &after].into_iter().flat_map(|person| horizon::candidates(person.case(), self.time)));
        let change = later.into_iter().find(|later| at(*later) != now);
        self.diff.valid_until = [self.diff.valid_until, change].into_iter().flatten().min();
        let (gained, lost) = now;
        for (bits, list) in [(gained, &mut self.diff.gained), (lost, &mut self.diff.lost)] {
            if !bits.is_empty() {
                list.push(self.names.told(subject, path, &bits));
            }
        }
    }
}

pub(crate) fn diff(before: &Directory, after: &Directory, time: Instant) -> Diff {
    let names = Names::of(before, after);
    let diff = Diff { gained: Vec::new(), lost: Vec::new(), valid_until: None };
    let (before_side, after_side) = (Side::new(before, &names), Side::new(after, &names));
    let mut comparison = Comparison { before: before_side, after: after_side, names, time, diff };
    for subject in order::set(before.subjects().chain(after.subjects())) {
        let sides = [&comparison.before, &comparison.after];
        let paths = order::set(sides.iter().flat_map(|side| side.reached(subject)));
        for path in paths {
            comparison.compare(Some(subject), path);
        }
    }
    if [before, after].iter().any(|side| side.policy.guards.support_role.is_some()) {
        for path in order::set(before.scopes().chain(after.scopes())) {
            comparison.compare(None, path);
        }
    }
    let mut diff = comparison.diff;
    order::sort(&mut diff.gained);
    order::sort(&mut diff.lost);
    diff
}
