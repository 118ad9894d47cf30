//! Seals answers: subjects, changes, refusals and differences show an actor only what it may know of tenants.

use crate::event::Change;
use crate::object::{
    Group, Invitation, ObjectKey, ObjectKind, Settings, Status, Subject, SupportAccess, place, to_value,
};
use crate::refusal::Refusal;
use crate::transaction::{SUPPORT, Transaction};
use crate::viewer::Viewer;
use rolecall::Diff;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeSet;

/// The identity domain of a subject of another tenant. No scope has this name: names begin with a small letter or a
/// digit.
pub(crate) const OTHER: &str = "Other";

/// How an actor knows a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// The subject belongs to a tenant of the actor, or is the actor.
    Own,
    /// The subject belongs elsewhere and holds something in a tenant of the actor.
    Guest,
    /// The subject belongs elsewhere and has not accepted the invitation of a tenant of the actor.
    Invited,
    /// The actor does not know the subject.
    Unknown,
}

impl Transaction<'_> {
    /// Returns the viewer of the tenants at which the actor holds roles.
    pub(crate) fn find_viewer(&self) -> Viewer {
        let (state, actor) = (self.state, &self.context.actor);
        let holders = self.engine.groups_with(actor).into_iter().chain([actor.clone()]);
        let mut held: Vec<String> =
            holders.flat_map(|holder| state.assignments_of(&holder).map(|one| one.at).collect::<Vec<_>>()).collect();
        if actor.starts_with(SUPPORT) {
            // Support staff may have access without holding a role.
            let open = state.all::<Settings>(ObjectKind::Settings).filter(|(at, set)| {
                set.support_access.is_some_and(|access| access != SupportAccess::None)
                    && self.comes_in(at).unwrap_or(false)
            });
            held.extend(open.map(|(at, _)| at.to_string()));
        }
        Viewer::of(self.engine.policy(), held.iter().map(String::as_str))
    }

    /// Returns how the actor knows a subject.
    pub(crate) fn tie(&self, id: &str, subject: &Subject) -> Tie {
        let viewer = self.viewer();
        let held = self.assignments_of(id);
        let (known, hidden): (Vec<_>, Vec<_>) = held.iter().partition(|one| viewer.knows(&one.at));
        match &subject.native {
            _ if *id == *self.context.actor => return Tie::Own,
            Some(native) if viewer.knows(native) => return Tie::Own,
            Some(_) => {}
            None if !known.is_empty() && hidden.is_empty() => return Tie::Own,
            None if held.is_empty() && self.roots().iter().all(|root| viewer.knows(root)) => return Tie::Own,
            None => {}
        }
        let in_group = || self.groups_of(id).iter().any(|id| self.home_of_group(id).is_some_and(|at| viewer.knows(at)));
        if !known.is_empty() || in_group() {
            Tie::Guest
        } else if !self.all_invitations_of(id).iter().any(|one| viewer.knows(&one.at)) {
            Tie::Unknown
        } else {
            Tie::Invited
        }
    }

    /// Returns whether a subject is listed, but not as the actor sees it.
    pub(crate) fn is_newcomer(&self, id: &str) -> bool {
        let Some(listed) = self.get::<Subject>(ObjectKind::Subject, id) else { return false };
        match self.tie(id, &listed) {
            _ if listed.status == Status::Removed => false,
            Tie::Unknown | Tie::Invited => true,
            Tie::Own => self.seen_subject(id).is_some_and(|seen| seen != listed),
            Tie::Guest => false,
        }
    }

    /// Returns a subject as the actor may see it, or `None` if the actor does not know it.
    pub(crate) fn seen_subject(&self, id: &str) -> Option<Subject> {
        let subject = self.get::<Subject>(ObjectKind::Subject, id)?;
        match self.tie(id, &subject) {
            Tie::Unknown => None,
            Tie::Own if !subject.departed || *id == *self.context.actor => Some(subject),
            Tie::Own if self.known_invitations(id).is_empty() => {
                Some(Subject { status: Status::Removed, departed: false, ..subject })
            }
            Tie::Own | Tie::Invited => {
                let all = self.all_invitations_of(id).into_iter().filter(|one| self.viewer().knows(&one.at));
                let last = all.max_by(|one, other| (!one.cancelled, &one.until).cmp(&(!other.cancelled, &other.until)));
                let Invitation { until, native, external, boundaries, cancelled, .. } = last?;
                let (status, invited_until) =
                    if cancelled { (Status::Removed, None) } else { (Status::Invited, until) };
                Some(Subject { status, invited_until, native, external, boundaries, departed: false })
            }
            Tie::Guest => Some(as_guest(subject)),
        }
    }

    /// Returns the invitations of a subject to tenants of the actor.
    pub(crate) fn known_invitations(&self, id: &str) -> Vec<Invitation> {
        let is_actor = *id == *self.context.actor;
        let all = self.invitations_of(id).into_iter();
        all.filter(|invitation| is_actor || self.viewer().knows(&invitation.at)).collect()
    }

    /// Returns a change as the actor may see it.
    pub(crate) fn seen_change(&self, change: &Change) -> Change {
        let mut seen = change.clone();
        match change.kind {
            ObjectKind::Pending => {
                seen.kind = ObjectKind::Assignment;
                seen.hide("limits");
            }
            ObjectKind::Invitation => seen.hide("guest"),
            ObjectKind::Subject => {
                for side in [&mut seen.before, &mut seen.after] {
                    *side = side.take().map(|subject| self.seen_value(&change.id, subject));
                }
            }
            _ => {}
        }
        seen
    }

    fn seen_value(&self, id: &str, value: Value) -> Value {
        let Ok(mut subject) = Subject::deserialize(&value) else { return value };
        if subject.native.as_deref().is_some_and(|native| !self.viewer().knows(native)) && *id != *self.context.actor {
            subject = as_guest(subject);
        }
        subject.departed = false;
        subject.native = shown_native(&subject);
        to_value(&subject)
    }

    /// Keeps the part of a difference that the actor may see.
    pub(crate) fn seal_diff(&self, diff: &mut Diff) {
        let viewer = self.viewer();
        let knows = |subject: Option<&str>| {
            subject.is_none_or(|id| self.seen_subject(id).is_some() || self.shown().iter().any(|one| one.id == *id))
        };
        for side in [&mut diff.gained, &mut diff.lost] {
            side.retain(|one| viewer.knows(&one.at) && knows(one.subject.as_deref()));
        }
        if !self.roots().iter().all(|root| viewer.knows(root)) {
            // A subject that another tenant lists keeps what everyone has.
            self.hide_everyone(diff);
            // The time can be that of an assignment of another tenant.
            diff.valid_until = None;
        }
    }

    /// Hides the names of other tenants that a refusal contains and the command does not. Handlers do not name them;
    /// this covers messages of the engine too.
    pub(crate) fn seal(&self, refusal: Refusal, command: &str) -> Refusal {
        let roles = self.foreign_roles();
        let hide = |text: String| self.hidden(text, command, &roles);
        // A way out that names another tenant is none, and its absence shows nothing.
        let help_of = |help: Option<String>| help.filter(|help| hide(help.clone()) == *help);
        let Refusal { code, message, help, reasons, issues } = refusal;
        let issues = issues.into_iter().map(|mut issue| {
            issue.message = hide(issue.message);
            issue.path = hide(issue.path);
            issue.help = help_of(issue.help);
            issue
        });
        Refusal { message: hide(message), help: help_of(help), reasons, issues: issues.collect(), code }
    }

    /// Returns the names of roles that only other tenants define. The engine suggests names of all roles.
    fn foreign_roles(&self) -> BTreeSet<String> {
        let all = self.all::<IgnoredAny>(ObjectKind::Role);
        let (known, hidden): (Vec<_>, Vec<_>) =
            all.iter().map(|(id, _)| place(id)).partition(|(at, _)| self.viewer().may_name(at));
        let mut names: BTreeSet<String> = hidden.into_iter().map(|(_, role)| role.to_string()).collect();
        known.iter().for_each(|(_, role)| _ = names.remove(*role));
        self.engine.policy().roles().for_each(|role| _ = names.remove(role));
        names
    }

    fn hidden(&self, text: String, command: &str, roles: &BTreeSet<String>) -> String {
        let mut sealed = String::with_capacity(text.len());
        let is_part = |letter: char| letter.is_alphanumeric() || ":/._-@+#".contains(letter);
        let mut rest = text.as_str();
        while let Some(begin) = rest.find(is_part) {
            let (before, from) = rest.split_at(begin);
            let (word, after) = from.split_at(from.find(|letter| !is_part(letter)).unwrap_or(from.len()));
            sealed.push_str(before);
            let trimmed = word.trim_end_matches([':', '.']);
            // A message may repeat what the actor wrote, and add the kind of an id.
            let name = trimmed.split_once(':').map_or(trimmed, |(_, name)| name);
            let is_written = command.contains(name) || *name == *self.context.actor;
            let foreign = !is_written && (roles.contains(trimmed) || self.is_foreign(trimmed));
            sealed.push_str(if foreign { "(another tenant)" } else { word });
            rest = after;
        }
        sealed.push_str(rest);
        sealed
    }

    /// Returns whether a word names something that the actor does not know.
    fn is_foreign(&self, word: &str) -> bool {
        let scope = word.split_once('#').map_or(word, |(at, _)| at);
        let listed = |kind, id: &str| self.state.value(&ObjectKey::new(kind, id)).is_some();
        if listed(ObjectKind::Scope, scope) {
            return !self.viewer().may_name(scope);
        }
        if let Some(group) = self.get::<Group>(ObjectKind::Group, word) {
            return group.at.is_some_and(|at| !self.viewer().may_name(&at));
        }
        listed(ObjectKind::Subject, word) && self.seen_subject(word).is_none()
    }
}

/// Returns the identity domain of a subject as lists show it. An external user is in none of the tenant.
pub(crate) fn shown_native(subject: &Subject) -> Option<String> {
    let other = subject.native.as_ref().filter(|_| subject.external).map(|_| OTHER.to_string());
    other.or_else(|| subject.native.clone())
}

/// Returns a subject of another tenant as its host may see it.
fn as_guest(subject: Subject) -> Subject {
    let Subject { status, native, external, .. } = subject;
    // An invitation of another tenant is not known here.
    let status = if status == Status::Invited { Status::Active } else { status };
    Subject { status, native: native.map(|_| OTHER.to_string()), external, ..Subject::default() }
}
