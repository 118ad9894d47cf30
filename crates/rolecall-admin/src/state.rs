//! The state: all objects, and the engine that decides from them.

use crate::command::{Command, Context};
use crate::event::{CLIENT_CREDENTIALS, Change, Event, ObjectType, Operation, SessionRecord};
use crate::logins::Logins;
use crate::object::{
    AccountLock, Assignment, Group, Invitation, ObjectKey, ObjectKind, POLICY, Role, Settings, Status, Subject, place,
    to_value,
};
use crate::objects::Objects;
use crate::overlay::Overlay;
use crate::policy_texts::PolicyTexts;
use crate::scope::Scope;
use rolecall::{CompileError, Directory, Engine, Policy, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The maximum number of single changes that the engine carries before they are merged into its tables.
const LOOSE: usize = 1024;

/// The whole state of administration after some event.
#[derive(Clone, Debug, Default)]
pub struct State {
    objects: Objects,
    version: u64,
    /// The number of the last event.
    events: u64,
    engine: Option<Engine>,
    loose: usize,
    /// The texts of the policy, once they are read.
    texts: OnceLock<Arc<PolicyTexts>>,
    pub(crate) logins: Arc<Logins>,
}

/// An event that does not continue a state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventMismatch(pub String);

impl fmt::Display for EventMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EventMismatch {}

/// The content of a directory document, as objects.
#[derive(Deserialize)]
struct Document {
    scopes: Vec<String>,
    #[serde(default)]
    instance_types: BTreeMap<String, String>,
    #[serde(default)]
    roles: BTreeMap<String, BTreeMap<String, Role>>,
    #[serde(default)]
    overlays: BTreeMap<String, BTreeMap<String, Overlay>>,
    #[serde(default)]
    groups: BTreeMap<String, Group>,
    #[serde(default)]
    subjects: BTreeMap<String, Subject>,
    #[serde(default)]
    assignments: Vec<Assignment>,
    #[serde(default)]
    settings: BTreeMap<String, Settings>,
    #[serde(default)]
    locks: BTreeMap<String, BTreeMap<String, AccountLock>>,
}

impl State {
    /// Returns the state before the first event: empty, so nobody has any permission.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the first event, which creates the state from a policy and a directory, both JSON text.
    ///
    /// # Errors
    /// Every issue of the policy. If the policy has no issue: every issue of the directory.
    pub fn first_event(policy: &str, directory: &str, actor: &str, time: Timestamp) -> Result<Event, CompileError> {
        Engine::from_json(policy, directory)?;
        let mut changes = Vec::new();
        let (mut invited, mut invitations) = (BTreeMap::new(), BTreeMap::new());
        let mut put = |key: ObjectKey, after: Value| {
            changes.push(Change { kind: key.kind, id: key.id, before: None, after: Some(after) });
        };
        put(ObjectKey::new(ObjectKind::Policy, POLICY), Value::String(policy.to_string()));
        // The document compiled, so it has this shape.
        if let Ok(document) = serde_json::from_str::<Document>(directory) {
            for scope in document.scopes {
                let instance_type = document.instance_types.get(&scope).cloned();
                put(ObjectKey::new(ObjectKind::Scope, scope), to_value(&Scope { instance_type }));
            }
            for (at, roles) in document.roles {
                for (role, body) in roles {
                    put(ObjectKey::role(&at, &role), to_value(&body));
                }
            }
            for (at, overlays) in document.overlays {
                for (role, overlay) in overlays {
                    put(ObjectKey::overlay(&at, &role), to_value(&overlay));
                }
            }
            for (id, mut subject) in document.subjects {
                subject.invited_until = subject.invited_until.map(canonical);
                if subject.status == Status::Invited {
                    invited.insert(id.clone(), subject.clone());
                }
                put(ObjectKey::new(ObjectKind::Subject, id), to_value(&subject));
            }
            for (id, group) in document.groups {
                put(ObjectKey::new(ObjectKind::Group, id), to_value(&group));
            }
            let mut assignments = BTreeMap::new();
            for mut one in document.assignments {
                (one.from, one.until) = (one.from.map(canonical), one.until.map(canonical));
                if let Some(subject) = invited.get(&one.subject) {
                    let Subject { invited_until: until, native, external, boundaries, .. } = subject.clone();
                    let (subject, at, by) = (one.subject.clone(), one.at.clone(), actor.to_string());
                    let invitation =
                        Invitation { subject, at, until, by, native, external, boundaries, ..Invitation::default() };
                    invitations.insert(invitation.key(), to_value(&invitation));
                }
                assignments.insert(one.key(), to_value(&one));
            }
            for (key, value) in assignments.into_iter().chain(invitations) {
                put(key, value);
            }
            for (at, settings) in document.settings {
                put(ObjectKey::new(ObjectKind::Settings, at), to_value(&settings));
            }
            for (at, locks) in document.locks {
                for (item, lock) in locks.into_iter().filter(|(_, lock)| *lock != AccountLock::default()) {
                    put(ObjectKey::lock(&at, &item), to_value(&lock));
                }
            }
        }
        Ok(Event {
            seq: 1,
            time: time.as_text(),
            actor: actor.to_string(),
            ip: None,
            peer: None,
            application: None,
            id: None,
            operation: Operation::Create,
            object_type: ObjectType::Tenant,
            command: None,
            changes,
            seen: None,
            session: None,
            mapped: None,
        })
    }

    /// Returns the version of this state: the number of the last event, except for events of sessions, which change
    /// nothing.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the number of events that led to this state.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    pub(crate) fn set_events(&mut self, events: u64) {
        self.events = events;
    }

    /// Returns the engine, or `None` before the first event.
    #[must_use]
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// Returns all objects, in order.
    pub fn objects(&self) -> impl Iterator<Item = (&ObjectKey, &Value)> {
        self.objects.iter()
    }

    pub(crate) fn shared_objects(&self) -> &Objects {
        &self.objects
    }

    /// Returns an object, or `None` if it does not exist.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, key: &ObjectKey) -> Option<T> {
        self.objects.get(key).and_then(|value| T::deserialize(value).ok())
    }

    /// Returns all objects of a kind, in order of their ids.
    pub fn all<T: DeserializeOwned>(&self, kind: ObjectKind) -> impl Iterator<Item = (&str, T)> {
        self.beginning(kind, "")
    }

    /// Returns all objects of a kind whose id begins with the given parts.
    pub(crate) fn beginning<T: DeserializeOwned>(
        &self,
        kind: ObjectKind,
        prefix: &str,
    ) -> impl Iterator<Item = (&str, T)> + use<'_, T> {
        let first = ObjectKey::new(kind, prefix);
        let found = self.objects.from(&first);
        let found = found.take_while(move |(key, _)| key.kind == kind && key.id.starts_with(&first.id));
        found.filter_map(|(key, value)| Some((key.id.as_str(), T::deserialize(value).ok()?)))
    }

    /// Returns all objects of a kind as they are stored, in order of their ids.
    pub(crate) fn values(&self, kind: ObjectKind) -> impl Iterator<Item = (&str, &Value)> {
        let found = self.objects.from(&ObjectKey::new(kind, "")).take_while(move |(key, _)| key.kind == kind);
        found.map(|(key, value)| (key.id.as_str(), value))
    }

    /// Returns the direct assignments of a subject or group.
    pub fn assignments_of(&self, holder: &str) -> impl Iterator<Item = Assignment> {
        let found = self.beginning::<Assignment>(ObjectKind::Assignment, &[holder, " "].concat());
        found.map(|(_, one)| one).filter(move |one| one.subject == holder)
    }

    pub(crate) fn value(&self, key: &ObjectKey) -> Option<&Value> {
        self.objects.get(key)
    }

    /// Returns which of these seals an object contains.
    #[must_use]
    pub fn contained_seals(&self, seals: &BTreeSet<String>) -> BTreeSet<String> {
        seals.iter().filter(|seal| self.objects.contain_seal(seal)).cloned().collect()
    }

    /// Returns the policy document as JSON text, which is empty before the first event.
    #[must_use]
    pub fn policy(&self) -> &str {
        self.value(&ObjectKey::new(ObjectKind::Policy, POLICY)).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the texts of the policy, which are read once.
    pub(crate) fn policy_texts(&self) -> &PolicyTexts {
        self.texts.get_or_init(|| Arc::new(PolicyTexts::read(self.policy())))
    }

    /// Returns the directory document.
    #[must_use]
    pub fn directory(&self) -> Value {
        directory(&self.objects)
    }

    /// Returns the state as canonical JSON text: equal states are equal bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut kinds: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for (key, value) in self.objects.iter() {
            kinds.entry(key.kind.as_str()).or_default().insert(key.id.clone(), value.clone());
        }
        json!({ "version": self.version, "objects": kinds }).to_string()
    }

    /// Restores a state from stored objects, after the event number `version`.
    ///
    /// # Errors
    /// [`EventMismatch`] if the objects do not form a policy and a directory.
    pub fn from_objects(objects: BTreeMap<ObjectKey, Value>, version: u64) -> Result<Self, EventMismatch> {
        let objects: Objects = objects.into_iter().collect();
        let engine = if objects.is_empty() { None } else { Some(compile(&objects)?) };
        Ok(Self { objects, version, events: version, engine, ..Self::default() })
    }

    /// Applies an event.
    ///
    /// # Errors
    /// [`EventMismatch`] if the event does not continue this state, which then remains unchanged.
    pub fn apply(&mut self, event: &Event) -> Result<(), EventMismatch> {
        if event.seq != self.events + 1 {
            return Err(EventMismatch(format!("event {} does not continue event {}", event.seq, self.events)));
        }
        if event.session.is_some() {
            if !event.changes.is_empty() || event.command.is_some() || self.engine.is_none() {
                return Err(EventMismatch(format!("event {} is of a session, and changes something", event.seq)));
            }
            self.events = event.seq;
            self.follow_login(event);
            return Ok(());
        }
        let mut before = Vec::new();
        let mut done = Ok(());
        for change in &event.changes {
            let key = change.key();
            let was = self.objects.get(&key);
            if was != change.before.as_ref() {
                let message =
                    format!("{} `{}` differs from the object that event {} changed", change.kind, change.id, event.seq);
                done = Err(EventMismatch(message));
                break;
            }
            before.push((key.clone(), was.cloned()));
            self.objects.put(key, change.after.clone());
        }
        let replaced = event.changes.iter().any(|change| change.kind == ObjectKind::Policy);
        if replaced {
            self.texts = OnceLock::new();
        }
        let done = done.and_then(|()| self.follow(event, replaced));
        if done.is_err() {
            for (key, value) in before.into_iter().rev() {
                self.objects.put(key, value);
            }
            self.engine = if self.objects.is_empty() { None } else { compile(&self.objects).ok() };
            return done;
        }
        (self.version, self.events) = (event.seq, event.seq);
        Ok(())
    }

    /// Updates the engine: by single changes, or by compiling everything if the policy changed.
    fn follow(&mut self, event: &Event, recompile: bool) -> Result<(), EventMismatch> {
        match self.engine.as_mut().filter(|_| !recompile) {
            None => self.engine = Some(compile(&self.objects)?),
            Some(engine) => {
                for change in &event.changes {
                    follow(engine, change).map_err(|error| EventMismatch(error.to_string()))?;
                    self.loose += 1;
                }
                if self.loose > LOOSE {
                    *engine = settled(engine)?;
                    self.loose = 0;
                }
            }
        }
        Ok(())
    }
}

