//! Views of the state, for actors whom the policy permits to see them.

use crate::command::Context;
use crate::object::{
    AccessRequest, AccountLock, Assignment, Group, Invitation, ObjectKey, ObjectKind, Role, Settings, Status, Values,
    place,
};
use crate::refusal::Refusal;
use crate::scope::{is_below, upwards};
use crate::sealed::shown_native;
use crate::state::State;
use crate::transaction::{GROUP, Transaction};
use rolecall::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A part of the state that has its own permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum View {
    /// The holders of roles at a scope and below, and the requests for access.
    Access,
    /// The custom roles that are defined at a scope and below.
    Roles,
    /// The items at a scope and below that are locked or owned.
    Locks,
    /// The idle timeout.
    Timeout,
    /// The ranges of addresses.
    Networks,
    /// The allowed login methods.
    Login,
    /// The support staff that have access.
    Support,
    /// The audit log. The store returns its events.
    Audit,
}

impl View {
    /// Returns the name that a policy maps to the permission of this view.
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

/// The holders of roles at a scope and below, and the requests for access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Access {
    /// Everyone who holds a role there or belongs there, except removed subjects.
    pub subjects: Vec<Holder>,
    /// The invitations there that are not accepted, expired ones included.
    pub invitations: Vec<PendingInvitation>,
    /// The requests for access there, by number.
    pub requests: Vec<(String, AccessRequest)>,
}

/// An invitation that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PendingInvitation {
    /// The invited subject.
    pub subject: String,
    /// The scope.
    pub at: String,
    /// The time until which it can be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The subject that invited.
    pub by: String,
}

/// A subject or group, with its roles at a scope and below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Holder {
    /// The subject or group.
    pub subject: String,
    /// The status; absent for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The time until which the invitation can be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited_until: Option<String>,
    /// The identity domain. That of another tenant is `Other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native: Option<String>,
    /// Whether the subject is external: it logs in by password or Google only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
    /// The values in boundaries, such as the domains that the subject may write. Those of a guest are not shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub boundaries: BTreeMap<String, Values>,
    /// The members, if it is a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<BTreeSet<String>>,
    /// The direct assignments.
    pub roles: Vec<HeldRole>,
}

/// An item that is locked or owned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Locked {
    /// The item's id among those of its scope.
    pub item: String,
    /// The scope that it is in.
    pub at: String,
    /// The owner, and the groups that may edit the item.
    #[serde(flatten)]
    pub lock: AccountLock,
}

/// A role assignment in a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HeldRole {
    /// The role.
    pub role: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The scope.
    pub at: String,
    /// The start, inclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The end, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether the assignment is in effect.
    pub state: HeldRoleState,
}

/// Whether an assignment is in effect at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HeldRoleState {
    /// In effect.
    Active,
    /// Not started yet.
    NotYet,
    /// Ended: listed, without effect.
    Expired,
}

