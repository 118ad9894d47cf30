//! Patterns: `path:actions`. In the path, `*` matches one segment, `**` any number of segments, and a final `**` a resource
//! and all below it.
//!
//! The paths of a list form a tree of segments, which is run as an automaton: a walk over the resources carries the nodes
//! that the path so far can have reached. A node behind `**` stays reached below, so no resource is visited twice and no
//! way is tried again.

use super::resource::read_action;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::policy::Resources;
use crate::storage::arena::ResourceId;
use crate::storage::bits::Bits;
use crate::storage::order;
use crate::types::action::{ActionTable, Actions, WRITES};
use crate::types::grammar::{is_name, is_name_with, name_help, shown};
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
    let mut patterns = Patterns { capitals: resources.have_capitals(), ..Patterns::default() };
    for (index, item) in reader.list(value, at, (limits::PATTERNS, "patterns")).iter().enumerate() {
        let at = at.index(index);
        if let Some(text) = reader.text(item, &at) {
            patterns.read(reader, text, &at, table, index);
        }
    }
    patterns.matched(reader, at, resources, &|index, report| report(&at.index(index)))
}

/// Reads one pattern and returns the permissions that it matches.
pub(super) fn read(
    reader: &mut Reader<'_>,
    text: &str,
    at: &Path<'_>,
    resources: &Resources,
    table: &ActionTable,
) -> Bits {
    let mut patterns = Patterns { capitals: resources.have_capitals(), ..Patterns::default() };
    patterns.read(reader, text, at, table, 0);
    patterns.matched(reader, at, resources, &|_, report| report(at))
}

/// Patterns that are matched in one walk over the resources. Their paths form a tree of segments, so each resource is
/// visited once for all patterns.
struct Patterns<'t> {
    /// The nodes of the tree; the first is the root.
    branches: Vec<Branch<'t>>,
    /// For each pattern: its index in the list, its text, the node where its path ends, whether it ends in `**`, its
    /// actions.
    read: Vec<(usize, &'t str, usize, Below, Actions)>,
    /// The steps of the walk, and the most that it may take.
    steps: usize,
    most: usize,
    /// Whether names may have capital letters.
    capitals: bool,
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
    /// The node behind `**`.
    deep: Option<usize>,
    /// Whether this node is behind `**`. It then stays reached below each resource.
    is_deep: bool,
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
        Self { branches: [Branch::default()].into(), read: Vec::new(), steps: 0, most: 0, capitals: false }
    }
}

impl<'t> Patterns<'t> {
    fn read(&mut self, reader: &mut Reader<'_>, text: &'t str, at: &Path<'_>, table: &ActionTable, index: usize) {
        let Some((path, actions)) = text.split_once(':').filter(|(path, _)| is_path_pattern(path, self.capitals))
        else {
            return malformed(reader, text, at);
        };
        let Some(actions) = read_actions(reader, (text, actions), at, table, self.capitals) else { return };
        let (mut stem, mut below) = (path, Below::No);
        while let Some(rest) = stem.strip_suffix("**") {
            (stem, below) = (rest.trim_end_matches('/'), Below::Yes);
        }
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
        let is_deep = segment == "**";
        let found = match segment {
            // `**/**` matches what `**` does.
            "**" if branch.is_deep => from,
            "**" => *branch.deep.get_or_insert(next),
            "*" => *branch.any.get_or_insert(next),
            _ => *branch.names.entry(segment).or_insert(next),
        };
        if found == next {
            self.branches.push(Branch { is_deep, ..Branch::default() });
        }
        found
    }

