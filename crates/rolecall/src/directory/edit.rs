//! Single changes without recompiling the directory. A change has the form of its part of the document and is validated
//! in the same way.

use super::change::DirectoryChange;
use super::compiled::Sources;
use super::everyone;
use super::group::Member;
use super::read::assignment::read_one;
use super::read::scope::find_scope;
use super::read::{group, locks, overlays, scope, settings, subject};
use super::roles::Roles;
use super::{Directory, Holder};
use crate::document::{CompileError, DocumentKind, IssueCode, NoPositions, Object, Path, Reader, Value, parse_json};
use crate::storage::arena::{GroupId, Id, RoleId, ScopeId, SubjectKey};
use crate::types::grammar::{GROUP, shown};
use crate::types::limits;
use crate::types::suggest;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

const KEYS: &[&str] = &[
    "assign",
    "withdraw",
    "join",
    "leave",
    "set_subject",
    "set_role",
    "remove_role",
    "set_overlay",
    "remove_overlay",
    "set_settings",
    "set_lock",
    "add_group",
    "remove_group",
    "add_scope",
    "set_instance_type",
];

impl Directory {
    /// Applies one change and returns whether the directory changed. Adding an assignment that exists, or withdrawing
    /// one that does not, changes nothing.
    ///
    /// Assignments, members and subjects take microseconds for any size of directory. A group in a group rebuilds the
    /// nesting of all groups. Custom roles, overlays, groups and scopes renumber the directory, which takes some nanoseconds for
    /// each assignment.
    ///
    /// ```
    /// # use rolecall::{Directory, Policy};
    /// use rolecall::change::{Assignment, DirectoryChange};
    ///
    /// # let policy = Policy::from_json(r#"{"rolecall":1,"scopes":["account"],
    /// #     "resources":{"segments":{"actions":["view"]}},"roles":{"viewer":{"grants":["segments:view"]}}}"#)?;
    /// # let mut directory = Directory::from_json(policy.into(), r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}}}"#)?;
    /// let change = DirectoryChange::Assign(Assignment::new("user:ada", "viewer", "acme"));
    /// assert!(directory.apply(&change)?);
    /// assert!(!directory.apply(&change)?, "it is assigned already");
    ///
    /// let wrong = DirectoryChange::Assign(Assignment::new("user:ada", "viewr", "acme"));
    /// let issues = directory.apply(&wrong).unwrap_err().issues;
    /// assert_eq!((issues[0].code.as_str(), issues[0].path.as_str()), ("role.unknown", "assign.role"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// All issues of the change; then the directory is unchanged. Issues of custom roles and settings have the paths of
    /// the document.
    pub fn apply(&mut self, change: &DirectoryChange<'_>) -> Result<bool, CompileError> {
        self.apply_value(&change.to_value())
    }

    /// Applies one change in JSON like [`apply`](Self::apply). The text is a map with one key:
    ///
    /// - `assign` or `withdraw` with an assignment, `{"subject", "role", "at", "below"?, "boundaries"?, "from"?,
    ///   "until"?}`;
    /// - `join` or `leave` with a membership, `{"group", "member"}`;
    /// - `set_subject` with `{"subject", "status"?, …}`: lists a subject, or replaces its entry;
    /// - `set_role` with `{"at", "role", "title"?, "inherits"?, "grants"?, …}`, a custom role, and `remove_role` with
    ///   `{"at", "role"}`, if the role is not assigned;
    /// - `set_overlay` with `{"at", "role", "title"?, "grants"?, "except"?, "reads"?, …}`: edits a role of the policy at a
    ///   scope, and `remove_overlay` with `{"at", "role"}` removes these edits;
    /// - `set_settings` with `{"at", "support_access"?, …}`: replaces the settings of a scope, or removes them;
    /// - `set_lock` with `{"at", "item", "groups"?, "owner"?}`: sets the groups that may edit an item, or unlocks it;
    /// - `add_group` with its id, and `remove_group`, if it has no roles, no members, no parents and no locked items;
    /// - `add_scope` with its path;
    /// - `set_instance_type` with `{"at", "instance_type"?}`: states the type of instance of an outermost scope, or removes it.
    ///
    /// # Errors
    /// All issues of the change; then the directory is unchanged.
    pub fn apply_json(&mut self, change: &str) -> Result<bool, CompileError> {
        self.apply_value(&parse_json(DocumentKind::Directory, change)?)
    }