/// Returns the same engine with its single changes merged into its tables.
fn settled(engine: &Engine) -> Result<Engine, EventMismatch> {
    Engine::from_snapshot_unchecked(engine.to_snapshot()).map_err(|error| EventMismatch(error.to_string()))
}

fn canonical(instant: String) -> String {
    Timestamp::parse(&instant).map_or(instant, Timestamp::as_text)
}

fn compile(objects: &Objects) -> Result<Engine, EventMismatch> {
    let policy = objects.get(&ObjectKey::new(ObjectKind::Policy, POLICY)).and_then(Value::as_str).unwrap_or_default();
    let broken = |error: CompileError| EventMismatch(error.to_string());
    let policy = Arc::new(Policy::from_json(policy).map_err(broken)?);
    compile_against(policy, objects).map_err(broken)
}

pub(crate) fn compile_against(policy: Arc<Policy>, objects: &Objects) -> Result<Engine, CompileError> {
    Directory::from_json(policy, &directory(objects).to_string()).map(Engine::new)
}

fn directory(objects: &Objects) -> Value {
    let mut scopes = Vec::new();
    let mut assignments = Vec::new();
    let mut roles: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut overlays: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut locks: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let (mut groups, mut subjects, mut settings) = (Map::new(), Map::new(), Map::new());
    let mut instance_types = Map::new();
    for (key, value) in objects.iter() {
        match key.kind {
            ObjectKind::Scope => {
                scopes.push(Value::String(key.id.clone()));
                instance_types.extend(value.get("instance_type").map(|stated| (key.id.clone(), stated.clone())));
            }
            ObjectKind::Role => {
                let (at, role) = place(&key.id);
                roles.entry(at).or_default().insert(role.to_string(), value.clone());
            }
            ObjectKind::Overlay => {
                let (at, role) = place(&key.id);
                overlays.entry(at).or_default().insert(role.to_string(), value.clone());
            }
            ObjectKind::Lock => {
                let (at, item) = place(&key.id);
                locks.entry(at).or_default().insert(item.to_string(), value.clone());
            }
            ObjectKind::Subject => _ = subjects.insert(key.id.clone(), without(value, &["departed"])),
            ObjectKind::Group => {
                // Directories do not state where a group is administered, or what it follows.
                groups.insert(key.id.clone(), without(value, &["at", "mapped"]));
            }
            ObjectKind::Assignment => assignments.push(value.clone()),
            ObjectKind::Settings => _ = settings.insert(key.id.clone(), without(value, &["passwords"])),
            ObjectKind::Policy
            | ObjectKind::Copy
            | ObjectKind::Request
            | ObjectKind::Invitation
            | ObjectKind::Pending
            | ObjectKind::Person
            | ObjectKind::Application
            | ObjectKind::PasswordReset
            | ObjectKind::SignOn
            | ObjectKind::Login => {}
        }
    }
    json!({
        "rolecall": 1, "scopes": scopes, "instance_types": instance_types, "roles": roles, "groups": groups, "subjects": subjects,
        "assignments": assignments, "settings": settings, "overlays": overlays, "locks": locks
    })
}