    /// Returns the permissions that the patterns match. Reports each pattern that matches none, at its place.
    fn matched(mut self, reader: &mut Reader<'_>, at: &Path<'_>, resources: &Resources, locate: &Locating<'_>) -> Bits {
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
        self.most = reader.pattern_steps();
        let start = self.closed([0].into());
        self.visit(resources, None, &start, &mut |found, id, actions| match found {
            Below::No => insert(&mut matched, id, actions),
            Below::Yes => all_below.push((Some(id), actions)),
        });
        if !reader.spend_pattern_steps(self.steps, at) {
            return matched;
        }
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

    /// Adds the nodes behind `**`, which matches no segment as well. Returns the nodes sorted, each once.
    fn closed(&self, mut nodes: Vec<usize>) -> Vec<usize> {
        let behind: Vec<usize> =
            nodes.iter().filter_map(|node| self.branches.get(*node).and_then(|branch| branch.deep)).collect();
        if !behind.is_empty() {
            nodes.extend(behind);
            order::sort(&mut nodes);
            nodes.dedup();
        }
        nodes
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
        let visits_all = names > children.len() || leading().any(|branch| branch.any.is_some() || branch.is_deep);
        self.steps = self.steps.saturating_add(if visits_all { children.len() * branches.len() } else { names });
        if self.steps > self.most {
            return;
        }
        if visits_all {
            for child in children {
                let name = resources.name(*child);
                let reached = branches.iter().filter_map(|node| Some((*node, self.branches.get(*node)?)));
                let onto = reached.flat_map(|(node, branch)| {
                    [branch.is_deep.then_some(node), branch.any, branch.names.get(name).copied()]
                });
                let onto = self.closed(onto.flatten().collect());
                self.visit_one(resources, *child, &onto, found);
            }
            return;
        }
        let mut named: Vec<(ResourceId, usize)> = Vec::new();
        for (name, onto) in branches.iter().filter_map(|node| self.branches.get(*node)).flat_map(|node| &node.names) {
            let place = children.binary_search_by(|child| resources.name(*child).cmp(name));
            named.extend(place.ok().and_then(|place| children.get(place)).map(|child| (*child, *onto)));
        }
        order::sort(&mut named);
        for same in named.chunk_by(|one, other| one.0 == other.0) {
            let onto = self.closed(same.iter().map(|(_, onto)| *onto).collect());
            if let Some((child, _)) = same.first() {
                self.visit_one(resources, *child, &onto, found);
            }
        }
    }

    /// Visits a resource that some nodes match, and its children.
    fn visit_one(
        &mut self,
        resources: &Resources,
        child: ResourceId,
        onto: &[usize],
        found: &mut dyn FnMut(Below, ResourceId, Actions),
    ) {
        if onto.is_empty() {
            return;
        }
        let (mut here, mut below) = (Actions::empty(), Actions::empty());
        for branch in onto {
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
        self.visit(resources, Some(child), onto, found);
    }
}

/// Reports a malformed pattern.
fn malformed(reader: &mut Reader<'_>, text: &str, at: &Path<'_>) {
    let is_pattern = |text: &str| {
        text.split_once(':').is_some_and(|(path, actions)| is_path_pattern(path, false) && !actions.is_empty())
    };
    let help = match text.split_once(':') {
        Some((path, actions))
            if is_path_pattern(path, true) && actions.split(',').all(is_name) && actions.contains(',') =>
        {
            format!("put several actions in braces: `{path}:{{{actions}}}`")
        }
        None if text.contains('.') && is_path_pattern(text, false) => {
            let (path, action) = text.rsplit_once('.').unwrap_or_default();
            format!("did you mean `{path}:{action}`?")
        }
        None if is_path_pattern(text, false) => {
            format!("add the actions, such as `{text}:view`, or `{text}:*` for all")
        }
        _ => name_help(text, is_pattern, HELP),
    };
    reader.issue(IssueCode::PatternMalformed, at, format!("`{}` is not a pattern", shown(text)), Some(help));
}

fn is_path_pattern(path: &str, capitals: bool) -> bool {
    path.split('/').all(|segment| matches!(segment, "*" | "**") || is_name_with(segment, capitals))
}

fn read_actions(
    reader: &mut Reader<'_>,
    (pattern, text): (&str, &str),
    at: &Path<'_>,
    table: &ActionTable,
    capitals: bool,
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
    if !names.iter().all(|name| is_name_with(name, capitals)) {
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