    fn apply_value(&mut self, change: &Value<'_>) -> Result<bool, CompileError> {
        let mut reader = Reader::new(DocumentKind::Directory, &NoPositions);
        let changed = self.read_change(&mut reader, change);
        reader.finish()?;
        Ok(changed)
    }

    fn read_change(&mut self, reader: &mut Reader<'_>, change: &Value<'_>) -> bool {
        let root = Path::ROOT;
        let Some(object) = reader.object(change, &root, KEYS) else { return false };
        let given: Vec<&str> = KEYS.iter().copied().filter(|key| object.value(key).is_some()).collect();
        let &[key] = given.as_slice() else {
            let message = format!("a change has exactly one key, not {}", given.len());
            let help = Some(format!("use one of {}", KEYS.join(", ")));
            reader.issue(IssueCode::KeyMissing, &root, message, help);
            return false;
        };
        let Some(value) = object.value(key) else { return false };
        let at = root.key(key);
        match key {
            "assign" | "withdraw" => {
                let is_everyone = everyone::holds(value);
                if is_everyone {
                    self.set_everyone(true);
                }
                let changed = self.change_assignment(reader, value, &at, key == "assign");
                if is_everyone {
                    self.drop_unused_everyone();
                }
                changed
            }
            "join" | "leave" => self.read_membership(reader, value, &at, key == "join"),
            "set_subject" => self.set_subject(reader, value, &at),
            "set_role" | "remove_role" => self.change_role(reader, value, &at, key == "set_role").unwrap_or(false),
            "set_overlay" | "remove_overlay" => {
                self.change_overlay(reader, value, &at, key == "set_overlay").unwrap_or(false)
            }
            "set_settings" => self.set_settings(reader, value, &at).unwrap_or(false),
            "set_lock" => self.set_lock(reader, value, &at).unwrap_or(false),
            "add_group" | "remove_group" => self.change_group(reader, value, &at, key == "add_group").unwrap_or(false),
            "set_instance_type" => self.set_instance_type(reader, value, &at).unwrap_or(false),
            _ => self.add_scope(reader, value, &at).unwrap_or(false),
        }
    }

    fn change_assignment(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, add: bool) -> bool {
        let Some((holder, mut assignment, limit)) = read_one(reader, value, at, self) else { return false };
        if !reader.is_clean() {
            return false;
        }
        if add {
            assignment.limit = limit.map(|limit| self.assignments.add_limit(limit));
            return self.assignments.add(holder, assignment);
        }
        let is_limited = limit.is_some();
        assignment.limit = limit.and_then(|limit| self.assignments.find_limit(&limit));
        assignment.limit.is_some() == is_limited && self.assignments.remove(holder, assignment)
    }

