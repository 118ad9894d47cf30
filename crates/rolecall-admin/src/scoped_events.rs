//! Events as a reader of one scope may see them: without the names, ids and existence of other tenants.

use crate::event::{Change, Event, SessionRecord};
use crate::object::{Group, ObjectKind, Subject, place, to_value};
use crate::scope::is_below;
use crate::transaction::SUPPORT;
use crate::viewer::tenant_of;
use rolecall::Policy;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The actor of an event, if the reader does not know the actor. No subject has this id.
pub const HIDDEN_ACTOR: &str = "other";

/// The reasons for which a login fails before its user is known.
const BEFORE_NAME: [&str; 4] = ["login.provider", "login.token", "login.denied", "login.claim"];

/// Follows the events of an audit log from the first one, and returns each as a reader of one scope may see it.
///
/// A change is part of the scope if its object lies at the scope or below it. A subject does if it is one of the tenant
/// and belongs to the scope, holds a role there or is invited there. The reader knows the subjects that belong to the
/// scope, and those that hold a role at the scope, below it or above it. Everything that names another subject, group or
/// scope is omitted. If all scopes lie below the scope, its reader sees the events as they are.
#[derive(Clone, Debug)]
pub struct ScopedEvents {
    at: String,
    /// The tenant of the scope. What its administrators see of each other's commands is theirs already.
    tenant: String,
    /// What is known after the event.
    now: Known,
    /// What the event removed or replaced.
    gone: Known,
}

/// The objects that an audit log has led to, as far as they decide which names a reader knows.
#[derive(Clone, Debug, Default)]
struct Known {
    scopes: BTreeSet<String>,
    /// The identity domain of each subject.
    subjects: BTreeMap<String, Option<String>>,
    groups: BTreeMap<String, Group>,
    /// The scopes of the assignments of each subject or group, by the id of the assignment.
    held: BTreeMap<String, BTreeMap<String, String>>,
    /// The same for invitations, and for assignments that wait until one is accepted.
    invited: BTreeMap<String, BTreeMap<String, String>>,
}

impl ScopedEvents {
    /// Starts before the first event.
    #[must_use]
    pub fn new(at: impl Into<String>) -> Self {
        let at = at.into();
        Self { tenant: at.clone(), at, now: Known::default(), gone: Known::default() }
    }

    /// Takes the next event. Returns it as the reader may see it, or `None` if it does not concern the scope.
    #[must_use]
    pub fn next(&mut self, event: &Event) -> Option<Event> {
        self.gone = Known::default();
        for change in &event.changes {
            self.now.follow(change, &mut self.gone);
            let policy = change.after.as_ref().filter(|_| change.kind == ObjectKind::Policy).and_then(Value::as_str);
            if let Some(policy) = policy.and_then(|text| Policy::from_json(text).ok()) {
                self.tenant = tenant_of(&policy, &self.at).to_string();
            }
        }
        self.sees_everything().then(|| event.clone()).or_else(|| self.seen(event))
    }

    /// Returns whether the reader sees the events as they are, so that their hashes can be verified.
    #[must_use]
    pub fn sees_everything(&self) -> bool {
        !self.now.scopes.is_empty() && self.now.scopes.iter().all(|scope| is_below(scope, &self.at))
    }

    fn seen(&self, event: &Event) -> Option<Event> {
        if let Some(session) = &event.session {
            let session = Some(self.seen_session(session)?);
            let actor = session.iter().find_map(|session| session.subject.clone()).unwrap_or_default();
            return Some(Event { actor, session, ..event.clone() });
        }
        let is_insider = self.is_insider(&event.actor);
        let given: Vec<Change> = match &event.seen {
            Some(seen) if is_insider => seen.clone(),
            _ => event.changes.iter().map(without_hints).collect(),
        };
        let changes: Vec<Change> = given.iter().filter_map(|change| self.seen_change(change, is_insider)).collect();
        let mapped = event.mapped.clone().filter(|mapped| is_below(&mapped.domain, &self.at));
        if changes.is_empty() && mapped.is_none() {
            return None;
        }
        let knows_actor = !self.is_foreign(&event.actor);
        let whole = changes == given && knows_actor;
        let command = event.command.clone().filter(|command| whole && !self.names_foreign(&to_value(command)));
        let mut seen = Event { command, changes, seen: None, mapped, ..event.clone() };
        seen.application = seen.application.filter(|application| !self.is_foreign(application));
        if !knows_actor {
            (seen.actor, seen.ip, seen.peer, seen.application, seen.id) =
                (HIDDEN_ACTOR.to_string(), None, None, None, None);
        }
        Some(seen)
    }

