//! Reads the locks of items.

use super::scope::find_scope;
use super::subject::check_id;
use crate::directory::Directory;
use crate::directory::everyone;
use crate::directory::locks::{Lock, Locks};
use crate::document::{IssueCode, Names, Object, Path, Reader, Value};
use crate::storage::order;
use crate::types::grammar::{is_subject, shown};
use crate::types::limits;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Locks {
    let mut found: Vec<Lock<'_>> = Vec::new();
    for (path, value) in reader.map(value, at, (limits::SCOPES, "scopes")) {
        let at = at.key(path);
        let scope = find_scope(reader, path, &at, directory);
        for (item, value) in reader.map(value, &at, (limits::LOCKS, "locks")) {
            let at = at.key(item);
            check_item(reader, item, &at);
            let Some(object) = reader.object(value, &at, &["owner", "groups"]) else { continue };
            let groups = read_groups(reader, &object, &at, directory);
            found.extend(scope.filter(|_| !groups.is_empty()).map(|scope| (scope, item, groups)));
        }
    }
    reader.within(found.len(), (limits::LOCKS, "locks"), at);
    Locks::new(found)
}

/// Reports an id that no item can have.
pub(in crate::directory) fn check_item(reader: &mut Reader<'_>, item: &str, at: &Path<'_>) {
    if !is_subject(item) {
        let message = format!("`{}` is not the id of an item", shown(item));
        let help = "an id has 1 to 256 bytes and no control characters";
        reader.issue(IssueCode::ItemMalformed, at, message, Some(help.to_string()));
    }
}

/// Reads the groups of a lock, sorted, and its owner, who has no part in decisions.
pub(in crate::directory) fn read_groups<'v>(
    reader: &mut Reader<'_>,
    object: &Object<'v>,
    at: &Path<'_>,
    directory: &Directory,
) -> Vec<&'v str> {
    if let Some(owner) = object.get("owner", at)
        && let Some(id) = reader.text(owner.value, &owner.at)
    {
        check_id(reader, id, &owner.at);
    }
    let Some(entry) = object.get("groups", at) else { return Vec::new() };
    let mut groups = Vec::new();
    for (index, value) in reader.list(entry.value, &entry.at, (limits::LOCK_GROUPS, "groups")).iter().enumerate() {
        let at = entry.at.index(index);
        let Some(name) = reader.text(value, &at) else { continue };
        let help = "leave the item unlocked, or name other groups";
        if everyone::is_reserved(reader, name, &at, help) {
            continue;
        }
        if directory.group(name).is_some() {
            groups.push(name);
        } else {
            let message = format!("there is no group `{}`", shown(name));
            let help = || directory.like_group(name);
            reader.unknown((Names::Groups, name), IssueCode::GroupUnknown, &at, message, help);
        }
    }
    order::sort(&mut groups);
    groups.dedup();
    if !groups.is_empty() && !directory.policy.guards.reads_locks() {
        let message = "no boundary of the policy takes the values of items from locks, so this lock limits nothing";
        let help = "add `items: locks` to a boundary with `from: groups`, or remove the lock";
        reader.issue(IssueCode::LockUnused, &entry.at, message, Some(help.to_string()));
    }
    groups
}
