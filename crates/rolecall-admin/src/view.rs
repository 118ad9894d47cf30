//! What administration shows, to whom the policy lets see it.

use crate::command::Context;
use crate::object::{
    AccessRequest, AccountLock, Assignment, Group, ObjectKind, Role, Settings, Status, Subject, place,
};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::Transaction;
use rolecall::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A part of what administration keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// Who holds what at a scope and below, and who asked for access.
    Access,
    /// The custom roles that are defined at a scope and below.
    Roles,
    /// Who may edit the items at a scope and below that are locked or owned.
    Locks,
    /// The idle timeout.
    Timeout,
    /// The ranges of addresses.
    Networks,
    /// How one may log in.
    Login,
    /// Who of the support staff may come in.
    Support,
    /// The trail of events: who keeps it shows it.
    Audit,
}

impl View {
    /// What a policy maps to the permission to see it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "view-access",
            Self::Roles => "view-roles",
            Self::Locks => "view-locks",
            Self::Timeout => "view-timeout",
            Self::Networks => "view-networks",
            Self::Login => "view-login",
            Self::Support => "view-support",
            Self::Audit => "view-audit",
        }
    }
}

/// Who holds what at a scope and below, and who asked for access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// Everyone who holds something there or belongs there, removed ones left out.
    pub subjects: Vec<Holder>,
    /// The requests for access there, by number.
    pub requests: Vec<(String, AccessRequest)>,
}

/// Someone, with what they hold at a scope and below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// The subject or group.
    pub subject: String,
    /// Its status; nothing for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Until when it may accept its invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited_until: Option<String>,
    /// Whether its identity domain is here: which other one it is stays unsaid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native: Option<Domain>,
    /// Whether it logs in by password or Google only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
    /// Who belongs to it, if it is a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<BTreeSet<String>>,
    /// What it holds itself.
    pub roles: Vec<HeldRole>,
}

/// An item that is locked or owned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Locked {
    /// The item's id among those of its scope.
    pub item: String,
    /// The scope that it is in.
    pub at: String,
    /// Who owns it, and which groups may edit it.
    #[serde(flatten)]
    pub lock: AccountLock,
}

/// Whose login settings apply to someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// Those of the scope, or of one above or below it.
    Here,
    /// Those of some other one.
    Other,
}

/// A role that someone holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldRole {
    /// The role.
    pub role: String,
    /// Where.
    pub at: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it counts.
    pub state: HeldRoleState,
}

/// Whether a role counts, at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldRoleState {
    /// It counts.
    Active,
    /// It has not begun.
    NotYet,
    /// It has ended: listed, without effect.
    Expired,
}

impl State {
    /// Refuses where the policy does not let someone see a part at a scope.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_view(&self, view: View, at: &str, context: &Context) -> Result<(), Refusal> {
        Transaction::new(self, context)?.require(view.name(), at)
    }

    /// Who holds what at a scope and below.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_access(&self, at: &str, context: &Context) -> Result<Access, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let mut subjects = Vec::new();
        let listed = self.all::<Subject>(ObjectKind::Subject).map(|(id, subject)| (id, Some(subject), None));
        let groups = self.all::<Group>(ObjectKind::Group).map(|(id, group)| (id, None, Some(group)));
        for (id, subject, group) in listed.chain(groups) {
            if subject.as_ref().is_some_and(|subject| subject.status == Status::Removed) {
                continue;
            }
            let held = self.assignments_of(id).filter(|one| is_below(&one.at, at));
            let roles: Vec<HeldRole> = held.map(|one| told(one, transaction.now)).collect();
            let native = subject.as_ref().and_then(|subject| subject.native.as_deref());
            let here = |native: &str| is_below(native, at) || is_below(at, native);
            let home = native.or(group.as_ref().and_then(|group| group.at.as_deref()));
            if roles.is_empty() && !home.is_some_and(|home| is_below(home, at)) {
                continue;
            }
            let domain = native.map(|native| if here(native) { Domain::Here } else { Domain::Other });
            subjects.push(Holder {
                subject: id.to_string(),
                status: subject.as_ref().map(|subject| subject.status),
                native: domain,
                external: subject.as_ref().is_some_and(|subject| subject.external),
                invited_until: subject.and_then(|subject| subject.invited_until),
                members: group.map(|group| group.members),
                roles,
            });
        }
        let requests = self.all::<AccessRequest>(ObjectKind::Request).filter(|(_, request)| is_below(&request.at, at));
        Ok(Access { subjects, requests: requests.map(|(id, request)| (id.to_string(), request)).collect() })
    }

    /// The custom roles that are defined at a scope and below, by `SCOPE#NAME`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_roles(&self, at: &str, context: &Context) -> Result<Vec<(String, Role)>, Refusal> {
        self.may_view(View::Roles, at, context)?;
        let below = |id: &str| is_below(place(id).0, at);
        Ok(self.all(ObjectKind::Role).filter(|(id, _)| below(id)).map(|(id, role)| (id.to_string(), role)).collect())
    }

    /// The items at a scope and below that are locked or owned, by scope and id. The groups of an item are what it holds in
    /// the boundary whose values come from groups.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_locks(&self, at: &str, context: &Context) -> Result<Vec<Locked>, Refusal> {
        self.may_view(View::Locks, at, context)?;
        let locks = self.all::<AccountLock>(ObjectKind::Lock).map(|(id, lock)| (place(id), lock));
        let here = locks.filter(|((scope, _), _)| is_below(scope, at));
        Ok(here.map(|((at, item), lock)| Locked { item: item.to_string(), at: at.to_string(), lock }).collect())
    }

    /// What is set at a scope, as far as it may be seen: parts that may not are left out, and all of them is a refusal.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_settings(&self, at: &str, context: &Context) -> Result<Settings, Refusal> {
        let set = self.get::<Settings>(&crate::ObjectKey::new(ObjectKind::Settings, at)).unwrap_or_default();
        let seen =
            [View::Support, View::Networks, View::Timeout, View::Login].map(|view| self.may_view(view, at, context));
        if let [Err(refusal), Err(_), Err(_), Err(_)] = seen {
            return Err(refusal);
        }
        let [support, networks, timeout, login] = seen.map(|seen| seen.is_ok());
        Ok(Settings {
            support_access: set.support_access.filter(|_| support),
            support_reads: set.support_reads.filter(|_| support),
            ip_allow: if networks { set.ip_allow } else { Vec::new() },
            idle_timeout: set.idle_timeout.filter(|_| timeout),
            login: set.login.filter(|_| login),
        })
    }
}

fn told(one: Assignment, now: Timestamp) -> HeldRole {
    let instant = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
    let state = if instant(&one.until).is_some_and(|until| until <= now) {
        HeldRoleState::Expired
    } else if instant(&one.from).is_some_and(|from| from > now) {
        HeldRoleState::NotYet
    } else {
        HeldRoleState::Active
    };
    HeldRole { role: one.role, at: one.at, from: one.from, until: one.until, state }
}
