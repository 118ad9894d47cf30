//! A command in progress: its changes, tried on an engine of its own.

use crate::command::{Command, Context};
use crate::event::{Change, Event};
use crate::object::{Assignment, Invitation, ObjectKey, ObjectKind, Status, Subject, place, to_value};
use crate::objects::Objects;
use crate::refusal::{Refusal, RefusalCode};
use crate::scope::{is_below, upwards};
use crate::state::{State, follow};
use crate::viewer::{Viewer, tenant_of};
use rolecall::ffi::{EscalationCheck, Grantor};
use rolecall::{ContextText, Engine, Reason, ScopePath, Session, SubjectId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// The prefix of users' ids.
pub(crate) const USER: &str = "user:";
pub(crate) const APP: &str = "app:";
pub(crate) const SUPPORT: &str = "support:";
pub(crate) const GROUP: &str = "group:";

pub(crate) struct Transaction<'s> {
    pub(crate) state: &'s State,
    /// The engine before the command.
    pub(crate) engine: &'s Engine,
    /// The engine after the command.
    pub(crate) trial: Engine,
    pub(crate) context: &'s Context,
    pub(crate) now: Timestamp,
    changes: Vec<Change>,
    /// The changes as the actor may see them.
    shown: Vec<Change>,
    pending: BTreeMap<ObjectKey, Option<Value>>,
    viewer: OnceCell<Viewer>,
}

impl<'s> Transaction<'s> {
    pub(crate) fn new(state: &'s State, context: &'s Context) -> Result<Self, Refusal> {
        let Some(engine) = state.engine() else {
            return Err(Refusal::new(RefusalCode::Denied, "there is no state yet"));
        };
        let now = Timestamp::read(&context.time, "time")?;
        let (changes, shown, pending, viewer) = (Vec::new(), Vec::new(), BTreeMap::new(), OnceCell::new());
        let trial = engine.clone();
        let transaction = Self { state, engine, trial, context, now, changes, shown, pending, viewer };
        // Report malformed input for every command.
        transaction.session_in(engine, "anywhere")?;
        Ok(transaction)
    }

    // The objects.

    fn value(&self, key: &ObjectKey) -> Option<&Value> {
        match self.pending.get(key) {
            Some(pending) => pending.as_ref(),
            None => self.state.value(key),
        }
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, kind: ObjectKind, id: &str) -> Option<T> {
        self.value(&ObjectKey::new(kind, id)).and_then(|value| T::deserialize(value).ok())
    }

    /// Returns all objects of a kind, after the command.
    pub(crate) fn all<T: DeserializeOwned>(&self, kind: ObjectKind) -> Vec<(String, T)> {
        self.beginning(kind, "")
    }

    /// Returns all objects of a kind whose id begins with `prefix`, after the command.
    pub(crate) fn beginning<T: DeserializeOwned>(&self, kind: ObjectKind, prefix: &str) -> Vec<(String, T)> {
        let found = self.state.beginning(kind, prefix);
        let mut all: BTreeMap<String, T> = found.map(|(id, object)| (id.to_string(), object)).collect();
        let begins = |key: &&ObjectKey| key.kind == kind && key.id.starts_with(prefix);
        for (key, value) in self.pending.iter().filter(|(key, _)| begins(key)) {
            match value.as_ref().and_then(|value| T::deserialize(value).ok()) {
                Some(object) => all.insert(key.id.clone(), object),
                None => all.remove(&key.id),
            };
        }
        all.into_iter().collect()
    }

    pub(crate) fn assignments_of(&self, holder: &str) -> Vec<Assignment> {
        self.beginning::<Assignment>(ObjectKind::Assignment, &format!("{holder} "))
            .into_iter()
            .map(|(_, assignment)| assignment)
            .filter(|one| one.subject == holder)
            .collect()
    }

    /// Returns the assignments of a subject that take effect when it accepts an invitation.
    pub(crate) fn pending_of(&self, holder: &str) -> Vec<Assignment> {
        let all = self.beginning::<Assignment>(ObjectKind::Pending, &format!("{holder} ")).into_iter();
        all.map(|(_, assignment)| assignment).filter(|one| one.subject == holder).collect()
    }

    /// Returns the invitations of a subject.
    pub(crate) fn invitations_of(&self, subject: &str) -> Vec<Invitation> {
        let mut all = self.all_invitations_of(subject);
        all.retain(|one| !one.cancelled);
        all
    }

