//! The policy and a directory as an actor may see them at a scope and below. An engine of these documents shows the
//! effect of a change before it is made.
//!
//! The directory has what the lists of holders and roles show: no names of people, nothing of other tenants, and of a
//! guest only what it holds here. It answers at the scope and below as the whole directory does, except for:
//!
//! - roles at scopes above that the actor does not know, such as those of an operator of the installation;
//! - the status and the boundary values that a guest has at its own tenant;
//! - support staff, if the actor may not see their access;
//! - addresses, login methods, second factors, timeouts and locks on items, which are not part of it.

use crate::command::Context;
use crate::everyone::EVERYONE;
use crate::lists::{AccessList, HeldRoleState, HolderKind, ListQuery};
use crate::object::{ObjectKey, ObjectKind, Settings, Status, Subject, place, to_value};
use crate::refusal::Refusal;
use crate::scope::{Scope, is_below};
use crate::state::State;
use crate::transaction::{GROUP, SUPPORT, Transaction};
use crate::view::View;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The documents that an engine needs to answer at a scope and below.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VisibleDocuments {
    /// The scope.
    pub at: String,
    /// Whether the directory has the people, applications and groups.
    pub people: bool,
    /// The policy document.
    pub policy: Value,
    /// The directory document.
    pub directory: Value,
}

impl State {
    /// Returns the policy and a directory as the actor may see them at a scope and below. Requires the permission of
    /// `view-roles` there. Without that of `view-access`, the directory has scopes and roles, and nobody who holds them.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_documents(&self, at: &str, context: &Context) -> Result<VisibleDocuments, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Roles.name(), at)?;
        let people = transaction.require(View::Access.name(), at).is_ok();
        let visible = if people {
            let query = ListQuery::default();
            let list = AccessList::new(&transaction, at, &query, &|_| None)?;
            Visible::new(&transaction, &list, at)
        } else {
            Visible::of_nobody(&transaction, at)
        };
        let policy = serde_json::from_str(self.policy()).unwrap_or_default();
        Ok(VisibleDocuments { at: at.to_string(), people, policy, directory: visible.directory() })
    }
}

/// What the actor may see at a scope.
struct Visible<'t, 's> {
    transaction: &'t Transaction<'s>,
    at: &'t str,
    /// Whether the actor may see which support staff have access.
    sees_support: bool,
    /// The assignments at the scope, below it and above it, in scopes that the actor knows.
    assignments: Vec<(ObjectKind, &'s Value)>,
    subjects: BTreeMap<&'s str, Subject>,
    groups: BTreeMap<&'s str, &'s Value>,
}

impl<'t, 's> Visible<'t, 's> {
    fn new(transaction: &'t Transaction<'s>, list: &AccessList<'_, 's>, at: &'t str) -> Self {
        let (sees_support, subjects) = (transaction.require(View::Support.name(), at).is_ok(), BTreeMap::new());
        let assignments = assignments(transaction, at);
        let groups = groups(transaction.state, list, &assignments);
        let mut visible = Self { transaction, at, sees_support, assignments, subjects, groups };
        let kinds = HolderKind::ALL.into_iter().filter(|kind| *kind != HolderKind::Groups);
        kinds.for_each(|kind| list.subjects(kind).iter().for_each(|found| visible.add(found.row.0, list)));
        let administered: BTreeSet<&str> = list.groups().iter().map(|found| found.row.0).collect();
        let here = visible.groups.iter().filter(|(id, _)| administered.contains(**id));
        let members: Vec<&str> = here.flat_map(|(_, group)| members(group)).collect();
        members.into_iter().for_each(|member| visible.add(member, list));
        visible
    }

    fn of_nobody(transaction: &'t Transaction<'s>, at: &'t str) -> Self {
        let (assignments, subjects, groups) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { transaction, at, sees_support: false, assignments, subjects, groups }
    }

    /// Adds a subject as the actor sees it. One that the actor does not know is left out.
    fn add(&mut self, id: &'s str, list: &AccessList<'_, 's>) {
        if id.starts_with(GROUP) || self.subjects.contains_key(id) || (id.starts_with(SUPPORT) && !self.sees_support) {
            return;
        }
        let Some(seen) = list.seen_subject(id).filter(|seen| seen.status != Status::Removed) else { return };
        let native = seen.native.filter(|native| self.has_scope(native));
        self.subjects.insert(id, Subject { native, departed: false, ..seen });
    }

    /// Returns whether the directory has a scope: the one that is viewed, those above it and those below it.
    fn has_scope(&self, scope: &str) -> bool {
        is_near(scope, self.at) && self.transaction.state.value(&ObjectKey::new(ObjectKind::Scope, scope)).is_some()
    }

    fn directory(&self) -> Value {
        let state = self.transaction.state;
        let scopes = state.all::<Scope>(ObjectKind::Scope).filter(|(scope, _)| is_near(scope, self.at));
        let (mut paths, mut types) = (Vec::new(), Map::new());
        for (path, Scope { instance_type }) in scopes {
            paths.push(path);
            types.extend(instance_type.map(|stated| (path.to_string(), Value::String(stated))));
        }
        let subjects = self.subjects.iter().map(|(id, subject)| ((*id).to_string(), compact(subject)));
        let groups = self.groups.iter().map(|(id, group)| ((*id).to_string(), self.group(group)));
        json!({
            "rolecall": 1,
            "scopes": paths,
            "instance_types": types,
            "roles": self.placed(ObjectKind::Role, &["title", "description"]),
            "overlays": self.placed(ObjectKind::Overlay, &["title", "description"]),
            "groups": groups.collect::<Map<_, _>>(),
            "subjects": subjects.collect::<Map<_, _>>(),
            "assignments": self.assignments.iter().filter_map(|one| self.assignment(*one)).collect::<Vec<_>>(),
            "settings": self.settings(),
        })
    }

