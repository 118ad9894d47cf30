//! Reads the rules of the guards.

use super::find::find_role;
use super::resource::read_action;
use crate::document::{IssueCode, Names, Object, Path, Reader, Value};
use crate::policy::Policy;
use crate::policy::guards::{Boundary, IdleRule, Separation};
use crate::storage::arena::{Arena, BoundaryId};
use crate::storage::order;
use crate::types::action::{ActionTable, Actions, WRITES};
use crate::types::grammar::shown;
use crate::types::limits;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

pub(super) const KEYS: &[&str] = &["standalone_role", "idle_timeout", "support_role", "boundaries", "separation"];

pub(super) fn read_boundaries(
    reader: &mut Reader<'_>,
    guards: &Object<'_>,
    at: &Path<'_>,
    actions: &ActionTable,
) -> Arena<BoundaryId, Boundary> {
    let Some(entry) = guards.get("boundaries", at) else { return Arena::new() };
    let mut boundaries = Vec::new();
    for (name, value) in reader
        .defining(Names::Boundaries, |reader| reader.map(entry.value, &entry.at, (limits::BOUNDARIES, "boundaries")))
    {
        let at = entry.at.key(name);
        reader.is_name(name, &at);
        let Some(object) = reader.object(value, &at, &["limits", "match", "default", "from", "items"]) else {
            reader.lose(Names::Boundaries, name);
            continue;
        };
        let mut boundary = Boundary {
            name: name.into(),
            limits: Actions::empty(),
            match_all: true,
            default_all: false,
            from_groups: false,
            locks: false,
        };
        if let Some(value) = reader.required(&object, "limits", &at) {
            boundary.limits = read_limits(reader, value, &at.key("limits"), actions);
        }
        if let Some(entry) = object.get("match", &at) {
            boundary.match_all =
                reader.one_of(entry.value, &entry.at, &[("all", true), ("any", false)]).unwrap_or(true);
        }
        if let Some(entry) = object.get("from", &at) {
            boundary.from_groups = reader.one_of(entry.value, &entry.at, &[("groups", true)]).unwrap_or(false);
        }
        if let Some(entry) = object.get("items", &at) {
            boundary.locks = reader.one_of(entry.value, &entry.at, &[("locks", true)]).unwrap_or(false);
            if boundary.locks && !boundary.from_groups {
                let message = "a boundary that takes the values of items from locks compares them with groups";
                reader.issue(IssueCode::BoundaryItems, &entry.at, message, Some("add `from: groups`".to_string()));
            }
        }
        if let Some(entry) = object.get("default", &at) {
            boundary.default_all =
                reader.one_of(entry.value, &entry.at, &[("all", true), ("none", false)]).unwrap_or(false);
            if boundary.default_all && boundary.from_groups {
                let message = "a boundary that takes its values from groups cannot default to all";
                let help =
                    "write `default: none`: a subject without groups would hold more than one with groups".to_string();
                reader.issue(IssueCode::BoundaryDefault, &entry.at, message, Some(help));
            }
        }
        boundaries.push(boundary);
    }
    order::sort_by(&mut boundaries, |a, b| a.name.cmp(&b.name));
    boundaries.into()
}

fn read_limits(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, actions: &ActionTable) -> Actions {
    match value {
        Value::Text(word) if *word == WRITES => actions.writes(),
        Value::Text(word) => {
            let help = "write `writes`, or a list of actions".to_string();
            reader.issue(IssueCode::ValueRange, at, format!("`{}` is not a valid value here", shown(word)), Some(help));
            Actions::empty()
        }
        value => reader
            .in_any_case(|reader| {
                reader.names(value, at, (limits::ACTIONS, "actions"), |reader, name, at| {
                    read_action(reader, name, at, actions)
                })
            })
            .into_iter()
            .fold(Actions::empty(), Actions::union),
    }
}

/// Reads the rules that refer to roles.
pub(super) fn read(reader: &mut Reader<'_>, guards: &Object<'_>, at: &Path<'_>, policy: &mut Policy) {
    if let Some(entry) = guards.get("standalone_role", at) {
        let words = [("required", true), ("optional", false)];
        policy.guards.standalone_required = reader.one_of(entry.value, &entry.at, &words).unwrap_or(true);
    }
    if let Some(entry) = guards.get("idle_timeout", at) {
        policy.guards.idle = read_idle(reader, entry.value, &entry.at);
    }
    if let Some(entry) = guards.get("support_role", at)
        && let Some(name) = reader.name(entry.value, &entry.at)
    {
        policy.guards.support_role = find_role(reader, name, &entry.at, policy);
    }
    if let Some(entry) = guards.get("separation", at) {
        for (index, value) in
            reader.list(entry.value, &entry.at, (limits::CONSTRAINTS, "constraints")).iter().enumerate()
        {
            let separation = read_separation(reader, value, &entry.at.index(index), policy);
            policy.guards.separation.extend(separation);
        }
        policy.guards.separates_active = policy.guards.separation.iter().any(|constraint| !constraint.assigned);
    }
}

fn read_idle(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> IdleRule {
    let mut rule = IdleRule::default();
    let Some(object) = reader.object(value, at, &["default", "min", "max"]) else { return rule };
    for key in ["default", "min", "max"] {
        let Some(entry) = object.get(key, at) else { continue };
        let duration = reader.duration(entry.value, &entry.at);
        match key {
            "default" => rule.default = duration,
            "min" => rule.min = duration,
            _ => rule.max = duration,
        }
    }
    let ordered = rule.min.zip(rule.max).is_none_or(|(min, max)| min <= max);
    if !ordered || rule.default.is_some_and(|default| !rule.allows(default)) {
        let help = Some("choose them so that `min` <= `default` <= `max`".to_string());
        reader.issue(IssueCode::DurationBounds, at, "the default timeout is outside its bounds", help);
    }
    rule
}

fn read_separation(reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, policy: &Policy) -> Option<Separation> {
    let object = reader.object(value, at, &["id", "title", "description", "roles", "at_most", "when"])?;
    let id = reader.required(&object, "id", at).and_then(|id| reader.id(id, &at.key("id")));
    for key in ["title", "description"] {
        if let Some(text) = object.get(key, at) {
            reader.prose(text.value, &text.at);
        }
    }
    let mut roles = reader.required(&object, "roles", at).map_or_else(Vec::new, |value| {
        reader.names(value, &at.key("roles"), (limits::ROLES, "roles"), |reader, name, at| {
            find_role(reader, name, at, policy)
        })
    });
    order::sort(&mut roles);
    roles.dedup();
    let at_most = reader.required(&object, "at_most", at).and_then(|value| reader.count(value, &at.key("at_most"), 1));
    let assigned = reader
        .required(&object, "when", at)
        .and_then(|value| reader.one_of(value, &at.key("when"), &[("active", false), ("assigned", true)]));
    Some(Separation { id: id?.into(), assigned: assigned?, roles, at_most: at_most? })
}
