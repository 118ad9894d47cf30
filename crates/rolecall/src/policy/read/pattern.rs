//! Patterns: `path:actions`. In the path, `*` matches one segment and a final `**` matches a resource and all below it.

use super::resource::read_action;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::policy::Resources;
use crate::storage::arena::ResourceId;
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::action::{ActionTable, Actions, WRITES};
use crate::types::grammar::{is_name, name_help, shown};
use crate::types::limits;
use crate::types::suggest;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use hashbrown::HashMap;

const HELP: &str = "write it as in `segments:view`, `settings/**:*`, `*/users:{create,edit}` or `**:writes`";

/// Reads a list of patterns and returns the permissions that they match.
pub(super) fn read_list(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    resources: &Resources,
    table: &ActionTable,
) -> Bits {
    let mut patterns = Patterns::default();
    for (index, item) in reader.list(value, at, (limits::PATTERNS, "patterns")).iter().enumerate() {
        let at = at.index(index);
        if let Some(text) = reader.text(item, &at) {
            patterns.read(reader, text, &at, table, index);
        }
    }
    patterns.matched(reader, resources, &|index, report| report(&at.index(index)))
}

/// Reads one pattern and returns the permissions that it matches.
pub(super) fn read(
    reader: &mut Reader<'_>,
    text: &str,
    at: &Path<'_>,
    resources: &Resources,
    table: &ActionTable,
) -> Bits {
    let mut patterns = Patterns::default();
    patterns.read(reader, text, at, table, 0);
    patterns.matched(reader, resources, &|_, report| report(at))
}

/// Patterns that are matched in one walk over the resources. Their paths form a tree of segments, so each resource is
/// visited once for all patterns.
struct Patterns<'t> {
    /// The nodes of the tree; the first is the root.
    branches: Vec<Branch<'t>>,
    /// For each pattern: its index in the list, its text, the node where its path ends, whether it ends in `**`, its
    /// actions.
    read: Vec<(usize, &'t str, usize, Below, Actions)>,
}

/// Calls back with the path of a pattern, by its index in the list.
type Locating<'l> = dyn Fn(usize, &mut dyn FnMut(&Path<'_>)) + 'l;

/// Whether a pattern ends in `**`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    No,
    Yes,
}

/// A node of the tree: the patterns that share the segments up to here.
#[derive(Default)]
struct Branch<'t> {
    names: HashMap<&'t str, usize>,
    any: Option<usize>,
    /// The actions that patterns request of the resource here.
    here: Requested,
    /// The actions that patterns request of the resource here and all below it.
    below: Requested,
}

#[derive(Default)]
struct Requested {
    requested: Actions,
    /// The actions that the found resources declare; `None` if no resource was found.
    found: Option<Actions>,
}

impl Requested {
    /// Records the actions that a resource declares and returns the requested ones.
    fn of(&mut self, declared: Actions) -> Actions {
        if !self.requested.is_empty() {
            self.found = Some(self.found.unwrap_or_default() | declared);
        }
        self.requested
    }
}

impl Default for Patterns<'_> {
    fn default() -> Self {
        Self { branches: [Branch::default()].into(), read: Vec::new() }
    }
}

impl<'t> Patterns<'t> {
    fn read(&mut self, reader: &mut Reader<'_>, text: &'t str, at: &Path<'_>, table: &ActionTable, index: usize) {
        let Some((path, actions)) = text.split_once(':').filter(|(path, _)| is_path_pattern(path)) else {
            return malformed(reader, text, at);
        };
        let Some(actions) = read_actions(reader, text, actions, at, table) else { return };
        let (stem, below) = match path.strip_suffix("**") {
            Some(stem) => (stem.trim_end_matches('/'), Below::Yes),
            None => (path, Below::No),
        };
        let mut end = 0;
        for segment in stem.split('/').filter(|segment| !segment.is_empty()) {
            end = self.step(end, segment);
        }
        if let Some(branch) = self.branches.get_mut(end) {
            let wanted = if below == Below::Yes { &mut branch.below } else { &mut branch.here };
            wanted.requested |= actions;
        }
        self.read.push((index, text, end, below, actions));
    }

    /// Returns the node below a segment; adds it if it is missing.
    fn step(&mut self, from: usize, segment: &'t str) -> usize {
        let next = self.branches.len();
        let Some(branch) = self.branches.get_mut(from) else { return from };
        let found =
            if segment == "*" { *branch.any.get_or_insert(next) } else { *branch.names.entry(segment).or_insert(next) };
        if found == next {
            self.branches.push(Branch::default());
        }
        found
    }

