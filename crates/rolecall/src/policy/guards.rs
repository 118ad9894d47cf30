//! The rules of the guards that a policy sets.

use super::{Policy, resource, role};
use crate::document::{IssueCode, Names, Object, Path, Reader, Value};
use crate::storage::arena::{Arena, BoundaryId, Id, RoleId};
use crate::storage::codec;
use crate::storage::order;
use crate::types::action::{ActionTable, Actions, WRITES};
use crate::types::grammar::shown;
use crate::types::limits;
use crate::types::suggest;
use crate::types::timestamp::Duration;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

pub(super) const KEYS: &[&str] = &["standalone_role", "idle_timeout", "support_role", "boundaries", "separation"];

#[derive(Debug)]
pub(crate) struct GuardRules {
    pub(crate) standalone_required: bool,
    pub(crate) idle: IdleRule,
    pub(crate) support_role: Option<RoleId>,
    /// Sorted by name.
    pub(crate) boundaries: Arena<BoundaryId, Boundary>,
    /// The constraints on roles that are held together.
    pub(crate) separation: Vec<Separation>,
    /// Whether any of them is about active roles, and so a guard.
    pub(crate) separates_active: bool,
}

impl Default for GuardRules {
    fn default() -> Self {
        Self {
            standalone_required: false,
            idle: IdleRule::default(),
            support_role: None,
            boundaries: Arena::new(),
            separation: Vec::new(),
            separates_active: false,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct IdleRule {
    pub(crate) default: Option<Duration>,
    pub(crate) min: Option<Duration>,
    pub(crate) max: Option<Duration>,
}

impl IdleRule {
    /// Tells whether a timeout lies within the bounds, both included.
    pub(crate) fn allows(&self, timeout: Duration) -> bool {
        self.min.is_none_or(|min| min <= timeout) && self.max.is_none_or(|max| timeout <= max)
    }
}

/// A dimension that narrows which items a subject may act on.
#[derive(Debug)]
pub(crate) struct Boundary {
    pub(crate) name: Box<str>,
    /// The actions that it limits.
    pub(crate) limits: Actions,
    /// A subject needs all of an item's values, rather than any.
    pub(crate) match_all: bool,
    /// What a subject holds for whom nothing is said: everything, rather than nothing.
    pub(crate) default_all: bool,
    /// The subject's groups count as values.
    pub(crate) from_groups: bool,
}

/// At most so many of some roles may be held together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Separation {
    pub(crate) id: Box<str>,
    /// It is about assigned roles, and kept by administration; else about active ones, and a guard.
    pub(crate) assigned: bool,
    pub(crate) roles: Vec<RoleId>,
    pub(crate) at_most: usize,
}

impl GuardRules {
    /// Writes the boundaries, which roles tell of.
    pub(super) fn encode_boundaries(&self, out: &mut codec::Encoder) {
        out.count(self.boundaries.len());
        for boundary in self.boundaries.values() {
            out.text(&boundary.name);
            out.number(boundary.limits.bits());
            out.flags(&[boundary.match_all, boundary.default_all, boundary.from_groups]);
        }
    }

    pub(super) fn decode_boundaries(
        from: &mut codec::Decoder<'_>,
        actions: &ActionTable,
    ) -> Arena<BoundaryId, Boundary> {
        let mut boundaries = Vec::new();
        let actions = actions.names().count();
        from.each(&mut |from| {
            let (name, limits) = (from.text().into(), Actions::from_bits_retain(from.mask(actions)));
            let [match_all, default_all, from_groups] = from.flags();
            boundaries.push(Boundary { name, limits, match_all, default_all, from_groups });
        });
        from.check(boundaries.len() <= limits::BOUNDARIES);
        boundaries.into()
    }

    /// Writes the others, which tell of roles.
    pub(super) fn encode(&self, out: &mut codec::Encoder) {
        out.flag(self.standalone_required);
        for duration in [self.idle.default, self.idle.min, self.idle.max] {
            out.duration(duration);
        }
        out.option(self.support_role.map(|role| role.index() as u64));
        out.count(self.separation.len());
        for constraint in &self.separation {
            out.text(&constraint.id);
            out.flag(constraint.assigned);
            out.ids(&constraint.roles);
            out.count(constraint.at_most);
        }
    }

    /// Reads them, of so many roles.
    pub(super) fn read_stored(&mut self, from: &mut codec::Decoder<'_>, roles: usize) {
        self.standalone_required = from.flag();
        self.idle = IdleRule { default: from.duration(), min: from.duration(), max: from.duration() };
        self.support_role = from.option().map(|role| {
            from.check(role < roles as u64);
            RoleId::new(role as usize)
        });
        from.each(&mut |from| {
            let (id, assigned) = (from.text().into(), from.flag());
            let (roles, at_most) = (from.ids(roles), from.below(usize::MAX));
            self.separation.push(Separation { id, assigned, roles, at_most });
        });
        self.separates_active = self.separation.iter().any(|constraint| !constraint.assigned);
    }

    pub(crate) fn boundary(&self, name: &str) -> Option<BoundaryId> {
        let found = self.boundaries.values().binary_search_by(|boundary| (*boundary.name).cmp(name));
        found.ok().map(BoundaryId::new)
    }

    /// Finds a boundary, or tells that there is none.
    pub(crate) fn find_boundary(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<BoundaryId> {
        let found = self.boundary(name);
        if found.is_none() {
            let known = self.boundaries.values().iter().map(|boundary| &*boundary.name);
            let message = format!("the policy has no boundary `{}`", shown(name));
            let help = || suggest::did_you_mean(name, known);
            reader.unknown((Names::Boundaries, name), IssueCode::BoundaryUnknown, at, message, help);
        }
        found
    }
}

pub(super) fn read_boundaries(
    reader: &mut Reader<'_>,
    guards: &Object<'_>,
    at: &Path<'_>,
    actions: &ActionTable,
) -> Arena<BoundaryId, Boundary> {
    let Some(entry) = guards.get("boundaries", at) else { return Arena::new() };
    let mut boundaries = Vec::new();
    for (name, value) in reader
        .giving(Names::Boundaries, |reader| reader.map(entry.value, &entry.at, (limits::BOUNDARIES, "boundaries")))
    {
        let at = entry.at.key(name);
        reader.is_name(name, &at);
        let Some(object) = reader.object(value, &at, &["limits", "match", "default", "from"]) else {
            reader.lose(Names::Boundaries, name);
            continue;
        };
        let mut boundary = Boundary {
            name: name.into(),
            limits: Actions::empty(),
            match_all: true,
            default_all: false,
            from_groups: false,
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
            reader.issue(IssueCode::ValueRange, at, format!("`{}` is not possible here", shown(word)), Some(help));
            Actions::empty()
        }
        value => reader
            .names(value, at, (limits::ACTIONS, "actions"), |reader, name, at| {
                resource::read_action(reader, name, at, actions)
            })
            .into_iter()
            .fold(Actions::empty(), Actions::union),
    }
}

/// Reads the guards that need the roles.
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

pub(super) fn find_role(reader: &mut Reader<'_>, name: &str, at: &Path<'_>, policy: &Policy) -> Option<RoleId> {
    let found = policy.role(name);
    if found.is_none() {
        role::unknown(reader, name, at, policy.roles());
    }
    found
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