    /// Returns a record of a session as the reader may see it. A session concerns the identity domain of its user, the
    /// scopes where the user holds roles, and the identity domain of its provider.
    fn seen_session(&self, session: &SessionRecord) -> Option<SessionRecord> {
        let is_here = |scope: &str| is_below(scope, &self.at);
        let is_foreign = |id: &str| !is_below(id, &self.at) && !is_below(&self.at, id);
        let mut seen = session.clone();
        if session.domain.as_deref().is_some_and(is_foreign) {
            // The provider belongs to another tenant.
            (seen.domain, seen.provider) = (None, None);
        }
        if session.subject.as_deref().is_some_and(|subject| self.concerns(subject, is_here)) {
            let is_guest = session.subject.as_deref().is_some_and(|one| self.natives(one).any(is_foreign));
            // The reason can be a rule or decision of another tenant.
            seen.reason = seen.reason.filter(|_| !is_guest);
            return Some(seen);
        }
        if !session.domain.as_deref().is_some_and(is_here) {
            return None;
        }
        if session.subject.as_deref().is_some_and(|subject| subject.starts_with(SUPPORT)) {
            // Support staff logged in at this tenant.
            return Some(seen);
        }
        // The provider of this tenant named someone of another tenant, or someone who is not listed. Both look the same.
        seen.subject = None;
        if seen.reason.as_ref().is_some_and(|reason| !BEFORE_NAME.contains(&reason.as_str())) {
            seen.reason = Some("login.refused".to_string());
        }
        Some(seen)
    }

    fn seen_change(&self, change: &Change, is_insider: bool) -> Option<Change> {
        let is_here = |scope: &str| is_below(scope, &self.at);
        let is_part = match change.kind {
            ObjectKind::Policy => false,
            ObjectKind::Scope | ObjectKind::Settings | ObjectKind::SignOn => is_here(&change.id),
            ObjectKind::Role | ObjectKind::Overlay | ObjectKind::Copy | ObjectKind::Lock => {
                is_here(place(&change.id).0)
            }
            ObjectKind::Subject | ObjectKind::Application => self.is_subject_here(change, is_insider),
            _ => stated(change, "at").any(is_here),
        };
        if !is_part {
            return None;
        }
        let mut seen = change.clone();
        if change.kind == ObjectKind::Group {
            for members in [&mut seen.before, &mut seen.after].into_iter().flatten() {
                if let Some(Value::Array(members)) = members.get_mut("members") {
                    members.retain(|member| member.as_str().is_some_and(|member| !self.is_foreign(member)));
                }
            }
        }
        let names = [&seen.before, &seen.after].into_iter().flatten().any(|value| self.names_foreign(value));
        let changed = seen.before != seen.after;
        (changed && !names && !self.has_foreign_word(&seen.id)).then_some(seen)
    }