    /// Returns the invitations of a subject, and those that were withdrawn.
    pub(crate) fn all_invitations_of(&self, subject: &str) -> Vec<Invitation> {
        let all = self.beginning::<Invitation>(ObjectKind::Invitation, &format!("{subject} ")).into_iter();
        all.map(|(_, invitation)| invitation).filter(|one| one.subject == subject).collect()
    }

    /// Returns whether a new assignment of a subject waits for the subject to accept an invitation.
    pub(crate) fn is_pending(&self, subject: &str, at: &str) -> bool {
        let tenant = tenant_of(self.engine.policy(), at);
        let of_tenant = |one: &Invitation| one.guest && tenant_of(self.engine.policy(), &one.at) == tenant;
        self.invitations_of(subject).iter().any(of_tenant)
    }

    /// Returns all groups that a subject or group belongs to, directly or indirectly.
    pub(crate) fn groups_of(&self, member: &str) -> BTreeSet<String> {
        self.trial.groups_with(member)
    }

    /// Returns the scope that administers a group, if it states one. The members are not read.
    pub(crate) fn home_of_group(&self, id: &str) -> Option<&str> {
        self.value(&ObjectKey::new(ObjectKind::Group, id))?.get("at")?.as_str()
    }

    /// Returns a subject that is listed and was not removed, as the actor may see it. A subject that the actor does not
    /// know gives the same refusal as an unknown one.
    pub(crate) fn subject(&self, id: &str) -> Result<Subject, Refusal> {
        let Some(subject) = self.seen_subject(id) else {
            let refusal = Refusal::new(RefusalCode::SubjectUnknown, format!("`{id}` is not listed"));
            // An actor without its kind knows nobody.
            let wrong = [id, self.context.actor.as_str()].into_iter().find(|id| !id.contains(':'));
            return Err(match wrong {
                Some(id) => refusal.with_help(with_prefix(id, USER)),
                None => refusal,
            });
        };
        if subject.status == Status::Removed {
            return Err(Refusal::new(RefusalCode::SubjectRemoved, format!("`{id}` was removed"))
                .with_help("invite or add them again"));
        }
        Ok(subject)
    }

    /// Returns a subject as it is, to change it.
    pub(crate) fn whole_subject(&self, id: &str) -> Subject {
        self.get(ObjectKind::Subject, id).unwrap_or_default()
    }

    /// Returns what the actor may know. It is that of before the command, which may withdraw the actor's own roles.
    pub(crate) fn viewer(&self) -> &Viewer {
        self.viewer.get_or_init(|| self.find_viewer())
    }

    /// Refuses if the actor may not give the command `what` where a subject is administered. Refuses for a guest, which
    /// is administered by another tenant.
    pub(crate) fn require_home(&self, what: &str, id: &str) -> Result<(), Refusal> {
        let homes = self.homes_of(id);
        if homes.iter().all(|home| self.viewer().knows(home)) {
            return self.require_at_each(what, &homes);
        }
        let mut here: Vec<String> = self.assignments_of(id).into_iter().map(|one| one.at).collect();
        here.extend(self.invitations_of(id).into_iter().map(|one| one.at));
        here.retain(|at| self.viewer().knows(at));
        self.require_at_each(what, &here)?;
        Err(Refusal::new(
            RefusalCode::SubjectElsewhere,
            format!("`{id}` belongs to another tenant, which administers it"),
        )
        .with_help("withdraw its roles, or remove it here"))
    }

    /// Returns the scopes that administer a subject: its identity domain. Without one: the scopes of its roles. Without
    /// roles: every outermost scope.
    pub(crate) fn homes(&self, id: &str, subject: &Subject) -> BTreeSet<String> {
        if let Some(native) = &subject.native {
            return [native.clone()].into();
        }
        let at: BTreeSet<String> = self.assignments_of(id).into_iter().map(|one| one.at).collect();
        if at.is_empty() { self.roots() } else { at }
    }

    /// Returns the scopes that administer a subject as the actor sees it.
    pub(crate) fn homes_of(&self, id: &str) -> BTreeSet<String> {
        let seen = self.seen_subject(id).filter(|_| self.is_newcomer(id));
        self.homes(id, &seen.unwrap_or_else(|| self.whole_subject(id)))
    }

    pub(crate) fn roots(&self) -> BTreeSet<String> {
        self.trial.directory().outermost_scopes().map(Into::into).collect()
    }

    // The permissions of the actor.

    pub(crate) fn session_in(&self, engine: &Engine, at: &str) -> Result<Session, Refusal> {
        let context = ContextText {
            at,
            time: &self.context.time,
            ip: self.context.ip.as_deref(),
            last_activity: self.context.last_activity.as_deref(),
            login: self.context.login.as_deref(),
            second_factor: self.context.second_factor,
            active_roles: None,
            // Administration counts the groups of the directory only.
            groups: None,
        };
        Ok(engine.session(SubjectId::parse(&self.context.actor)?, context.resolve()?))
    }