    fn set_subject(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> bool {
        let before = self.subjects.len();
        reader.within(before + 1, (limits::SUBJECTS, "subjects"), at);
        let Some(key) = subject::set(reader, value, at, self) else { return false };
        if self.subjects.len() > before {
            let id = self.subjects.name(key).to_string();
            self.groups.list(&id, key);
        }
        self.groups.follow_everyone(&self.subjects, key);
        true
    }

    fn change_role(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, set: bool) -> Option<bool> {
        let (path, scope, object) =
            self.read_place(reader, value, at, if set { ROLE_KEYS } else { &["at", "role"] })?;
        let name = reader.required(&object, "role", at).and_then(|name| reader.text(name, &at.key("role")))?;
        let found = self.visible_role(name, scope).filter(|role| self.role(*role).scope == Some(scope));
        if !set {
            let Some(role) = found else {
                let message = format!("`{path}` has no custom role `{}`", shown(name));
                let here = self.roles.custom().iter().filter(|role| role.scope == Some(scope)).map(|role| &*role.name);
                let help = suggest::did_you_mean(name, here);
                reader.issue(IssueCode::RoleUnknown, &at.key("role"), message, help);
                return None;
            };
            let holders = self.assignments.holders(|held| self.original(held) == role);
            if holders > 0 {
                let holders = if holders == 1 { "one holder".to_string() } else { format!("{holders} holders") };
                let message = format!("the role `{name}` is still assigned to {holders}");
                let help = Some("withdraw these assignments first".to_string());
                reader.issue(IssueCode::RoleUsed, &at.key("role"), message, help);
                return None;
            }
        }
        let entry = set.then(|| without(value, &["at", "role"]));
        let sources = Arc::clone(&self.sources);
        let roles = with_entry(&sources.roles, path, name, entry)?.to_json();
        let overlays = sources.overlays.clone();
        self.replace_roles(reader, at, Sources { roles: roles.into(), overlays, settings: sources.settings.clone() })
    }

    fn change_overlay(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, set: bool) -> Option<bool> {
        let keys = if set { OVERLAY_KEYS } else { &["at", "role"] };
        let (path, _, object) = self.read_place(reader, value, at, keys)?;
        let name = reader.required(&object, "role", at).and_then(|name| reader.text(name, &at.key("role")))?;
        overlays::find_role(reader, name, &at.key("role"), self, self.roles.custom())?;
        let entry = set.then(|| without(value, &["at", "role"]));
        let sources = Arc::clone(&self.sources);
        let overlays = with_entry(&sources.overlays, path, name, entry)?.to_json();
        let roles = sources.roles.clone();
        self.replace_roles(reader, at, Sources { roles, overlays: overlays.into(), settings: sources.settings.clone() })
    }

    /// Replaces the custom roles and overlays by those of other sources.
    fn replace_roles(&mut self, reader: &mut Reader<'_>, at: &Path<'_>, sources: Sources) -> Option<bool> {
        if sources.roles == self.sources.roles && sources.overlays == self.sources.overlays {
            return Some(false);
        }
        let [roles, overlays] =
            [&sources.roles, &sources.overlays].map(|text| parse_json(DocumentKind::Directory, text));
        let roles = overlays::read_roles(reader, Some(&roles.ok()?), Some(&overlays.ok()?), self);
        if !reader.is_clean() {
            return None;
        }
        let before = (self.roles.clone(), self.assignments.clone());
        self.renumber_roles(roles);
        if let Some((role, scope)) = self.unassignable(self.policy.roles.len()) {
            let exists = self.is_available(role, scope);
            let code = if exists { IssueCode::RoleUnassignable } else { IssueCode::RoleUnavailable };
            let (role, scope) = (self.role(role).name.to_string(), self.scope_name(scope).to_string());
            let message = format!("the role `{role}` is assigned at `{scope}`, where this change no longer allows it");
            reader.issue(code, at, message, Some("withdraw the assignment first".to_string()));
            (self.roles, self.assignments) = before;
            return None;
        }
        self.sources = Arc::new(sources);
        self.index = self.indexed();
        Some(true)
    }

    /// Returns an assignment that its scope does not allow, of a role whose number is `base` or more.
    pub(super) fn unassignable(&self, base: usize) -> Option<(RoleId, ScopeId)> {
        let subjects = self.subjects.keys().map(Holder::Subject);
        let groups = self.groups.ids().map(Holder::Group);
        let mut held = subjects.chain(groups).flat_map(|holder| self.assignments_of(holder, usize::MAX));
        let found = held.find(|one| one.role.index() >= base && !self.is_assignable(one.role, one.scope));
        found.map(|one| (one.role, one.scope))
    }

    /// Replaces the custom roles and variants, and renumbers the assignments.
    fn renumber_roles(&mut self, roles: Roles) {
        let base = self.policy.roles.len();
        let after: Vec<RoleId> = self
            .roles
            .custom()
            .iter()
            .map(|role| {
                let key = (role.scope, &*role.name);
                let found = roles.custom().binary_search_by(|other| (other.scope, &*other.name).cmp(&key));
                RoleId::new(found.map_or(usize::MAX, |place| base + place))
            })
            .collect();
        let has_moved = after.iter().enumerate().any(|(place, role)| role.index() != base + place);
        let before = core::mem::replace(&mut self.roles, roles);
        if !has_moved && !before.has_variants() && !self.roles.has_variants() {
            return;
        }
        let old = Self { roles: before, ..self.clone() };
        let moved = |role: RoleId, scope: ScopeId| {
            let original = old.original(role);
            let place = original.index().checked_sub(base).and_then(|place| after.get(place));
            self.effective(place.copied().unwrap_or(original), scope)
        };
        let groups: Vec<Option<GroupId>> = self.groups.ids().map(Some).collect();
        self.assignments = self.assignments.renumbered(&moved, &|scope| scope, &groups);
    }

    fn set_settings(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Option<bool> {
        let (path, _, _) = self.read_place(reader, value, at, SETTINGS_KEYS)?;
        let sources = Arc::clone(&self.sources);
        let mut all = entries(parse_json(DocumentKind::Directory, &sources.settings).ok()?);
        let own = without(value, &["at"]);
        put(&mut all, path, Some(own).filter(|own| !matches!(own, Value::Map(keys) if keys.is_empty())));
        let all = Value::Map(all).sorted();
        let text = all.to_json();
        if *text == *sources.settings {
            return Some(false);
        }
        let governing = settings::read(reader, &all, &Path::ROOT.key("settings"), self);
        if !reader.is_clean() {
            return None;
        }
        let (roles, overlays) = (sources.roles.clone(), sources.overlays.clone());
        self.sources = Arc::new(Sources { roles, overlays, settings: text.into() });
        self.governing = governing.into();
        self.index = self.indexed();
        Some(true)
    }

    fn set_lock(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Option<bool> {
        let (_, scope, object) = self.read_place(reader, value, at, &["at", "item", "groups", "owner"])?;
        let item = reader.required(&object, "item", at).and_then(|item| reader.text(item, &at.key("item")))?;
        locks::check_item(reader, item, &at.key("item"));
        let groups = locks::read_groups(reader, &object, at, self);
        reader.within(self.locks.count() + 1, (limits::LOCKS, "locks"), at);
        reader.is_clean().then(|| self.locks.set(scope, item, &groups))
    }

    fn change_group(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, add: bool) -> Option<bool> {
        let id = reader.text(value, at)?;
        group::check_name(reader, id, at);
        if !reader.is_clean() {
            return None;
        }
        let found = self.groups.find(id);
        if add && (found.is_some() || !reader.within(self.groups.len() + 1, (limits::SUBJECTS, "groups"), at)) {
            return Some(false);
        }
        if !add {
            let group = self.find_group(reader, id, at)?;
            let has_members = self.groups.lists(group, self.subjects.keys());
            if self.holds_roles(group) || self.groups.is_nested(group) || has_members || self.locks.have(id) {
                let help = "withdraw its roles, let its members leave, and take it out of locks first".to_string();
                let help = Some(help);
                let message = format!("`{id}` holds roles, has members, is a member itself, or may edit locked items");
                reader.issue(IssueCode::GroupUsed, at, message, help);
                return None;
            }
        }
        self.put_group(id, add);
        Some(true)
    }

    /// Adds a group or removes an unused one, and renumbers the others.
    pub(super) fn put_group(&mut self, id: &str, add: bool) {
        let (groups, before) = self.groups.with(id, add);
        self.assignments = self.assignments.renumbered(&|role, _| role, &|scope| scope, &before);
        self.groups = groups;
    }

    fn add_scope(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Option<bool> {
        let path = scope::read_path(reader, value, at, &self.policy)?;
        if self.scope(path).is_some() {
            return Some(false);
        }
        if let Some((parent, _)) = path.rsplit_once('/')
            && self.scope(parent).is_none()
        {
            scope::report_orphan(reader, at, path, parent);
            return None;
        }
        if !reader.within(self.scopes.len() + 1, (limits::SCOPES, "scopes"), at) {
            return None;
        }
        let (scopes, moved) = self.scopes.with(path);
        let groups: Vec<Option<GroupId>> = self.groups.ids().map(Some).collect();
        self.assignments = self.assignments.renumbered(&|role, _| role, &moved, &groups);
        self.subjects = self.subjects.moved(&moved);
        self.roles = self.roles.moved(&moved);
        self.governing = self.governing.iter().map(|one| one.moved(&moved)).collect();
        self.instances = self.instances.iter().map(|(scope, number)| (moved(*scope), *number)).collect();
        self.locks = self.locks.moved(&moved);
        self.scopes = scopes;
        self.numbering += 1;
        self.index = self.indexed();
        Some(true)
    }

    /// Reads a map that names a scope under `at`.
    pub(super) fn read_place<'v>(
        &self,
        reader: &mut Reader<'_>,
        value: &'v Value<'v>,
        at: &Path<'_>,
        keys: &'static [&'static str],
    ) -> Option<(&'v str, ScopeId, Object<'v>)> {
        let object = reader.object(value, at, keys)?;
        let place = at.key("at");
        let path = reader.required(&object, "at", at).and_then(|path| reader.text(path, &place))?;
        let scope = find_scope(reader, path, &place, self)?;
        reader.is_clean().then_some((path, scope, object))
    }

    fn read_membership(&mut self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>, join: bool) -> bool {
        let Some(object) = reader.object(value, at, &["group", "member"]) else { return false };
        let (group_at, member_at) = (at.key("group"), at.key("member"));
        let group = reader.required(&object, "group", at).and_then(|group| reader.text(group, &group_at));
        let help = "list subjects, or remove them, instead";
        let group = group.filter(|group| !everyone::is_reserved(reader, group, &group_at, help));
        let group = group.and_then(|name| self.find_group(reader, name, &group_at));
        let member = reader.required(&object, "member", at).and_then(|member| reader.text(member, &member_at));
        let member = member.filter(|member| subject::check_id(reader, member, &member_at));
        let member = member.filter(|member| !everyone::is_reserved_member(reader, member, &member_at));
        let member = member.and_then(|id| {
            if id.starts_with(GROUP) {
                return self.find_group(reader, id, &member_at).map(Member::Group);
            }
            let listed: Option<SubjectKey> = self.subject(id);
            Some(listed.map_or(Member::Unlisted(id), Member::Subject))
        });
        let Some((group, member)) = group.zip(member).filter(|_| reader.is_clean()) else { return false };
        self.groups.set(reader, at, group, &member, join)
    }

    fn find_group(&self, reader: &mut Reader<'_>, name: &str, at: &Path<'_>) -> Option<GroupId> {
        let found = self.groups.find(name);
        if found.is_none() {
            let help = self.groups.like(name);
            reader.issue(IssueCode::GroupUnknown, at, format!("there is no group `{}`", shown(name)), help);
        }
        found
    }
}

const ROLE_KEYS: &[&str] = &["at", "role", "title", "description", "inherits", "grants", "except"];
const OVERLAY_KEYS: &[&str] = &["at", "role", "title", "description", "grants", "except", "reads"];
const SETTINGS_KEYS: &[&str] =
    &["at", "support_access", "support_reads", "ip_allow", "idle_timeout", "login", "second_factor"];

type Entries<'v> = Vec<(Cow<'v, str>, Value<'v>)>;

fn entries(value: Value<'_>) -> Entries<'_> {
    match value {
        Value::Map(entries) => entries,
        _ => Vec::new(),
    }
}

/// Returns a map by scope and name with the entry of a name set, or removed without a value.
fn with_entry<'v>(text: &'v str, path: &'v str, name: &'v str, entry: Option<Value<'v>>) -> Option<Value<'v>> {
    let mut by_scope = entries(parse_json(DocumentKind::Directory, text).ok()?);
    let mut here = take(&mut by_scope, path).map(entries).unwrap_or_default();
    put(&mut here, name, entry);
    put(&mut by_scope, path, (!here.is_empty()).then_some(Value::Map(here)));
    Some(Value::Map(by_scope).sorted())
}

/// Takes the value of a key and leaves null.
fn take<'v>(entries: &mut Entries<'v>, key: &str) -> Option<Value<'v>> {
    entries.iter_mut().find(|(known, _)| *known == key).map(|(_, value)| core::mem::replace(value, Value::Null))
}

/// Sets a key, or removes it without a value. New keys are appended.
fn put<'v>(entries: &mut Entries<'v>, key: &'v str, value: Option<Value<'v>>) {
    let place = entries.iter().position(|(known, _)| *known == key);
    match (place, value) {
        (Some(place), None) => {
            entries.remove(place);
        }
        (Some(place), Some(value)) => {
            if let Some((_, old)) = entries.get_mut(place) {
                *old = value;
            }
        }
        (None, Some(value)) => entries.push((key.into(), value)),
        (None, None) => {}
    }
}

