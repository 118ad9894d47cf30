//! Reads groups and their members.

use super::subject::check_id;
use crate::directory::everyone;
use crate::directory::group::{Groups, put};
use crate::directory::name_table::NameTable;
use crate::directory::nesting::Nesting;
use crate::document::{IssueCode, Names, Path, Reader, Value};
use crate::storage::order;
use crate::types::grammar::{GROUP, shown};
use crate::types::limits;
use crate::types::suggest;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// Returns the names of the groups, sorted. Reports malformed ones.
pub(super) fn names(reader: &mut Reader<'_>, groups: &[(&str, &Value<'_>)], at: &Path<'_>) -> NameTable {
    let mut names: Vec<&str> = Vec::with_capacity(groups.len());
    for (name, _) in groups {
        check_name(reader, name, &at.key(name));
        names.push(name);
    }
    order::sort(&mut names);
    NameTable::new(names)
}

/// Reports an id that is not valid for a group.
pub(in crate::directory) fn check_name(reader: &mut Reader<'_>, name: &str, at: &Path<'_>) {
    let help = "assign roles to it without listing it, or give this group another id";
    if everyone::is_reserved(reader, name, at, help) {
        return;
    }
    if check_id(reader, name, at) && !name.starts_with(GROUP) {
        let help = Some(format!("rename it to `{GROUP}{}`", shown(name)));
        let message = format!("the group `{}` does not begin with `{GROUP}`", shown(name));
        reader.issue(IssueCode::GroupMalformed, at, message, help);
    }
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    groups: &[(&str, &Value<'_>)],
    at: &Path<'_>,
    names: NameTable,
    subjects: &NameTable,
) -> Groups {
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    let mut direct: Vec<(usize, usize)> = Vec::new();
    let mut unlisted: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (name, value) in groups {
        let at = at.key(name);
        let Some(object) = reader.object(value, &at, &["title", "members"]) else { continue };
        if let Some(title) = object.get("title", &at) {
            reader.prose(title.value, &title.at);
        }
        let Some(members) = object.get("members", &at) else { continue };
        let Some(group) = names.find(name) else { continue };
        for (index, member) in reader.list(members.value, &members.at, (limits::SUBJECTS, "members")).iter().enumerate()
        {
            let at = members.at.index(index);
            let Some(member) = reader.text(member, &at).filter(|member| check_id(reader, member, &at)) else {
                continue;
            };
            if everyone::is_reserved_member(reader, member, &at) {
                continue;
            }
            if !member.starts_with(GROUP) {
                match subjects.find(member) {
                    Some(subject) => direct.push((subject, group)),
                    None => {
                        put(unlisted.entry(member).or_default(), group, true);
                    }
                }
            } else if let Some(junior) = names.find(member).and_then(|junior| parents.get_mut(junior)) {
                junior.push(group);
            } else {
                let message = format!("there is no group `{}`", shown(member));
                let help = || suggest::did_you_mean(member, names.iter());
                reader.unknown((Names::Groups, member), IssueCode::GroupUnknown, &at, message, help);
            }
        }
    }
    for parents in &mut parents {
        order::sort(parents);
        parents.dedup();
    }
    let nesting = Nesting::new(reader, at, &names, parents);
    Groups::new(names, nesting, subjects.len(), direct, &unlisted)
}
