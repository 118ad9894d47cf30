//! Subjects: their status, where they are at home, and the values that bound what they may change.

use super::Directory;
use super::names::NameTable;
use crate::arena::{Arena, BoundaryId, ScopeId, SubjectKey};
use crate::document::{IssueCode, Path, Reader, Value};
use crate::instant::Instant;
use crate::limits;
use crate::names::{GROUP, SUPPORT, is_subject};
use crate::order;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Invited,
    Suspended,
    Removed,
}

#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) status: Status,
    pub(crate) invited_until: Option<Instant>,
    /// The scope whose login settings apply to the subject.
    pub(crate) native: Option<ScopeId>,
    /// Logs in by password or Google only.
    pub(crate) external: bool,
    /// Whether it is a member of support staff.
    pub(crate) support: bool,
    pub(crate) boundaries: Vec<(BoundaryId, Values)>,
}

/// What a subject holds in a boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// Everything, also what comes later.
    All,
    /// These, sorted.
    Some(Box<[Box<str>]>),
}

const KEYS: &[&str] = &["status", "invited_until", "native", "external", "boundaries"];
const SUBJECT_HELP: &str = "a subject id has 1 to 256 bytes and no control characters, such as `user:ada`";

pub(super) fn read(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    directory: &Directory,
) -> (NameTable, Arena<SubjectKey, Subject>) {
    let mut entries = reader.map(value, at, limits::SUBJECTS);
    order::sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
    let names = NameTable::new(entries.iter().map(|(id, _)| *id));
    let mut subjects = Arena::new();
    for (id, value) in entries {
        let at = at.key(id);
        check_id(reader, id, &at);
        if id.starts_with(GROUP) {
            let help = Some("list it under `groups`".to_string());
            reader.issue(IssueCode::SubjectMalformed, &at, format!("`{id}` is a group"), help);
        }
        subjects.push(Subject { support: id.starts_with(SUPPORT), ..read_one(reader, value, &at, directory) });
    }
    (names, subjects)
}

pub(super) fn check_id(reader: &mut Reader<'_>, id: &str, at: &Path<'_>) -> bool {
    let good = is_subject(id);
    if !good {
        let message = format!("`{}` is not a subject id", id.escape_debug());
        reader.issue(IssueCode::SubjectMalformed, at, message, Some(SUBJECT_HELP.to_string()));
    }
    good
}

fn read_one(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, directory: &Directory) -> Subject {
    let mut subject = Subject {
        status: Status::Active,
        invited_until: None,
        native: None,
        external: false,
        support: false,
        boundaries: Vec::new(),
    };
    let Some(object) = reader.object(value, at, KEYS) else { return subject };
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
        subject.invited_until = reader.instant(entry.value, &entry.at);
    }
    if let Some(entry) = object.get("native", at)
        && let Some(path) = reader.text(entry.value, &entry.at)
    {
        subject.native = super::assignment::find_scope(reader, path, &entry.at, directory);
    }
    if let Some(entry) = object.get("external", at) {
        subject.external = reader.flag(entry.value, &entry.at).unwrap_or(false);
    }
    if let Some(entry) = object.get("boundaries", at) {
        for (name, value) in reader.map(entry.value, &entry.at, limits::BOUNDARIES) {
            let at = entry.at.key(name);
            let boundary = directory.policy.guards.find_boundary(reader, name, &at);
            let values = read_values(reader, value, &at);
            subject.boundaries.extend(boundary.map(|boundary| (boundary, values)));
        }
    }
    subject
}

fn read_values(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Values {
    match value {
        Value::Text(text) if *text == "*" => Values::All,
        Value::Text(text) => {
            let message = format!("`{text}` is not possible here");
            reader.issue(IssueCode::BoundaryValue, at, message, Some("`\"*\"`, or a list of values".to_string()));
            Values::Some(Box::default())
        }
        value => {
            let mut values = Vec::new();
            for (index, item) in reader.list(value, at, limits::BOUNDARY_VALUES).iter().enumerate() {
                let at = at.index(index);
                let Some(text) = reader.text(item, &at) else { continue };
                if text == "*" || !is_subject(text) {
                    let help =
                        "a value has 1 to 256 bytes and no control characters; `\"*\"` stands alone, not in a list";
                    let message = format!("`{}` is not a value of a boundary", text.escape_debug());
                    reader.issue(IssueCode::BoundaryValue, &at, message, Some(help.to_string()));
                } else {
                    values.push(text);
                }
            }
            Values::Some(super::sorted_unique(values))
        }
    }
}