    /// Returns the objects of a kind by scope and name, without texts for people.
    fn placed(&self, kind: ObjectKind, texts: &[&str]) -> Value {
        let mut all: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for (id, value) in self.transaction.state.values(kind) {
            let (scope, name) = place(id);
            if is_near(scope, self.at) {
                all.entry(scope).or_default().insert(name.to_string(), without(value, texts));
            }
        }
        json!(all)
    }

    fn group(&self, group: &Value) -> Value {
        let mut found = BTreeSet::new();
        self.add_members(group, &mut found, &mut BTreeSet::new());
        json!({ "members": found })
    }

    /// Adds the members that the directory has. Those of a group that the actor may not know become direct members.
    fn add_members<'g>(&'g self, group: &'g Value, found: &mut BTreeSet<&'g str>, followed: &mut BTreeSet<&'g str>) {
        for member in members(group) {
            if self.subjects.contains_key(member) || self.groups.contains_key(member) {
                found.insert(member);
            } else if member.starts_with(GROUP) && followed.insert(member) {
                let inside = self.transaction.state.value(&ObjectKey::new(ObjectKind::Group, member));
                inside.into_iter().for_each(|inside| self.add_members(inside, found, followed));
            }
        }
    }

    /// Returns an assignment whose holder the directory has.
    fn assignment(&self, (kind, one): (ObjectKind, &Value)) -> Option<Value> {
        let holder = text(one, "subject")?;
        let is_pending = kind == ObjectKind::Pending;
        let subject = self.subjects.get(holder);
        let is_held = match subject {
            // The role of an invitation holds after the subject has accepted it.
            Some(subject) => !is_pending || subject.status == Status::Invited,
            None => holder == EVERYONE || self.groups.contains_key(holder),
        };
        is_held.then(|| without(one, if is_pending { &["limits"] } else { &[] }))
    }

    /// Returns the access of support staff, which decides what they may do.
    fn settings(&self) -> Map<String, Value> {
        let all = self.transaction.state.all::<Settings>(ObjectKind::Settings);
        let near = all.filter(|(scope, _)| self.sees_support && is_near(scope, self.at));
        let support = near.map(|(scope, set)| {
            let Settings { support_access, support_reads, .. } = set;
            (scope.to_string(), to_value(&Settings { support_access, support_reads, ..Settings::default() }))
        });
        support.filter(|(_, set)| *set != json!({})).collect()
    }
}

/// Returns whether a scope is another one, above it or below it.
fn is_near(scope: &str, at: &str) -> bool {
    is_below(scope, at) || is_below(at, scope)
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn members(group: &Value) -> impl Iterator<Item = &str> {
    group.get("members").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Returns the assignments that have not ended, at scopes that the actor knows.
fn assignments<'s>(transaction: &Transaction<'s>, at: &str) -> Vec<(ObjectKind, &'s Value)> {
    let mut known: HashMap<&str, bool> = HashMap::new();
    let mut found = Vec::new();
    for kind in [ObjectKind::Assignment, ObjectKind::Pending] {
        for (_, one) in transaction.state.values(kind) {
            let Some(scope) = text(one, "at") else { continue };
            let mut is_known = || is_below(scope, at) || (is_below(at, scope) && transaction.viewer().knows(scope));
            let lasts = HeldRoleState::of(text(one, "from"), text(one, "until"), transaction.now);
            if *known.entry(scope).or_insert_with(&mut is_known) && lasts != HeldRoleState::Expired {
                found.push((kind, one));
            }
        }
    }
    found
}

/// Returns the groups that a list shows and those that hold one of the roles, with the groups inside them.
fn groups<'s>(
    state: &'s State,
    list: &AccessList<'_, 's>,
    assignments: &[(ObjectKind, &'s Value)],
) -> BTreeMap<&'s str, &'s Value> {
    let listed = list.groups().into_iter().map(|found| found.row.0).collect::<Vec<_>>();
    let holders = assignments.iter().filter_map(|(_, one)| text(one, "subject"));
    let mut ahead: Vec<&str> = holders.filter(|holder| holder.starts_with(GROUP)).chain(listed).collect();
    let mut groups = BTreeMap::new();
    while let Some(group) = ahead.pop() {
        let Some(value) = state.value(&ObjectKey::new(ObjectKind::Group, group)) else { continue };
        if groups.insert(group, value).is_none() {
            ahead.extend(members(value).filter(|member| member.starts_with(GROUP) && list.may_name_group(member)));
        }
    }
    groups
}

/// Returns a subject without what a directory takes as given.
fn compact(subject: &Subject) -> Value {
    let mut value = to_value(subject);
    if let Some(object) = value.as_object_mut().filter(|_| subject.status == Status::Active) {
        object.remove("status");
    }
    value
}

/// Returns an object without some keys.
fn without(object: &Value, keys: &[&str]) -> Value {
    let mut map = Map::deserialize(object).unwrap_or_default();
    map.retain(|key, _| !keys.contains(&key.as_str()));
    Value::Object(map)
}