    /// Returns whether a value names something that the reader does not know.
    fn names_foreign(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.has_foreign_word(text),
            Value::Array(values) => values.iter().any(|value| self.names_foreign(value)),
            Value::Object(map) => {
                map.iter().any(|(key, value)| self.has_foreign_word(key) || self.names_foreign(value))
            }
            _ => false,
        }
    }

    fn has_foreign_word(&self, text: &str) -> bool {
        let is_part = |letter: char| letter.is_alphanumeric() || ":/._-@+#".contains(letter);
        self.is_foreign(text)
            || text.split(|letter| !is_part(letter)).any(|word| {
                let word = word.trim_end_matches(['.', ':']);
                self.is_foreign(word) || word.split_once('#').is_some_and(|(scope, _)| self.is_foreign(scope))
            })
    }

    /// Returns whether a text is the id of something that is listed and that the reader does not know.
    fn is_foreign(&self, id: &str) -> bool {
        let is_near = |scope: &str| is_below(scope, &self.at) || is_below(&self.at, scope);
        if self.now.scopes.contains(id) {
            return !is_near(id);
        }
        if self.both().any(|known| known.groups.contains_key(id)) {
            // A group without a scope belongs to the installation.
            let mut groups = self.both().filter_map(|known| known.groups.get(id));
            return !groups.any(|group| group.at.as_deref().is_none_or(is_near));
        }
        let is_known = || self.concerns(id, is_near) || self.invited(id).any(is_near);
        self.both().any(|known| known.subjects.contains_key(id)) && !is_known()
    }

    fn both(&self) -> impl Iterator<Item = &Known> {
        [&self.now, &self.gone].into_iter()
    }

    /// Returns the identity domains of a subject.
    fn natives(&self, subject: &str) -> impl Iterator<Item = &str> {
        self.both().filter_map(move |known| known.subjects.get(subject)?.as_deref())
    }

    /// Returns the scopes of the direct assignments of a subject or group.
    fn held(&self, holder: &str) -> impl Iterator<Item = &str> {
        self.both().filter_map(move |known| known.held.get(holder)).flat_map(BTreeMap::values).map(String::as_str)
    }

    /// Returns the scopes to which a subject is or was invited.
    fn invited(&self, subject: &str) -> impl Iterator<Item = &str> {
        self.both().filter_map(move |known| known.invited.get(subject)).flat_map(BTreeMap::values).map(String::as_str)
    }

    /// Returns whether a subject is one of the tenant's own, and holds nothing elsewhere.
    fn is_insider(&self, subject: &str) -> bool {
        let groups = self.groups_of(subject).into_iter().flat_map(|group| self.held(group));
        let mut scopes = self.natives(subject).chain(self.held(subject)).chain(groups).peekable();
        scopes.peek().is_some() && scopes.all(|scope| is_below(scope, &self.tenant))
    }

    /// Returns whether the change of a subject is one of the tenant and concerns the scope.
    fn is_subject_here(&self, change: &Change, is_insider: bool) -> bool {
        let subject = change.id.as_str();
        let is_own = |scope: &str| is_below(scope, &self.tenant);
        let owned = if is_insider {
            // What an insider sees of a subject of another tenant is what they would see of a new one.
            stated(change, "native").all(is_own)
        } else if self.natives(subject).next().is_some() {
            self.natives(subject).any(is_own)
        } else {
            self.held(subject).next().is_some() && self.held(subject).all(is_own)
        };
        let is_here = |scope: &str| is_below(scope, &self.at);
        let is_native = stated(change, "native").any(is_here);
        owned && (is_native || self.concerns(subject, is_here) || self.invited(subject).any(is_here))
    }

    /// Returns whether a subject belongs to, or holds a role at, a scope for which `is_near` holds.
    fn concerns(&self, subject: &str, is_near: impl Fn(&str) -> bool + Copy) -> bool {
        self.natives(subject).any(is_near)
            || self.held(subject).any(is_near)
            || self.groups_of(subject).into_iter().any(|group| self.held(group).any(is_near))
    }

    /// Returns the groups that a subject belongs to, directly or through other groups.
    fn groups_of<'k>(&'k self, subject: &'k str) -> Vec<&'k str> {
        let mut holders = vec![subject];
        let mut next = 0;
        while let Some(member) = holders.get(next).copied() {
            next += 1;
            for (group, value) in self.both().flat_map(|known| &known.groups) {
                if value.members.contains(member) && !holders.contains(&group.as_str()) {
                    holders.push(group);
                }
            }
        }
        holders.split_off(1)
    }
}

/// Removes from a change the sign that its subject is listed elsewhere too.
fn without_hints(change: &Change) -> Change {
    let mut seen = change.clone();
    if seen.kind == ObjectKind::Pending {
        seen.kind = ObjectKind::Assignment;
        seen.hide("limits");
    }
    match seen.kind {
        ObjectKind::Invitation => seen.hide("guest"),
        ObjectKind::Subject => seen.hide("departed"),
        _ => {}
    }
    seen
}

/// Returns the text that the object of a change has under a key, before and after.
fn stated<'c>(change: &'c Change, key: &'c str) -> impl Iterator<Item = &'c str> {
    [&change.before, &change.after].into_iter().flatten().filter_map(move |value| value.get(key)?.as_str())
}

impl Known {
    /// Applies a change, and moves what it removes or replaces to `gone`.
    fn follow(&mut self, change: &Change, gone: &mut Self) {
        let id = change.id.clone();
        match change.kind {
            ObjectKind::Scope => _ = self.scopes.insert(id),
            ObjectKind::Subject => {
                let subject: Option<Subject> = read(change.after.as_ref());
                let before = self.subjects.insert(id.clone(), subject.and_then(|subject| subject.native));
                gone.subjects.extend(before.map(|before| (id, before)));
            }
            ObjectKind::Group => {
                let before = match read(change.after.as_ref()) {
                    Some(group) => self.groups.insert(id.clone(), group),
                    None => self.groups.remove(&id),
                };
                gone.groups.extend(before.map(|before| (id, before)));
            }
            ObjectKind::Assignment | ObjectKind::Pending | ObjectKind::Invitation => {
                let (held, gone) = match change.kind {
                    ObjectKind::Assignment => (&mut self.held, &mut gone.held),
                    _ => (&mut self.invited, &mut gone.invited),
                };
                let tie = |value: &Option<Value>| {
                    let text = |key: &str| value.as_ref()?.get(key)?.as_str().map(str::to_string);
                    Some((text("subject")?, text("at")?))
                };
                if let Some((subject, at)) = tie(&change.after) {
                    held.entry(subject).or_default().insert(id, at);
                } else if let Some((subject, at)) = tie(&change.before) {
                    held.get_mut(&subject).into_iter().for_each(|held| _ = held.remove(&id));
                    gone.entry(subject).or_default().insert(id, at);
                }
            }
            _ => {}
        }
    }
}

fn read<T: DeserializeOwned>(value: Option<&Value>) -> Option<T> {
    T::deserialize(value?).ok()
}