impl State {
    /// Checks that the actor may see a part of the state at a scope.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_view(&self, view: View, at: &str, context: &Context) -> Result<(), Refusal> {
        Transaction::new(self, context)?.require(view.name(), at)
    }

    /// Returns the holders of roles at a scope and below, and the requests for access.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_access(&self, at: &str, context: &Context) -> Result<Access, Refusal> {
        let transaction = Transaction::new(self, context)?;
        transaction.require(View::Access.name(), at)?;
        let mut subjects = Vec::new();
        let texts = Texts::of(self);
        for (id, _) in self.all::<IgnoredAny>(ObjectKind::Subject) {
            subjects.extend(subject_view(&transaction, &texts, id, at));
        }
        for (id, group) in self.all::<Group>(ObjectKind::Group) {
            let roles = roles_of(&transaction, &texts, id, at);
            if roles.is_empty() && !group.at.as_deref().is_some_and(|home| is_below(home, at)) {
                continue;
            }
            let knows = |member: &String| member.starts_with(GROUP) || transaction.seen_subject(member).is_some();
            let members = Some(group.members.into_iter().filter(knows).collect());
            subjects.push(Holder { subject: id.to_string(), members, roles, ..Holder::default() });
        }
        let requests = self.all::<AccessRequest>(ObjectKind::Request).filter(|(_, request)| is_below(&request.at, at));
        let invitations = self.all::<Invitation>(ObjectKind::Invitation).map(|(_, one)| one);
        let open = invitations.filter(|one| !one.cancelled && is_below(&one.at, at));
        let invitations =
            open.map(|Invitation { subject, at, until, by, .. }| PendingInvitation { subject, at, until, by });
        Ok(Access {
            subjects,
            invitations: invitations.collect(),
            requests: requests.map(|(id, request)| (id.to_string(), request)).collect(),
        })
    }

    /// Returns the custom roles that are defined at a scope and below, by `SCOPE#NAME`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_roles(&self, at: &str, context: &Context) -> Result<Vec<(String, Role)>, Refusal> {
        self.may_view(View::Roles, at, context)?;
        let below = |id: &str| is_below(place(id).0, at);
        Ok(self.all(ObjectKind::Role).filter(|(id, _)| below(id)).map(|(id, role)| (id.to_string(), role)).collect())
    }

    /// Returns the items at a scope and below that are locked or owned, by scope and id. The groups of an item are its
    /// values in the boundary whose values come from groups.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_locks(&self, at: &str, context: &Context) -> Result<Vec<Locked>, Refusal> {
        self.may_view(View::Locks, at, context)?;
        let locks = self.all::<AccountLock>(ObjectKind::Lock).map(|(id, lock)| (place(id), lock));
        let here = locks.filter(|((scope, _), _)| is_below(scope, at));
        Ok(here.map(|((at, item), lock)| Locked { item: item.to_string(), at: at.to_string(), lock }).collect())
    }

    /// Returns the settings of a scope. Parts that the actor may not see are omitted; if there are no others, the actor
    /// is refused.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn view_settings(&self, at: &str, context: &Context) -> Result<Settings, Refusal> {
        let set = self.get::<Settings>(&ObjectKey::new(ObjectKind::Settings, at)).unwrap_or_default();
        let visible =
            [View::Support, View::Networks, View::Timeout, View::Login].map(|view| self.may_view(view, at, context));
        if let [Err(refusal), Err(_), Err(_), Err(_)] = visible {
            return Err(refusal);
        }
        let [support, networks, timeout, login] = visible.map(|part| part.is_ok());
        Ok(Settings {
            support_access: set.support_access.filter(|_| support),
            support_reads: set.support_reads.filter(|_| support),
            ip_allow: if networks { set.ip_allow } else { Vec::new() },
            idle_timeout: set.idle_timeout.filter(|_| timeout),
            login: set.login.filter(|_| login),
        })
    }
}

/// Returns a subject with its roles at a scope and below, or `None` if it does not belong there.
fn subject_view(transaction: &Transaction<'_>, texts: &Texts, id: &str, at: &str) -> Option<Holder> {
    let roles = roles_of(transaction, texts, id, at);
    let invitations = transaction.invitations_of(id);
    let is_invited = invitations.iter().any(|invitation| is_below(&invitation.at, at));
    let whole = transaction.whole_subject(id);
    let is_home = whole.native.as_deref().is_some_and(|home| is_below(home, at));
    if roles.is_empty() && !is_invited && !is_home {
        return None;
    }
    let seen = transaction.seen_subject(id).filter(|subject| subject.status != Status::Removed)?;
    Some(Holder {
        subject: id.to_string(),
        status: Some(seen.status),
        native: shown_native(&seen),
        invited_until: seen.invited_until,
        external: seen.external,
        boundaries: seen.boundaries,
        members: None,
        roles,
    })
}

/// The display names and descriptions of the roles of the policy. The engine does not keep them.
struct Texts(Value);

impl Texts {
    fn of(state: &State) -> Self {
        let policy: Value = serde_json::from_str(state.policy()).unwrap_or_default();
        Self(policy.get("roles").cloned().unwrap_or_default())
    }

    /// Returns the display name and the description of a role, as a scope sees it.
    fn role(&self, transaction: &Transaction<'_>, role: &str, at: &str) -> [Option<String>; 2] {
        let custom = |at| transaction.get::<Role>(ObjectKind::Role, &ObjectKey::role(at, role).id);
        if let Some(own) = upwards(at).find_map(custom) {
            return [own.title, own.description];
        }
        let text = |key: &str| self.0.get(role)?.get(key)?.as_str().map(Into::into);
        ["title", "description"].map(text)
    }
}

fn roles_of(transaction: &Transaction<'_>, texts: &Texts, holder: &str, at: &str) -> Vec<HeldRole> {
    let mut held = transaction.assignments_of(holder);
    held.extend(transaction.pending_of(holder));
    let here = held.into_iter().filter(|one| is_below(&one.at, at));
    here.map(|one| {
        let [title, description] = texts.role(transaction, &one.role, &one.at);
        HeldRole { title, description, ..role_view(one, transaction.now) }
    })
    .collect()
}

fn role_view(one: Assignment, now: Timestamp) -> HeldRole {
    let instant = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
    let state = if instant(&one.until).is_some_and(|until| until <= now) {
        HeldRoleState::Expired
    } else if instant(&one.from).is_some_and(|from| from > now) {
        HeldRoleState::NotYet
    } else {
        HeldRoleState::Active
    };
    HeldRole { role: one.role, title: None, description: None, at: one.at, from: one.from, until: one.until, state }
}
