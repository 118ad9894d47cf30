//! Patterns: `path:actions`, with `*` for one segment, a last `**` for a node and all below it.

use super::Resources;
use crate::action::{ActionTable, Actions, WRITES};
use crate::bits::Bits;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::names::{is_name, name_help, shown};
use crate::{limits, suggest};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

const HELP: &str = "write it as in `segments:view`, `settings/**:*`, `*/users:{create,edit}` or `**:writes`";

/// Reads a list of patterns and returns the permissions that they match.
pub(super) fn read_list(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    resources: &Resources,
    table: &ActionTable,
) -> Bits {
    let mut matched = Bits::new(resources.count());
    for (index, item) in reader.list(value, at, (limits::PATTERNS, "patterns")).iter().enumerate() {
        let at = at.index(index);
        if let Some(text) = reader.text(item, &at) {
            matched.add(&read(reader, text, &at, resources, table));
        }
    }
    matched
}

/// Reads one pattern and returns the permissions that it matches.
pub(super) fn read(
    reader: &mut Reader<'_>,
    text: &str,
    at: &Path<'_>,
    resources: &Resources,
    table: &ActionTable,
) -> Bits {
    let mut matched = Bits::new(resources.count());
    let Some((path, actions)) = text.split_once(':').filter(|(path, _)| is_path_pattern(path)) else {
        malformed(reader, text, at);
        return matched;
    };
    let Some(actions) = read_actions(reader, text, actions, at, table) else { return matched };
    let mut nodes = 0;
    for id in matching(path, resources) {
        nodes += 1;
        for permission in resources.permissions_of(id, actions) {
            matched.insert(permission.bit());
        }
    }
    if matched.is_empty() && !(nodes > 0 && reader.is_doubtful(Names::Declared)) {
        let help = || {
            if nodes == 0 {
                suggest::did_you_mean(path.trim_end_matches("/**"), resources.nodes().map(|(_, node)| &*node.path))
            } else {
                Some("what it names exists, but declares none of these actions".to_string())
            }
        };
        let message = format!("`{}` matches no permission", shown(text));
        reader.unknown((Names::Resources, path), IssueCode::PatternUnmatched, at, message, help);
    }
    matched
}

/// Reports a text that is not a pattern.
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
            format!("name the actions as well, such as `{text}:view`, or `{text}:*` for all")
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
        match super::resource::read_action(reader, name, at, table) {
            Some(action) => actions = actions.map(|so_far| so_far | action),
            None => actions = None,
        }
    }
    actions
}

/// The resources that the path of a pattern matches.
fn matching(path: &str, resources: &Resources) -> Vec<crate::arena::ResourceId> {
    let (stem, below) = match path.strip_suffix("**") {
        Some(stem) => (stem.trim_end_matches('/'), true),
        None => (path, false),
    };
    if stem.is_empty() {
        return resources.nodes().map(|(id, _)| id).collect();
    }
    let tops: Vec<_> = if stem.contains('*') {
        resources.nodes().filter(|(_, node)| fits(stem, &node.path)).map(|(id, _)| id).collect()
    } else {
        resources.find(stem).into_iter().collect()
    };
    if below { tops.into_iter().flat_map(|top| resources.subtree(top)).collect() } else { tops }
}

/// Tells whether a path fits segments of which some may be `*`.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == "*" || wanted == given => {}
            _ => return false,
        }
    }
}
