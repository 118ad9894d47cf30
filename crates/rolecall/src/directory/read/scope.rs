//! Reads the tenant tree and finds the scopes to which a document refers.

use crate::directory::Directory;
use crate::directory::scope::Scopes;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::policy::Policy;
use crate::storage::arena::ScopeId;
use crate::storage::order;
use crate::types::grammar::{NAME_HELP, is_path, name_help, shown};
use crate::types::limits;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Scopes {
    let mut paths: Vec<(&str, usize)> = Vec::new();
    let items = reader.defining(Names::Scopes, |reader| reader.list(value, at, (limits::SCOPES, "scopes")));
    for (index, item) in items.iter().enumerate() {
        match read_path(reader, item, &at.index(index), policy) {
            Some(path) => paths.push((path, index)),
            // Scopes below it, and references to it, may be correct.
            None => match item {
                Value::Text(path) => reader.lose(Names::Scopes, path),
                _ => reader.doubt(Names::Scopes),
            },
        }
    }
    // By segments, not bytes: `/` sorts after `-` and `.`, which would split subtrees.
    order::sort_by(&mut paths, |(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    paths.dedup_by(|(later, index), (first, _)| {
        let same = later == first;
        if same {
            let message = format!("the scope `{later}` is listed twice");
            let help = Some("remove one of them".to_string());
            reader.issue(IssueCode::ScopeDuplicate, &at.index(*index), message, help);
        }
        same
    });
    let scopes = Scopes::new(paths.iter().map(|(path, _)| *path));
    for (path, index) in &paths {
        if let Some((parent, _)) = path.rsplit_once('/')
            && scopes.names.find(parent).is_none()
        {
            report_orphan(reader, &at.index(*index), path, parent);
        }
    }
    scopes
}

/// Reads the path of a scope. Its depth is limited by the number of kinds.
pub(in crate::directory) fn read_path<'v>(
    reader: &mut Reader<'_>,
    value: &'v Value<'v>,
    at: &Path<'_>,
    policy: &Policy,
) -> Option<&'v str> {
    let path = reader.text(value, at)?;
    if !is_path(path) {
        let message = format!("`{}` is not a path of names", shown(path));
        reader.issue(IssueCode::ScopeMalformed, at, message, Some(name_help(path, is_path, NAME_HELP)));
    } else if path.split('/').count() > policy.kinds.len() {
        let kinds: Vec<&str> = policy.kinds.iter().map(|kind| &**kind).collect();
        let (levels, kinds, most) = (path.split('/').count(), kinds.join(" > "), kinds.len());
        let message = format!("the scope `{path}` has {levels} levels; the policy has {most}: {kinds}");
        let help = Some("remove levels from the path, or add a kind under `scopes` of the policy".to_string());
        reader.issue(IssueCode::ScopeDepth, at, message, help);
    } else {
        return Some(path);
    }
    None
}

/// Reports that the parent of a scope is not listed.
pub(in crate::directory) fn report_orphan(reader: &mut Reader<'_>, at: &Path<'_>, path: &str, parent: &str) {
    let help = || Some(format!("list `{parent}` as well"));
    let message = format!("the scope `{parent}`, the parent of `{path}`, is not listed");
    reader.unknown((Names::Scopes, parent), IssueCode::ScopeParent, at, message, help);
    reader.lose(Names::Scopes, parent);
}

/// Finds a scope, or reports that it is not listed.
pub(in crate::directory) fn find_scope(
    reader: &mut Reader<'_>,
    path: &str,
    at: &Path<'_>,
    directory: &Directory,
) -> Option<ScopeId> {
    let found = directory.scope(path);
    if found.is_none() {
        let help = || directory.like_scope(path).or_else(|| Some("list it under `scopes`".to_string()));
        let message = format!("the scope `{}` is not listed", shown(path));
        reader.unknown((Names::Scopes, path), IssueCode::ScopeUnknown, at, message, help);
    }
    found
}