    /// Returns the permissions that the patterns match. Reports each pattern that matches none, at its place.
    fn matched(mut self, reader: &mut Reader<'_>, resources: &Resources, locate: &Locating<'_>) -> Bits {
        let mut matched = Bits::new(resources.count());
        let mut all_below = Vec::new();
        let insert = |matched: &mut Bits, id, actions| {
            resources.permissions_of(id, actions).for_each(|permission| matched.insert(permission.bit()));
        };
        if let Some(root) = self.branches.first_mut() {
            let requested = root.below.of(resources.declared_below(None));
            if !requested.is_empty() {
                all_below.push((None, requested));
            }
        }
        self.visit(resources, None, &[0], &mut |found, id, actions| match found {
            Below::No => insert(&mut matched, id, actions),
            Below::Yes => all_below.push((Some(id), actions)),
        });
        for (top, actions) in all_below {
            resources.below(top).for_each(|id| insert(&mut matched, id, actions));
        }
        for (index, text, end, below, actions) in &self.read {
            let Some(branch) = self.branches.get(*end) else { continue };
            let found = if *below == Below::Yes { &branch.below } else { &branch.here }.found;
            if found.is_some_and(|declared| declared.intersects(*actions)) {
                continue;
            }
            // Some declared actions may not have been read.
            if found.is_some() && reader.is_doubtful(Names::Declared) {
                continue;
            }
            let path = text.split_once(':').map_or("", |(path, _)| path);
            let help = || {
                if found.is_none() {
                    let known = resources.nodes().map(|(_, node)| &*node.path);
                    suggest::did_you_mean(path.trim_end_matches("/**"), known)
                } else {
                    Some("the resource exists but does not declare these actions".to_string())
                }
            };
            locate(*index, &mut |at| {
                let message = format!("`{}` matches no permission", shown(text));
                reader.unknown((Names::Resources, path), IssueCode::PatternUnmatched, at, message, help);
            });
        }
        matched
    }

    /// Visits the children of a resource that match some nodes, and their children.
    fn visit(
        &mut self,
        resources: &Resources,
        parent: Option<ResourceId>,
        branches: &[usize],
        found: &mut dyn FnMut(Below, ResourceId, Actions),
    ) {
        let children = resources.children(parent);
        let leading = || branches.iter().filter_map(|branch| self.branches.get(*branch));
        let names: usize = leading().map(|branch| branch.names.len()).sum();
        let mut next: Vec<(ResourceId, Vec<usize>)> = Vec::new();
        if leading().any(|branch| branch.any.is_some()) || names > children.len() {
            for child in children {
                let name = resources.name(*child);
                let onto: Vec<usize> =
                    leading().flat_map(|branch| [branch.any, branch.names.get(name).copied()]).flatten().collect();
                next.push((*child, onto));
            }
        } else {
            let mut named: Vec<(ResourceId, usize)> = Vec::new();
            for (name, onto) in leading().flat_map(|branch| &branch.names) {
                let place = children.binary_search_by(|child| resources.name(*child).cmp(name));
                named.extend(place.ok().and_then(|place| children.get(place)).map(|child| (*child, *onto)));
            }
            order::sort(&mut named);
            for (child, onto) in named {
                match next.last_mut() {
                    Some((last, all)) if *last == child => all.push(onto),
                    _ => next.push((child, [onto].into())),
                }
            }
        }
        for (child, onto) in next.into_iter().filter(|(_, onto)| !onto.is_empty()) {
            let (mut here, mut below) = (Actions::empty(), Actions::empty());
            for branch in &onto {
                if let Some(branch) = self.branches.get_mut(*branch) {
                    here |= branch.here.of(resources.declared(child));
                    below |= branch.below.of(resources.declared_below(Some(child)));
                }
            }
            for (which, actions) in [(Below::No, here), (Below::Yes, below)] {
                if !actions.is_empty() {
                    found(which, child, actions);
                }
            }
            self.visit(resources, Some(child), &onto, found);
        }
    }
}

/// Reports a malformed pattern.
fn malformed(reader: &mut Reader<'_>, text: &str, at: &Path<'_>) {
    let is_pattern =
        |text: &str| text.split_once(':').is_some_and(|(path, actions)| is_path_pattern(path) && !actions.is_empty());
    let help = match text.split_once(':') {
        Some((path, actions)) if is_path_pattern(path) && actions.split(',').all(is_name) && actions.contains(',') => {
            format!("put several actions in braces: `{path}:{{{actions}}}`")
        }
        None if text.contains('.') && is_path_pattern(text) => {
            let (path, action) = text.rsplit_once('.').unwrap_or_default();
            format!("did you mean `{path}:{action}`?")
        }
        None if is_path_pattern(text) => {
            format!("add the actions, such as `{text}:view`, or `{text}:*` for all")
        }
        _ => name_help(text, is_pattern, HELP),
    };
    reader.issue(IssueCode::PatternMalformed, at, format!("`{}` is not a pattern", shown(text)), Some(help));
}

fn is_path_pattern(path: &str) -> bool {
    let (last, before) = match path.rsplit_once('/') {
        Some((before, last)) => (last, Some(before)),
        None => (path, None),
    };
    let one = |segment: &str| segment == "*" || is_name(segment);
    (last == "**" || one(last)) && before.is_none_or(|before| before.split('/').all(one))
}

fn read_actions(
    reader: &mut Reader<'_>,
    pattern: &str,
    text: &str,
    at: &Path<'_>,
    table: &ActionTable,
) -> Option<Actions> {
    if text == "*" {
        return Some(Actions::all());
    }
    if text == WRITES {
        return Some(table.writes());
    }
    let names: Vec<&str> = match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(inner) => inner.split(',').collect(),
        None => [text].into(),
    };
    if !names.iter().all(|name| is_name(name)) {
        malformed(reader, pattern, at);
        return None;
    }
    let mut actions = Some(Actions::empty());
    for name in names {
        match read_action(reader, name, at, table) {
            Some(action) => actions = actions.map(|so_far| so_far | action),
            None => actions = None,
        }
    }
    actions
}