/// Returns an object without keys that only administration knows.
fn without(object: &Value, keys: &[&str]) -> Value {
    let mut map = object.as_object().cloned().unwrap_or_default();
    map.retain(|key, _| !keys.contains(&key.as_str()));
    Value::Object(map)
}

/// Applies a change to an engine. Objects that only administration uses change nothing there.
pub(crate) fn follow(engine: &mut Engine, change: &Change) -> Result<(), CompileError> {
    let id = change.id.as_str();
    let with = |value: Option<&Value>, keys: &[(&str, &str)]| {
        let mut map = value.and_then(Value::as_object).cloned().unwrap_or_default();
        for (key, value) in keys {
            map.insert((*key).to_string(), Value::String((*value).to_string()));
        }
        Value::Object(map)
    };
    let mut changes = Vec::new();
    match change.kind {
        ObjectKind::Policy
        | ObjectKind::Copy
        | ObjectKind::Request
        | ObjectKind::Invitation
        | ObjectKind::Pending
        | ObjectKind::Person
        | ObjectKind::Application
        | ObjectKind::PasswordReset
        | ObjectKind::SignOn
        | ObjectKind::Login => {}
        ObjectKind::Scope if change.before.is_none() => changes.push(json!({ "add_scope": id })),
        ObjectKind::Scope => {
            let stated = change.after.as_ref().and_then(|scope| scope.get("instance_type")?.as_str());
            let stated: Vec<(&str, &str)> = stated.map(|stated| ("instance_type", stated)).into_iter().collect();
            changes.push(json!({ "set_instance_type": with(None, &[&[("at", id)][..], &stated].concat()) }));
        }
        ObjectKind::Role => {
            let (at, role) = place(id);
            let verb = if change.after.is_some() { "set_role" } else { "remove_role" };
            changes.push(json!({ verb: with(change.after.as_ref(), &[("at", at), ("role", role)]) }));
        }
        ObjectKind::Overlay => {
            let (at, role) = place(id);
            let verb = if change.after.is_some() { "set_overlay" } else { "remove_overlay" };
            changes.push(json!({ verb: with(change.after.as_ref(), &[("at", at), ("role", role)]) }));
        }
        ObjectKind::Lock => {
            let (at, item) = place(id);
            changes.push(json!({ "set_lock": with(change.after.as_ref(), &[("at", at), ("item", item)]) }));
        }
        ObjectKind::Subject => {
            let after = change.after.as_ref().map(|subject| without(subject, &["departed"]));
            changes.push(json!({ "set_subject": with(after.as_ref(), &[("subject", id)]) }));
        }
        ObjectKind::Settings => {
            let after = change.after.as_ref().map(|settings| without(settings, &["passwords"]));
            changes.push(json!({ "set_settings": with(after.as_ref(), &[("at", id)]) }));
        }
        ObjectKind::Assignment => {
            let withdrawn = change.before.iter().map(|value| json!({ "withdraw": value }));
            changes.extend(withdrawn.chain(change.after.iter().map(|value| json!({ "assign": value }))));
        }
        ObjectKind::Group => {
            let members = |value: &Option<Value>| {
                value.as_ref().and_then(|value| Group::deserialize(value).ok()).unwrap_or_default().members
            };
            let (before, after) = (members(&change.before), members(&change.after));
            if change.before.is_none() {
                changes.push(json!({ "add_group": id }));
            }
            changes
                .extend(before.difference(&after).map(|member| json!({ "leave": { "group": id, "member": member } })));
            changes
                .extend(after.difference(&before).map(|member| json!({ "join": { "group": id, "member": member } })));
            if change.after.is_none() {
                changes.push(json!({ "remove_group": id }));
            }
        }
    }
    for change in changes {
        engine.apply_json(&change.to_string())?;
    }
    Ok(())
}

