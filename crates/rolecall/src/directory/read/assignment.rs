//! Reads role assignments.

use super::instance;
use super::scope::find_scope;
use super::subject::read_values;
use crate::directory::Directory;
use crate::directory::assignment::{Assignment, Assignments, Holder};
use crate::directory::limit::Limit;
use crate::directory::subject::Values;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::storage::arena::{BoundaryId, Id, LimitId, RoleId, ScopeId};
use crate::storage::order;
use crate::types::grammar::{GROUP, shown};
use crate::types::limits;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Assignments {
    let items = reader.list(value, at, (limits::ASSIGNMENTS, "assignments"));
    let mut found: Vec<(Holder, Assignment)> = Vec::with_capacity(items.len());
    let mut limits: Vec<Limit> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Some((holder, mut assignment, limit)) = read_one(reader, item, &at.index(index), directory) {
            assignment.limit = limit.is_some().then(|| LimitId::new(limits.len()));
            limits.extend(limit);
            found.push((holder, assignment));
        }
    }
    Assignments::new(directory.subjects.len(), directory.groups.len(), found, &limits)
}

/// Reads an assignment, with its boundary values, which have no number yet.
pub(in crate::directory) fn read_one(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &Directory,
) -> Option<(Holder, Assignment, Option<Limit>)> {
    let object = reader.object(value, at, &["subject", "role", "at", "below", "boundaries", "from", "until"])?;
    let holder = reader.required(&object, "subject", at).and_then(|value| {
        let at = at.key("subject");
        let id = reader.text(value, &at)?;
        find_holder(reader, id, &at, directory)
    });
    let scope = reader.required(&object, "at", at).and_then(|value| {
        let at = at.key("at");
        let path = reader.text(value, &at)?;
        find_scope(reader, path, &at, directory)
    });
    let role = reader.required(&object, "role", at).and_then(|value| {
        let at = at.key("role");
        let name = reader.name(value, &at)?;
        find_role(reader, name, scope?, &at, directory)
    });
    let mut times = [None, None];
    for (time, key) in times.iter_mut().zip(["from", "until"]) {
        *time = object.get(key, at).and_then(|entry| reader.timestamp(entry.value, &entry.at));
    }
    let [from, until] = times;
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        let help = Some(
            "set `from` to the first time at which the assignment is active, and `until` to the first time after it"
                .to_string(),
        );
        reader.issue(IssueCode::InstantOrder, at, "`from` is not before `until`", help);
    }
    let here = object.get("below", at).and_then(|entry| reader.flag(entry.value, &entry.at)) == Some(false);
    let limit = object.get("boundaries", at).and_then(|entry| read_limit(reader, entry.value, &entry.at, directory));
    let (role, scope) = (role?, scope?);
    let assignment = Assignment { role: directory.effective(role, scope), scope, from, until, here, limit: None };
    Some((holder?, assignment, limit))
}

/// Reads the boundary values of an assignment; `None` if it has no values.
fn read_limit(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Option<Limit> {
    let mut limit: Vec<(BoundaryId, Box<[Box<str>]>)> = Vec::new();
    for (name, value) in reader.map(value, at, (limits::BOUNDARIES, "boundaries")) {
        let at = at.key(name);
        let boundary = directory.policy.guards.find_boundary(reader, name, &at);
        match read_values(reader, value, &at) {
            Values::All => {
                let help = Some("leave the boundary out, or list its values".to_string());
                reader.issue(IssueCode::BoundaryValue, &at, "an assignment cannot be limited to all values", help);
            }
            Values::Some(values) => {
                let values = values.into_iter().map(Box::from).collect();
                limit.extend(boundary.map(|boundary| (boundary, values)));
            }
        }
    }
    order::sort_by(&mut limit, |(a, _), (b, _)| a.cmp(b));
    (!limit.is_empty()).then(|| limit.into())
}

fn find_holder(reader: &mut Reader<'_>, id: &str, at: &Path<'_>, directory: &Directory) -> Option<Holder> {
    let found = if id.starts_with(GROUP) {
        directory.groups.find(id).map(Holder::Group)
    } else {
        directory.subject(id).map(Holder::Subject)
    };
    if found.is_none() {
        let (names, under) =
            if id.starts_with(GROUP) { (Names::Groups, "groups") } else { (Names::Subjects, "subjects") };
        let help = || directory.like_holder(id).or_else(|| Some(format!("list it under `{under}`")));
        let message = format!("`{}` is not listed", shown(id));
        reader.unknown((names, id), IssueCode::SubjectUnknown, at, message, help);
    }
    found
}

fn find_role(
    reader: &mut Reader<'_>,
    name: &str,
    scope: ScopeId,
    at: &Path<'_>,
    directory: &Directory,
) -> Option<RoleId> {
    let Some(id) = directory.visible_role(name, scope) else {
        let help = || {
            let elsewhere =
                directory.roles.custom().iter().find(|role| *role.name == *name).and_then(|role| role.scope);
            let visible =
                |scope| format!("it is defined at `{}` and visible only there and below", directory.scope_name(scope));
            elsewhere.map_or_else(|| directory.like_role(name), |scope| Some(visible(scope)))
        };
        let message = format!("there is no role `{name}` at `{}`", directory.scope_name(scope));
        reader.unknown((Names::Roles, name), IssueCode::RoleUnknown, at, message, help);
        return None;
    };
    let kind = directory.scopes.kind(scope);
    let assignable = directory.role(id).assignable;
    if !directory.is_available(id, scope) {
        instance::report_unavailable(reader, at, directory, id, scope);
    } else if !directory.is_assignable(id, scope) {
        let kinds = &directory.policy.kinds;
        let allowed = kinds.iter().enumerate().filter(|(kind, _)| assignable & 1 << kind != 0);
        let allowed: Vec<&str> = allowed.map(|(_, name)| &**name).collect();
        let help = if allowed.is_empty() {
            "it cannot be assigned, only inherited".to_string()
        } else {
            format!("it may be assigned at: {}", allowed.join(", "))
        };
        let here = kinds.get(kind).map_or("", |name| &**name);
        let message = format!("the role `{name}` may not be assigned at a scope of kind `{here}`");
        reader.issue(IssueCode::RoleUnassignable, at, message, Some(help));
    }
    Some(id)
}