    /// Refuses if the actor may not give the command `what` at a scope.
    pub(crate) fn require(&self, command: &str, at: &str) -> Result<(), Refusal> {
        let policy = self.engine.policy();
        let any = policy.administration(command, ScopePath::parse(at)?);
        let session = self.session_in(self.engine, at)?;
        if any.iter().any(|permission| session.can(*permission)) {
            return Ok(());
        }
        self.require_visible(at)?;
        let Some(first) = any.first() else {
            return Err(Refusal::new(
                RefusalCode::Unmapped,
                format!("the policy allows nobody to `{command}` at `{at}`"),
            )
            .with_help(format!("map it to a permission under `administration.{command}`")));
        };
        let names: Vec<&str> = any.iter().map(|permission| policy.permission_name(*permission)).collect();
        let needed = names.join("` or `");
        let actor = &self.context.actor;
        let message = format!("`{actor}` may not `{command}` at `{at}`, which requires `{needed}`");
        let reasons = session.check(*first, None).reasons.iter().map(ToString::to_string).collect();
        Err(Refusal { reasons, ..Refusal::new(RefusalCode::Denied, message) })
    }

    /// Refuses a scope that the actor does not see, as one that does not exist.
    pub(crate) fn require_visible(&self, at: &str) -> Result<(), Refusal> {
        let visible = self.visible_scopes();
        if self.is_listed(at) && (visible.sees(at) || self.is_support_there(at)?) {
            return Ok(());
        }
        Err(self.no_scope(&visible, at))
    }

    /// Returns the scopes that the actor sees.
    pub(crate) fn visible_scopes(&self) -> VisibleScopes {
        let actor = &self.context.actor;
        let holders = self.groups_of(actor).into_iter().chain([actor.clone()]);
        VisibleScopes { held: holders.flat_map(|holder| self.assignments_of(&holder)).map(|one| one.at).collect() }
    }

    /// Returns the scopes that the actor saw before the command, which may withdraw their own roles.
    pub(crate) fn visible_scopes_before(&self) -> VisibleScopes {
        let actor = &self.context.actor;
        let holders = self.engine.groups_with(actor).into_iter().chain([actor.clone()]);
        let held = holders.flat_map(|holder| self.state.assignments_of(&holder).collect::<Vec<_>>());
        VisibleScopes { held: held.map(|one| one.at).collect() }
    }