impl State {
    /// Returns the event of a command that changes nothing, which records that the command was given.
    #[must_use]
    pub fn event_of_nothing(&self, command: &Command, context: &Context) -> Event {
        let (operation, object_type) = command.audited(false);
        Event {
            seq: self.events + 1,
            time: context.time.clone(),
            actor: context.actor.clone(),
            ip: context.ip.clone(),
            peer: context.peer.clone(),
            application: context.application.clone(),
            id: context.id.clone(),
            operation,
            object_type,
            command: Some(command.clone()),
            changes: Vec::new(),
            seen: None,
            session: None,
            mapped: None,
        }
    }

    /// Returns the event that sets the time from which administration continues. The operator of the store creates it.
    #[must_use]
    pub fn event_of_clock(&self, actor: &str, time: Timestamp) -> Event {
        Event {
            seq: self.events + 1,
            time: time.as_text(),
            actor: actor.to_string(),
            ip: None,
            peer: None,
            application: None,
            id: None,
            operation: Operation::Update,
            object_type: ObjectType::Tenant,
            command: None,
            changes: Vec::new(),
            seen: None,
            session: None,
            mapped: None,
        }
    }

    /// Returns the event of a session. It changes nothing, and the version stays.
    #[must_use]
    pub fn event_of_session(
        &self,
        operation: Operation,
        session: SessionRecord,
        ip: Option<String>,
        time: Timestamp,
    ) -> Event {
        let object_type = match operation {
            Operation::SessionTimeout => ObjectType::PrivacySetting,
            _ if session.login.as_deref() == Some(CLIENT_CREDENTIALS) => ObjectType::Application,
            _ => ObjectType::User,
        };
        Event {
            seq: self.events + 1,
            time: time.as_text(),
            // Audits leave the name empty if nobody listed is known.
            actor: session.subject.clone().unwrap_or_default(),
            peer: ip.clone(),
            ip,
            application: None,
            id: None,
            operation,
            object_type,
            command: None,
            changes: Vec::new(),
            seen: None,
            session: Some(session),
            mapped: None,
        }
    }
}