/// Returns a map without some of its keys.
fn without<'v>(value: &Value<'v>, keys: &[&str]) -> Value<'v> {
    let Value::Map(entries) = value else { return Value::Map(Vec::new()) };
    Value::Map(entries.iter().filter(|(key, _)| !keys.contains(&&**key)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use alloc::vec::Vec;

    fn apply(engine: &mut Engine, text: &str) -> Result<bool, Vec<IssueCode>> {
        engine.apply_json(text).map_err(|error| error.issues.iter().map(|issue| issue.code).collect())
    }

    #[test]
    fn changes_are_validated_like_a_document() {
        let mut engine = Engine::from_json(
            r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#,
            r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}},"groups":{"group:a":{},"group:b":{}}}"#,
        )
        .unwrap();
        for (change, code) in [
            ("{}", IssueCode::KeyMissing),
            (r#"{"join":{},"leave":{}}"#, IssueCode::KeyMissing),
            (r#"{"assing":{}}"#, IssueCode::KeyUnknown),
            (r#"{"assign":{"subject":"user:bo","role":"r","at":"acme"}}"#, IssueCode::SubjectUnknown),
            (r#"{"assign":{"subject":"user:ada","role":"q","at":"acme"}}"#, IssueCode::RoleUnknown),
            (r#"{"withdraw":{"subject":"user:ada","role":"r","at":"zed"}}"#, IssueCode::ScopeUnknown),
            (r#"{"join":{"group":"group:c","member":"user:ada"}}"#, IssueCode::GroupUnknown),
            (r#"{"join":{"group":"group:a","member":"group:c"}}"#, IssueCode::GroupUnknown),
            (r#"{"join":{"group":"group:a","member":""}}"#, IssueCode::SubjectMalformed),
            (r#"{"join":{"group":"group:a","member":"group:a"}}"#, IssueCode::GroupCycle),
        ] {
            assert!(apply(&mut engine, change).unwrap_err().contains(&code), "{change}");
        }
        let nest = r#"{"join":{"group":"group:a","member":"group:b"}}"#;
        assert_eq!((apply(&mut engine, nest), apply(&mut engine, nest)), (Ok(true), Ok(false)));
        let circle = r#"{"join":{"group":"group:b","member":"group:a"}}"#;
        assert_eq!(apply(&mut engine, circle), Err([IssueCode::GroupCycle].to_vec()));
        assert_eq!(apply(&mut engine, r#"{"leave":{"group":"group:b","member":"group:a"}}"#), Ok(false));
    }

    #[test]
    fn handles_of_renumbered_scopes_allow_nothing() {
        let mut engine = Engine::from_json(
            r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#,
            r#"{"rolecall":1,"scopes":["b","c"],"subjects":{"user:ada":{}},"assignments":[{"subject":"user:ada","role":"r","at":"b"}]}"#,
        )
        .unwrap();
        let time = crate::Timestamp::from_millis(0).unwrap();
        let (ada, view) = (engine.subject("user:ada").unwrap(), engine.policy().permission("a:view").unwrap());
        let before = engine.scope("b").unwrap();
        let all = |engine: &Engine, scope| {
            let mut words = [7];
            engine.can_all(ada, scope, time, &mut words);
            words
        };
        assert!(engine.can(ada, view, before, time) && all(&engine, before) == [1]);
        assert_eq!(apply(&mut engine, r#"{"add_scope":"a"}"#), Ok(true));
        assert!(!engine.can(ada, view, before, time) && all(&engine, before) == [0]);
        let after = engine.scope("b").unwrap();
        assert!(engine.can(ada, view, after, time) && all(&engine, after) == [1]);
    }

    #[test]
    fn sessions_keep_the_state_they_were_created_from() {
        let mut engine = Engine::from_json(
            r#"{"rolecall":1,"scopes":["account"],"resources":{"a":{"actions":["view"]}},"roles":{"r":{"grants":["a:view"]}}}"#,
            r#"{"rolecall":1,"scopes":["acme"],"subjects":{"user:ada":{}}}"#,
        )
        .unwrap();
        let context = crate::Context::new("acme", "2026-11-21T10:00:00Z").unwrap();
        let ada = crate::SubjectId::parse("user:ada").unwrap();
        let before = engine.session(ada, context.clone());
        let assign = r#"{"assign":{"subject":"user:ada","role":"r","at":"acme"}}"#;
        assert_eq!((apply(&mut engine, assign), apply(&mut engine, assign)), (Ok(true), Ok(false)));
        let after = engine.session(ada, context);
        let view = engine.policy().permission("a:view").unwrap();
        assert_eq!((before.can(view), after.can(view)), (false, true));
        assert_eq!((before.check(view, None).allow, after.check(view, None).allow), (false, true));
        assert_eq!(apply(&mut engine, &assign.replace("assign", "withdraw")), Ok(true));
        assert_eq!(apply(&mut engine, &assign.replace("assign", "withdraw")), Ok(false));
    }
}