    /// Returns whether the actor sees every scope at which some subjects or groups hold roles, before or after the
    /// command.
    pub(crate) fn sees_all_of<'i>(&self, ids: impl IntoIterator<Item = &'i String>) -> bool {
        let visible = self.visible_scopes_before();
        ids.into_iter().all(|id| {
            let groups = self.engine.groups_with(id).into_iter().chain(self.groups_of(id));
            groups.chain([id.clone()]).all(|holder| {
                let was = self.state.assignments_of(&holder);
                was.chain(self.assignments_of(&holder)).all(|one| visible.sees(&one.at))
            })
        })
    }

    fn is_listed(&self, at: &str) -> bool {
        self.value(&ObjectKey::new(ObjectKind::Scope, at)).is_some()
    }

    /// Returns the refusal for a scope that is not listed. A scope that the actor does not see gives the same refusal,
    /// so nobody learns of the scopes of others.
    fn no_scope(&self, visible: &VisibleScopes, at: &str) -> Refusal {
        let actor = &self.context.actor;
        let above = at.rsplit_once('/').map(|(above, _)| above);
        let known = above.is_some_and(|above| self.is_listed(above) && visible.covers(above));
        let refusal = if known {
            Refusal::new(RefusalCode::ScopeUnknown, format!("the scope `{at}` does not exist"))
        } else {
            Refusal::new(RefusalCode::Denied, format!("there is no scope `{at}` where `{actor}` may do anything"))
        };
        if !actor.contains(':') {
            return refusal.with_help(with_prefix(actor, USER));
        }
        refusal.with_suggestion(at, self.trial.directory().scopes().take(SCOPES).filter(|scope| visible.sees(scope)))
    }

    /// Returns the refusal for an unknown role, with the nearest known one.
    pub(crate) fn no_role(&self, role: &str, at: &str) -> Refusal {
        let custom = self.all::<serde::de::IgnoredAny>(ObjectKind::Role);
        let custom = custom.iter().map(|(id, _)| place(id)).filter(|(above, _)| is_below(at, above));
        let known = self.trial.policy().roles().chain(custom.map(|(_, role)| role));
        Refusal::new(RefusalCode::RoleUnknown, format!("there is no role `{role}` at `{at}`"))
            .with_suggestion(role, known)
    }

    /// Refuses if the actor may not give a command at the nearest scope, at or above another, of a kind for which the
    /// policy maps the command.
    pub(crate) fn require_above(&self, command: &str, at: &str) -> Result<(), Refusal> {
        let policy = self.engine.policy();
        let maps = |at: &&str| ScopePath::parse(at).is_ok_and(|at| !policy.administration(command, at).is_empty());
        self.require(command, upwards(at).find(maps).unwrap_or(at))
    }

    /// Refuses if the actor may not give a command at every outermost scope. Names none that the actor does not see.
    pub(crate) fn require_everywhere(&self, command: &str) -> Result<(), Refusal> {
        let roots = self.roots();
        if roots.iter().all(|root| self.visible_scopes().sees(root)) {
            return self.require_at_each(command, &roots);
        }
        let message = format!(
            "`{}` may not `{command}`, which requires a permission at every outermost scope",
            self.context.actor
        );
        Err(Refusal::new(RefusalCode::Denied, message))
    }

    pub(crate) fn require_at_each<'a>(
        &self,
        command: &str,
        scopes: impl IntoIterator<Item = &'a String>,
    ) -> Result<(), Refusal> {
        scopes.into_iter().try_for_each(|at| self.require(command, at))
    }

    /// Compares the grants of the command with the rights of the actor. The permissions `any` allow to grant
    /// everything.
    pub(crate) fn giving(&self, any: &[&str]) -> Result<EscalationCheck<'_>, Refusal> {
        let subject = SubjectId::parse(&self.context.actor)?;
        Ok(self.engine.giving(&self.trial, Grantor { subject, any, now: self.now }))
    }

    /// Returns whether one of these guards would lock the actor out of a scope after the changes.
    pub(crate) fn locked_out(&self, at: &str, reasons: &[Reason]) -> Result<bool, Refusal> {
        let Some(permission) = self.trial.policy().permission_at(0) else { return Ok(false) };
        let decision = self.session_in(&self.trial, at)?.check(permission, None);
        Ok(decision.reasons.iter().any(|reason| reasons.contains(reason)))
    }

    /// Returns whether the guards allow the actor's access to a scope.
    pub(crate) fn comes_in(&self, at: &str) -> Result<bool, Refusal> {
        let session = self.session_in(self.engine, at)?;
        Ok(!session.permissions().permissions.is_empty())
    }

    /// Returns whether the actor is support staff with access to a scope, which needs no role. What everyone may do there
    /// ties nobody to the scope.
    pub(crate) fn is_support_there(&self, at: &str) -> Result<bool, Refusal> {
        Ok(self.context.actor.starts_with(SUPPORT) && self.comes_in(at)?)
    }

    /// Checks whether an assignment is possible, without making it.
    pub(crate) fn try_out(&self, assignment: &Assignment) -> Result<(), Refusal> {
        let assignment = assignment.clone().accepted();
        let key = assignment.key();
        let change = Change { kind: key.kind, id: key.id, before: None, after: Some(to_value(&assignment)) };
        let refused = |error| Refusal::of_issues(RefusalCode::Document, error);
        follow(&mut self.trial.clone(), &change).map_err(refused)
    }

    // The changes.

    /// Replaces, adds or removes an object, and tries the result.
    pub(crate) fn put<T: Serialize>(&mut self, key: ObjectKey, object: Option<&T>) -> Result<(), Refusal> {
        if self.note(key, object.map(to_value)) {
            self.try_last()?;
        }
        Ok(())
    }

    /// As [`put`](Self::put), but shows the actor another change: that of a subject whose ties to other tenants the
    /// actor does not know.
    pub(crate) fn put_as<T: Serialize>(
        &mut self,
        key: ObjectKey,
        object: &T,
        [before, after]: [Option<&T>; 2],
    ) -> Result<(), Refusal> {
        let change =
            Change { kind: key.kind, id: key.id.clone(), before: before.map(to_value), after: after.map(to_value) };
        self.put_shown(key, object, change)
    }

    /// As [`put`](Self::put), but shows the actor another change.
    pub(crate) fn put_shown<T: Serialize>(
        &mut self,
        key: ObjectKey,
        object: &T,
        change: Change,
    ) -> Result<(), Refusal> {
        if self.note(key, Some(to_value(object))) {
            self.shown.pop();
            self.try_last()?;
        }
        if change.before != change.after {
            self.shown.push(self.seen_change(&change));
        }
        Ok(())
    }

    fn try_last(&mut self) -> Result<(), Refusal> {
        let Some(change) = self.changes.last() else { return Ok(()) };
        follow(&mut self.trial, change).map_err(|error| Refusal::of_issues(RefusalCode::Document, error))
    }

    /// Returns the changes as the actor may see them.
    pub(crate) fn shown(&self) -> &[Change] {
        &self.shown
    }

    pub(crate) fn remove(&mut self, key: ObjectKey) -> Result<(), Refusal> {
        self.put::<()>(key, None)
    }

    /// Records a change without trying it, for commands after which everything is compiled again. Returns whether the
    /// object changed.
    pub(crate) fn note(&mut self, key: ObjectKey, after: Option<Value>) -> bool {
        let before = self.value(&key).cloned();
        let changed = before != after;
        if changed {
            let change = Change { kind: key.kind, id: key.id.clone(), before, after: after.clone() };
            self.pending.insert(key, after);
            self.shown.push(self.seen_change(&change));
            self.changes.push(change);
        }
        changed
    }

    pub(crate) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Returns all objects after the command.
    pub(crate) fn objects(&self) -> Objects {
        let mut objects = self.state.shared_objects().clone();
        for (key, value) in &self.pending {
            objects.put(key.clone(), value.clone());
        }
        objects
    }

    /// Returns the event of the changes, or `None` if nothing changed.
    pub(crate) fn into_event(self, command: &Command) -> Option<Event> {
        let first = self.shown.first().or(self.changes.first())?;
        let is_new = match command {
            // The roles of a group that exists already are new assignments.
            Command::SetRoleMapping { .. } => first.kind == ObjectKind::Group && first.before.is_none(),
            _ => first.before.is_none(),
        };
        let (operation, object_type) = command.audited(is_new);
        Some(Event {
            seq: self.state.events() + 1,
            time: self.now.as_text(),
            actor: self.context.actor.clone(),
            ip: self.context.ip.clone(),
            peer: self.context.peer.clone(),
            application: self.context.application.clone(),
            id: self.context.id.clone(),
            operation,
            object_type,
            command: Some(command.clone()),
            seen: (self.shown != self.changes).then_some(self.shown),
            changes: self.changes,
            session: None,
            mapped: None,
        })
    }
}

