//! Reads subjects.

use super::scope::find_scope;
use crate::directory::Directory;
use crate::directory::subject::{Entry, Status, Subject, Subjects, Values};
use crate::document::{IssueCode, Names, Object, Path, Reader, Value};
use crate::storage::arena::{BoundaryId, SubjectKey};
use crate::storage::order;
use crate::types::grammar::{GROUP, SUBJECT_HELP, SUPPORT, is_subject, shown};
use crate::types::limits;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

const KEYS: &[&str] = &["status", "invited_until", "native", "external", "boundaries"];
const CHANGE_KEYS: &[&str] = &["subject", "status", "invited_until", "native", "external", "boundaries"];

pub(super) fn read(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Subjects {
    let mut listed = reader.defining(Names::Subjects, |reader| reader.map(value, at, (limits::SUBJECTS, "subjects")));
    order::sort_by(&mut listed, |(a, _), (b, _)| a.cmp(b));
    let mut entries = Vec::with_capacity(listed.len());
    for (id, value) in listed {
        let at = at.key(id);
        check_listed(reader, id, &at);
        let object = reader.object(value, &at, KEYS).unwrap_or_default();
        let (subject, spelled) = read_one(reader, id, &object, &at, directory);
        entries.push(Entry::new(id, subject, spelled));
    }
    Subjects::new(&entries)
}

/// Reads a change: the entry of a subject in the form of the document, plus its id. Returns the subject if anything
/// changed.
pub(in crate::directory) fn set(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &mut Directory,
) -> Option<SubjectKey> {
    let object = reader.object(value, at, CHANGE_KEYS)?;
    let id_at = at.key("subject");
    let id = reader.required(&object, "subject", at).and_then(|id| reader.text(id, &id_at))?;
    check_listed(reader, id, &id_at);
    let (subject, spelled) = read_one(reader, id, &object, at, directory);
    if !reader.is_clean() {
        return None;
    }
    directory.subjects.set(id, subject, spelled)
}

/// Reports an id that is not valid for a subject.
fn check_listed(reader: &mut Reader<'_>, id: &str, at: &Path<'_>) {
    check_id(reader, id, at);
    if id.starts_with(GROUP) {
        let help = Some("list it under `groups`".to_string());
        reader.issue(IssueCode::SubjectMalformed, at, format!("`{}` is a group, not a subject", shown(id)), help);
    }
}

pub(in crate::directory) fn check_id(reader: &mut Reader<'_>, id: &str, at: &Path<'_>) -> bool {
    let good = is_subject(id);
    if !good {
        let message = format!("`{}` is not a subject id", shown(id));
        reader.issue(IssueCode::SubjectMalformed, at, message, Some(SUBJECT_HELP.to_string()));
    }
    good
}

fn read_one<'v>(
    reader: &mut Reader<'_>,
    id: &str,
    object: &Object<'v>,
    at: &Path<'_>,
    directory: &Directory,
) -> (Subject, Vec<(BoundaryId, Values<'v>)>) {
    let support = id.starts_with(SUPPORT);
    let mut subject = Subject { status: Status::Active, invited_until: None, native: None, external: false, support };
    let mut bounds = Vec::new();
    if let Some(entry) = object.get("status", at) {
        let words = [
            ("active", Status::Active),
            ("invited", Status::Invited),
            ("suspended", Status::Suspended),
            ("removed", Status::Removed),
        ];
        subject.status = reader.one_of(entry.value, &entry.at, &words).unwrap_or(Status::Suspended);
    }
    if let Some(entry) = object.get("invited_until", at) {
        subject.invited_until = reader.timestamp(entry.value, &entry.at);
    }
    if let Some(entry) = object.get("native", at)
        && let Some(path) = reader.text(entry.value, &entry.at)
    {
        subject.native = find_scope(reader, path, &entry.at, directory);
    }
    if let Some(entry) = object.get("external", at) {
        subject.external = reader.flag(entry.value, &entry.at).unwrap_or(false);
    }
    if let Some(entry) = object.get("boundaries", at) {
        for (name, value) in reader.map(entry.value, &entry.at, (limits::BOUNDARIES, "boundaries")) {
            let at = entry.at.key(name);
            let boundary = directory.policy.guards.find_boundary(reader, name, &at);
            let values = read_values(reader, value, &at);
            bounds.extend(boundary.map(|boundary| (boundary, values)));
        }
    }
    (subject, bounds)
}

pub(super) fn read_values<'v>(reader: &mut Reader<'_>, value: &'v Value<'v>, at: &Path<'_>) -> Values<'v> {
    match value {
        Value::Text(text) if *text == "*" => Values::All,
        Value::Text(text) => {
            let message = format!("`{}` is not a list of values", shown(text));
            let help = format!("write a list of values, such as `[\"{}\"]`, or `\"*\"` for all", shown(text));
            reader.issue(IssueCode::BoundaryValue, at, message, Some(help));
            Values::Some(Vec::new())
        }
        value => {
            let mut values: Vec<&str> = Vec::new();
            for (index, item) in reader.list(value, at, (limits::BOUNDARY_VALUES, "values")).iter().enumerate() {
                let at = at.index(index);
                let Some(text) = reader.text(item, &at) else { continue };
                if text == "*" || !is_subject(text) {
                    let help =
                        "a value has 1 to 256 bytes and no control characters; write `\"*\"` alone, not in a list";
                    let message = format!("`{}` is not a value of a boundary", shown(text));
                    reader.issue(IssueCode::BoundaryValue, &at, message, Some(help.to_string()));
                } else {
                    values.push(text);
                }
            }
            order::sort(&mut values);
            values.dedup();
            Values::Some(values)
        }
    }
}
