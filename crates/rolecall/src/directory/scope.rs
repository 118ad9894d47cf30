//! The tenant tree: scopes numbered in pre-order, so that "covers" is two comparisons.

use super::names::NameTable;
use super::settings::{Settings, SupportAccess};
use crate::arena::{Arena, Id, ScopeId};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::instant::Duration;
use crate::limits;
use crate::names::{NAME_HELP, is_path};
use crate::order;
use crate::policy::Policy;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use hashbrown::HashMap;

#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) parent: Option<ScopeId>,
    /// The first scope behind this one and all below it.
    pub(crate) end: ScopeId,
    /// Its place in the policy's list of kinds.
    pub(crate) kind: usize,
    /// What the directory sets here.
    pub(crate) own: Settings,
    /// The strictest support access on the path, where any is set.
    pub(crate) support_access: Option<SupportAccess>,
    /// The smallest timeout on the path, where any is set.
    pub(crate) idle_timeout: Option<Duration>,
    /// The innermost scope of the path that has `ip_allow`.
    pub(crate) networks: Option<ScopeId>,
    /// The innermost scope of the path that has `login`.
    pub(crate) login: Option<ScopeId>,
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    policy: &Policy,
) -> (NameTable, Arena<ScopeId, Scope>) {
    let mut paths: Vec<(&str, usize)> = Vec::new();
    for (index, item) in reader.list(value, at, limits::SCOPES).iter().enumerate() {
        let at = at.index(index);
        let Some(path) = reader.text(item, &at) else { continue };
        if !is_path(path) {
            let message = format!("`{path}` is not a path of names");
            reader.issue(IssueCode::ScopeMalformed, &at, message, Some(NAME_HELP.to_string()));
        } else if path.split('/').count() > policy.kinds.len() {
            let kinds: Vec<&str> = policy.kinds.iter().map(|kind| &**kind).collect();
            let message = format!("`{path}` is deeper than the policy's scopes: {}", kinds.join(" > "));
            reader.issue(IssueCode::ScopeDepth, &at, message, None);
        } else {
            paths.push((path, index));
        }
    }
    // By segments, not by bytes: `/` sorts behind `-` and `.`, which would tear subtrees apart.
    order::sort_by(&mut paths, |(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    paths.dedup_by(|(later, index), (first, _)| {
        let same = later == first;
        if same {
            reader.issue(IssueCode::ScopeDuplicate, &at.index(*index), format!("`{later}` stands twice"), None);
        }
        same
    });
    let numbers: HashMap<&str, usize> = paths.iter().enumerate().map(|(number, (path, _))| (*path, number)).collect();
    let mut scopes: Arena<ScopeId, Scope> = Arena::new();
    for (path, index) in &paths {
        let parent = path.rsplit_once('/').map(|(parent, _)| (parent, numbers.get(parent).copied()));
        if let Some((parent, None)) = parent {
            let help = format!("list `{parent}` as well");
            let message = format!("the parent of `{path}` is not listed");
            reader.issue(IssueCode::ScopeParent, &at.index(*index), message, Some(help));
        }
        let parent = parent.and_then(|(_, number)| number).map(ScopeId::new);
        let id = scopes.push(Scope {
            parent,
            end: ScopeId::new(0),
            kind: path.split('/').count() - 1,
            own: Settings::default(),
            support_access: None,
            idle_timeout: None,
            networks: None,
            login: None,
        });
        // Every scope above this one ends behind it, as far as is known by now.
        let end = ScopeId::new(id.index() + 1);
        let mut above = Some(id);
        while let Some(scope) = above {
            scopes[scope].end = end;
            above = scopes[scope].parent;
        }
    }
    (NameTable::new(paths.iter().map(|(path, _)| *path)), scopes)
}

/// Combines the settings along each path. Parents come before their children.
pub(super) fn inherit_settings(scopes: &mut Arena<ScopeId, Scope>) {
    for number in 0..scopes.len() {
        let id = ScopeId::new(number);
        let above = scopes[id].parent.map(|parent| {
            let parent = &scopes[parent];
            (parent.support_access, parent.idle_timeout, parent.networks, parent.login)
        });
        let (support, idle, networks, login) = above.unwrap_or_default();
        let scope = &mut scopes[id];
        scope.support_access = [scope.own.support_access, support].into_iter().flatten().min();
        scope.idle_timeout = [scope.own.idle_timeout, idle].into_iter().flatten().min();
        scope.networks = if scope.own.networks.is_empty() { networks } else { Some(id) };
        scope.login = if scope.own.login.is_none() { login } else { Some(id) };
    }
}