/// Returns the id of the subject or group that a change of a subject, of an assignment or of an object with the id of a
/// subject names. Such an id may contain spaces.
pub(crate) fn holder_of(change: &Change) -> &str {
    match change.kind {
        ObjectKind::Assignment | ObjectKind::Pending => {
            let one = change.after.as_ref().or(change.before.as_ref());
            one.and_then(|one| one.get("subject")?.as_str()).unwrap_or_default()
        }
        ObjectKind::Invitation | ObjectKind::Person | ObjectKind::Login => {
            change.id.rsplit_once(' ').map_or(&change.id, |(subject, _)| subject)
        }
        _ => &change.id,
    }
}

/// The maximum number of scopes that a suggestion considers.
const SCOPES: usize = 65_536;

/// The scopes at which an actor holds roles.
pub(crate) struct VisibleScopes {
    held: BTreeSet<String>,
}

impl VisibleScopes {
    /// Returns whether a scope is one of these or below one.
    pub(crate) fn covers(&self, at: &str) -> bool {
        upwards(at).any(|at| self.held.contains(at))
    }

    /// Returns whether a scope is one of these, below one or above one.
    pub(crate) fn sees(&self, at: &str) -> bool {
        self.covers(at) || self.held.iter().any(|held| is_below(held, at))
    }
}

/// Refuses an id without the prefix of a kind of subject.
pub(crate) fn of_kind(id: &str, prefix: &str) -> Result<(), Refusal> {
    if id.starts_with(prefix) {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::SubjectKind, format!("`{id}` does not begin with `{prefix}`"));
    Err(if id.contains(':') { refusal } else { refusal.with_help(with_prefix(id, prefix)) })
}

/// Returns the help for an id without its kind.
pub(crate) fn with_prefix(id: &str, prefix: &str) -> String {
    format!("ids begin with their kind: write `{prefix}{id}`")
}

/// Returns a time in canonical form.
pub(crate) fn instant(text: Option<&str>, path: &str) -> Result<Option<String>, Refusal> {
    text.map(|text| Ok(Timestamp::read(text, path)?.as_text())).transpose()
}
