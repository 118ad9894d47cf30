//! Views of the state, for actors whom the policy permits to see them.

use crate::command::Context;
use crate::object::{AccountLock, ObjectKey, ObjectKind, Settings, place};
use crate::refusal::Refusal;
use crate::scope::is_below;
use crate::state::State;
use crate::transaction::Transaction;
use serde::{Deserialize, Serialize};

/// A part of the state that has its own permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum View {
    /// The holders of roles at a scope and below, and the requests for access.
    Access,
    /// The roles at a scope.
    Roles,
    /// The applications at a scope and below, with the settings and secrets of each.
    Applications,
    /// The items at a scope and below that are locked or owned.
    Locks,
    /// The idle timeout.
    Timeout,
    /// The ranges of addresses.
    Networks,
    /// The allowed login methods.
    Login,
    /// Whether a second factor is necessary.
    SecondFactor,
    /// The roles that groups of identity providers give.
    RoleMapping,
    /// The password rules.
    PasswordRules,
    /// The identity providers of identity domains.
    SignOn,
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
            Self::Applications => "view-applications",
            Self::Locks => "view-locks",
            Self::Timeout => "view-timeout",
            Self::Networks => "view-networks",
            Self::Login => "view-login",
            Self::SecondFactor => "view-second-factor",
            Self::RoleMapping => "view-role-mapping",
            Self::PasswordRules => "view-password-rules",
            Self::SignOn => "view-sign-on",
            Self::Support => "view-support",
            Self::Audit => "view-audit",
        }
    }
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

impl State {
    /// Checks that the actor may see a part of the state at a scope.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_view(&self, view: View, at: &str, context: &Context) -> Result<(), Refusal> {
        Transaction::new(self, context)?.require(view.name(), at)
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
        let views =
            [View::Support, View::Networks, View::Timeout, View::Login, View::SecondFactor, View::PasswordRules];
        let visible = views.map(|view| self.may_view(view, at, context));
        if let [Err(refusal), Err(_), Err(_), Err(_), Err(_), Err(_)] = visible {
            return Err(refusal);
        }
        let [support, networks, timeout, login, second_factor, passwords] = visible.map(|part| part.is_ok());
        Ok(Settings {
            support_access: set.support_access.filter(|_| support),
            support_reads: set.support_reads.filter(|_| support),
            ip_allow: if networks { set.ip_allow } else { Vec::new() },
            idle_timeout: set.idle_timeout.filter(|_| timeout),
            login: set.login.filter(|_| login),
            second_factor: set.second_factor.filter(|_| second_factor),
            passwords: set.passwords.filter(|_| passwords),
        })
    }
}
